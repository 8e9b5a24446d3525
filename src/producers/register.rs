//! A person becomes a producer.

use serde_json::json;

use super::api::Registration;
use super::standing::must_be_free;
use super::store::{self, Producer, Profile};
use crate::kernel::{Audience, Result, Tx};
use crate::{audit, places};

/// Once per account; the profile is a draft until it is submitted.
pub fn register(tx: &mut Tx<'_>, registration: Registration) -> Result<Producer> {
    let account_id = tx.who.must(Audience::Producer)?;
    let Registration { kind, name, representative_name, registration_number, tax_code, residence, production, address } =
        registration;
    let registration_number = registration_number.map(|n| n.into_string());
    kind.must_be_registered(registration_number.as_deref())?;
    let profile = Profile {
        kind,
        name: name.into_string(),
        representative_name: representative_name.into_string(),
        registration_number,
        tax_code: tax_code.map(|code| code.as_str().to_owned()),
        residence_commune_code: places::resolve(tx, &residence, "/residence")?,
        production_commune_code: places::resolve(tx, &production, "/production")?,
        address: address.into_string(),
    };
    must_be_free(tx, None, &profile.name)?;
    let producer = store::insert(tx, account_id, &profile)?;
    audit::write(tx, "producer.register", "producer", producer.id.0, json!({"kind": producer.kind}))?;
    Ok(producer)
}
