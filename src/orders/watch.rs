use super::store;
use crate::jobs::{self, Job};
use crate::kernel::{CheckoutId, Result, Tx};

/// The orders of a checkout were paid: from now on each waits for its producer's answer, and not for ever.
pub fn watch(tx: &mut Tx<'_>, checkout_id: CheckoutId) -> Result<()> {
    tx.who.must_be_platform()?;
    for order in store::orders_of(tx, checkout_id)? {
        if let Some(due_at) = order.due_at {
            jobs::enqueue(tx, &Job::EndWait { order_id: order.id.0 }, due_at, None)?;
        }
    }
    Ok(())
}
