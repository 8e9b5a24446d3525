use super::model::{Refund, RefundRail, RefundStatus};
use super::policy;
use super::store::{self, NewRefund, Step};
use crate::config::RefundConfig;
use crate::jobs::{self, Job};
use crate::kernel::{Error, RefundId, Result, Tx, Vnd};
use crate::notifications::{self, News, Notice, Recipient};
use crate::orders;
use crate::payments::{self, Providers};

/// Why what is owed is not paid back at all.
const TOO_MUCH: &str = "Vượt quá số tiền đã thanh toán";

/// Money of a paid order is owed to its buyer, who is told: it is on its way back from now on, once. More than came in is
/// not: a person must look at it.
pub fn owe(tx: &mut Tx<'_>, (providers, limits): (&Providers, RefundConfig), id: RefundId) -> Result<()> {
    tx.who.must_be_platform()?;
    let owed = orders::find_refund(tx, id)?;
    let order = orders::find_order(tx, owed.order_id)?;
    // Of each refund once: an order may have several.
    let notice = Notice {
        to: Recipient::Account(order.buyer_account_id),
        news: News::RefundOwed { order_code: order.code, refund_vnd: owed.amount_vnd },
        object_id: id.0,
        occasion: "",
    };
    notifications::tell(tx, &notice)?;
    // Whoever else owes something back of this payment waits here.
    orders::lock_checkout(tx, order.checkout_id)?;
    if store::is_there(tx, id)? {
        return Ok(());
    }
    let source = payments::source_of(tx, (order.checkout_id, order.id))?;
    let source = source.ok_or_else(|| Error::internal("a refund of what was not paid"))?;
    let rail = if providers.pays_back(source.provider) { RefundRail::Provider } else { RefundRail::Hand };
    let approvals_needed =
        if rail == RefundRail::Provider { policy::approvals(limits, owed.cause, owed.amount_vnd) } else { 0 };
    let is_too_much = owed.amount_vnd > store::room(tx, &source)?;
    let (status, next_at) = match (is_too_much, rail, approvals_needed) {
        (true, ..) => (RefundStatus::Rejected, None),
        (false, RefundRail::Hand | RefundRail::Transfer, _) => (RefundStatus::Manual, None),
        (false, RefundRail::Provider, 0) => (RefundStatus::Approved, Some(tx.now)),
        (false, RefundRail::Provider, _) => (RefundStatus::Requested, None),
    };
    let step = Step { status, reason: is_too_much.then_some(TOO_MUCH), next_at };
    let due_on = policy::due_on(owed.at);
    let buyer_id = order.buyer_account_id;
    let new = NewRefund { owed: &owed, buyer_id, source: &source, rail, approvals_needed, due_on, step };
    let refund = store::insert(tx, &new)?;
    if is_too_much {
        tracing::error!(refund = %id, amount_vnd = refund.amount_vnd.amount(), "more is owed back than came in");
    }
    follow(tx, &refund)
}

/// What begins with a refund's new status: the worker sends it, or a person finds it in the queue.
pub fn follow(tx: &mut Tx<'_>, refund: &Refund) -> Result<()> {
    match refund.status {
        RefundStatus::Approved => plan(tx, refund.id),
        RefundStatus::Manual | RefundStatus::Rejected => {
            let owed: (_, Vnd) = (refund.order_id, refund.amount_vnd);
            tx.as_platform(|tx| payments::queue_refund(tx, refund.id, owed))
        }
        _ => Ok(()),
    }
}

/// The worker looks at this refund as soon as it can.
pub fn plan(tx: &mut Tx<'_>, id: RefundId) -> Result<()> {
    let now = tx.now;
    jobs::enqueue(tx, &Job::RunRefund { refund_id: id.0 }, now, Some(&format!("run_refund:{id}")))
}
