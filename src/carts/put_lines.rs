use std::collections::HashSet;

use serde_json::{Value, json};

use super::model::{Cart, CartLine, CartRefusal};
use super::{put_line, store};
use crate::kernel::input::{Fault, FaultCode};
use crate::kernel::{Audience, Error, Result, Tx, VariantId};

/// Makes these the lines of the cart, all or none. What is not for sale now may stay in a cart that has it, but comes into
/// none.
pub fn put_lines(tx: &mut Tx<'_>, wanted: Vec<CartLine>) -> Result<Cart> {
    let account_id = tx.who.must(Audience::Buyer)?;
    let (version, before) = store::touch(tx, account_id)?;
    let goods = put_line::goods_of(tx, &wanted)?;
    let known: HashSet<VariantId> = goods.iter().map(|one| one.variant_id).collect();
    must_be_known(&wanted, &known)?;
    let had: HashSet<VariantId> = before.iter().map(|line| line.variant_id).collect();
    let fresh = goods.iter().filter(|one| !one.sellable && !had.contains(&one.variant_id));
    let unsold: Vec<Value> = fresh.map(|one| json!({"variant_id": one.variant_id})).collect();
    if !unsold.is_empty() {
        return Err(Error::from(CartRefusal::NotForSale).with("lines", unsold));
    }
    let (stays, goes): (Vec<CartLine>, Vec<CartLine>) =
        before.into_iter().partition(|line| known.contains(&line.variant_id));
    let changed: Vec<CartLine> = wanted.iter().copied().filter(|line| !stays.contains(line)).collect();
    store::remove_lines(tx, account_id, &goes)?;
    store::upsert_lines(tx, account_id, &changed)?;
    Ok(Cart { version, lines: wanted, goods })
}

fn must_be_known(wanted: &[CartLine], known: &HashSet<VariantId>) -> Result<()> {
    let mut seen = HashSet::new();
    let mut faults = Vec::new();
    for (place, line) in wanted.iter().enumerate() {
        let is_new = seen.insert(line.variant_id);
        let code = match (is_new, known.contains(&line.variant_id)) {
            (false, _) => FaultCode::Duplicate,
            (true, false) => FaultCode::Unknown,
            (true, true) => continue,
        };
        faults.push(Fault { pointer: format!("/lines/{place}/variant_id"), code, expected: String::new() });
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}
