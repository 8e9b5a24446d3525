//! Routes of the catalogue for everybody.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};

use super::browse;
use super::store::{self, OfferFilter, OfferPlace};
use super::views::{OfferItem, ProductSetView, ShowcaseView};
use crate::app::App;
use crate::kernel::http::{self, Cursor, Page, PageLinks, Query, Visitor};
use crate::kernel::input::{FaultCode, Opaque, Whole};
use crate::kernel::text::search_query;
use crate::kernel::{Error, ProducerId, ProductId, Result, Text, Vnd};
use crate::places::{CommuneCode, DistrictCode};

const LIMIT: usize = 20;

/// List the OCOP product sets.
///
/// The 26 sets of Decision 26/2026/QĐ-TTg, by their number.
#[utoipa::path(tag = "Catalogue", operation_id = "list_product_sets", responses((status = 200, body = Page<ProductSetView>)))]
#[get("/v1/public/product-sets")]
pub async fn list_product_sets(request: HttpRequest, app: Data<App>, visitor: Visitor) -> Result<HttpResponse> {
    let sets = app.db.read(&visitor.0, store::product_sets).await?;
    let data = sets.into_iter().map(ProductSetView::from).collect();
    let mut response = http::json(&request, None, &Page { data, page: PageLinks { next_cursor: None } })?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    Ok(response)
}

crate::text_enum! {
    pub enum OfferSort {
        Newest = "-published_at",
        Cheapest = "price_vnd",
    }
}

crate::input! {
    pub struct OfferQuery {
        pub q: Option<Text<100>>,
        pub commune_code: Option<CommuneCode>,
        pub former_district_code: Option<DistrictCode>,
        pub product_set: Option<Whole<1, 26>>,
        pub producer_id: Option<ProducerId>,
        pub price_min_vnd: Option<Vnd>,
        pub price_max_vnd: Option<Vnd>,
        pub sort: Option<OfferSort>,
        pub limit: Option<Whole<1, 100>>,
        pub cursor: Option<Opaque<500>>,
    }
}

/// Find published products.
///
/// `q` finds the beginnings of words of the title, the producer, and the origin's names of today and before 1 July
/// 2025, with or without diacritics: titles first, then the newest. A price filter asks for a variant in its range.
#[utoipa::path(tag = "Catalogue", operation_id = "list_offers",
    params(("q" = Option<String>, Query, description = "Words to look for", max_length = 100),
        ("commune_code" = Option<CommuneCode>, Query, description = "Only of this origin"),
        ("former_district_code" = Option<DistrictCode>, Query, description = "Only from where this district was"),
        ("product_set" = Option<i32>, Query, description = "Only of this product set", minimum = 1, maximum = 26),
        ("producer_id" = Option<ProducerId>, Query, description = "Only of this producer"),
        ("price_min_vnd" = Option<Vnd>, Query, description = "Only with a variant at this price or more"),
        ("price_max_vnd" = Option<Vnd>, Query, description = "Only with a variant at this price or less"),
        ("sort" = inline(Option<OfferSort>), Query, description = "Only without `q`; the newest first by default"),
        ("limit" = Option<i32>, Query, description = "Rows of a page, 20 by default", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "Where the page before ended", max_length = 500)),
    responses((status = 200, body = Page<OfferItem>)))]
#[get("/v1/public/products")]
pub async fn list_offers(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    query: Query<OfferQuery>,
) -> Result<HttpResponse> {
    let (limit, cursor) = (query.0.limit, query.0.cursor.clone());
    let Some(filter) = filter_of(query.0)? else {
        return fresh(&request, &Page::<OfferItem> { data: Vec::new(), page: PageLinks { next_cursor: None } });
    };
    let list = Cursor::new(&app.config.cursor_key, format!("public_products:{filter:?}"));
    let after: Option<OfferPlace> = list.read(cursor.as_ref().map(Opaque::expose))?;
    let limit = limit.and_then(|l| usize::try_from(l.value()).ok()).unwrap_or(LIMIT);
    let (data, place) = app.db.read(&visitor.0, move |tx| browse::browse(tx, &filter, after.as_ref(), limit)).await?;
    let next_cursor = place.map(|place| list.write(&place)).transpose()?;
    fresh(&request, &Page { data, page: PageLinks { next_cursor } })
}

/// `None` when the words to look for hold no letter and no digit: nothing can be found.
fn filter_of(query: OfferQuery) -> Result<Option<OfferFilter>> {
    let OfferQuery {
        q,
        commune_code,
        former_district_code,
        product_set,
        producer_id,
        price_min_vnd,
        price_max_vnd,
        sort,
        ..
    } = query;
    if q.is_some() && sort.is_some() {
        return Err(Error::invalid("/sort", FaultCode::NotOneOf, "only without q"));
    }
    let mut filter = OfferFilter {
        commune_code,
        former_district_code,
        product_set: product_set.and_then(|set| i16::try_from(set.value()).ok()),
        producer_id,
        price_min: price_min_vnd,
        price_max: price_max_vnd,
        by_price: sort == Some(OfferSort::Cheapest),
        ..OfferFilter::default()
    };
    if let Some(q) = q {
        let Some(words) = search_query(q.as_str()) else { return Ok(None) };
        // Weight A is the title's.
        filter.title_words = Some(words.replace(":*", ":*A"));
        filter.words = Some(words);
    }
    Ok(Some(filter))
}

/// Price and stock may change at any moment: kept for seconds only.
fn fresh(request: &HttpRequest, body: &impl serde::Serialize) -> Result<HttpResponse> {
    let mut response = http::json(request, None, body)?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=15"));
    Ok(response)
}

/// Show a published product.
///
/// With the variants that can be bought and how many of each; 404 for what is not published.
#[utoipa::path(tag = "Catalogue", operation_id = "find_offer",
    params(("id" = ProductId, Path, description = "Product")), responses((status = 200, body = ShowcaseView)))]
#[get("/v1/public/products/{id}")]
pub async fn find_offer(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    id: http::PathId<ProductId>,
) -> Result<HttpResponse> {
    let view = app.db.read(&visitor.0, move |tx| browse::showcase(tx, id.0)).await?;
    fresh(&request, &view)
}
