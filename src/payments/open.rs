use super::health::Called;
use super::model::{Attempt, AttemptEvent, PaymentRefusal, next_step_json};
use super::providers::{AttemptStart, OwnAccount, Start, Started, send};
use super::start::Payer;
use super::{call_off, health, moves, store};
use crate::app::App;
use crate::kernel::{Actor, AttemptId, Result, Tx};

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
            opened(tx, id, &started)?;
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
        Started::Open(step) if !attempt.has_next_step() => {
            store::set_opened(tx, id, Some(next_step_json(step.clone())))
        }
        Started::Account(account) => give_account(tx, &attempt, account),
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

/// From now on the buyer is shown the account number. One that nobody was shown takes nobody's money: when the try is over
/// by now it is closed, and a second one, of two tries at once, ends by itself.
fn give_account(tx: &mut Tx<'_>, attempt: &Attempt, account: &OwnAccount) -> Result<()> {
    if attempt.own_account.is_some() || store::has_account(tx, &account.number)? {
        tracing::warn!(attempt = %attempt.id, "an account number came twice");
        return Ok(());
    }
    let is_open = attempt.is_to_be_opened();
    store::set_account(tx, attempt.id, account, is_open.then(|| next_step_json(account.step.clone())))?;
    if is_open { Ok(()) } else { call_off::plan(tx, attempt.id) }
}
