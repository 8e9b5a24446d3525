//! Somebody wants money to be sent.

use uuid::Uuid;

use super::model::{Purpose, Rail, Transfer, TransferEvent, TransferStatus};
use super::rails::Rules;
use super::step::written;
use super::store;
use crate::jobs::{self, Job};
use crate::kernel::{
    BankAccountId, Error, OrderId, OutgoingBatchId, OutgoingId, ProducerId, RefundId, Result, Tx, Vnd, ids,
};

/// A refund that is to go to a bank account of its buyer.
#[derive(Debug, Clone, Copy)]
pub struct NewRefund {
    /// The try to send it: another one after a failure is another subject.
    pub subject_id: Uuid,
    pub order_id: OrderId,
    pub refund_id: RefundId,
    pub bank_account_id: BankAccountId,
    pub amount: Vnd,
}

/// A payout of a producer, within a batch that two persons will approve. What is asked for leaves the balance at once; more
/// than there is is refused by the books, and a second payout that is under way by the database.
pub fn request(
    tx: &mut Tx<'_>,
    rules: Rules,
    batch_id: OutgoingBatchId,
    (producer_id, bank_account_id): (ProducerId, BankAccountId),
    amount: Vnd,
) -> Result<Transfer> {
    let mut new = drawn(tx, rules, Purpose::Payout, bank_account_id, amount)?;
    new.batch_id = Some(batch_id);
    new.producer_id = Some(producer_id);
    store::insert(tx, &new)?;
    written(tx, &new, (TransferEvent::Request, None), None)?;
    Ok(new)
}

/// A refund that whoever asks for it has decided on, of [`Rules::most_at_once`] at most: it is sent as soon as money flows and
/// the caps allow.
pub fn request_approved(tx: &mut Tx<'_>, rules: Rules, refund: &NewRefund) -> Result<Transfer> {
    let mut new = drawn(tx, rules, Purpose::Refund, refund.bank_account_id, refund.amount)?;
    new.subject_id = refund.subject_id;
    new.order_id = Some(refund.order_id);
    new.refund_id = Some(refund.refund_id);
    new.status = TransferStatus::Approved;
    new.next_at = Some(tx.now).filter(|_| new.rail == Rail::Payos);
    tx.as_platform(|tx| store::insert(tx, &new))?;
    tx.as_platform(|tx| written(tx, &new, (TransferEvent::Request, None), None))?;
    plan(tx, &new)?;
    Ok(new)
}

/// Has payOS asked as soon as a worker can.
pub fn plan(tx: &mut Tx<'_>, transfer: &Transfer) -> Result<()> {
    if transfer.rail != Rail::Payos {
        return Ok(());
    }
    let job = Job::SendTransfer { transfer_id: transfer.id.0 };
    jobs::enqueue(tx, &job, tx.now, Some(&format!("send_transfer:{}", transfer.id)))
}

fn drawn(tx: &Tx<'_>, rules: Rules, purpose: Purpose, bank_account_id: BankAccountId, amount: Vnd) -> Result<Transfer> {
    if amount > rules.most_at_once() {
        return Err(Error::internal("a transfer of more than one may be"));
    }
    let id = OutgoingId::generate();
    Ok(Transfer {
        id,
        purpose,
        subject_id: id.0,
        batch_id: None,
        producer_id: None,
        order_id: None,
        refund_id: None,
        bank_account_id,
        amount_vnd: amount,
        reference: format!("OC{}", ids::spoken_code(id.0)),
        rail: rules.rail,
        status: TransferStatus::Requested,
        next_at: None,
        asked: 0,
        sent_on: None,
        sent_at: None,
        file_id: None,
        rail_reference: None,
        reason: None,
        ended_at: None,
        created_at: tx.now,
        version: 1,
        alarmed_at: None,
    })
}
