//! A producer describes a new product.

use serde_json::json;

use super::api::{NewProduct, NewVariant};
use super::model::{VARIANTS_MAX, weight_fault};
use super::store::{self, Content, NewVariantRow, Product, Variant};
use crate::kernel::input::{Fault, FaultCode};
use crate::kernel::text::fold;
use crate::kernel::{Error, ProducerId, ProductId, Result, Tx};
use crate::places::{self, CommuneCode};
use crate::shipping::TransportClass;
use crate::{audit, producers, stock};

/// A draft with its variants and their opening stock: all or nothing. Any registered producer may draft.
pub fn create(tx: &mut Tx<'_>, new: NewProduct) -> Result<Product> {
    let producer_id = producers::registered(tx)?;
    let NewProduct { title, description, product_set, origin, transport_class, variants } = new;
    check_variants(&variants)?;
    let content = Content {
        product_set: i16::try_from(product_set.value()).map_err(Error::internal)?,
        title_key: fold(title.as_str()),
        title: title.into_string(),
        description: description.into_string(),
        origin_commune_code: places::resolve(tx, &origin, "/origin")?,
        transport_class: TransportClass::of_product(product_set.value(), transport_class)?,
        place_key: String::new(),
    };
    let place_key = place_key(tx, producer_id, &content.origin_commune_code)?;
    let product = store::insert(tx, producer_id, &Content { place_key, ..content })?;
    for variant in variants.into_vec() {
        add(tx, producer_id, product.id, variant)?;
    }
    audit::write(tx, "product.create", "product", product.id.0, json!({"product_set": product.product_set}))?;
    Ok(product)
}

fn check_variants(variants: &[NewVariant]) -> Result<()> {
    let mut faults: Vec<Fault> = variants
        .iter()
        .enumerate()
        .filter_map(|(i, v)| weight_fault(v.unit, v.net_weight_g.value(), &format!("/variants/{i}")))
        .collect();
    if variants.is_empty() {
        let expected = format!("1–{VARIANTS_MAX}");
        faults.push(Fault { pointer: "/variants".to_owned(), code: FaultCode::OutOfRange, expected });
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// Writes a variant and opens its stock.
pub fn add(tx: &mut Tx<'_>, producer_id: ProducerId, product_id: ProductId, new: NewVariant) -> Result<Variant> {
    let NewVariant { label, unit, net_weight_g, price_vnd, quantity, is_weighed } = new;
    let row = NewVariantRow {
        product_id,
        producer_id,
        label: label.into_string(),
        unit,
        net_weight_g: net_weight_g.value(),
        price_vnd: price_vnd.vnd(),
        is_weighed: is_weighed.unwrap_or(false) && net_weight_g.value() > 0,
    };
    let variant = store::insert_variant(tx, row)?;
    stock::open(tx, (producer_id, product_id), variant.id, quantity.value())?;
    Ok(variant)
}

/// What a product is found by besides its title: its producer, and its origin's names of today and before.
pub fn place_key(tx: &mut Tx<'_>, producer_id: ProducerId, origin: &CommuneCode) -> Result<String> {
    let name = producers::name(tx, producer_id)?;
    Ok(format!("{} {}", fold(&name), places::names_for_search(tx, origin)?))
}
