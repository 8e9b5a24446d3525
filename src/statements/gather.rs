//! What stands in a statement.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

use crate::kernel::input::FaultCode;
use crate::kernel::time::{from_vietnam, vietnam_day};
use crate::kernel::{Error, OrderId, Result, Tx};
use crate::ledger::{self, Movement};
use crate::orders;
use crate::producers::{self, Producer};

/// Days of one statement: a year and a day more.
const DAYS_MAX: i64 = 367;
/// Movements of one statement. A shorter span has fewer.
const MOVEMENTS_MAX: i64 = 5_000;

/// From a day to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub from: NaiveDate,
    pub until: NaiveDate,
}

/// A movement with what it left in the account.
pub struct Line {
    pub movement: Movement,
    pub balance: i64,
}

pub struct Statement {
    pub producer: Producer,
    pub span: Span,
    pub opening: i64,
    pub lines: Vec<Line>,
    pub closing: i64,
    pub codes: BTreeMap<OrderId, String>,
    /// The end of the span, or the moment of asking where that comes first.
    pub told_at: DateTime<Utc>,
}

/// The actor's own account from a day to another: this month unless said otherwise.
pub fn statement(tx: &mut Tx<'_>, from: Option<NaiveDate>, until: Option<NaiveDate>) -> Result<Statement> {
    let producer_id = producers::registered(tx)?;
    let producer = producers::find(tx, producer_id)?;
    let span = span(tx, from, until)?;
    let begins_at = midnight(span.from)?;
    let after = span.until.checked_add_days(Days::new(1)).ok_or_else(|| Error::internal("the end of time"))?;
    let ends_at = midnight(after)?;
    // The database knows nothing shorter.
    let just_before = |at: DateTime<Utc>| at - TimeDelta::microseconds(1);
    let opening = ledger::balance_at(tx, producer_id, just_before(begins_at))?;
    let movements = ledger::movements(tx, producer_id, (begins_at, ends_at), MOVEMENTS_MAX.saturating_add(1))?;
    if i64::try_from(movements.len()).map_err(Error::internal)? > MOVEMENTS_MAX {
        return Err(Error::invalid("/until", FaultCode::OutOfRange, &format!("≤ {MOVEMENTS_MAX}")));
    }
    let ids: Vec<OrderId> = movements.iter().filter_map(|movement| movement.order_id).collect();
    let codes = orders::codes_of(tx, &ids)?;
    let mut balance = opening;
    let mut lines = Vec::with_capacity(movements.len());
    for movement in movements {
        balance =
            balance.checked_add(movement.change_vnd).ok_or_else(|| Error::internal("more than can be counted"))?;
        lines.push(Line { movement, balance });
    }
    let closing = ledger::balance_at(tx, producer_id, just_before(ends_at))?;
    if closing != balance {
        return Err(Error::internal("a statement that does not add up"));
    }
    let told_at = just_before(ends_at).min(tx.now);
    Ok(Statement { producer, span, opening, lines, closing, codes, told_at })
}

fn span(tx: &Tx<'_>, from: Option<NaiveDate>, until: Option<NaiveDate>) -> Result<Span> {
    let today = vietnam_day(tx.now);
    let until = until.unwrap_or_else(|| from.map_or(today, |from| from.max(today)));
    let from = from.unwrap_or_else(|| until.with_day(1).unwrap_or(until));
    let days = until.signed_duration_since(from).num_days();
    if !(0..DAYS_MAX).contains(&days) {
        let expected = format!("0–{} ngày từ from", DAYS_MAX.saturating_sub(1));
        return Err(Error::invalid("/until", FaultCode::OutOfRange, &expected));
    }
    Ok(Span { from, until })
}

fn midnight(day: NaiveDate) -> Result<DateTime<Utc>> {
    from_vietnam(day.and_time(NaiveTime::MIN)).ok_or_else(|| Error::internal("a day without a beginning"))
}
