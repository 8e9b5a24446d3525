use std::collections::HashMap;

use diesel::prelude::*;
use schema::order_weights;

use crate::kernel::{OrderId, Result, Tx, VariantId, Vnd};
use crate::orders::model::OrderLine;

/// What was weighed of one line.
#[derive(Debug, Clone, Copy, Queryable, Selectable)]
#[diesel(table_name = order_weights)]
pub struct Weighed {
    pub order_id: OrderId,
    pub variant_id: VariantId,
    pub ordered_g: i64,
    pub packed_g: i64,
    pub refund_vnd: Vnd,
}

pub fn insert(tx: &mut Tx<'_>, weighed: &[(&OrderLine, Weighed)]) -> Result<()> {
    let rows: Vec<_> = weighed
        .iter()
        .map(|(line, weighed)| {
            (
                order_weights::order_id.eq(weighed.order_id),
                order_weights::variant_id.eq(weighed.variant_id),
                order_weights::buyer_account_id.eq(line.buyer_account_id),
                order_weights::producer_id.eq(line.producer_id),
                order_weights::ordered_g.eq(weighed.ordered_g),
                order_weights::packed_g.eq(weighed.packed_g),
                order_weights::refund_vnd.eq(weighed.refund_vnd),
                order_weights::at.eq(tx.now),
            )
        })
        .collect();
    diesel::insert_into(order_weights::table).values(rows).execute(tx.conn)?;
    Ok(())
}

/// What was weighed of these orders' lines.
pub fn of_orders(tx: &mut Tx<'_>, ids: &[OrderId]) -> Result<HashMap<(OrderId, VariantId), Weighed>> {
    let rows: Vec<Weighed> =
        order_weights::table.filter(order_weights::order_id.eq_any(ids)).select(Weighed::as_select()).load(tx.conn)?;
    Ok(rows.into_iter().map(|row| ((row.order_id, row.variant_id), row)).collect())
}
