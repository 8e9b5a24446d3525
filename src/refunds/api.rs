//! What buyers see of their money on its way back.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::store;
use super::views::BuyerRefundView;
use crate::app::App;
use crate::kernel::http::{BuyerSurface, Page, PageLinks, PathId, json as json_answer};
use crate::kernel::{Audience, OrderId, Result};
use crate::orders;

/// Show where my money is.
///
/// Everything that is owed back of one of my orders and how far it is on its way, the first first. What was just decided
/// stands here a moment later.
#[utoipa::path(tag = "Buying", operation_id = "list_order_refunds", params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = Page<BuyerRefundView>, description = "The refunds")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/buyer/orders/{id}/refunds")]
async fn list_order_refunds(
    request: HttpRequest,
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<OrderId>,
) -> Result<HttpResponse> {
    let data: Vec<BuyerRefundView> = app
        .db
        .read(&actor.0, move |tx| {
            let buyer_id = tx.who.must(Audience::Buyer)?;
            let order = orders::find_buyers_order(tx, buyer_id, id.0)?;
            Ok(store::of_order(tx, order.id)?.into_iter().map(BuyerRefundView::from).collect())
        })
        .await?;
    json_answer(&request, None, &Page { data, page: PageLinks { next_cursor: None } })
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_order_refunds);
}
