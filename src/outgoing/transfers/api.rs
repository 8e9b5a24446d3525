//! The operator's routes of single transfers.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::model::{Purpose, TransferStatus};
use super::moves;
use super::store::{self, Filter};
use super::views::OutgoingTransferView;
use crate::app::App;
use crate::input;
use crate::kernel::http::{self, Command, Cursor, KeyRule, NoBody, OperatorSurface, Page, PathId, Query};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Audience, OutgoingBatchId, OutgoingId, ProducerId, Result, Text};

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 20;

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct OutgoingTransfersQuery {
        /// Only in this status.
        pub status: Option<TransferStatus>,
        /// Only for this.
        pub purpose: Option<Purpose>,
        /// Only of this batch.
        pub batch_id: Option<OutgoingBatchId>,
        /// Only to this producer.
        pub producer_id: Option<ProducerId>,
        /// With `true` only those of which nobody knows what became of them for so long that operators were called.
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
    /// Why; whose money it is reads it.
    pub struct OutgoingReason {
        #[schema(example = "Đang kiểm tra tài khoản nhận tiền")]
        pub reason: Text<500>,
    }
}

input! {
    /// What the bank has done.
    pub struct BankConfirmation {
        /// Its number of the transfer.
        #[schema(example = "FT26330123456789")]
        pub bank_reference: Text<100>,
    }
}

input! {
    /// What the bank has not done, or took back.
    pub struct BankFailure {
        #[schema(example = "Tài khoản nhận không tồn tại")]
        pub reason: Text<500>,
        /// Its number of the transfer, if there is one.
        #[schema(example = "FT26330123456789")]
        pub bank_reference: Option<Text<100>>,
    }
}

/// List outgoing transfers.
///
/// The newest first.
#[utoipa::path(tag = "Money", operation_id = "list_outgoing_transfers", params(OutgoingTransfersQuery),
    responses((status = 200, body = Page<OutgoingTransferView>, description = "A page of transfers")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/operator/outgoing-transfers")]
async fn list_outgoing_transfers(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<OutgoingTransfersQuery>,
) -> Result<HttpResponse> {
    let OutgoingTransfersQuery { status, purpose, batch_id, producer_id, overdue, cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let filter = Filter { status, purpose, batch_id, producer_id, is_overdue: overdue == Some(true) };
    let links = Cursor::new(&app.config.cursor_key, format!("outgoing_transfers:{filter:?}"));
    let before: Option<Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let rows: Vec<OutgoingTransferView> = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let rows = store::list(tx, &filter, before.map(OutgoingId), i64::from(limit).saturating_add(1))?;
            Ok(rows.into_iter().map(OutgoingTransferView::from).collect())
        })
        .await?;
    let page = links.page(rows, usize::try_from(limit).unwrap_or(1), |row| row.id)?;
    http::json(&request, None, &page)
}

/// Show an outgoing transfer.
///
/// With what became of it.
#[utoipa::path(tag = "Money", operation_id = "show_outgoing_transfer",
    params(("id" = OutgoingId, Path, description = "The transfer")),
    responses((status = 200, body = OutgoingTransferView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/operator/outgoing-transfers/{id}")]
async fn show_outgoing_transfer(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<OutgoingId>,
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            store::find(tx, id.0).map(OutgoingTransferView::from)
        })
        .await?;
    http::json(&request, Some(view.version()), &view)
}

/// Hold an outgoing transfer.
///
/// It is not sent until it is released and approved again. Its money stays where it is.
#[utoipa::path(tag = "Money", operation_id = "hold_outgoing_transfer", request_body = OutgoingReason,
    params(("id" = OutgoingId, Path, description = "The transfer")),
    responses((status = 200, body = OutgoingTransferView)),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "outgoing.action_not_allowed"]))))]
#[post("/v1/operator/outgoing-transfers/{id}/hold")]
async fn hold_outgoing_transfer(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<OutgoingId>,
    command: Command<OutgoingReason>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            OutgoingTransferView::from(moves::hold(tx, id.0, input.reason.as_str())?).answer()
        })
        .await
}

/// Release an outgoing transfer.
///
/// It waits to be approved again, with its batch. A refund has one from now on, which another operator approves.
#[utoipa::path(tag = "Money", operation_id = "release_outgoing_transfer", request_body = NoBody,
    params(("id" = OutgoingId, Path, description = "The transfer")),
    responses((status = 200, body = OutgoingTransferView)),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "outgoing.action_not_allowed"]))))]
#[post("/v1/operator/outgoing-transfers/{id}/release")]
async fn release_outgoing_transfer(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<OutgoingId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, _| {
            OutgoingTransferView::from(moves::release(tx, id.0)?).answer()
        })
        .await
}

/// Cancel an outgoing transfer.
///
/// Only before it is sent. A payout's money is the producer's balance again.
#[utoipa::path(tag = "Money", operation_id = "cancel_outgoing_transfer", request_body = OutgoingReason,
    params(("id" = OutgoingId, Path, description = "The transfer")),
    responses((status = 200, body = OutgoingTransferView)),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "outgoing.action_not_allowed"]))))]
#[post("/v1/operator/outgoing-transfers/{id}/cancel")]
async fn cancel_outgoing_transfer(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<OutgoingId>,
    command: Command<OutgoingReason>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            OutgoingTransferView::from(moves::cancel(tx, id.0, input.reason.as_str())?).answer()
        })
        .await
}

/// Say that the bank has paid.
///
/// Of a transfer in a bank's file, or of one of which payOS says nothing. Reconciliation compares it with the statement.
#[utoipa::path(tag = "Money", operation_id = "confirm_outgoing_transfer", request_body = BankConfirmation,
    params(("id" = OutgoingId, Path, description = "The transfer")),
    responses((status = 200, body = OutgoingTransferView)),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "outgoing.action_not_allowed"]))))]
#[post("/v1/operator/outgoing-transfers/{id}/confirm")]
async fn confirm_outgoing_transfer(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<OutgoingId>,
    command: Command<BankConfirmation>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            OutgoingTransferView::from(moves::confirm(tx, id.0, input.bank_reference.as_str())?).answer()
        })
        .await
}

/// Say that the bank has not paid.
///
/// A payout's money is the producer's balance again, and the next run pays it.
#[utoipa::path(tag = "Money", operation_id = "fail_outgoing_transfer", request_body = BankFailure,
    params(("id" = OutgoingId, Path, description = "The transfer")),
    responses((status = 200, body = OutgoingTransferView)),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "outgoing.action_not_allowed"]))))]
#[post("/v1/operator/outgoing-transfers/{id}/fail")]
async fn fail_outgoing_transfer(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<OutgoingId>,
    command: Command<BankFailure>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let reference = input.bank_reference.map(Text::into_string);
            let failed = moves::fail(tx, id.0, input.reason.as_str(), reference.as_deref())?;
            OutgoingTransferView::from(failed).answer()
        })
        .await
}

/// Say that what the bank had paid came back.
///
/// As if it had not been paid: a payout's money is the producer's balance again, and a refund is owed as before.
#[utoipa::path(tag = "Money", operation_id = "reverse_outgoing_transfer", request_body = BankFailure,
    params(("id" = OutgoingId, Path, description = "The transfer")),
    responses((status = 200, body = OutgoingTransferView)),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "outgoing.action_not_allowed"]))))]
#[post("/v1/operator/outgoing-transfers/{id}/reverse")]
async fn reverse_outgoing_transfer(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<OutgoingId>,
    command: Command<BankFailure>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let reference = input.bank_reference.map(Text::into_string);
            let reversed = moves::reverse(tx, id.0, input.reason.as_str(), reference.as_deref())?;
            OutgoingTransferView::from(reversed).answer()
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_outgoing_transfers)
        .service(show_outgoing_transfer)
        .service(hold_outgoing_transfer)
        .service(release_outgoing_transfer)
        .service(cancel_outgoing_transfer)
        .service(confirm_outgoing_transfer)
        .service(fail_outgoing_transfer)
        .service(reverse_outgoing_transfer);
}
