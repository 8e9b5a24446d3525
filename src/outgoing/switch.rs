//! Stopping all outgoing money, and starting it again.

use serde_json::json;
use uuid::Uuid;

use super::model::{OutgoingRefusal, Switch};
use super::store;
use crate::audit;
use crate::kernel::{Audience, Result, Tx};

/// What the audit calls the one switch.
const SWITCH: Uuid = Uuid::nil();

/// For whoever is about to send, in the transaction that writes that it does: refused while money is stopped, and no stop
/// comes between. As the platform or an operator.
pub fn must_flow(tx: &mut Tx<'_>) -> Result<()> {
    refused(store::switch_for_share(tx)?.why_not_send())
}

/// The same, for who waits rather than being refused.
pub fn is_stopped(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(store::switch_for_share(tx)?.is_stopped())
}

/// How it stands, for who only tells it.
pub fn switch_is_off(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(store::switch(tx)?.is_stopped())
}

/// Any operator stops all outgoing money. What was already sent stays so.
pub fn stop(tx: &mut Tx<'_>, reason: &str) -> Result<Switch> {
    let by = tx.who.must(Audience::Operator)?;
    refused(store::switch_for_update(tx)?.why_not_stop())?;
    let switch = store::stop(tx, by, reason)?;
    audit::write(tx, "outgoing.stop", "outgoing", SWITCH, json!({"version": switch.version}))?;
    Ok(switch)
}

/// Another operator than the one who stopped it lets money flow again.
pub fn start(tx: &mut Tx<'_>) -> Result<Switch> {
    let by = tx.who.must(Audience::Operator)?;
    refused(store::switch_for_update(tx)?.why_not_start(by))?;
    let switch = store::start(tx, by)?;
    audit::write(tx, "outgoing.start", "outgoing", SWITCH, json!({"version": switch.version}))?;
    Ok(switch)
}

fn refused(refusal: Option<OutgoingRefusal>) -> Result<()> {
    refusal.map_or(Ok(()), |refusal| Err(refusal.into()))
}
