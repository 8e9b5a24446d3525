use chrono::NaiveDate;
use diesel::prelude::*;
use schema::{payout_runs, payouts};

use super::model::Run;
use crate::kernel::{OutgoingBatchId, OutgoingId, ProducerId, Result, Tx, Vnd};

pub fn insert_run(tx: &mut Tx<'_>, id: OutgoingBatchId, week_on: Option<NaiveDate>) -> Result<Run> {
    Ok(diesel::insert_into(payout_runs::table)
        .values((payout_runs::id.eq(id), payout_runs::week_on.eq(week_on), payout_runs::made_at.eq(tx.now)))
        .returning(Run::as_returning())
        .get_result(tx.conn)?)
}

/// The run of the week that was due on this day.
pub fn run_of_week(tx: &mut Tx<'_>, week_on: NaiveDate) -> Result<Option<OutgoingBatchId>> {
    let query = payout_runs::table.filter(payout_runs::week_on.eq(week_on)).select(payout_runs::id);
    Ok(query.first(tx.conn).optional()?)
}

/// The newest first.
pub fn list_runs(tx: &mut Tx<'_>, before: Option<OutgoingBatchId>, rows_max: i64) -> Result<Vec<Run>> {
    let mut query =
        payout_runs::table.select(Run::as_select()).order(payout_runs::id.desc()).limit(rows_max).into_boxed();
    if let Some(before) = before {
        query = query.filter(payout_runs::id.lt(before));
    }
    Ok(query.load(tx.conn)?)
}

pub fn insert(
    tx: &mut Tx<'_>,
    (id, run_id, producer_id): (OutgoingId, OutgoingBatchId, ProducerId),
    (balance, amount): (i64, Vnd),
) -> Result<()> {
    diesel::insert_into(payouts::table)
        .values((
            payouts::id.eq(id),
            payouts::run_id.eq(run_id),
            payouts::producer_id.eq(producer_id),
            payouts::balance_vnd.eq(balance),
            payouts::amount_vnd.eq(amount),
            payouts::at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}
