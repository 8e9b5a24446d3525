use chrono::{DateTime, Utc};

use super::model::ShortfallRule;
use crate::kernel::OrderId;

/// What one paid order wants of a harvest.
#[derive(Debug, Clone, Copy)]
pub struct Want {
    pub order_id: OrderId,
    pub paid_at: DateTime<Utc>,
    pub quantity: i32,
}

/// What each order gets of what was harvested, in the order of the wants. Nobody gets more than was bought, and nothing
/// is left over while somebody misses something.
pub fn shortfall(rule: ShortfallRule, harvested: i32, wants: &[Want]) -> Vec<i32> {
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

    fn wants(quantities: &[(i32, i64)]) -> Vec<Want> {
        let begin: DateTime<Utc> = "2026-12-01T00:00:00Z".parse().unwrap();
        let want = |(n, (quantity, minute)): (usize, &(i32, i64))| Want {
            order_id: OrderId(Uuid::from_u128(n as u128 + 1)),
            paid_at: begin + TimeDelta::minutes(*minute),
            quantity: *quantity,
        };
        quantities.iter().enumerate().map(want).collect()
    }

    #[test]
    fn who_paid_first_is_served_first() {
        let wants = wants(&[(3, 20), (4, 10), (2, 30)]);
        assert_eq!(shortfall(ShortfallRule::FirstPaid, 5, &wants), [1, 4, 0]);
        assert_eq!(shortfall(ShortfallRule::FirstPaid, 100, &wants), [3, 4, 2]);
        assert_eq!(shortfall(ShortfallRule::FirstPaid, 0, &wants), [0, 0, 0]);
    }

    /// 5 of 9: shares 1.67, 2.22 and 1.11, so the first gets the unit that is left over.
    #[test]
    fn a_share_is_rounded_by_the_largest_remainder() {
        assert_eq!(shortfall(ShortfallRule::ProRata, 5, &wants(&[(3, 20), (4, 10), (2, 30)])), [2, 2, 1]);
    }

    #[test]
    fn of_equal_remainders_who_paid_first_gets_more() {
        assert_eq!(shortfall(ShortfallRule::ProRata, 1, &wants(&[(1, 20), (1, 10), (1, 10)])), [0, 1, 0]);
    }

    fn any_wants() -> impl Strategy<Value = Vec<Want>> {
        prop::collection::vec((1..200_i32, 0..5_i64), 0..30).prop_map(|quantities| wants(&quantities))
    }

    proptest! {
        #[test]
        fn all_that_came_is_given_and_nobody_gets_more_than_was_bought(
            wants in any_wants(), harvested in 0..4000_i32, is_pro_rata in any::<bool>(),
        ) {
            let rule = if is_pro_rata { ShortfallRule::ProRata } else { ShortfallRule::FirstPaid };
            let got = shortfall(rule, harvested, &wants);
            let promised: i32 = wants.iter().map(|want| want.quantity).sum();
            prop_assert_eq!(got.len(), wants.len());
            prop_assert_eq!(got.iter().sum::<i32>(), harvested.min(promised));
            for (units, want) in got.iter().zip(&wants) {
                prop_assert!((0..=want.quantity).contains(units));
            }
        }

        /// A share is off by less than one unit.
        #[test]
        fn everybody_gets_the_same_share(wants in any_wants(), harvested in 0..4000_i32) {
            let promised: i64 = wants.iter().map(|want| i64::from(want.quantity)).sum();
            let there = i64::from(harvested).min(promised);
            for (units, want) in shortfall(ShortfallRule::ProRata, harvested, &wants).iter().zip(&wants) {
                let off = i64::from(*units) * promised - i64::from(want.quantity) * there;
                prop_assert!(off.abs() < promised);
            }
        }

        /// Nobody loses anything because more was harvested. (Largest remainders do not promise that; first come does.)
        #[test]
        fn first_paid_is_monotone(wants in any_wants(), harvested in 0..4000_i32) {
            let less = shortfall(ShortfallRule::FirstPaid, harvested, &wants);
            let more = shortfall(ShortfallRule::FirstPaid, harvested + 1, &wants);
            prop_assert!(less.iter().zip(&more).all(|(less, more)| less <= more));
        }

        /// Whoever stands behind somebody who misses something gets nothing.
        #[test]
        fn first_paid_leaves_no_gap(wants in any_wants(), harvested in 0..4000_i32) {
            let got = shortfall(ShortfallRule::FirstPaid, harvested, &wants);
            let mut line: Vec<_> = wants.iter().zip(got).collect();
            line.sort_by_key(|(want, _)| (want.paid_at, want.order_id.0));
            let behind = line.iter().skip_while(|(want, units)| want.quantity == *units).skip(1);
            prop_assert!(behind.into_iter().all(|(_, units)| *units == 0));
        }
    }
}
