use std::collections::BTreeMap;

use crate::kernel::{LotId, VariantId};
use crate::stock::model::{Hold, Shortage};

/// What is free of one lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Free {
    pub variant_id: VariantId,
    pub lot_id: LotId,
    pub quantity: i32,
    /// Whether it is of a harvest that is to come.
    pub is_planned: bool,
}

/// What one order gets of one lot.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    pub hold: &'a Hold,
    pub lot_id: LotId,
    pub quantity: i32,
}

/// Serves the wants one after the other, each from the first lots of its variant that have something left; or nobody,
/// and says of which variants there is too little.
pub fn allot<'a>(holds: &'a [Hold], free: &[Free]) -> Result<Vec<Part<'a>>, Vec<Shortage>> {
    let short = shortages(holds, free);
    if !short.is_empty() {
        return Err(short);
    }
    let mut left = free.to_vec();
    let mut parts = Vec::with_capacity(holds.len());
    for hold in holds {
        let mut missing = hold.quantity;
        for lot in left.iter_mut().filter(|lot| lot.variant_id == hold.variant_id) {
            let quantity = missing.min(lot.quantity);
            if quantity > 0 {
                parts.push(Part { hold, lot_id: lot.lot_id, quantity });
                lot.quantity = lot.quantity.saturating_sub(quantity);
                missing = missing.saturating_sub(quantity);
            }
        }
    }
    Ok(parts)
}

fn shortages(holds: &[Hold], free: &[Free]) -> Vec<Shortage> {
    let mut wanted: BTreeMap<VariantId, i64> = BTreeMap::new();
    for hold in holds {
        let sum = wanted.entry(hold.variant_id).or_default();
        *sum = sum.saturating_add(i64::from(hold.quantity));
    }
    let available = |variant_id| {
        let lots = free.iter().filter(|lot| lot.variant_id == variant_id);
        lots.map(|lot| i64::from(lot.quantity)).sum::<i64>()
    };
    wanted
        .into_iter()
        .map(|(variant_id, wanted)| Shortage { variant_id, wanted, available: available(variant_id) })
        .filter(|short| short.available < short.wanted)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::kernel::{AccountId, OrderId, ProducerId};

    fn id(number: usize) -> Uuid {
        Uuid::from_u128(u128::try_from(number).unwrap())
    }

    fn hold(order: usize, (variant, quantity): (usize, i32)) -> Hold {
        Hold {
            order_id: OrderId(id(order)),
            variant_id: VariantId(id(variant)),
            buyer_id: AccountId(id(0)),
            producer_id: ProducerId(id(0)),
            quantity,
        }
    }

    fn lots(free: &[(usize, i32)]) -> Vec<Free> {
        let lot = |(number, (variant, quantity)): (usize, &(usize, i32))| Free {
            variant_id: VariantId(id(*variant)),
            lot_id: LotId(id(number)),
            quantity: *quantity,
            is_planned: false,
        };
        free.iter().enumerate().map(lot).collect()
    }

    #[test]
    fn the_first_lots_are_sold_first() {
        let holds = [hold(1, (1, 3)), hold(2, (1, 4))];
        let free = lots(&[(1, 5), (2, 9), (1, 5)]);
        let parts = allot(&holds, &free).unwrap();
        let parts: Vec<_> = parts.iter().map(|p| (p.hold.order_id.0, p.lot_id.0, p.quantity)).collect();
        assert_eq!(parts, [(id(1), id(0), 3), (id(2), id(0), 2), (id(2), id(2), 2)]);
    }

    #[test]
    fn everything_that_is_missing_is_named_with_what_there_is() {
        let holds = [hold(1, (1, 3)), hold(1, (2, 1)), hold(2, (1, 4)), hold(2, (3, 1))];
        let short = allot(&holds, &lots(&[(1, 4), (1, 2), (2, 1)])).unwrap_err();
        let missing = |variant, wanted, available| Shortage { variant_id: VariantId(id(variant)), wanted, available };
        assert_eq!(short, [missing(1, 7, 6), missing(3, 1, 0)]);
    }

    proptest! {
        #[test]
        fn every_want_is_served_whole_and_no_lot_twice(
            wants in proptest::collection::vec((0..4_usize, 1..20_i32), 1..12),
            free in proptest::collection::vec((0..4_usize, 1..60_i32), 0..12),
        ) {
            let holds: Vec<Hold> = wants.iter().enumerate().map(|(order, want)| hold(order, *want)).collect();
            let free = lots(&free);
            let sum = |variant: VariantId| -> (i64, i64) {
                let wanted = holds.iter().filter(|h| h.variant_id == variant).map(|h| i64::from(h.quantity)).sum();
                (wanted, free.iter().filter(|f| f.variant_id == variant).map(|f| i64::from(f.quantity)).sum())
            };
            let is_enough = holds.iter().all(|hold| { let (wanted, there) = sum(hold.variant_id); wanted <= there });
            let parts = allot(&holds, &free);
            prop_assert_eq!(parts.is_ok(), is_enough);
            let Ok(parts) = parts else { return Ok(()) };
            for hold in &holds {
                let got: i32 = parts.iter().filter(|p| p.hold.order_id == hold.order_id).map(|p| p.quantity).sum();
                prop_assert_eq!(got, hold.quantity);
            }
            let used = |lot: &Free| -> i32 { parts.iter().filter(|p| p.lot_id == lot.lot_id).map(|p| p.quantity).sum() };
            for (place, lot) in free.iter().enumerate() {
                prop_assert!(used(lot) <= lot.quantity);
                let is_later_used = free[place + 1..].iter().any(|f| f.variant_id == lot.variant_id && used(f) > 0);
                prop_assert!(!is_later_used || used(lot) == lot.quantity, "a later lot before an earlier one was empty");
            }
        }
    }
}
