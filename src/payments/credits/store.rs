use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use schema::{payment_credits, payment_reviews};

use crate::kernel::later::{Fragment, Row};
use crate::kernel::{AttemptId, CallbackId, CreditId, PaymentId, Result, Tx, Vnd};
use crate::payments::model::ReviewKind;
use crate::payments::providers::{PaymentEvent, ProviderId};

/// A moment that is so long past, or so far to come, is no moment at which money moved that is told now.
const TOLD_LATE_MAX: TimeDelta = TimeDelta::days(30);
const TOLD_EARLY_MAX: TimeDelta = TimeDelta::hours(1);

/// The provider's number of a movement of money, unique for ever. Banks' references are not: there it is the event.
pub fn transaction_key(provider: ProviderId, event: &PaymentEvent) -> String {
    match (provider, &event.provider_txn) {
        (ProviderId::Vnpay | ProviderId::Momo | ProviderId::Zalopay, Some(txn)) if txn != "0" => txn.clone(),
        _ => event.event_key.clone(),
    }
}

/// By what a transfer to our account is known where a notice and a list tell it, which number it otherwise. Without a
/// reference it is known by nothing.
pub struct OtherName {
    pub reference: Option<String>,
    pub moved_at: Option<DateTime<Utc>>,
    pub is_listed: bool,
}

impl OtherName {
    /// How movements are numbered that a list told first.
    pub const LISTED: &str = "list:%";

    pub fn of(tx: &Tx<'_>, provider: ProviderId, event: &PaymentEvent) -> OtherName {
        let key = transaction_key(provider, event);
        OtherName {
            reference: if provider.is_listed() { found_by(event, &key) } else { None },
            moved_at: moved_at(tx, event),
            is_listed: key.starts_with(Self::LISTED.trim_end_matches('%')),
        }
    }
}

fn moved_at(tx: &Tx<'_>, event: &PaymentEvent) -> Option<DateTime<Utc>> {
    event.paid_at.filter(|at| *at > tx.now - TOLD_LATE_MAX && *at < tx.now + TOLD_EARLY_MAX)
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

impl Row for NewCredit {
    fn insert(rows: Vec<Self>) -> Fragment {
        Box::new(diesel::insert_into(payment_credits::table).values(rows))
    }
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
        moved_at: moved_at(tx, event),
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
    tx.later_row(row)
}

/// Books arrived money, once; `None` when this transaction of the provider is known already.
pub fn insert_credit(
    tx: &mut Tx<'_>,
    provider: ProviderId,
    event: &PaymentEvent,
    callback_id: CallbackId,
    booked: (Option<AttemptId>, Option<PaymentId>),
) -> Result<Option<CreditId>> {
    if is_told_otherwise(tx, provider, event)? {
        return Ok(None);
    }
    Ok(diesel::insert_into(payment_credits::table)
        .values(credit(tx, provider, event, callback_id, booked))
        .on_conflict((payment_credits::provider, payment_credits::provider_txn))
        .do_nothing()
        .returning(payment_credits::id)
        .get_result(tx.conn)
        .optional()?)
}

/// Whether a notice told what a list tells now, or the other way round. Whoever else tells it waits until this
/// transaction has ended.
fn is_told_otherwise(tx: &mut Tx<'_>, provider: ProviderId, event: &PaymentEvent) -> Result<bool> {
    let name = OtherName::of(tx, provider, event);
    let Some(reference) = &name.reference else { return Ok(false) };
    diesel::sql_query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind::<diesel::sql_types::Text, _>(format!("{provider} {reference}"))
        .execute(tx.conn)?;
    Ok(find_otherwise(tx, provider, (event.amount, name))?.is_some())
}

fn find_otherwise(tx: &mut Tx<'_>, provider: ProviderId, (amount, name): (Vnd, OtherName)) -> Result<Option<CreditId>> {
    let mut told = payment_credits::table
        .filter(payment_credits::provider.eq(provider))
        .filter(payment_credits::provider_reference.eq(name.reference))
        .filter(payment_credits::amount_vnd.eq(amount))
        .filter(payment_credits::provider_txn.like(OtherName::LISTED).ne(name.is_listed))
        .select(payment_credits::id)
        .into_boxed();
    // What was told without a moment is taken for the same: nothing is counted twice because a moment could not be read.
    if let Some(at) = name.moved_at {
        told = told.filter(payment_credits::moved_at.eq(at).or(payment_credits::moved_at.is_null()));
    }
    Ok(told.first(tx.conn).optional()?)
}

/// The places of transfers of which neither a notice nor a list told before. What has no number of the bank, or no
/// moment, cannot be compared.
pub fn unbooked(tx: &mut Tx<'_>, provider: ProviderId, events: &[&PaymentEvent]) -> Result<Vec<usize>> {
    type Name = (Option<String>, Vnd, Option<DateTime<Utc>>);
    let references: Vec<&str> = events.iter().filter_map(|event| event.provider_txn.as_deref()).collect();
    let booked: Vec<Name> = payment_credits::table
        .filter(payment_credits::provider.eq(provider))
        .filter(payment_credits::provider_reference.eq_any(references))
        .select((payment_credits::provider_reference, payment_credits::amount_vnd, payment_credits::moved_at))
        .load(tx.conn)?;
    let now = &*tx;
    let is_new = |event: &PaymentEvent| {
        let (reference, at) = (&event.provider_txn, moved_at(now, event));
        let is_it = |(known, amount, moved): &Name| {
            known == reference && *amount == event.amount && (*moved == at || moved.is_none())
        };
        reference.is_some() && at.is_some() && !booked.iter().any(is_it)
    };
    Ok((0..).zip(events).filter(|(_, event)| is_new(event)).map(|(place, _)| place).collect())
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
    type Found = (Option<AttemptId>, Vnd, Option<ReviewKind>);
    let credits = payment_credits::table.left_join(payment_reviews::table).select((
        payment_credits::attempt_id,
        payment_credits::amount_vnd,
        payment_reviews::kind.nullable(),
    ));
    let mut found: Option<Found> = credits
        .filter(payment_credits::provider.eq(provider))
        .filter(payment_credits::provider_txn.eq(transaction_key(provider, event)))
        .first(tx.conn)
        .optional()?;
    let name = OtherName::of(tx, provider, event);
    if found.is_none()
        && name.reference.is_some()
        && let Some(id) = find_otherwise(tx, provider, (event.amount, name))?
    {
        found = credits.filter(payment_credits::id.eq(id)).first(tx.conn).optional()?;
    }
    Ok(found.map(|(attempt_id, amount, kind)| KnownCredit {
        attempt_id,
        amount,
        is_ours: kind != Some(ReviewKind::OtherAccount),
    }))
}
