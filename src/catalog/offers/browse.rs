use std::collections::HashMap;

use super::store::{self, Listed, Offer, OfferFilter, OfferPlace, Part};
use super::views::{Available, OfferItem, ShowcaseView};
use crate::catalog::model::price_per_kg;
use crate::catalog::store::{self as products, Variant};
use crate::kernel::time::vietnam_day;
use crate::kernel::{ProductId, Result, Tx, VariantId};

/// A page of the public list, and where it ended when there is more.
pub fn browse(
    tx: &mut Tx<'_>,
    filter: &OfferFilter,
    after: Option<&OfferPlace>,
    limit: usize,
) -> Result<(Vec<OfferItem>, Option<OfferPlace>)> {
    let mut found = found(tx, filter, after, limit.saturating_add(1))?;
    let more = found.len() > limit;
    found.truncate(limit);
    let place = found.last().filter(|_| more).map(|(part, listed)| place_of(*part, listed));
    let ids: Vec<ProductId> = found.iter().map(|(_, listed)| listed.product_id).collect();
    let mut offers: HashMap<ProductId, Offer> =
        store::offers(tx, &ids)?.into_iter().map(|offer| (offer.id, offer)).collect();
    let mut by_product: HashMap<ProductId, Vec<Variant>> = HashMap::new();
    for variant in live(tx, &ids)? {
        by_product.entry(variant.product_id).or_default().push(variant);
    }
    let mut items: Vec<OfferItem> = ids
        .iter()
        .filter_map(|id| Some(item(offers.remove(id)?, &by_product.remove(id).unwrap_or_default())))
        .collect();
    let ids: Vec<VariantId> = items.iter().flat_map(OfferItem::variants).copied().collect();
    let available = available(tx, &ids)?;
    items.iter_mut().for_each(|item| item.restock(&available));
    Ok((items, place))
}

/// A search is in two parts: where the words stand in the title comes before everything else.
fn found(
    tx: &mut Tx<'_>,
    filter: &OfferFilter,
    after: Option<&OfferPlace>,
    rows_max: usize,
) -> Result<Vec<(Part, Listed)>> {
    let parts: &[Part] = match (&filter.words, filter.by_price) {
        (Some(_), _) => &[Part::TitleMatches, Part::OtherMatches],
        (None, true) => &[Part::Cheapest],
        (None, false) => &[Part::Newest],
    };
    let first = after.and_then(|place| parts.iter().position(|part| *part == place.part)).unwrap_or(0);
    let mut found: Vec<(Part, Listed)> = Vec::new();
    for part in parts.iter().skip(first) {
        let missing = rows_max.saturating_sub(found.len());
        if missing > 0 {
            let after = after.filter(|place| place.part == *part);
            found.extend(store::listed(tx, filter, *part, after, missing)?.into_iter().map(|row| (*part, row)));
        }
    }
    Ok(found)
}

fn place_of(part: Part, listed: &Listed) -> OfferPlace {
    let Listed { product_id, published_at, price_vnd } = listed;
    OfferPlace { part, published_at: *published_at, price_vnd: price_vnd.amount(), id: product_id.0 }
}

fn live(tx: &mut Tx<'_>, ids: &[ProductId]) -> Result<Vec<Variant>> {
    Ok(products::variants_of(tx, ids)?.into_iter().filter(|variant| variant.archived_at.is_none()).collect())
}

fn item(offer: Offer, variants: &[Variant]) -> OfferItem {
    let cheapest = variants.iter().min_by_key(|variant| (variant.price_vnd, variant.id));
    let per_kg = cheapest.and_then(|variant| price_per_kg(variant.price_vnd, variant.net_weight_g));
    OfferItem::new(offer, per_kg, variants.iter().map(|variant| variant.id).collect())
}

/// A published product with its live variants.
pub fn showcase(tx: &mut Tx<'_>, id: ProductId) -> Result<ShowcaseView> {
    let showcase = store::showcase(tx, id)?;
    let variants = live(tx, &[id])?;
    let ids: Vec<VariantId> = variants.iter().map(|variant| variant.id).collect();
    let available = available(tx, &ids)?;
    Ok(ShowcaseView::new(showcase, variants, &available))
}

/// Units that can be ordered now, by variant; while a harvest of it is planned, only of that and on its days.
fn available(tx: &mut Tx<'_>, ids: &[VariantId]) -> Result<Available> {
    Ok(store::see(tx.conn, ids, vietnam_day(tx.now))?.available)
}
