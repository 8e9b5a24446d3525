//! What a voucher gives for a basket: pure arithmetic on whole đồng.

use std::collections::BTreeMap;

use crate::kernel::{Error, ProducerId, Result, VariantId, Vnd};

/// A checkout takes so many vouchers; the table of uses has one row per checkout.
pub const VOUCHERS_PER_CHECKOUT_MAX: usize = 1;

/// Rượu trắng, and other alcoholic drinks: goods of 15 % and more may not be promoted (Law 44/2019, article 5), and no
/// weaker drink of these sets is told from them.
pub const SPIRITS: [i16; 2] = [14, 15];

/// A line of the basket, after quantities and before any discount. A variant stands in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub variant_id: VariantId,
    pub producer_id: ProducerId,
    pub product_set: i16,
    pub total_vnd: Vnd,
}

/// What the delivery of one producer's goods costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fee {
    pub producer_id: ProducerId,
    pub fee_vnd: Vnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    Percent { rate_bp: u32, most: Vnd },
    Amount(Vnd),
    FreeShipping { most: Vnd },
}

/// The part of a voucher that decides about a basket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub gives: Gives,
    pub minimum: Vnd,
    /// Empty: all.
    pub producers: Vec<ProducerId>,
    /// Empty: all but spirits.
    pub product_sets: Vec<i16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineDiscount {
    pub variant_id: VariantId,
    pub producer_id: ProducerId,
    pub discount_vnd: Vnd,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeeDiscount {
    pub producer_id: ProducerId,
    pub discount_vnd: Vnd,
}

/// What a voucher takes off: of each line and of each producer's delivery, in the order of the basket. What gets
/// nothing is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Discount {
    pub lines: Vec<LineDiscount>,
    pub shipping: Vec<FeeDiscount>,
}

/// Why a basket gets nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Nothing in the basket is what the voucher is for.
    NothingApplies,
    MinimumNotReached {
        counted: Vnd,
    },
    /// More money than there can be.
    TooLarge,
}

impl Rule {
    pub fn covers(&self, line: &Line) -> bool {
        let is_any = |is_empty: bool, is_listed: bool| is_empty || is_listed;
        !is_spirit(line)
            && is_any(self.producers.is_empty(), self.producers.contains(&line.producer_id))
            && is_any(self.product_sets.is_empty(), self.product_sets.contains(&line.product_set))
    }

    /// What the voucher gives for these lines and fees. The same basket always gets the same.
    pub fn discount(&self, lines: &[Line], fees: &[Fee]) -> Result<Discount, Refused> {
        let covered: Vec<&Line> = lines.iter().filter(|line| self.covers(line)).collect();
        let totals: Vec<Vnd> = covered.iter().map(|line| line.total_vnd).collect();
        let goods = Vnd::sum(totals.iter().copied()).ok_or(Refused::TooLarge)?;
        if goods == Vnd::ZERO {
            return Err(Refused::NothingApplies);
        }
        if goods < self.minimum {
            return Err(Refused::MinimumNotReached { counted: goods });
        }
        let off = match self.gives {
            Gives::Percent { rate_bp, most } => goods.share_bp(rate_bp).ok_or(Refused::TooLarge)?.min(most),
            Gives::Amount(amount) => amount,
            Gives::FreeShipping { most } => return self.off_shipping(most, lines, fees),
        };
        let parts = off.min(goods).split(&totals).ok_or(Refused::TooLarge)?;
        let lines = covered.iter().zip(parts).filter(|(_, part)| *part > Vnd::ZERO);
        let lines = lines.map(|(line, part)| LineDiscount {
            variant_id: line.variant_id,
            producer_id: line.producer_id,
            discount_vnd: part,
        });
        Discount { lines: lines.collect(), shipping: Vec::new() }.if_any()
    }

    /// Of a parcel that also holds goods which the voucher is not for, only their part of the fee counts: else spirits
    /// would travel at somebody else's cost.
    fn off_shipping(&self, most: Vnd, lines: &[Line], fees: &[Fee]) -> Result<Discount, Refused> {
        let mut parcels: BTreeMap<ProducerId, (Vnd, Vnd)> = BTreeMap::new();
        for line in lines {
            let (covered, all) = parcels.entry(line.producer_id).or_default();
            *all = all.plus(line.total_vnd).ok_or(Refused::TooLarge)?;
            if self.covers(line) {
                *covered = covered.plus(line.total_vnd).ok_or(Refused::TooLarge)?;
            }
        }
        let counted = |fee: &Fee| match parcels.get(&fee.producer_id) {
            Some((covered, all)) if *all > Vnd::ZERO => fee.fee_vnd.portion(covered.amount(), all.amount()),
            _ => Some(Vnd::ZERO),
        };
        let counted: Option<Vec<Vnd>> = fees.iter().map(counted).collect();
        let counted = counted.ok_or(Refused::TooLarge)?;
        let whole = Vnd::sum(counted.iter().copied()).ok_or(Refused::TooLarge)?;
        let parts = whole.min(most).split(&counted).ok_or(Refused::TooLarge)?;
        let shipping = fees.iter().zip(parts).filter(|(_, part)| *part > Vnd::ZERO);
        let shipping = shipping.map(|(fee, part)| FeeDiscount { producer_id: fee.producer_id, discount_vnd: part });
        Discount { lines: Vec::new(), shipping: shipping.collect() }.if_any()
    }
}

impl Discount {
    pub fn total(&self) -> Result<Vnd> {
        let lines = self.lines.iter().map(|line| line.discount_vnd);
        let fees = self.shipping.iter().map(|fee| fee.discount_vnd);
        Vnd::sum(lines.chain(fees)).ok_or_else(|| Error::internal("a discount larger than money can be"))
    }

    fn if_any(self) -> Result<Discount, Refused> {
        if self.lines.is_empty() && self.shipping.is_empty() { Err(Refused::NothingApplies) } else { Ok(self) }
    }
}

pub fn is_spirit(line: &Line) -> bool {
    SPIRITS.contains(&line.product_set)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn vnd(amount: i64) -> Vnd {
        Vnd::new(amount).unwrap()
    }

    fn producer(number: u128) -> ProducerId {
        ProducerId(Uuid::from_u128(number))
    }

    fn line(variant: u128, of: u128, product_set: i16, total: i64) -> Line {
        let variant_id = VariantId(Uuid::from_u128(variant));
        Line { variant_id, producer_id: producer(of), product_set, total_vnd: vnd(total) }
    }

    fn fee(of: u128, amount: i64) -> Fee {
        Fee { producer_id: producer(of), fee_vnd: vnd(amount) }
    }

    fn rule(gives: Gives, minimum: i64) -> Rule {
        Rule { gives, minimum: vnd(minimum), producers: Vec::new(), product_sets: Vec::new() }
    }

    fn percent(rate_bp: u32, most: i64) -> Gives {
        Gives::Percent { rate_bp, most: vnd(most) }
    }

    fn line_amounts(discount: &Discount) -> Vec<i64> {
        discount.lines.iter().map(|line| line.discount_vnd.amount()).collect()
    }

    fn fee_amounts(discount: &Discount) -> Vec<i64> {
        discount.shipping.iter().map(|fee| fee.discount_vnd.amount()).collect()
    }

    #[test]
    fn a_rate_ends_at_its_most_and_an_amount_at_the_goods() {
        let lines = [line(1, 1, 4, 100_000), line(2, 2, 11, 250_000), line(3, 2, 1, 49_999)];
        let off = |gives: Gives| line_amounts(&rule(gives, 0).discount(&lines, &[]).unwrap());
        assert_eq!(off(percent(1_000, 1_000_000)), [10_000, 24_999, 5_000]);
        assert_eq!(off(percent(1_000, 17_333)), [4_333, 10_833, 2_167]);
        assert_eq!(off(Gives::Amount(vnd(17_333))), [4_333, 10_833, 2_167]);
        assert_eq!(off(Gives::Amount(vnd(1_000_000))), [100_000, 250_000, 49_999]);
        assert_eq!(off(percent(10_000, 1_000_000)), [100_000, 250_000, 49_999]);
    }

    #[test]
    fn spirits_neither_count_nor_are_discounted() {
        for set in SPIRITS {
            let spirit = line(1, 1, set, 900_000);
            let honey = line(2, 1, 4, 100_000);
            let voucher = rule(percent(1_000, 1_000_000), 100_001);
            assert_eq!(voucher.discount(std::slice::from_ref(&spirit), &[]), Err(Refused::NothingApplies));
            let both = [spirit.clone(), honey.clone()];
            assert_eq!(voucher.discount(&both, &[]), Err(Refused::MinimumNotReached { counted: vnd(100_000) }));
            let given = rule(percent(1_000, 1_000_000), 100_000).discount(&both, &[]).unwrap();
            assert_eq!(
                given.lines,
                [LineDiscount { variant_id: honey.variant_id, producer_id: producer(1), discount_vnd: vnd(10_000) }]
            );
            // A tenth of the parcel's value is honey, so a tenth of its delivery is free.
            let delivery = rule(Gives::FreeShipping { most: vnd(50_000) }, 0);
            assert_eq!(fee_amounts(&delivery.discount(&both, &[fee(1, 30_000)]).unwrap()), [3_000]);
            assert_eq!(delivery.discount(&[spirit], &[fee(1, 30_000)]), Err(Refused::NothingApplies));
            let named = Rule { product_sets: vec![set], ..rule(percent(1_000, 1_000_000), 0) };
            assert_eq!(named.discount(&both, &[]), Err(Refused::NothingApplies));
        }
    }

    #[test]
    fn a_voucher_is_for_the_producers_and_sets_that_it_names() {
        let lines = [line(1, 1, 4, 100_000), line(2, 2, 4, 200_000), line(3, 2, 11, 300_000)];
        let amounts = |producers: &[u128], product_sets: &[i16]| {
            let producers = producers.iter().map(|number| producer(*number)).collect();
            let wanted = Rule { producers, product_sets: product_sets.to_vec(), ..rule(percent(1_000, 1_000_000), 0) };
            wanted.discount(&lines, &[]).map(|discount| line_amounts(&discount))
        };
        assert_eq!(amounts(&[], &[]), Ok(vec![10_000, 20_000, 30_000]));
        assert_eq!(amounts(&[2], &[]), Ok(vec![20_000, 30_000]));
        assert_eq!(amounts(&[1, 2], &[4]), Ok(vec![10_000, 20_000]));
        assert_eq!(amounts(&[1], &[11]), Err(Refused::NothingApplies));
        assert_eq!(amounts(&[3], &[]), Err(Refused::NothingApplies));
    }

    #[test]
    fn delivery_is_free_up_to_the_most_and_only_of_parcels_that_count() {
        let lines = [line(1, 1, 4, 100_000), line(2, 2, 11, 250_000), line(3, 3, 14, 80_000)];
        let fees = [fee(1, 20_000), fee(2, 30_001), fee(3, 25_000)];
        let off =
            |most: i64| fee_amounts(&rule(Gives::FreeShipping { most: vnd(most) }, 0).discount(&lines, &fees).unwrap());
        assert_eq!(off(100_000), [20_000, 30_001]);
        assert_eq!(off(10_001), [4_000, 6_001]);
        let free = rule(Gives::FreeShipping { most: vnd(1) }, 0);
        assert_eq!(free.discount(&lines, &[fee(1, 0)]), Err(Refused::NothingApplies));
        assert_eq!(free.discount(&lines, &[]), Err(Refused::NothingApplies));
    }

    #[test]
    fn less_than_a_dong_is_nothing() {
        let voucher = rule(percent(1, 1_000), 0);
        assert_eq!(voucher.discount(&[line(1, 1, 4, 9_999)], &[]), Err(Refused::NothingApplies));
        assert_eq!(voucher.discount(&[], &[]), Err(Refused::NothingApplies));
    }

    fn gives() -> impl Strategy<Value = Gives> {
        let amount = || prop_oneof![1_i64..100, 1_i64..=1_000_000_000];
        prop_oneof![
            (1_u32..=10_000, amount()).prop_map(|(rate_bp, most)| percent(rate_bp, most)),
            amount().prop_map(|amount| Gives::Amount(vnd(amount))),
            amount().prop_map(|most| Gives::FreeShipping { most: vnd(most) }),
        ]
    }

    prop_compose! {
        fn basket()(
            goods in prop::collection::vec((0_u128..5, 1_i16..=26, prop_oneof![0_i64..20, 1_000_i64..3_000_000]), 0..20),
            fees in prop::collection::vec(0_i64..100_000, 5),
        ) -> (Vec<Line>, Vec<Fee>) {
            let lines = goods.into_iter().zip(0_u128..).map(|((of, set, total), variant)| line(variant, of, set, total));
            let fees = fees.into_iter().zip(0_u128..).map(|(amount, of)| fee(of, amount));
            (lines.collect(), fees.collect())
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn no_discount_is_larger_than_its_goods_and_the_parts_add_up(
            (lines, fees) in basket(),
            gives in gives(),
            minimum in 0_i64..2_000_000,
            producers in prop::collection::vec(0_u128..5, 0..3),
            product_sets in prop::collection::vec(1_i16..=26, 0..8),
        ) {
            let producers = producers.into_iter().map(producer).collect();
            let voucher = Rule { gives, minimum: vnd(minimum), producers, product_sets };
            let counted: i64 = lines.iter().filter(|l| voucher.covers(l)).map(|l| l.total_vnd.amount()).sum();
            let outcome = voucher.discount(&lines, &fees);
            prop_assert_eq!(&outcome, &voucher.discount(&lines, &fees));
            let discount = match outcome {
                Ok(discount) => discount,
                Err(Refused::MinimumNotReached { counted: told }) => {
                    prop_assert!(told.amount() == counted && counted < minimum);
                    return Ok(());
                }
                Err(_) => return Ok(()),
            };
            prop_assert!(counted >= minimum && counted > 0);
            for part in &discount.lines {
                let whole = lines.iter().find(|l| l.variant_id == part.variant_id).unwrap();
                prop_assert!(part.discount_vnd <= whole.total_vnd && part.discount_vnd > Vnd::ZERO);
                prop_assert!(voucher.covers(whole) && !is_spirit(whole) && whole.producer_id == part.producer_id);
            }
            for part in &discount.shipping {
                let whole = fees.iter().find(|f| f.producer_id == part.producer_id).unwrap();
                prop_assert!(part.discount_vnd <= whole.fee_vnd && part.discount_vnd > Vnd::ZERO);
                prop_assert!(lines.iter().any(|l| l.producer_id == part.producer_id && voucher.covers(l)));
            }
            let (off_goods, off_fees): (i64, i64) = (line_amounts(&discount).iter().sum(), fee_amounts(&discount).iter().sum());
            prop_assert_eq!(discount.total().unwrap().amount(), off_goods + off_fees);
            match gives {
                Gives::Percent { rate_bp, most } => {
                    let exact = i64::try_from(i128::from(counted) * i128::from(rate_bp) / 10_000).unwrap();
                    prop_assert_eq!((off_goods, off_fees), (exact.min(most.amount()), 0));
                }
                Gives::Amount(amount) => prop_assert_eq!((off_goods, off_fees), (counted.min(amount.amount()), 0)),
                Gives::FreeShipping { most } => prop_assert!(off_goods == 0 && off_fees <= most.amount()),
            }
        }
    }
}
