use serde_json::json;

use super::booking::BookingStatus;
use super::events::{NewEvent, Source, record};
use super::store::{self, NewRow, Shipment};
use crate::jobs::{self, Job};
use crate::kernel::error::CommonProblem;
use crate::kernel::{AccountId, Error, OrderId, ProducerId, Result, Role, ShipmentId, Tx, Vnd};
use crate::places::CommuneCode;
use crate::producers;
use crate::shipping::model::{Choice, ShipmentStatus};
use crate::{audit, kernel::Audience};

/// What an order gives away to be brought.
#[derive(Debug, Clone)]
pub struct NewShipment {
    pub order_id: OrderId,
    pub producer_id: ProducerId,
    pub buyer_id: AccountId,
    pub choice: Choice,
    pub weight_g: i32,
    pub goods_vnd: Vnd,
    pub fee_vnd: Vnd,
    /// What the carrier collects from the recipient.
    pub collects_vnd: Vnd,
    pub recipient: Recipient,
}

#[derive(Debug, Clone)]
pub struct Recipient {
    pub name: String,
    pub phone: String,
    pub commune_code: CommuneCode,
    pub address: String,
}

/// Writes that a parcel is to go; a job books it with its carrier. An order that has a parcel on its way keeps it, so
/// that asking twice sends nothing twice. For the order's producer, and for the platform.
pub fn open(tx: &mut Tx<'_>, new: &NewShipment) -> Result<Shipment> {
    let is_own = tx.who.role == Role::Holder(Audience::Producer) && tx.who.producer_id == Some(new.producer_id);
    if !is_own && tx.who.role != Role::Platform {
        return Err(CommonProblem::Forbidden.into());
    }
    let sender = producers::sender(tx, new.producer_id)?;
    let booking = if new.choice.carrier().is_some() { BookingStatus::Pending } else { BookingStatus::None };
    let row = NewRow { id: ShipmentId::generate(), new, sender: &sender, booking };
    let Some(shipment) = store::insert(tx, &row)? else {
        return store::live_of(tx, new.order_id)?
            .ok_or_else(|| Error::Conflict("the parcel has just ended".to_owned()));
    };
    let event = NewEvent {
        source: Source::Platform,
        raw_code: None,
        status: Some(ShipmentStatus::Created),
        note: None,
        happened_at: tx.now,
        dedup_key: "opened".to_owned(),
    };
    record(tx, &shipment, &event)?;
    if booking == BookingStatus::Pending {
        plan_booking(tx, shipment.id)?;
    }
    let detail = json!({"order_id": new.order_id, "choice": new.choice.to_string()});
    audit::write(tx, "shipment.opened", "shipment", shipment.id.0, detail)?;
    Ok(shipment)
}

pub fn plan_booking(tx: &mut Tx<'_>, id: ShipmentId) -> Result<()> {
    let now = tx.now;
    jobs::enqueue(tx, &Job::BookShipment { shipment_id: id.0 }, now, Some(&format!("book_shipment:{id}")))
}
