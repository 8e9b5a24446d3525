//! Stock: signatures for the slices below.

use std::collections::HashMap;

use diesel::prelude::*;
use schema::{stock_levels, stock_movements};

use crate::kernel::{EventId, ProducerId, Result, Tx, VariantId};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    pub on_hand: i32,
    pub reserved: i32,
}

impl Level {
    pub fn available(self) -> i32 {
        self.on_hand.saturating_sub(self.reserved)
    }
}

pub fn open(tx: &mut Tx<'_>, producer_id: ProducerId, variant_id: VariantId, quantity: i32) -> Result<()> {
    diesel::insert_into(stock_levels::table)
        .values((
            stock_levels::variant_id.eq(variant_id),
            stock_levels::producer_id.eq(producer_id),
            stock_levels::on_hand.eq(quantity),
        ))
        .execute(tx.conn)?;
    if quantity > 0 {
        diesel::insert_into(stock_movements::table)
            .values((
                stock_movements::id.eq(EventId::generate()),
                stock_movements::variant_id.eq(variant_id),
                stock_movements::producer_id.eq(producer_id),
                stock_movements::kind.eq("opening"),
                stock_movements::delta.eq(quantity),
                stock_movements::actor_account_id.eq(tx.who.account_id),
                stock_movements::at.eq(tx.now),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

pub fn levels(tx: &mut Tx<'_>, variants: &[VariantId]) -> Result<HashMap<VariantId, Level>> {
    let rows: Vec<(VariantId, i32, i32)> = stock_levels::table
        .filter(stock_levels::variant_id.eq_any(variants))
        .select((stock_levels::variant_id, stock_levels::on_hand, stock_levels::reserved))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(id, on_hand, reserved)| (id, Level { on_hand, reserved })).collect())
}
