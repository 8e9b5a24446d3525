//! Refunds that go to a bank account, because no provider pays them back.

use serde_json::json;

use super::model::{Refund, RefundEvent, RefundRail, RefundStatus, RefundTry, TryOutcome};
use super::policy;
use super::record::{fail, give_up, succeed};
use super::store::{self, Step};
use crate::config::RefundConfig;
use crate::kernel::{Audience, Error, OutgoingId, RefundId, RefundTryId, Result, Tx};
use crate::outgoing::{self, NewBankAccount, NewRefund, Rules, TransferStatus, Vault};
use crate::{audit, orders};

/// What a buyer wrote into a field is sent to nobody before a person has looked at it.
const APPROVALS_MIN: i16 = 1;

/// A buyer says to which bank account a refund goes. What was approved before is to be approved anew.
pub fn send_to(
    tx: &mut Tx<'_>,
    (vault, limits): (&Vault, RefundConfig),
    id: RefundId,
    account: NewBankAccount,
) -> Result<Refund> {
    let buyer_id = tx.who.must(Audience::Buyer)?;
    store::find_buyers(tx, buyer_id, id)?;
    let refund = tx.as_platform(|tx| store::lock(tx, id))?;
    let status = refund.after(RefundEvent::GiveAccount)?;
    if !refund.wants_account() {
        return Err(refund.refusal());
    }
    let cause = tx.as_platform(|tx| orders::find_refund(tx, id))?.cause;
    let approvals = policy::approvals(limits, cause, refund.amount_vnd).max(APPROVALS_MIN);
    let account_id = outgoing::give_for_refund(tx, vault, account)?.id;
    let refund = tx.as_platform(|tx| store::set_account(tx, &refund, (status, account_id, approvals)))?;
    audit::write(tx, "refund.bank-account", "refund", id.0, json!({"bank_account_id": account_id}))?;
    Ok(refund)
}

/// Has a transfer made for a locked refund; what is larger than one may be is for a person.
pub fn begin(tx: &mut Tx<'_>, refund: &Refund, attempt: &RefundTry, rules: Rules) -> Result<()> {
    if refund.amount_vnd > rules.most_at_once() {
        return give_up(tx, refund, "Vượt giới hạn một lần chuyển khoản");
    }
    let bank_account_id = refund.bank_account_id.ok_or_else(|| Error::internal("a transfer to nowhere"))?;
    let wish = NewRefund {
        subject_id: attempt.id.0,
        order_id: refund.order_id,
        refund_id: refund.id,
        bank_account_id,
        amount: refund.amount_vnd,
    };
    outgoing::request_approved(tx, rules, &wish)?;
    store::insert_try(tx, attempt)?;
    let next_at = Some(policy::tomorrow(tx.now));
    let step = Step { status: refund.after(RefundEvent::Send)?, reason: None, next_at };
    store::update(tx, refund, &step).map(drop)
}

/// What became of a transfer, as often as it changes. The books have moved with it.
pub fn transfer_ended(tx: &mut Tx<'_>, id: OutgoingId) -> Result<()> {
    tx.who.must_be_platform()?;
    let transfer = outgoing::find(tx, id)?;
    let refund_id = transfer.refund_id.ok_or_else(|| Error::internal("a refund of nothing"))?;
    let refund = store::lock(tx, refund_id)?;
    let attempt = store::find_try(tx, RefundTryId(transfer.subject_id))?;
    let why = transfer.reason.as_deref().unwrap_or_default();
    match (transfer.status, attempt.outcome) {
        (TransferStatus::Confirmed, None) if refund.is_on_its_way() => {
            succeed(tx, &refund, &attempt, (RefundEvent::Succeed, None))
        }
        (TransferStatus::Failed | TransferStatus::Cancelled, None) if refund.is_on_its_way() => {
            fail(tx, &refund, &attempt, (RefundEvent::Fail, why))
        }
        (TransferStatus::Failed, Some(TryOutcome::Succeeded)) if refund.status == RefundStatus::Succeeded => {
            came_back(tx, &refund, &attempt, why)
        }
        // It moved on since; that will be told, or was.
        _ => Ok(()),
    }
}

/// The money had arrived and did not stay there: its buyer may name another account.
fn came_back(tx: &mut Tx<'_>, refund: &Refund, attempt: &RefundTry, why: &str) -> Result<()> {
    store::end_try(tx, attempt.id, TryOutcome::Failed, None)?;
    let reason = Some(why).filter(|why| !why.is_empty());
    let step = Step { status: refund.after(RefundEvent::TakeBack)?, reason, next_at: Some(tx.now) };
    let refund = store::update(tx, refund, &step)?;
    give_up(tx, &refund, reason.unwrap_or("Tiền bị trả lại"))
}

/// Whether a refund goes by a transfer.
pub fn is_transfer(refund: &Refund) -> bool {
    refund.rail == RefundRail::Transfer
}
