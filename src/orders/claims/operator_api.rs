//! Routes of claims for the operator: what must be decided, what is due first.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::api::shown;
use super::decide::decide;
use super::model::Party;
use super::producer_api::{ClaimPageQuery, LIMIT_DEFAULT};
use super::store::{self, QueuePlace};
use super::views::{ClaimView, one, views};
use crate::app::App;
use crate::input;
use crate::kernel::http::{
    Answer, Command, Cursor, KeyRule, OperatorSurface, Page, PageLinks, PathId, Query, json as json_answer,
};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Audience, ClaimId, Result, Text, Vnd};

input! {
    /// What is decided, and why.
    pub struct ClaimDecision {
        /// What the buyer gets: from 0 to what was claimed.
        #[schema(example = 60_000)]
        pub amount_vnd: Vnd,
        #[schema(example = "Ảnh cho thấy một chai bị vỡ do đóng gói; hoàn tiền một chai.")]
        pub text: Text<2000>,
    }
}

/// List the claims to decide.
///
/// What is due first comes first.
#[utoipa::path(tag = "Claims", operation_id = "list_claims", params(ClaimPageQuery),
    responses((status = 200, body = Page<ClaimView>, description = "A page of the queue")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/operator/claims")]
async fn list_claims(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<ClaimPageQuery>,
) -> Result<HttpResponse> {
    let ClaimPageQuery { cursor, limit } = query.0;
    let limit = usize::try_from(limit.map_or(LIMIT_DEFAULT, Whole::value)).unwrap_or(1);
    let links = Cursor::new(&app.config.cursor_key, "claims".to_owned());
    let after: Option<(DateTime<Utc>, Uuid)> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let after: Option<QueuePlace> = after.map(|(due_at, id)| (due_at, ClaimId(id)));
    let rows_max = i64::try_from(limit).unwrap_or(1).saturating_add(1);
    let (data, next) = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let mut rows = store::queue(tx, after, rows_max)?;
            let more = rows.len() > limit;
            rows.truncate(limit);
            let next = rows.last().filter(|_| more).and_then(|last| Some((last.due_at?, last.id)));
            Ok((views(tx, rows, Party::Operator)?, next))
        })
        .await?;
    let next_cursor = next.map(|place| links.write(&place)).transpose()?;
    json_answer(&request, None, &Page { data, page: PageLinks { next_cursor } })
}

/// Show a claim.
///
/// With its amounts, its steps and what I can do now.
#[utoipa::path(tag = "Claims", operation_id = "show_claim",
    params(("id" = ClaimId, Path, description = "The claim")),
    responses((status = 200, body = ClaimView, description = "The claim")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/operator/claims/{id}")]
async fn show_claim(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ClaimId>,
) -> Result<HttpResponse> {
    shown(&request, &app, &actor.0, (Party::Operator, id.0)).await
}

/// Decide a claim.
///
/// With 0 it is dismissed and the order is completed; else the amount is owed to the buyer. Both read the reasons.
#[utoipa::path(tag = "Claims", operation_id = "decide_claim", request_body = ClaimDecision,
    params(("id" = ClaimId, Path, description = "The claim")),
    responses((status = 200, body = ClaimView, description = "The decided claim")),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "claims.illegal_action"]))))]
#[post("/v1/operator/claims/{id}/decide")]
async fn decide_claim(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ClaimId>,
    command: Command<ClaimDecision>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let claim = decide(tx, id.0, input.amount_vnd, &input.text.into_string())?;
            let view = one(tx, claim, Party::Operator)?;
            Ok(Answer::ok(&view)?.versioned(view.version))
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_claims).service(show_claim).service(decide_claim);
}
