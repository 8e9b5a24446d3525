//! Suspending an account and reinstating it.

use serde_json::json;

use super::model::{Account, AccountEvent, EndReason, IdentityRefusal};
use super::store;
use crate::audit;
use crate::kernel::error::CommonProblem;
use crate::kernel::{AccountId, Audience, Error, Result, Tx};

/// A suspended account's sessions end at once and it opens no new ones; reinstated, it signs in again.
pub fn change(tx: &mut Tx<'_>, id: AccountId, event: AccountEvent) -> Result<Account> {
    let operator = tx.who.must(Audience::Operator)?;
    let account = store::account(tx, id)?.ok_or(CommonProblem::NotFound)?;
    if id == operator {
        return Err(IdentityRefusal::NotYourself.into());
    }
    let refused = |account: &Account| {
        let allowed: Vec<&str> = account.status.allowed_actions().into_iter().map(AccountEvent::as_str).collect();
        Error::from(IdentityRefusal::ActionNotAllowed)
            .with("current_status", account.status.as_str())
            .with("allowed_actions", allowed)
    };
    let next = account.status.after(event).ok_or_else(|| refused(&account))?;
    let moved = store::move_status(tx, id, account.status, next)?.ok_or(IdentityRefusal::ActionNotAllowed)?;
    if event == AccountEvent::Suspend {
        store::end_sessions(tx, id, None, None, EndReason::Suspended)?;
    }
    audit::write(tx, &format!("identity.account_{}", moved.status), "account", id.0, json!({ "by": event }))?;
    Ok(moved)
}
