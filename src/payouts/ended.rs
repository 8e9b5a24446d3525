//! A payout has ended, or what had arrived came back: its household hears of it.

use crate::kernel::{CrashPoint, Error, OutgoingId, Result, Tx};
use crate::notifications::{self, News, Notice, Recipient};
use crate::outgoing::{self, TransferStatus, bank_name};

pub fn ended(tx: &mut Tx<'_>, id: OutgoingId) -> Result<()> {
    tx.who.must_be_platform()?;
    CrashPoint::PayoutAfterRecord.pass();
    let transfer = outgoing::find(tx, id)?;
    let account = outgoing::find_account(tx, transfer.bank_account_id)?;
    let producer_id = transfer.producer_id.ok_or_else(|| Error::internal("a payout to nobody"))?;
    let (amount_vnd, last_digits) = (transfer.amount_vnd, account.last_digits);
    let bank_name = bank_name(&account.bank_bin).to_owned();
    let news = match transfer.status {
        TransferStatus::Confirmed => News::PayoutPaid { amount_vnd, bank_name, last_digits },
        TransferStatus::Failed | TransferStatus::Cancelled => News::PayoutFailed { amount_vnd, bank_name, last_digits },
        // It moved on since; that will be told.
        _ => return Ok(()),
    };
    let notice = Notice { to: Recipient::Producer(producer_id), news, object_id: id.0, occasion: "" };
    notifications::tell(tx, &notice)
}
