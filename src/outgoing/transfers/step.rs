//! One step of a transfer: its status, its event, the books, and the news, in one transaction.

use serde_json::json;

use super::model::{Purpose, Transfer, TransferEvent, TransferStatus};
use super::store::{self, Change};
use crate::audit;
use crate::jobs::{self, Job};
use crate::kernel::{Error, OrderId, RefundId, Result, Tx};
use crate::ledger::{self, LedgerAccount as A, Transfer as Movement, TransferKind as K};

/// Moves a transfer on, if it still is as it was read.
pub fn step(tx: &mut Tx<'_>, old: &Transfer, event: TransferEvent, change: &Change) -> Result<Transfer> {
    let next = old.moved(event)?;
    let Some(transfer) = store::step(tx, old, next, change)? else {
        return Err(store::find(tx, old.id)?.refusal());
    };
    written(tx, &transfer, (event, Some(old.status)), change.reason.as_deref())?;
    Ok(transfer)
}

/// What belongs to every step.
pub fn written(
    tx: &mut Tx<'_>,
    transfer: &Transfer,
    (event, from): (TransferEvent, Option<TransferStatus>),
    reason: Option<&str>,
) -> Result<()> {
    store::insert_event(tx, transfer.id, (event, from, transfer.status), reason)?;
    tx.as_platform(|tx| book(tx, transfer, event))?;
    let detail = json!({"from": from, "to": transfer.status, "amount_vnd": transfer.amount_vnd});
    audit::write(tx, &format!("outgoing.{event}"), "outgoing_transfer", transfer.id.0, detail)?;
    if transfer.status.has_ended() {
        jobs::enqueue(tx, &Job::OutgoingEnded { transfer_id: transfer.id.0 }, tx.now, None)?;
    }
    Ok(())
}

fn book(tx: &mut Tx<'_>, transfer: &Transfer, event: TransferEvent) -> Result<()> {
    use TransferEvent as E;
    match event {
        E::Request => held(tx, transfer),
        E::Confirm => arrived(tx, transfer),
        E::Fail | E::Cancel => came_back(tx, transfer),
        E::Reverse => {
            let (kind, subject) = match transfer.purpose {
                Purpose::Payout => (K::PayoutSent, transfer.id.0),
                Purpose::Refund => (K::RefundSent, transfer.subject_id),
            };
            let sent = ledger::posted(tx, kind, subject)?;
            ledger::reverse(tx, sent)?;
            came_back(tx, transfer)
        }
        E::Approve | E::Hold | E::Release | E::Send | E::Lose => Ok(()),
    }
}

/// A payout leaves the producer's balance before anything is sent: the database refuses more than there is.
fn held(tx: &mut Tx<'_>, transfer: &Transfer) -> Result<()> {
    match transfer.purpose {
        Purpose::Payout => payout(tx, transfer, K::Payout, (A::Producer, A::PayoutsInTransit)),
        Purpose::Refund => Ok(()),
    }
}

fn arrived(tx: &mut Tx<'_>, transfer: &Transfer) -> Result<()> {
    if transfer.purpose == Purpose::Payout {
        return payout(tx, transfer, K::PayoutSent, (A::PayoutsInTransit, A::Bank));
    }
    let (order_id, refund_id) = refund(transfer)?;
    let sides = (A::RefundsOwed, A::Bank);
    let sent = Movement::new(K::RefundSent, transfer.subject_id, sides, transfer.amount_vnd);
    ledger::post(tx, vec![sent.of_order(order_id).of_refund(refund_id)])
}

/// What did not arrive is the producer's again; a refund is owed as before.
fn came_back(tx: &mut Tx<'_>, transfer: &Transfer) -> Result<()> {
    match transfer.purpose {
        Purpose::Payout => payout(tx, transfer, K::PayoutFailed, (A::PayoutsInTransit, A::Producer)),
        Purpose::Refund => Ok(()),
    }
}

fn payout(tx: &mut Tx<'_>, transfer: &Transfer, kind: K, sides: (A, A)) -> Result<()> {
    let producer_id = transfer.producer_id.ok_or_else(|| Error::internal("a payout to nobody"))?;
    let movement = Movement::new(kind, transfer.id.0, sides, transfer.amount_vnd);
    ledger::post(tx, vec![movement.of_producer(producer_id)])
}

fn refund(transfer: &Transfer) -> Result<(OrderId, RefundId)> {
    transfer.order_id.zip(transfer.refund_id).ok_or_else(|| Error::internal("a refund of nothing"))
}
