use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::cancel_checkout::cancel_checkout as cancel;
use super::model::{OrderEvent, Side};
use super::move_order::move_order;
use super::store;
use super::views::{CheckoutView, OrderEventView, OrderView, checkout_view, with_lines};
use super::weights::accept_weight as take_less;
use crate::app::App;
use crate::input;
use crate::kernel::http::{
    Answer, BuyerSurface, Command, Cursor, KeyRule, NoBody, Page, PageLinks, PathId, Query, json as json_answer,
};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Actor, Audience, CheckoutId, Error, OrderId, Result, Text, Tx};

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 20;

input! {
    /// Why something is given up.
    pub struct ReasonInput {
        #[schema(example = "Đặt nhầm số lượng")]
        pub reason: Text<300>,
    }
}

input! {
    /// Which page of a list.
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct PageQuery {
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

fn versioned(view: CheckoutView) -> Result<Answer> {
    Ok(Answer::ok(&view)?.versioned(view.version))
}

/// Show one of my purchases.
///
/// Says whether it is paid. Only a provider's confirmed message makes it so.
#[utoipa::path(tag = "Buying", operation_id = "show_checkout", params(("id" = CheckoutId, Path, description = "The purchase")),
    responses((status = 200, body = CheckoutView, description = "The purchase")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/buyer/checkouts/{id}")]
async fn show_checkout(
    request: HttpRequest,
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<CheckoutId>,
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Buyer)?;
            let checkout = store::find_checkout(tx, id.0)?;
            checkout_view(tx, checkout)
        })
        .await?;
    json_answer(&request, None, &view)
}

/// Cancel an unpaid purchase.
///
/// Ends all its orders; their stock is free at once. Money that arrives later is not lost: it waits for a person.
#[utoipa::path(tag = "Buying", operation_id = "cancel_checkout", request_body = NoBody,
    params(("id" = CheckoutId, Path, description = "The purchase")),
    responses((status = 200, body = CheckoutView, description = "The cancelled purchase")),
    extensions(("x-roles" = json!(["buyer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "orders.checkout_ended"]))))]
#[post("/v1/buyer/checkouts/{id}/cancel")]
async fn cancel_checkout(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<CheckoutId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, _| {
            let checkout = cancel(tx, id.0)?;
            versioned(checkout_view(tx, checkout)?)
        })
        .await
}

/// List my orders.
///
/// The newest first.
#[utoipa::path(tag = "Buying", operation_id = "list_buyer_orders",
    params(PageQuery),
    responses((status = 200, body = Page<OrderView>, description = "A page of orders")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/buyer/orders")]
async fn list_buyer_orders(
    request: HttpRequest,
    app: Data<App>,
    actor: BuyerSurface,
    query: Query<PageQuery>,
) -> Result<HttpResponse> {
    let PageQuery { cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, "buyer-orders".to_owned());
    let before = place_of(&links, cursor.as_ref())?;
    let orders = app
        .db
        .read(&actor.0, move |tx| {
            let buyer_id = tx.who.must(Audience::Buyer)?;
            let orders = store::list_buyers(tx, buyer_id, before, i64::from(limit).saturating_add(1))?;
            with_lines(tx, orders, Side::Buyer)
        })
        .await?;
    let page = links.page(orders, usize::try_from(limit).unwrap_or(1), |order| order.id)?;
    json_answer(&request, None, &page)
}

/// The order after which a page begins.
pub fn place_of(links: &Cursor<'_>, cursor: Option<&Opaque<500>>) -> Result<Option<OrderId>> {
    let place: Option<uuid::Uuid> = links.read(cursor.map(Opaque::expose))?;
    Ok(place.map(OrderId))
}

/// Show one of my orders.
///
/// With its lines and what I can do now.
#[utoipa::path(tag = "Buying", operation_id = "show_buyer_order", params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = OrderView, description = "The order")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/buyer/orders/{id}")]
async fn show_buyer_order(
    request: HttpRequest,
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<OrderId>,
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, move |tx| {
            let buyer_id = tx.who.must(Audience::Buyer)?;
            let order = store::find_buyers_order(tx, buyer_id, id.0)?;
            one(tx, order, Side::Buyer)
        })
        .await?;
    json_answer(&request, Some(view.version), &view)
}

/// One order with its lines.
pub fn one(tx: &mut Tx<'_>, order: super::model::Order, side: Side) -> Result<OrderView> {
    with_lines(tx, vec![order], side)?.pop().ok_or_else(|| Error::internal("an order vanished"))
}

/// Show the way of one of my orders.
///
/// Every step with its time, the oldest first.
#[utoipa::path(tag = "Buying", operation_id = "list_buyer_order_events", params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = Page<OrderEventView>, description = "The steps")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/buyer/orders/{id}/events")]
async fn list_buyer_order_events(
    request: HttpRequest,
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<OrderId>,
) -> Result<HttpResponse> {
    let data: Vec<OrderEventView> = app
        .db
        .read(&actor.0, move |tx| {
            let buyer_id = tx.who.must(Audience::Buyer)?;
            let order = store::find_buyers_order(tx, buyer_id, id.0)?;
            Ok(store::events_of(tx, order.id)?.into_iter().map(OrderEventView::from).collect())
        })
        .await?;
    json_answer(&request, None, &Page { data, page: PageLinks { next_cursor: None } })
}

/// Cancel one of my paid orders.
///
/// Possible until the goods are handed over. The goods return to the stock and the money is owed back to me.
#[utoipa::path(tag = "Buying", operation_id = "cancel_order", request_body = ReasonInput,
    params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = OrderView, description = "The cancelled order")),
    extensions(("x-roles" = json!(["buyer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "orders.illegal_action"]))))]
#[post("/v1/buyer/orders/{id}/cancel")]
async fn cancel_order(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<OrderId>,
    command: Command<ReasonInput>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (Side::Buyer, id.0, OrderEvent::Cancel), |input| Some(input.reason.into_string()))
        .await
}

/// Take less than I ordered.
///
/// What is packed weighs less than nine tenths of it: I take it, and the price of what is missing is owed back to me.
/// Cancelling instead gives everything back.
#[utoipa::path(tag = "Buying", operation_id = "accept_weight", request_body = NoBody,
    params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = OrderView, description = "The packed order")),
    extensions(("x-roles" = json!(["buyer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "orders.illegal_action"]))))]
#[post("/v1/buyer/orders/{id}/accept-weight")]
async fn accept_weight(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<OrderId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, _| {
            let order = take_less(tx, id.0)?;
            let view = one(tx, order, Side::Buyer)?;
            Ok(Answer::ok(&view)?.versioned(view.version))
        })
        .await
}

/// Confirm that an order arrived.
///
/// Completes the order. That what is paid in cash came, its carrier says first.
#[utoipa::path(tag = "Buying", operation_id = "confirm_receipt", request_body = NoBody,
    params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = OrderView, description = "The completed order")),
    extensions(("x-roles" = json!(["buyer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "orders.illegal_action", "orders.carrier_tells", "shipping.illegal_report"]))))]
#[post("/v1/buyer/orders/{id}/confirm-receipt")]
async fn confirm_receipt(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<OrderId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (Side::Buyer, id.0, OrderEvent::ConfirmReceipt), |_| None).await
}

/// Moves an order for one side and answers with it.
pub async fn moved<T: Clone + Send + 'static>(
    app: &Data<App>,
    actor: &Actor,
    command: Command<T>,
    (side, id, event): (Side, OrderId, OrderEvent),
    reason: fn(T) -> Option<String>,
) -> Result<HttpResponse> {
    command
        .once(app, actor, KeyRule::Required, move |tx, input| {
            let order = move_order(tx, side, id, event, reason(input).as_deref())?;
            let view = one(tx, order, side)?;
            Ok(Answer::ok(&view)?.versioned(view.version))
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(show_checkout)
        .service(cancel_checkout)
        .service(list_buyer_orders)
        .service(show_buyer_order)
        .service(list_buyer_order_events)
        .service(cancel_order)
        .service(accept_weight)
        .service(confirm_receipt);
}
