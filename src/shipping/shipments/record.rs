use chrono::{DateTime, Utc};

use super::decide::decide;
use super::store::{self, Shipment};
use crate::jobs::{self, Job};
use crate::kernel::{Result, Tx};
use crate::shipping::model::ShipmentStatus;
use crate::text_enum;

text_enum! {
    /// Who says something of a parcel.
    pub enum Source {
        Platform = "platform",
        /// The carrier called.
        Carrier = "carrier",
        /// The carrier was asked.
        Poll = "poll",
        Producer = "producer",
        /// A shared run of the commune.
        Run = "run",
    }
}

/// What somebody says of a parcel.
#[derive(Debug, Clone)]
pub struct NewEvent {
    pub source: Source,
    pub raw_code: Option<String>,
    pub status: Option<ShipmentStatus>,
    pub note: Option<String>,
    pub happened_at: DateTime<Utc>,
    pub dedup_key: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    New,
    Before,
}

/// Keeps what was said of a parcel that is locked, once, and lets all that was said decide where it is. Its order
/// is told by a job.
pub fn record(tx: &mut Tx<'_>, shipment: &Shipment, event: &NewEvent) -> Result<Heard> {
    if !store::insert_event(tx, shipment, event)? {
        return Ok(Heard::Before);
    }
    let moments = store::moments(tx, shipment.id)?;
    let status = decide(&moments);
    if status != shipment.status {
        store::set_status(tx, shipment.id, status)?;
        // Without a key: a job that has begun has looked already.
        jobs::enqueue(tx, &Job::ShipmentMoved { shipment_id: shipment.id.0 }, tx.now, None)?;
    }
    Ok(Heard::New)
}
