//! Keeping the figures.

use super::model::{Direction, Sale};
use super::store;
use crate::kernel::{Result, Tx};

/// Adds an order to the figures when it is paid, or takes it out when it is cancelled or refused after that.
///
/// Called as the platform in the transaction that changes the order; row-level security refuses anybody else.
/// Several orders of one transaction are recorded by ascending producer, so that two transactions cannot wait for
/// each other. Taking out what was never added fails, and with it the whole transaction.
pub fn record(tx: &mut Tx<'_>, sale: &Sale, direction: Direction) -> Result<()> {
    let cells = sale.cells()?;
    store::add_daily(tx, sale, &cells, direction)?;
    store::add_basket(tx, sale, &cells, direction)
}
