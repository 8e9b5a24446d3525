//! payOS is asked to pay, and asked what it did.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::model::{Transfer, TransferEvent as E, TransferStatus as S};
use super::moves::ACCOUNT_CHANGED;
use super::overdue;
use super::rails::Rules;
use super::request::plan;
use super::step::step;
use super::store::{self, Change};
use crate::app::App;
use crate::jobs::{Happened, happened};
use crate::kernel::time::{next_vietnam_day, vietnam_day};
use crate::kernel::{CrashPoint, Error, OutgoingId, Result, Tx};
use crate::outgoing::accounts::{AccountNumber, Vault};
use crate::outgoing::{accounts, store as switch_store};
use crate::payments::providers::{PayosPayout, PayoutSaid, PayoutState, send};

/// Transfers that are planned at once.
const PLANNED_MAX: i64 = 200;
/// When a transfer is asked for after it was sent or asked for last; then by the last of them.
const ASKED_AFTER_MIN: [i64; 4] = [1, 5, 15, 60];
/// A bank may send back what had arrived: it is asked for so long, once a day.
const LOOKED_AFTER: TimeDelta = TimeDelta::days(3);
/// Labels a payout at payOS.
const CATEGORY: &str = "ocop";

/// Plans what is to be sent or asked for now, and calls people about what has no end. While money is stopped nothing new is
/// sent, and what was sent is asked for.
pub fn look_after(tx: &mut Tx<'_>) -> Result<()> {
    tx.who.must_be_platform()?;
    overdue::alarm(tx)?;
    let is_stopped = switch_store::switch(tx)?.is_stopped();
    for transfer in store::due(tx, PLANNED_MAX)? {
        if transfer.status != S::Approved || !is_stopped {
            plan(tx, &transfer)?;
        }
    }
    Ok(())
}

/// What payOS is to be asked.
struct Intent {
    transfer: Transfer,
    /// With the number, where payOS has not given the transfer a name of its own yet.
    payee: Option<(String, AccountNumber)>,
}

/// Sends a transfer that is approved, or asks for one that was sent. A transfer whose answer was lost is asked for by sending
/// it again under its own name and key, by which payOS pays once.
pub async fn carry(app: &App, id: OutgoingId) -> Result<Happened> {
    let nothing = || Ok(happened(|_| Ok(())));
    let Some(payos) = &app.outgoing.payos else { return nothing() };
    let (rules, vault) = (app.outgoing.rules, app.outgoing.vault.clone());
    let Some(intent) = app.db.job(move |tx| intended(tx, id, rules, &vault)).await? else { return nothing() };
    let reference = &intent.transfer.reference;
    let call = match (&intent.transfer.rail_reference, &intent.payee) {
        (Some(name), _) => payos.ask(name),
        (None, Some((bank_bin, number))) => payos.create(&PayosPayout {
            reference,
            idempotency_key: reference,
            amount: intent.transfer.amount_vnd,
            description: &format!("OCOP {reference}"),
            bank_bin,
            account_number: number.expose(),
            category: &[CATEGORY],
        }),
        (None, None) => return nothing(),
    };
    CrashPoint::PayoutBeforeCall.pass();
    let said = match send(&app.outgoing.client, call).await {
        Ok(answer) => payos.read(reference, &answer),
        Err(error) => Err(format!("{error:?}")),
    };
    if let Err(why) = &said {
        tracing::warn!(why, transfer = %id, "payOS says nothing of a transfer");
    }
    CrashPoint::PayoutAfterAcceptBeforeRecord.pass();
    Ok(happened(move |tx| told(tx, id, &said)))
}

/// Writes that a transfer is sent, or asked for, before it is; nothing when there is nothing to do now.
fn intended(tx: &mut Tx<'_>, id: OutgoingId, rules: Rules, vault: &Vault) -> Result<Option<Intent>> {
    // Alone, so that what leaves on one day is counted exactly; the switch comes before the transfer everywhere.
    let is_stopped = switch_store::switch_for_update(tx)?.is_stopped();
    let old = store::lock(tx, id)?;
    let transfer = match old.status {
        S::Approved if is_stopped => return Ok(None),
        S::Approved => match sendable(tx, &old, rules)? {
            Some(next_at) => {
                let sent_on = Some(vietnam_day(tx.now));
                step(tx, &old, E::Send, &Change { next_at: Some(next_at), sent_on, ..Change::default() })?
            }
            None => return Ok(None),
        },
        S::Sent | S::Unknown | S::Confirmed if old.next_at.is_some_and(|at| at <= tx.now) => {
            let asked = old.asked.saturating_add(1);
            let next_at = tx.now + pause_after(asked);
            store::set_next(tx, id, Some(next_at), (asked, old.rail_reference.as_deref()))?;
            old
        }
        _ => return Ok(None),
    };
    if transfer.rail_reference.is_some() {
        return Ok(Some(Intent { transfer, payee: None }));
    }
    if is_stopped {
        // To ask without payOS's name of it would be to send.
        return Ok(None);
    }
    let account = accounts::find(tx, transfer.bank_account_id)?;
    if !account.is_ready(tx.now) {
        // It was marked as sent before, and payOS may never have got it: now it must not.
        tracing::error!(transfer = %transfer.id, "not asked for any more: its account is not to be paid to");
        return Ok(None);
    }
    let number = accounts::open(tx, vault, account.id)?;
    let number = number.ok_or_else(|| Error::internal("a transfer to a number that is forgotten"))?;
    Ok(Some(Intent { transfer, payee: Some((account.bank_bin, number)) }))
}

/// When a transfer that may be sent now is asked for; nothing when it may not. Whoever asks holds the switch alone.
fn sendable(tx: &mut Tx<'_>, transfer: &Transfer, rules: Rules) -> Result<Option<DateTime<Utc>>> {
    let account = accounts::find_for_share(tx, transfer.bank_account_id)?;
    if !account.is_ready(tx.now) {
        let reason = Some(ACCOUNT_CHANGED.to_owned());
        step(tx, transfer, E::Cancel, &Change { reason, ..Change::default() })?;
        return Ok(None);
    }
    if !is_within_caps(tx, transfer, rules)? {
        let tomorrow = next_vietnam_day(tx.now);
        store::set_next(tx, transfer.id, Some(tomorrow), (transfer.asked, None))?;
        return Ok(None);
    }
    Ok(Some(tx.now + pause_after(0)))
}

/// Whether so much may still leave today. Whoever asks holds the switch alone.
pub fn is_within_caps(tx: &mut Tx<'_>, transfer: &Transfer, rules: Rules) -> Result<bool> {
    let account = accounts::find(tx, transfer.bank_account_id)?;
    let recipient: Option<Uuid> = account.producer_id.map(|id| id.0).or(account.buyer_account_id.map(|id| id.0));
    let left = store::left_on(tx, vietnam_day(tx.now), recipient.unwrap_or_default())?;
    let amount = transfer.amount_vnd.amount();
    let fits = |so_far: i64, cap: i64| so_far.saturating_add(amount) <= cap;
    Ok(fits(left.total_vnd, rules.total_daily.amount()) && fits(left.recipient_vnd, rules.recipient_daily.amount()))
}

fn pause_after(asked: i32) -> TimeDelta {
    let place = usize::try_from(asked).unwrap_or(0);
    let [.., last] = ASKED_AFTER_MIN;
    TimeDelta::minutes(ASKED_AFTER_MIN.get(place).copied().unwrap_or(last))
}

/// Writes what payOS said.
fn told(tx: &mut Tx<'_>, id: OutgoingId, said: &Result<PayoutSaid, String>) -> Result<()> {
    let old = store::lock(tx, id)?;
    let Ok(PayoutSaid { id: name, state }) = said else {
        if old.status == S::Sent {
            step(tx, &old, E::Lose, &Change { next_at: old.next_at, ..Change::default() })?;
        }
        return Ok(());
    };
    let change = |next_at, reason| Change { next_at, reason, rail_reference: Some(name.clone()), ..Change::default() };
    match (state, old.status) {
        (PayoutState::Succeeded, S::Sent | S::Unknown) => {
            let tomorrow = tx.now + TimeDelta::days(1);
            step(tx, &old, E::Confirm, &change(Some(tomorrow), None)).map(drop)
        }
        (PayoutState::Failed(word), S::Sent | S::Unknown) => {
            step(tx, &old, E::Fail, &change(None, Some(word.clone()))).map(drop)
        }
        (PayoutState::Failed(word), S::Confirmed) => {
            step(tx, &old, E::Reverse, &change(None, Some(word.clone()))).map(drop)
        }
        (PayoutState::Succeeded | PayoutState::Going, S::Confirmed) => {
            let is_over = old.ended_at.is_none_or(|at| tx.now >= at + LOOKED_AFTER);
            let next_at = (!is_over).then(|| tx.now + TimeDelta::days(1));
            store::set_next(tx, id, next_at, (old.asked, Some(name)))
        }
        (PayoutState::Going, S::Sent | S::Unknown) => store::set_next(tx, id, old.next_at, (old.asked, Some(name))),
        (_, S::Requested | S::OnHold | S::Approved | S::Failed | S::Cancelled) => {
            tracing::error!(transfer = %id, status = %old.status, ?state, "payOS tells something of a transfer that has ended");
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transfer_is_asked_for_less_and_less_often_but_for_ever() {
        let minutes: Vec<i64> = (0..6).map(|asked| pause_after(asked).num_minutes()).collect();
        assert_eq!(minutes, [1, 5, 15, 60, 60, 60]);
        assert_eq!(pause_after(i32::MAX).num_minutes(), 60);
    }
}
