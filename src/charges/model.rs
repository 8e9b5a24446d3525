//! Fees and taxes: kinds, and arithmetic on whole đồng.

use crate::kernel::Vnd;
use crate::producers::ProducerKind;
use crate::{refusals, text_enum};

/// How long before its day a fee is announced (Decree 248/2026).
pub const NOTICE_DAYS: u64 = 20;
const WHOLE_BP: i64 = 10_000;

text_enum! {
    /// What a product is for the tax office.
    pub enum TaxCategory {
        /// Raw or ordinarily prepared, grown by whoever sells it.
        RawOwn = "raw_own",
        TradedRaw = "traded_raw",
        TradedGoods = "traded_goods",
        SelfMade = "self_made",
        Service = "service",
        TransportFood = "transport_food",
        Other = "other",
    }
}

impl TaxCategory {
    /// Of what nobody has said anything: OCOP producers sell what they make.
    pub const DEFAULT: TaxCategory = TaxCategory::SelfMade;
}

text_enum! {
    /// Which of two texts that contradict each other is followed.
    pub enum FollowedReading {
        Practice = "practice",
        Decree = "decree",
    }
}

impl From<FollowedReading> for Reading {
    fn from(followed: FollowedReading) -> Self {
        match followed {
            FollowedReading::Practice => Reading::Practice,
            FollowedReading::Decree => Reading::Decree,
        }
    }
}

text_enum! {
    /// How a rate is read out of the law.
    pub enum Reading {
        /// The texts say one thing.
        Settled = "settled",
        /// As platforms have withheld: goods are goods.
        Practice = "practice",
        /// As the table of Decree 253/2026 says of what is made.
        Decree = "decree",
    }
}

text_enum! {
    /// Why a line was taxed as it was.
    pub enum TaxReason {
        Rate = "rate",
        /// Lives where it was grown, or next to it.
        OwnProduce = "own_produce",
        /// Raw, but of somebody who lives elsewhere.
        LivesElsewhere = "lives_elsewhere",
        /// A cooperative or company.
        DeclaresItself = "declares_itself",
    }
}

/// As what a declared category is taxed, and why.
pub fn applied(declared: TaxCategory, kind: ProducerKind, lives_near: bool) -> (TaxCategory, TaxReason) {
    if matches!(kind, ProducerKind::Cooperative | ProducerKind::Company) {
        return (declared, TaxReason::DeclaresItself);
    }
    match declared {
        TaxCategory::RawOwn if lives_near => (declared, TaxReason::OwnProduce),
        TaxCategory::RawOwn => (TaxCategory::TradedRaw, TaxReason::LivesElsewhere),
        _ => (declared, TaxReason::Rate),
    }
}

/// The rounding of every fee and tax: half up to a whole đồng.
pub fn part(base: Vnd, rate_bp: i32) -> Option<Vnd> {
    let exact = i128::from(base.amount()).checked_mul(i128::from(rate_bp))?;
    let rounded = exact.checked_add(i128::from(WHOLE_BP / 2))?.checked_div(i128::from(WHOLE_BP))?;
    i64::try_from(rounded).ok().and_then(Vnd::new)
}

/// What was earned, by line, in proportion to what is got for each.
pub fn bases(earned: Vnd, values: &[Vnd]) -> Option<Vec<Vnd>> {
    earned.split(values).or_else(|| earned.split(&vec![Vnd::new(1)?; values.len()]))
}

/// What is left of a base when so much of what was earned is left. Never more when less is left.
pub fn left_of(base: Vnd, earned: Vnd, left: Vnd) -> Option<Vnd> {
    if earned == Vnd::ZERO { Some(base) } else { base.portion(left.amount(), earned.amount()) }
}

refusals! {
    pub enum ChargeRefusal {
        TooSoon = 409 "charges.too_soon" "Phí sàn phải được công bố trước ít nhất 20 ngày" "Fees are announced at least 20 days ahead",
        DayTaken = 409 "charges.day_taken" "Đã có quy định bắt đầu từ ngày đó" "Something begins on that day already",
        BegunAlready = 409 "charges.begun_already" "Ngày bắt đầu phải sau hôm nay" "It must begin after today",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn vnd(amount: i64) -> Vnd {
        Vnd::new(amount).unwrap()
    }

    /// The example of the reference: 185.000 of goods, a fee of 5 %, 1 % and 0,5 % of tax.
    #[test]
    fn a_fee_and_a_tax_are_rounded_half_up() {
        assert_eq!([500, 100, 50].map(|bp| part(vnd(185_000), bp).unwrap().amount()), [9_250, 1_850, 925]);
        assert_eq!([49, 50, 149, 150].map(|base| part(vnd(base), 100).unwrap().amount()), [0, 1, 1, 2]);
        assert_eq!(part(vnd(Vnd::MAX), 10_000), Some(Vnd::MOST));
    }

    #[test]
    fn only_raw_produce_of_a_neighbour_is_exempt_and_who_declares_is_not_withheld_from() {
        use ProducerKind::{Company, Cooperative, CooperativeGroup, Farm, Household};
        for kind in [Household, CooperativeGroup, Farm] {
            assert_eq!(applied(TaxCategory::RawOwn, kind, true), (TaxCategory::RawOwn, TaxReason::OwnProduce));
            assert_eq!(applied(TaxCategory::RawOwn, kind, false), (TaxCategory::TradedRaw, TaxReason::LivesElsewhere));
            assert_eq!(applied(TaxCategory::SelfMade, kind, true), (TaxCategory::SelfMade, TaxReason::Rate));
        }
        for kind in [Cooperative, Company] {
            for category in TaxCategory::ALL {
                assert_eq!(applied(*category, kind, true), (*category, TaxReason::DeclaresItself));
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        /// However an order's money goes back, in however many parts: what is withheld less what is returned is the tax of
        /// what is left, never negative, and nothing when nothing is left.
        #[test]
        fn what_is_returned_is_never_more_than_what_was_taken(
            values in prop::collection::vec(1_000..3_000_000_i64, 1..8), earned in 0..20_000_000_i64,
            parts in prop::collection::vec(0..=1_000_i64, 1..6), rate in 0..=10_000_i32,
        ) {
            let values: Vec<Vnd> = values.into_iter().map(vnd).collect();
            let earned = vnd(earned);
            let bases = bases(earned, &values).unwrap();
            prop_assert_eq!(Vnd::sum(bases.iter().copied()), Some(earned));
            for base in bases {
                let taken = part(base, rate).unwrap();
                prop_assert!(taken <= base);
                let (mut left, mut net) = (earned, taken);
                for size in &parts {
                    left = left.minus(left.portion(*size, 1_000).unwrap()).unwrap();
                    let now = part(left_of(base, earned, left).unwrap(), rate).unwrap();
                    prop_assert!(now <= net, "what is left is taxed less");
                    net = now;
                }
                let nothing = left_of(base, earned, Vnd::ZERO).unwrap();
                prop_assert!(earned == Vnd::ZERO || part(nothing, rate) == Some(Vnd::ZERO));
            }
        }

        #[test]
        fn a_part_is_at_most_half_a_dong_away(base in 0..=Vnd::MAX, rate in 0..=10_000_i32) {
            let off = i128::from(part(vnd(base), rate).unwrap().amount()) * 10_000 - i128::from(base) * i128::from(rate);
            prop_assert!((-4_999..=5_000).contains(&off));
        }
    }
}
