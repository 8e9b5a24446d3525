use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use schema::{payment_attempts, payment_credits, payment_reviews, payments};

use super::model::{Attempt, AttemptStatus, Payment, PaymentStatus, ReviewKind, Source};
use super::providers::{PaymentEvent, ProviderId};
use crate::kernel::sql::Prepare;
use crate::kernel::{
    AccountId, AttemptId, CallbackId, CheckoutId, CreditId, Error, OrderId, PaymentId, Result, Tx, Vnd,
};
use crate::orders::Checkout;

/// A moment that is so long past, or so far to come, is no moment at which money moved that is told now.
const TOLD_LATE_MAX: TimeDelta = TimeDelta::days(30);
const TOLD_EARLY_MAX: TimeDelta = TimeDelta::hours(1);

/// The attempt that one of these references names, the likeliest first.
pub fn find_attempt(
    tx: &mut Tx<'_>,
    provider: ProviderId,
    references: &[String],
) -> Result<Option<(Attempt, CheckoutId)>> {
    let found: Vec<(Attempt, CheckoutId)> = payment_attempts::table
        .inner_join(payments::table)
        .filter(payment_attempts::provider.eq(provider))
        .filter(payment_attempts::reference.eq_any(references))
        .select((Attempt::as_select(), payments::checkout_id))
        .load(tx.conn)?;
    Ok(references.iter().find_map(|wanted| found.iter().find(|(attempt, _)| &attempt.reference == wanted).cloned()))
}

/// The likeliest attempt that an event names, with its payment and its checkout, unless the event's money is booked.
/// Nothing is locked.
pub fn find_uncredited(
    tx: &mut Tx<'_>,
    provider: ProviderId,
    event: &PaymentEvent,
) -> Result<Option<(Attempt, Payment, CheckoutId)>> {
    let booked = payment_credits::table
        .filter(payment_credits::provider.eq(provider))
        .filter(payment_credits::provider_txn.eq(transaction_key(provider, event)));
    let found: Vec<(Attempt, Payment, CheckoutId)> = payment_attempts::table
        .inner_join(payments::table)
        .filter(payment_attempts::provider.eq(provider))
        .filter(payment_attempts::reference.eq_any(&event.references))
        .filter(diesel::dsl::not(diesel::dsl::exists(booked)))
        .select((Attempt::as_select(), Payment::as_select(), payments::checkout_id))
        .load(tx.conn)?;
    let named = |wanted| found.iter().find(|(attempt, ..)| &attempt.reference == wanted).cloned();
    Ok(event.references.iter().find_map(named))
}

pub fn lock_payment(tx: &mut Tx<'_>, id: PaymentId) -> Result<Payment> {
    Ok(payments::table.find(id).select(Payment::as_select()).for_update().first(tx.conn)?)
}

pub fn lock_attempt(tx: &mut Tx<'_>, id: AttemptId) -> Result<Attempt> {
    Ok(payment_attempts::table.find(id).select(Attempt::as_select()).for_update().first(tx.conn)?)
}

pub fn find_own_attempt(tx: &mut Tx<'_>, buyer_id: AccountId, id: AttemptId) -> Result<(Attempt, CheckoutId)> {
    Ok(payment_attempts::table
        .inner_join(payments::table)
        .filter(payment_attempts::id.eq(id))
        .filter(payment_attempts::buyer_account_id.eq(buyer_id))
        .select((Attempt::as_select(), payments::checkout_id))
        .first(tx.conn)?)
}

/// For the return page: what the database says of a reference.
pub fn status_of_reference(tx: &mut Tx<'_>, provider: ProviderId, reference: &str) -> Result<Option<AttemptStatus>> {
    Ok(payment_attempts::table
        .filter(payment_attempts::provider.eq(provider))
        .filter(payment_attempts::reference.eq(reference))
        .select(payment_attempts::status)
        .first(tx.conn)
        .optional()?)
}

/// The payment of a locked checkout, if there is one, with the try that is open with a provider.
pub fn find_payment(
    tx: &mut Tx<'_>,
    checkout_id: CheckoutId,
    provider: ProviderId,
) -> Result<(Option<PaymentId>, Option<Attempt>)> {
    let open = payment_attempts::payment_id
        .eq(payments::id)
        .and(payment_attempts::provider.eq(provider))
        .and(payment_attempts::status.eq(AttemptStatus::Pending))
        .and(payment_attempts::expires_at.gt(tx.now));
    let found: Option<(PaymentId, Option<Attempt>)> = payments::table
        .left_join(payment_attempts::table.on(open))
        .filter(payments::checkout_id.eq(checkout_id))
        .filter(payments::order_id.is_null())
        .order(payment_attempts::id.desc().nulls_last())
        .select((payments::id, Option::<Attempt>::as_select()))
        .first(tx.conn)
        .optional()?;
    Ok(found.map_or((None, None), |(id, attempt)| (Some(id), attempt)))
}

/// What a checkout owes, at the end of the transaction that locked it.
pub fn insert_payment(tx: &mut Tx<'_>, id: PaymentId, checkout: &Checkout) -> Result<()> {
    let row = (
        payments::id.eq(id),
        payments::checkout_id.eq(checkout.id),
        payments::buyer_account_id.eq(checkout.buyer_account_id),
        payments::amount_vnd.eq(checkout.total_vnd),
        payments::status.eq(PaymentStatus::Pending),
        payments::created_at.eq(tx.now),
        payments::updated_at.eq(tx.now),
    );
    tx.later(diesel::insert_into(payments::table).values(row), 1)
}

/// A new try, at the end of the transaction; with a reference that was given out before, all is done again.
pub fn insert_attempt(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<()> {
    let row = (
        payment_attempts::id.eq(attempt.id),
        payment_attempts::payment_id.eq(attempt.payment_id),
        payment_attempts::buyer_account_id.eq(attempt.buyer_account_id),
        payment_attempts::provider.eq(attempt.provider),
        payment_attempts::reference.eq(attempt.reference.clone()),
        payment_attempts::amount_vnd.eq(attempt.amount_vnd),
        payment_attempts::status.eq(attempt.status),
        payment_attempts::next_step.eq(attempt.next_step.clone()),
        payment_attempts::created_at.eq(attempt.created_at),
        payment_attempts::updated_at.eq(attempt.created_at),
        payment_attempts::expires_at.eq(attempt.expires_at),
        payment_attempts::opened_at.eq(attempt.opened_at),
        payment_attempts::next_poll_at.eq(attempt.next_poll_at),
    );
    tx.later(diesel::insert_into(payment_attempts::table).values(row), 1)
}

/// The provider has the order, and has perhaps said what the buyer is to do.
pub fn set_opened(tx: &mut Tx<'_>, id: AttemptId, next_step: Option<serde_json::Value>) -> Result<()> {
    diesel::update(payment_attempts::table.find(id))
        .set((
            payment_attempts::opened_at.eq(tx.now),
            next_step.map(|step| payment_attempts::next_step.eq(step)),
            payment_attempts::version.eq(payment_attempts::version + 1),
            payment_attempts::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub fn find_attempt_of(tx: &mut Tx<'_>, id: AttemptId) -> Result<Attempt> {
    Ok(payment_attempts::table.find(id).select(Attempt::as_select()).first(tx.conn)?)
}

/// Attempts that are to be asked for now, who waits longest first; those that another worker holds are left to it.
pub fn lock_due_questions(tx: &mut Tx<'_>, rows: i64) -> Result<Vec<Attempt>> {
    Ok(payment_attempts::table
        .filter(payment_attempts::next_poll_at.le(tx.now))
        .order(payment_attempts::next_poll_at)
        .limit(rows)
        .select(Attempt::as_select())
        .for_update()
        .skip_locked()
        .load(tx.conn)?)
}

/// Attempts with these providers that began within a time and that no provider has ended, the oldest first.
pub fn endless_attempts(
    tx: &mut Tx<'_>,
    providers: &[ProviderId],
    (begins, ends): (DateTime<Utc>, DateTime<Utc>),
    rows: i64,
) -> Result<Vec<AttemptId>> {
    // What ended because its purchase did has no word of its provider.
    const ENDLESS: [AttemptStatus; 3] = [AttemptStatus::Pending, AttemptStatus::Cancelled, AttemptStatus::Expired];
    Ok(payment_attempts::table
        .filter(payment_attempts::provider.eq_any(providers))
        .filter(payment_attempts::status.eq_any(ENDLESS))
        .filter(payment_attempts::raw_code.is_null())
        .filter(payment_attempts::created_at.ge(begins))
        .filter(payment_attempts::created_at.lt(ends))
        .order(payment_attempts::id)
        .limit(rows)
        .select(payment_attempts::id)
        .load(tx.conn)?)
}

/// The open attempts of a checkout whose provider is asked.
pub fn pending_questions(tx: &mut Tx<'_>, checkout_id: CheckoutId) -> Result<Vec<Attempt>> {
    Ok(payment_attempts::table
        .inner_join(payments::table)
        .filter(payments::checkout_id.eq(checkout_id))
        .filter(payments::status.eq(PaymentStatus::Pending))
        .filter(payment_attempts::status.eq(AttemptStatus::Pending))
        .filter(payment_attempts::next_poll_at.is_not_null())
        .select(Attempt::as_select())
        .load(tx.conn)?)
}

pub fn set_next_poll(tx: &mut Tx<'_>, id: AttemptId, at: Option<DateTime<Utc>>) -> Result<()> {
    diesel::update(payment_attempts::table.find(id)).set(payment_attempts::next_poll_at.eq(at)).execute(tx.conn)?;
    Ok(())
}

/// The provider said how the attempt stands, and perhaps that it has the order.
pub fn set_asked(tx: &mut Tx<'_>, id: AttemptId, has_order: bool) -> Result<()> {
    diesel::update(payment_attempts::table.find(id)).set(payment_attempts::asked_at.eq(tx.now)).execute(tx.conn)?;
    if has_order {
        diesel::update(payment_attempts::table.find(id))
            .filter(payment_attempts::opened_at.is_null())
            .set(payment_attempts::opened_at.eq(tx.now))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// The provider's word ends a locked attempt, and with it the questions.
pub fn move_attempt(tx: &mut Tx<'_>, attempt: &Attempt, next: AttemptStatus, raw_code: &str) -> Result<()> {
    let moved = diesel::update(payment_attempts::table.find(attempt.id))
        .filter(payment_attempts::status.eq(attempt.status))
        .set((
            payment_attempts::status.eq(next),
            payment_attempts::raw_code.eq(raw_code),
            payment_attempts::next_poll_at.eq(None::<DateTime<Utc>>),
            payment_attempts::version.eq(payment_attempts::version + 1),
            payment_attempts::updated_at.eq(tx.now),
        ))
        .returning(payment_attempts::id)
        .prepared()
        .load::<AttemptId>(tx.conn)?;
    must_be_one(moved.len())
}

/// A locked row moves, unless a policy stops the actor.
fn must_be_one(rows: usize) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(Error::internal("a locked payment or attempt did not move")) }
}

/// The money came, at the end of the transaction: the payment and its attempt are as they were read. `ask_at` is when
/// the provider is asked to confirm it.
pub fn capture(
    tx: &mut Tx<'_>,
    (payment, payment_next): (&Payment, PaymentStatus),
    (attempt, attempt_next): (&Attempt, AttemptStatus),
    (raw_code, ask_at): (&str, Option<DateTime<Utc>>),
) -> Result<()> {
    let paid = diesel::update(payments::table.find(payment.id))
        .filter(payments::status.eq(payment.status))
        .set((
            payments::status.eq(payment_next),
            payments::captured_at.eq(tx.now),
            payments::version.eq(payments::version + 1),
            payments::updated_at.eq(tx.now),
        ))
        .returning(payments::id);
    let done = diesel::update(payment_attempts::table.find(attempt.id))
        .filter(payment_attempts::status.eq(attempt.status))
        .set((
            payment_attempts::status.eq(attempt_next),
            payment_attempts::raw_code.eq(raw_code.to_owned()),
            payment_attempts::next_poll_at.eq(ask_at),
            payment_attempts::version.eq(payment_attempts::version + 1),
            payment_attempts::updated_at.eq(tx.now),
        ))
        .returning(payment_attempts::id);
    tx.later_exactly(paid, 1)?;
    tx.later_exactly(done, 1)
}

/// What a checkout owes, locked; `None` when nobody tried to pay it.
pub fn lock_payment_of(tx: &mut Tx<'_>, checkout_id: CheckoutId) -> Result<Option<Payment>> {
    let of_checkout =
        payments::table.filter(payments::checkout_id.eq(checkout_id)).filter(payments::order_id.is_null());
    Ok(of_checkout.select(Payment::as_select()).for_update().first(tx.conn).optional()?)
}

pub fn end_payment(tx: &mut Tx<'_>, payment: &Payment, next: PaymentStatus) -> Result<()> {
    let moved = diesel::update(payments::table.find(payment.id))
        .filter(payments::status.eq(payment.status))
        .set((payments::status.eq(next), payments::version.eq(payments::version + 1), payments::updated_at.eq(tx.now)))
        .execute(tx.conn)?;
    must_be_one(moved)
}

/// Ends the attempts of a payment whose status is the old one.
pub fn end_attempts(tx: &mut Tx<'_>, id: PaymentId, (old, next): (AttemptStatus, AttemptStatus)) -> Result<()> {
    diesel::update(payment_attempts::table)
        .filter(payment_attempts::payment_id.eq(id))
        .filter(payment_attempts::status.eq(old))
        .set((
            payment_attempts::status.eq(next),
            payment_attempts::version.eq(payment_attempts::version + 1),
            payment_attempts::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The provider's number of a movement of money, unique for ever. Banks' references are not: there it is the event.
pub fn transaction_key(provider: ProviderId, event: &PaymentEvent) -> String {
    match (provider, &event.provider_txn) {
        (ProviderId::Vnpay | ProviderId::Momo | ProviderId::Zalopay, Some(txn)) if txn != "0" => txn.clone(),
        _ => event.event_key.clone(),
    }
}

#[derive(Insertable)]
#[diesel(table_name = payment_credits, treat_none_as_default_value = false)]
struct NewCredit {
    id: CreditId,
    provider: ProviderId,
    provider_txn: String,
    callback_id: Option<CallbackId>,
    attempt_id: Option<AttemptId>,
    payment_id: Option<PaymentId>,
    amount_vnd: Vnd,
    received_at: DateTime<Utc>,
    provider_reference: Option<String>,
    moved_at: Option<DateTime<Utc>>,
}

fn credit(
    tx: &Tx<'_>,
    provider: ProviderId,
    event: &PaymentEvent,
    callback_id: CallbackId,
    (attempt_id, payment_id): (Option<AttemptId>, Option<PaymentId>),
) -> NewCredit {
    let provider_txn = transaction_key(provider, event);
    NewCredit {
        id: CreditId::generate(),
        provider,
        provider_reference: found_by(event, &provider_txn),
        provider_txn,
        callback_id: Some(callback_id),
        attempt_id,
        payment_id,
        amount_vnd: event.amount,
        received_at: tx.now,
        moved_at: event.paid_at.filter(|at| *at > tx.now - TOLD_LATE_MAX && *at < tx.now + TOLD_EARLY_MAX),
    }
}

/// The number by which the bank knows the movement, where that is not what the credit is known by.
fn found_by(event: &PaymentEvent, provider_txn: &str) -> Option<String> {
    const LENGTH_MAX: usize = 200;
    let told = event.provider_txn.as_ref().filter(|txn| *txn != provider_txn);
    told.filter(|txn| (1..=LENGTH_MAX).contains(&txn.chars().count())).cloned()
}

/// Books money whose transaction is not known, at the end of the transaction: should it be by then, all is done again.
pub fn insert_new_credit(
    tx: &mut Tx<'_>,
    provider: ProviderId,
    event: &PaymentEvent,
    callback_id: CallbackId,
    booked: (Option<AttemptId>, Option<PaymentId>),
) -> Result<()> {
    let row = credit(tx, provider, event, callback_id, booked);
    tx.later(diesel::insert_into(payment_credits::table).values(row), 1)
}

/// Books arrived money, once; `None` when this transaction of the provider is known already.
pub fn insert_credit(
    tx: &mut Tx<'_>,
    provider: ProviderId,
    event: &PaymentEvent,
    callback_id: CallbackId,
    booked: (Option<AttemptId>, Option<PaymentId>),
) -> Result<Option<CreditId>> {
    Ok(diesel::insert_into(payment_credits::table)
        .values(credit(tx, provider, event, callback_id, booked))
        .on_conflict((payment_credits::provider, payment_credits::provider_txn))
        .do_nothing()
        .returning(payment_credits::id)
        .get_result(tx.conn)
        .optional()?)
}

/// Who brought it.
pub fn provider_of(tx: &mut Tx<'_>, id: CreditId) -> Result<ProviderId> {
    Ok(payment_credits::table.find(id).select(payment_credits::provider).first(tx.conn)?)
}

/// How a transaction was told when it was booked.
#[derive(Debug, Clone, Copy)]
pub struct KnownCredit {
    pub attempt_id: Option<AttemptId>,
    pub amount: Vnd,
    pub is_ours: bool,
}

pub fn find_credit(tx: &mut Tx<'_>, provider: ProviderId, event: &PaymentEvent) -> Result<Option<KnownCredit>> {
    let found: Option<(Option<AttemptId>, Vnd, Option<ReviewKind>)> = payment_credits::table
        .left_join(payment_reviews::table)
        .filter(payment_credits::provider.eq(provider))
        .filter(payment_credits::provider_txn.eq(transaction_key(provider, event)))
        .select((payment_credits::attempt_id, payment_credits::amount_vnd, payment_reviews::kind.nullable()))
        .first(tx.conn)
        .optional()?;
    Ok(found.map(|(attempt_id, amount, kind)| KnownCredit {
        attempt_id,
        amount,
        is_ours: kind != Some(ReviewKind::OtherAccount),
    }))
}

/// The money that paid an order: its purchase's, or the cash that was collected for it. Nothing unless it is there.
pub fn source_of(tx: &mut Tx<'_>, (checkout_id, order_id): (CheckoutId, OrderId)) -> Result<Option<Source>> {
    let credit = payment_credits::payment_id.eq(payments::id.nullable());
    let attempt = payment_credits::attempt_id.eq(payment_attempts::id.nullable());
    let row: Option<SourceRow> = payments::table
        .inner_join(payment_credits::table.on(credit))
        .left_join(payment_attempts::table.on(attempt))
        .filter(payments::checkout_id.eq(checkout_id))
        .filter(payments::order_id.is_null().or(payments::order_id.eq(order_id)))
        .filter(payments::status.eq(PaymentStatus::Captured))
        .select((
            payments::id,
            payment_credits::id,
            payment_credits::provider,
            payment_credits::provider_txn,
            payments::amount_vnd,
            payment_credits::received_at,
            (payment_attempts::reference, payment_attempts::created_at).nullable(),
        ))
        .first(tx.conn)
        .optional()?;
    let source = |(payment_id, credit_id, provider, transaction, captured, received_at, attempt): SourceRow| {
        let (reference, attempted_at) = attempt.unwrap_or_else(|| (String::clone(&transaction), received_at));
        Source { payment_id, credit_id, provider, transaction, captured, reference, attempted_at }
    };
    Ok(row.map(source))
}

type SourceRow = (PaymentId, CreditId, ProviderId, String, Vnd, DateTime<Utc>, Option<(String, DateTime<Utc>)>);
