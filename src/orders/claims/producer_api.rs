//! Routes of claims for producers: what is claimed of them, and their answers.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::api::{ClaimText, answered, nothing, shown, text_of};
use super::model::{ClaimEvent, Party};
use super::store;
use super::views::{ClaimView, views};
use crate::app::App;
use crate::input;
use crate::kernel::error::CommonProblem;
use crate::kernel::http::{Command, Cursor, NoBody, Page, PathId, ProducerSurface, Query, json as json_answer};
use crate::kernel::input::Opaque;
use crate::kernel::input::Whole;
use crate::kernel::{Audience, ClaimId, Result, Text, Vnd};

/// Rows of a page unless the caller says otherwise.
pub const LIMIT_DEFAULT: i32 = 20;

input! {
    /// Less than was claimed, and why.
    pub struct ClaimOffer {
        /// From 1 đồng to 1 less than was claimed.
        #[schema(example = 60_000)]
        pub amount_vnd: Vnd,
        #[schema(example = "Chỉ một chai bị vỡ, cơ sở xin hoàn tiền chai đó.")]
        pub text: Text<2000>,
    }
}

input! {
    /// Which page of the claims.
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct ClaimPageQuery {
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

/// List the claims for my orders.
///
/// The newest first.
#[utoipa::path(tag = "Claims", operation_id = "list_producer_claims", params(ClaimPageQuery),
    responses((status = 200, body = Page<ClaimView>, description = "A page of claims")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["cursor_mismatch", "not_found"]))))]
#[get("/v1/producer/claims")]
async fn list_producer_claims(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<ClaimPageQuery>,
) -> Result<HttpResponse> {
    let ClaimPageQuery { cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, "producer-claims".to_owned());
    let before: Option<Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let claims: Vec<ClaimView> = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Producer)?;
            let producer_id = tx.who.producer_id.ok_or(CommonProblem::NotFound)?;
            let rows = i64::from(limit).saturating_add(1);
            let claims = store::list_producers(tx, producer_id, before.map(ClaimId), rows)?;
            views(tx, claims, Party::Producer)
        })
        .await?;
    let page = links.page(claims, usize::try_from(limit).unwrap_or(1), |view| view.id)?;
    json_answer(&request, None, &page)
}

/// Show a claim for one of my orders.
///
/// With its amounts, its steps and what I can do now.
#[utoipa::path(tag = "Claims", operation_id = "show_producer_claim",
    params(("id" = ClaimId, Path, description = "The claim")),
    responses((status = 200, body = ClaimView, description = "The claim")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/producer/claims/{id}")]
async fn show_producer_claim(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ClaimId>,
) -> Result<HttpResponse> {
    shown(&request, &app, &actor.0, (Party::Producer, id.0)).await
}

/// Accept a claim.
///
/// What was claimed is owed to the buyer, and the order ends.
#[utoipa::path(tag = "Claims", operation_id = "accept_claim", request_body = NoBody,
    params(("id" = ClaimId, Path, description = "The claim")),
    responses((status = 200, body = ClaimView, description = "The settled claim")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "claims.illegal_action"]))))]
#[post("/v1/producer/claims/{id}/accept")]
async fn accept_claim(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ClaimId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    answered(&app, &actor.0, command, (Party::Producer, id.0, ClaimEvent::Accept), nothing).await
}

/// Offer less than was claimed.
///
/// The buyer has 48 hours to accept or reject it; then the operator decides.
#[utoipa::path(tag = "Claims", operation_id = "offer_for_claim", request_body = ClaimOffer,
    params(("id" = ClaimId, Path, description = "The claim")),
    responses((status = 200, body = ClaimView, description = "The claim with the offer")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "claims.illegal_action"]))))]
#[post("/v1/producer/claims/{id}/offer")]
async fn offer_for_claim(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ClaimId>,
    command: Command<ClaimOffer>,
) -> Result<HttpResponse> {
    answered(&app, &actor.0, command, (Party::Producer, id.0, ClaimEvent::Offer), |input| {
        (Some(input.text.into_string()), Some(input.amount_vnd))
    })
    .await
}

/// Ask for the goods of a claim back.
///
/// Only when they all keep. What was claimed is owed once I have received the order's return.
#[utoipa::path(tag = "Claims", operation_id = "ask_claim_return", request_body = ClaimText,
    params(("id" = ClaimId, Path, description = "The claim")),
    responses((status = 200, body = ClaimView, description = "The claim that waits for the goods")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "claims.illegal_action"]))))]
#[post("/v1/producer/claims/{id}/ask-return")]
async fn ask_claim_return(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ClaimId>,
    command: Command<ClaimText>,
) -> Result<HttpResponse> {
    answered(&app, &actor.0, command, (Party::Producer, id.0, ClaimEvent::AskReturn), text_of).await
}

/// Contest a claim.
///
/// With reasons that the buyer reads. The operator decides.
#[utoipa::path(tag = "Claims", operation_id = "contest_claim", request_body = ClaimText,
    params(("id" = ClaimId, Path, description = "The claim")),
    responses((status = 200, body = ClaimView, description = "The claim before the operator")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")), ("x-problems" = json!(["not_found", "claims.illegal_action"]))))]
#[post("/v1/producer/claims/{id}/contest")]
async fn contest_claim(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ClaimId>,
    command: Command<ClaimText>,
) -> Result<HttpResponse> {
    answered(&app, &actor.0, command, (Party::Producer, id.0, ClaimEvent::Contest), text_of).await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_producer_claims)
        .service(show_producer_claim)
        .service(accept_claim)
        .service(offer_for_claim)
        .service(ask_claim_return)
        .service(contest_claim);
}
