//! Reviews of a buyer, and the producer's answers.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::model::Author;
use super::public_api::{LIMIT_DEFAULT, ReviewPageQuery};
use super::store::{self, Of};
use super::views::{PrivateReviewView, PublicReviewView, private_view, private_views, public_view, public_views};
use super::write::{Opinion, write};
use super::{change, moderate};
use crate::app::App;
use crate::input;
use crate::kernel::error::CommonProblem;
use crate::kernel::http::{
    Answer, BuyerSurface, Command, Cursor, IfMatch, KeyRule, Page, PathId, ProducerSurface, Query, json as json_answer,
};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Audience, OrderId, ProductId, ProductReviewId, Result, Text};
use crate::storage::PhotoIds;

input! {
    /// What a buyer thinks of a product.
    pub struct NewReview {
        /// Of the order.
        pub product_id: ProductId,
        #[schema(example = 5)]
        pub stars: Whole<1, 5>,
        #[schema(example = "Mật thơm, đóng gói cẩn thận.")]
        pub text: Text<2000>,
        /// Photos that were sent before, for everybody.
        pub photo_ids: Option<PhotoIds>,
    }
}

input! {
    /// Fields that are absent stay as they are.
    pub struct ReviewPatch {
        #[schema(example = 4)]
        pub stars: Option<Whole<1, 5>>,
        #[schema(example = "Mật thơm, giao hơi chậm.")]
        pub text: Option<Text<2000>>,
    }
}

input! {
    /// What somebody says to a review, or to its being hidden.
    pub struct ReviewReply {
        #[schema(example = "Cảm ơn anh chị đã ủng hộ.")]
        pub text: Text<1000>,
    }
}

/// A review with its version.
pub fn versioned(view: &PrivateReviewView) -> Result<Answer> {
    Ok(Answer::ok(view)?.versioned(view.version))
}

/// Review a product of a delivered order.
///
/// Once for an order. Everybody reads it; for 14 days it can be changed.
#[utoipa::path(tag = "Reviews", operation_id = "write_review", request_body = NewReview,
    params(("id" = OrderId, Path, description = "The order")),
    responses((status = 201, body = PrivateReviewView, description = "The review")),
    extensions(("x-roles" = json!(["buyer"])),
               ("x-problems" = json!(["not_found", "reviews.not_delivered", "reviews.already_reviewed", "reviews.own_product"]))))]
#[post("/v1/buyer/orders/{id}/reviews")]
async fn write_review(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<OrderId>,
    command: Command<NewReview>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, input| {
            let NewReview { product_id, stars, text, photo_ids } = input;
            let photo_ids = photo_ids.map_or_else(Vec::new, |ids| ids.0);
            let opinion = Opinion { product_id, stars: stars.value(), text: text.into_string(), photo_ids };
            let review = write(tx, id.0, opinion)?;
            let view = private_view(tx, review, Author::Buyer)?;
            let location = format!("/v1/buyer/reviews/{}", view.review.id);
            Ok(Answer::created(&view, location)?.versioned(view.version))
        })
        .await
}

/// List my reviews.
///
/// The newest first; a hidden one says why it is hidden.
#[utoipa::path(tag = "Reviews", operation_id = "list_buyer_reviews", params(ReviewPageQuery),
    responses((status = 200, body = Page<PrivateReviewView>, description = "A page of reviews")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/buyer/reviews")]
async fn list_buyer_reviews(
    request: HttpRequest,
    app: Data<App>,
    actor: BuyerSurface,
    query: Query<ReviewPageQuery>,
) -> Result<HttpResponse> {
    let ReviewPageQuery { cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, "buyer-reviews".to_owned());
    let before: Option<Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let rows = app
        .db
        .read(&actor.0, move |tx| {
            let buyer_id = tx.who.must(Audience::Buyer)?;
            let before = before.map(ProductReviewId);
            let rows = store::list_buyers(tx, buyer_id, before, i64::from(limit).saturating_add(1))?;
            private_views(tx, rows, Author::Buyer)
        })
        .await?;
    let page = links.page(rows, usize::try_from(limit).unwrap_or(1), |view: &PrivateReviewView| view.review.id)?;
    json_answer(&request, None, &page)
}

/// Show one of my reviews.
///
/// With what I can do now.
#[utoipa::path(tag = "Reviews", operation_id = "show_buyer_review",
    params(("id" = ProductReviewId, Path, description = "The review")),
    responses((status = 200, body = PrivateReviewView, description = "The review")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/buyer/reviews/{id}")]
async fn show_buyer_review(
    request: HttpRequest,
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<ProductReviewId>,
) -> Result<HttpResponse> {
    let review = app
        .db
        .read(&actor.0, move |tx| {
            let buyer_id = tx.who.must(Audience::Buyer)?;
            let review = store::find_buyers(tx, buyer_id, id.0)?;
            private_view(tx, review, Author::Buyer)
        })
        .await?;
    json_answer(&request, Some(review.version), &review)
}

/// Change one of my reviews.
///
/// For 14 days, while it is visible, and only over the version named in `If-Match`.
#[utoipa::path(tag = "Reviews", operation_id = "edit_review", request_body = ReviewPatch,
    params(("id" = ProductReviewId, Path, description = "The review")),
    responses((status = 200, body = PrivateReviewView, description = "The review after it")),
    extensions(("x-roles" = json!(["buyer"])),
               ("x-problems" = json!(["not_found", "reviews.too_late", "reviews.illegal_action"]))))]
#[patch("/v1/buyer/reviews/{id}")]
async fn edit_review(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<ProductReviewId>,
    version: IfMatch,
    command: Command<ReviewPatch>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, patch| {
            let ReviewPatch { stars, text } = patch;
            let review = change::edit(tx, version.0, id.0, stars.map(Whole::value), text.map(Text::into_string))?;
            versioned(&private_view(tx, review, Author::Buyer)?)
        })
        .await
}

/// Appeal against the hiding of one of my reviews.
///
/// Once; the operator looks again.
#[utoipa::path(tag = "Reviews", operation_id = "appeal_review", request_body = ReviewReply,
    params(("id" = ProductReviewId, Path, description = "The review")),
    responses((status = 200, body = PrivateReviewView, description = "The review after it")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found", "reviews.illegal_action"]))))]
#[post("/v1/buyer/reviews/{id}/appeal")]
async fn appeal_review(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<ProductReviewId>,
    command: Command<ReviewReply>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, input| {
            let review = moderate::appeal(tx, id.0, input.text.as_str())?;
            versioned(&private_view(tx, review, Author::Buyer)?)
        })
        .await
}

/// List the reviews of my products.
///
/// The visible ones, the newest first.
#[utoipa::path(tag = "Reviews", operation_id = "list_producer_reviews", params(ReviewPageQuery),
    responses((status = 200, body = Page<PublicReviewView>, description = "A page of reviews")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["cursor_mismatch", "not_found"]))))]
#[get("/v1/producer/reviews")]
async fn list_producer_reviews(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<ReviewPageQuery>,
) -> Result<HttpResponse> {
    let ReviewPageQuery { cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, "producer-reviews".to_owned());
    let before: Option<Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let rows = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Producer)?;
            let producer_id = tx.who.producer_id.ok_or(CommonProblem::NotFound)?;
            let before = before.map(ProductReviewId);
            let rows = store::visible(tx, Of::Producer(producer_id), before, i64::from(limit).saturating_add(1))?;
            public_views(tx, rows)
        })
        .await?;
    let page = links.page(rows, usize::try_from(limit).unwrap_or(1), |view: &PublicReviewView| view.id)?;
    json_answer(&request, None, &page)
}

/// Answer a review of one of my products.
///
/// In public. Another answer takes the place of the one before.
#[utoipa::path(tag = "Reviews", operation_id = "answer_review", request_body = ReviewReply,
    params(("id" = ProductReviewId, Path, description = "The review")),
    responses((status = 200, body = PublicReviewView, description = "The review with the answer")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["not_found", "reviews.illegal_action"]))))]
#[post("/v1/producer/reviews/{id}/answer")]
async fn answer_review(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ProductReviewId>,
    command: Command<ReviewReply>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, input| {
            let review = change::answer(tx, id.0, input.text.into_string())?;
            Answer::ok(&public_view(tx, review)?)
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(write_review)
        .service(list_buyer_reviews)
        .service(show_buyer_review)
        .service(edit_review)
        .service(appeal_review)
        .service(list_producer_reviews)
        .service(answer_review);
}
