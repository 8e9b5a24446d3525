use diesel::prelude::*;
use schema::orders;

use crate::kernel::{AccountId, CheckoutId, Result, Tx};

/// Of the order with this code: its purchase, its buyer, and the number of who receives it.
pub fn find_by_code(tx: &mut Tx<'_>, code: &str) -> Result<Option<(CheckoutId, AccountId, String)>> {
    Ok(orders::table
        .filter(orders::code.eq(code))
        .select((orders::checkout_id, orders::buyer_account_id, orders::recipient_phone))
        .first(tx.conn)
        .optional()?)
}
