//! Routes of complaints for producers: what is said about their orders, never whether the buyer is vulnerable.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::api::{ComplaintPageQuery, ComplaintText, LIMIT_DEFAULT, events_page};
use super::model::{ComplaintEvent, Party};
use super::move_complaint::move_complaint;
use super::store;
use super::views::{ComplaintEventView, ComplaintView, views};
use crate::app::App;
use crate::kernel::error::CommonProblem;
use crate::kernel::http::{
    Answer, Command, Cursor, KeyRule, Page, PathId, ProducerSurface, Query, json as json_answer,
};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Audience, ComplaintId, Error, ProducerId, Result, Tx};

fn own_producer(tx: &Tx<'_>) -> Result<ProducerId> {
    tx.who.must(Audience::Producer)?;
    tx.who.producer_id.ok_or_else(|| CommonProblem::NotFound.into())
}

fn one(tx: &mut Tx<'_>, complaint: store::Complaint) -> Result<ComplaintView> {
    views(tx, vec![complaint], Party::Producer)?.pop().ok_or_else(|| Error::internal("a complaint vanished"))
}

/// List the complaints about my orders.
///
/// The newest first.
#[utoipa::path(tag = "Complaints", operation_id = "list_producer_complaints", params(ComplaintPageQuery),
    responses((status = 200, body = Page<ComplaintView>, description = "A page of complaints")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["cursor_mismatch", "not_found"]))))]
#[get("/v1/producer/complaints")]
async fn list_producer_complaints(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<ComplaintPageQuery>,
) -> Result<HttpResponse> {
    let ComplaintPageQuery { cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, "producer-complaints".to_owned());
    let before: Option<Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let views: Vec<ComplaintView> = app
        .db
        .read(&actor.0, move |tx| {
            let producer_id = own_producer(tx)?;
            let before = before.map(ComplaintId);
            let rows = store::list_producers(tx, producer_id, before, i64::from(limit).saturating_add(1))?;
            views(tx, rows, Party::Producer)
        })
        .await?;
    let page = links.page(views, usize::try_from(limit).unwrap_or(1), |view| view.id)?;
    json_answer(&request, None, &page)
}

/// Show a complaint about one of my orders.
///
/// With its clock and what I can do now.
#[utoipa::path(tag = "Complaints", operation_id = "show_producer_complaint",
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, body = ComplaintView, description = "The complaint")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/producer/complaints/{id}")]
async fn show_producer_complaint(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ComplaintId>,
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, move |tx| {
            let producer_id = own_producer(tx)?;
            let complaint = store::find_producers(tx, producer_id, id.0)?;
            one(tx, complaint)
        })
        .await?;
    json_answer(&request, None, &view)
}

/// Show the way of a complaint about one of my orders.
///
/// Every step and every written answer, the oldest first.
#[utoipa::path(tag = "Complaints", operation_id = "list_producer_complaint_events",
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, body = Page<ComplaintEventView>, description = "The steps")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/producer/complaints/{id}/events")]
async fn list_producer_complaint_events(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ComplaintId>,
) -> Result<HttpResponse> {
    let page = app
        .db
        .read(&actor.0, move |tx| {
            let producer_id = own_producer(tx)?;
            let complaint = store::find_producers(tx, producer_id, id.0)?;
            events_page(tx, complaint.id)
        })
        .await?;
    json_answer(&request, None, &page)
}

/// Answer a complaint about one of my orders.
///
/// While it is negotiated. It stays, and every party reads it.
#[utoipa::path(tag = "Complaints", operation_id = "answer_producer_complaint", request_body = ComplaintText,
    params(("id" = ComplaintId, Path, description = "The complaint")),
    responses((status = 200, body = ComplaintView, description = "The complaint after it")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")),
               ("x-problems" = json!(["not_found", "complaints.illegal_action", "complaints.too_many_answers"]))))]
#[post("/v1/producer/complaints/{id}/answer")]
async fn answer_producer_complaint(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ComplaintId>,
    command: Command<ComplaintText>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let text = input.text.into_string();
            let complaint = move_complaint(tx, Party::Producer, id.0, ComplaintEvent::Answer, Some(&text))?;
            let view = one(tx, complaint)?;
            Ok(Answer::ok(&view)?.versioned(view.version))
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_producer_complaints)
        .service(show_producer_complaint)
        .service(list_producer_complaint_events)
        .service(answer_producer_complaint);
}
