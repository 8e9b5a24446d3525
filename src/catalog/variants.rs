//! A producer adds and changes the variants of a product.

use serde_json::json;

use super::api::{NewVariant, VariantPatch};
use super::create;
use super::model::{CatalogRefusal, VARIANTS_MAX, weight_fault};
use super::store::{self, Product, Variant};
use super::views::VariantView;
use crate::kernel::error::CommonProblem;
use crate::kernel::{Error, ProductId, Result, Tx, VariantId};
use crate::{audit, producers, stock};

/// Adds a variant with its opening stock.
pub fn add(tx: &mut Tx<'_>, product_id: ProductId, new: NewVariant) -> Result<Variant> {
    let producer_id = producers::registered(tx)?;
    if let Some(fault) = weight_fault(new.unit, new.net_weight_g.value(), "") {
        return Err(Error::Invalid(vec![fault]));
    }
    let product = store::lock_own(tx, producer_id, product_id)?;
    product.status.must_take_variants()?;
    must_have_room(tx, product_id)?;
    let variant = create::add(tx, producer_id, product_id, new)?;
    audit::write(tx, "variant.add", "variant", variant.id.0, json!({"product_id": product_id}))?;
    Ok(variant)
}

/// Changes label or price, archives or brings back: over the version that the producer saw.
pub fn edit(tx: &mut Tx<'_>, id: VariantId, version: i32, patch: VariantPatch) -> Result<Variant> {
    let producer_id = producers::registered(tx)?;
    let product_id = store::product_of(tx, producer_id, id)?;
    let product = store::lock_own(tx, producer_id, product_id)?;
    let old = store::variant(tx, id)?;
    if old.version != version {
        return Err(stale(tx, old));
    }
    product.status.must_take_variants()?;
    let VariantPatch { label, price_vnd, archived } = patch;
    let mut new = old.clone();
    new.label = label.map_or(new.label, |l| l.into_string());
    new.price_vnd = price_vnd.map_or(new.price_vnd, |price| price.vnd());
    match archived {
        Some(true) if old.archived_at.is_none() => {
            must_not_be_last(tx, &product)?;
            new.archived_at = Some(tx.now);
        }
        Some(false) if old.archived_at.is_some() => {
            must_have_room(tx, product_id)?;
            new.archived_at = None;
        }
        _ => {}
    }
    let Some(variant) = store::rewrite_variant(tx, old.version, &new)? else {
        let current = store::variant(tx, id)?;
        return Err(stale(tx, current));
    };
    let detail = json!({"price_vnd": variant.price_vnd, "price_vnd_before": old.price_vnd, "archived": variant.archived_at.is_some()});
    audit::write(tx, "variant.edit", "variant", id.0, detail)?;
    Ok(variant)
}

fn stale(tx: &mut Tx<'_>, current: Variant) -> Error {
    match stock::levels(tx, &[current.id]) {
        Ok(levels) => {
            let level = levels.get(&current.id).copied();
            Error::from(CommonProblem::VersionStale).with("current", json!(VariantView::new(current, level)))
        }
        Err(error) => error,
    }
}

fn must_have_room(tx: &mut Tx<'_>, product_id: ProductId) -> Result<()> {
    let live = usize::try_from(store::live_variants(tx, product_id)?).map_err(Error::internal)?;
    if live >= VARIANTS_MAX { Err(CatalogRefusal::TooManyVariants.into()) } else { Ok(()) }
}

fn must_not_be_last(tx: &mut Tx<'_>, product: &Product) -> Result<()> {
    let last = product.status.needs_a_variant() && store::live_variants(tx, product.id)? <= 1;
    if last { Err(CatalogRefusal::NoVariant.into()) } else { Ok(()) }
}
