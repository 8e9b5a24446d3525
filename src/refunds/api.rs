//! What buyers see of their money on its way back.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::BuyerRefundView;
use super::{store, transfer};
use crate::app::App;
use crate::kernel::http::{Answer, BuyerSurface, Command, KeyRule, Page, PageLinks, PathId, json as json_answer};
use crate::kernel::{Audience, OrderId, RefundId, Result};
use crate::orders;
use crate::outgoing::NewBankAccount;

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

/// Say to which bank account my money goes.
///
/// For what cannot come back the way it was paid, and has not yet. An operator compares it with my order before anything is
/// sent. If it does not arrive there, I may name another one.
#[utoipa::path(tag = "Buying", operation_id = "send_refund_to", request_body = NewBankAccount,
    params(("id" = RefundId, Path, description = "The refund")),
    responses((status = 200, body = BuyerRefundView, description = "The refund")),
    extensions(("x-roles" = json!(["buyer"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "refunds.illegal_action"]))))]
#[post("/v1/buyer/refunds/{id}/bank-account")]
async fn send_refund_to(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<RefundId>,
    command: Command<NewBankAccount>,
) -> Result<HttpResponse> {
    let (vault, limits) = (app.outgoing.vault.clone(), app.config.refunds);
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, account| {
            let refund = transfer::send_to(tx, (&vault, limits), id.0, account)?;
            let version = refund.version;
            Ok(Answer::ok(&BuyerRefundView::from(refund))?.versioned(version))
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_order_refunds).service(send_refund_to);
}
