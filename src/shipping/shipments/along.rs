//! What is said of an order whose goods people bring is said of its parcel, so that the two never disagree.

use serde_json::json;

use super::events::{NewEvent, Source, record};
use super::report::is_by_hand;
use super::store;
use crate::kernel::{Error, EventId, OrderId, Result, Tx};
use crate::shipping::model::{ShipmentStatus, ShippingRefusal};

/// Moves the parcel of an order that people bring to where the order was moved. One that was lost, damaged or called off
/// stays so, and so does one that was delivered when its goods come back because of a claim. What a parcel in somebody's
/// hands contradicts is refused: its order follows it soon.
pub fn bring_along(
    tx: &mut Tx<'_>,
    order_id: OrderId,
    source: Source,
    (status, note): (ShipmentStatus, Option<&str>),
) -> Result<()> {
    use ShipmentStatus::{Cancelled, Damaged, Delivered, Lost, Returned};
    let Some(shipment) = store::lock_last_of(tx, order_id)?.filter(is_by_hand) else { return Ok(()) };
    match (shipment.status, status) {
        (Lost | Damaged | Cancelled, _) | (Delivered, Returned) => return Ok(()),
        (now, next) if now == next => return Ok(()),
        (Delivered | Returned, _) => {
            let refusal = Error::from(ShippingRefusal::IllegalReport);
            let allowed: [ShipmentStatus; 0] = [];
            return Err(refusal
                .with("current_status", shipment.status.as_str())
                .with("allowed_statuses", json!(allowed)));
        }
        _ => {}
    }
    let event = NewEvent {
        source,
        raw_code: None,
        status: Some(status),
        note: note.map(str::to_owned),
        happened_at: tx.now,
        dedup_key: format!("with_order:{}", EventId::generate()),
    };
    record(tx, &shipment, &event).map(drop)
}
