//! A person's open sessions: seeing them and ending them.

use serde_json::json;
use uuid::Uuid;

use super::model::{EndReason, Session};
use super::store;
use crate::audit;
use crate::kernel::error::CommonProblem;
use crate::kernel::{Result, SessionId, Tx};

pub fn list(tx: &mut Tx<'_>, before: Option<Uuid>, rows: i64) -> Result<Vec<Session>> {
    let account_id = tx.who.signed_in()?;
    store::list_sessions(tx, account_id, before, rows)
}

/// Ends one of one's own sessions; its tokens stop at once.
pub fn end(tx: &mut Tx<'_>, id: SessionId) -> Result<()> {
    let account_id = tx.who.signed_in()?;
    if !store::end_session(tx, account_id, id, EndReason::SignedOut)? {
        return Err(CommonProblem::NotFound.into());
    }
    audit::write(tx, "identity.signed_out", "session", id.0, json!({}))
}

/// Ends the session that asks.
pub fn sign_out(tx: &mut Tx<'_>) -> Result<()> {
    let id = tx.who.session_id.ok_or(CommonProblem::Unauthenticated)?;
    end(tx, id)
}
