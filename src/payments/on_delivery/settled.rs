//! Whether carriers have settled what they collected.

use chrono::{DateTime, Utc};

use super::store::{self, Unsettled};
use crate::kernel::{CreditId, OrderId, Result, Tx};

/// These carriers' debts are settled, or two people have decided on them. What is no cash stays as it is.
pub fn cash_settled(tx: &mut Tx<'_>, credits: &[CreditId]) -> Result<()> {
    if credits.is_empty() { Ok(()) } else { tx.as_platform(|tx| store::settle(tx, credits)) }
}

/// What was collected before a moment and is not settled, the oldest first.
pub fn unsettled_cash(tx: &mut Tx<'_>, before: DateTime<Utc>, rows: i64) -> Result<Vec<Unsettled>> {
    tx.who.must_be_platform()?;
    store::unsettled(tx, before, rows)
}

/// The orders whose cash carriers have collected and not settled: what they brought is not paid out yet.
pub fn unsettled_orders(tx: &mut Tx<'_>) -> Result<Vec<OrderId>> {
    tx.as_platform(store::unsettled_orders)
}
