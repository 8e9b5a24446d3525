use serde_json::{Value, json};
use uuid::Uuid;

use super::model::EventType;
use super::store;
use crate::jobs::{self, Job};
use crate::kernel::{Error, ProducerId, Result, Tx, WebhookEventId};

/// Something that other systems are told.
#[derive(Debug, Clone)]
pub struct Event {
    /// Whose it is; the operator is told of everything.
    pub producer_id: Option<ProducerId>,
    pub kind: EventType,
    /// What it is about.
    pub object_id: Uuid,
    /// Tells apart what may happen several times to one object; else empty.
    pub occasion: String,
    /// What is so at this moment; nothing of buyers that their producer may not know.
    pub data: Value,
}

/// Writes the event with a delivery for each endpoint that wants it, in the transaction of what happened. The same of
/// the same object happens once, however often its job runs.
pub fn emit(tx: &mut Tx<'_>, event: &Event) -> Result<()> {
    let id = WebhookEventId::generate();
    let body = json!({"type": event.kind, "timestamp": tx.now, "data": event.data});
    let body = serde_json::to_string(&body).map_err(Error::internal)?;
    tx.as_platform(|tx| {
        if !store::insert_event(tx, id, event, &body)? {
            return Ok(());
        }
        for (endpoint_id, producer_id) in store::wanting(tx, event.producer_id, event.kind)? {
            let delivery_id = store::insert_delivery(tx, id, endpoint_id, producer_id)?;
            jobs::enqueue(tx, &Job::DeliverWebhook { delivery_id: delivery_id.0 }, tx.now, None)?;
        }
        Ok(())
    })
}
