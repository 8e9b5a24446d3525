//! A product on its way: submitted, published, paused, archived.

use serde_json::json;

use super::create::place_key;
use super::model::{CatalogRefusal, ProductEvent, ProductStatus};
use super::store::{self, Product};
use crate::kernel::{Audience, ProductId, Result, Tx};
use crate::notifications::{self, News, Notice, Recipient};
use crate::webhooks::{self, Event, EventType};
use crate::{audit, producers};

/// Hands a product in for review. Only an approved producer may, and only with something to sell.
pub fn submit(tx: &mut Tx<'_>, id: ProductId) -> Result<Product> {
    let producer_id = producers::approved(tx)?;
    let old = store::lock_own(tx, producer_id, id)?;
    old.status.moved(ProductEvent::Submit)?;
    must_have_a_variant(tx, id)?;
    // The producer's name may have changed since the draft was written.
    let key = place_key(tx, producer_id, &old.origin_commune_code)?;
    store::set_place_key(tx, id, &key)?;
    shift(tx, &old, ProductEvent::Submit, None)
}

pub fn pause(tx: &mut Tx<'_>, id: ProductId) -> Result<Product> {
    let producer_id = producers::registered(tx)?;
    let old = store::lock_own(tx, producer_id, id)?;
    shift(tx, &old, ProductEvent::Pause, None)
}

pub fn resume(tx: &mut Tx<'_>, id: ProductId) -> Result<Product> {
    let producer_id = producers::approved(tx)?;
    let old = store::lock_own(tx, producer_id, id)?;
    shift(tx, &old, ProductEvent::Resume, None)
}

pub fn archive(tx: &mut Tx<'_>, id: ProductId) -> Result<Product> {
    let producer_id = producers::registered(tx)?;
    let old = store::lock_own(tx, producer_id, id)?;
    shift(tx, &old, ProductEvent::Archive, None)
}

pub fn publish(tx: &mut Tx<'_>, id: ProductId) -> Result<Product> {
    review(tx, id, ProductEvent::Publish, None)
}

pub fn reject(tx: &mut Tx<'_>, id: ProductId, reason: &str) -> Result<Product> {
    review(tx, id, ProductEvent::Reject, Some(reason))
}

pub fn request_changes(tx: &mut Tx<'_>, id: ProductId, reason: &str) -> Result<Product> {
    review(tx, id, ProductEvent::RequestChanges, Some(reason))
}

fn review(tx: &mut Tx<'_>, id: ProductId, event: ProductEvent, reason: Option<&str>) -> Result<Product> {
    tx.who.must(Audience::Operator)?;
    let old = store::lock(tx, id)?;
    old.status.moved(event)?;
    if event == ProductEvent::Publish {
        must_have_a_variant(tx, id)?;
    }
    let product = shift(tx, &old, event, reason)?;
    tell(tx, &product)?;
    if event == ProductEvent::Publish {
        emit(tx, &product)?;
    }
    Ok(product)
}

/// Other systems hear of each time that a product is published: once more after each change of it.
fn emit(tx: &mut Tx<'_>, product: &Product) -> Result<()> {
    let data = json!({"product_id": product.id, "producer_id": product.producer_id, "title": product.title,
                      "product_set": product.product_set, "origin_commune_code": product.origin_commune_code,
                      "status": product.status, "version": product.version});
    let (producer_id, kind) = (Some(product.producer_id), EventType::ProductPublished);
    let occasion = product.version.to_string();
    webhooks::emit(tx, &Event { producer_id, kind, object_id: product.id.0, occasion, data })
}

/// The household hears what was decided, once for each decision.
fn tell(tx: &mut Tx<'_>, product: &Product) -> Result<()> {
    let (product_title, reason) = (product.title.clone(), product.status_reason.clone().unwrap_or_default());
    let news = match product.status {
        ProductStatus::Published => News::ProductPublished { product_title },
        ProductStatus::Rejected => News::ProductRejected { product_title, reason },
        _ => News::ProductNeedsChanges { product_title, reason },
    };
    let notice = Notice { to: Recipient::Producer(product.producer_id), news, object_id: product.id.0, occasion: "" };
    notifications::tell_each(tx, &notice, &product.version.to_string())
}

fn must_have_a_variant(tx: &mut Tx<'_>, id: ProductId) -> Result<()> {
    if store::live_variants(tx, id)? == 0 { Err(CatalogRefusal::NoVariant.into()) } else { Ok(()) }
}

fn shift(tx: &mut Tx<'_>, old: &Product, event: ProductEvent, reason: Option<&str>) -> Result<Product> {
    let next = old.status.moved(event)?;
    let product = store::shift(tx, old, next, reason)?.ok_or_else(|| old.status.refusal(event))?;
    audit::write(tx, &format!("product.{event}"), "product", old.id.0, json!({"from": old.status, "to": next}))?;
    Ok(product)
}
