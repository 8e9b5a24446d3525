//! A producer says where a parcel is that he brings himself, or that he gave to a carrier by hand.

use serde_json::json;

use super::booking::{self, BookingEvent, BookingStatus};
use super::events::{NewEvent, Source, record};
use super::open::plan_booking;
use super::store::{self, Shipment};
use crate::kernel::{Error, EventId, Result, ShipmentId, Tx, Vnd};
use crate::shipping::model::{ShipmentAction, ShipmentStatus, ShippingRefusal};
use crate::{audit, producers};

/// Where a parcel that is brought by hand may go from where it is.
pub fn next_by_hand(status: ShipmentStatus) -> &'static [ShipmentStatus] {
    use ShipmentStatus::{
        Created, Damaged, Delivered, DeliveryFailed, Exception, InTransit, Lost, OutForDelivery, PickedUp,
        PickupFailed, PickupScheduled, Returned, Returning,
    };
    match status {
        Created | PickupScheduled | PickupFailed => &[PickedUp, OutForDelivery, Delivered],
        PickedUp | InTransit => &[InTransit, OutForDelivery, Delivered, DeliveryFailed, Lost, Damaged],
        OutForDelivery => &[Delivered, DeliveryFailed, Lost, Damaged],
        DeliveryFailed | Exception => &[OutForDelivery, Delivered, Returning, Returned, Lost, Damaged],
        Returning => &[Returned, Lost, Damaged],
        _ => &[],
    }
}

/// What its producer can do with a parcel now.
pub fn actions(shipment: &Shipment) -> Vec<ShipmentAction> {
    let (status, booking) = (shipment.status, shipment.booking);
    let may = |action: &ShipmentAction| allows(status, booking, *action) && !is_barred(shipment, *action);
    ShipmentAction::ALL.iter().copied().filter(may).collect()
}

/// Who gives a parcel to a carrier by hand has what it collects paid out to himself.
fn is_barred(shipment: &Shipment, action: ShipmentAction) -> bool {
    action == ShipmentAction::NoteWaybill && shipment.cod_vnd != Vnd::ZERO
}

/// The only place that knows what a parcel's place and its booking allow.
fn allows(status: ShipmentStatus, booking: BookingStatus, action: ShipmentAction) -> bool {
    let is_by_hand = matches!(booking, BookingStatus::None | BookingStatus::ByHand);
    match action {
        ShipmentAction::Report => is_by_hand && !next_by_hand(status).is_empty(),
        // Calling off what is being called off, or was, changes nothing.
        ShipmentAction::Cancel => !has_left(status) || booking == BookingStatus::Cancelling,
        ShipmentAction::NoteWaybill => booking.after(BookingEvent::NoteWaybill).is_some(),
        ShipmentAction::Rebook => booking.after(BookingEvent::Rebook).is_some() && status == ShipmentStatus::Created,
    }
}

/// What the parcel is like does not allow this; what it does allow.
pub fn illegal(shipment: &Shipment, refusal: ShippingRefusal) -> Error {
    Error::from(refusal)
        .with("current_status", shipment.status.as_str())
        .with("booking", shipment.booking.as_str())
        .with("allowed_actions", json!(actions(shipment)))
}

/// Whether it is not with its sender any more, and was not called off.
fn has_left(status: ShipmentStatus) -> bool {
    !matches!(
        status,
        ShipmentStatus::Created
            | ShipmentStatus::PickupScheduled
            | ShipmentStatus::PickupFailed
            | ShipmentStatus::Cancelled
    )
}

/// Whether people, not a carrier's messages, say where it is.
pub fn is_by_hand(shipment: &Shipment) -> bool {
    matches!(shipment.booking, BookingStatus::None | BookingStatus::ByHand)
}

fn own(tx: &mut Tx<'_>, id: ShipmentId) -> Result<Shipment> {
    let producer_id = producers::registered(tx)?;
    store::lock_own(tx, producer_id, id)
}

pub fn report(tx: &mut Tx<'_>, id: ShipmentId, status: ShipmentStatus, note: Option<String>) -> Result<Shipment> {
    let shipment = own(tx, id)?;
    if !is_by_hand(&shipment) {
        return Err(illegal(&shipment, ShippingRefusal::CarrierReports));
    }
    move_by_hand(tx, &shipment, Source::Producer, status, note)?;
    store::find(tx, id)
}

/// Moves a locked parcel a step along its way by hand.
pub fn move_by_hand(
    tx: &mut Tx<'_>,
    shipment: &Shipment,
    source: Source,
    status: ShipmentStatus,
    note: Option<String>,
) -> Result<()> {
    let allowed = next_by_hand(shipment.status);
    if !allowed.contains(&status) {
        return Err(illegal(shipment, ShippingRefusal::IllegalReport).with("allowed_statuses", json!(allowed)));
    }
    let event = NewEvent {
        source,
        raw_code: None,
        status: Some(status),
        note,
        happened_at: tx.now,
        dedup_key: format!("by_hand:{}", EventId::generate()),
    };
    record(tx, shipment, &event)?;
    audit::write(tx, "shipment.reported", "shipment", shipment.id.0, json!({"status": status}))
}

/// The producer gave the parcel to the carrier himself and brought its number home.
pub fn note_waybill(tx: &mut Tx<'_>, id: ShipmentId, code: &str) -> Result<Shipment> {
    let shipment = own(tx, id)?;
    let next = shipment.booking.after(BookingEvent::NoteWaybill);
    let next = next.filter(|_| !is_barred(&shipment, ShipmentAction::NoteWaybill));
    let next = next.ok_or_else(|| illegal(&shipment, ShippingRefusal::NotForBooking))?;
    booking::set_waybill(tx, &shipment, next, code)?;
    audit::write(tx, "shipment.waybill", "shipment", id.0, json!({}))?;
    store::find(tx, id)
}

/// Tries again what the carrier refused.
pub fn rebook(tx: &mut Tx<'_>, id: ShipmentId) -> Result<Shipment> {
    let shipment = own(tx, id)?;
    let is_here = shipment.status == ShipmentStatus::Created;
    let next = shipment.booking.after(BookingEvent::Rebook).filter(|_| is_here);
    let next = next.ok_or_else(|| illegal(&shipment, ShippingRefusal::NotForBooking))?;
    booking::move_booking(tx, &shipment, next, None)?;
    plan_booking(tx, id)?;
    audit::write(tx, "shipment.rebooked", "shipment", id.0, json!({}))?;
    store::find(tx, id)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every status and booking with what its producer can do, as `status booking: actions`.
    #[test]
    fn what_a_producer_can_do_with_a_parcel_is_exactly_this_table() {
        let mut table = String::new();
        for status in ShipmentStatus::ALL {
            for booking in BookingStatus::ALL {
                let may = ShipmentAction::ALL.iter().filter(|action| allows(*status, *booking, **action));
                let may: Vec<&str> = may.map(|action| action.as_str()).collect();
                if !may.is_empty() {
                    table.push_str(&format!("{status} {booking}: {}\n", may.join(" ")));
                }
            }
        }
        assert_eq!(table, include_str!("machine.txt"));
    }

    #[test]
    fn the_whole_table_of_ways_by_hand() {
        let table: Vec<String> = ShipmentStatus::ALL
            .iter()
            .map(|from| {
                let to: Vec<&str> = next_by_hand(*from).iter().map(|status| status.as_str()).collect();
                format!("{from}: {}", to.join(" ")).trim_end().to_owned() + "\n"
            })
            .collect();
        assert_eq!(table.concat(), include_str!("by_hand.txt"));
    }
}
