//! What buyers look at, and what carts and orders are made of.

use std::collections::HashMap;

use super::model::price_per_kg;
use super::store::{self, ForSale, Offer, OfferFilter, OfferPlace, Variant};
use super::views::{OfferItem, ShowcaseView};
use crate::kernel::{ProductId, Result, Tx, VariantId};
use crate::stock::{self, Level};

/// A page of the public list, in three statements, and where it ended when there is more.
pub fn browse(
    tx: &mut Tx<'_>,
    filter: &OfferFilter,
    after: Option<&OfferPlace>,
    limit: usize,
) -> Result<(Vec<OfferItem>, Option<OfferPlace>)> {
    let rows_max = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut offers = store::offers(tx, filter, after, rows_max)?;
    let more = offers.len() > limit;
    offers.truncate(limit);
    let place = offers.last().filter(|_| more).map(place_of);
    let ids: Vec<ProductId> = offers.iter().map(|offer| offer.id).collect();
    let variants = live(tx, &ids)?;
    let variant_ids: Vec<VariantId> = variants.iter().map(|variant| variant.id).collect();
    let levels = stock::levels(tx, &variant_ids)?;
    let mut by_product: HashMap<ProductId, Vec<Variant>> = HashMap::new();
    for variant in variants {
        by_product.entry(variant.product_id).or_default().push(variant);
    }
    let items = offers
        .into_iter()
        .map(|offer| {
            let variants = by_product.remove(&offer.id).unwrap_or_default();
            item(offer, &variants, &levels)
        })
        .collect();
    Ok((items, place))
}

fn place_of(offer: &Offer) -> OfferPlace {
    OfferPlace {
        title_match: offer.title_match,
        published_at: offer.published_at,
        price_vnd: offer.price_vnd.amount(),
        id: offer.id.0,
    }
}

fn live(tx: &mut Tx<'_>, ids: &[ProductId]) -> Result<Vec<Variant>> {
    Ok(store::variants_of(tx, ids)?.into_iter().filter(|variant| variant.archived_at.is_none()).collect())
}

fn item(offer: Offer, variants: &[Variant], levels: &HashMap<VariantId, Level>) -> OfferItem {
    let cheapest = variants.iter().min_by_key(|variant| (variant.price_vnd, variant.id));
    let available = variants.iter().filter_map(|v| levels.get(&v.id)).map(|level| i64::from(level.available())).sum();
    let per_kg = cheapest.and_then(|variant| price_per_kg(variant.price_vnd, variant.net_weight_g));
    OfferItem::new(offer, per_kg, available)
}

/// A published product with its live variants.
pub fn showcase(tx: &mut Tx<'_>, id: ProductId) -> Result<ShowcaseView> {
    let showcase = store::showcase(tx, id)?;
    let variants = live(tx, &[id])?;
    let ids: Vec<VariantId> = variants.iter().map(|variant| variant.id).collect();
    let levels = stock::levels(tx, &ids)?;
    Ok(ShowcaseView::new(showcase, variants, &levels))
}

/// The variants with these ids, by id: also those that exist but cannot be sold.
pub fn for_sale(tx: &mut Tx<'_>, ids: &[VariantId]) -> Result<Vec<ForSale>> {
    store::for_sale(tx, ids)
}
