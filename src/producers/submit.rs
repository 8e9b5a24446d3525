//! The owner hands the profile in.

use serde_json::json;

use super::model::ProducerEvent;
use super::standing::must_be_free;
use super::store::{self, Producer};
use crate::audit;
use crate::kernel::{Audience, Result, Tx};

pub fn submit(tx: &mut Tx<'_>) -> Result<Producer> {
    let account_id = tx.who.must(Audience::Producer)?;
    let old = store::of_account(tx, account_id)?;
    let next = old.status.moved(ProducerEvent::Submit)?;
    must_be_free(tx, Some(old.id), &old.name)?;
    let Some(producer) = store::submit(tx, &old, next)? else {
        return Err(store::of_account(tx, account_id)?.status.refusal(ProducerEvent::Submit));
    };
    audit::write(tx, "producer.submit", "producer", producer.id.0, json!({"from": old.status, "to": next}))?;
    Ok(producer)
}
