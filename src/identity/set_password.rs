//! Setting or changing one's password: ends every other session, and all older tokens.

use serde_json::json;
use uuid::Uuid;

use super::model::{Account, EndReason, IdentityRefusal, Password, Signed};
use super::{password_sign_in, store};
use crate::app::App;
use crate::audit;
use crate::kernel::error::CommonProblem;
use crate::kernel::input::FaultCode;
use crate::kernel::{Actor, Error, Result, Tx};

/// The current password is asked for when there is one, and guesses count as failed sign-ins.
pub async fn set_password(app: &App, actor: &Actor, new: Password, current: Option<Password>) -> Result<Signed> {
    let (candidate, has_current) = (new.clone(), current.is_some());
    let (account, failure_id) = app.db.write(actor, move |tx| begin(tx, &candidate, has_current)).await?;
    if let (Some(failure_id), Some(current)) = (failure_id, current) {
        let stored = account.password_hash.as_deref();
        if !password_sign_in::check(app, actor, failure_id, &current, stored).await? {
            return Err(IdentityRefusal::CredentialsWrong.into());
        }
    }
    let hash = app.passwords.hash(&new).await?;
    app.db.write(actor, move |tx| exchange(tx, &account, &hash, failure_id)).await
}

fn begin(tx: &mut Tx<'_>, new: &Password, has_current: bool) -> Result<(Account, Option<Uuid>)> {
    let account_id = tx.who.signed_in()?;
    let account = store::account(tx, account_id)?.ok_or(CommonProblem::SessionEnded)?;
    let phone = account.phone.as_deref().ok_or(IdentityRefusal::GuestNotAllowed)?;
    let roles = store::live_roles(tx, account_id)?;
    new.check(&roles, phone)?;
    if account.password_hash.is_none() {
        return Ok((account, None));
    }
    if !has_current {
        return Err(Error::invalid("/current_password", FaultCode::Missing, ""));
    }
    let failure_id = tx.as_platform(|tx| password_sign_in::count_attempt(tx, phone))?;
    Ok((account, Some(failure_id)))
}

fn exchange(tx: &mut Tx<'_>, seen: &Account, hash: &str, failure_id: Option<Uuid>) -> Result<Signed> {
    let account_id = tx.who.signed_in()?;
    let session_id = tx.who.session_id.ok_or(CommonProblem::Unauthenticated)?;
    let account = store::exchange_password(tx, account_id, seen.password_hash.as_deref(), hash)?
        .ok_or(IdentityRefusal::PasswordChanged)?;
    if let (Some(failure_id), Some(phone)) = (failure_id, &account.phone) {
        tx.as_platform(|tx| store::delete_failures(tx, phone, failure_id))?;
    }
    let ended = store::end_sessions(tx, account_id, Some(session_id), None, EndReason::PasswordChanged)?;
    let seen = store::session(tx, session_id)?.ok_or(CommonProblem::SessionEnded)?;
    let session = store::rotate(tx, &seen, seen.generation, &seen.device_id)?.ok_or(CommonProblem::SessionEnded)?;
    audit::write(tx, "identity.password_set", "account", account_id.0, json!({ "sessions_ended": ended }))?;
    let roles = store::live_roles(tx, account_id)?;
    Ok(Signed { account, session, roles })
}
