//! A person's own account.

use serde_json::json;

use super::model::{Account, GrantRole};
use super::store;
use crate::audit;
use crate::kernel::error::CommonProblem;
use crate::kernel::{Result, Tx};

pub fn find(tx: &mut Tx<'_>) -> Result<(Account, Vec<GrantRole>)> {
    let account_id = tx.who.signed_in()?;
    let account = store::account(tx, account_id)?.ok_or(CommonProblem::NotFound)?;
    let roles = store::live_roles(tx, account_id)?;
    Ok((account, roles))
}

/// `None` when the version is stale.
pub fn rename(tx: &mut Tx<'_>, version: i32, display_name: &str) -> Result<Option<(Account, Vec<GrantRole>)>> {
    let account_id = tx.who.signed_in()?;
    let Some(account) = store::rename(tx, account_id, version, display_name)? else { return Ok(None) };
    audit::write(tx, "identity.renamed", "account", account_id.0, json!({}))?;
    let roles = store::live_roles(tx, account_id)?;
    Ok(Some((account, roles)))
}
