use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::{ReasonInput, moved, one, place_of};
use super::model::{OrderEvent, OrderStatus, Side};
use super::pick_up::deliver;
use super::store;
use super::views::{OrderView, with_lines};
use super::weights::{PackedLine, pack};
use crate::app::App;
use crate::input;
use crate::kernel::error::CommonProblem;
use crate::kernel::http::{
    Answer, Command, Cursor, KeyRule, NoBody, Page, PathId, ProducerSurface, Query, json as json_answer,
};
use crate::kernel::input::{List, Opaque, Whole};
use crate::kernel::{Audience, OrderId, ProducerId, Result, Text, Tx, VariantId};

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 20;

input! {
    /// Which orders, and which page of them.
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct InboxQuery {
        /// Only orders of this status.
        pub status: Option<OrderStatus>,
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

input! {
    /// That the buyer has the goods.
    pub struct DeliveryInput {
        /// What the buyer says who fetches an order that waits to be picked up; case, spaces and hyphens do not matter.
        pub pickup_code: Option<Text<20>>,
    }
}

fn own_producer(tx: &Tx<'_>) -> Result<ProducerId> {
    tx.who.must(Audience::Producer)?;
    tx.who.producer_id.ok_or_else(|| CommonProblem::NotFound.into())
}

/// List the orders of my inbox.
///
/// Paid orders and what became of them, the newest first, each with what I can do now.
#[utoipa::path(tag = "Selling", operation_id = "list_producer_orders",
    params(InboxQuery),
    responses((status = 200, body = Page<OrderView>, description = "A page of orders")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["cursor_mismatch", "not_found"]))))]
#[get("/v1/producer/orders")]
async fn list_producer_orders(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<InboxQuery>,
) -> Result<HttpResponse> {
    let InboxQuery { status, cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, format!("producer-orders:{status:?}"));
    let before = place_of(&links, cursor.as_ref())?;
    let orders = app
        .db
        .read(&actor.0, move |tx| {
            let producer_id = own_producer(tx)?;
            let orders = store::list_producers(tx, producer_id, status, before, i64::from(limit).saturating_add(1))?;
            with_lines(tx, orders, Side::Producer)
        })
        .await?;
    let page = links.page(orders, usize::try_from(limit).unwrap_or(1), |order| order.id)?;
    json_answer(&request, None, &page)
}

/// Show one order of my inbox.
///
/// With where it goes, its lines and what I can do now.
#[utoipa::path(tag = "Selling", operation_id = "show_producer_order", params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = OrderView, description = "The order")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/producer/orders/{id}")]
async fn show_producer_order(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<OrderId>,
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, move |tx| {
            let producer_id = own_producer(tx)?;
            let order = store::find_producers_order(tx, producer_id, id.0)?;
            one(tx, order, Side::Producer)
        })
        .await?;
    json_answer(&request, Some(view.version), &view)
}

/// Accept an order.
///
/// I will deliver it. Only a paid order can be accepted.
#[utoipa::path(tag = "Selling", operation_id = "accept_order", request_body = NoBody,
    params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = OrderView, description = "The order after it")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "orders.illegal_action"]))))]
#[post("/v1/producer/orders/{id}/accept")]
async fn accept_order(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<OrderId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (Side::Producer, id.0, OrderEvent::Accept), |_| None).await
}

/// Refuse an order.
///
/// With a reason that the buyer sees. The goods return to my stock and the money is owed back to the buyer.
#[utoipa::path(tag = "Selling", operation_id = "refuse_order", request_body = ReasonInput,
    params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = OrderView, description = "The order after it")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "orders.illegal_action"]))))]
#[post("/v1/producer/orders/{id}/refuse")]
async fn refuse_order(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<OrderId>,
    command: Command<ReasonInput>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (Side::Producer, id.0, OrderEvent::Refuse), |input| Some(input.reason.into_string()))
        .await
}

input! {
    /// What the lines weigh whose price follows the weight.
    pub struct PackOrder {
        /// One for every line of the order that `is_weighed`, and for no other.
        #[schema(value_type = Option<Vec<PackedWeight>>, max_items = 50)]
        pub weights: Option<List<PackedWeight, 50>>,
    }
}

input! {
    /// The weight of one line, as packed.
    pub struct PackedWeight {
        pub variant_id: VariantId,
        /// Grams of the whole line.
        #[schema(example = 9800)]
        pub weight_g: Whole<0, 1_000_000_000>,
    }
}

/// Mark an order as packed.
///
/// The goods are ready to go. Lines whose price follows the weight are weighed: what is missing is owed back to the
/// buyer in proportion; what is more costs nothing more. If a line is lighter than nine tenths of what was ordered, the
/// order waits for the buyer's decision instead (`weight_in_question`).
#[utoipa::path(tag = "Selling", operation_id = "pack_order", request_body = PackOrder,
    params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = OrderView, description = "The order after it")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "orders.illegal_action"]))))]
#[post("/v1/producer/orders/{id}/pack")]
async fn pack_order(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<OrderId>,
    command: Command<PackOrder>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let packed: Vec<PackedLine> = input
                .weights
                .map(List::into_vec)
                .unwrap_or_default()
                .into_iter()
                .map(|one| PackedLine { variant_id: one.variant_id, weight_g: i64::from(one.weight_g.value()) })
                .collect();
            let order = pack(tx, id.0, &packed)?;
            let view = one(tx, order, Side::Producer)?;
            Ok(Answer::ok(&view)?.versioned(view.version))
        })
        .await
}

/// Hand an order over.
///
/// The goods have left my hands: from now on the buyer cannot cancel. A parcel is opened, and booked if a carrier brings
/// it. What the buyer fetches is made ready instead.
#[utoipa::path(tag = "Selling", operation_id = "hand_over_order", request_body = NoBody,
    params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = OrderView, description = "The order after it")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "orders.illegal_action"]))))]
#[post("/v1/producer/orders/{id}/hand-over")]
async fn hand_over_order(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<OrderId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (Side::Producer, id.0, OrderEvent::HandOver), |_| None).await
}

/// Mark an order as delivered.
///
/// The buyer has the goods and can confirm it. Of an order that waits to be picked up I need the code that only the buyer
/// sees. A carrier that took the parcel over tells by itself.
#[utoipa::path(tag = "Selling", operation_id = "deliver_order", request_body = DeliveryInput,
    params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = OrderView, description = "The order after it")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "orders.illegal_action", "orders.carrier_tells", "shipping.illegal_report", "orders.wrong_pickup_code"]))))]
#[post("/v1/producer/orders/{id}/deliver")]
async fn deliver_order(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<OrderId>,
    command: Command<DeliveryInput>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let order = deliver(tx, id.0, input.pickup_code.as_ref().map(Text::as_str))?;
            let view = one(tx, order, Side::Producer)?;
            Ok(Answer::ok(&view)?.versioned(view.version))
        })
        .await
}

/// Say that an order waits to be picked up.
///
/// Of an order that the buyer fetches. The buyer is told where it waits, and sees the code that I ask for.
#[utoipa::path(tag = "Selling", operation_id = "make_order_ready", request_body = NoBody,
    params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = OrderView, description = "The order after it")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "orders.illegal_action"]))))]
#[post("/v1/producer/orders/{id}/make-ready")]
async fn make_order_ready(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<OrderId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (Side::Producer, id.0, OrderEvent::MakeReady), |_| None).await
}

/// Say that an order could not be delivered.
///
/// With a reason that the buyer sees. It can be tried again or sent back. A carrier that took the parcel over tells by
/// itself.
#[utoipa::path(tag = "Selling", operation_id = "fail_order_delivery", request_body = ReasonInput,
    params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = OrderView, description = "The order after it")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "orders.illegal_action", "orders.carrier_tells", "shipping.illegal_report"]))))]
#[post("/v1/producer/orders/{id}/fail-delivery")]
async fn fail_order_delivery(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<OrderId>,
    command: Command<ReasonInput>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (Side::Producer, id.0, OrderEvent::FailDelivery), |input| {
        Some(input.reason.into_string())
    })
    .await
}

/// Send an order back to me.
///
/// With a reason that the buyer sees: nobody took it. A carrier that took the parcel over tells by itself.
#[utoipa::path(tag = "Selling", operation_id = "send_order_back", request_body = ReasonInput,
    params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = OrderView, description = "The order after it")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "orders.illegal_action", "orders.carrier_tells", "shipping.illegal_report"]))))]
#[post("/v1/producer/orders/{id}/send-back")]
async fn send_order_back(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<OrderId>,
    command: Command<ReasonInput>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (Side::Producer, id.0, OrderEvent::SendBack), |input| {
        Some(input.reason.into_string())
    })
    .await
}

/// Receive the goods of an order back.
///
/// They are in my hands again. The buyer is owed what was paid, but not the way. Whether they can be sold again is for me to say: the stock does not change by itself.
#[utoipa::path(tag = "Selling", operation_id = "receive_order_return", request_body = NoBody,
    params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = OrderView, description = "The order after it")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "orders.illegal_action"]))))]
#[post("/v1/producer/orders/{id}/receive-return")]
async fn receive_order_return(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<OrderId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (Side::Producer, id.0, OrderEvent::ReceiveReturn), |_| None).await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_producer_orders)
        .service(show_producer_order)
        .service(accept_order)
        .service(refuse_order)
        .service(pack_order)
        .service(hand_over_order)
        .service(deliver_order)
        .service(make_order_ready)
        .service(fail_order_delivery)
        .service(send_order_back)
        .service(receive_order_return);
}
