use super::model::NoticeRow;
use super::store;
use crate::kernel::error::CommonProblem;
use crate::kernel::{NoticeId, Result, Tx};

/// Beyond this nobody counts.
const UNREAD_MAX: i32 = 1000;

/// Which notices of one's own, the newest first.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub only_unread: bool,
    pub before: Option<NoticeId>,
    pub rows_max: i64,
}

pub fn list(tx: &mut Tx<'_>, look: Look) -> Result<Vec<NoticeRow>> {
    let account_id = tx.who.signed_in()?;
    store::list(tx, account_id, look)
}

/// How many of one's own were not read yet, up to [`UNREAD_MAX`].
pub fn count_unread(tx: &mut Tx<'_>) -> Result<i32> {
    let account_id = tx.who.signed_in()?;
    store::count_unread(tx, account_id, UNREAD_MAX)
}

/// Marks one notice as read; a second time changes nothing.
pub fn read_one(tx: &mut Tx<'_>, id: NoticeId) -> Result<NoticeRow> {
    let account_id = tx.who.signed_in()?;
    store::mark(tx, account_id, id)?.ok_or_else(|| CommonProblem::NotFound.into())
}

/// Marks everything as read up to a notice that the person has seen; what came later stays unread. Ids sort by birth, so
/// one that was thrown away meanwhile still says when.
pub fn read_up_to(tx: &mut Tx<'_>, id: NoticeId) -> Result<usize> {
    let account_id = tx.who.signed_in()?;
    store::mark_up_to(tx, account_id, id)
}
