use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use schema::{refund_answers, refund_approvals, refund_totals, refund_tries, refunds};

use super::model::{Refund, RefundAnswer, RefundPurpose, RefundRail, RefundSaid, RefundStatus, RefundTry, TryOutcome};
use crate::kernel::error::OnConstraint as _;
use crate::kernel::{
    AccountId, BankAccountId, Error, EventId, OrderId, PaymentId, RefundId, RefundTryId, Result, Tx, Vnd,
};
use crate::orders::OwedRefund;
use crate::payments::Source;
use crate::payments::providers::ProviderId;

/// A refund as it begins.
#[derive(Debug, Clone)]
pub struct NewRefund<'a> {
    pub owed: &'a OwedRefund,
    pub buyer_id: AccountId,
    pub source: &'a Source,
    pub rail: RefundRail,
    pub approvals_needed: i16,
    pub due_on: NaiveDate,
    pub step: Step<'a>,
}

/// Where a refund goes, and what of it is written with that.
#[derive(Debug, Clone)]
pub struct Step<'a> {
    pub status: RefundStatus,
    pub reason: Option<&'a str>,
    /// When the worker looks at it next.
    pub next_at: Option<DateTime<Utc>>,
}

fn has_ended(status: RefundStatus) -> bool {
    matches!(status, RefundStatus::Rejected | RefundStatus::Succeeded | RefundStatus::ReturnedByHand)
}

/// Writes a refund down. That it is not too much was seen in [`lock_room`]; should it be by now, all is done again.
pub fn insert(tx: &mut Tx<'_>, new: &NewRefund<'_>) -> Result<Refund> {
    let ended_at = has_ended(new.step.status).then_some(tx.now);
    diesel::insert_into(refunds::table)
        .values((
            refunds::id.eq(new.owed.id),
            refunds::order_id.eq(new.owed.order_id),
            refunds::buyer_account_id.eq(new.buyer_id),
            refunds::payment_id.eq(new.source.payment_id),
            refunds::credit_id.eq(new.source.credit_id),
            refunds::provider.eq(new.source.provider),
            refunds::rail.eq(new.rail),
            refunds::amount_vnd.eq(new.owed.amount_vnd),
            refunds::status.eq(new.step.status),
            refunds::reason.eq(new.step.reason),
            (
                refunds::approvals_needed.eq(new.approvals_needed),
                refunds::next_at.eq(new.step.next_at),
                refunds::due_on.eq(new.due_on),
                refunds::created_at.eq(tx.now),
                refunds::updated_at.eq(tx.now),
                refunds::ended_at.eq(ended_at),
            ),
        ))
        .returning(Refund::as_returning())
        .get_result(tx.conn)
        .on_constraint("refund_totals_refunded_check", Error::Conflict("more of a payment is paid back".to_owned()))
}

/// What may still be paid back of a payment that is locked; nothing is kept before its first refund.
pub fn room(tx: &mut Tx<'_>, source: &Source) -> Result<Vnd> {
    let kept: Option<i64> = refund_totals::table
        .find(source.payment_id)
        .select(refund_totals::captured_vnd - refund_totals::refunded_vnd)
        .first(tx.conn)
        .optional()?;
    Ok(kept.map_or(source.captured, |left| Vnd::new(left).unwrap_or(Vnd::ZERO)))
}

pub fn find(tx: &mut Tx<'_>, id: RefundId) -> Result<Refund> {
    Ok(refunds::table.find(id).select(Refund::as_select()).first(tx.conn)?)
}

pub fn is_there(tx: &mut Tx<'_>, id: RefundId) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(refunds::table.find(id))).get_result(tx.conn)?)
}

pub fn lock(tx: &mut Tx<'_>, id: RefundId) -> Result<Refund> {
    Ok(refunds::table.find(id).select(Refund::as_select()).for_update().first(tx.conn)?)
}

/// Moves a locked refund.
pub fn update(tx: &mut Tx<'_>, refund: &Refund, step: &Step<'_>) -> Result<Refund> {
    let ended_at = has_ended(step.status).then_some(tx.now);
    let moved = diesel::update(refunds::table.find(refund.id))
        .filter(refunds::status.eq(refund.status))
        .set((
            refunds::status.eq(step.status),
            refunds::reason.eq(step.reason),
            refunds::next_at.eq(step.next_at),
            refunds::ended_at.eq(ended_at),
            refunds::version.eq(refunds::version + 1),
            refunds::updated_at.eq(tx.now),
        ))
        .returning(Refund::as_returning())
        .get_result(tx.conn)
        .optional()
        // One that was rejected takes its part of the payment again, if nobody else has it.
        .on_constraint("refund_totals_refunded_check", refund.refusal())?;
    moved.ok_or_else(|| Error::internal("a locked refund did not move"))
}

/// A locked refund goes to this bank account, once so many persons have approved it anew.
pub fn set_account(
    tx: &mut Tx<'_>,
    refund: &Refund,
    (status, account_id, approvals_needed): (RefundStatus, BankAccountId, i16),
) -> Result<Refund> {
    let moved = diesel::update(refunds::table.find(refund.id))
        .filter(refunds::status.eq(refund.status))
        .set((
            refunds::status.eq(status),
            refunds::rail.eq(RefundRail::Transfer),
            refunds::bank_account_id.eq(account_id),
            refunds::approvals_needed.eq(approvals_needed),
            refunds::round.eq(refunds::round + 1),
            refunds::reason.eq(None::<String>),
            refunds::version.eq(refunds::version + 1),
            refunds::updated_at.eq(tx.now),
        ))
        .returning(Refund::as_returning())
        .get_result(tx.conn)
        .optional()?;
    moved.ok_or_else(|| Error::internal("a locked refund did not move"))
}

/// From here on two persons have to say anew that a locked refund is sent.
pub fn ask_two(tx: &mut Tx<'_>, refund: &Refund) -> Result<Refund> {
    Ok(diesel::update(refunds::table.find(refund.id))
        .set((refunds::approvals_needed.eq(2), refunds::round.eq(refunds::round + 1)))
        .returning(Refund::as_returning())
        .get_result(tx.conn)?)
}

/// One of a buyer's own.
pub fn find_buyers(tx: &mut Tx<'_>, buyer_id: AccountId, id: RefundId) -> Result<Refund> {
    let own = refunds::table.find(id).filter(refunds::buyer_account_id.eq(buyer_id));
    Ok(own.select(Refund::as_select()).first(tx.conn)?)
}

/// When a locked refund that stays where it is is looked at next.
pub fn wait(tx: &mut Tx<'_>, id: RefundId, next_at: DateTime<Utc>) -> Result<()> {
    diesel::update(refunds::table.find(id)).set(refunds::next_at.eq(next_at)).execute(tx.conn)?;
    Ok(())
}

pub fn set_alarmed(tx: &mut Tx<'_>, id: RefundId) -> Result<()> {
    diesel::update(refunds::table.find(id)).set(refunds::alarmed_at.eq(tx.now)).execute(tx.conn)?;
    Ok(())
}

/// By which number the bank knows what a person paid back.
pub fn set_hand_reference(tx: &mut Tx<'_>, id: RefundId, reference: &str) -> Result<()> {
    diesel::update(refunds::table.find(id)).set(refunds::hand_reference.eq(reference)).execute(tx.conn)?;
    Ok(())
}

/// How many have called people about their try and have no end yet.
pub fn count_alarms(tx: &mut Tx<'_>) -> Result<i64> {
    Ok(refunds::table
        .inner_join(refund_tries::table.on(refund_tries::refund_id.eq(refunds::id)))
        .filter(refunds::ended_at.is_null())
        .filter(refunds::status.eq_any([RefundStatus::Sent, RefundStatus::Unknown]))
        .filter(refund_tries::outcome.is_null())
        .filter(refunds::alarmed_at.ge(refund_tries::asked_at.nullable()))
        .count()
        .get_result(tx.conn)?)
}

/// Refunds that are to be looked at now, who waits longest first.
pub fn due(tx: &mut Tx<'_>, rows: i64) -> Result<Vec<RefundId>> {
    Ok(refunds::table
        .filter(refunds::next_at.le(tx.now))
        .order(refunds::next_at)
        .limit(rows)
        .select(refunds::id)
        .load(tx.conn)?)
}

/// A new try of a locked refund.
pub fn insert_try(tx: &mut Tx<'_>, new: &RefundTry) -> Result<()> {
    diesel::insert_into(refund_tries::table).values(new).execute(tx.conn)?;
    diesel::update(refunds::table.find(new.refund_id)).set(refunds::tries.eq(new.try_no)).execute(tx.conn)?;
    Ok(())
}

/// The try of which nobody knows yet what became of it.
pub fn open_try(tx: &mut Tx<'_>, id: RefundId) -> Result<RefundTry> {
    let open = refund_tries::table.filter(refund_tries::refund_id.eq(id)).filter(refund_tries::outcome.is_null());
    Ok(open.select(RefundTry::as_select()).first(tx.conn)?)
}

/// The try that paid back.
pub fn succeeded_try(tx: &mut Tx<'_>, id: RefundId) -> Result<RefundTry> {
    let done = refund_tries::table
        .filter(refund_tries::refund_id.eq(id))
        .filter(refund_tries::outcome.eq(TryOutcome::Succeeded));
    Ok(done.select(RefundTry::as_select()).first(tx.conn)?)
}

pub fn find_try(tx: &mut Tx<'_>, id: RefundTryId) -> Result<RefundTry> {
    Ok(refund_tries::table.find(id).select(RefundTry::as_select()).first(tx.conn)?)
}

/// Whether other refunds of the same payment were ever sent.
pub fn has_sent_others(tx: &mut Tx<'_>, payment_id: PaymentId, id: RefundId) -> Result<bool> {
    let others = refunds::table
        .filter(refunds::payment_id.eq(payment_id))
        .filter(refunds::id.ne(id))
        .filter(refunds::tries.gt(0));
    Ok(diesel::select(diesel::dsl::exists(others)).get_result(tx.conn)?)
}

/// The same try goes out once more.
pub fn send_again(tx: &mut Tx<'_>, id: RefundTryId) -> Result<RefundTry> {
    Ok(diesel::update(refund_tries::table.find(id))
        .set((refund_tries::sends.eq(refund_tries::sends + 1), refund_tries::is_absent.eq(false)))
        .returning(RefundTry::as_returning())
        .get_result(tx.conn)?)
}

pub fn set_absent(tx: &mut Tx<'_>, id: RefundTryId) -> Result<()> {
    diesel::update(refund_tries::table.find(id)).set(refund_tries::is_absent.eq(true)).execute(tx.conn)?;
    Ok(())
}

pub fn end_try(tx: &mut Tx<'_>, id: RefundTryId, outcome: TryOutcome, code: Option<&str>) -> Result<()> {
    diesel::update(refund_tries::table.find(id))
        .set((
            refund_tries::outcome.eq(outcome),
            refund_tries::code.eq(code),
            refund_tries::ended_at.eq(tx.now),
            refund_tries::is_absent.eq(false),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Keeps what a provider said.
#[derive(Debug, Clone)]
pub struct NewAnswer<'a> {
    pub try_id: RefundTryId,
    pub purpose: RefundPurpose,
    pub said: RefundSaid,
    pub detail: Option<&'a str>,
    pub http_status: Option<i16>,
    pub body: Option<&'a [u8]>,
}

pub fn insert_answer(tx: &mut Tx<'_>, new: &NewAnswer<'_>) -> Result<()> {
    diesel::insert_into(refund_answers::table)
        .values((
            refund_answers::id.eq(EventId::generate().0),
            refund_answers::try_id.eq(new.try_id),
            refund_answers::purpose.eq(new.purpose),
            refund_answers::said.eq(new.said),
            refund_answers::detail.eq(new.detail),
            refund_answers::http_status.eq(new.http_status),
            refund_answers::body.eq(new.body),
            refund_answers::at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Approves a locked refund in somebody's name; `false` when he has already.
pub fn insert_approval(tx: &mut Tx<'_>, refund: &Refund, by: AccountId) -> Result<bool> {
    let inserted = diesel::insert_into(refund_approvals::table)
        .values((
            refund_approvals::refund_id.eq(refund.id),
            refund_approvals::round.eq(refund.round),
            refund_approvals::account_id.eq(by),
            refund_approvals::at.eq(tx.now),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    Ok(inserted == 1)
}

/// Who approved a refund as it is now and when, the first first.
pub fn approvals(tx: &mut Tx<'_>, refund: &Refund) -> Result<Vec<(AccountId, DateTime<Utc>)>> {
    Ok(refund_approvals::table
        .filter(refund_approvals::refund_id.eq(refund.id))
        .filter(refund_approvals::round.eq(refund.round))
        .order((refund_approvals::at, refund_approvals::account_id))
        .select((refund_approvals::account_id, refund_approvals::at))
        .load(tx.conn)?)
}

pub fn tries_of(tx: &mut Tx<'_>, id: RefundId) -> Result<Vec<RefundTry>> {
    let of_refund = refund_tries::table.filter(refund_tries::refund_id.eq(id));
    Ok(of_refund.order(refund_tries::try_no).select(RefundTry::as_select()).load(tx.conn)?)
}

/// The latest of what was said of these tries, the newest first.
pub fn answers_of(tx: &mut Tx<'_>, tries: &[RefundTryId], rows: i64) -> Result<Vec<RefundAnswer>> {
    Ok(refund_answers::table
        .filter(refund_answers::try_id.eq_any(tries))
        .order(refund_answers::id.desc())
        .limit(rows)
        .select(RefundAnswer::as_select())
        .load(tx.conn)?)
}

pub fn of_order(tx: &mut Tx<'_>, order_id: OrderId) -> Result<Vec<Refund>> {
    let of_order = refunds::table.filter(refunds::order_id.eq(order_id));
    Ok(of_order.order(refunds::id).select(Refund::as_select()).load(tx.conn)?)
}

/// What refunds to look for.
#[derive(Debug, Clone, Copy)]
pub struct Filter {
    /// Without one: all that have not ended.
    pub status: Option<RefundStatus>,
    pub provider: Option<ProviderId>,
    pub overdue_on: Option<NaiveDate>,
}

pub type QueuePlace = (NaiveDate, RefundId);

/// What is due first comes first, and so what is overdue before everything else.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, after: Option<QueuePlace>, rows: i64) -> Result<Vec<Refund>> {
    let mut query = refunds::table.select(Refund::as_select()).into_boxed();
    query = match filter.status {
        Some(status) => query.filter(refunds::status.eq(status)),
        None => query.filter(refunds::ended_at.is_null()),
    };
    if let Some(provider) = filter.provider {
        query = query.filter(refunds::provider.eq(provider));
    }
    if let Some(today) = filter.overdue_on {
        query = query.filter(refunds::ended_at.is_null()).filter(refunds::due_on.lt(today));
    }
    if let Some((due_on, id)) = after {
        query = query.filter(refunds::due_on.gt(due_on).or(refunds::due_on.eq(due_on).and(refunds::id.gt(id))));
    }
    Ok(query.order((refunds::due_on, refunds::id)).limit(rows).load(tx.conn)?)
}
