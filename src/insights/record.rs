//! Keeping the figures.

use super::model::{Direction, Sale};
use super::store;
use crate::kernel::{Result, Tx};

/// Adds orders to the figures when they are paid, or takes them out when they are cancelled or refused after that.
///
/// Called as the platform in the transaction that changes the orders; row-level security refuses anybody else. At most
/// one sale of each producer; they are recorded by ascending producer, so that two transactions cannot wait for each
/// other. What is added is added at the end of the transaction, once in it. Taking out what was never added fails, and
/// with it the whole transaction.
pub fn record(tx: &mut Tx<'_>, sales: &[Sale], direction: Direction) -> Result<()> {
    let mut counted = Vec::with_capacity(sales.len());
    for sale in sales {
        counted.push((sale, sale.cells()?));
    }
    match direction {
        Direction::Sold => store::add_later(tx, &counted),
        Direction::Undone => store::take_out(tx, &counted),
    }
}

/// Takes a part of an order out of the figures; the order itself still counts.
pub fn lessen(tx: &mut Tx<'_>, part: &Sale) -> Result<()> {
    store::lessen(tx, &[(part, part.cells()?)])
}
