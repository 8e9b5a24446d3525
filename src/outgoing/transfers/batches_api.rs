//! The operator's routes of batches.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::views::OutgoingBatchView;
use super::{batches, store};
use crate::app::App;
use crate::input;
use crate::kernel::http::{self, Command, Cursor, KeyRule, NoBody, OperatorSurface, Page, PathId, Query};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Audience, OutgoingBatchId, Result};

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 20;

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct OutgoingBatchesQuery {
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

/// List batches of outgoing transfers.
///
/// The newest first.
#[utoipa::path(tag = "Money", operation_id = "list_outgoing_batches", params(OutgoingBatchesQuery),
    responses((status = 200, body = Page<OutgoingBatchView>, description = "A page of batches")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/operator/outgoing-batches")]
async fn list_outgoing_batches(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<OutgoingBatchesQuery>,
) -> Result<HttpResponse> {
    let OutgoingBatchesQuery { cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, "outgoing_batches".to_owned());
    let before: Option<Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let rows = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let rows = store::list_batches(tx, before.map(OutgoingBatchId), i64::from(limit).saturating_add(1))?;
            OutgoingBatchView::of(tx, rows)
        })
        .await?;
    let page = links.page(rows, usize::try_from(limit).unwrap_or(1), |row| row.id)?;
    http::json(&request, None, &page)
}

/// Show a batch of outgoing transfers.
///
/// With how much of it is where.
#[utoipa::path(tag = "Money", operation_id = "show_outgoing_batch",
    params(("id" = OutgoingBatchId, Path, description = "The batch")),
    responses((status = 200, body = OutgoingBatchView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/operator/outgoing-batches/{id}")]
async fn show_outgoing_batch(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<OutgoingBatchId>,
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let batch = store::batch(tx, id.0)?;
            OutgoingBatchView::of_one(tx, batch)
        })
        .await?;
    // The figures move without the batch.
    http::json(&request, None, &view)
}

/// Approve a batch of outgoing transfers.
///
/// It takes two persons: whoever made it by hand is the first; of what the platform made, the first who approves. By the
/// second, who must be another, everything in it that waits is approved and sent.
#[utoipa::path(tag = "Money", operation_id = "approve_outgoing_batch", request_body = NoBody,
    params(("id" = OutgoingBatchId, Path, description = "The batch")),
    responses((status = 200, body = OutgoingBatchView)),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "outgoing.second_person", "outgoing.nothing_to_approve"]))))]
#[post("/v1/operator/outgoing-batches/{id}/approve")]
async fn approve_outgoing_batch(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<OutgoingBatchId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, _| {
            let batch = batches::approve(tx, id.0)?;
            OutgoingBatchView::of_one(tx, batch)?.answer()
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_outgoing_batches).service(show_outgoing_batch).service(approve_outgoing_batch);
}
