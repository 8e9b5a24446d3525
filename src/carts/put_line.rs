use super::model::{Cart, CartLine, CartRefusal, LINES_MAX};
use super::store;
use crate::catalog::{self, ForSale};
use crate::kernel::error::CommonProblem;
use crate::kernel::{Audience, Result, Tx, VariantId};

/// Sets how many of a variant are wanted; 0 takes the line out. Stock is not held, only looked at later.
pub fn put_line(tx: &mut Tx<'_>, variant_id: VariantId, quantity: i32) -> Result<Cart> {
    let account_id = tx.who.must(Audience::Buyer)?;
    let (version, mut lines) = store::touch(tx, account_id)?;
    lines.retain(|line| line.variant_id != variant_id);
    if quantity > 0 {
        lines.push(CartLine { variant_id, quantity });
    }
    let goods = goods_of(tx, &lines)?;
    if quantity == 0 {
        store::remove_lines(tx, account_id, &[CartLine { variant_id, quantity }])?;
        return Ok(Cart { version, lines, goods });
    }
    let wanted = goods.iter().find(|goods| goods.variant_id == variant_id).ok_or(CommonProblem::NotFound)?;
    if !wanted.sellable {
        return Err(CartRefusal::NotForSale.into());
    }
    if lines.len() > LINES_MAX {
        return Err(CartRefusal::TooManyLines.into());
    }
    store::upsert_lines(tx, account_id, &[CartLine { variant_id, quantity }])?;
    Ok(Cart { version, lines, goods })
}

/// The cart as it is.
pub fn find(tx: &mut Tx<'_>) -> Result<Cart> {
    let account_id = tx.who.must(Audience::Buyer)?;
    let version = store::version(tx, account_id)?;
    let lines = store::lines(tx, account_id)?;
    let goods = goods_of(tx, &lines)?;
    Ok(Cart { version, lines, goods })
}

pub fn goods_of(tx: &mut Tx<'_>, lines: &[CartLine]) -> Result<Vec<ForSale>> {
    let ids: Vec<VariantId> = lines.iter().map(|line| line.variant_id).collect();
    catalog::for_sale_and_available(tx, &ids)
}
