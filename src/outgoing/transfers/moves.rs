//! What operators do with one transfer.

use super::batches::open_batch;
use super::model::{Rail, Transfer, TransferEvent};
use super::step::step;
use super::store::{self, Change};
use crate::kernel::{Audience, OutgoingId, ProducerId, Result, Tx};

/// Why a transfer is not sent.
pub const ACCOUNT_CHANGED: &str = "Tài khoản nhận tiền đã thay đổi hoặc chưa dùng được";

/// Nothing happens to it until it is released; the money stays held.
pub fn hold(tx: &mut Tx<'_>, id: OutgoingId, reason: &str) -> Result<Transfer> {
    by_operator(tx, id, TransferEvent::Hold, (Some(reason), None))
}

/// A producer's account is not what it was: what was not sent to it yet is not sent, and a later run pays it.
pub fn account_changed(tx: &mut Tx<'_>, producer_id: ProducerId) -> Result<()> {
    tx.as_platform(|tx| {
        for old in store::lock_unsent(tx, producer_id)? {
            let reason = Some(ACCOUNT_CHANGED.to_owned());
            step(tx, &old, TransferEvent::Cancel, &Change { reason, ..Change::default() })?;
        }
        Ok(())
    })
}

/// It waits to be approved again. A refund, which was approved without a batch, gets one whose first person is who released
/// it, so that another one has it sent.
pub fn release(tx: &mut Tx<'_>, id: OutgoingId) -> Result<Transfer> {
    let old = lock_for(tx, id, TransferEvent::Release)?;
    let batch_id = match old.batch_id {
        Some(batch_id) => batch_id,
        None => open_batch(tx, old.purpose)?.id,
    };
    step(tx, &old, TransferEvent::Release, &Change { batch_id: Some(batch_id), ..Change::default() })
}

/// It is not sent, and its money goes back to where it came from.
pub fn cancel(tx: &mut Tx<'_>, id: OutgoingId, reason: &str) -> Result<Transfer> {
    by_operator(tx, id, TransferEvent::Cancel, (Some(reason), None))
}

/// The bank has paid.
pub fn confirm(tx: &mut Tx<'_>, id: OutgoingId, bank_reference: &str) -> Result<Transfer> {
    by_operator(tx, id, TransferEvent::Confirm, (None, Some(bank_reference)))
}

/// The bank has not paid.
pub fn fail(tx: &mut Tx<'_>, id: OutgoingId, reason: &str, bank_reference: Option<&str>) -> Result<Transfer> {
    by_operator(tx, id, TransferEvent::Fail, (Some(reason), bank_reference))
}

/// The money arrived and came back.
pub fn reverse(tx: &mut Tx<'_>, id: OutgoingId, reason: &str, bank_reference: Option<&str>) -> Result<Transfer> {
    by_operator(tx, id, TransferEvent::Reverse, (Some(reason), bank_reference))
}

fn by_operator(
    tx: &mut Tx<'_>,
    id: OutgoingId,
    event: TransferEvent,
    (reason, bank_reference): (Option<&str>, Option<&str>),
) -> Result<Transfer> {
    let old = lock_for(tx, id, event)?;
    // payOS's own name of it stays: by that it is asked for.
    let rail_reference = bank_reference.filter(|_| old.rail == Rail::BankFile).map(str::to_owned);
    let change = Change { reason: reason.map(str::to_owned), rail_reference, ..Change::default() };
    step(tx, &old, event, &change)
}

/// A transfer with which an operator can do this now.
fn lock_for(tx: &mut Tx<'_>, id: OutgoingId, event: TransferEvent) -> Result<Transfer> {
    tx.who.must(Audience::Operator)?;
    let old = store::lock(tx, id)?;
    if old.status.actions(old.rail).contains(&event) { Ok(old) } else { Err(old.refusal()) }
}
