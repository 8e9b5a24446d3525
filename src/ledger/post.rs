//! Posting.

use super::model::{LedgerAccount, LedgerRefusal, Transfer, TransferKind};
use super::store;
use crate::kernel::error::OnConstraint;
use crate::kernel::{Error, Result, TransferId, Tx, Vnd};

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

/// Posts at the end of the transaction what moves no producer's balance, whose order of locks then does not matter. What
/// was posted before has the transaction run again, which must see that it was.
pub fn post_at_end(tx: &mut Tx<'_>, transfers: Vec<Transfer>) -> Result<()> {
    let of_producer = |one: &Transfer| [one.debit, one.credit].contains(&LedgerAccount::Producer);
    if transfers.iter().any(of_producer) {
        return Err(Error::internal("a producer's balance moves at once"));
    }
    let moving: Vec<Transfer> = transfers.into_iter().filter(|transfer| transfer.amount != Vnd::ZERO).collect();
    if moving.is_empty() { Ok(()) } else { store::insert_later(tx, &moving) }
}

/// Corrects a transfer by its mirror, once.
pub fn reverse(tx: &mut Tx<'_>, id: TransferId) -> Result<()> {
    let posted = store::find(tx, id)?;
    if posted.kind == TransferKind::Reversal {
        return Err(LedgerRefusal::IsReversal.into());
    }
    store::insert(tx, &[posted.mirror()]).on_constraint("ledger_transfers_subject_key", LedgerRefusal::AlreadyReversed)
}
