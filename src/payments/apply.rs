use super::credits::{self, KnownCredit};
use super::expected::apply_expected;
use super::inbox::Arrived;
use super::model::{Attempt, AttemptEvent, AttemptStatus, CallbackOutcome, Payment, PaymentStatus, ReviewKind};
use super::providers::{Outcome, PaymentEvent, ProviderId, Reading, Verdict};
use super::queue::{self, NewReview};
use super::{books, call_off, inbox, moves, store};
use crate::audit;
use crate::kernel::{AttemptId, CallbackId, CheckoutId, CreditId, Error, Result, Tx};
use crate::orders::{self, Checkout, CheckoutStatus};

/// A stored message with what it says.
#[derive(Debug, Clone)]
pub struct Message {
    pub callback_id: CallbackId,
    pub provider: ProviderId,
    pub reading: Reading,
}

/// Does what a message says, at most once, and notes what became of it, in one transaction. The order of the checks
/// is the providers' own: signature, order, amount, state.
pub fn apply(tx: &mut Tx<'_>, message: &Message) -> Result<Verdict> {
    tx.who.must_be_platform()?;
    let (verdict, outcome, event_key) = match &message.reading {
        Reading::Unverified(fault) => (Verdict::Unverified(*fault), CallbackOutcome::Unverified, None),
        Reading::NotForUs => (Verdict::Applied, CallbackOutcome::NotForUs, None),
        Reading::Verified(event) => {
            let verdict = apply_event(tx, message, event)?;
            (verdict, outcome_of(verdict), Some(event.event_key.as_str()))
        }
    };
    inbox::finish(tx, message.callback_id, event_key, outcome)?;
    Ok(verdict)
}

/// The same for a message that nobody has stored yet: it is stored with what it does, or not at all, and then by
/// itself.
pub fn apply_fresh(tx: &mut Tx<'_>, arrived: &Arrived) -> Result<Verdict> {
    if apply_expected(tx, std::slice::from_ref(arrived))? == [true] {
        return Ok(Verdict::Applied);
    }
    keep_and_apply(tx, arrived)
}

/// Stores a message, and does what it says, whatever that is.
pub fn keep_and_apply(tx: &mut Tx<'_>, arrived: &Arrived) -> Result<Verdict> {
    inbox::insert(tx, &arrived.raw, Some(true))?;
    let (callback_id, provider) = (arrived.raw.id, arrived.raw.provider);
    apply(tx, &Message { callback_id, provider, reading: arrived.reading.clone() })
}

fn outcome_of(verdict: Verdict) -> CallbackOutcome {
    match verdict {
        Verdict::Applied => CallbackOutcome::Applied,
        Verdict::AlreadyApplied => CallbackOutcome::AlreadyApplied,
        Verdict::UnknownOrder => CallbackOutcome::UnknownOrder,
        Verdict::WrongAmount => CallbackOutcome::WrongAmount,
        Verdict::Parked | Verdict::Contradicted | Verdict::Unavailable => CallbackOutcome::Parked,
        Verdict::Unverified(_) => CallbackOutcome::Unverified,
    }
}

/// What an event is about; at least its checkout is locked.
pub struct Due {
    pub checkout: Checkout,
    pub payment: Payment,
    pub attempt: Attempt,
}

/// An event with what it is about, and why it does not fit that, if it does not.
struct Story<'a> {
    provider: ProviderId,
    callback_id: CallbackId,
    event: &'a PaymentEvent,
    due: Option<Due>,
    oddity: Option<ReviewKind>,
}

impl Story<'_> {
    fn attempt_id(&self) -> Option<AttemptId> {
        self.due.as_ref().map(|due| due.attempt.id)
    }

    /// Whether the transaction was told like this when it was booked.
    fn is_that_of(&self, credit: &KnownCredit) -> bool {
        let told = (self.attempt_id(), self.event.amount, self.event.payee_account_ours);
        told == (credit.attempt_id, credit.amount, credit.is_ours)
    }

    /// Names the story: the same for every repetition of it, different for every other of its transaction.
    fn name(&self) -> String {
        let transaction = credits::transaction_key(self.provider, self.event);
        let place = match self.attempt_id() {
            Some(id) => id.to_string(),
            None if self.event.payee_account_ours => "nobody".to_owned(),
            None => "elsewhere".to_owned(),
        };
        format!("{}:{transaction}:{place}:{}:{}", self.provider, self.event.amount.amount(), self.event.raw_code)
    }
}

fn apply_event(tx: &mut Tx<'_>, message: &Message, event: &PaymentEvent) -> Result<Verdict> {
    let due = if event.payee_account_ours { lock_due(tx, message.provider, event)? } else { None };
    let oddity = oddity(event, due.as_ref());
    let story = Story { provider: message.provider, callback_id: message.callback_id, event, due, oddity };
    match event.outcome {
        Outcome::Paid => paid(tx, &story),
        Outcome::Review => suspected(tx, &story),
        Outcome::Pending => unpaid(tx, &story, None),
        Outcome::Failed => unpaid(tx, &story, Some(AttemptEvent::Fail)),
        Outcome::Cancelled => unpaid(tx, &story, Some(AttemptEvent::Cancel)),
        Outcome::Expired => unpaid(tx, &story, Some(AttemptEvent::Expire)),
    }
}

/// Locks in the order of the whole program: checkout, then payment, then attempt. Repetitions wait here.
fn lock_due(tx: &mut Tx<'_>, provider: ProviderId, event: &PaymentEvent) -> Result<Option<Due>> {
    let Some((found, checkout_id)) = store::find_attempt(tx, provider, event)? else { return Ok(None) };
    let checkout = orders::lock_checkout(tx, checkout_id)?;
    let payment = store::lock_payment(tx, found.payment_id)?;
    let attempt = store::lock_attempt(tx, found.id)?;
    Ok(Some(Due { checkout, payment, attempt }))
}

/// Why an event's money would not pay what it names. The order is the providers' own: order, amount, state.
pub fn oddity(event: &PaymentEvent, due: Option<&Due>) -> Option<ReviewKind> {
    if !event.payee_account_ours {
        return Some(ReviewKind::OtherAccount);
    }
    let Some(due) = due else { return Some(ReviewKind::UnknownReference) };
    if event.amount != due.attempt.amount_vnd {
        return Some(ReviewKind::WrongAmount);
    }
    if due.payment.status == PaymentStatus::Captured {
        return Some(ReviewKind::SecondPayment);
    }
    if due.checkout.status != CheckoutStatus::AwaitingPayment {
        return Some(ReviewKind::LatePayment);
    }
    // A person was to look at this attempt before anything is shipped.
    (due.attempt.status == AttemptStatus::InReview).then_some(ReviewKind::SuspectedFraud)
}

/// Money: it is booked first, so that one transaction is one movement of money however often, in whatever ways and
/// for how many orders at once it is told. Only what was booked now has an effect.
fn paid(tx: &mut Tx<'_>, story: &Story<'_>) -> Result<Verdict> {
    let Some(credit_id) = book(tx, story)? else { return told_before(tx, story) };
    let Some(kind) = story.oddity else {
        let due = story.due.as_ref().ok_or_else(|| Error::internal("money without an attempt fits nothing"))?;
        capture(tx, story.provider, &[(story.event, due)])?;
        return Ok(Verdict::Applied);
    };
    wait(tx, story, kind, (Some(credit_id), None))?;
    books::odd(tx, (credit_id, story.provider), story.event.amount)?;
    if kind == ReviewKind::LatePayment
        && let Some(due) = &story.due
    {
        moves::move_attempt(tx, &due.attempt, AttemptEvent::Hold, &story.event.raw_code)?;
    }
    Ok(match kind {
        ReviewKind::UnknownReference => Verdict::UnknownOrder,
        ReviewKind::WrongAmount => Verdict::WrongAmount,
        _ => Verdict::Parked,
    })
}

/// Books the money to the payment that it fits, else to none; `None` when its transaction is known, or none moved.
fn book(tx: &mut Tx<'_>, story: &Story<'_>) -> Result<Option<CreditId>> {
    if story.event.amount.amount() == 0 {
        return Ok(None);
    }
    let payment_id = story.due.as_ref().filter(|_| story.oddity.is_none()).map(|due| due.payment.id);
    credits::insert_credit(tx, story.provider, story.event, story.callback_id, (story.attempt_id(), payment_id))
}

/// Money is there and fits, of each checkout at the most once, told in the same words: the checkouts are paid.
pub fn capture(tx: &mut Tx<'_>, provider: ProviderId, told: &[(&PaymentEvent, &Due)]) -> Result<()> {
    let Some((event, _)) = told.first() else { return Ok(()) };
    let checkouts: Vec<CheckoutId> = told.iter().map(|(_, due)| due.checkout.id).collect();
    orders::mark_paid(tx, &checkouts, provider.as_str())?;
    let due: Vec<(&Payment, &Attempt)> = told.iter().map(|(_, due)| (&due.payment, &due.attempt)).collect();
    moves::capture(tx, &due, (&event.raw_code, event.to_be_confirmed.then_some(tx.now)))?;
    for (event, due) in told {
        if due.attempt.own_account.is_some() && event.own_account != due.attempt.own_account {
            // Nobody is to pay by it any more.
            call_off::plan(tx, due.attempt.id)?;
        }
        let detail = serde_json::json!({"provider": provider.as_str(), "amount_vnd": event.amount});
        audit::write(tx, "payment.captured", "payment", due.payment.id.0, detail)?;
    }
    Ok(())
}

/// Money that was booked before: a repetition, or the transaction told in another way, which waits for a person once.
/// The answer depends on nothing but the story, so that every repetition gets the same.
fn told_before(tx: &mut Tx<'_>, story: &Story<'_>) -> Result<Verdict> {
    let known = credits::find_credit(tx, story.provider, story.event)?;
    let contradicted = known.filter(|known| !story.is_that_of(known));
    if let Some(known) = &contradicted {
        wait(tx, story, ReviewKind::Contradiction, (None, known.attempt_id))?;
    }
    Ok(match story.oddity {
        Some(ReviewKind::UnknownReference) => Verdict::UnknownOrder,
        Some(ReviewKind::WrongAmount) => Verdict::WrongAmount,
        _ if contradicted.is_some() => Verdict::Contradicted,
        Some(ReviewKind::OtherAccount | ReviewKind::LatePayment) => Verdict::Parked,
        _ => Verdict::AlreadyApplied,
    })
}

/// Money may have moved: wherever it belongs, a person must look before anything is shipped or cancelled.
fn suspected(tx: &mut Tx<'_>, story: &Story<'_>) -> Result<Verdict> {
    let is_new = wait(tx, story, ReviewKind::SuspectedFraud, (None, None))?;
    Ok(match (story.oddity, &story.due) {
        (Some(ReviewKind::UnknownReference), _) => Verdict::UnknownOrder,
        (Some(ReviewKind::WrongAmount), _) => Verdict::WrongAmount,
        (_, Some(due)) if is_new => {
            moves::move_attempt(tx, &due.attempt, AttemptEvent::Hold, &story.event.raw_code)?;
            Verdict::Parked
        }
        (Some(ReviewKind::OtherAccount), _) => Verdict::Parked,
        _ => Verdict::AlreadyApplied,
    })
}

/// No money: the attempt ended so, or goes on.
fn unpaid(tx: &mut Tx<'_>, story: &Story<'_>, ended: Option<AttemptEvent>) -> Result<Verdict> {
    let event = story.event;
    // Not finished yet is an older word about the same money; that it did not come is another story.
    let contradicted = if ended.is_some() { credits::find_credit(tx, story.provider, event)? } else { None };
    if let Some(known) = &contradicted {
        wait(tx, story, ReviewKind::Contradiction, (None, known.attempt_id))?;
    }
    let attempt = match (story.oddity, &story.due) {
        (Some(ReviewKind::WrongAmount), _) => return Ok(Verdict::WrongAmount),
        (_, Some(due)) => &due.attempt,
        (Some(ReviewKind::UnknownReference), None) => return Ok(Verdict::UnknownOrder),
        (_, None) => return Ok(Verdict::Parked),
    };
    if contradicted.is_some() {
        return Ok(Verdict::Contradicted);
    }
    if attempt.status != AttemptStatus::Pending || inbox::was_applied(tx, story.provider, &event.event_key)? {
        return Ok(Verdict::AlreadyApplied);
    }
    if let Some(ended) = ended {
        moves::move_attempt(tx, attempt, ended, &event.raw_code)?;
    }
    Ok(Verdict::Applied)
}

/// Puts the story into the queue, with its money or under the attempt that the money was told for first; `false`
/// when it is there already.
fn wait(
    tx: &mut Tx<'_>,
    story: &Story<'_>,
    kind: ReviewKind,
    (credit_id, told_for): (Option<CreditId>, Option<AttemptId>),
) -> Result<bool> {
    let amount = story.event.amount;
    let is_new = queue::insert_review(
        tx,
        NewReview {
            kind,
            credit_id,
            attempt_id: story.attempt_id().or(told_for),
            order_id: None,
            refund_id: None,
            callback_id: Some(story.callback_id),
            story: credit_id.is_none().then(|| story.name()),
            amount,
        },
    )?;
    if is_new {
        tracing::warn!(kind = kind.as_str(), amount_vnd = amount.amount(), "money waits for a person");
    }
    Ok(is_new)
}
