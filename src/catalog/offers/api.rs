//! Routes of the catalogue for everybody.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};

use super::browse;
use super::shelf::Shown;
use super::store::{self, OfferFilter, OfferPlace, Words};
use super::views::{OfferItem, ProductSetView, ShowcaseView};
use crate::app::App;
use crate::kernel::http::{self, Cursor, Page, PageLinks, Visitor, read_query};
use crate::kernel::input::{FaultCode, Opaque, Whole};
use crate::kernel::text::search_query;
use crate::kernel::{Error, ProducerId, ProductId, Result, Text, Tx, Vnd};
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
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct OfferQuery {
        /// Words to look for.
        #[param(inline)]
        pub q: Option<Text<100>>,
        /// Only of this origin.
        pub commune_code: Option<CommuneCode>,
        /// Only from where this district was.
        pub former_district_code: Option<DistrictCode>,
        /// Only of this product set.
        #[param(inline)]
        pub product_set: Option<Whole<1, 26>>,
        /// Only of this producer.
        pub producer_id: Option<ProducerId>,
        /// Only with a variant at this price or more.
        pub price_min_vnd: Option<Vnd>,
        /// Only with a variant at this price or less.
        pub price_max_vnd: Option<Vnd>,
        /// Only without `q`; the newest first by default.
        #[param(inline)]
        pub sort: Option<OfferSort>,
        /// Rows of a page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
        /// Where the page before ended.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
    }
}

/// Find published products.
///
/// `q` finds the beginnings of words of the title, the producer, and the origin's names of today and before 1 July
/// 2025, with or without diacritics: titles first, then the newest. A price filter asks for a variant in its range.
#[utoipa::path(tag = "Catalogue", operation_id = "list_offers",
    params(OfferQuery),
    responses((status = 200, body = Page<OfferItem>)))]
#[get("/v1/public/products")]
pub async fn list_offers(request: HttpRequest, app: Data<App>, visitor: Visitor) -> Result<HttpResponse> {
    // A question that was answered before was a proper one.
    let key = request.query_string();
    if let Some(page) = app.shelf.find(&app.db, key).await? {
        return Ok(for_seconds(page.respond(&request)));
    }
    let list = OfferList::read(read_query(key)?, &app)?;
    let page = app.shelf.make(&app.db, &visitor.0, key, move |tx| list.page(tx).map(Shown::List)).await?;
    Ok(for_seconds(page.respond(&request)))
}

/// A question to the list, with what signs the place where its page ends.
struct OfferList {
    /// `None` when the words to look for hold no letter and no digit: nothing can be found.
    filter: Option<OfferFilter>,
    app: Data<App>,
    after: Option<OfferPlace>,
    limit: usize,
}

impl OfferList {
    fn read(query: OfferQuery, app: &Data<App>) -> Result<OfferList> {
        let limit = query.limit.and_then(|l| usize::try_from(l.value()).ok()).unwrap_or(LIMIT);
        let cursor = query.cursor.clone();
        let filter = filter_of(query)?;
        let mut list = OfferList { filter, app: app.clone(), after: None, limit };
        list.after = list.cursor().read(cursor.as_ref().map(Opaque::expose))?;
        Ok(list)
    }

    fn cursor(&self) -> Cursor<'_> {
        Cursor::new(&self.app.config.cursor_key, format!("public_products:{:?}", self.filter))
    }

    fn page(&self, tx: &mut Tx<'_>) -> Result<Page<OfferItem>> {
        let (data, place) = match &self.filter {
            Some(filter) => browse::browse(tx, filter, self.after.as_ref(), self.limit)?,
            None => (Vec::new(), None),
        };
        let next_cursor = place.map(|place| self.cursor().write(&place)).transpose()?;
        Ok(Page { data, page: PageLinks { next_cursor } })
    }
}

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
        limit: _,
        cursor: _,
    } = query;
    if q.is_some() && sort.is_some() {
        return Err(Error::invalid("/sort", FaultCode::NotOneOf, "only without q"));
    }
    let words = match q {
        Some(q) => match search_query(q.as_str()) {
            // Weight A is the title's.
            Some(anywhere) => Some(Words { in_title: anywhere.replace(":*", ":*A"), anywhere }),
            None => return Ok(None),
        },
        None => None,
    };
    Ok(Some(OfferFilter {
        words,
        commune_code,
        former_district_code,
        product_set: product_set.and_then(|set| i16::try_from(set.value()).ok()),
        producer_id,
        price_min: price_min_vnd,
        price_max: price_max_vnd,
        by_price: sort == Some(OfferSort::Cheapest),
    }))
}

/// Price and stock may change at any moment: kept for seconds only.
fn for_seconds(mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=15"));
    response
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
    let key = format!("/{}", id.0);
    if let Some(page) = app.shelf.find(&app.db, &key).await? {
        return Ok(for_seconds(page.respond(&request)));
    }
    let make = move |tx: &mut Tx<'_>| browse::showcase(tx, id.0).map(Shown::Product);
    let page = app.shelf.make(&app.db, &visitor.0, &key, make).await?;
    Ok(for_seconds(page.respond(&request)))
}

pub fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(list_product_sets).service(list_offers).service(find_offer);
}
