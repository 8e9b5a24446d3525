use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::booking::cancel;
use super::report::{note_waybill, rebook, report};
use super::store::Shipment;
use super::views::{Reader, ShipmentView};
use crate::app::App;
use crate::input;
use crate::kernel::http::{Answer, Command, KeyRule, NoBody, PathId, ProducerSurface};
use crate::kernel::{Name, Result, ShipmentId, Text, Tx};
use crate::producers;
use crate::shipping::model::ShipmentStatus;

input! {
    /// Where a parcel is that no carrier reports on.
    pub struct ShipmentReport {
        pub status: ShipmentStatus,
        pub note: Option<Text<300>>,
    }
}

input! {
    /// The number that the carrier gave at its counter.
    pub struct Waybill {
        pub code: Name<40>,
    }
}

fn answer(tx: &mut Tx<'_>, shipment: Shipment) -> Result<Answer> {
    let view = ShipmentView::of(tx, shipment, Reader::Producer)?;
    Ok(Answer::ok(&view)?.versioned(view.version))
}

/// Report where a parcel is.
///
/// For parcels that I bring myself, that a shared run brings, that wait at a stall or hub, or that I gave to a carrier
/// by hand. A step that its way does not have is refused with those that it has.
#[utoipa::path(tag = "Shipping", operation_id = "report_shipment", request_body = ShipmentReport,
    params(("id" = ShipmentId, Path, description = "The parcel")), responses((status = 200, body = ShipmentView)),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["producers.not_registered", "shipping.illegal_report", "shipping.carrier_reports"]))))]
#[post("/v1/producer/shipments/{id}/report")]
async fn report_shipment(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ShipmentId>,
    command: Command<ShipmentReport>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let shipment = report(tx, id.0, input.status, input.note.map(Text::into_string))?;
            answer(tx, shipment)
        })
        .await
}

/// Note a parcel's number.
///
/// When the carrier refused the booking or is not connected, and I gave it the parcel at its counter.
#[utoipa::path(tag = "Shipping", operation_id = "note_waybill", request_body = Waybill,
    params(("id" = ShipmentId, Path, description = "The parcel")), responses((status = 200, body = ShipmentView)),
    extensions(("x-roles" = json!(["producer"])),
        ("x-problems" = json!(["producers.not_registered", "shipping.not_for_booking", "shipping.code_taken"]))))]
#[post("/v1/producer/shipments/{id}/note-waybill")]
async fn note_shipment_waybill(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ShipmentId>,
    command: Command<Waybill>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, input| {
            let shipment = note_waybill(tx, id.0, input.code.as_str())?;
            answer(tx, shipment)
        })
        .await
}

/// Book a parcel again.
///
/// After its carrier refused it.
#[utoipa::path(tag = "Shipping", operation_id = "rebook_shipment", request_body = NoBody,
    params(("id" = ShipmentId, Path, description = "The parcel")), responses((status = 200, body = ShipmentView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered", "shipping.not_for_booking"]))))]
#[post("/v1/producer/shipments/{id}/rebook")]
async fn rebook_shipment(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ShipmentId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, _| {
            let shipment = rebook(tx, id.0)?;
            answer(tx, shipment)
        })
        .await
}

/// Call a parcel off.
///
/// Before it leaves. A carrier that knows it is asked; until it agrees, the booking says `cancelling`.
#[utoipa::path(tag = "Shipping", operation_id = "cancel_shipment", request_body = NoBody,
    params(("id" = ShipmentId, Path, description = "The parcel")), responses((status = 200, body = ShipmentView)),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["producers.not_registered", "shipping.too_late_to_cancel"]))))]
#[post("/v1/producer/shipments/{id}/cancel")]
async fn cancel_shipment(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ShipmentId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, _| {
            producers::registered(tx)?;
            let shipment = cancel(tx, id.0)?;
            answer(tx, shipment)
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(report_shipment).service(note_shipment_waybill).service(rebook_shipment).service(cancel_shipment);
}
