//! The books are summed at the end of each month.

use chrono::TimeDelta;

use super::store::{self, Summed};
use crate::kernel::{Month, Result, Tx};

/// Nothing of a month is still being written so long after its end: a transaction has its moment from its beginning, and ends
/// within seconds.
const WRITTEN_AFTER: TimeDelta = TimeDelta::hours(1);

/// Sums the books up to the end of the month that was not summed yet, the earliest first; says whether there was one.
pub fn sum_month(tx: &mut Tx<'_>) -> Result<bool> {
    tx.who.must_be_platform()?;
    let Summed { until: since, first_at } = store::summed(tx)?;
    let Some(begun) = since.or(first_at) else { return Ok(false) };
    let until = Month::of(begun).ends_at()?;
    if until + WRITTEN_AFTER > tx.now {
        return Ok(false);
    }
    store::sum_until(tx, since, until)?;
    Ok(true)
}
