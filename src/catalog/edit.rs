//! A producer changes what is said of a product.

use serde_json::json;

use super::api::ProductPatch;
use super::create::place_key;
use super::model::ProductEvent;
use super::store::{self, Content, Product};
use super::views::ProductView;
use crate::kernel::error::CommonProblem;
use crate::kernel::text::fold;
use crate::kernel::{Error, ProductId, Result, Tx};
use crate::shipping::TransportClass;
use crate::{audit, places, producers};

/// Over the version that the producer saw. What buyers could see goes back to review.
pub fn edit(tx: &mut Tx<'_>, id: ProductId, version: i32, patch: ProductPatch) -> Result<Product> {
    let producer_id = producers::registered(tx)?;
    let old = store::lock_own(tx, producer_id, id)?;
    if old.version != version {
        let current = ProductView::of_producer(tx, old)?;
        return Err(Error::from(CommonProblem::VersionStale).with("current", json!(current)));
    }
    let next = old.status.moved(ProductEvent::Edit)?;
    let content = merged(tx, &old, patch)?;
    let product = store::rewrite(tx, &old, &content, next)?.ok_or_else(|| old.status.refusal(ProductEvent::Edit))?;
    audit::write(
        tx,
        "product.edit",
        "product",
        id.0,
        json!({"from": old.status, "to": next, "version": product.version}),
    )?;
    Ok(product)
}

fn merged(tx: &mut Tx<'_>, old: &Product, patch: ProductPatch) -> Result<Content> {
    let ProductPatch { title, description, product_set, origin, transport_class } = patch;
    let title = title.map_or_else(|| old.title.clone(), |t| t.into_string());
    let origin_commune_code = match origin {
        Some(place) => places::resolve(tx, &place, "/origin")?,
        None => old.origin_commune_code.clone(),
    };
    let set = product_set.map_or(i32::from(old.product_set), |set| set.value());
    Ok(Content {
        product_set: i16::try_from(set).map_err(Error::internal)?,
        transport_class: class_after(set, old.transport_class, transport_class)?,
        title_key: fold(&title),
        title,
        description: description.map_or_else(|| old.description.clone(), |d| d.into_string()),
        place_key: place_key(tx, old.producer_id, &origin_commune_code)?,
        origin_commune_code,
    })
}

/// What is not said stays, unless it cannot: what becomes a spirit burns.
fn class_after(set: i32, old: TransportClass, said: Option<TransportClass>) -> Result<TransportClass> {
    if said.is_some() {
        return TransportClass::of_product(set, said);
    }
    TransportClass::of_product(set, Some(old)).or_else(|_| TransportClass::of_product(set, None))
}
