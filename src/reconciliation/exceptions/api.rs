//! The operator's look at what does not agree.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::store::{self, Exception, Filter, Told};
use crate::app::App;
use crate::input;
use crate::kernel::http::{Cursor, OperatorSurface, Page, PathId, Query, json as json_answer};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Audience, CreditId, ExceptionId, Result, ReviewId, SettlementFileId, TransferId, Vnd};
use crate::payments::providers::ProviderId;
use crate::reconciliation::model::{ExceptionEvent, ExceptionKind, ExceptionStatus};

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 20;

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct ExceptionsQuery {
        /// Of any status unless given.
        pub status: Option<ExceptionStatus>,
        /// Only of this kind.
        pub kind: Option<ExceptionKind>,
        /// Only of this provider.
        pub provider: Option<ProviderId>,
        /// Only of this file.
        pub file_id: Option<SettlementFileId>,
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

/// What the provider says.
#[derive(Serialize, ToSchema)]
pub struct ToldView {
    /// The row of its file.
    #[schema(minimum = 1)]
    line: i32,
    /// What may be our reference.
    #[schema(max_items = 20, max_length = 200)]
    refs: Vec<String>,
    #[schema(max_length = 200, example = "14226112")]
    transaction: Option<String>,
    fee_vnd: Vnd,
}

impl From<Told> for ToldView {
    fn from(told: Told) -> Self {
        let Told { line, refs, transaction_no, fee_vnd } = told;
        Self { line, refs: refs.into_iter().flatten().collect(), transaction: transaction_no, fee_vnd }
    }
}

/// Where a provider and we do not agree.
#[derive(Serialize, ToSchema)]
pub struct ExceptionView {
    pub id: ExceptionId,
    provider: ProviderId,
    kind: ExceptionKind,
    /// What says so; none of cash that its carrier should have settled long ago.
    file_id: Option<SettlementFileId>,
    settled_on: NaiveDate,
    told: Option<ToldView>,
    /// Our money that came in.
    credit_id: Option<CreditId>,
    /// Our transfer that paid back.
    transfer_id: Option<TransferId>,
    ours_vnd: Option<Vnd>,
    theirs_vnd: Option<Vnd>,
    /// How much more the provider says than we.
    #[schema(minimum = -100_000_000_000_i64, maximum = 100_000_000_000_i64, example = -10_000)]
    difference_vnd: i64,
    /// What must leave clearing by a correction; below zero what must come into it.
    #[schema(minimum = -100_000_000_000_i64, maximum = 100_000_000_000_i64, example = 100_000)]
    standing_vnd: i64,
    status: ExceptionStatus,
    #[schema(max_items = 5)]
    allowed_actions: Vec<ExceptionEvent>,
    #[schema(minimum = 1)]
    version: i32,
    found_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    /// Of a word that came after all: the entry of the review queue in which it was decided that there was no such money.
    after_review_id: Option<ReviewId>,
    /// Of a word that came after all: the exception of the same movement that two people have ended with a correction.
    after_exception_id: Option<ExceptionId>,
}

impl From<(Exception, Option<Told>)> for ExceptionView {
    fn from((exception, told): (Exception, Option<Told>)) -> Self {
        let standing_vnd = exception.standing_vnd();
        let Exception {
            id,
            provider,
            kind,
            file_id,
            settled_on,
            credit_id,
            transfer_id,
            ours_vnd,
            theirs_vnd,
            status,
            version,
            found_at,
            ended_at,
            after_review_id,
            after_exception_id,
        } = exception;
        let amount = |side: Option<Vnd>| side.map_or(0, Vnd::amount);
        Self {
            id,
            provider,
            kind,
            file_id,
            settled_on,
            told: told.map(ToldView::from),
            credit_id,
            transfer_id,
            ours_vnd,
            theirs_vnd,
            difference_vnd: amount(theirs_vnd).saturating_sub(amount(ours_vnd)),
            standing_vnd,
            status,
            allowed_actions: status.actions(),
            version,
            found_at,
            ended_at,
            after_review_id,
            after_exception_id,
        }
    }
}

/// List where providers and we do not agree.
///
/// Who waits longest stands first.
#[utoipa::path(tag = "Money", operation_id = "list_reconciliation_exceptions", params(ExceptionsQuery),
    responses((status = 200, body = Page<ExceptionView>, description = "A page of exceptions")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/operator/reconciliation-exceptions")]
async fn list_exceptions(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<ExceptionsQuery>,
) -> Result<HttpResponse> {
    let ExceptionsQuery { status, kind, provider, file_id, cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let filter = Filter { status, kind, provider, file_id };
    let links = Cursor::new(&app.config.cursor_key, format!("exceptions:{filter:?}"));
    let after: Option<uuid::Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let rows: Vec<ExceptionView> = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let rows = store::list(tx, &filter, after.map(ExceptionId), i64::from(limit).saturating_add(1))?;
            Ok(rows.into_iter().map(ExceptionView::from).collect())
        })
        .await?;
    let page = links.page(rows, usize::try_from(limit).unwrap_or(1), |row| row.id)?;
    json_answer(&request, None, &page)
}

/// Show where a provider and we do not agree.
///
/// With both sides.
#[utoipa::path(tag = "Money", operation_id = "show_reconciliation_exception",
    params(("id" = ExceptionId, Path, description = "The exception")),
    responses((status = 200, body = ExceptionView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/operator/reconciliation-exceptions/{id}")]
async fn show_exception(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ExceptionId>,
) -> Result<HttpResponse> {
    let row = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            store::find(tx, id.0)
        })
        .await?;
    json_answer(&request, None, &ExceptionView::from(row))
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_exceptions).service(show_exception);
}
