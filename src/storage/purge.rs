use chrono::TimeDelta;

use super::files::Photos;
use super::model::KEPT_UNUSED;
use super::store;
use crate::kernel::{Result, Tx};

/// Photos whose files are deleted at once.
const DELETED_MAX: i64 = 500;
/// A photo was removed by a transaction that has ended when this has passed.
const REMOVED_FOR: TimeDelta = TimeDelta::minutes(10);

/// Removes what nobody used in time, and deletes the files of what was removed before. Should the transaction fail
/// afterwards, the rows are there still and their files are deleted again.
pub fn purge(tx: &mut Tx<'_>, photos: &Photos) -> Result<()> {
    tx.who.must_be_platform()?;
    let removed = store::removed(tx, tx.now - REMOVED_FOR, DELETED_MAX)?;
    for id in &removed {
        photos.delete(*id)?;
    }
    store::delete(tx, &removed)?;
    store::remove_unused(tx, tx.now - KEPT_UNUSED)
}
