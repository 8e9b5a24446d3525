//! Lawful moderation of reviews.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::api::versioned;
use super::model::{Author, HideReason, ProductReviewStatus};
use super::public_api::LIMIT_DEFAULT;
use super::views::{PrivateReviewView, private_view, private_views};
use super::{moderate, store};
use crate::app::App;
use crate::input;
use crate::kernel::http::{Command, Cursor, KeyRule, OperatorSurface, Page, PathId, Query, json as json_answer};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Audience, ProductReviewId, Result, Text};

input! {
    /// Why a review is hidden; its author reads it.
    pub struct HideReview {
        pub reason: HideReason,
        #[schema(example = "Có số điện thoại của người khác.")]
        pub note: Text<500>,
    }
}

input! {
    /// Why it was decided so after another look.
    pub struct ReviewNote {
        #[schema(example = "Số điện thoại là của chính cơ sở.")]
        pub note: Text<500>,
    }
}

input! {
    /// Which reviews.
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct ModerationQuery {
        /// Only this status.
        pub status: Option<ProductReviewStatus>,
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

/// List reviews.
///
/// The newest first, also those that are hidden; `appealed` ones wait for another look.
#[utoipa::path(tag = "Reviews", operation_id = "list_reviews", params(ModerationQuery),
    responses((status = 200, body = Page<PrivateReviewView>, description = "A page of reviews")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/operator/reviews")]
async fn list_reviews(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<ModerationQuery>,
) -> Result<HttpResponse> {
    let ModerationQuery { status, cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, format!("operator-reviews:{status:?}"));
    let before: Option<Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let rows = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let rows = store::list(tx, status, before.map(ProductReviewId), i64::from(limit).saturating_add(1))?;
            private_views(tx, rows, Author::Operator)
        })
        .await?;
    let page = links.page(rows, usize::try_from(limit).unwrap_or(1), |view: &PrivateReviewView| view.review.id)?;
    json_answer(&request, None, &page)
}

/// Show a review.
///
/// Also a hidden one.
#[utoipa::path(tag = "Reviews", operation_id = "show_review",
    params(("id" = ProductReviewId, Path, description = "The review")),
    responses((status = 200, body = PrivateReviewView, description = "The review")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/operator/reviews/{id}")]
async fn show_review(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ProductReviewId>,
) -> Result<HttpResponse> {
    let review = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let review = store::find(tx, id.0)?;
            private_view(tx, review, Author::Operator)
        })
        .await?;
    json_answer(&request, Some(review.version), &review)
}

/// Hide a review.
///
/// Only for a reason of the law; everybody sees that one is hidden and why, and its author may appeal.
#[utoipa::path(tag = "Reviews", operation_id = "hide_review", request_body = HideReview,
    params(("id" = ProductReviewId, Path, description = "The review")),
    responses((status = 200, body = PrivateReviewView, description = "The hidden review")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found", "reviews.illegal_action"]))))]
#[post("/v1/operator/reviews/{id}/hide")]
async fn hide_review(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ProductReviewId>,
    command: Command<HideReview>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, input| {
            let HideReview { reason, note } = input;
            let review = moderate::hide(tx, id.0, reason, note.as_str())?;
            versioned(&private_view(tx, review, Author::Operator)?)
        })
        .await
}

/// Show a hidden review again.
///
/// After an appeal, or when it should not have been hidden.
#[utoipa::path(tag = "Reviews", operation_id = "restore_review", request_body = ReviewNote,
    params(("id" = ProductReviewId, Path, description = "The review")),
    responses((status = 200, body = PrivateReviewView, description = "The visible review")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found", "reviews.illegal_action"]))))]
#[post("/v1/operator/reviews/{id}/restore")]
async fn restore_review(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ProductReviewId>,
    command: Command<ReviewNote>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, input| {
            let review = moderate::restore(tx, id.0, input.note.as_str())?;
            versioned(&private_view(tx, review, Author::Operator)?)
        })
        .await
}

/// Leave an appealed review hidden.
///
/// After another look; the author reads the note.
#[utoipa::path(tag = "Reviews", operation_id = "uphold_review", request_body = ReviewNote,
    params(("id" = ProductReviewId, Path, description = "The review")),
    responses((status = 200, body = PrivateReviewView, description = "The hidden review")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found", "reviews.illegal_action"]))))]
#[post("/v1/operator/reviews/{id}/uphold")]
async fn uphold_review(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ProductReviewId>,
    command: Command<ReviewNote>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, input| {
            let review = moderate::uphold(tx, id.0, input.note.as_str())?;
            versioned(&private_view(tx, review, Author::Operator)?)
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_reviews).service(show_review).service(hide_review).service(restore_review).service(uphold_review);
}
