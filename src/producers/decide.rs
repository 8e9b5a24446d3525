//! The operator decides on a submitted profile.

use serde_json::json;

use super::model::ProducerEvent;
use super::standing::must_be_free;
use super::store::{self, Producer};
use crate::audit;
use crate::jobs::{self, Job};
use crate::kernel::{Audience, ProducerId, Result, Tx};

pub fn approve(tx: &mut Tx<'_>, id: ProducerId) -> Result<Producer> {
    decide(tx, id, ProducerEvent::Approve, None)
}

pub fn reject(tx: &mut Tx<'_>, id: ProducerId, reason: &str) -> Result<Producer> {
    decide(tx, id, ProducerEvent::Reject, Some(reason))
}

pub fn request_changes(tx: &mut Tx<'_>, id: ProducerId, reason: &str) -> Result<Producer> {
    decide(tx, id, ProducerEvent::RequestChanges, Some(reason))
}

fn decide(tx: &mut Tx<'_>, id: ProducerId, event: ProducerEvent, reason: Option<&str>) -> Result<Producer> {
    tx.who.must(Audience::Operator)?;
    let old = store::find(tx, id)?;
    let next = old.status.moved(event)?;
    if event == ProducerEvent::Approve {
        must_be_free(tx, Some(id), &old.name)?;
    }
    let Some(producer) = store::decide(tx, &old, next, reason)? else {
        return Err(store::find(tx, id)?.status.refusal(event));
    };
    audit::write(tx, &format!("producer.{event}"), "producer", id.0, json!({"from": old.status, "to": next}))?;
    let (job, now) = (Job::ProducerDecided { producer_id: id.0 }, tx.now);
    jobs::enqueue(tx, &job, now, None)?;
    Ok(producer)
}
