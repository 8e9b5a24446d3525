//! Routes of complaints for the operator: the queue, and the steps that the law asks of the platform.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::api::{ComplaintText, LIMIT_DEFAULT, events_page, moved, one};
use super::model::{ComplaintEvent, ComplaintStatus, Party};
use super::store::{self, QueuePlace};
use super::views::{ComplaintEventView, PriorityComplaintView, with_priority};
use crate::app::App;
use crate::input;
use crate::kernel::http::{
    Command, Cursor, NoBody, OperatorSurface, Page, PageLinks, PathId, Query, json as json_answer,
};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Audience, ComplaintId, Result};

input! {
    /// Which complaints of the queue.
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct ComplaintQueueQuery {
        /// Only this status; without it those that are open.
        pub status: Option<ComplaintStatus>,
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

/// List the complaints to work on.
///
/// Vulnerable consumers first, then what is due first.
#[utoipa::path(tag = "Complaints", operation_id = "list_complaints", params(ComplaintQueueQuery),
    responses((status = 200, body = Page<PriorityComplaintView>, description = "A page of the queue")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/operator/complaints")]
async fn list_complaints(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<ComplaintQueueQuery>,
) -> Result<HttpResponse> {
    let ComplaintQueueQuery { status, cursor, limit } = query.0;
    let limit = usize::try_from(limit.map_or(LIMIT_DEFAULT, Whole::value)).unwrap_or(1);
    let links = Cursor::new(&app.config.cursor_key, format!("complaints:{status:?}"));
    let after: Option<(bool, chrono::NaiveDate, uuid::Uuid)> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let after: Option<QueuePlace> = after.map(|(is_plain, due_on, id)| (is_plain, due_on, ComplaintId(id)));
    let rows_max = i64::try_from(limit).unwrap_or(1).saturating_add(1);
    let (data, next) = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let mut rows = store::queue(tx, status, after, rows_max)?;
            let more = rows.len() > limit;
            rows.truncate(limit);
            let next = rows.last().filter(|_| more).map(|(last, reason)| store::place_of(last, *reason));
            let complaints = rows.into_iter().map(|(complaint, _)| complaint).collect();
            Ok((with_priority(tx, complaints, Party::Operator)?, next))
        })
        .await?;
    let next_cursor = next.map(|place| links.write(&place)).transpose()?;
    json_answer(&request, None, &Page { data, page: PageLinks { next_cursor } })
}

/// Show a complaint.
///
/// With why it comes first, if it does.
#[utoipa::path(tag = "Complaints", operation_id = "show_complaint",
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, body = PriorityComplaintView, description = "The complaint")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/operator/complaints/{id}")]
async fn show_complaint(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ComplaintId>,
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let complaint = store::find(tx, id.0)?;
            one(tx, complaint, Party::Operator)
        })
        .await?;
    json_answer(&request, None, &view)
}

/// Show the way of a complaint.
///
/// Every step and every written answer, the oldest first.
#[utoipa::path(tag = "Complaints", operation_id = "list_complaint_events",
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, body = Page<ComplaintEventView>, description = "The steps")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/operator/complaints/{id}/events")]
async fn list_complaint_events(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ComplaintId>,
) -> Result<HttpResponse> {
    let page = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let complaint = store::find(tx, id.0)?;
            events_page(tx, complaint.id)
        })
        .await?;
    json_answer(&request, None, &page)
}

/// Acknowledge a complaint.
///
/// Within 3 working days after its receipt.
#[utoipa::path(tag = "Complaints", operation_id = "acknowledge_complaint", request_body = NoBody,
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, body = PriorityComplaintView, description = "The complaint after it")),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "complaints.illegal_action"]))))]
#[post("/v1/operator/complaints/{id}/acknowledge")]
async fn acknowledge_complaint(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ComplaintId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (Party::Operator, id.0, ComplaintEvent::Acknowledge), |_| None).await
}

/// Begin to negotiate a complaint.
///
/// Within 7 working days after its receipt. From now on the producer can answer.
#[utoipa::path(tag = "Complaints", operation_id = "negotiate_complaint", request_body = NoBody,
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, body = PriorityComplaintView, description = "The complaint after it")),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "complaints.illegal_action"]))))]
#[post("/v1/operator/complaints/{id}/negotiate")]
async fn negotiate_complaint(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ComplaintId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (Party::Operator, id.0, ComplaintEvent::Negotiate), |_| None).await
}

/// Write an answer to a complaint.
///
/// It stays, and every party reads it.
#[utoipa::path(tag = "Complaints", operation_id = "answer_complaint", request_body = ComplaintText,
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, body = PriorityComplaintView, description = "The complaint after it")),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "complaints.illegal_action", "complaints.too_many_answers"]))))]
#[post("/v1/operator/complaints/{id}/answer")]
async fn answer_complaint(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ComplaintId>,
    command: Command<ComplaintText>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (Party::Operator, id.0, ComplaintEvent::Answer), text_of).await
}

/// Refer a complaint to a third party.
///
/// Write to whom and why. Refused when the consumer is vulnerable.
#[utoipa::path(tag = "Complaints", operation_id = "refer_complaint", request_body = ComplaintText,
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, body = PriorityComplaintView, description = "The complaint after it")),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "complaints.illegal_action", "complaints.may_not_be_referred"]))))]
#[post("/v1/operator/complaints/{id}/refer")]
async fn refer_complaint(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ComplaintId>,
    command: Command<ComplaintText>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (Party::Operator, id.0, ComplaintEvent::Refer), text_of).await
}

/// Settle a complaint.
///
/// Write what the parties agreed on.
#[utoipa::path(tag = "Complaints", operation_id = "settle_complaint", request_body = ComplaintText,
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, body = PriorityComplaintView, description = "The complaint after it")),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "complaints.illegal_action"]))))]
#[post("/v1/operator/complaints/{id}/settle")]
async fn settle_complaint(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ComplaintId>,
    command: Command<ComplaintText>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (Party::Operator, id.0, ComplaintEvent::Settle), text_of).await
}

/// Refuse a complaint.
///
/// With the reasons in writing; the buyer can still go to the authority.
#[utoipa::path(tag = "Complaints", operation_id = "refuse_complaint", request_body = ComplaintText,
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, body = PriorityComplaintView, description = "The complaint after it")),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "complaints.illegal_action"]))))]
#[post("/v1/operator/complaints/{id}/refuse")]
async fn refuse_complaint(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ComplaintId>,
    command: Command<ComplaintText>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (Party::Operator, id.0, ComplaintEvent::Refuse), text_of).await
}

/// Close a complaint that was before the authority.
///
/// Write the result that was reported, within 5 working days.
#[utoipa::path(tag = "Complaints", operation_id = "close_complaint", request_body = ComplaintText,
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, body = PriorityComplaintView, description = "The complaint after it")),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "complaints.illegal_action"]))))]
#[post("/v1/operator/complaints/{id}/close")]
async fn close_complaint(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ComplaintId>,
    command: Command<ComplaintText>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (Party::Operator, id.0, ComplaintEvent::Close), text_of).await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_complaints)
        .service(show_complaint)
        .service(list_complaint_events)
        .service(acknowledge_complaint)
        .service(negotiate_complaint)
        .service(answer_complaint)
        .service(refer_complaint)
        .service(settle_complaint)
        .service(refuse_complaint)
        .service(close_complaint);
}
