use crate::kernel::Vnd;
use crate::text_enum;

text_enum! {
    pub enum RunStatus {
        Planned = "planned",
        /// Nobody joins any more.
        Loading = "loading",
        OnTheWay = "on_the_way",
        Done = "done",
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// What the organizer does with a run. The names are the verbs of its routes.
    pub enum RunEvent {
        Load = "load",
        Depart = "depart",
        Finish = "finish",
        Cancel = "cancel",
    }
}

impl RunStatus {
    /// The only place where a run's status moves.
    pub fn after(self, event: RunEvent) -> Option<RunStatus> {
        match (self, event) {
            (Self::Planned, RunEvent::Load) => Some(Self::Loading),
            (Self::Loading, RunEvent::Depart) => Some(Self::OnTheWay),
            (Self::OnTheWay, RunEvent::Finish) => Some(Self::Done),
            (Self::Planned | Self::Loading, RunEvent::Cancel) => Some(Self::Cancelled),
            _ => None,
        }
    }

    pub fn actions(self) -> Vec<RunEvent> {
        RunEvent::ALL.iter().copied().filter(|event| self.after(*event).is_some()).collect()
    }
}

/// Each stop's share of what a run costs, by weight and to the đồng.
pub fn shares(cost: Vnd, weights_g: &[i32]) -> Option<Vec<Vnd>> {
    let weights: Option<Vec<Vnd>> = weights_g.iter().map(|grams| Vnd::new(i64::from(*grams))).collect();
    cost.split(&weights?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The whole machine: everything that is not here is refused.
    const TABLE: &str = include_str!("machine.txt");

    #[test]
    fn the_whole_table_of_runs() {
        let mut table = String::new();
        for status in RunStatus::ALL {
            for event in RunEvent::ALL {
                if let Some(next) = status.after(*event) {
                    table.push_str(&format!("{status} --{event}--> {next} by producer\n"));
                }
            }
        }
        assert_eq!(table, TABLE);
    }

    proptest! {
        #[test]
        fn shares_are_the_cost_and_more_weight_never_pays_less(
            cost in 0_i64..=100_000_000,
            weights in proptest::collection::vec(1..=10_000_000_i32, 1..60),
        ) {
            let shares = shares(Vnd::new(cost).unwrap(), &weights).unwrap();
            prop_assert_eq!(shares.len(), weights.len());
            prop_assert_eq!(shares.iter().map(|share| share.amount()).sum::<i64>(), cost);
            for (a, one) in weights.iter().enumerate() {
                for (b, other) in weights.iter().enumerate() {
                    prop_assert!(one <= other || shares[a] >= shares[b], "{one} g pays {}, {other} g pays {}", shares[a], shares[b]);
                }
            }
        }
    }
}
