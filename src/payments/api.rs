use std::time::Duration;

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Attempt, AttemptStatus, PayWith, PaymentRefusal};
use super::open::open;
use super::providers::ProviderId;
use super::start::{Payer, start};
use super::{qr_image, store};
use crate::app::App;
use crate::input;
use crate::kernel::error::CommonProblem;
use crate::kernel::http::{Answer, BuyerSurface, ClientAddress, Command, KeyRule, PathId, json as json_answer};
use crate::kernel::{Actor, AttemptId, Audience, CheckoutId, Error, Result, Tx, Vnd};

const ATTEMPTS: &str = "/v1/buyer/payment-attempts";
const REPLAYED: &str = "idempotent-replayed";
/// How long a buyer who could pay already is kept waiting for an account number.
const ACCOUNT_WITHIN: Duration = Duration::from_secs(3);

input! {
    /// How the buyer wants to pay.
    pub struct StartAttempt {
        pub provider: PayWith,
    }
}

/// One try to pay.
#[derive(Serialize, ToSchema)]
pub struct AttemptView {
    pub id: AttemptId,
    pub checkout_id: CheckoutId,
    pub provider: ProviderId,
    /// Becomes `captured` only by the provider's confirmed message.
    pub status: AttemptStatus,
    pub amount_vnd: Vnd,
    /// What must stand in a transfer's text.
    #[schema(example = "HG4T9K2M7", max_length = 20)]
    pub reference: String,
    /// `transfer` with the QR text (EMVCo) and the same facts to type, `redirect` with a `url` to open, or `wait`: the
    /// provider has not answered yet, so look again after some seconds.
    #[schema(value_type = Object)]
    pub next_step: serde_json::Value,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    #[schema(minimum = 1)]
    pub version: i32,
}

pub fn view((attempt, checkout_id): (Attempt, CheckoutId)) -> AttemptView {
    let next_step = attempt.step().clone();
    let Attempt {
        id,
        payment_id: _,
        buyer_account_id: _,
        provider,
        reference,
        amount_vnd,
        status,
        next_step: _,
        version,
        created_at,
        expires_at,
        opened_at: _,
        next_poll_at: _,
        asked_at: _,
        withdrawn_at: _,
        own_account: _,
        provider_order: _,
        own_step: _,
    } = attempt;
    AttemptView { id, checkout_id, provider, status, amount_vnd, reference, next_step, created_at, expires_at, version }
}

/// Begin to pay a purchase.
///
/// Answers with what to do: scan a VietQR code, or open the provider's page. A second try with the same provider while
/// the first is open shows the first. payOS, MoMo and ZaloPay are asked to open an order, once per try whatever
/// becomes of the answer: without one in time the next step is `wait`; when they refuse, the try is `failed`. A transfer goes
/// to an account number that takes this try's money alone, where the operator's bank has such, and to the operator's account
/// while none is known: then the step can change, and money by either of them counts. Another way than before has an open
/// link of payOS called off, and such an account number.
#[utoipa::path(tag = "Paying", operation_id = "start_payment_attempt", request_body = StartAttempt,
    params(("id" = CheckoutId, Path, description = "The purchase")),
    responses((status = 201, body = AttemptView, description = "The try and its next step")),
    extensions(("x-roles" = json!(["buyer"])), ("x-idempotency" = json!("required")),
               ("x-problems" = json!(["not_found", "payments.not_payable", "payments.provider_off", "payments.amount_too_large", "payments.amount_too_small"]))))]
#[post("/v1/buyer/checkouts/{id}/payment-attempts")]
async fn start_payment_attempt(
    request: HttpRequest,
    app: Data<App>,
    actor: BuyerSurface,
    (id, address): (PathId<CheckoutId>, ClientAddress),
    command: Command<StartAttempt>,
) -> Result<HttpResponse> {
    let payer = Payer { address: address.0, english: crate::kernel::http::wants_english(&request) };
    let (shared, provider_id) = (app.clone(), command.input.provider.into());
    let response = command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let provider = shared.providers.find(input.provider.into()).ok_or(PaymentRefusal::ProviderOff)?;
            created(&view((start(tx, provider, id.0, payer)?, id.0)))
        })
        .await?;
    match attempt_of(&response) {
        Some(attempt_id) if app.providers.opens_orders(provider_id) => {
            let mut fresh = created(&view(opened(&app, &actor.0, (attempt_id, payer)).await?))?.into_response();
            if let Some(replayed) = response.headers().get(REPLAYED) {
                fresh.headers_mut().insert(header::HeaderName::from_static(REPLAYED), replayed.clone());
            }
            Ok(fresh)
        }
        _ => Ok(response),
    }
}

fn created(view: &AttemptView) -> Result<Answer> {
    let location = format!("{ATTEMPTS}/{}", view.id);
    Ok(Answer::created(view, location)?.versioned(view.version))
}

/// The try that an answer, fresh or stored, is about.
fn attempt_of(response: &HttpResponse) -> Option<AttemptId> {
    let location = response.headers().get(header::LOCATION)?.to_str().ok()?;
    location.rsplit('/').next().and_then(crate::kernel::ids::parse).map(AttemptId)
}

/// The try as it is once its provider was asked to open its order, which goes on when the buyer is not kept waiting
/// any longer.
pub async fn opened(app: &Data<App>, actor: &Actor, (id, payer): (AttemptId, Payer)) -> Result<(Attempt, CheckoutId)> {
    let (attempt, _) = find_own(app, actor, id).await?;
    let payment_id = attempt.payment_id;
    if attempt.is_to_be_opened(app.db.clock.now())
        && app.db.read(&Actor::PLATFORM, move |tx| store::is_due(tx, payment_id)).await?
    {
        let link_within = Duration::from_millis(app.config.provider_link_ms);
        let within = if attempt.has_step() { link_within.min(ACCOUNT_WITHIN) } else { link_within };
        let held = app.clone();
        let opening = actix_web::rt::spawn(async move { open(&held, &attempt, payer).await });
        if let Ok(Ok(Err(error))) = tokio::time::timeout(within, opening).await {
            tracing::error!(?error, "what came of opening an order could not be written");
        }
    }
    find_own(app, actor, id).await
}

async fn find_own(app: &App, actor: &Actor, id: AttemptId) -> Result<(Attempt, CheckoutId)> {
    let own = move |tx: &mut Tx<'_>| {
        let buyer_id = tx.who.must(Audience::Buyer)?;
        store::find_own_attempt(tx, buyer_id, id)
    };
    app.db.read(actor, own).await
}

/// Show a try to pay.
///
/// Ask it every few seconds while the buyer pays.
#[utoipa::path(tag = "Paying", operation_id = "show_payment_attempt", params(("id" = AttemptId, Path, description = "The try")),
    responses((status = 200, body = AttemptView, description = "The try")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/buyer/payment-attempts/{id}")]
async fn show_payment_attempt(
    request: HttpRequest,
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<AttemptId>,
) -> Result<HttpResponse> {
    let view = view(find_own(&app, &actor.0, id.0).await?);
    json_answer(&request, Some(view.version), &view)
}

/// A picture.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary, max_length = 100_000)]
#[expect(dead_code, reason = "describes bytes")]
struct QrCode(Vec<u8>);

/// Show the QR code of a transfer.
///
/// A PNG of the attempt's QR text; an attempt without one is not found.
#[utoipa::path(tag = "Paying", operation_id = "show_payment_qr", params(("id" = AttemptId, Path, description = "The try")),
    responses((status = 200, content_type = "image/png", body = inline(QrCode), description = "The QR code")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/buyer/payment-attempts/{id}/qr.png")]
async fn show_payment_qr(app: Data<App>, actor: BuyerSurface, id: PathId<AttemptId>) -> Result<HttpResponse> {
    let (attempt, _) = find_own(&app, &actor.0, id.0).await?;
    let text = attempt.step().get("qr_text").and_then(serde_json::Value::as_str).ok_or(CommonProblem::NotFound)?;
    let png = qr_image::draw(text).map_err(Error::internal)?;
    Ok(HttpResponse::Ok().content_type("image/png").body(png))
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(start_payment_attempt).service(show_payment_attempt).service(show_payment_qr);
}
