use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel::upsert::excluded;
use schema::{cart_lines, carts};

use super::model::CartLine;
use crate::kernel::sql::Prepare;
use crate::kernel::{AccountId, Error, Result, Tx, VariantId};

/// Makes the cart if there is none, and raises its version: no other request can change it until this transaction ends.
/// Returns the version and the lines, by variant.
pub fn touch(tx: &mut Tx<'_>, account_id: AccountId) -> Result<(i32, Vec<CartLine>)> {
    let rows: Vec<TouchedRow> = diesel::sql_query(
        "with touched as ( \
           insert into carts (account_id, updated_at) values ($1, $2) \
           on conflict (account_id) do update set version = carts.version + 1, updated_at = $2 returning version) \
         select t.version, (select version from carts where account_id = $1) as seen, l.variant_id, l.quantity \
         from touched t left join cart_lines l on l.account_id = $1 order by l.variant_id",
    )
    .bind::<SqlUuid, _>(account_id)
    .bind::<Timestamptz, _>(tx.now)
    .prepared()
    .load(tx.conn)?;
    let first = rows.first().ok_or_else(|| Error::internal("a cart was not touched"))?;
    let (version, seen) = (first.version, first.seen.unwrap_or(0));
    // It waited for another request, and the lines are those of before that.
    if version != seen.saturating_add(1) {
        return Ok((version, lines(tx, account_id)?));
    }
    let line = |row: TouchedRow| Some(CartLine { variant_id: row.variant_id?, quantity: row.quantity? });
    Ok((version, rows.into_iter().filter_map(line).collect()))
}

#[derive(QueryableByName)]
struct TouchedRow {
    #[diesel(sql_type = Integer)]
    version: i32,
    /// The version that belongs to the lines.
    #[diesel(sql_type = Nullable<Integer>)]
    seen: Option<i32>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    variant_id: Option<VariantId>,
    #[diesel(sql_type = Nullable<Integer>)]
    quantity: Option<i32>,
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

/// At the end of the transaction.
pub fn upsert_lines(tx: &mut Tx<'_>, account_id: AccountId, lines: &[CartLine]) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let row = |line: &CartLine| {
        (
            cart_lines::account_id.eq(account_id),
            cart_lines::variant_id.eq(line.variant_id),
            cart_lines::quantity.eq(line.quantity),
            cart_lines::added_at.eq(tx.now),
        )
    };
    let rows: Vec<_> = lines.iter().map(row).collect();
    let upsert = diesel::insert_into(cart_lines::table)
        .values(rows)
        .on_conflict((cart_lines::account_id, cart_lines::variant_id))
        .do_update()
        .set(cart_lines::quantity.eq(excluded(cart_lines::quantity)));
    tx.later(upsert, lines.len())
}

/// At the end of the transaction.
pub fn remove_lines(tx: &mut Tx<'_>, account_id: AccountId, lines: &[CartLine]) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let ids: Vec<VariantId> = lines.iter().map(|line| line.variant_id).collect();
    let own =
        cart_lines::table.filter(cart_lines::account_id.eq(account_id)).filter(cart_lines::variant_id.eq_any(ids));
    tx.later(diesel::delete(own), 0)
}

/// Empties a touched cart of its lines, at the end of the transaction.
pub fn empty(tx: &mut Tx<'_>, account_id: AccountId, lines: usize) -> Result<()> {
    let all = cart_lines::table.filter(cart_lines::account_id.eq(account_id));
    tx.later_exactly(diesel::delete(all).returning(cart_lines::variant_id), lines)
}
