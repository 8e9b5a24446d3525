//! Whether carriers have settled what they collected.

use super::store;
use crate::kernel::{CreditId, OrderId, ProducerId, Result, Tx};

/// These carriers' debts are settled, or two people have decided on them. What is no cash stays as it is.
pub fn cash_settled(tx: &mut Tx<'_>, credits: &[CreditId]) -> Result<()> {
    let now = tx.now;
    if credits.is_empty() { Ok(()) } else { tx.as_platform(|tx| store::set_settled(tx, credits, Some(now))) }
}

/// What had ended these carriers' debts was taken back.
pub fn cash_owed_again(tx: &mut Tx<'_>, credits: &[CreditId]) -> Result<()> {
    if credits.is_empty() { Ok(()) } else { tx.as_platform(|tx| store::set_settled(tx, credits, None)) }
}

/// The orders of these producers whose cash carriers have collected and not settled: what they brought is not paid out yet.
pub fn unsettled_orders(tx: &mut Tx<'_>, producers: &[ProducerId]) -> Result<Vec<OrderId>> {
    tx.as_platform(|tx| store::unsettled_orders(tx, producers))
}
