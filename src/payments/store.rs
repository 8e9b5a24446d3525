use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use schema::{payment_attempts, payment_credits, payments};

use super::credits::{OtherName, transaction_key};
use super::model::{Attempt, AttemptStatus, Payment, PaymentStatus, Source, next_step_json};
use super::providers::{OwnAccount, PaymentEvent, ProviderId};
use crate::kernel::sql::Prepare;
use crate::kernel::{AccountId, AttemptId, CheckoutId, CreditId, Error, OrderId, PaymentId, Result, Tx, Vnd};
use crate::orders::Checkout;

/// The attempt that an event names, the likeliest first.
pub fn find_attempt(
    tx: &mut Tx<'_>,
    provider: ProviderId,
    event: &PaymentEvent,
) -> Result<Option<(Attempt, CheckoutId)>> {
    let own_account = payment_attempts::own_account.eq(event.own_account.as_ref());
    let found: Vec<(Attempt, CheckoutId)> = payment_attempts::table
        .inner_join(payments::table)
        .filter(payment_attempts::provider.eq(provider))
        .filter(payment_attempts::reference.eq_any(&event.references).or(own_account))
        .select((Attempt::as_select(), payments::checkout_id))
        .load(tx.conn)?;
    Ok(likeliest(event, &found, |(attempt, _)| attempt).cloned())
}

/// Of what was found for an event, that whose account number the money went to, else that of the likeliest reference.
fn likeliest<'a, T>(event: &PaymentEvent, found: &'a [T], attempt: impl Fn(&T) -> &Attempt) -> Option<&'a T> {
    let paid_to = event.own_account.as_ref();
    let own = found.iter().find(|one| paid_to.is_some() && attempt(one).own_account.as_ref() == paid_to);
    let named = |wanted| found.iter().find(|one| &attempt(one).reference == wanted);
    own.or_else(|| event.references.iter().find_map(named))
}

/// What an event names: an attempt, with its payment and its checkout.
pub type Named = (Attempt, Payment, CheckoutId);

/// The likeliest attempt that each of these events of one provider names. When any of their money is booked already, nothing
/// is found. Nothing is locked.
pub fn find_uncredited(tx: &mut Tx<'_>, provider: ProviderId, events: &[&PaymentEvent]) -> Result<Vec<Option<Named>>> {
    let transactions: Vec<String> = events.iter().map(|event| transaction_key(provider, event)).collect();
    let booked = payment_credits::table
        .filter(payment_credits::provider.eq(provider))
        .filter(payment_credits::provider_txn.eq_any(transactions));
    let names: Vec<OtherName> = events.iter().map(|event| OtherName::of(tx, provider, event)).collect();
    let is_listed = names.iter().any(|name| name.is_listed);
    let otherwise = payment_credits::table
        .filter(payment_credits::provider.eq(provider))
        .filter(payment_credits::provider_reference.eq_any(names.into_iter().filter_map(|name| name.reference)))
        .filter(payment_credits::amount_vnd.eq_any(events.iter().map(|event| event.amount)))
        .filter(payment_credits::provider_txn.like(OtherName::LISTED).ne(is_listed));
    let references = events.iter().flat_map(|event| &event.references);
    let own_accounts = events.iter().filter_map(|event| event.own_account.as_ref());
    let is_named =
        payment_attempts::reference.eq_any(references).or(payment_attempts::own_account.eq_any(own_accounts));
    let found: Vec<Named> = payment_attempts::table
        .inner_join(payments::table)
        .filter(payment_attempts::provider.eq(provider))
        .filter(is_named)
        .filter(diesel::dsl::not(diesel::dsl::exists(booked)))
        .filter(diesel::dsl::not(diesel::dsl::exists(otherwise)))
        .select((Attempt::as_select(), Payment::as_select(), payments::checkout_id))
        .load(tx.conn)?;
    Ok(events.iter().map(|event| likeliest(event, &found, |(attempt, ..)| attempt).cloned()).collect())
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
        .and(payment_attempts::withdrawn_at.is_null())
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

/// The purchase of a try.
pub fn checkout_of(tx: &mut Tx<'_>, id: AttemptId) -> Result<CheckoutId> {
    let attempts = payment_attempts::table.inner_join(payments::table);
    Ok(attempts.filter(payment_attempts::id.eq(id)).select(payments::checkout_id).first(tx.conn)?)
}

/// Whether a payment still waits for its money.
pub fn is_due(tx: &mut Tx<'_>, id: PaymentId) -> Result<bool> {
    let status: PaymentStatus = payments::table.find(id).select(payments::status).first(tx.conn)?;
    Ok(status == PaymentStatus::Pending)
}

/// Whether an account number was given to a try before.
pub fn has_account(tx: &mut Tx<'_>, number: &str) -> Result<bool> {
    let given = payment_attempts::table.filter(payment_attempts::own_account.eq(number));
    Ok(diesel::select(diesel::dsl::exists(given)).get_result(tx.conn)?)
}

/// Whether the buyer has begun to pay in another way since.
pub fn is_left(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<bool> {
    let others = payment_attempts::table
        .filter(payment_attempts::payment_id.eq(attempt.payment_id))
        .filter(payment_attempts::provider.ne(attempt.provider))
        .filter(payment_attempts::created_at.gt(attempt.created_at));
    Ok(diesel::select(diesel::dsl::exists(others)).get_result(tx.conn)?)
}

/// Our references of the tries that have these account numbers, by those.
pub fn references_of(tx: &mut Tx<'_>, own_accounts: &[&str]) -> Result<BTreeMap<String, String>> {
    if own_accounts.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found: Vec<(Option<String>, String)> = payment_attempts::table
        .filter(payment_attempts::own_account.eq_any(own_accounts))
        .select((payment_attempts::own_account, payment_attempts::reference))
        .load(tx.conn)?;
    Ok(found.into_iter().filter_map(|(account, reference)| Some((account?, reference))).collect())
}

/// An account number is the try's own, and is perhaps shown to the buyer.
pub fn set_account(tx: &mut Tx<'_>, id: AttemptId, account: &OwnAccount, is_shown: bool) -> Result<()> {
    let own_step = is_shown.then(|| next_step_json(account.step.clone()));
    diesel::update(payment_attempts::table.find(id))
        .set((
            payment_attempts::own_account.eq(&account.number),
            payment_attempts::provider_order.eq(&account.order),
            payment_attempts::own_step.eq(own_step),
            payment_attempts::version.eq(payment_attempts::version + 1),
            payment_attempts::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Open tries of a purchase whose providers keep orders open until they are called off, or that have account numbers, but
/// for those with one provider: from now on nobody is to pay by them. Answers with those that were not told so before.
pub fn withdraw_attempts(tx: &mut Tx<'_>, checkout_id: CheckoutId, kept: Option<ProviderId>) -> Result<Vec<AttemptId>> {
    let others = ProviderId::ALL.iter().copied().filter(|id| Some(*id) != kept);
    let (called_off, others): (Vec<ProviderId>, Vec<ProviderId>) = others.partition(|id| id.is_called_off());
    let has_account = payment_attempts::provider.eq_any(others).and(payment_attempts::own_account.is_not_null());
    let of_checkout = payments::table.filter(payments::checkout_id.eq(checkout_id)).select(payments::id);
    Ok(diesel::update(payment_attempts::table)
        .filter(payment_attempts::payment_id.eq_any(of_checkout))
        .filter(payment_attempts::provider.eq_any(called_off).or(has_account))
        .filter(payment_attempts::status.eq(AttemptStatus::Pending))
        .filter(payment_attempts::withdrawn_at.is_null())
        .set((
            payment_attempts::withdrawn_at.eq(tx.now),
            payment_attempts::version.eq(payment_attempts::version + 1),
            payment_attempts::updated_at.eq(tx.now),
        ))
        .returning(payment_attempts::id)
        .load(tx.conn)?)
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

/// Money came, at the end of the transaction: the payments are as they were read.
pub fn capture_payments(
    tx: &mut Tx<'_>,
    ids: &[PaymentId],
    (read, next): (PaymentStatus, PaymentStatus),
) -> Result<()> {
    let paid = diesel::update(payments::table)
        .filter(payments::id.eq_any(ids.to_vec()))
        .filter(payments::status.eq(read))
        .set((
            payments::status.eq(next),
            payments::captured_at.eq(tx.now),
            payments::version.eq(payments::version + 1),
            payments::updated_at.eq(tx.now),
        ))
        .returning(payments::id);
    tx.later_exactly(paid, ids.len())
}

/// The same of the attempts, which have got no account number since they were read. `ask_at` is when their provider is asked to
/// confirm it.
pub fn capture_attempts(
    tx: &mut Tx<'_>,
    attempts: &[&Attempt],
    (read, next): (AttemptStatus, AttemptStatus),
    (raw_code, ask_at): (&str, Option<DateTime<Utc>>),
) -> Result<()> {
    let ids: Vec<AttemptId> = attempts.iter().map(|attempt| attempt.id).collect();
    let own_accounts: Vec<String> = attempts.iter().filter_map(|attempt| attempt.own_account.clone()).collect();
    let done = diesel::update(payment_attempts::table)
        .filter(payment_attempts::id.eq_any(ids))
        .filter(payment_attempts::status.eq(read))
        .filter(payment_attempts::own_account.is_null().or(payment_attempts::own_account.eq_any(own_accounts)))
        .set((
            payment_attempts::status.eq(next),
            payment_attempts::raw_code.eq(raw_code.to_owned()),
            payment_attempts::next_poll_at.eq(ask_at),
            payment_attempts::version.eq(payment_attempts::version + 1),
            payment_attempts::updated_at.eq(tx.now),
        ))
        .returning(payment_attempts::id);
    tx.later_exactly(done, attempts.len())
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

/// Since when money is waited for by tries whose provider lists it; nothing when none is.
pub fn waits_since(tx: &mut Tx<'_>, provider: ProviderId) -> Result<Option<DateTime<Utc>>> {
    Ok(payment_attempts::table
        .filter(payment_attempts::provider.eq(provider))
        .filter(payment_attempts::next_poll_at.is_not_null())
        .select(diesel::dsl::min(payment_attempts::created_at))
        .first(tx.conn)?)
}

/// A list that was begun then said the last word of all tries whose time was over before.
pub fn set_listed(tx: &mut Tx<'_>, provider: ProviderId, (begun, over): (DateTime<Utc>, DateTime<Utc>)) -> Result<()> {
    diesel::update(payment_attempts::table)
        .filter(payment_attempts::provider.eq(provider))
        .filter(payment_attempts::next_poll_at.is_not_null())
        .filter(payment_attempts::expires_at.le(over))
        .set((payment_attempts::asked_at.eq(begun), payment_attempts::next_poll_at.eq(None::<DateTime<Utc>>)))
        .execute(tx.conn)?;
    Ok(())
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
