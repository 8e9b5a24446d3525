use serde_json::json;

use super::model::BookingEvent;
use super::store;
use crate::audit;
use crate::jobs::{self, Job};
use crate::kernel::error::CommonProblem;
use crate::kernel::{Audience, Result, Role, ShipmentId, Tx};
use crate::shipping::model::{ShipmentAction, ShipmentStatus, ShippingRefusal};
use crate::shipping::shipments::events::{NewEvent, Source, record};
use crate::shipping::shipments::open::plan_booking;
use crate::shipping::shipments::report::{actions, illegal};
use crate::shipping::shipments::store as shipments_store;
use crate::shipping::shipments::{BookingStatus, Shipment};

/// Calls a parcel off before it leaves. One that its carrier knows is called off there by a job; until the carrier
/// agrees, its status stays. Calling off what is called off changes nothing.
pub fn cancel(tx: &mut Tx<'_>, id: ShipmentId) -> Result<Shipment> {
    let shipment = shipments_store::lock(tx, id)?;
    let is_own = tx.who.role == Role::Holder(Audience::Producer) && tx.who.producer_id == Some(shipment.producer_id);
    if !is_own && tx.who.role != Role::Platform {
        return Err(CommonProblem::NotFound.into());
    }
    if shipment.status == ShipmentStatus::Cancelled || shipment.booking == BookingStatus::Cancelling {
        return Ok(shipment);
    }
    if !actions(&shipment).contains(&ShipmentAction::Cancel) {
        return Err(illegal(&shipment, ShippingRefusal::TooLateToCancel));
    }
    match shipment.booking {
        BookingStatus::Booked => {
            call_off(tx, &shipment)?;
            plan_cancelling(tx, id)?;
        }
        // Its carrier was asked to book it and may have: it goes nowhere only when that is known.
        BookingStatus::Pending if shipment.asked_at.is_some() => {
            call_off(tx, &shipment)?;
            plan_booking(tx, id)?;
        }
        _ => end(tx, &shipment)?,
    }
    audit::write(tx, "shipment.cancelled", "shipment", id.0, json!({"booking": shipment.booking}))?;
    shipments_store::find(tx, id)
}

fn call_off(tx: &mut Tx<'_>, shipment: &Shipment) -> Result<()> {
    let next = shipment.booking.after(BookingEvent::CallOff);
    let next = next.ok_or_else(|| illegal(shipment, ShippingRefusal::TooLateToCancel))?;
    store::move_booking(tx, shipment, next, None)
}

pub fn plan_cancelling(tx: &mut Tx<'_>, id: ShipmentId) -> Result<()> {
    let now = tx.now;
    jobs::enqueue(tx, &Job::CancelShipment { shipment_id: id.0 }, now, Some(&format!("cancel_shipment:{id}")))
}

/// A locked parcel goes nowhere, unless its carrier has it after all.
pub fn end(tx: &mut Tx<'_>, shipment: &Shipment) -> Result<()> {
    if shipment.booking == BookingStatus::Booked {
        return Ok(());
    }
    let event = NewEvent {
        source: Source::Platform,
        raw_code: None,
        status: Some(ShipmentStatus::Cancelled),
        note: None,
        happened_at: tx.now,
        dedup_key: "cancelled".to_owned(),
    };
    record(tx, shipment, &event)?;
    let next = shipment.booking.after(BookingEvent::End);
    next.map_or(Ok(()), |next| store::move_booking(tx, shipment, next, None))
}
