//! What odd money does in the books.

use super::credits;
use super::model::{Resolution, Review};
use super::providers::ProviderId;
use crate::kernel::{CreditId, Result, Tx, Vnd};
use crate::ledger::{self, LedgerAccount as A, Transfer, TransferKind as K};

/// Money that pays nothing stands in suspense until a person has decided.
pub fn odd(tx: &mut Tx<'_>, (id, provider): (CreditId, ProviderId), amount: Vnd) -> Result<()> {
    ledger::post(
        tx,
        vec![Transfer::new(K::OddMoney, id.0, (A::Clearing, A::Suspense), amount).through(provider.as_str())],
    )
}

/// A person has decided: odd money leaves suspense. What is owed back is booked by whoever sends it.
pub fn decided(tx: &mut Tx<'_>, review: &Review, resolution: Resolution) -> Result<()> {
    if let Some(credit_id) = review.credit_id {
        let provider = credits::provider_of(tx, credit_id)?;
        let (kind, to) = match resolution {
            Resolution::RefundedByHand | Resolution::RefundedByProvider => (K::OddMoneyReturned, A::Clearing),
            Resolution::NoMoneyReceived => (K::OddMoneyMissing, A::Clearing),
            // Where it will end is not decided yet.
            Resolution::KeptForOrder | Resolution::ReportedToProvider => (K::OddMoneySetAside, A::SetAside),
        };
        let out = Transfer::new(kind, credit_id.0, (A::Suspense, to), review.amount_vnd);
        return ledger::post(tx, vec![out.through(provider.as_str())]);
    }
    Ok(())
}
