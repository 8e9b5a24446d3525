//! Granting and withdrawing the roles of helpers, officials and operators.

use std::collections::BTreeSet;

use serde_json::json;
use uuid::Uuid;

use super::model::{EndReason, GrantRole, IdentityRefusal, RoleGrant};
use super::store;
use crate::audit;
use crate::kernel::error::CommonProblem;
use crate::kernel::input::{FaultCode, Faults};
use crate::kernel::{Audience, Error, GrantId, PhoneNumber, Result, Role, Territory, Tx};

/// A right to be given.
#[derive(Clone)]
pub struct NewGrant {
    pub phone: PhoneNumber,
    pub role: GrantRole,
    /// Officials need one. Helpers may have communes, of whose households they hear; operators have none.
    pub territory: Option<Territory>,
    /// From [`super::Passwords::hash`]; replaces the account's password.
    pub password_hash: Option<String>,
}

/// Grants a role; the account is made if the number has none, so that no guest ever holds one. For operators and the platform itself.
pub fn grant(tx: &mut Tx<'_>, new: &NewGrant) -> Result<(RoleGrant, String)> {
    if tx.who.role != Role::Platform {
        tx.who.must(Audience::Operator)?;
    }
    check_territory(tx, new)?;
    let account = store::ensure_account(tx, new.phone.as_str())?;
    let granted = store::insert_grant(tx, account.id, new)?;
    store::touch(tx, account.id)?;
    if let Some(hash) = &new.password_hash {
        store::exchange_password(tx, account.id, account.password_hash.as_deref(), hash)?
            .ok_or(IdentityRefusal::PasswordChanged)?;
        store::end_sessions(tx, account.id, None, None, EndReason::PasswordChanged)?;
    }
    let detail = json!({
        "account_id": account.id, "role": granted.role, "province_code": granted.province_code,
        "commune_codes": granted.commune_codes, "password_set": new.password_hash.is_some(),
    });
    audit::write(tx, "identity.role_granted", "role_grant", granted.id.0, detail)?;
    Ok((granted, new.phone.as_str().to_owned()))
}

fn check_territory(tx: &mut Tx<'_>, new: &NewGrant) -> Result<()> {
    let mut faults = Faults::default();
    match (&new.territory, new.role) {
        (None, GrantRole::Official) => {
            faults.inside("province_code", |at| at.add(FaultCode::Missing, "province_code | commune_codes"));
        }
        (None, _) => {}
        (Some(territory), GrantRole::Official) | (Some(territory @ Territory::Communes(_)), GrantRole::Helper) => {
            check_codes(tx, territory, &mut faults)?;
        }
        (Some(Territory::Province(_)), _) => {
            faults.inside("province_code", |at| at.add(FaultCode::OutOfRange, "role = official"));
        }
        (Some(Territory::Communes(_)), GrantRole::Operator) => {
            faults.inside("commune_codes", |at| at.add(FaultCode::OutOfRange, "role = official | helper"));
        }
    }
    if faults.is_clean() { Ok(()) } else { Err(Error::Invalid(faults.into_found())) }
}

fn check_codes(tx: &mut Tx<'_>, territory: &Territory, faults: &mut Faults) -> Result<()> {
    match territory {
        Territory::Province(code) => {
            if !store::province_is_known(tx, code)? {
                faults.inside("province_code", |at| at.add(FaultCode::Unknown, ""));
            }
        }
        Territory::Communes(codes) => {
            let known = store::known_communes(tx, codes)?;
            let mut seen = BTreeSet::new();
            for (place, code) in codes.iter().enumerate() {
                let fault = if !known.contains(code) {
                    Some(FaultCode::Unknown)
                } else if !seen.insert(code) {
                    Some(FaultCode::Duplicate)
                } else {
                    None
                };
                if let Some(fault) = fault {
                    faults.inside("commune_codes", |at| at.inside(&place.to_string(), |at| at.add(fault, "")));
                }
            }
            if codes.is_empty() {
                faults.inside("commune_codes", |at| at.add(FaultCode::Empty, ""));
            }
        }
    }
    Ok(())
}

/// Withdraws a role: its sessions end at once, and so do all access tokens of the account.
pub fn revoke(tx: &mut Tx<'_>, id: GrantId) -> Result<()> {
    let operator = tx.who.must(Audience::Operator)?;
    let (granted, _) = store::grant(tx, id)?.ok_or(CommonProblem::NotFound)?;
    if granted.account_id == operator {
        return Err(IdentityRefusal::NotYourself.into());
    }
    if !store::end_grant(tx, id)? {
        return Err(CommonProblem::NotFound.into());
    }
    store::raise_authorisation(tx, granted.account_id)?;
    store::end_sessions(tx, granted.account_id, None, Some(granted.role.audience()), EndReason::RightsChanged)?;
    let detail = json!({ "account_id": granted.account_id, "role": granted.role });
    audit::write(tx, "identity.role_revoked", "role_grant", id.0, detail)
}

pub fn find(tx: &mut Tx<'_>, id: GrantId) -> Result<(RoleGrant, String)> {
    tx.who.must(Audience::Operator)?;
    store::grant(tx, id)?.ok_or_else(|| CommonProblem::NotFound.into())
}

pub fn list(
    tx: &mut Tx<'_>,
    role: Option<GrantRole>,
    before: Option<Uuid>,
    rows: i64,
) -> Result<Vec<(RoleGrant, String)>> {
    tx.who.must(Audience::Operator)?;
    store::list_grants(tx, role, before, rows)
}
