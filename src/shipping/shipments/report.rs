//! A producer says where a parcel is that he brings himself, or that he gave to a carrier by hand.

use serde_json::json;

use super::booking;
use super::events::{NewEvent, Source, record};
use super::open::plan_booking;
use super::store::{self, BookingStatus, Shipment};
use crate::kernel::{Error, EventId, Result, ShipmentId, Tx};
use crate::shipping::model::{ShipmentStatus, ShippingRefusal};
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
        return Err(ShippingRefusal::CarrierReports.into());
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
        return Err(Error::from(ShippingRefusal::IllegalReport)
            .with("current_status", shipment.status.as_str())
            .with("allowed_statuses", json!(allowed)));
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
    if !matches!(shipment.booking, BookingStatus::Refused | BookingStatus::ByHand) {
        return Err(Error::from(ShippingRefusal::NotForBooking).with("booking", shipment.booking.as_str()));
    }
    booking::set_waybill(tx, id, code)?;
    audit::write(tx, "shipment.waybill", "shipment", id.0, json!({}))?;
    store::find(tx, id)
}

/// Tries again what the carrier refused.
pub fn rebook(tx: &mut Tx<'_>, id: ShipmentId) -> Result<Shipment> {
    let shipment = own(tx, id)?;
    if shipment.booking != BookingStatus::Refused || shipment.status != ShipmentStatus::Created {
        return Err(Error::from(ShippingRefusal::NotForBooking).with("booking", shipment.booking.as_str()));
    }
    booking::set_booking(tx, id, BookingStatus::Pending, None)?;
    plan_booking(tx, id)?;
    audit::write(tx, "shipment.rebooked", "shipment", id.0, json!({}))?;
    store::find(tx, id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table_of_ways_by_hand() {
        let table: Vec<String> = ShipmentStatus::ALL
            .iter()
            .map(|from| {
                let to: Vec<&str> = next_by_hand(*from).iter().map(|status| status.as_str()).collect();
                format!("{from}: {}", to.join(" "))
            })
            .collect();
        assert_eq!(
            table,
            [
                "created: picked_up out_for_delivery delivered",
                "pickup_scheduled: picked_up out_for_delivery delivered",
                "pickup_failed: picked_up out_for_delivery delivered",
                "picked_up: in_transit out_for_delivery delivered delivery_failed lost damaged",
                "in_transit: in_transit out_for_delivery delivered delivery_failed lost damaged",
                "out_for_delivery: delivered delivery_failed lost damaged",
                "delivery_failed: out_for_delivery delivered returning returned lost damaged",
                "delivered: ",
                "returning: returned lost damaged",
                "returned: ",
                "cancelled: ",
                "lost: ",
                "damaged: ",
                "exception: out_for_delivery delivered returning returned lost damaged",
            ]
        );
    }
}
