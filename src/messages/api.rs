//! Routes of messages: the same for both sides of an order, and the operator's look.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::Sender;
use super::read::{Part, Seen, look, mark_read, read_for_complaint};
use super::send::{Sent, send};
use super::store::Message;
use crate::app::App;
use crate::input;
use crate::kernel::http::{
    Answer, BuyerSurface, Command, Cursor, KeyRule, OperatorSurface, PageLinks, PathId, ProducerSurface, Query,
    json as json_answer,
};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Actor, ClientRef, ComplaintId, MessageId, OrderId, Result, Text, Tx};

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 20;
/// Messages that the operator gets at once.
const OPERATOR_LIMIT: i64 = 100;

input! {
    /// What one side writes. It is sent as it is written.
    pub struct NewMessage {
        #[schema(example = "Chiều mai tôi gửi hàng nhé.")]
        pub text: Text<1000>,
        /// Made by the phone before it sends: the same one again answers with the first message.
        pub client_ref: Option<ClientRef>,
    }
}

input! {
    /// How far one side has read.
    pub struct ReadMessages {
        /// Number of the newest message that was read.
        #[schema(example = 3)]
        pub number: Whole<1, 1000>,
    }
}

input! {
    /// Which messages the operator wants.
    pub struct OpenMessages {
        /// Only those before this number, for older ones.
        pub before: Option<Whole<1, 1000>>,
    }
}

input! {
    /// Which part of the conversation.
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct MessageQuery {
        /// Only messages after this number: ask with the last one that is known.
        #[param(inline)]
        pub after: Option<Whole<0, 1000>>,
        /// From the page before, for older ones.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

/// A message about an order.
#[derive(Serialize, ToSchema)]
pub struct MessageView {
    id: MessageId,
    /// Its place in the conversation.
    #[schema(minimum = 1, maximum = 1000)]
    number: i32,
    sender: Sender,
    #[schema(max_length = 1000, example = "Chiều mai tôi gửi hàng nhé.")]
    text: String,
    sent_at: DateTime<Utc>,
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        let Message {
            id,
            order_id: _,
            number,
            buyer_account_id: _,
            producer_id: _,
            sender,
            client_ref: _,
            text,
            sent_at,
        } = message;
        Self { id, number, sender, text, sent_at }
    }
}

/// A part of a conversation, the newest message first.
#[derive(Serialize, ToSchema)]
pub struct ConversationView {
    #[schema(max_items = 100)]
    data: Vec<MessageView>,
    page: PageLinks,
    /// Number of the newest message; 0 when there is none.
    #[schema(minimum = 0, maximum = 1000)]
    last_number: i32,
    /// Messages of the other side that were not read.
    #[schema(minimum = 0, maximum = 1000)]
    unread: i64,
    /// How far the other side has read.
    #[schema(minimum = 0, maximum = 1000)]
    read_by_other: i32,
    /// Whether the order can still be written about.
    can_write: bool,
}

/// What the operator reads, the newest message first.
#[derive(Serialize, ToSchema)]
pub struct OpenedMessages {
    #[schema(max_items = 100)]
    data: Vec<MessageView>,
}

async fn shown(
    request: &HttpRequest,
    app: &Data<App>,
    actor: &Actor,
    (side, id): (Sender, OrderId),
    query: MessageQuery,
) -> Result<HttpResponse> {
    let MessageQuery { after, cursor, limit } = query;
    let after = after.map_or(0, Whole::value);
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, format!("messages:{side}:{id}:{after}"));
    let before: Option<i32> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let part = Part { after, before, rows: i64::from(limit).saturating_add(1) };
    let Seen { messages, last_number, unread, read_by_other, can_write } =
        app.db.read(actor, move |tx| look(tx, side, id, part)).await?;
    let views = messages.into_iter().map(MessageView::from).collect();
    let page = links.page(views, usize::try_from(limit).unwrap_or(1), |view: &MessageView| view.number)?;
    let view = ConversationView { data: page.data, page: page.page, last_number, unread, read_by_other, can_write };
    json_answer(request, None, &view)
}

async fn sent(
    app: &Data<App>,
    actor: &Actor,
    (side, id): (Sender, OrderId),
    command: Command<NewMessage>,
) -> Result<HttpResponse> {
    command
        .once(app, actor, KeyRule::Accepted, move |tx, input| {
            let NewMessage { text, client_ref } = input;
            match send(tx, side, id, text.into_string(), client_ref)? {
                Sent::Before(message) => Answer::ok(&MessageView::from(message)),
                Sent::New(message) => {
                    Answer::created(&MessageView::from(message), format!("/v1/{side}/orders/{id}/messages"))
                }
            }
        })
        .await
}

async fn read_up_to(
    app: &Data<App>,
    actor: &Actor,
    (side, id): (Sender, OrderId),
    command: Command<ReadMessages>,
) -> Result<HttpResponse> {
    command
        .once(app, actor, KeyRule::Accepted, move |tx, input| {
            mark_read(tx, side, id, input.number.value())?;
            newest(tx, side, id)
        })
        .await
}

/// The conversation's newest page, as an answer to a command.
fn newest(tx: &mut Tx<'_>, side: Sender, id: OrderId) -> Result<Answer> {
    let part = Part { after: 0, before: None, rows: i64::from(LIMIT_DEFAULT) };
    let Seen { messages, last_number, unread, read_by_other, can_write } = look(tx, side, id, part)?;
    let data = messages.into_iter().map(MessageView::from).collect();
    let page = PageLinks { next_cursor: None };
    Answer::ok(&ConversationView { data, page, last_number, unread, read_by_other, can_write })
}

/// List the messages about one of my orders.
///
/// The newest first, with how many are unread. Ask again with `after` for what is new.
#[utoipa::path(tag = "Messages", operation_id = "list_buyer_messages", params(("id" = OrderId, Path, description = "The order"), MessageQuery),
    responses((status = 200, body = ConversationView, description = "A part of the conversation")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found", "cursor_mismatch"]))))]
#[get("/v1/buyer/orders/{id}/messages")]
async fn list_buyer_messages(
    request: HttpRequest,
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<OrderId>,
    query: Query<MessageQuery>,
) -> Result<HttpResponse> {
    shown(&request, &app, &actor.0, (Sender::Buyer, id.0), query.0).await
}

/// Write about one of my orders.
///
/// From its payment until 30 days after its end; 30 messages an hour at most.
#[utoipa::path(tag = "Messages", operation_id = "send_buyer_message", request_body = NewMessage,
    params(("id" = OrderId, Path, description = "The order")),
    responses((status = 201, body = MessageView, description = "The message"),
              (status = 200, body = MessageView, description = "The message sent before with this client_ref")),
    extensions(("x-roles" = json!(["buyer"])),
               ("x-problems" = json!(["not_found", "messages.not_open", "messages.conversation_full", "messages.too_many"]))))]
#[post("/v1/buyer/orders/{id}/messages")]
async fn send_buyer_message(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<OrderId>,
    command: Command<NewMessage>,
) -> Result<HttpResponse> {
    sent(&app, &actor.0, (Sender::Buyer, id.0), command).await
}

/// Mark the messages about one of my orders as read.
///
/// Up to a number; never back. Answers with the newest messages.
#[utoipa::path(tag = "Messages", operation_id = "read_buyer_messages", request_body = ReadMessages,
    params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = ConversationView, description = "The newest part of the conversation")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found", "messages.not_open"]))))]
#[post("/v1/buyer/orders/{id}/read-messages")]
async fn read_buyer_messages(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<OrderId>,
    command: Command<ReadMessages>,
) -> Result<HttpResponse> {
    read_up_to(&app, &actor.0, (Sender::Buyer, id.0), command).await
}

/// List the messages about an order of my inbox.
///
/// The newest first, with how many are unread. Ask again with `after` for what is new.
#[utoipa::path(tag = "Messages", operation_id = "list_producer_messages", params(("id" = OrderId, Path, description = "The order"), MessageQuery),
    responses((status = 200, body = ConversationView, description = "A part of the conversation")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["not_found", "cursor_mismatch"]))))]
#[get("/v1/producer/orders/{id}/messages")]
async fn list_producer_messages(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<OrderId>,
    query: Query<MessageQuery>,
) -> Result<HttpResponse> {
    shown(&request, &app, &actor.0, (Sender::Producer, id.0), query.0).await
}

/// Write about an order of my inbox.
///
/// From its payment until 30 days after its end; 30 messages an hour at most.
#[utoipa::path(tag = "Messages", operation_id = "send_producer_message", request_body = NewMessage,
    params(("id" = OrderId, Path, description = "The order")),
    responses((status = 201, body = MessageView, description = "The message"),
              (status = 200, body = MessageView, description = "The message sent before with this client_ref")),
    extensions(("x-roles" = json!(["producer"])),
               ("x-problems" = json!(["not_found", "messages.not_open", "messages.conversation_full", "messages.too_many"]))))]
#[post("/v1/producer/orders/{id}/messages")]
async fn send_producer_message(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<OrderId>,
    command: Command<NewMessage>,
) -> Result<HttpResponse> {
    sent(&app, &actor.0, (Sender::Producer, id.0), command).await
}

/// Mark the messages about an order of my inbox as read.
///
/// Up to a number; never back. Answers with the newest messages.
#[utoipa::path(tag = "Messages", operation_id = "read_producer_messages", request_body = ReadMessages,
    params(("id" = OrderId, Path, description = "The order")),
    responses((status = 200, body = ConversationView, description = "The newest part of the conversation")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["not_found", "messages.not_open"]))))]
#[post("/v1/producer/orders/{id}/read-messages")]
async fn read_producer_messages(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<OrderId>,
    command: Command<ReadMessages>,
) -> Result<HttpResponse> {
    read_up_to(&app, &actor.0, (Sender::Producer, id.0), command).await
}

/// Read the messages about the order of a complaint.
///
/// Only while the complaint is open, and it is on record who read them.
#[utoipa::path(tag = "Messages", operation_id = "open_messages", request_body = OpenMessages,
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, body = OpenedMessages, description = "The newest messages first")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found", "messages.no_open_complaint"]))))]
#[post("/v1/operator/complaints/{id}/open-messages")]
async fn open_messages(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ComplaintId>,
    command: Command<OpenMessages>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, input| {
            let before = input.before.map(Whole::value);
            let part = Part { after: 0, before, rows: OPERATOR_LIMIT };
            let data = read_for_complaint(tx, id.0, part)?.into_iter().map(MessageView::from).collect();
            Answer::ok(&OpenedMessages { data })
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_buyer_messages)
        .service(send_buyer_message)
        .service(read_buyer_messages)
        .service(list_producer_messages)
        .service(send_producer_message)
        .service(read_producer_messages)
        .service(open_messages);
}
