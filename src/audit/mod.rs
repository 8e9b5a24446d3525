//! Who did what, when, to what: written in the transaction of the deed, never changed.
//!
//! Details hold ids, statuses and figures, never names or numbers of people, so that a person can be forgotten
//! without touching the record.

mod store;

pub use store::prepare_months;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use schema::audit_events;
use uuid::Uuid;

use crate::kernel::later::{Fragment, Row};
use crate::kernel::{AccountId, EventId, RequestId, Result, Tx};

#[derive(Insertable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
struct Deed {
    id: EventId,
    at: DateTime<Utc>,
    actor_account_id: Option<AccountId>,
    actor_role: &'static str,
    action: String,
    object_kind: String,
    object_id: Uuid,
    detail: serde_json::Value,
    request_id: Option<RequestId>,
}

impl Row for Deed {
    fn insert(rows: Vec<Self>) -> Fragment {
        Box::new(diesel::insert_into(audit_events::table).values(rows))
    }
}

/// Records a deed of the transaction's actor.
pub fn write(
    tx: &mut Tx<'_>,
    action: &str,
    object_kind: &str,
    object_id: Uuid,
    detail: serde_json::Value,
) -> Result<()> {
    tx.note(Deed {
        id: EventId::generate(),
        at: tx.now,
        actor_account_id: tx.who.account_id,
        actor_role: tx.who.role.as_str(),
        action: action.to_owned(),
        object_kind: object_kind.to_owned(),
        object_id,
        detail,
        request_id: tx.who.request_id,
    })
}
