//! What is left of an order's lines once it has ended as sold: what was really bought, and stayed bought.

use std::collections::HashMap;

use super::got_lines::{GotLine, got_lines};
use super::{claims, weights};
use crate::kernel::{OrderId, Result, Tx, VariantId, Vnd};

/// A line with what stayed paid for it.
#[derive(Debug, Clone)]
pub struct LeftLine {
    pub got: GotLine,
    /// What was paid for it, less what is owed back: for weight that was not packed, and for what a claim was granted.
    pub left: Vnd,
}

impl LeftLine {
    fn of(got: GotLine, for_weight: Vnd, for_claim: Vnd) -> LeftLine {
        let without = |paid: Vnd, back: Vnd| paid.minus(back).unwrap_or(Vnd::ZERO);
        LeftLine { left: without(without(got.paid, for_weight), for_claim), got }
    }

    /// What of it comes to the producer, who is paid the discount of what stayed bought as well, if somebody else pays it.
    pub fn earned(&self, others_pay: bool) -> Option<Vnd> {
        match (others_pay, self.got.paid) {
            (false, _) => Some(self.left),
            (true, Vnd::ZERO) => Some(self.got.value),
            (true, paid) => self.got.value.portion(self.left.amount(), paid.amount()),
        }
    }
}

/// What is left of the lines of these orders.
pub fn left_lines(tx: &mut Tx<'_>, ids: &[OrderId]) -> Result<Vec<LeftLine>> {
    let got = got_lines(tx, ids)?;
    let weighed = weights::of_orders(tx, ids)?;
    let granted: HashMap<(OrderId, VariantId), Vnd> = claims::granted(tx, ids)?;
    let left = |got: GotLine| {
        let name = (got.line.order_id, got.line.variant_id);
        let for_weight = weighed.get(&name).map_or(Vnd::ZERO, |weighed| weighed.refund_vnd);
        LeftLine::of(got, for_weight, granted.get(&name).copied().unwrap_or(Vnd::ZERO))
    };
    Ok(got.into_iter().map(left).collect())
}
