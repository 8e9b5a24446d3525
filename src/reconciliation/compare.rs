//! What a provider says against what we know.

use std::collections::{HashMap, HashSet};

use super::model::{Line, LineKind, Ours};

/// What came of comparing, by places in both lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    Matched { line: usize, ours: usize },
    Different { line: usize, ours: usize },
    Double { line: usize },
    MissingHere { line: usize },
    MissingThere { ours: usize },
}

/// Gives each line one finding, and each movement of ours that is due; each is used once. Who agrees more is matched
/// first, so that the order of the lines does not matter.
pub fn compare(ours: &[Ours], lines: &[Line]) -> Vec<Finding> {
    let mut search = Search::new(ours);
    let mut findings = Vec::with_capacity(lines.len());
    let mut seen = HashSet::new();
    let mut left = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        if name(line).is_some_and(|name| !seen.insert(name)) {
            findings.push(Finding::Double { line: place });
        } else {
            left.push((place, line));
        }
    }
    for wanted in [Wanted::Number, Wanted::Whole, Wanted::Named] {
        left.retain(|(place, line)| {
            let Some(found) = search.take(line, wanted) else { return true };
            findings.push(match wanted {
                Wanted::Number | Wanted::Whole => Finding::Matched { line: *place, ours: found },
                Wanted::Named => Finding::Different { line: *place, ours: found },
            });
            false
        });
    }
    findings.extend(left.iter().map(|(place, _)| Finding::MissingHere { line: *place }));
    let untaken = ours.iter().enumerate().filter(|(place, one)| one.is_due && !search.taken.contains(place));
    findings.extend(untaken.map(|(place, _)| Finding::MissingThere { ours: place }));
    findings
}

/// What a payment is called; two of one name are one movement told twice. Several refunds have the name of their
/// payment: one too many is one that we do not have.
fn name(line: &Line) -> Option<(Option<&str>, &[String])> {
    let is_named = line.transaction.is_some() || !line.refs.is_empty();
    (is_named && line.kind == LineKind::Payment).then_some((line.transaction.as_deref(), line.refs.as_slice()))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// The provider's number and the amount.
    Number,
    /// The number or our reference, and the amount.
    Whole,
    /// The name alone.
    Named,
}

struct Search<'a> {
    ours: &'a [Ours],
    by_transaction: HashMap<(LineKind, &'a str), Vec<usize>>,
    by_reference: HashMap<(LineKind, &'a str), Vec<usize>>,
    taken: HashSet<usize>,
}

impl<'a> Search<'a> {
    fn new(ours: &'a [Ours]) -> Search<'a> {
        let mut by_transaction: HashMap<(LineKind, &str), Vec<usize>> = HashMap::new();
        let mut by_reference: HashMap<(LineKind, &str), Vec<usize>> = HashMap::new();
        for (place, one) in ours.iter().enumerate() {
            for transaction in &one.transactions {
                by_transaction.entry((one.kind, transaction)).or_default().push(place);
            }
            if let Some(reference) = &one.reference {
                by_reference.entry((one.kind, reference)).or_default().push(place);
            }
        }
        Search { ours, by_transaction, by_reference, taken: HashSet::new() }
    }

    /// The provider's number counts more than our reference.
    fn take(&mut self, line: &Line, wanted: Wanted) -> Option<usize> {
        let numbered = line.transaction.iter().filter_map(|number| self.by_transaction.get(&(line.kind, number)));
        let referred = line.refs.iter().filter_map(|reference| self.by_reference.get(&(line.kind, reference)));
        let fits = |place: &&usize, is_numbered: bool| {
            let Some(one) = self.ours.get(**place).filter(|_| !self.taken.contains(*place)) else { return false };
            match wanted {
                Wanted::Number => is_numbered && one.amount == line.amount,
                Wanted::Whole => one.amount == line.amount,
                // Another number, and another amount: another movement.
                Wanted::Named => is_numbered || line.transaction.is_none() || one.transactions.is_empty(),
            }
        };
        let found = numbered
            .flatten()
            .find(|place| fits(place, true))
            .or_else(|| referred.flatten().find(|place| fits(place, false)))
            .copied()?;
        self.taken.insert(found);
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::kernel::{CreditId, Vnd};
    use crate::reconciliation::model::OursId;

    fn vnd(amount: i64) -> Vnd {
        Vnd::new(amount).unwrap()
    }

    fn ours(number: u128, kind: LineKind, amount: i64, is_due: bool) -> Ours {
        Ours {
            id: OursId::Credit(CreditId(Uuid::from_u128(number))),
            kind,
            reference: Some(format!("R{number}")),
            transactions: vec![format!("T{number}")],
            amount: vnd(amount),
            is_due,
            decided: None,
        }
    }

    fn line(number: u128, kind: LineKind, amount: i64) -> Line {
        Line {
            line: i32::try_from(number).unwrap(),
            kind,
            refs: vec![format!("R{number}")],
            transaction: Some(format!("T{number}")),
            amount: vnd(amount),
            fee: Vnd::ZERO,
            moved_at: None,
        }
    }

    /// How many of each: matched, different, double, missing here, missing there.
    fn counts(findings: &[Finding]) -> [usize; 5] {
        let mut counts = [0; 5];
        for finding in findings {
            let place = match finding {
                Finding::Matched { .. } => 0,
                Finding::Different { .. } => 1,
                Finding::Double { .. } => 2,
                Finding::MissingHere { .. } => 3,
                Finding::MissingThere { .. } => 4,
            };
            counts[place] += 1;
        }
        counts
    }

    const PAYMENT: LineKind = LineKind::Payment;

    #[test]
    fn one_missing_one_extra_one_different_and_one_double_are_four_findings() {
        let known: Vec<Ours> = (1..=5).map(|n| ours(n, PAYMENT, 100_000, true)).collect();
        let mut told: Vec<Line> = (2..=6).map(|n| line(n, PAYMENT, 100_000)).collect();
        told[0].amount = vnd(90_000);
        told.push(line(3, PAYMENT, 100_000));
        assert_eq!(counts(&compare(&known, &told)), [3, 1, 1, 1, 1]);
    }

    #[test]
    fn a_reference_is_enough_where_the_bank_has_another_number() {
        let known = [ours(1, PAYMENT, 100_000, true)];
        let mut told = line(1, PAYMENT, 100_000);
        told.transaction = Some("FT1".to_owned());
        assert_eq!(compare(&known, &[told.clone()]), [Finding::Matched { line: 0, ours: 0 }]);
        // A second transfer for the same purchase, of another amount, is another one.
        told.amount = vnd(1_000);
        let findings = compare(&known, &[told.clone()]);
        assert_eq!(findings, [Finding::MissingHere { line: 0 }, Finding::MissingThere { ours: 0 }]);
        told.transaction = None;
        assert_eq!(compare(&known, &[told]), [Finding::Different { line: 0, ours: 0 }]);
    }

    #[test]
    fn refunds_of_one_purchase_have_one_reference_and_are_told_apart_by_their_amounts() {
        let mut known = [ours(1, LineKind::Refund, 30_000, true), ours(1, LineKind::Refund, 50_000, true)];
        known.iter_mut().for_each(|one| one.transactions.clear());
        let mut told = [line(1, LineKind::Refund, 50_000), line(1, LineKind::Refund, 30_000)];
        told[0].transaction = Some("X1".to_owned());
        told[1].transaction = Some("X2".to_owned());
        assert_eq!(counts(&compare(&known, &told)), [2, 0, 0, 0, 0]);
        // What was paid is not what was paid back.
        assert_eq!(counts(&compare(&known, &[line(1, PAYMENT, 50_000)])), [0, 0, 0, 1, 2]);
    }

    fn histories() -> impl Strategy<Value = (Vec<Ours>, Vec<Line>)> {
        let kinds = prop::sample::select(vec![LineKind::Payment, LineKind::Refund]);
        let known = prop::collection::vec((1..30_u128, kinds.clone(), 1..4_i64, any::<bool>()), 0..30);
        let told = prop::collection::vec((1..30_u128, kinds, 1..4_i64, 0..4_u8), 0..30);
        (known, told).prop_map(|(known, told)| {
            let known = known.into_iter().map(|(n, kind, amount, is_due)| ours(n, kind, amount, is_due)).collect();
            let told = told.into_iter().map(|(n, kind, amount, shape)| {
                let mut line = line(n, kind, amount);
                if shape == 1 {
                    line.transaction = None;
                } else if shape == 2 {
                    line.refs.clear();
                }
                line
            });
            (known, told.collect())
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        #[test]
        fn everything_is_found_once_and_what_is_matched_agrees((known, told) in histories()) {
            let findings = compare(&known, &told);
            let (mut lines, mut taken) = (Vec::new(), Vec::new());
            for finding in &findings {
                match *finding {
                    Finding::Matched { line, ours } => {
                        prop_assert_eq!((known[ours].amount, known[ours].kind), (told[line].amount, told[line].kind));
                        lines.push(line);
                        taken.push(ours);
                    }
                    Finding::Different { line, ours } => {
                        prop_assert!(known[ours].amount != told[line].amount && known[ours].kind == told[line].kind);
                        lines.push(line);
                        taken.push(ours);
                    }
                    Finding::Double { line } | Finding::MissingHere { line } => lines.push(line),
                    Finding::MissingThere { ours } => {
                        prop_assert!(known[ours].is_due);
                        taken.push(ours);
                    }
                }
            }
            lines.sort_unstable();
            prop_assert_eq!(lines, (0..told.len()).collect::<Vec<_>>());
            let all = taken.len();
            taken.sort_unstable();
            taken.dedup();
            prop_assert_eq!(taken.len(), all);
            let due = known.iter().enumerate().filter(|(_, one)| one.is_due).all(|(place, _)| taken.contains(&place));
            prop_assert!(due);
        }

        #[test]
        fn a_file_that_tells_what_we_know_is_matched_whole_in_any_order(
            amounts in prop::collection::vec(1..1_000_000_i64, 0..40), seed in any::<u64>(),
        ) {
            use rand::seq::SliceRandom as _;
            use rand::SeedableRng as _;
            let known: Vec<Ours> = (1..).zip(&amounts).map(|(n, amount)| ours(n, PAYMENT, *amount, true)).collect();
            let mut told: Vec<Line> = (1..).zip(&amounts).map(|(n, amount)| line(n, PAYMENT, *amount)).collect();
            told.shuffle(&mut rand::rngs::StdRng::seed_from_u64(seed));
            prop_assert_eq!(counts(&compare(&known, &told)), [amounts.len(), 0, 0, 0, 0]);
        }
    }
}
