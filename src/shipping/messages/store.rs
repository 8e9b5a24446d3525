use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use schema::carrier_messages;

use crate::kernel::{CarrierMessageId, Result, ShipmentId, Tx};
use crate::shipping::model::Carrier;
use crate::text_enum;

text_enum! {
    /// What became of a carrier's message.
    pub enum MessageOutcome {
        Applied = "applied",
        /// The same was said before.
        Repeated = "repeated",
        UnknownShipment = "unknown_shipment",
        /// Genuine, but not what the carrier describes.
        Malformed = "malformed",
    }
}

/// A genuine message as it came.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = carrier_messages)]
pub struct Message {
    pub id: CarrierMessageId,
    pub carrier: Carrier,
    pub source: String,
    pub content_type: String,
    pub body: Vec<u8>,
}

pub fn insert(tx: &mut Tx<'_>, message: &Message) -> Result<()> {
    diesel::insert_into(carrier_messages::table)
        .values((message, carrier_messages::received_at.eq(tx.now)))
        .execute(tx.conn)?;
    Ok(())
}

/// Notes what became of a message; `false` when that is noted already.
pub fn finish(
    tx: &mut Tx<'_>,
    id: CarrierMessageId,
    outcome: MessageOutcome,
    shipment_id: Option<ShipmentId>,
) -> Result<bool> {
    let changed = diesel::update(carrier_messages::table.find(id))
        .filter(carrier_messages::processed_at.is_null())
        .set((
            carrier_messages::outcome.eq(outcome),
            carrier_messages::shipment_id.eq(shipment_id),
            carrier_messages::processed_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(changed == 1)
}

/// Messages, the oldest first, that came before a moment and that nobody finished.
pub fn open(tx: &mut Tx<'_>, before: DateTime<Utc>, rows: i64) -> Result<Vec<Message>> {
    let rows = carrier_messages::table
        .filter(carrier_messages::processed_at.is_null())
        .filter(carrier_messages::received_at.lt(before))
        .order(carrier_messages::received_at)
        .limit(rows)
        .select(Message::as_select())
        .for_update()
        .skip_locked()
        .load(tx.conn)?;
    Ok(rows)
}

/// What a message did stands in the events; the message itself is kept for half a year.
pub fn purge(tx: &mut Tx<'_>) -> Result<()> {
    const KEPT: TimeDelta = TimeDelta::days(180);
    diesel::delete(
        carrier_messages::table
            .filter(carrier_messages::processed_at.is_not_null())
            .filter(carrier_messages::received_at.lt(tx.now - KEPT)),
    )
    .execute(tx.conn)?;
    Ok(())
}
