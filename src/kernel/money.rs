//! Money: whole đồng, never negative, never a float.

use diesel::sql_types::BigInt;
use serde::Serialize;
use utoipa::ToSchema;

use super::input::{FaultCode, Faults, Input};

/// A whole number of Vietnamese đồng, 0 to 100 billion.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    ToSchema,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = BigInt)]
#[schema(value_type = i64, minimum = 0, maximum = 100_000_000_000_i64, example = 125_000)]
#[serde(transparent)]
pub struct Vnd(i64);

impl Vnd {
    /// One movement of money is at most 100 billion đồng; the database's checks say the same.
    pub const MAX: i64 = 100_000_000_000;
    pub const ZERO: Vnd = Vnd(0);
    pub const MOST: Vnd = Vnd(Self::MAX);

    pub const fn new(amount: i64) -> Option<Vnd> {
        if amount < 0 || amount > Self::MAX { None } else { Some(Vnd(amount)) }
    }

    pub const fn amount(self) -> i64 {
        self.0
    }

    pub fn times(self, quantity: i32) -> Option<Vnd> {
        self.0.checked_mul(i64::from(quantity)).and_then(Vnd::new)
    }

    pub fn plus(self, other: Vnd) -> Option<Vnd> {
        self.0.checked_add(other.0).and_then(Vnd::new)
    }

    /// The sum, or `None` beyond [`Vnd::MAX`].
    pub fn sum(amounts: impl IntoIterator<Item = Vnd>) -> Option<Vnd> {
        let mut total = Vnd::ZERO;
        for amount in amounts {
            total = total.plus(amount)?;
        }
        Some(total)
    }

    /// What is left, or `None` below zero.
    pub fn minus(self, other: Vnd) -> Option<Vnd> {
        self.0.checked_sub(other.0).and_then(Vnd::new)
    }

    /// The whole đồng of so many basis points of it, rounded down; `None` beyond [`Vnd::MAX`].
    pub fn share_bp(self, rate_bp: u32) -> Option<Vnd> {
        self.portion(i64::from(rate_bp), 10_000)
    }

    /// `self × part ÷ whole`, rounded down.
    pub fn portion(self, part: i64, whole: i64) -> Option<Vnd> {
        let product = i128::from(self.0).checked_mul(i128::from(part))?;
        i64::try_from(product.checked_div(i128::from(whole))?).ok().and_then(Vnd::new)
    }

    /// Splits it in proportion to the weights by largest remainder, so that the parts always add up to it; the earlier
    /// of equal remainders gets the đồng. No part exceeds its weight when the whole does not exceed their sum.
    /// `None` where there is something to split and nothing that weighs.
    pub fn split(self, weights: &[Vnd]) -> Option<Vec<Vnd>> {
        let whole: i128 = weights.iter().map(|weight| i128::from(weight.0)).sum();
        if whole == 0 {
            return (self.0 == 0).then(|| vec![Vnd::ZERO; weights.len()]);
        }
        let mut parts: Vec<i128> = Vec::with_capacity(weights.len());
        let mut remainders: Vec<(i128, usize)> = Vec::with_capacity(weights.len());
        for (place, weight) in weights.iter().enumerate() {
            let exact = i128::from(self.0).checked_mul(i128::from(weight.0))?;
            parts.push(exact.checked_div(whole)?);
            remainders.push((exact.checked_rem(whole)?, place));
        }
        remainders.sort_by_key(|(remainder, place)| (std::cmp::Reverse(*remainder), *place));
        let left = usize::try_from(i128::from(self.0).checked_sub(parts.iter().sum())?).ok()?;
        for (_, place) in remainders.iter().take(left) {
            let part = parts.get_mut(*place)?;
            *part = part.checked_add(1)?;
        }
        parts.into_iter().map(|part| i64::try_from(part).ok().and_then(Vnd::new)).collect()
    }
}

impl std::fmt::Display for Vnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} đ", self.0)
    }
}

impl diesel::serialize::ToSql<BigInt, diesel::pg::Pg> for Vnd {
    fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>) -> diesel::serialize::Result {
        std::io::Write::write_all(out, &self.0.to_be_bytes())?;
        Ok(diesel::serialize::IsNull::No)
    }
}

impl diesel::deserialize::FromSql<BigInt, diesel::pg::Pg> for Vnd {
    fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
        let amount = <i64 as diesel::deserialize::FromSql<BigInt, diesel::pg::Pg>>::from_sql(bytes)?;
        Vnd::new(amount).ok_or_else(|| format!("{amount} is no amount of money").into())
    }
}

impl Input for Vnd {
    fn read(value: &serde_json::Value, at: &mut Faults) -> Option<Self> {
        let amount = i64::read(value, at)?;
        let money = Vnd::new(amount);
        if money.is_none() {
            at.add(FaultCode::OutOfRange, &format!("0–{}", Self::MAX));
        }
        money
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn vnd(amount: i64) -> Vnd {
        Vnd::new(amount).unwrap()
    }

    fn amounts(parts: Vec<Vnd>) -> Vec<i64> {
        parts.into_iter().map(Vnd::amount).collect()
    }

    #[test]
    fn the_largest_remainders_get_what_is_left() {
        let split = |whole: i64, weights: &[i64]| {
            let weights: Vec<Vnd> = weights.iter().map(|weight| vnd(*weight)).collect();
            vnd(whole).split(&weights).map(amounts)
        };
        assert_eq!(split(100, &[1, 1, 1]), Some(vec![34, 33, 33]));
        assert_eq!(split(17_333, &[100_000, 250_000, 49_999]), Some(vec![4333, 10_833, 2167]));
        assert_eq!(split(2, &[1, 0, 1]), Some(vec![1, 0, 1]));
        assert_eq!(split(0, &[0, 0]), Some(vec![0, 0]));
        assert_eq!(split(0, &[]), Some(vec![]));
        assert_eq!(split(1, &[0, 0]), None);
        assert_eq!(split(1, &[]), None);
        assert_eq!(split(Vnd::MAX, &[Vnd::MAX, Vnd::MAX]), Some(vec![Vnd::MAX / 2, Vnd::MAX / 2]));
    }

    #[test]
    fn portions_are_rounded_down() {
        assert_eq!(vnd(9_999).share_bp(1), Some(Vnd::ZERO));
        assert_eq!(vnd(10_001).share_bp(5_000), Some(vnd(5_000)));
        assert_eq!(vnd(Vnd::MAX).share_bp(10_000), Some(Vnd::MOST));
        assert_eq!(vnd(Vnd::MAX).share_bp(10_001), None);
        assert_eq!(vnd(5).portion(1, 0), None);
        assert_eq!((vnd(5).minus(vnd(5)), vnd(4).minus(vnd(5))), (Some(Vnd::ZERO), None));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn parts_add_up_and_none_exceeds_its_weight(
            weights in prop::collection::vec(prop_oneof![0_i64..10, 0_i64..2_000_000, 0..=Vnd::MAX / 40], 1..40),
            bp in 0_i64..=10_000,
        ) {
            let weights: Vec<Vnd> = weights.into_iter().map(vnd).collect();
            let sum: i64 = weights.iter().map(|weight| weight.amount()).sum();
            let whole = vnd(sum).portion(bp, 10_000).unwrap();
            let parts = whole.split(&weights).unwrap();
            prop_assert_eq!(parts.len(), weights.len());
            prop_assert_eq!(Vnd::sum(parts.iter().copied()), Some(whole));
            prop_assert!(parts.iter().zip(&weights).all(|(part, weight)| part <= weight));
            prop_assert_eq!(whole.split(&weights), Some(parts));
        }

        #[test]
        fn no_part_is_more_than_a_dong_away_from_its_quota(
            whole in 0..=Vnd::MAX,
            weights in prop::collection::vec(0_i64..5_000_000, 1..20),
        ) {
            let sum: i64 = weights.iter().sum();
            prop_assume!(sum > 0);
            let parts = vnd(whole).split(&weights.iter().map(|weight| vnd(*weight)).collect::<Vec<_>>()).unwrap();
            for (part, weight) in parts.iter().zip(&weights) {
                let off = i128::from(part.amount()) * i128::from(sum) - i128::from(whole) * i128::from(*weight);
                prop_assert!(off.abs() < i128::from(sum), "{} for {} of {}", part, weight, sum);
            }
        }
    }
}
