//! What odd and owed money does in the books.

use super::model::{Resolution, Review, ReviewKind};
use super::providers::ProviderId;
use super::store;
use crate::kernel::{CreditId, Error, Result, Tx, Vnd};
use crate::ledger::{self, LedgerAccount as A, Transfer, TransferKind as K};

/// Money that pays nothing stands in suspense until a person has decided.
pub fn odd(tx: &mut Tx<'_>, (id, provider): (CreditId, ProviderId), amount: Vnd) -> Result<()> {
    ledger::post(
        tx,
        vec![Transfer::new(K::OddMoney, id.0, (A::Clearing, A::Suspense), amount).through(provider.as_str())],
    )
}

/// A person has decided: odd money leaves suspense, and what was owed back was sent if the person sent it.
pub fn decided(tx: &mut Tx<'_>, review: &Review, resolution: Resolution) -> Result<()> {
    if let Some(credit_id) = review.credit_id {
        let provider = store::provider_of(tx, credit_id)?;
        let (kind, to) = match resolution {
            Resolution::RefundedByHand => (K::OddMoneyReturned, A::Clearing),
            Resolution::NoMoneyReceived => (K::OddMoneyMissing, A::Clearing),
            // Where it will end is not decided yet.
            Resolution::KeptForOrder | Resolution::ReportedToProvider => (K::OddMoneySetAside, A::SetAside),
        };
        let out = Transfer::new(kind, credit_id.0, (A::Suspense, to), review.amount_vnd);
        return ledger::post(tx, vec![out.through(provider.as_str())]);
    }
    if review.kind == ReviewKind::RefundDue && resolution == Resolution::RefundedByHand {
        return sent_by_hand(tx, review);
    }
    Ok(())
}

/// Back the way that it came: through the provider that has it, or had it.
fn sent_by_hand(tx: &mut Tx<'_>, review: &Review) -> Result<()> {
    let (Some(order_id), Some(refund_id)) = (review.order_id, review.refund_id) else {
        return Err(Error::internal("a refund of nothing"));
    };
    let provider = ledger::captured_through(tx, order_id)?;
    let sent = Transfer::new(K::RefundSent, refund_id.0, (A::RefundsOwed, A::Clearing), review.amount_vnd);
    ledger::post(tx, vec![sent.through(&provider).of_order(order_id).of_refund(refund_id)])
}
