//! Routes of places: public, cached for a day.

use actix_web::dev::Payload;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse, get};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{CommuneCode, DistrictCode, FormerCommuneCode, ProvinceCode, Successor, like_prefix};
use super::store::{self, Commune, CommuneFilter, CommuneItem, FormerItem, FormerPart, Neighbour, Province};
use crate::app::App;
use crate::kernel::error::CommonProblem;
use crate::kernel::http::{self, Cursor, Page, PageLinks, Query, Visitor};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Error, Result, Text};

const LIMIT: usize = 20;

pub fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(list_provinces)
        .service(list_communes)
        .service(find_commune)
        .service(list_former_communes)
        .service(find_former_commune);
}

/// The code in a path. What has not five digits names no place: 404.
struct PathCode<T>(T);

impl FromRequest for PathCode<CommuneCode> {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let code = request.match_info().get("code").and_then(CommuneCode::parse);
        std::future::ready(code.map(PathCode).ok_or_else(|| CommonProblem::NotFound.into()))
    }
}

impl FromRequest for PathCode<FormerCommuneCode> {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let code = request.match_info().get("code").and_then(FormerCommuneCode::parse);
        std::future::ready(code.map(PathCode).ok_or_else(|| CommonProblem::NotFound.into()))
    }
}

/// Places change by resolution only, years apart.
fn cached(request: &HttpRequest, body: &impl Serialize) -> Result<HttpResponse> {
    let mut response = http::json(request, None, body)?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    Ok(response)
}

/// Rows of a page, and one more that says whether there is another.
fn limit_of(limit: Option<Whole<1, 100>>) -> (usize, i64) {
    let limit = limit.and_then(|l| usize::try_from(l.value()).ok()).unwrap_or(LIMIT);
    (limit, i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))
}

/// List the provinces.
///
/// Official codes of today. So far the one that former Hà Giang became part of.
#[utoipa::path(tag = "Places", operation_id = "list_provinces", responses((status = 200, body = Page<Province>)))]
#[get("/v1/public/provinces")]
async fn list_provinces(request: HttpRequest, app: Data<App>, visitor: Visitor) -> Result<HttpResponse> {
    let data = app.db.read(&visitor.0, store::provinces).await?;
    cached(&request, &Page { data, page: PageLinks { next_cursor: None } })
}

crate::input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct CommuneQuery {
        /// Part of a present or former name.
        #[param(inline)]
        pub q: Option<Text<100>>,
        /// Only of this province.
        pub province_code: Option<ProvinceCode>,
        /// Only where this district was.
        pub former_district_code: Option<DistrictCode>,
        /// Rows of a page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
        /// Where the page before ended.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
    }
}

/// Search communes and wards of today.
///
/// By the beginning of any word of their present name or of the name of a unit they were made of, with or without
/// diacritics. Each hit says which former names matched. In the order of their codes.
#[utoipa::path(tag = "Places", operation_id = "list_communes",
    params(CommuneQuery),
    responses((status = 200, body = Page<CommuneItem>)))]
#[get("/v1/public/communes")]
async fn list_communes(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    query: Query<CommuneQuery>,
) -> Result<HttpResponse> {
    let CommuneQuery { q, province_code, former_district_code, limit, cursor } = query.0;
    let pattern = q.as_ref().map(|q| like_prefix(q.as_str()));
    if let Some(None) = pattern {
        return cached(&request, &Page::<CommuneItem> { data: Vec::new(), page: PageLinks { next_cursor: None } });
    }
    let filter = CommuneFilter { pattern: pattern.flatten(), province_code, former_district_code };
    let place = Cursor::new(&app.config.cursor_key, format!("communes:{filter:?}"));
    let after: Option<String> = place.read(cursor.as_ref().map(Opaque::expose))?;
    let after = after.as_deref().and_then(CommuneCode::parse);
    let (limit, rows_max) = limit_of(limit);
    let rows = app.db.read(&visitor.0, move |tx| store::communes(tx, &filter, after.as_ref(), rows_max)).await?;
    cached(&request, &place.page(rows, limit, |row| row.code.clone())?)
}

/// A commune or ward of today.
#[derive(Serialize, ToSchema)]
struct CommuneView {
    code: CommuneCode,
    /// Without its kind.
    #[schema(example = "Đồng Văn", max_length = 100)]
    name: String,
    /// `commune` or `ward`.
    #[schema(example = "commune", max_length = 20)]
    kind: String,
    province_code: ProvinceCode,
    #[schema(example = "Tuyên Quang", max_length = 100)]
    province_name: String,
    former_district_code: DistrictCode,
    /// The district that most of it belonged to.
    #[schema(example = "Đồng Văn", max_length = 100)]
    former_district_name: String,
    /// Hectares.
    #[schema(minimum = 1)]
    area_ha: i64,
    /// Millionths of a degree north.
    #[schema(minimum = 8_000_000, maximum = 24_000_000)]
    latitude_e6: i32,
    /// Millionths of a degree east.
    #[schema(minimum = 102_000_000, maximum = 110_000_000)]
    longitude_e6: i32,
    effective_from: NaiveDate,
    /// What it was made of.
    #[schema(max_items = 20)]
    former_communes: Vec<FormerPart>,
    /// Communes with a common border, the longest first; only those of former Hà Giang.
    #[schema(max_items = 20)]
    borders: Vec<Neighbour>,
}

impl CommuneView {
    fn new(commune: Commune, former_communes: Vec<FormerPart>, borders: Vec<Neighbour>) -> Self {
        let Commune {
            code,
            name,
            kind,
            province_code,
            province_name,
            former_district_code,
            former_district_name,
            area_ha,
            latitude_e6,
            longitude_e6,
            effective_from,
        } = commune;
        Self {
            code,
            name,
            kind,
            province_code,
            province_name,
            former_district_code,
            former_district_name,
            area_ha,
            latitude_e6,
            longitude_e6,
            effective_from,
            former_communes,
            borders,
        }
    }
}

/// Show a commune or ward of today.
///
/// With the former units it was made of and its neighbours.
#[utoipa::path(tag = "Places", operation_id = "find_commune",
    params(("code" = CommuneCode, Path, description = "Official code of today")),
    responses((status = 200, body = CommuneView)))]
#[get("/v1/public/communes/{code}")]
async fn find_commune(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    code: PathCode<CommuneCode>,
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&visitor.0, move |tx| {
            let commune = store::commune(tx, &code.0)?;
            Ok(CommuneView::new(commune, store::former_parts(tx, &code.0)?, store::neighbours(tx, &code.0)?))
        })
        .await?;
    cached(&request, &view)
}

crate::input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct FormerQuery {
        /// Part of a former name.
        #[param(inline)]
        pub q: Option<Text<100>>,
        /// Rows of a page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
        /// Where the page before ended.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
    }
}

/// Search communes, wards and townships as they were until 30 June 2025.
///
/// By the beginning of any word of their name, with or without diacritics. Their codes are not those of today.
#[utoipa::path(tag = "Places", operation_id = "list_former_communes",
    params(FormerQuery),
    responses((status = 200, body = Page<FormerItem>)))]
#[get("/v1/public/former-communes")]
async fn list_former_communes(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    query: Query<FormerQuery>,
) -> Result<HttpResponse> {
    let FormerQuery { q, limit, cursor } = query.0;
    let pattern = q.as_ref().map(|q| like_prefix(q.as_str()));
    if let Some(None) = pattern {
        return cached(&request, &Page::<FormerItem> { data: Vec::new(), page: PageLinks { next_cursor: None } });
    }
    let pattern = pattern.flatten();
    let place = Cursor::new(&app.config.cursor_key, format!("former_communes:{pattern:?}"));
    let after: Option<String> = place.read(cursor.as_ref().map(Opaque::expose))?;
    let after = after.as_deref().and_then(FormerCommuneCode::parse);
    let (limit, rows_max) = limit_of(limit);
    let rows = app
        .db
        .read(&visitor.0, move |tx| store::former_communes(tx, pattern.as_deref(), after.as_ref(), rows_max))
        .await?;
    cached(&request, &place.page(rows, limit, |row| row.code.clone())?)
}

/// A unit until 30 June 2025 and where it lies today.
#[derive(Serialize, ToSchema)]
struct FormerView {
    code: FormerCommuneCode,
    #[schema(example = "Quang Trung", max_length = 100)]
    name: String,
    /// `commune`, `ward` or `township`.
    #[schema(example = "ward", max_length = 20)]
    kind: String,
    former_district_code: DistrictCode,
    #[schema(example = "Hà Giang", max_length = 100)]
    former_district_name: String,
    /// Whether there is more than one successor, so that a person must say which one is meant.
    ask: bool,
    /// The main part first.
    #[schema(max_items = 5)]
    successors: Vec<Successor>,
}

/// Show a former commune, ward or township with its successors.
///
/// Three of them were split; then `ask` is true and no successor may be taken for granted.
#[utoipa::path(tag = "Places", operation_id = "find_former_commune",
    params(("code" = FormerCommuneCode, Path, description = "Official code until 30 June 2025")),
    responses((status = 200, body = FormerView)))]
#[get("/v1/public/former-communes/{code}")]
async fn find_former_commune(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    code: PathCode<FormerCommuneCode>,
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&visitor.0, move |tx| {
            let former = store::former_commune(tx, &code.0)?;
            let successors = store::successors(tx, &code.0)?;
            let FormerItem { code, name, kind, former_district_code, former_district_name, ask } = former;
            Ok(FormerView { code, name, kind, former_district_code, former_district_name, ask, successors })
        })
        .await?;
    cached(&request, &view)
}
