//! Where a parcel is, from everything that was ever said of it.

use chrono::{DateTime, Utc};

use crate::shipping::model::ShipmentStatus;

/// That a parcel was at a place of its way at a moment, by the clock of whoever says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub status: ShipmentStatus,
    pub happened_at: DateTime<Utc>,
}

/// How far along its way a parcel is: of two things said of one moment the later on the way is meant.
fn rank(status: ShipmentStatus) -> u8 {
    use ShipmentStatus::{
        Cancelled, Created, Damaged, Delivered, DeliveryFailed, Exception, InTransit, Lost, OutForDelivery, PickedUp,
        PickupFailed, PickupScheduled, Returned, Returning,
    };
    match status {
        Created => 0,
        Exception => 1,
        PickupScheduled => 2,
        PickupFailed => 3,
        PickedUp => 4,
        InTransit => 5,
        OutForDelivery => 6,
        DeliveryFailed => 7,
        Returning => 8,
        Cancelled => 9,
        Lost => 10,
        Damaged => 11,
        Delivered => 12,
        Returned => 13,
    }
}

/// Decides from all moments at once, so the order in which they came, and how often, cannot matter.
///
/// In somebody's hands is where a parcel stays: the first delivery or return ends its way, whatever is said of later.
/// Else a cancellation stays; else the last loss or damage, since a lost parcel may come to light damaged; else the
/// last that was said. That it was created says least.
pub fn decide(moments: &[Moment]) -> ShipmentStatus {
    use ShipmentStatus::{Cancelled, Created, Damaged, Delivered, Lost, Returned};
    let of = |wanted: fn(ShipmentStatus) -> bool| moments.iter().filter(move |m| wanted(m.status));
    let place = |moment: &&Moment| (moment.happened_at, rank(moment.status));
    let in_hands = of(|status| matches!(status, Delivered | Returned)).min_by_key(place);
    let cancelled = || of(|status| status == Cancelled).min_by_key(place);
    let gone = || of(|status| matches!(status, Lost | Damaged)).max_by_key(place);
    let on_its_way = || of(|status| status != Created).max_by_key(place);
    let decisive = in_hands.or_else(cancelled).or_else(gone).or_else(on_its_way);
    decisive.map_or(Created, |moment| moment.status)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + second, 0).unwrap()
    }

    fn story() -> impl Strategy<Value = Vec<(ShipmentStatus, i64)>> {
        proptest::collection::vec((proptest::sample::select(ShipmentStatus::ALL), 0..6_i64), 0..12)
    }

    fn moments(story: &[(ShipmentStatus, i64)]) -> Vec<Moment> {
        story.iter().map(|(status, second)| Moment { status: *status, happened_at: at(*second) }).collect()
    }

    /// Keeps each event once, as the database does, and decides after each.
    fn told_one_by_one(story: &[(ShipmentStatus, i64)]) -> ShipmentStatus {
        let mut kept: BTreeSet<(ShipmentStatus, i64)> = BTreeSet::new();
        let mut status = ShipmentStatus::Created;
        for event in story {
            if kept.insert(*event) {
                let all: Vec<_> = kept.iter().copied().collect();
                status = decide(&moments(&all));
            }
        }
        status
    }

    proptest! {
        #[test]
        fn order_and_repetition_do_not_matter(
            (story, shuffled) in story().prop_flat_map(|story| {
                let doubled: Vec<_> = story.iter().chain(&story).copied().collect();
                (Just(story), Just(doubled).prop_shuffle())
            })
        ) {
            prop_assert_eq!(told_one_by_one(&story), told_one_by_one(&shuffled));
        }

        #[test]
        fn what_has_ended_does_not_go_on(story in story(), more in story()) {
            use ShipmentStatus::{Delivered, Returned, Cancelled};
            let before = decide(&moments(&story));
            let later: Vec<_> = more.iter().map(|(status, second)| (*status, second + 10)).collect();
            let all: Vec<_> = story.iter().chain(&later).copied().collect();
            let after = decide(&moments(&all));
            match before {
                Delivered | Returned => prop_assert_eq!(after, before),
                Cancelled => prop_assert!(matches!(after, Cancelled | Delivered | Returned)),
                _ => {}
            }
        }

        #[test]
        fn a_way_without_an_end_is_where_it_was_last(story in story()) {
            let moving: Vec<_> = story.into_iter().filter(|(status, _)| rank(*status) < 9 && *status != ShipmentStatus::Created).collect();
            let last = moving.iter().map(|(_, second)| *second).max();
            let status = decide(&moments(&moving));
            let is_of_last = moving.iter().any(|(said, second)| *said == status && Some(*second) == last);
            prop_assert!(moving.is_empty() || is_of_last);
        }
    }

    #[test]
    fn a_late_word_counts_where_it_belongs() {
        use ShipmentStatus::{Created, DeliveryFailed, InTransit, OutForDelivery, PickedUp};
        assert_eq!(decide(&[]), Created);
        let story = [(OutForDelivery, 3), (Created, 9), (PickedUp, 1), (InTransit, 2)];
        assert_eq!(decide(&moments(&story)), OutForDelivery);
        let again = [(OutForDelivery, 3), (DeliveryFailed, 4), (OutForDelivery, 5)];
        assert_eq!(decide(&moments(&again)), OutForDelivery, "a second try");
    }
}
