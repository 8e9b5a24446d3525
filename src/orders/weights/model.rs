use crate::kernel::{VariantId, Vnd};

/// How much less than ordered a line may weigh without asking the buyer: a tenth.
pub const TOLERANCE_BP: i64 = 1000;
/// The whole, in basis points.
const WHOLE_BP: i64 = 10_000;

/// What a producer put on the scales.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackedLine {
    pub variant_id: VariantId,
    /// Grams of the whole line.
    pub weight_g: i64,
}

/// What is owed back of what was paid for a line, when it weighs less than ordered: the part that is missing, rounded up
/// to a whole đồng in favour of the buyer. `None` when the figures are no weights.
pub fn owed_for(paid: Vnd, ordered_g: i64, packed_g: i64) -> Option<Vnd> {
    if ordered_g <= 0 || packed_g < 0 {
        return None;
    }
    // What is kept is rounded down, so that what is owed is rounded up.
    let kept = paid.portion(packed_g.min(ordered_g), ordered_g)?;
    paid.minus(kept)
}

/// Whether so much less is packed that the buyer must be asked.
pub fn is_in_question(ordered_g: i64, packed_g: i64) -> bool {
    let least = i128::from(ordered_g).saturating_mul(i128::from(WHOLE_BP - TOLERANCE_BP));
    i128::from(packed_g).saturating_mul(i128::from(WHOLE_BP)) < least
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nobody_gets_back_more_than_was_paid_and_more_weight_never_owes_more(
            paid in 0..=Vnd::MAX, ordered in 1..=10_000_000_i64, packed in 0..=20_000_000_i64, more in 0..=1_000_i64,
        ) {
            let paid = Vnd::new(paid).unwrap();
            let owed = owed_for(paid, ordered, packed).unwrap();
            prop_assert!(owed <= paid);
            prop_assert!(owed_for(paid, ordered, packed + more).unwrap() <= owed);
            prop_assert_eq!(owed_for(paid, ordered, 0), Some(paid));
            if packed >= ordered {
                prop_assert_eq!(owed, Vnd::ZERO);
                prop_assert!(!is_in_question(ordered, packed));
            }
        }

        #[test]
        fn what_is_owed_is_the_missing_part_to_the_dong(paid in 0..=1_000_000_000_i64, ordered in 1..=100_000_i64, missing in 0..=100_000_i64) {
            let missing = missing.min(ordered);
            let owed = owed_for(Vnd::new(paid).unwrap(), ordered, ordered - missing).unwrap().amount();
            let exact = i128::from(paid) * i128::from(missing);
            let rounded_up = (exact + i128::from(ordered) - 1) / i128::from(ordered);
            prop_assert_eq!(i128::from(owed), rounded_up);
        }
    }

    #[test]
    fn the_buyer_is_asked_below_nine_tenths() {
        assert!(!is_in_question(1000, 900));
        assert!(is_in_question(1000, 899));
        assert!(!is_in_question(7, 7));
        assert!(is_in_question(7, 6), "six sevenths are less than nine tenths");
    }
}
