//! Routes of lots for producers, and what the operator's have in common with them.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use chrono::NaiveDate;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{LotCode, LotStatus, NewLot};
use super::store::{self, Filter, Place};
use super::views::LotOrderView;
pub use super::views::LotView;
use super::{close, edit, open, operator_api, recall};
use crate::app::App;
use crate::kernel::http::{
    self, Answer, Command, Cursor, IfMatch, KeyRule, NoBody, Page, PathId, ProducerSurface, Query,
};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Actor, LotId, ProductId, Result, Text, Tx};
use crate::places::PlaceInput;
use crate::producers::{self, Change};

/// Rows of a page unless the caller says otherwise.
const LIMIT: usize = 20;

pub fn routes(cfg: &mut ServiceConfig) {
    operator_api::routes(cfg);
    cfg.service(open_lot)
        .service(list_lots)
        .service(find_lot)
        .service(edit_lot)
        .service(close_lot)
        .service(recall_lot)
        .service(list_orders_of_lot);
}

crate::input! {
    /// Fields that are absent stay as they are.
    pub struct LotPatch {
        pub code: Option<LotCode>,
        pub harvested_on: Option<NaiveDate>,
        /// `null` takes it away.
        #[schema(value_type = Option<NaiveDate>)]
        pub packed_on: Change<NaiveDate>,
        /// `null` for what keeps without end.
        #[schema(value_type = Option<NaiveDate>)]
        pub expires_on: Change<NaiveDate>,
        /// `null` for where its product comes from.
        #[schema(value_type = Option<PlaceInput>)]
        pub origin: Change<PlaceInput>,
    }
}

crate::input! {
    /// Why a lot is called back; it stands in the record of everybody whom it concerns.
    pub struct RecallReason {
        pub reason: Text<500>,
    }
}

crate::input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct LotQuery {
        /// Only of this product.
        pub product_id: Option<ProductId>,
        /// Only in this status.
        pub status: Option<LotStatus>,
        /// Only with this code.
        #[param(inline)]
        pub code: Option<LotCode>,
        /// Rows of a page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
        /// Where the page before ended.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
    }
}

crate::input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct LotOrderQuery {
        /// Rows of a page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
        /// Where the page before ended.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
    }
}

/// How many rows a page has, and one more to see whether it is the last.
fn limits(limit: Option<Whole<1, 100>>) -> (usize, i64) {
    let limit = limit.and_then(|l| usize::try_from(l.value()).ok()).unwrap_or(LIMIT);
    (limit, i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))
}

/// Open a lot of a product.
///
/// Its goods come afterwards, by adjustments that name it. The code is what stands on the label, once per producer.
#[utoipa::path(tag = "Stock", operation_id = "open_lot", request_body = NewLot,
    params(("id" = ProductId, Path, description = "The product")),
    responses((status = 201, body = LotView)),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["producers.not_registered", "stock.lot_code_taken", "places.former_commune_split"]))))]
#[post("/v1/producer/products/{id}/lots")]
async fn open_lot(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ProductId>,
    command: Command<NewLot>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, new| {
            let lot = open::open(tx, id.0, &new)?;
            let view = LotView::of(tx, lot)?;
            Ok(Answer::created(&view, format!("/v1/producer/lots/{}", view.id))?.versioned(view.version))
        })
        .await
}

/// List the own lots.
///
/// In the order in which they are sold: what expires first comes first, goods without dates come last.
#[utoipa::path(tag = "Stock", operation_id = "list_lots", params(LotQuery),
    responses((status = 200, body = Page<LotView>)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/lots")]
async fn list_lots(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<LotQuery>,
) -> Result<HttpResponse> {
    let LotQuery { product_id, status, code, limit, cursor } = query.0;
    let code = code.map(|code| code.as_str().to_owned());
    let filter = Filter { producer_id: None, product_id, variant_id: None, status, code };
    list(&request, &app, &actor.0, (filter, limit, cursor), |tx, mut filter| {
        filter.producer_id = Some(producers::registered(tx)?);
        Ok(filter)
    })
    .await
}

pub async fn list(
    request: &HttpRequest,
    app: &Data<App>,
    actor: &Actor,
    (filter, limit, cursor): (Filter, Option<Whole<1, 100>>, Option<Opaque<500>>),
    may: impl Fn(&mut Tx<'_>, Filter) -> Result<Filter> + Send + 'static,
) -> Result<HttpResponse> {
    let (limit, rows) = limits(limit);
    let links = Cursor::new(&app.config.cursor_key, format!("lots:{filter:?}"));
    let after: Option<Place> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let views = app
        .db
        .read(actor, move |tx| {
            let filter = may(tx, filter.clone())?;
            let lots = store::list(tx, &filter, after, rows)?;
            LotView::of_all(tx, lots)
        })
        .await?;
    let place = |view: &LotView| (view.expires_on, view.harvested_on, view.id);
    http::json(request, None, &links.page(views, limit, place)?)
}

/// Show a lot of mine.
///
/// With what is left of each variant; of a recalled one also how many it concerns.
#[utoipa::path(tag = "Stock", operation_id = "find_lot", params(("id" = LotId, Path, description = "The lot")),
    responses((status = 200, body = LotView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/lots/{id}")]
async fn find_lot(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<LotId>,
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, move |tx| {
            let producer_id = producers::registered(tx)?;
            let lot = store::find_own(tx, producer_id, id.0)?;
            LotView::of(tx, lot)
        })
        .await?;
    http::json(&request, None, &view)
}

/// Put right what is said of a lot.
///
/// While nothing of it is sold or held. A lot that expired by mistake is for sale again with its new last day.
#[utoipa::path(tag = "Stock", operation_id = "edit_lot", request_body = LotPatch,
    params(("id" = LotId, Path, description = "The lot")), responses((status = 200, body = LotView)),
    extensions(("x-roles" = json!(["producer"])),
        ("x-problems" = json!(["producers.not_registered", "stock.lot_action_not_allowed", "stock.lot_sold",
            "stock.lot_code_taken", "places.former_commune_split"]))))]
#[patch("/v1/producer/lots/{id}")]
async fn edit_lot(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<LotId>,
    version: IfMatch,
    command: Command<LotPatch>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, patch| {
            let lot = edit::edit(tx, id.0, version.0, patch)?;
            LotView::of(tx, lot)?.answer()
        })
        .await
}

/// Close a lot.
///
/// It takes no more goods. Only an empty one can be closed; what buyers give back to it is for sale again.
#[utoipa::path(tag = "Stock", operation_id = "close_lot", request_body = NoBody,
    params(("id" = LotId, Path, description = "The lot")), responses((status = 200, body = LotView)),
    extensions(("x-roles" = json!(["producer"])),
        ("x-problems" = json!(["producers.not_registered", "stock.lot_action_not_allowed", "stock.lot_not_empty"]))))]
#[post("/v1/producer/lots/{id}/close")]
async fn close_lot(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<LotId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, _| {
            let lot = close::close(tx, id.0)?;
            LotView::of(tx, lot)?.answer()
        })
        .await
}

/// Recall a lot of mine.
///
/// At once nothing of it is for sale, for good. The answer says how many orders and buyers hold or got goods of it.
#[utoipa::path(tag = "Stock", operation_id = "recall_lot", request_body = RecallReason,
    params(("id" = LotId, Path, description = "The lot")), responses((status = 200, body = LotView)),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["producers.not_registered", "stock.lot_action_not_allowed"]))))]
#[post("/v1/producer/lots/{id}/recall")]
async fn recall_lot(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<LotId>,
    command: Command<RecallReason>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, body| {
            let lot = recall::recall_own(tx, id.0, body.reason.as_str())?;
            LotView::of(tx, lot)?.answer()
        })
        .await
}

/// List the orders with goods of a lot of mine.
///
/// Paid ones, in the order in which they were placed, one row for each variant.
#[utoipa::path(tag = "Stock", operation_id = "list_orders_of_lot",
    params(("id" = LotId, Path, description = "The lot"), LotOrderQuery),
    responses((status = 200, body = Page<LotOrderView>)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/lots/{id}/orders")]
async fn list_orders_of_lot(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<LotId>,
    query: Query<LotOrderQuery>,
) -> Result<HttpResponse> {
    orders(&request, &app, &actor.0, (id.0, query.0), |tx, id| {
        let producer_id = producers::registered(tx)?;
        store::find_own(tx, producer_id, id).map(|_| true)
    })
    .await
}

/// `may` says whether only paid orders are told of.
pub async fn orders(
    request: &HttpRequest,
    app: &Data<App>,
    actor: &Actor,
    (id, query): (LotId, LotOrderQuery),
    may: impl Fn(&mut Tx<'_>, LotId) -> Result<bool> + Send + 'static,
) -> Result<HttpResponse> {
    let (limit, rows) = limits(query.limit);
    let links = Cursor::new(&app.config.cursor_key, format!("orders of lot:{id}"));
    let after: Option<(uuid::Uuid, uuid::Uuid)> = links.read(query.cursor.as_ref().map(Opaque::expose))?;
    let found = app
        .db
        .read(actor, move |tx| {
            let is_paid = may(tx, id)?;
            store::orders_of(tx, id, is_paid, after, rows)
        })
        .await?;
    let views: Vec<LotOrderView> = found.into_iter().map(LotOrderView::from).collect();
    http::json(request, None, &links.page(views, limit, |view| (view.order_id, view.variant_id))?)
}
