//! Proposing and deciding corrections.

use std::collections::BTreeMap;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::decide::{approve, decline};
use super::model::{CorrectableAccount, Decision, DecisionEvent, DecisionKind, DecisionStatus, Posting};
use super::propose::{Wanted, propose_correction, propose_dismissal, propose_reversal};
use super::store;
use crate::app::App;
use crate::input;
use crate::kernel::http::{
    Answer, Command, Cursor, KeyRule, NoBody, OperatorSurface, Page, PathId, Query, json as json_answer,
};
use crate::kernel::input::{FaultCode, Faults, Input, List, Opaque, Whole};
use crate::kernel::{AccountId, Audience, DecisionId, ExceptionId, ProducerId, Result, Text, TransferId, Vnd};
use crate::payments::providers::ProviderId;

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 20;
/// Movements of one correction.
const POSTINGS_MAX: usize = 5;

/// An amount that moves: 1 to 100 billion đồng.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(value_type = i64, minimum = 1, maximum = 100_000_000_000_i64, example = 10_000)]
pub struct Moved(Vnd);

impl Input for Moved {
    fn read(value: &serde_json::Value, at: &mut Faults) -> Option<Self> {
        let amount = i64::read(value, at)?;
        let found = Vnd::new(amount).filter(|amount| *amount != Vnd::ZERO);
        if found.is_none() {
            at.add(FaultCode::OutOfRange, "1–100000000000");
        }
        found.map(Self)
    }
}

input! {
    /// A movement between two accounts. Accounts that each provider has need the provider, producers' the producer.
    pub struct NewPosting {
        pub debit: CorrectableAccount,
        pub credit: CorrectableAccount,
        pub amount_vnd: Moved,
        pub provider: Option<ProviderId>,
        pub producer_id: Option<ProducerId>,
    }
}

input! {
    /// A correction of the books.
    pub struct NewCorrection {
        /// The exception that it ends: then nothing of it may be left standing in clearing.
        pub exception_id: Option<ExceptionId>,
        #[schema(value_type = Vec<NewPosting>, min_items = 1, max_items = 5)]
        pub postings: List<NewPosting, POSTINGS_MAX>,
        #[schema(example = "Đơn vị thanh toán xác nhận thiếu 10.000 đ, biên bản ngày 25/11")]
        pub reason: Text<500>,
    }
}

input! {
    /// Why it is to be done.
    pub struct ProposalReason {
        #[schema(example = "Bút toán ghi nhầm, theo biên bản ngày 25/11")]
        pub reason: Text<500>,
    }
}

input! {
    /// Why it is not done.
    pub struct DeclineDecision {
        #[schema(example = "Chưa có chứng từ")]
        pub note: Text<500>,
    }
}

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct DecisionsQuery {
        /// Of any status unless given.
        pub status: Option<DecisionStatus>,
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

/// A movement of a correction.
#[derive(Serialize, ToSchema)]
pub struct PostingView {
    debit: CorrectableAccount,
    credit: CorrectableAccount,
    amount_vnd: Vnd,
    provider: Option<ProviderId>,
    producer_id: Option<ProducerId>,
}

/// What two people decide about money.
#[derive(Serialize, ToSchema)]
pub struct DecisionView {
    pub id: DecisionId,
    kind: DecisionKind,
    exception_id: Option<ExceptionId>,
    /// The transfer to take back.
    transfer_id: Option<TransferId>,
    #[schema(max_items = 5)]
    postings: Vec<PostingView>,
    #[schema(max_length = 500)]
    reason: String,
    status: DecisionStatus,
    #[schema(max_items = 2)]
    allowed_actions: Vec<DecisionEvent>,
    proposed_by: AccountId,
    proposed_at: DateTime<Utc>,
    decided_by: Option<AccountId>,
    decided_at: Option<DateTime<Utc>>,
    #[schema(max_length = 500)]
    note: Option<String>,
    #[schema(minimum = 1)]
    version: i32,
}

impl From<(Decision, Vec<Posting>)> for DecisionView {
    fn from((decision, postings): (Decision, Vec<Posting>)) -> Self {
        let Decision {
            id,
            kind,
            exception_id,
            reverses,
            reason,
            status,
            proposed_by,
            proposed_at,
            decided_by,
            decided_at,
            note,
            version,
        } = decision;
        let posting = |one: Posting| {
            let Posting { id: _, decision_id: _, place: _, debit, credit, amount_vnd, provider, producer_id } = one;
            PostingView { debit, credit, amount_vnd, provider, producer_id }
        };
        Self {
            id,
            kind,
            exception_id,
            transfer_id: reverses,
            postings: postings.into_iter().map(posting).collect(),
            reason,
            status,
            allowed_actions: status.actions(),
            proposed_by,
            proposed_at,
            decided_by,
            decided_at,
            note,
            version,
        }
    }
}

fn proposed(decision: (Decision, Vec<Posting>)) -> Result<Answer> {
    let view = DecisionView::from(decision);
    let location = format!("/v1/operator/money-decisions/{}", view.id);
    Ok(Answer::created(&view, location)?.versioned(view.version))
}

/// Propose a correction of the books.
///
/// Another operator approves it, and then it is posted. With an exception, it ends that.
#[utoipa::path(tag = "Money", operation_id = "propose_correction", request_body = NewCorrection,
    responses((status = 201, body = DecisionView, description = "The proposal")),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "reconciliation.action_not_allowed", "reconciliation.does_not_clear"]))))]
#[post("/v1/operator/money-decisions")]
async fn propose_a_correction(
    app: Data<App>,
    actor: OperatorSurface,
    command: Command<NewCorrection>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, |tx, new| {
            let NewCorrection { exception_id, postings, reason } = new;
            let wanted: Vec<Wanted> = postings.into_vec().into_iter().map(wanted).collect();
            proposed(propose_correction(tx, &wanted, exception_id, reason.into_string())?)
        })
        .await
}

fn wanted(new: NewPosting) -> Wanted {
    let NewPosting { debit, credit, amount_vnd, provider, producer_id } = new;
    Wanted { debit, credit, amount: amount_vnd.0, provider, producer_id }
}

/// Propose to dismiss an exception.
///
/// Nothing is to be done about it; only where nothing of it stands in clearing. Another operator approves it.
#[utoipa::path(tag = "Money", operation_id = "propose_dismissal", request_body = ProposalReason,
    params(("id" = ExceptionId, Path, description = "The exception")),
    responses((status = 201, body = DecisionView, description = "The proposal")),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "reconciliation.action_not_allowed", "reconciliation.does_not_clear"]))))]
#[post("/v1/operator/reconciliation-exceptions/{id}/propose-dismissal")]
async fn propose_a_dismissal(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ExceptionId>,
    command: Command<ProposalReason>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, new| {
            proposed((propose_dismissal(tx, id.0, new.reason.into_string())?, Vec::new()))
        })
        .await
}

/// Propose to take a transfer back.
///
/// Only of settlements, providers' fees, corrections and carriage: what else stands in the books is corrected by what
/// has made it. Another operator approves it.
#[utoipa::path(tag = "Money", operation_id = "propose_reversal", request_body = ProposalReason,
    params(("id" = TransferId, Path, description = "The transfer")),
    responses((status = 201, body = DecisionView, description = "The proposal")),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "ledger.is_reversal", "reconciliation.not_reversible",
                               "reconciliation.already_proposed"]))))]
#[post("/v1/operator/ledger/transfers/{id}/propose-reversal")]
async fn propose_a_reversal(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<TransferId>,
    command: Command<ProposalReason>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, new| {
            proposed((propose_reversal(tx, id.0, new.reason.into_string())?, Vec::new()))
        })
        .await
}

/// List decisions about money.
///
/// Who waits longest stands first.
#[utoipa::path(tag = "Money", operation_id = "list_money_decisions", params(DecisionsQuery),
    responses((status = 200, body = Page<DecisionView>, description = "A page of decisions")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/operator/money-decisions")]
async fn list_money_decisions(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<DecisionsQuery>,
) -> Result<HttpResponse> {
    let DecisionsQuery { status, cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, format!("money-decisions:{status:?}"));
    let after: Option<uuid::Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let rows: Vec<DecisionView> = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let rows = store::list(tx, status, after.map(DecisionId), i64::from(limit).saturating_add(1))?;
            let ids: Vec<DecisionId> = rows.iter().map(|row| row.id).collect();
            let mut postings: BTreeMap<DecisionId, Vec<Posting>> = BTreeMap::new();
            for posting in store::postings(tx, &ids)? {
                postings.entry(posting.decision_id).or_default().push(posting);
            }
            let view = |row: Decision| {
                let own = postings.remove(&row.id).unwrap_or_default();
                DecisionView::from((row, own))
            };
            Ok(rows.into_iter().map(view).collect())
        })
        .await?;
    let page = links.page(rows, usize::try_from(limit).unwrap_or(1), |row| row.id)?;
    json_answer(&request, None, &page)
}

/// Show a decision about money.
///
/// Who proposed it and why, and what became of it.
#[utoipa::path(tag = "Money", operation_id = "show_money_decision",
    params(("id" = DecisionId, Path, description = "The decision")),
    responses((status = 200, body = DecisionView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/operator/money-decisions/{id}")]
async fn show_money_decision(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<DecisionId>,
) -> Result<HttpResponse> {
    let found = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            Ok((store::find(tx, id.0)?, store::postings(tx, &[id.0])?))
        })
        .await?;
    json_answer(&request, None, &DecisionView::from(found))
}

/// Approve a decision about money.
///
/// What somebody else has proposed is posted now, once.
#[utoipa::path(tag = "Money", operation_id = "approve_money_decision", request_body = NoBody,
    params(("id" = DecisionId, Path, description = "The decision")),
    responses((status = 200, body = DecisionView)),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "reconciliation.same_person", "reconciliation.action_not_allowed",
                               "ledger.already_reversed", "ledger.not_enough"]))))]
#[post("/v1/operator/money-decisions/{id}/approve")]
async fn approve_money_decision(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<DecisionId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, _| {
            let view = DecisionView::from(approve(tx, id.0)?);
            Ok(Answer::ok(&view)?.versioned(view.version))
        })
        .await
}

/// Decline a decision about money.
///
/// Nothing is posted; an exception waits again. Whoever proposed it may decline it too.
#[utoipa::path(tag = "Money", operation_id = "decline_money_decision", request_body = DeclineDecision,
    params(("id" = DecisionId, Path, description = "The decision")),
    responses((status = 200, body = DecisionView)),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "reconciliation.action_not_allowed"]))))]
#[post("/v1/operator/money-decisions/{id}/decline")]
async fn decline_money_decision(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<DecisionId>,
    command: Command<DeclineDecision>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, new| {
            let view = DecisionView::from(decline(tx, id.0, new.note.as_str())?);
            Ok(Answer::ok(&view)?.versioned(view.version))
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(propose_a_correction)
        .service(propose_a_dismissal)
        .service(propose_a_reversal)
        .service(list_money_decisions)
        .service(show_money_decision)
        .service(approve_money_decision)
        .service(decline_money_decision);
}
