//! The operator's word on fees and taxes.

use actix_web::web::Data;
use actix_web::{HttpResponse, post, put};
use chrono::NaiveDate;
use utoipa_actix_web::service_config::ServiceConfig;

use super::categories;
use super::model::FollowedReading;
use super::producer_api::TaxCategoryInput;
use super::schedules::{announce, decide_reading};
use super::views::{FeeScheduleView, TaxCategoryView, TaxReadingView};
use crate::app::App;
use crate::input;
use crate::kernel::http::{Answer, Command, KeyRule, OperatorSurface, PathId};
use crate::kernel::input::Whole;
use crate::kernel::{ProductId, Result, Text};

input! {
    /// A fee that begins at least 20 days after today.
    pub struct NewFeeSchedule {
        /// Of what a producer gets for goods, without the way.
        #[schema(example = 500)]
        pub rate_bp: Whole<0, 3000>,
        pub effective_on: NaiveDate,
        #[schema(example = "Phí sàn 5% tiền hàng")]
        pub note: Text<500>,
    }
}

input! {
    /// How contradicting texts are read from a day after today on.
    pub struct NewTaxReading {
        /// `practice` or `decree`.
        pub reading: FollowedReading,
        pub effective_on: NaiveDate,
        #[schema(example = "Theo trả lời của cơ quan thuế")]
        pub note: Text<500>,
    }
}

/// Announce a fee.
///
/// At least 20 days ahead, once for a day, and for good. What was ordered before keeps the fee that was in force.
#[utoipa::path(tag = "Money", operation_id = "announce_fee", request_body = NewFeeSchedule,
    responses((status = 201, body = FeeScheduleView)),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["charges.too_soon", "charges.day_taken"]))))]
#[post("/v1/operator/fee-schedules")]
async fn announce_fee(
    app: Data<App>,
    actor: OperatorSurface,
    command: Command<NewFeeSchedule>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, |tx, new| {
            let NewFeeSchedule { rate_bp, effective_on, note } = new;
            let schedule = announce(tx, rate_bp.value(), effective_on, note.into_string())?;
            Answer::created(&FeeScheduleView::from(schedule), "/v1/public/fees".to_owned())
        })
        .await
}

/// Decide how contradicting texts on tax are read.
///
/// From a day after today on. What was withheld before stays as it is.
#[utoipa::path(tag = "Money", operation_id = "decide_tax_reading", request_body = NewTaxReading,
    responses((status = 201, body = TaxReadingView)),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["charges.begun_already", "charges.day_taken"]))))]
#[post("/v1/operator/tax-readings")]
async fn decide_tax_reading(
    app: Data<App>,
    actor: OperatorSurface,
    command: Command<NewTaxReading>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, |tx, new| {
            let NewTaxReading { reading, effective_on, note } = new;
            let row = decide_reading(tx, reading, effective_on, note.into_string())?;
            Answer::created(&TaxReadingView::from(row), "/v1/public/fees".to_owned())
        })
        .await
}

/// Correct what a product is for the tax office.
///
/// Counts for what is ordered from now on.
#[utoipa::path(tag = "Money", operation_id = "correct_tax_category", request_body = TaxCategoryInput,
    params(("id" = ProductId, Path, description = "Product")),
    responses((status = 200, body = TaxCategoryView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[put("/v1/operator/products/{id}/tax-category")]
async fn correct_tax_category(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ProductId>,
    command: Command<TaxCategoryInput>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, input| {
            Answer::ok(&TaxCategoryView::from(categories::declare(tx, id.0, input.tax_category)?))
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(announce_fee).service(decide_tax_reading).service(correct_tax_category);
}
