//! Placing an order, and beginning to pay it in the same request.

use actix_web::body::{BoxBody, to_bytes};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, post};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::api::{AttemptView, opened, view};
use super::model::{Attempt, PayWith, PaymentRefusal};
use super::providers::{Provider, ProviderId};
use super::start::{Payer, actions, start, start_first};
use crate::app::App;
use crate::kernel::http::{Answer, BuyerSurface, ClientAddress, Command, KeyRule, wants_english};
use crate::kernel::input::Sha256Hex;
use crate::kernel::{
    Actor, AttemptId, CheckoutId, ClientRef, CrashPoint, Error, PhoneNumber, QuoteId, Result, Text, Tx, Vnd,
};
use crate::orders::{self, Checkout, CheckoutAction, CheckoutView, Placed, Recipient, Wish};
use crate::{input, places};

input! {
    /// Buys what is in the cart.
    pub struct PlaceCheckout {
        /// Made by the phone before it sends: the same one again answers with the first purchase.
        pub client_ref: Option<ClientRef>,
        /// What was shown, at most 15 minutes ago.
        pub quote_id: QuoteId,
        /// The hash of the contract that the quote showed: with it the buyer confirms that contract.
        pub contract_sha256: Sha256Hex,
        /// The total that the buyer saw, in đồng. If anything is different by now, nothing happens and the lines are
        /// shown as they were and as they are.
        pub expected_total_vnd: Vnd,
        pub recipient: RecipientInput,
        /// For the producers.
        pub note: Option<Text<500>>,
        /// Begins to pay at once, as `POST /v1/buyer/checkouts/{id}/payment-attempts` would: one request less on a bad
        /// line. When the provider cannot take this amount, nothing is bought.
        pub pay_with: Option<PayWith>,
    }
}

input! {
    /// Where the goods go.
    pub struct RecipientInput {
        #[schema(example = "Nguyễn Thị Hoà")]
        pub name: Text<120>,
        pub phone: PhoneNumber,
        /// Today's commune, five digits.
        pub commune_code: places::CommuneCode,
        #[schema(example = "Thôn Làng Giang")]
        pub address: Text<300>,
    }
}

impl PlaceCheckout {
    fn wish(self, held_for: TimeDelta) -> Wish {
        let PlaceCheckout { client_ref, quote_id, contract_sha256, expected_total_vnd, recipient, note, pay_with: _ } =
            self;
        let RecipientInput { name, phone, commune_code, address } = recipient;
        let recipient = Recipient {
            name: name.into_string(),
            phone,
            commune_code,
            address: address.into_string(),
            note: note.map(Text::into_string),
        };
        Wish {
            client_ref,
            quote_id,
            contract_sha256: contract_sha256.into_string(),
            expected_total: expected_total_vnd,
            recipient,
            held_for,
        }
    }
}

/// A purchase as it was placed.
#[derive(Serialize, ToSchema)]
pub struct PlacedView {
    #[serde(flatten)]
    checkout: CheckoutView,
    /// Only with `pay_with`, while the purchase waits for its money.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_attempt: Option<AttemptView>,
    /// Only for guests, and only here: with it, a code of these orders and the recipient's number, `POST
    /// /v1/auth/guest/orders` opens them again from any device.
    // Stands last: see `orders::with_token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64, example = "kq1Xq0C5Qm0m7pI8n0o6mJc0yQ4lqv9l0S1J4m3yq2E")]
    order_token: Option<String>,
}

/// Place an order for the cart.
///
/// Makes one order per producer and holds the stock of every line, or of none, for 15 minutes. The cart is empty
/// afterwards. With a `client_ref` that was used before, the first purchase is answered with 200. A guest's
/// answer holds an `order_token`, which opens these orders again. With `pay_with` it holds the try to pay as well, as
/// `POST /v1/buyer/checkouts/{id}/payment-attempts` would answer with it, which asks a provider again that did not
/// answer in time.
#[utoipa::path(tag = "Buying", operation_id = "place_checkout", request_body = PlaceCheckout,
    responses((status = 201, body = PlacedView, description = "The purchase, waiting for payment"),
              (status = 200, body = PlacedView, description = "The purchase made before with this client_ref")),
    extensions(("x-roles" = json!(["buyer"])), ("x-idempotency" = json!("required")),
               ("x-problems" = json!(["orders.cart_empty", "orders.not_for_sale", "orders.total_changed",
                                      "orders.total_too_large", "orders.quote_expired", "orders.quote_elsewhere",
                                      "orders.contract_not_confirmed", "stock.not_enough",
                                      "vouchers.unknown", "vouchers.not_yet_valid", "vouchers.paused", "vouchers.ended",
                                      "vouchers.used_up", "vouchers.buyer_limit", "vouchers.minimum_not_reached",
                                      "vouchers.nothing_applies", "vouchers.one_per_checkout", "payments.not_payable",
                                      "payments.provider_off", "payments.amount_too_large",
                                      "payments.amount_too_small"]))))]
#[post("/v1/buyer/checkouts")]
async fn place_checkout(
    request: HttpRequest,
    app: Data<App>,
    actor: BuyerSurface,
    address: ClientAddress,
    command: Command<PlaceCheckout>,
) -> Result<HttpResponse> {
    let payer = Payer { address: address.0, english: wants_english(&request) };
    let (held, pay_with) = (app.clone(), command.input.pay_with.map(ProviderId::from));
    let work = move |tx: &mut Tx<'_>, input: PlaceCheckout| {
        let answer = placed(tx, &held, input, payer)?;
        CrashPoint::OrderBeforeCommit.pass();
        Ok(answer)
    };
    let mut begun = None;
    let then = |answer: Answer| {
        CrashPoint::OrderAfterCommit.pass();
        begun = pay_with.filter(|id| app.providers.opens_orders(*id)).and_then(|_| attempt_in(&answer));
        orders::with_token(&app.tokens, answer)
    };
    let response = command.once_then((&app, &actor.0), KeyRule::Required, work, then).await?;
    match begun {
        Some(attempt_id) => with_opened(&app, &actor.0, (attempt_id, payer), response).await,
        None => Ok(response),
    }
}

fn placed(tx: &mut Tx<'_>, app: &App, input: PlaceCheckout, payer: Payer) -> Result<Answer> {
    let provider = input.pay_with.map(|with| app.providers.find(with.into()));
    let held_for = TimeDelta::seconds(app.config.checkout_seconds);
    match orders::place(tx, &input.wish(held_for))? {
        Placed::New(purchase) => {
            let (id, checkout) = (purchase.checkout.id, &purchase.checkout);
            let begun = match provider {
                Some(Some(provider)) => Some(start_first(tx, provider, checkout, payer)?),
                Some(None) => return Err(PaymentRefusal::ProviderOff.into()),
                None => None,
            };
            let view = placed_view(tx, (id, begun), orders::purchase_view(purchase));
            let version = view.checkout.version;
            Ok(Answer::created(&view, format!("/v1/buyer/checkouts/{id}"))?.versioned(version))
        }
        Placed::Before(checkout) => {
            let id = checkout.id;
            let begun = match provider.flatten() {
                Some(provider) => begun_before(tx, provider, &checkout, payer)?,
                None => None,
            };
            let checkout = orders::checkout_view(tx, checkout)?;
            let view = placed_view(tx, (id, begun), checkout);
            let version = view.checkout.version;
            Ok(Answer::ok(&view)?.versioned(version))
        }
    }
}

fn placed_view(tx: &Tx<'_>, (id, begun): (CheckoutId, Option<Attempt>), checkout: CheckoutView) -> PlacedView {
    let payment_attempt = begun.map(|attempt| view((attempt, id)));
    PlacedView { checkout, payment_attempt, order_token: orders::untold_token(tx) }
}

/// The open try of a purchase that was made before, or a new one. Where it cannot be paid so, the purchase is shown all the
/// same.
fn begun_before(
    tx: &mut Tx<'_>,
    provider: &dyn Provider,
    checkout: &Checkout,
    payer: Payer,
) -> Result<Option<Attempt>> {
    if !actions(checkout, tx.now).contains(&CheckoutAction::Pay) {
        return Ok(None);
    }
    match start(tx, provider, checkout.id, payer) {
        Ok(attempt) => Ok(Some(attempt)),
        // It is refused before anything is written.
        Err(Error::Refused(..)) => Ok(None),
        Err(error) => Err(error),
    }
}

#[derive(Deserialize)]
struct Begun {
    payment_attempt: BegunAttempt,
}

#[derive(Deserialize)]
struct BegunAttempt {
    id: Uuid,
}

/// The try that an answer, fresh or stored, holds.
fn attempt_in(answer: &Answer) -> Option<AttemptId> {
    serde_json::from_str(&answer.body).ok().map(|begun: Begun| AttemptId(begun.payment_attempt.id))
}

/// The answer with the try as it is once its provider was asked to open its order. The purchase stands, also when that is not
/// known.
async fn with_opened(
    app: &Data<App>,
    actor: &Actor,
    begun: (AttemptId, Payer),
    response: HttpResponse,
) -> Result<HttpResponse> {
    let attempt = match opened(app, actor, begun).await {
        Ok(found) => view(found),
        Err(error) => {
            tracing::error!(?error, "a try that has begun could not be read");
            return Ok(response);
        }
    };
    let (head, body) = response.into_parts();
    let body = to_bytes(body).await.map_err(Error::internal)?;
    let mut told: Map<String, Value> = serde_json::from_slice(&body).map_err(Error::internal)?;
    told.insert("payment_attempt".to_owned(), serde_json::to_value(attempt).map_err(Error::internal)?);
    Ok(head.set_body(BoxBody::new(Value::from(told).to_string())))
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(place_checkout);
}
