//! Keeping the figures.

use super::model::{Direction, Sale, Sums};
use super::store;
use crate::kernel::{Result, Tx};

/// Adds orders to the figures when they are paid, or takes them out when they are cancelled or refused after that.
///
/// Called as the platform in the transaction that changes the orders; row-level security refuses anybody else. Sales are
/// recorded by ascending producer, so that two transactions cannot wait for each other. What is added is added at the end of
/// the transaction, once in it. Taking out what was never added fails, and with it the whole transaction.
pub fn record(tx: &mut Tx<'_>, sales: &[Sale], direction: Direction) -> Result<()> {
    let sums = Sums::of(sales)?;
    match direction {
        Direction::Sold => store::add_later(tx, &sums),
        Direction::Undone => store::take_out(tx, &sums),
    }
}

/// Takes a part of an order out of the figures; the order itself still counts.
pub fn lessen(tx: &mut Tx<'_>, part: &Sale) -> Result<()> {
    store::lessen(tx, &Sums::of(std::slice::from_ref(part))?)
}
