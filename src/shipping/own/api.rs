use std::collections::BTreeSet;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, put};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::store::{self, OwnDelivery};
use crate::app::App;
use crate::kernel::http::{self, Answer, Command, KeyRule, ProducerSurface};
use crate::kernel::input::{Fault, FaultCode, List, Whole};
use crate::kernel::{Error, Result, Tx, Vnd};
use crate::shipping::model::{ShippingPrice, Zone};
use crate::{audit, input, producers};

input! {
    /// A zone that the producer serves himself.
    pub struct OwnZoneInput {
        pub zone: Zone,
        pub fee_vnd: ShippingPrice,
        /// Goods worth at least this much are brought for nothing.
        pub free_from_vnd: Option<Vnd>,
        #[schema(example = 50_000)]
        pub weight_g_max: Whole<1, 10_000_000>,
        pub days_min: Whole<0, 60>,
        pub days_max: Whole<0, 60>,
    }
}

input! {
    /// All zones that the producer serves himself; empty when he does not.
    pub struct OwnDeliveryInput {
        #[schema(value_type = Vec<OwnZoneInput>, max_items = 5)]
        pub zones: List<OwnZoneInput, 5>,
    }
}

/// A zone that the producer serves himself.
#[derive(Serialize, ToSchema)]
pub struct OwnZoneView {
    zone: Zone,
    fee_vnd: Vnd,
    free_from_vnd: Option<Vnd>,
    #[schema(minimum = 1, maximum = 10_000_000)]
    weight_g_max: i32,
    #[schema(minimum = 0, maximum = 60)]
    days_min: i32,
    #[schema(minimum = 0, maximum = 60)]
    days_max: i32,
}

/// Where a producer brings goods himself.
#[derive(Serialize, ToSchema)]
pub struct OwnDeliveryView {
    #[schema(max_items = 5)]
    zones: Vec<OwnZoneView>,
}

impl OwnDeliveryView {
    fn new(zones: Vec<OwnDelivery>) -> Self {
        let zone = |row: OwnDelivery| {
            let OwnDelivery { zone, fee_vnd, free_from_vnd, weight_g_max, days_min, days_max } = row;
            OwnZoneView { zone, fee_vnd, free_from_vnd, weight_g_max, days_min, days_max }
        };
        Self { zones: zones.into_iter().map(zone).collect() }
    }
}

/// Show where I deliver myself.
///
/// The zones that I serve with my own vehicle, and for what.
#[utoipa::path(tag = "Shipping", operation_id = "show_own_delivery", responses((status = 200, body = OwnDeliveryView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/own-delivery")]
async fn show_own_delivery(request: HttpRequest, app: Data<App>, actor: ProducerSurface) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, |tx| {
            let producer_id = producers::registered(tx)?;
            store::of_producer(tx, producer_id).map(OwnDeliveryView::new)
        })
        .await?;
    http::json(&request, None, &view)
}

/// Say where I deliver myself.
///
/// All zones at once: what is not sent is no longer served. Orders already placed keep the fee they were told.
#[utoipa::path(tag = "Shipping", operation_id = "put_own_delivery", request_body = OwnDeliveryInput,
    responses((status = 200, body = OwnDeliveryView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[put("/v1/producer/own-delivery")]
async fn put_own_delivery(
    app: Data<App>,
    actor: ProducerSurface,
    command: Command<OwnDeliveryInput>,
) -> Result<HttpResponse> {
    command.once(&app, &actor.0, KeyRule::Accepted, |tx, input| Answer::ok(&replace(tx, input)?)).await
}

fn replace(tx: &mut Tx<'_>, input: OwnDeliveryInput) -> Result<OwnDeliveryView> {
    let producer_id = producers::registered(tx)?;
    let faults = faults(&input.zones);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let row = |zone: OwnZoneInput| {
        let OwnZoneInput { zone, fee_vnd, free_from_vnd, weight_g_max, days_min, days_max } = zone;
        let (weight_g_max, days_min, days_max) = (weight_g_max.value(), days_min.value(), days_max.value());
        OwnDelivery { zone, fee_vnd: fee_vnd.vnd(), free_from_vnd, weight_g_max, days_min, days_max }
    };
    let zones: Vec<OwnDelivery> = input.zones.into_vec().into_iter().map(row).collect();
    store::replace(tx, producer_id, &zones)?;
    let named: Vec<&str> = zones.iter().map(|zone| zone.zone.as_str()).collect();
    audit::write(tx, "own_delivery.replaced", "producer", producer_id.0, json!({"zones": named}))?;
    Ok(OwnDeliveryView::new(store::of_producer(tx, producer_id)?))
}

fn faults(zones: &[OwnZoneInput]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for (i, zone) in zones.iter().enumerate() {
        let mut add = |field: &str, code, expected: String| {
            faults.push(Fault { pointer: format!("/zones/{i}/{field}"), code, expected });
        };
        if !seen.insert(zone.zone) {
            add("zone", FaultCode::Duplicate, String::new());
        }
        if zone.days_max.value() < zone.days_min.value() {
            add("days_max", FaultCode::OutOfRange, format!("{}–60", zone.days_min.value()));
        }
    }
    faults
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(show_own_delivery).service(put_own_delivery);
}
