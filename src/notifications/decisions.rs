use super::news::News;
use super::tell::{Notice, Recipient, tell_each};
use crate::kernel::{ProducerId, Result, Tx};
use crate::producers::{self, ProducerStatus};

/// The operator has decided on a producer's profile: its household is told, once for each decision.
pub fn producer_decided(tx: &mut Tx<'_>, id: ProducerId) -> Result<()> {
    tx.who.must_be_platform()?;
    let producer = producers::find(tx, id)?;
    let (producer_name, reason) = (producer.name, producer.status_reason.unwrap_or_default());
    let news = match producer.status {
        ProducerStatus::Approved => News::ProducerApproved { producer_name },
        ProducerStatus::Rejected => News::ProducerRejected { producer_name, reason },
        ProducerStatus::NeedsChanges => News::ProducerNeedsChanges { producer_name, reason },
        // It was handed in again before anybody could be told.
        ProducerStatus::Draft | ProducerStatus::Submitted => return Ok(()),
    };
    let notice = Notice { to: Recipient::Producer(id), news, object_id: id.0, occasion: "" };
    tell_each(tx, &notice, &producer.version.to_string())
}
