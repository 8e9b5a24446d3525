//! Posting.

use super::model::{LedgerRefusal, Transfer, TransferKind};
use super::store;
use crate::kernel::error::OnConstraint;
use crate::kernel::{Result, TransferId, Tx, Vnd};

/// Posts what one event moves, in one statement; what moves nothing is left out. The platform alone may: who posts for
/// somebody else does it within [`Tx::as_platform`]. A movement that was posted before is an error, and rolls back what
/// was done with it.
pub fn post(tx: &mut Tx<'_>, transfers: Vec<Transfer>) -> Result<()> {
    let mut moving: Vec<Transfer> = transfers.into_iter().filter(|transfer| transfer.amount != Vnd::ZERO).collect();
    if moving.is_empty() {
        return Ok(());
    }
    // Producers' balances are locked one after the other; of one producer what comes first is posted first.
    moving.sort_by_key(|transfer| transfer.producer_id);
    store::insert(tx, &moving).on_constraint("ledger_balances_payout_check", LedgerRefusal::NotEnough)
}

/// Corrects a transfer by its mirror, once.
pub fn reverse(tx: &mut Tx<'_>, id: TransferId) -> Result<()> {
    let posted = store::find(tx, id)?;
    if posted.kind == TransferKind::Reversal {
        return Err(LedgerRefusal::IsReversal.into());
    }
    store::insert(tx, &[posted.mirror()]).on_constraint("ledger_transfers_subject_key", LedgerRefusal::AlreadyReversed)
}
