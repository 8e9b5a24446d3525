//! The decision about money that waits for a person: what is owed back is decided together with its refund.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::by_hand;
use crate::app::App;
use crate::input;
use crate::kernel::http::{Answer, Command, KeyRule, OperatorSurface, PathId};
use crate::kernel::{Result, ReviewId, Text};
use crate::payments::{Decision, ReviewView};

input! {
    /// What was decided about odd or owed money.
    pub struct ResolveReview {
        pub resolution: Decision,
        #[schema(example = "Đã chuyển trả khách, bút toán FT26328")]
        pub note: Text<500>,
    }
}

/// Decide about waiting money.
///
/// Records the decision and its reason, once. What is owed back cannot be done by hand while its provider is paying it
/// back; with any other decision it is not paid back.
#[utoipa::path(tag = "Money", operation_id = "resolve_payment_review", request_body = ResolveReview,
    params(("id" = ReviewId, Path, description = "The entry")),
    responses((status = 200, body = ReviewView, description = "The decided entry")),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "payments.already_resolved", "refunds.illegal_action"]))))]
#[post("/v1/operator/payment-reviews/{id}/resolve")]
async fn resolve_payment_review(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ReviewId>,
    command: Command<ResolveReview>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let review = by_hand::resolve(tx, id.0, input.resolution, input.note.as_str())?;
            let version = review.version;
            Ok(Answer::ok(&ReviewView::from(review))?.versioned(version))
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(resolve_payment_review);
}
