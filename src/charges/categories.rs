//! What a product is for the tax office: its producer says it, and the operator corrects it.

use serde_json::json;

use super::model::TaxCategory;
use super::store::{self, Declared};
use crate::kernel::error::CommonProblem;
use crate::kernel::{Audience, ProducerId, ProductId, Result, Tx};
use crate::{audit, catalog, producers};

/// Counts for what is ordered from now on; what was said before stays for what was ordered before.
pub fn declare(tx: &mut Tx<'_>, id: ProductId, category: TaxCategory) -> Result<Declared> {
    let producer_id = owner(tx, id)?;
    let by = tx.who.signed_in()?;
    store::insert_category(tx, (id, producer_id), category, by)?;
    audit::write(tx, "product.tax_category", "product", id.0, json!({"tax_category": category}))?;
    Ok(Declared { product_id: id, tax_category: category, since: Some(tx.now) })
}

/// What was said last; where nothing was, what is supposed.
pub fn find(tx: &mut Tx<'_>, id: ProductId) -> Result<Declared> {
    owner(tx, id)?;
    let supposed = Declared { product_id: id, tax_category: TaxCategory::DEFAULT, since: None };
    Ok(store::category(tx, id)?.unwrap_or(supposed))
}

/// Whose product it is, for the operator and for its producer: anybody else's does not exist.
fn owner(tx: &mut Tx<'_>, id: ProductId) -> Result<ProducerId> {
    if tx.who.must(Audience::Operator).is_ok() {
        return catalog::producer_of(tx, id);
    }
    let own = producers::registered(tx)?;
    if catalog::producer_of(tx, id)? == own { Ok(own) } else { Err(CommonProblem::NotFound.into()) }
}
