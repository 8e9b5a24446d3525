use super::health::Called;
use super::model::{Attempt, AttemptEvent, PaymentRefusal, next_step_json};
use super::providers::{AttemptStart, OwnAccount, Start, Started, send};
use super::start::Payer;
use super::{call_off, health, moves, store};
use crate::app::App;
use crate::kernel::{Actor, AttemptId, Result, Tx};
use crate::orders::{self, CheckoutStatus};

/// Has the provider open the order of an attempt that was written before, and writes what came of it. Done again it
/// names the same order, so that neither a lost answer nor a second tap opens another.
pub async fn open(app: &App, attempt: &Attempt, payer: Payer) -> Result<()> {
    let provider = app.providers.find(attempt.provider).ok_or(PaymentRefusal::ProviderOff)?;
    let start = AttemptStart {
        reference: &attempt.reference,
        amount: attempt.amount_vnd,
        created_at: attempt.created_at,
        expires_at: attempt.expires_at,
        client_ip: payer.address,
        english: payer.english,
        now: app.db.clock.now(),
    };
    let (Start::Call(call) | Start::Account(_, call)) = provider.start(&start) else { return Ok(()) };
    let started = match send(&app.providers.client, call).await {
        Ok(answer) => provider.read_started(&start, &answer),
        Err(error) => Started::Unclear(format!("{error:?}")),
    };
    let (id, provider) = (attempt.id, attempt.provider);
    let called = if matches!(started, Started::Unclear(_)) { Called::Failed } else { Called::Answered };
    app.db
        .write(&Actor::PLATFORM, move |tx| {
            match &started {
                Started::Account(account) => give_account(tx, id, account)?,
                started => opened(tx, id, started)?,
            }
            health::called(tx, provider, called)
        })
        .await
}

/// What is not clear changes nothing: the attempt stays, and its provider is asked.
fn opened(tx: &mut Tx<'_>, id: AttemptId, started: &Started) -> Result<()> {
    let attempt = store::lock_attempt(tx, id)?;
    let provider = attempt.provider.as_str();
    match started {
        // Two tries at once: one may hear what to do after the other heard that it is known.
        Started::Open(step) if !attempt.has_step() => store::set_opened(tx, id, Some(next_step_json(step.clone()))),
        Started::Known if attempt.opened_at.is_none() => {
            tracing::warn!(provider, attempt = %id, "the provider has the order, and what to do is lost");
            store::set_opened(tx, id, None)
        }
        Started::Refused(code) if attempt.opened_at.is_none() => {
            tracing::error!(provider, code, attempt = %id, "the provider refuses to open an order");
            moves::move_attempt(tx, &attempt, AttemptEvent::Fail, code)
        }
        Started::Unclear(why) => {
            tracing::warn!(provider, why, attempt = %id, "whether the provider opened an order is not clear");
            Ok(())
        }
        _ => Ok(()),
    }
}

/// From now on the buyer is shown the account number, unless the purchase is paid or over by now or goes another way: then it
/// is closed, and nobody was shown it. A second one, of two tries at once, ends by itself.
fn give_account(tx: &mut Tx<'_>, id: AttemptId, account: &OwnAccount) -> Result<()> {
    let checkout_id = store::checkout_of(tx, id)?;
    let checkout = orders::lock_checkout(tx, checkout_id)?;
    let attempt = store::lock_attempt(tx, id)?;
    if attempt.own_account.is_some() || store::has_account(tx, &account.number)? {
        tracing::warn!(attempt = %id, "an account number came twice");
        return Ok(());
    }
    let is_waited_for = checkout.status == CheckoutStatus::AwaitingPayment && attempt.is_to_be_opened(tx.now);
    let is_shown = is_waited_for && !store::is_left(tx, &attempt)?;
    store::set_account(tx, id, account, is_shown)?;
    if is_shown { Ok(()) } else { call_off::plan(tx, id) }
}
