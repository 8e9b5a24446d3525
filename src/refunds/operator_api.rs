//! Refunds in the hands of operators.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::NaiveDate;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::model::{Refund, RefundStatus};
use super::store::{self, Filter, QueuePlace};
use super::views::{RefundStoryView, RefundView, story};
use super::{by_hand, decide};
use crate::app::App;
use crate::input;
use crate::kernel::http::{
    Answer, Command, Cursor, KeyRule, NoBody, OperatorSurface, Page, PathId, Query, json as json_answer,
};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::time::vietnam_day;
use crate::kernel::{Audience, RefundId, Result, Text, Tx};
use crate::payments::providers::ProviderId;

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 20;

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct RefundsQuery {
        /// All that have not ended unless given.
        pub status: Option<RefundStatus>,
        /// Only through this provider.
        pub provider: Option<ProviderId>,
        /// With `true` only those whose last day is over.
        pub overdue: Option<bool>,
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

input! {
    /// Why something is decided about a refund.
    pub struct RefundNote {
        #[schema(example = "Đã đối chiếu trên trang của đơn vị thanh toán")]
        pub note: Text<500>,
    }
}

input! {
    /// What a person has paid back.
    pub struct RefundReturned {
        #[schema(example = "Đã chuyển khoản lại cho khách")]
        pub note: Text<500>,
        /// The bank's number of it.
        #[schema(example = "FT26330123456789")]
        pub bank_reference: Option<Text<100>>,
    }
}

/// List refunds.
///
/// Whose last day comes first stands first, and so what is overdue before everything else.
#[utoipa::path(tag = "Money", operation_id = "list_refunds", params(RefundsQuery),
    responses((status = 200, body = Page<RefundView>, description = "A page of refunds")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/operator/refunds")]
async fn list_refunds(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<RefundsQuery>,
) -> Result<HttpResponse> {
    let RefundsQuery { status, provider, overdue, cursor, limit } = query.0;
    let (is_overdue, limit) = (overdue == Some(true), limit.map_or(LIMIT_DEFAULT, Whole::value));
    let links = Cursor::new(&app.config.cursor_key, format!("refunds:{status:?}:{provider:?}:{is_overdue}"));
    let after: Option<(NaiveDate, Uuid)> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let after: Option<QueuePlace> = after.map(|(due_on, id)| (due_on, RefundId(id)));
    let rows: Vec<RefundView> = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let overdue_on = is_overdue.then(|| vietnam_day(tx.now));
            let filter = Filter { status, provider, overdue_on };
            let rows = store::list(tx, &filter, after, i64::from(limit).saturating_add(1))?;
            Ok(rows.into_iter().map(|refund| RefundView::new(refund, tx.now)).collect())
        })
        .await?;
    let page = links.page(rows, usize::try_from(limit).unwrap_or(1), |row| (row.due_on, row.id))?;
    json_answer(&request, None, &page)
}

/// Show a refund.
///
/// With who approved it, every try and what its provider said.
#[utoipa::path(tag = "Money", operation_id = "show_refund",
    params(("id" = RefundId, Path, description = "The refund")),
    responses((status = 200, body = RefundStoryView, description = "The refund")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/operator/refunds/{id}")]
async fn show_refund(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<RefundId>,
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let refund = store::find(tx, id.0)?;
            story(tx, refund)
        })
        .await?;
    json_answer(&request, Some(view.refund.version), &view)
}

fn answered(tx: &Tx<'_>, refund: Refund) -> Result<Answer> {
    let view = RefundView::new(refund, tx.now);
    Ok(Answer::ok(&view)?.versioned(view.version))
}

/// Approve a refund.
///
/// It goes out when as many persons have approved it as it needs; nobody is two of them.
#[utoipa::path(tag = "Money", operation_id = "approve_refund", request_body = NoBody,
    params(("id" = RefundId, Path, description = "The refund")),
    responses((status = 200, body = RefundView, description = "The refund")),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "refunds.illegal_action", "refunds.second_person"]))))]
#[post("/v1/operator/refunds/{id}/approve")]
async fn approve_refund(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<RefundId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, _| {
            let refund = decide::approve(tx, id.0)?;
            answered(tx, refund)
        })
        .await
}

/// Reject a refund.
///
/// It is not paid back, unless it is on its way already. The money stays owed in the books, and what is to become of it stays a
/// question in the review queue.
#[utoipa::path(tag = "Money", operation_id = "reject_refund", request_body = RefundNote,
    params(("id" = RefundId, Path, description = "The refund")),
    responses((status = 200, body = RefundView, description = "The rejected refund")),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "refunds.illegal_action"]))))]
#[post("/v1/operator/refunds/{id}/reject")]
async fn reject_refund(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<RefundId>,
    command: Command<RefundNote>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let refund = decide::reject(tx, id.0, input.note.as_str())?;
            answered(tx, refund)
        })
        .await
}

/// Try a refund once more.
///
/// One that was given up is sent as a new try. Who has said that its money did not arrive, or came back, cannot do it: what may
/// have been paid is paid again when two persons say so.
#[utoipa::path(tag = "Money", operation_id = "retry_refund", request_body = NoBody,
    params(("id" = RefundId, Path, description = "The refund")),
    responses((status = 200, body = RefundView, description = "The refund")),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "refunds.illegal_action", "refunds.no_rail", "refunds.second_person"]))))]
#[post("/v1/operator/refunds/{id}/retry")]
async fn retry_refund(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<RefundId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, _| {
            let refund = decide::retry(tx, id.0)?;
            answered(tx, refund)
        })
        .await
}

/// Record that a refund was paid back by hand.
///
/// Not while it is on its way. The entry in the review queue is decided with it, and the buyer is told. Its line in a
/// statement of the bank is found by the bank's number, or by our reference of the payment in its text.
#[utoipa::path(tag = "Money", operation_id = "return_refund_by_hand", request_body = RefundReturned,
    params(("id" = RefundId, Path, description = "The refund")),
    responses((status = 200, body = RefundView, description = "The refund")),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "refunds.illegal_action", "payments.already_resolved"]))))]
#[post("/v1/operator/refunds/{id}/by-hand")]
async fn return_refund_by_hand(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<RefundId>,
    command: Command<RefundReturned>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let reference = input.bank_reference.map(Text::into_string);
            let refund = by_hand::by_hand(tx, id.0, input.note.as_str(), reference.as_deref())?;
            answered(tx, refund)
        })
        .await
}

/// Record that an unknown refund was paid back.
///
/// As its provider shows it elsewhere. It is booked, and the buyer is told.
#[utoipa::path(tag = "Money", operation_id = "find_refund_done", request_body = RefundNote,
    params(("id" = RefundId, Path, description = "The refund")),
    responses((status = 200, body = RefundView, description = "The refund")),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "refunds.illegal_action"]))))]
#[post("/v1/operator/refunds/{id}/found-done")]
async fn find_refund_done(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<RefundId>,
    command: Command<RefundNote>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let refund = decide::found_done(tx, id.0, input.note.as_str())?;
            answered(tx, refund)
        })
        .await
}

/// Record that an unknown refund was not paid back.
///
/// And will not be under its reference, as its provider shows it elsewhere. It waits for another operator, who retries it.
#[utoipa::path(tag = "Money", operation_id = "find_refund_failed", request_body = RefundNote,
    params(("id" = RefundId, Path, description = "The refund")),
    responses((status = 200, body = RefundView, description = "The refund")),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "refunds.illegal_action"]))))]
#[post("/v1/operator/refunds/{id}/found-failed")]
async fn find_refund_failed(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<RefundId>,
    command: Command<RefundNote>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let refund = decide::found_failed(tx, id.0, input.note.as_str())?;
            answered(tx, refund)
        })
        .await
}

/// Record that a refund came back.
///
/// It had succeeded and did not stay with the buyer: it leaves the books, and waits for another operator, who retries it.
#[utoipa::path(tag = "Money", operation_id = "take_refund_back", request_body = RefundNote,
    params(("id" = RefundId, Path, description = "The refund")),
    responses((status = 200, body = RefundView, description = "The refund")),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "refunds.illegal_action"]))))]
#[post("/v1/operator/refunds/{id}/take-back")]
async fn take_refund_back(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<RefundId>,
    command: Command<RefundNote>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let refund = decide::take_back(tx, id.0, input.note.as_str())?;
            answered(tx, refund)
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_refunds)
        .service(show_refund)
        .service(approve_refund)
        .service(reject_refund)
        .service(retry_refund)
        .service(return_refund_by_hand)
        .service(find_refund_done)
        .service(find_refund_failed)
        .service(take_refund_back);
}
