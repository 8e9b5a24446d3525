use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::options::{Consignment, DeliveryOption, options};
use crate::app::App;
use crate::input;
use crate::kernel::http::{Answer, Command, KeyRule, ProducerSurface};
use crate::kernel::input::{FaultCode, List, Whole};
use crate::kernel::{Error, Result, Tx, Vnd};
use crate::places::{self, PlaceInput};
use crate::producers;
use crate::shipping::model::TransportClass;

input! {
    /// Goods that a producer thinks of sending.
    pub struct QuoteQuestion {
        pub origin: PlaceInput,
        pub destination: PlaceInput,
        #[schema(example = 1500)]
        pub weight_g: Whole<1, 10_000_000>,
        /// Of all goods in the parcel.
        #[schema(value_type = Vec<TransportClass>, min_items = 1, max_items = 7)]
        pub transport_classes: List<TransportClass, 7>,
        /// What they cost together.
        pub goods_vnd: Option<Vnd>,
    }
}

/// The ways to a buyer.
#[derive(Serialize, ToSchema)]
pub struct QuoteView {
    /// The cheapest first; empty when nobody carries such goods there.
    #[schema(max_items = 100)]
    options: Vec<DeliveryOption>,
}

/// Ask what delivery would cost.
///
/// Before setting a price: every way that goods of these classes and this weight may go from one commune to another,
/// with the fees in force today and the own deliveries and stalls of the caller. Nothing is kept.
#[utoipa::path(tag = "Shipping", operation_id = "quote_shipping", request_body = QuoteQuestion,
    responses((status = 200, body = QuoteView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered", "places.former_commune_split"]))))]
#[post("/v1/producer/shipping-quotes")]
async fn quote_shipping(
    app: Data<App>,
    actor: ProducerSurface,
    command: Command<QuoteQuestion>,
) -> Result<HttpResponse> {
    command.once(&app, &actor.0, KeyRule::Accepted, |tx, question| Answer::ok(&quote(tx, question)?)).await
}

fn quote(tx: &mut Tx<'_>, question: QuoteQuestion) -> Result<QuoteView> {
    let QuoteQuestion { origin, destination, weight_g, transport_classes, goods_vnd } = question;
    if transport_classes.is_empty() {
        return Err(Error::invalid("/transport_classes", FaultCode::OutOfRange, "1–7"));
    }
    let consignment = Consignment {
        producer_id: producers::registered(tx)?,
        origin_commune: places::resolve(tx, &origin, "/origin")?,
        destination_commune: places::resolve(tx, &destination, "/destination")?,
        weight_g: i64::from(weight_g.value()),
        classes: transport_classes.iter().copied().collect(),
        goods_vnd: goods_vnd.unwrap_or(Vnd::ZERO),
    };
    let options = options(tx, &[consignment])?.into_iter().flatten().collect();
    Ok(QuoteView { options })
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(quote_shipping);
}
