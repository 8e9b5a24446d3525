use chrono::{DateTime, Utc};
use diesel::prelude::*;
use schema::shipment_events;

use super::decide::Moment;
use super::record::{NewEvent, Source};
use crate::kernel::{EventId, Result, ShipmentId, Tx};
use crate::shipping::model::ShipmentStatus;
use crate::shipping::shipments::Shipment;

/// `false` when the same was said before.
pub fn insert_event(tx: &mut Tx<'_>, shipment: &Shipment, event: &NewEvent) -> Result<bool> {
    let inserted = diesel::insert_into(shipment_events::table)
        .values((
            shipment_events::id.eq(EventId::generate()),
            shipment_events::shipment_id.eq(shipment.id),
            shipment_events::producer_id.eq(shipment.producer_id),
            shipment_events::buyer_account_id.eq(shipment.buyer_account_id),
            shipment_events::source.eq(event.source),
            shipment_events::raw_code.eq(&event.raw_code),
            shipment_events::status.eq(event.status),
            shipment_events::note.eq(&event.note),
            shipment_events::happened_at.eq(event.happened_at),
            shipment_events::received_at.eq(tx.now),
            shipment_events::dedup_key.eq(&event.dedup_key),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    Ok(inserted == 1)
}

pub fn moments(tx: &mut Tx<'_>, id: ShipmentId) -> Result<Vec<Moment>> {
    let rows: Vec<(Option<ShipmentStatus>, DateTime<Utc>)> = shipment_events::table
        .filter(shipment_events::shipment_id.eq(id))
        .filter(shipment_events::status.is_not_null())
        .select((shipment_events::status, shipment_events::happened_at))
        .load(tx.conn)?;
    let moment = |(status, happened_at): (Option<_>, _)| Some(Moment { status: status?, happened_at });
    Ok(rows.into_iter().filter_map(moment).collect())
}

/// What was noted last when a parcel came to a status.
pub fn last_note(tx: &mut Tx<'_>, id: ShipmentId, status: ShipmentStatus) -> Result<Option<String>> {
    let note: Option<Option<String>> = shipment_events::table
        .filter(shipment_events::shipment_id.eq(id))
        .filter(shipment_events::status.eq(status))
        .order((shipment_events::happened_at.desc(), shipment_events::id.desc()))
        .select(shipment_events::note)
        .first(tx.conn)
        .optional()?;
    Ok(note.flatten())
}

/// An event as the parties see it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = shipment_events)]
pub struct Event {
    pub shipment_id: ShipmentId,
    pub source: Source,
    pub raw_code: Option<String>,
    pub status: Option<ShipmentStatus>,
    pub note: Option<String>,
    pub happened_at: DateTime<Utc>,
}

pub fn events_of(tx: &mut Tx<'_>, ids: &[ShipmentId]) -> Result<Vec<Event>> {
    let rows = shipment_events::table
        .filter(shipment_events::shipment_id.eq_any(ids))
        .order((shipment_events::happened_at, shipment_events::id))
        .select(Event::as_select())
        .load(tx.conn)?;
    Ok(rows)
}

/// The carrier's code that was heard last.
pub fn last_raw_code(tx: &mut Tx<'_>, id: ShipmentId) -> Result<Option<String>> {
    let code: Option<Option<String>> = shipment_events::table
        .filter(shipment_events::shipment_id.eq(id))
        .filter(shipment_events::raw_code.is_not_null())
        .order((shipment_events::happened_at.desc(), shipment_events::id.desc()))
        .select(shipment_events::raw_code)
        .first(tx.conn)
        .optional()?;
    Ok(code.flatten())
}
