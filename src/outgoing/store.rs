use diesel::prelude::*;
use schema::outgoing_switch as switch;

use super::model::Switch;
use crate::kernel::{AccountId, Result, Tx};

const THE_ONE: i16 = 1;

pub fn switch(tx: &mut Tx<'_>) -> Result<Switch> {
    Ok(switch::table.find(THE_ONE).select(Switch::as_select()).first(tx.conn)?)
}

/// Held beside others who send, until the transaction ends.
pub fn switch_for_share(tx: &mut Tx<'_>) -> Result<Switch> {
    Ok(switch::table.find(THE_ONE).select(Switch::as_select()).for_share().first(tx.conn)?)
}

/// Held alone: whoever was sending is done.
pub fn switch_for_update(tx: &mut Tx<'_>) -> Result<Switch> {
    Ok(switch::table.find(THE_ONE).select(Switch::as_select()).for_update().first(tx.conn)?)
}

pub fn stop(tx: &mut Tx<'_>, by: AccountId, reason: &str) -> Result<Switch> {
    Ok(diesel::update(switch::table.find(THE_ONE))
        .set((
            switch::stopped_at.eq(tx.now),
            switch::stopped_by.eq(by),
            switch::reason.eq(reason),
            switch::started_at.eq(None::<chrono::DateTime<chrono::Utc>>),
            switch::started_by.eq(None::<AccountId>),
            switch::version.eq(switch::version + 1),
        ))
        .returning(Switch::as_returning())
        .get_result(tx.conn)?)
}

pub fn start(tx: &mut Tx<'_>, by: AccountId) -> Result<Switch> {
    Ok(diesel::update(switch::table.find(THE_ONE))
        .set((switch::started_at.eq(tx.now), switch::started_by.eq(by), switch::version.eq(switch::version + 1)))
        .returning(Switch::as_returning())
        .get_result(tx.conn)?)
}
