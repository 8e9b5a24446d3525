//! Routes of complaints for buyers, and what they share with the other parties.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::model::{ComplaintEvent, ComplaintKind, Party, VulnerableReason};
use super::move_complaint::move_complaint;
use super::open::{Grievance, Opened, open};
use super::store;
use super::views::{ComplaintEventView, PriorityComplaintView, with_priority};
use crate::app::App;
use crate::input;
use crate::kernel::http::{
    Answer, BuyerSurface, Command, Cursor, KeyRule, NoBody, Page, PageLinks, PathId, Query, json as json_answer,
};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Actor, Audience, ClientRef, ComplaintId, Error, OrderId, Result, Text, Tx};
use crate::storage::PhotoIds;

/// Rows of a page unless the caller says otherwise.
pub const LIMIT_DEFAULT: i32 = 20;

input! {
    /// What is wrong with an order.
    pub struct NewComplaint {
        pub kind: ComplaintKind,
        #[schema(example = "Chai mật ong bị vỡ khi nhận hàng.")]
        pub text: Text<2000>,
        /// Whoever is vulnerable by article 8 of Law 19/2023 comes first. Said freely, never shown to the producer.
        pub vulnerable_reason: Option<VulnerableReason>,
        /// Photos that were sent before, for all parties.
        pub photo_ids: Option<PhotoIds>,
        /// Made by the phone before it sends: the same one again answers with the first complaint.
        pub client_ref: Option<ClientRef>,
    }
}

input! {
    /// What a party writes; it stays and every party reads it.
    pub struct ComplaintText {
        #[schema(example = "Cơ sở sẽ gửi lại hai chai trong tuần này.")]
        pub text: Text<2000>,
    }
}

input! {
    /// Which page of the complaints.
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct ComplaintPageQuery {
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

fn text_of(input: ComplaintText) -> Option<String> {
    Some(input.text.into_string())
}

/// One complaint with its priority.
pub fn one(tx: &mut Tx<'_>, complaint: store::Complaint, party: Party) -> Result<PriorityComplaintView> {
    with_priority(tx, vec![complaint], party)?.pop().ok_or_else(|| Error::internal("a complaint vanished"))
}

fn versioned(view: &PriorityComplaintView) -> Result<Answer> {
    Ok(Answer::ok(view)?.versioned(view.complaint.version))
}

/// Open a complaint about an order.
///
/// About any of one's own orders. It is acknowledged within 3 working days, and negotiated or refused in writing within 7.
#[utoipa::path(tag = "Complaints", operation_id = "open_complaint", request_body = NewComplaint,
    params(("id" = OrderId, Path, description = "The order")),
    responses((status = 201, body = PriorityComplaintView, description = "The complaint, received"),
              (status = 200, body = PriorityComplaintView, description = "The complaint made before with this client_ref")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found", "complaints.already_open"]))))]
#[post("/v1/buyer/orders/{id}/complaints")]
async fn open_complaint(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<OrderId>,
    command: Command<NewComplaint>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, input| {
            let NewComplaint { kind, text, vulnerable_reason, photo_ids, client_ref } = input;
            let photo_ids = photo_ids.map_or_else(Vec::new, |ids| ids.0);
            let grievance = Grievance { kind, text: text.into_string(), vulnerable_reason, photo_ids, client_ref };
            match open(tx, id.0, &grievance)? {
                Opened::Before(complaint) => versioned(&one(tx, complaint, Party::Buyer)?),
                Opened::New(complaint) => {
                    let view = one(tx, complaint, Party::Buyer)?;
                    let location = format!("/v1/buyer/complaints/{}", view.complaint.id);
                    Ok(Answer::created(&view, location)?.versioned(view.complaint.version))
                }
            }
        })
        .await
}

/// List my complaints.
///
/// The newest first.
#[utoipa::path(tag = "Complaints", operation_id = "list_buyer_complaints", params(ComplaintPageQuery),
    responses((status = 200, body = Page<PriorityComplaintView>, description = "A page of complaints")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/buyer/complaints")]
async fn list_buyer_complaints(
    request: HttpRequest,
    app: Data<App>,
    actor: BuyerSurface,
    query: Query<ComplaintPageQuery>,
) -> Result<HttpResponse> {
    let ComplaintPageQuery { cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, "buyer-complaints".to_owned());
    let before: Option<Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let views = app
        .db
        .read(&actor.0, move |tx| {
            let buyer_id = tx.who.must(Audience::Buyer)?;
            let before = before.map(ComplaintId);
            let rows = store::list_buyers(tx, buyer_id, before, i64::from(limit).saturating_add(1))?;
            with_priority(tx, rows, Party::Buyer)
        })
        .await?;
    let page = links.page(views, usize::try_from(limit).unwrap_or(1), |view| view.complaint.id)?;
    json_answer(&request, None, &page)
}

/// Show one of my complaints.
///
/// With its clock and what I can do now.
#[utoipa::path(tag = "Complaints", operation_id = "show_buyer_complaint",
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, body = PriorityComplaintView, description = "The complaint")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/buyer/complaints/{id}")]
async fn show_buyer_complaint(
    request: HttpRequest,
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<ComplaintId>,
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, move |tx| {
            let buyer_id = tx.who.must(Audience::Buyer)?;
            let complaint = store::find_buyers(tx, buyer_id, id.0)?;
            one(tx, complaint, Party::Buyer)
        })
        .await?;
    // Whether it is overdue changes with the day, not with the version.
    json_answer(&request, None, &view)
}

/// The whole way of a complaint as a page.
pub fn events_page(tx: &mut Tx<'_>, id: ComplaintId) -> Result<Page<ComplaintEventView>> {
    let data = store::events_of(tx, id)?.into_iter().map(ComplaintEventView::from).collect();
    Ok(Page { data, page: PageLinks { next_cursor: None } })
}

/// Show the way of one of my complaints.
///
/// Every step and every written answer, the oldest first.
#[utoipa::path(tag = "Complaints", operation_id = "list_buyer_complaint_events",
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, body = Page<ComplaintEventView>, description = "The steps")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/buyer/complaints/{id}/events")]
async fn list_buyer_complaint_events(
    request: HttpRequest,
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<ComplaintId>,
) -> Result<HttpResponse> {
    let page = app
        .db
        .read(&actor.0, move |tx| {
            let buyer_id = tx.who.must(Audience::Buyer)?;
            let complaint = store::find_buyers(tx, buyer_id, id.0)?;
            events_page(tx, complaint.id)
        })
        .await?;
    json_answer(&request, None, &page)
}

/// Write an answer to one of my complaints.
///
/// It stays, and every party reads it.
#[utoipa::path(tag = "Complaints", operation_id = "answer_buyer_complaint", request_body = ComplaintText,
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, body = PriorityComplaintView, description = "The complaint after it")),
    extensions(("x-roles" = json!(["buyer"])), ("x-idempotency" = json!("required")),
               ("x-problems" = json!(["not_found", "complaints.illegal_action", "complaints.too_many_answers"]))))]
#[post("/v1/buyer/complaints/{id}/answer")]
async fn answer_buyer_complaint(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<ComplaintId>,
    command: Command<ComplaintText>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (Party::Buyer, id.0, ComplaintEvent::Answer), text_of).await
}

/// Settle one of my complaints.
///
/// I agree with what was offered: write what it was.
#[utoipa::path(tag = "Complaints", operation_id = "settle_buyer_complaint", request_body = ComplaintText,
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, body = PriorityComplaintView, description = "The settled complaint")),
    extensions(("x-roles" = json!(["buyer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "complaints.illegal_action"]))))]
#[post("/v1/buyer/complaints/{id}/settle")]
async fn settle_buyer_complaint(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<ComplaintId>,
    command: Command<ComplaintText>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (Party::Buyer, id.0, ComplaintEvent::Settle), text_of).await
}

/// Take one of my complaints to the authority.
///
/// At any time, also after a settlement or a refusal. The result is reported within 5 working days.
#[utoipa::path(tag = "Complaints", operation_id = "escalate_complaint", request_body = ComplaintText,
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, body = PriorityComplaintView, description = "The complaint before the authority")),
    extensions(("x-roles" = json!(["buyer"])), ("x-idempotency" = json!("required")),
               ("x-problems" = json!(["not_found", "complaints.illegal_action", "complaints.already_open"]))))]
#[post("/v1/buyer/complaints/{id}/escalate")]
async fn escalate_complaint(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<ComplaintId>,
    command: Command<ComplaintText>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (Party::Buyer, id.0, ComplaintEvent::Escalate), text_of).await
}

/// Withdraw one of my complaints.
///
/// It is closed; what was written stays.
#[utoipa::path(tag = "Complaints", operation_id = "withdraw_complaint", request_body = NoBody,
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, body = PriorityComplaintView, description = "The closed complaint")),
    extensions(("x-roles" = json!(["buyer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "complaints.illegal_action"]))))]
#[post("/v1/buyer/complaints/{id}/withdraw")]
async fn withdraw_complaint(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<ComplaintId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (Party::Buyer, id.0, ComplaintEvent::Withdraw), |_| None).await
}

/// Moves a complaint for the buyer or the operator and answers with it.
pub async fn moved<T: Clone + Send + 'static>(
    app: &Data<App>,
    actor: &Actor,
    command: Command<T>,
    (party, id, event): (Party, ComplaintId, ComplaintEvent),
    text: fn(T) -> Option<String>,
) -> Result<HttpResponse> {
    command
        .once(app, actor, KeyRule::Required, move |tx, input| {
            let complaint = move_complaint(tx, party, id, event, text(input).as_deref())?;
            versioned(&one(tx, complaint, party)?)
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(open_complaint)
        .service(list_buyer_complaints)
        .service(show_buyer_complaint)
        .service(list_buyer_complaint_events)
        .service(answer_buyer_complaint)
        .service(settle_buyer_complaint)
        .service(escalate_complaint)
        .service(withdraw_complaint);
}
