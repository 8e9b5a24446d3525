use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::choose::{Offer, choose, why_not};
use super::model::Barred;
use crate::app::App;
use crate::kernel::error::CommonProblem;
use crate::kernel::http::{Answer, BuyerSurface, Command, KeyRule, NoBody, PathId, json as json_answer};
use crate::kernel::{Audience, CheckoutId, Result, Vnd};
use crate::orders::{self, CheckoutAction, CheckoutView, checkout_view};
use crate::payments::providers::ProviderId;
use crate::payments::start;

/// A provider through which a purchase can be paid ahead.
#[derive(Serialize, ToSchema)]
pub struct ProviderWayView {
    provider: ProviderId,
    least_vnd: Vnd,
    most_vnd: Vnd,
    /// Whether the purchase can be paid so now.
    is_possible: bool,
}

/// Cash, when the goods come.
#[derive(Serialize, ToSchema)]
pub struct OnDeliveryView {
    is_possible: bool,
    /// Every reason why not; none as well when the purchase does not wait for payment any more.
    #[schema(max_items = 20)]
    reasons: Vec<Barred>,
}

/// How a purchase can be paid.
#[derive(Serialize, ToSchema)]
pub struct PaymentWaysView {
    /// Those that are set up.
    #[schema(max_items = 20)]
    providers: Vec<ProviderWayView>,
    on_delivery: OnDeliveryView,
}

fn offer_of(app: &App) -> Offer<'_> {
    Offer { is_on: app.config.cash_on_delivery, carriers: &app.carriers }
}

/// Show how a purchase can be paid.
///
/// Through which providers ahead, and whether in cash when it comes; if not, every reason. What is not possible here is
/// refused.
#[utoipa::path(tag = "Paying", operation_id = "show_payment_ways", params(("id" = CheckoutId, Path, description = "The purchase")),
    responses((status = 200, body = PaymentWaysView, description = "The ways")),
    extensions(("x-roles" = json!(["buyer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/buyer/checkouts/{id}/payment-ways")]
async fn show_payment_ways(
    request: HttpRequest,
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<CheckoutId>,
) -> Result<HttpResponse> {
    let shared = app.clone();
    let (total, waits, reasons) = app
        .db
        .read(&actor.0, move |tx| {
            let buyer_id = tx.who.must(Audience::Buyer)?;
            let checkout = orders::find_checkout(tx, id.0)?;
            if checkout.buyer_account_id != buyer_id {
                return Err(CommonProblem::NotFound.into());
            }
            let waits = start::actions(&checkout, tx.now).contains(&CheckoutAction::Pay);
            let reasons = if waits { why_not(tx, offer_of(&shared), &checkout)? } else { Vec::new() };
            Ok((checkout.total_vnd.amount(), waits, reasons))
        })
        .await?;
    let way = |provider: &ProviderId| {
        let amounts = app.providers.find(*provider)?.amounts();
        let [least_vnd, most_vnd] = [amounts.start(), amounts.end()].map(|amount| Vnd::new(*amount));
        let is_possible = waits && amounts.contains(&total);
        Some(ProviderWayView { provider: *provider, least_vnd: least_vnd?, most_vnd: most_vnd?, is_possible })
    };
    let providers = ProviderId::ALL.iter().filter_map(way).collect();
    let on_delivery = OnDeliveryView { is_possible: waits && reasons.is_empty(), reasons };
    json_answer(&request, None, &PaymentWaysView { providers, on_delivery })
}

/// Pay a purchase in cash when it comes.
///
/// In the place of paying ahead, for all its orders: each carrier collects what its order costs by then, to the đồng. The
/// producers hear of them at once. Refused with every reason, as the ways to pay name them. A second time it answers with
/// the same purchase.
#[utoipa::path(tag = "Paying", operation_id = "choose_cash_on_delivery", request_body = NoBody,
    params(("id" = CheckoutId, Path, description = "The purchase")),
    responses((status = 200, body = CheckoutView, description = "The purchase, confirmed")),
    extensions(("x-roles" = json!(["buyer"])), ("x-idempotency" = json!("required")),
               ("x-problems" = json!(["not_found", "payments.not_payable", "payments.not_on_delivery"]))))]
#[post("/v1/buyer/checkouts/{id}/pay-on-delivery")]
async fn choose_cash_on_delivery(
    app: Data<App>,
    actor: BuyerSurface,
    id: PathId<CheckoutId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    let shared = app.clone();
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, _| {
            let checkout = choose(tx, offer_of(&shared), id.0)?;
            let view = checkout_view(tx, checkout)?;
            Ok(Answer::ok(&view)?.versioned(view.version))
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(show_payment_ways).service(choose_cash_on_delivery);
}
