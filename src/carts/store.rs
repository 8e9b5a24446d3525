use diesel::prelude::*;
use schema::{cart_lines, carts};

use super::model::CartLine;
use crate::kernel::sql::Prepare;
use crate::kernel::{AccountId, Result, Tx, VariantId};

/// Makes the cart if there is none, and raises its version: no other request can change it until this transaction ends.
pub fn touch(tx: &mut Tx<'_>, account_id: AccountId) -> Result<i32> {
    Ok(diesel::insert_into(carts::table)
        .values((carts::account_id.eq(account_id), carts::updated_at.eq(tx.now)))
        .on_conflict(carts::account_id)
        .do_update()
        .set((carts::version.eq(carts::version + 1), carts::updated_at.eq(tx.now)))
        .returning(carts::version)
        .prepared()
        .get_result(tx.conn)?)
}

/// 0 while there is no cart.
pub fn version(tx: &mut Tx<'_>, account_id: AccountId) -> Result<i32> {
    let version: Option<i32> = carts::table.find(account_id).select(carts::version).first(tx.conn).optional()?;
    Ok(version.unwrap_or(0))
}

pub fn lines(tx: &mut Tx<'_>, account_id: AccountId) -> Result<Vec<CartLine>> {
    let rows: Vec<(VariantId, i32)> = cart_lines::table
        .filter(cart_lines::account_id.eq(account_id))
        .order(cart_lines::variant_id)
        .select((cart_lines::variant_id, cart_lines::quantity))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(variant_id, quantity)| CartLine { variant_id, quantity }).collect())
}

pub fn upsert_line(tx: &mut Tx<'_>, account_id: AccountId, line: CartLine) -> Result<()> {
    diesel::insert_into(cart_lines::table)
        .values((
            cart_lines::account_id.eq(account_id),
            cart_lines::variant_id.eq(line.variant_id),
            cart_lines::quantity.eq(line.quantity),
            cart_lines::added_at.eq(tx.now),
        ))
        .on_conflict((cart_lines::account_id, cart_lines::variant_id))
        .do_update()
        .set(cart_lines::quantity.eq(line.quantity))
        .returning(cart_lines::variant_id)
        .prepared()
        .load::<VariantId>(tx.conn)?;
    Ok(())
}

pub fn remove_line(tx: &mut Tx<'_>, account_id: AccountId, variant_id: VariantId) -> Result<()> {
    diesel::delete(cart_lines::table.find((account_id, variant_id))).execute(tx.conn)?;
    Ok(())
}

/// Empties a cart and says what was in it, by variant.
pub fn take_lines(tx: &mut Tx<'_>, account_id: AccountId) -> Result<Vec<CartLine>> {
    let mut rows: Vec<(VariantId, i32)> =
        diesel::delete(cart_lines::table.filter(cart_lines::account_id.eq(account_id)))
            .returning((cart_lines::variant_id, cart_lines::quantity))
            .get_results(tx.conn)?;
    rows.sort_unstable();
    Ok(rows.into_iter().map(|(variant_id, quantity)| CartLine { variant_id, quantity }).collect())
}
