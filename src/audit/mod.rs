//! Who did what, when, to what: written in the transaction of the deed, never changed.
//!
//! Details hold ids, statuses and figures, never names or numbers of people, so that a person can be forgotten
//! without touching the record.

mod store;

pub use store::prepare_months;

use diesel::prelude::*;
use schema::audit_events;
use uuid::Uuid;

use crate::kernel::{EventId, Result, Tx};

/// Records a deed of the transaction's actor.
pub fn write(
    tx: &mut Tx<'_>,
    action: &str,
    object_kind: &str,
    object_id: Uuid,
    detail: serde_json::Value,
) -> Result<()> {
    let row = (
        audit_events::id.eq(EventId::generate().0),
        audit_events::at.eq(tx.now),
        audit_events::actor_account_id.eq(tx.who.account_id.map(|id| id.0)),
        audit_events::actor_role.eq(tx.who.role.as_str()),
        audit_events::action.eq(action.to_owned()),
        audit_events::object_kind.eq(object_kind.to_owned()),
        audit_events::object_id.eq(object_id),
        audit_events::detail.eq(detail),
        audit_events::request_id.eq(tx.who.request_id.map(|id| id.0)),
    );
    tx.note(diesel::insert_into(audit_events::table).values(row), 1)
}
