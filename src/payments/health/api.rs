//! The operator's look at providers.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::store::{self, Health};
use crate::app::App;
use crate::kernel::http::{OperatorSurface, json as json_answer};
use crate::kernel::{Audience, Result};
use crate::payments::configured::Providers;
use crate::payments::providers::ProviderId;

/// How a provider is.
#[derive(Serialize, ToSchema)]
pub struct ProviderHealthView {
    provider: ProviderId,
    /// Whether it is configured.
    is_on: bool,
    /// When it last answered a call of ours, within a week.
    answered_at: Option<DateTime<Utc>>,
    /// Calls of ours that ended within the last hour.
    #[schema(minimum = 0)]
    calls_last_hour: i64,
    /// Of these, in how many nothing came that could be read.
    #[schema(minimum = 0, maximum = 10_000)]
    failed_last_hour_bp: i64,
    /// When it last brought us word of money, among its last 50 movements.
    noticed_at: Option<DateTime<Utc>>,
    /// How long its word of money takes, in the middle of those.
    #[schema(minimum = 0, example = 4)]
    notice_delay_s: Option<i64>,
    /// Attempts to pay that it is asked about, as far as ten thousand are counted.
    #[schema(minimum = 0)]
    open_questions: i64,
    /// Messages of it that nobody has finished, as far as ten thousand are counted.
    #[schema(minimum = 0)]
    unfinished_messages: i64,
}

impl ProviderHealthView {
    fn of(health: Health, providers: &Providers) -> Self {
        let Health { provider, answered_at, calls, failed, noticed_at, behind_s, open_questions, unfinished } = health;
        let failed_last_hour_bp = failed.saturating_mul(10_000).checked_div(calls).unwrap_or(0);
        Self {
            provider,
            is_on: providers.find(provider).is_some(),
            answered_at,
            calls_last_hour: calls,
            failed_last_hour_bp,
            noticed_at,
            notice_delay_s: behind_s,
            open_questions,
            unfinished_messages: unfinished,
        }
    }
}

/// How every provider is.
#[derive(Serialize, ToSchema)]
pub struct ProvidersHealthView {
    /// The moment of which it is told.
    at: DateTime<Utc>,
    #[schema(max_items = 20)]
    data: Vec<ProviderHealthView>,
}

/// Show how payment providers are.
///
/// What they answer, what they tell, and how long it takes them.
#[utoipa::path(tag = "Money", operation_id = "show_provider_health",
    responses((status = 200, body = ProvidersHealthView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!([]))))]
#[get("/v1/operator/payment-providers")]
async fn show_provider_health(request: HttpRequest, app: Data<App>, actor: OperatorSurface) -> Result<HttpResponse> {
    let (at, rows) = app
        .db
        .read(&actor.0, |tx| {
            tx.who.must(Audience::Operator)?;
            Ok((tx.now, store::health(tx)?))
        })
        .await?;
    let data = rows.into_iter().map(|row| ProviderHealthView::of(row, &app.providers)).collect();
    json_answer(&request, None, &ProvidersHealthView { at, data })
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(show_provider_health);
}
