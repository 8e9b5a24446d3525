//! Money that is expected just so, which is nearly all: told for the first time, of the right amount, for a purchase that waits
//! for it. What came together of it is written together.

use std::collections::BTreeMap;

use super::apply::{Due, capture, oddity};
use super::inbox::{self, Arrived};
use super::model::{AttemptStatus, CallbackOutcome, PaymentStatus};
use super::providers::{Outcome, PaymentEvent, Reading};
use super::{credits, store};
use crate::kernel::{CheckoutId, Result, Tx};
use crate::orders::{self, Checkout};

/// Of messages of one provider does what those say whose money is expected, with their storing, all of it at the end of the
/// transaction, and says which they were. With the others nothing is done, nor with what somebody else is at work on or what
/// repeats a message before it: they have to be applied one by one, by [`super::apply::keep_and_apply`]. What is not locked is
/// written only if it still is as it was read.
pub fn apply_expected(tx: &mut Tx<'_>, arrived: &[Arrived]) -> Result<Vec<bool>> {
    tx.who.must_be_platform()?;
    let expected = expected(tx, arrived)?;
    let told: Vec<(&PaymentEvent, &Due)> = expected.iter().map(|one| (one.event, &one.due)).collect();
    for one in &expected {
        let raw = &one.arrived.raw;
        inbox::insert_finished(tx, raw, &one.event.event_key, CallbackOutcome::Applied)?;
        let booked = (Some(one.due.attempt.id), Some(one.due.payment.id));
        credits::insert_new_credit(tx, raw.provider, one.event, raw.id, booked)?;
    }
    if let Some(one) = expected.first() {
        capture(tx, one.arrived.raw.provider, &told)?;
    }
    let is_done = |one: &Arrived| expected.iter().any(|done| done.arrived.raw.id == one.raw.id);
    Ok(arrived.iter().map(is_done).collect())
}

struct Expected<'a> {
    arrived: &'a Arrived,
    event: &'a PaymentEvent,
    due: Due,
}

/// What is expected, told in the same words; the checkouts are locked.
fn expected<'a>(tx: &mut Tx<'_>, arrived: &'a [Arrived]) -> Result<Vec<Expected<'a>>> {
    let paid: Vec<(&Arrived, &PaymentEvent)> = arrived.iter().filter_map(|one| Some((one, money(one)?))).collect();
    let Some((first, _)) = paid.first() else { return Ok(Vec::new()) };
    let events: Vec<&PaymentEvent> = paid.iter().map(|(_, event)| *event).collect();
    let found = store::find_uncredited(tx, first.raw.provider, &events)?;
    let ids: Vec<CheckoutId> = found.iter().flatten().map(|(_, _, id)| *id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let locked = orders::lock_waiting(tx, &ids)?;
    let mut locked: BTreeMap<CheckoutId, Checkout> = locked.into_iter().map(|one| (one.id, one)).collect();
    let mut expected: Vec<Expected<'a>> = Vec::new();
    for ((arrived, event), found) in paid.into_iter().zip(found) {
        let Some((attempt, payment, checkout_id)) = found else { continue };
        // Once.
        let Some(checkout) = locked.remove(&checkout_id) else { continue };
        let due = Due { checkout, payment, attempt };
        let is_open = due.payment.status == PaymentStatus::Pending && due.attempt.status == AttemptStatus::Pending;
        let in_same_words = expected.first().is_none_or(|first| words(first.event) == words(event));
        if is_open && in_same_words && oddity(event, Some(&due)).is_none() {
            expected.push(Expected { arrived, event, due });
        }
    }
    Ok(expected)
}

/// What a message says, if it says that money came to us.
pub fn money(arrived: &Arrived) -> Option<&PaymentEvent> {
    let Reading::Verified(event) = &arrived.reading else { return None };
    let is_money = event.outcome == Outcome::Paid && event.amount.amount() != 0 && event.payee_account_ours;
    is_money.then_some(event)
}

/// What is written of an event with each attempt.
fn words(event: &PaymentEvent) -> (&str, bool) {
    (&event.raw_code, event.to_be_confirmed)
}
