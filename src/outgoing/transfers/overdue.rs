//! Transfers of which nobody knows what became of them call people.

use chrono::TimeDelta;

use super::model::Rail;
use super::store;
use crate::kernel::{Result, Tx};
use crate::notifications::{self, News, Notice, Recipient};

/// Transfers that call people at once.
const ALARMS_MAX: i64 = 200;

impl Rail {
    /// How long after it was sent a transfer may be without an end before people are called: a bank works through a file
    /// within its working days, payOS tells within minutes.
    pub fn told_within(self) -> TimeDelta {
        match self {
            Rail::BankFile => TimeDelta::hours(72),
            Rail::Payos => TimeDelta::hours(24),
        }
    }
}

/// Every operator hears of each of them once; it is over when its end is known.
pub fn alarm(tx: &mut Tx<'_>) -> Result<()> {
    for rail in Rail::ALL {
        for transfer in store::overdue(tx, *rail, tx.now - rail.told_within(), ALARMS_MAX)? {
            let Some(sent_at) = transfer.sent_at.filter(|_| transfer.alarmed_at.is_none()) else { continue };
            if !store::set_alarmed(tx, transfer.id)? {
                continue;
            }
            tracing::error!(transfer = %transfer.id, status = %transfer.status, "a transfer has no end");
            let news =
                News::TransferOverdue { reference: transfer.reference, amount_vnd: transfer.amount_vnd, sent_at };
            let notice = Notice { to: Recipient::Operators, news, object_id: transfer.id.0, occasion: "" };
            notifications::tell(tx, &notice)?;
        }
    }
    Ok(())
}
