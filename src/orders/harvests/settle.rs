use chrono::{DateTime, Utc};

use super::model::ShortfallRule;
use crate::kernel::{OrderId, Vnd};
use crate::orders::got_lines::share_of;

/// What one paid order wants of a harvest.
#[derive(Debug, Clone, Copy)]
pub struct Want {
    pub order_id: OrderId,
    pub paid_at: DateTime<Utc>,
    pub quantity: i32,
    /// What was paid for them, after the discount.
    pub goods_vnd: Vnd,
    /// What is left to owe of the whole order, with the way.
    pub rest_vnd: Vnd,
}

/// What one order gets of a harvest, and what is owed back for what it misses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    pub got: i32,
    pub missing: i32,
    pub refund_vnd: Vnd,
}

/// What becomes of each want, in their order. A missing unit gives its share of what was paid for the goods back; an
/// order that gets nothing gives everything back. `None` when more would be owed than money can be.
pub fn settle(rule: ShortfallRule, harvested: i32, wants: &[Want]) -> Option<Vec<Outcome>> {
    let settled = wants.iter().zip(units(rule, harvested, wants)).map(|(want, got)| {
        let missing = want.quantity.checked_sub(got)?;
        let share = share_of(want.goods_vnd, missing, want.quantity)?;
        let refund_vnd = if got == 0 { want.rest_vnd } else { share.min(want.rest_vnd) };
        Some(Outcome { got, missing, refund_vnd })
    });
    settled.collect()
}

/// What each order gets of what was harvested, in the order of the wants. Nobody gets more than was bought, and nothing
/// is left over while somebody misses something.
fn units(rule: ShortfallRule, harvested: i32, wants: &[Want]) -> Vec<i32> {
    let promised: i64 = wants.iter().map(|want| i64::from(want.quantity)).sum();
    let there = i64::from(harvested).clamp(0, promised);
    let share = |want: &Want| i64::from(want.quantity).saturating_mul(there);
    let base = |want: &Want| match rule {
        ShortfallRule::FirstPaid => 0,
        // Whole units of the share; the largest remainders get one more each.
        ShortfallRule::ProRata => share(want).checked_div(promised).unwrap_or(0),
    };
    let rest = |want: &Want| match rule {
        ShortfallRule::FirstPaid => 0,
        ShortfallRule::ProRata => share(want).checked_rem(promised).unwrap_or(0),
    };
    let most = |want: &Want| match rule {
        ShortfallRule::FirstPaid => i64::from(want.quantity),
        ShortfallRule::ProRata => 1,
    };
    let mut got: Vec<(usize, &Want, i64)> = wants.iter().enumerate().map(|(n, want)| (n, want, base(want))).collect();
    let mut left = there.saturating_sub(got.iter().map(|(_, _, units)| units).sum());
    got.sort_by_key(|(_, want, _)| (rest(want).saturating_neg(), want.paid_at, want.order_id.0));
    for (_, want, units) in &mut got {
        let more = most(want).min(left);
        *units = units.saturating_add(more);
        left = left.saturating_sub(more);
    }
    got.sort_by_key(|(n, _, _)| *n);
    got.into_iter().map(|(_, _, units)| i32::try_from(units).unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    /// Quantity, minute of payment, price of a unit, discount on the goods and what else was paid.
    type Bought = (i32, i64, i64, i64, i64);

    fn vnd(amount: i64) -> Vnd {
        Vnd::new(amount).unwrap()
    }

    fn wants(bought: &[Bought]) -> Vec<Want> {
        let begin: DateTime<Utc> = "2026-12-01T00:00:00Z".parse().unwrap();
        let want = |(n, (quantity, minute, price, discount, way)): (usize, &Bought)| {
            let goods = i64::from(*quantity) * price;
            let goods = goods - discount.min(&goods);
            Want {
                order_id: OrderId(Uuid::from_u128(n as u128 + 1)),
                paid_at: begin + TimeDelta::minutes(*minute),
                quantity: *quantity,
                goods_vnd: vnd(goods),
                rest_vnd: vnd(goods + way),
            }
        };
        bought.iter().enumerate().map(want).collect()
    }

    fn of_units(bought: &[(i32, i64)]) -> Vec<Want> {
        let bought: Vec<Bought> = bought.iter().map(|(quantity, minute)| (*quantity, *minute, 1000, 0, 0)).collect();
        wants(&bought)
    }

    #[test]
    fn who_paid_first_is_served_first() {
        let wants = of_units(&[(3, 20), (4, 10), (2, 30)]);
        assert_eq!(units(ShortfallRule::FirstPaid, 5, &wants), [1, 4, 0]);
        assert_eq!(units(ShortfallRule::FirstPaid, 100, &wants), [3, 4, 2]);
        assert_eq!(units(ShortfallRule::FirstPaid, 0, &wants), [0, 0, 0]);
    }

    /// 5 of 9: shares 1.67, 2.22 and 1.11, so the first gets the unit that is left over.
    #[test]
    fn a_share_is_rounded_by_the_largest_remainder() {
        assert_eq!(units(ShortfallRule::ProRata, 5, &of_units(&[(3, 20), (4, 10), (2, 30)])), [2, 2, 1]);
    }

    #[test]
    fn of_equal_remainders_who_paid_first_gets_more() {
        assert_eq!(units(ShortfallRule::ProRata, 1, &of_units(&[(1, 20), (1, 10), (1, 10)])), [0, 1, 0]);
    }

    /// 3 × 10.000 less 1.000 were paid for the goods, and 15.000 for the way: a third of 29.000, two thirds, all 44.000.
    #[test]
    fn a_missing_unit_gives_its_share_back_and_nothing_at_all_gives_everything_back() {
        let want = wants(&[(3, 0, 10_000, 1_000, 15_000)]);
        let settled = |harvested| settle(ShortfallRule::FirstPaid, harvested, &want).unwrap();
        let outcome = |got, missing, refund| [Outcome { got, missing, refund_vnd: vnd(refund) }];
        assert_eq!(settled(3), outcome(3, 0, 0));
        assert_eq!(settled(2), outcome(2, 1, 9_667));
        assert_eq!(settled(1), outcome(1, 2, 19_333));
        assert_eq!(settled(0), outcome(0, 3, 44_000));
    }

    fn any_wants() -> impl Strategy<Value = Vec<Want>> {
        let bought = (1..200_i32, 0..5_i64, 1..500_000_i64, 0..400_000_i64, 0..60_000_i64);
        prop::collection::vec(bought, 0..12).prop_map(|bought| wants(&bought))
    }

    fn any_rule() -> impl Strategy<Value = ShortfallRule> {
        prop_oneof![Just(ShortfallRule::FirstPaid), Just(ShortfallRule::ProRata)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn all_that_came_is_given_and_refunds_and_what_is_kept_are_what_was_paid(
            wants in any_wants(), harvested in 0..1500_i32, rule in any_rule(),
        ) {
            let settled = settle(rule, harvested, &wants).unwrap();
            let promised: i32 = wants.iter().map(|want| want.quantity).sum();
            prop_assert_eq!(settled.len(), wants.len());
            prop_assert_eq!(settled.iter().map(|one| one.got).sum::<i32>(), harvested.min(promised));
            let (mut paid, mut refunds, mut kept) = (0, 0, 0);
            for (one, want) in settled.iter().zip(&wants) {
                prop_assert!((0..=want.quantity).contains(&one.got));
                prop_assert_eq!(one.got + one.missing, want.quantity);
                let way = want.rest_vnd.minus(want.goods_vnd).unwrap().amount();
                let goods = want.goods_vnd.amount();
                // What is kept is the other part of the same split: for the units that come, and for the way if any come.
                let weights = [vnd(i64::from(one.missing)), vnd(i64::from(one.got))];
                let of_units = want.goods_vnd.split(&weights).unwrap()[1].amount();
                kept += if one.got == 0 { 0 } else { of_units + way };
                refunds += one.refund_vnd.amount();
                paid += goods + way;
                // To the đồng: off by less than one from the exact share.
                let exact = i128::from(goods) * i128::from(one.missing);
                let off = i128::from(one.refund_vnd.amount()) * i128::from(want.quantity) - exact;
                prop_assert!(one.got == 0 || off.abs() < i128::from(want.quantity));
                prop_assert!(one.got > 0 || one.refund_vnd == want.rest_vnd);
                prop_assert!(one.missing > 0 || one.refund_vnd == Vnd::ZERO);
            }
            prop_assert_eq!(refunds + kept, paid);
        }

        /// A share is off by less than one unit.
        #[test]
        fn everybody_gets_the_same_share(wants in any_wants(), harvested in 0..1500_i32) {
            let promised: i64 = wants.iter().map(|want| i64::from(want.quantity)).sum();
            let there = i64::from(harvested).min(promised);
            for (got, want) in units(ShortfallRule::ProRata, harvested, &wants).iter().zip(&wants) {
                let off = i64::from(*got) * promised - i64::from(want.quantity) * there;
                prop_assert!(off.abs() < promised);
            }
        }

        /// Nobody loses anything because more was harvested. (Largest remainders do not promise that; first come does.)
        #[test]
        fn first_paid_is_monotone(wants in any_wants(), harvested in 0..1500_i32) {
            let less = units(ShortfallRule::FirstPaid, harvested, &wants);
            let more = units(ShortfallRule::FirstPaid, harvested + 1, &wants);
            prop_assert!(less.iter().zip(&more).all(|(less, more)| less <= more));
        }

        /// Whoever stands behind somebody who misses something gets nothing.
        #[test]
        fn first_paid_leaves_no_gap(wants in any_wants(), harvested in 0..1500_i32) {
            let got = units(ShortfallRule::FirstPaid, harvested, &wants);
            let mut line: Vec<_> = wants.iter().zip(got).collect();
            line.sort_by_key(|(want, _)| (want.paid_at, want.order_id.0));
            let behind = line.iter().skip_while(|(want, got)| want.quantity == *got).skip(1);
            prop_assert!(behind.into_iter().all(|(_, got)| *got == 0));
        }
    }
}
