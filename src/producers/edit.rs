//! The owner changes the profile.

use serde_json::json;

use super::api::{ProducerView, ProfilePatch};
use super::model::ProducerEvent;
use super::standing::must_be_free;
use super::store::{self, Producer, Profile};
use crate::kernel::error::CommonProblem;
use crate::kernel::{Audience, Error, Result, Tx};
use crate::{audit, places};

/// Only while the profile is a draft or changes were asked for, and over the version that the owner saw.
pub fn edit(tx: &mut Tx<'_>, version: i32, patch: ProfilePatch) -> Result<Producer> {
    let account_id = tx.who.must(Audience::Producer)?;
    let old = store::of_account(tx, account_id)?;
    old.status.moved(ProducerEvent::Edit)?;
    if old.version != version {
        return Err(stale(old));
    }
    let profile = merged(tx, old.clone(), patch)?;
    profile.kind.must_be_registered(profile.registration_number.as_deref())?;
    must_be_free(tx, Some(old.id), &profile.name)?;
    let Some(producer) = store::rewrite(tx, &old, &profile)? else {
        return Err(stale(store::of_account(tx, account_id)?));
    };
    audit::write(tx, "producer.edit", "producer", producer.id.0, json!({"version": producer.version}))?;
    Ok(producer)
}

fn stale(current: Producer) -> Error {
    Error::from(CommonProblem::VersionStale).with("current", json!(ProducerView::of_owner(current)))
}

fn merged(tx: &mut Tx<'_>, old: Producer, patch: ProfilePatch) -> Result<Profile> {
    let ProfilePatch { kind, name, representative_name, registration_number, tax_code, residence, production, address } =
        patch;
    Ok(Profile {
        kind: kind.unwrap_or(old.kind),
        name: name.map_or(old.name, |n| n.into_string()),
        representative_name: representative_name.map_or(old.representative_name, |n| n.into_string()),
        registration_number: registration_number.map(|n| n.into_string()).over(old.registration_number),
        tax_code: tax_code.map(|code| code.as_str().to_owned()).over(old.tax_code),
        residence_commune_code: match residence {
            Some(place) => places::resolve(tx, &place, "/residence")?,
            None => old.residence_commune_code,
        },
        production_commune_code: match production {
            Some(place) => places::resolve(tx, &place, "/production")?,
            None => old.production_commune_code,
        },
        address: address.map_or(old.address, |a| a.into_string()),
    })
}
