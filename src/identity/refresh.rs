//! Exchanging a refresh token. Each is used once; a lost answer may be fetched again; a stolen one ends its family.

use serde_json::json;

use super::model::{AccountStatus, Committed, EndReason, IdentityRefusal, Session, Signed};
use super::store;
use super::tokens::Presented;
use crate::audit;
use crate::kernel::error::CommonProblem;
use crate::kernel::{Result, SessionId, Tx};

/// Moves the family on, or repeats the last move. Rotation itself is no audit event: the session's row tells it.
pub fn refresh(tx: &mut Tx<'_>, family: SessionId, generation: i32, device_id: &str) -> Result<Committed<Signed>> {
    tx.who.must_be_platform()?;
    let Some(seen) = store::session(tx, family)? else {
        return Ok(Err(IdentityRefusal::RefreshInvalid.into()));
    };
    if let Some(rotated) = store::rotate(tx, &seen, generation, device_id)? {
        return signed(tx, rotated);
    }
    // Somebody moved it first, or it is not ours to move: the row as it is now decides.
    let Some(session) = store::session(tx, family)?.filter(|session| session.is_live(tx.now)) else {
        return Ok(Err(CommonProblem::SessionEnded.into()));
    };
    let is_same_device = session.device_id == device_id;
    match Presented::judge(generation, session.generation, is_same_device, tx.now - session.rotated_at) {
        Presented::Live | Presented::Repeated => signed(tx, session),
        Presented::Stolen => {
            store::end_session(tx, session.account_id, session.id, EndReason::Reused)?;
            tracing::warn!(session = %session.id, generation, live = session.generation, is_same_device, "refresh token reused");
            let detail = json!({ "account_id": session.account_id, "same_device": is_same_device });
            audit::write(tx, "identity.refresh_reused", "session", session.id.0, detail)?;
            Ok(Err(CommonProblem::SessionEnded.into()))
        }
    }
}

fn signed(tx: &mut Tx<'_>, session: Session) -> Result<Committed<Signed>> {
    let account = store::account(tx, session.account_id)?.filter(|account| account.status == AccountStatus::Active);
    let Some(account) = account else {
        return Ok(Err(CommonProblem::SessionEnded.into()));
    };
    let roles = store::live_roles(tx, account.id)?;
    Ok(Ok(Signed { account, session, roles }))
}
