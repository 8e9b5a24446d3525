use serde_json::json;

use super::store;
use crate::audit;
use crate::kernel::{Error, PaymentId, Result, ShipmentId, Tx};
use crate::orders::{self, Collected};
use crate::payments::providers::ProviderId;

/// Where a parcel is has changed: its order follows, and what its carrier collected with it is booked in the same
/// transaction, in the carrier's name.
pub fn parcel_moved(tx: &mut Tx<'_>, id: ShipmentId) -> Result<()> {
    let Some(collected) = orders::shipment_moved(tx, id)? else { return Ok(()) };
    let carrier = collected.shipment.carrier.ok_or_else(|| Error::internal("cash that no carrier collected"))?;
    let (provider, payment_id) = (ProviderId::of_carrier(carrier), PaymentId::generate());
    book(tx, (provider, payment_id), &collected)
}

fn book(tx: &mut Tx<'_>, (provider, id): (ProviderId, PaymentId), collected: &Collected) -> Result<()> {
    store::insert_payment(tx, id, collected)?;
    store::insert_credit(tx, (provider, id), collected)?;
    let detail = json!({"provider": provider, "order_id": collected.order.id, "amount_vnd": collected.amount});
    audit::write(tx, "payment.collected", "payment", id.0, detail)
}
