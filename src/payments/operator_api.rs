use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Resolution, Review, ReviewKind, ReviewStatus};
use super::queue;
use crate::app::App;
use crate::input;
use crate::kernel::http::{Cursor, OperatorSurface, Page, Query, json as json_answer};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{AttemptId, Audience, OrderId, RefundId, Result, ReviewId, Vnd};

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 20;

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct ReviewsQuery {
        /// `open` unless given.
        pub status: Option<ReviewStatus>,
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

/// Money that waits for a person, or the decision about it.
#[derive(Serialize, ToSchema)]
pub struct ReviewView {
    pub id: ReviewId,
    pub kind: ReviewKind,
    pub attempt_id: Option<AttemptId>,
    /// For `refund_due`: the order whose money is owed back.
    pub order_id: Option<OrderId>,
    /// For `refund_due`: what is owed back.
    pub refund_id: Option<RefundId>,
    pub amount_vnd: Vnd,
    pub status: ReviewStatus,
    pub resolution: Option<Resolution>,
    #[schema(max_length = 500)]
    pub note: Option<String>,
    pub resolved_at: Option<DateTime<Utc>>,
    #[schema(minimum = 1)]
    pub version: i32,
    pub created_at: DateTime<Utc>,
}

impl From<Review> for ReviewView {
    fn from(review: Review) -> Self {
        let Review {
            id,
            kind,
            credit_id: _,
            attempt_id,
            order_id,
            refund_id,
            amount_vnd,
            status,
            resolution,
            note,
            resolved_at,
            version,
            created_at,
        } = review;
        Self {
            id,
            kind,
            attempt_id,
            order_id,
            refund_id,
            amount_vnd,
            status,
            resolution,
            note,
            resolved_at,
            version,
            created_at,
        }
    }
}

/// List money that waits for a decision.
///
/// Late, second, wrong, unknown, suspected and owed money, and transactions that a provider told in two ways; who has
/// waited longest stands first.
#[utoipa::path(tag = "Money", operation_id = "list_payment_reviews",
    params(ReviewsQuery),
    responses((status = 200, body = Page<ReviewView>, description = "A page of reviews")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/operator/payment-reviews")]
async fn list_payment_reviews(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<ReviewsQuery>,
) -> Result<HttpResponse> {
    let ReviewsQuery { status, cursor, limit } = query.0;
    let (status, limit) = (status.unwrap_or(ReviewStatus::Open), limit.map_or(LIMIT_DEFAULT, Whole::value));
    let links = Cursor::new(&app.config.cursor_key, format!("payment-reviews:{status}"));
    let after: Option<uuid::Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let rows: Vec<ReviewView> = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let rows = queue::list_reviews(tx, status, after.map(ReviewId), i64::from(limit).saturating_add(1))?;
            Ok(rows.into_iter().map(ReviewView::from).collect())
        })
        .await?;
    let page = links.page(rows, usize::try_from(limit).unwrap_or(1), |row| row.id)?;
    json_answer(&request, None, &page)
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_payment_reviews);
}
