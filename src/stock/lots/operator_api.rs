//! Routes of lots for the operator, who sees everybody's.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::{LotOrderQuery, RecallReason, list, orders};
use super::model::{LotCode, LotStatus};
use super::recall;
use super::store::{self, Filter};
use super::views::{LotOrderView, LotView};
use crate::app::App;
use crate::kernel::http::{self, Command, KeyRule, OperatorSurface, Page, PathId, Query};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Audience, LotId, ProducerId, ProductId, Result};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_all_lots).service(find_any_lot).service(recall_any_lot).service(list_orders_of_any_lot);
}

crate::input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct AnyLotQuery {
        /// Only of this producer.
        pub producer_id: Option<ProducerId>,
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

/// List lots.
///
/// Of all producers, in the order in which they expire.
#[utoipa::path(tag = "Stock", operation_id = "list_all_lots", params(AnyLotQuery),
    responses((status = 200, body = Page<LotView>)), extensions(("x-roles" = json!(["operator"]))))]
#[get("/v1/operator/lots")]
async fn list_all_lots(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<AnyLotQuery>,
) -> Result<HttpResponse> {
    let AnyLotQuery { producer_id, product_id, status, code, limit, cursor } = query.0;
    let code = code.map(|code| code.as_str().to_owned());
    let filter = Filter { producer_id, product_id, variant_id: None, status, code };
    list(&request, &app, &actor.0, (filter, limit, cursor), |tx, filter| {
        tx.who.must(Audience::Operator)?;
        Ok(filter)
    })
    .await
}

/// Show a lot.
///
/// Of any producer, as its producer sees it.
#[utoipa::path(tag = "Stock", operation_id = "find_any_lot", params(("id" = LotId, Path, description = "The lot")),
    responses((status = 200, body = LotView)), extensions(("x-roles" = json!(["operator"]))))]
#[get("/v1/operator/lots/{id}")]
async fn find_any_lot(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<LotId>,
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let lot = store::find(tx, id.0)?;
            LotView::of(tx, lot)
        })
        .await?;
    http::json(&request, None, &view)
}

/// Recall a lot of any producer.
///
/// At once nothing of it is for sale, for good. The answer says how many orders and buyers hold or got goods of it.
#[utoipa::path(tag = "Stock", operation_id = "recall_any_lot", request_body = RecallReason,
    params(("id" = LotId, Path, description = "The lot")), responses((status = 200, body = LotView)),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["stock.lot_action_not_allowed"]))))]
#[post("/v1/operator/lots/{id}/recall")]
async fn recall_any_lot(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<LotId>,
    command: Command<RecallReason>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, body| {
            let lot = recall::recall_any(tx, id.0, body.reason.as_str())?;
            LotView::of(tx, lot)?.answer()
        })
        .await
}

/// List the orders with goods of a lot.
///
/// Unpaid ones, too, in the order in which they were placed, one row for each variant.
#[utoipa::path(tag = "Stock", operation_id = "list_orders_of_any_lot",
    params(("id" = LotId, Path, description = "The lot"), LotOrderQuery),
    responses((status = 200, body = Page<LotOrderView>)), extensions(("x-roles" = json!(["operator"]))))]
#[get("/v1/operator/lots/{id}/orders")]
async fn list_orders_of_any_lot(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<LotId>,
    query: Query<LotOrderQuery>,
) -> Result<HttpResponse> {
    orders(&request, &app, &actor.0, (id.0, query.0), |tx, id| {
        tx.who.must(Audience::Operator)?;
        store::find(tx, id).map(|_| false)
    })
    .await
}
