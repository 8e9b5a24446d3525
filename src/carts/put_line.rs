use super::model::{CartLine, CartRefusal, LINES_MAX};
use super::store;
use crate::catalog;
use crate::kernel::{Audience, Result, Tx, VariantId};

/// Sets how many of a variant are wanted; 0 takes the line out. Stock is not held, only looked at later.
pub fn put_line(tx: &mut Tx<'_>, variant_id: VariantId, quantity: i32) -> Result<()> {
    let account_id = tx.who.must(Audience::Buyer)?;
    store::touch(tx, account_id)?;
    if quantity == 0 {
        return store::remove_line(tx, account_id, variant_id);
    }
    let found = catalog::for_sale(tx, &[variant_id])?;
    let item = found.first().ok_or(crate::kernel::error::CommonProblem::NotFound)?;
    if !item.sellable {
        return Err(CartRefusal::NotForSale.into());
    }
    store::upsert_line(tx, account_id, CartLine { variant_id, quantity })?;
    let lines = i64::try_from(store::lines(tx, account_id)?.len()).unwrap_or(i64::MAX);
    if lines > LINES_MAX { Err(CartRefusal::TooManyLines.into()) } else { Ok(()) }
}
