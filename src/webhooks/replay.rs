use chrono::{DateTime, Utc};
use serde_json::json;

use super::model::{DeliveryEvent, DeliveryRow, DeliveryStatus, EndpointStatus, Owner, WebhookRefusal};
use super::{endpoints, store};
use crate::audit;
use crate::jobs::{self, Job};
use crate::kernel::error::CommonProblem;
use crate::kernel::{Error, Result, Tx, WebhookDeliveryId, WebhookEndpointId};

/// Deliveries that one call sends again.
pub const REPLAY_MAX: i64 = 500;

/// Sends one again from its first try, whatever became of it.
pub fn replay_one(tx: &mut Tx<'_>, id: WebhookDeliveryId) -> Result<DeliveryRow> {
    let owner = Owner::of(tx)?;
    let delivery = store::delivery(tx, owner, id)?.ok_or(CommonProblem::NotFound)?;
    must_be_active(tx, delivery.endpoint_id)?;
    let next = delivery.status.after(DeliveryEvent::Replay).ok_or_else(pending)?;
    let again = tx.as_platform(|tx| store::begin_again(tx, id, (delivery.status, next)))?.ok_or_else(pending)?;
    let now = tx.now;
    jobs::enqueue(tx, &Job::DeliverWebhook { delivery_id: id.0 }, now, None)?;
    audit::write(tx, "webhook.replayed", "webhook_delivery", id.0, json!({}))?;
    Ok(again)
}

/// Sends an endpoint everything again that happened since a moment and is not on its way, the oldest first; returns how
/// many that were.
pub fn replay_since(tx: &mut Tx<'_>, id: WebhookEndpointId, since: DateTime<Utc>) -> Result<usize> {
    must_be_active(tx, id)?;
    let begun = DeliveryStatus::Pending;
    let may_begin = |status: &DeliveryStatus| status.after(DeliveryEvent::Replay) == Some(begun);
    let ended: Vec<DeliveryStatus> = DeliveryStatus::ALL.iter().copied().filter(may_begin).collect();
    let again = tx.as_platform(|tx| store::begin_again_since(tx, id, (&ended, begun), since, REPLAY_MAX))?;
    for delivery_id in &again {
        let (job, now) = (Job::DeliverWebhook { delivery_id: delivery_id.0 }, tx.now);
        jobs::enqueue(tx, &job, now, None)?;
    }
    audit::write(tx, "webhook.replayed_since", "webhook_endpoint", id.0, json!({"deliveries": again.len()}))?;
    Ok(again.len())
}

fn must_be_active(tx: &mut Tx<'_>, id: WebhookEndpointId) -> Result<()> {
    let status = endpoints::find(tx, id)?.status;
    if status == EndpointStatus::Active {
        return Ok(());
    }
    Err(Error::from(WebhookRefusal::EndpointOff)
        .with("current_status", status.as_str())
        .with("allowed_actions", json!([])))
}

/// What is on its way is not sent again.
fn pending() -> Error {
    Error::from(WebhookRefusal::DeliveryPending)
        .with("current_status", DeliveryStatus::Pending.as_str())
        .with("allowed_actions", json!([]))
}
