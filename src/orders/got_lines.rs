//! What an order really gets of what was bought.

use super::model::OrderLine;
use super::{harvests, store};
use crate::kernel::{Error, OrderId, Result, Tx, Vnd};

/// A line with what its order gets of it: what was bought, less what a harvest did not bring.
#[derive(Debug, Clone)]
pub struct GotLine {
    pub line: OrderLine,
    pub units: i32,
    /// The price of those units, before the discount.
    pub value: Vnd,
    /// What was paid for them.
    pub paid: Vnd,
}

impl GotLine {
    /// A line of which so many units are missing, for which so much is owed back.
    pub fn without(line: OrderLine, missing: i32, refund: Vnd) -> Option<Self> {
        let units = line.quantity.checked_sub(missing)?;
        let value = line.price_vnd.times(units)?;
        let paid = paid_for(&line)?.minus(refund)?;
        Some(Self { line, units, value, paid })
    }

    pub fn grams(&self) -> i64 {
        i64::from(self.units).saturating_mul(i64::from(self.line.net_weight_g))
    }
}

/// What was paid for a whole line.
pub fn paid_for(line: &OrderLine) -> Option<Vnd> {
    line.total_vnd.minus(line.discount_vnd)
}

/// What was paid for so many of the units for which so much was paid; all of them together are exactly that.
pub fn share_of(paid: Vnd, part: i32, units: i32) -> Option<Vnd> {
    let left = units.checked_sub(part)?;
    let weights = [Vnd::new(i64::from(part))?, Vnd::new(i64::from(left))?];
    paid.split(&weights)?.first().copied()
}

/// What these orders get, by order and variant.
pub fn got_lines(tx: &mut Tx<'_>, ids: &[OrderId]) -> Result<Vec<GotLine>> {
    let lines = store::lines_of(tx, ids)?;
    let shortfalls = harvests::shortfalls_of(tx, ids)?;
    let got = |line: OrderLine| {
        let missed = shortfalls.get(&(line.order_id, line.variant_id));
        let (missing, refund) = missed.map_or((0, Vnd::ZERO), |missed| (missed.quantity, missed.refund_vnd));
        GotLine::without(line, missing, refund).ok_or_else(|| Error::internal("a line of less than nothing"))
    };
    lines.into_iter().map(got).collect()
}

/// What was just bought; nothing can be missing yet.
pub fn all_of(lines: Vec<OrderLine>) -> Result<Vec<GotLine>> {
    let got = lines.into_iter().map(|line| GotLine::without(line, 0, Vnd::ZERO));
    got.collect::<Option<_>>().ok_or_else(|| Error::internal("a line of less than nothing"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn vnd(amount: i64) -> Vnd {
        Vnd::new(amount).unwrap()
    }

    #[test]
    fn a_share_is_rounded_to_the_nearest_dong_and_the_whole_is_the_line() {
        assert_eq!(share_of(vnd(100), 1, 3), Some(vnd(33)));
        assert_eq!(share_of(vnd(100), 2, 3), Some(vnd(67)));
        assert_eq!(share_of(vnd(100), 3, 3), Some(vnd(100)));
        assert_eq!(share_of(vnd(100), 4, 3), None);
    }

    proptest! {
        #[test]
        fn a_share_and_what_it_leaves_are_the_line(paid in 0..=Vnd::MAX, ordered in 1..=10_000_i32, part in 0..=10_000_i32) {
            let quantity = 1 + part % ordered;
            let own = share_of(vnd(paid), quantity, ordered).unwrap().amount();
            let exact = i128::from(paid) * i128::from(quantity);
            prop_assert!((i128::from(own) * i128::from(ordered) - exact).abs() < i128::from(ordered));
            prop_assert!(own <= paid && (quantity < ordered || own == paid));
        }
    }
}
