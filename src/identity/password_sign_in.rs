//! Sign-in with phone number and password, and the count of failures that also guards every other check of one.
//!
//! An attempt is counted as a failure before the password is looked at and taken back when it was right, so that
//! parallel guesses cannot pass the limit.

use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use super::model::{Account, Committed, GrantRole, IdentityRefusal, Password, Signed, Wish, admit, needs_password};
use super::store;
use crate::app::App;
use crate::audit;
use crate::kernel::{Actor, Audience, Error, EventId, PhoneNumber, Result, Tx};

/// So many failures of one number within the window, and even the right password has to wait.
const FAILURES_MAX: i64 = 5;
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// A password that was looked at, and what it was compared with.
pub struct Attempt {
    pub failure_id: Uuid,
    pub is_long: bool,
    checked: Option<String>,
    matches: bool,
}

impl Attempt {
    /// Whether the password was right and still is.
    pub fn is_right_for(&self, account: Option<&Account>) -> bool {
        self.matches && account.is_some_and(|account| account.password_hash == self.checked)
    }
}

/// Opens a session for the right password on the surfaces that ask for nothing more.
pub async fn sign_in(app: &App, actor: &Actor, wish: Wish, password: Password) -> Result<Signed> {
    if needs_password(wish.audience) {
        return Err(IdentityRefusal::SecondFactorRequired.into());
    }
    let attempt = attempt(app, actor, &wish.phone, password).await?;
    app.db.write(actor, move |tx| open(tx, &wish, &attempt)).await?
}

fn open(tx: &mut Tx<'_>, wish: &Wish, attempt: &Attempt) -> Result<Committed<Signed>> {
    tx.who.must_be_platform()?;
    let account =
        store::account_by_phone(tx, wish.phone.as_str())?.filter(|account| attempt.is_right_for(Some(account)));
    let Some(account) = account else {
        return Ok(Err(IdentityRefusal::CredentialsWrong.into()));
    };
    store::delete_failures(tx, wish.phone.as_str(), attempt.failure_id)?;
    let roles = store::live_roles(tx, account.id)?;
    if let Err(refusal) = admit(Some(&account), &roles, wish.audience) {
        return Ok(Err(refusal.into()));
    }
    start_session(tx, account, roles, (wish.audience, &wish.device_id), "password").map(Ok)
}

/// Looks at a password within the limit of failures. The failure stays counted until the caller takes it back.
pub async fn attempt(app: &App, actor: &Actor, phone: &PhoneNumber, password: Password) -> Result<Attempt> {
    let number = phone.clone();
    let (failure_id, checked) = app
        .db
        .write(actor, move |tx| {
            let failure_id = count_attempt(tx, number.as_str())?;
            let known = store::account_by_phone(tx, number.as_str())?;
            Ok((failure_id, known.and_then(|account| account.password_hash)))
        })
        .await?;
    let matches = check(app, actor, failure_id, &password, checked.as_deref()).await?;
    Ok(Attempt { failure_id, is_long: password.is_long(), checked, matches })
}

/// Compares outside of any transaction. When we are too busy to look, nobody has failed.
pub async fn check(
    app: &App,
    actor: &Actor,
    failure_id: Uuid,
    password: &Password,
    stored: Option<&str>,
) -> Result<bool> {
    let verdict = app.passwords.verify(password, stored).await;
    if verdict.is_err() {
        app.db.write(actor, move |tx| tx.as_platform(|tx| store::delete_failure(tx, failure_id))).await?;
    }
    verdict
}

/// Counts a failure before it happens, or refuses to look at all.
pub fn count_attempt(tx: &mut Tx<'_>, phone: &str) -> Result<Uuid> {
    store::lock(tx, &format!("sign-in:{phone}"))?;
    let after = tx.now - WINDOW;
    if let Some(failed_at) = store::nth_failure(tx, phone, FAILURES_MAX, after)? {
        let wait_s = whole_seconds(failed_at + WINDOW - tx.now);
        return Err(Error::from(IdentityRefusal::TooManyFailures).with("retry_after_s", wait_s));
    }
    let id = EventId::generate().0;
    store::insert_failure(tx, id, phone)?;
    Ok(id)
}

/// Seconds to wait, rounded up, at least one.
pub fn whole_seconds(wait: TimeDelta) -> i64 {
    wait.num_milliseconds().saturating_add(999).checked_div(1000).unwrap_or(1).max(1)
}

pub fn start_session(
    tx: &mut Tx<'_>,
    account: Account,
    roles: Vec<GrantRole>,
    (audience, device_id): (Audience, &str),
    by: &str,
) -> Result<Signed> {
    let session = store::insert_session(tx, account.id, audience, device_id)?;
    let detail = json!({ "account_id": account.id, "audience": audience, "by": by });
    audit::write(tx, "identity.signed_in", "session", session.id.0, detail)?;
    Ok(Signed { account, session, roles })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_times_are_rounded_up() {
        assert_eq!(whole_seconds(TimeDelta::milliseconds(-5)), 1);
        assert_eq!(whole_seconds(TimeDelta::milliseconds(1)), 1);
        assert_eq!(whole_seconds(TimeDelta::milliseconds(1000)), 1);
        assert_eq!(whole_seconds(TimeDelta::milliseconds(1001)), 2);
    }
}
