//! A statement against our books: what agrees is settled, what does not is an exception.

use std::collections::HashMap;

use chrono::Days;

use super::compare::{Finding, compare};
use super::exceptions;
use super::model::{ExceptionKind, Line, LineKind, NewException, Ours, OursId, Statement};
use super::store::{self, Earlier};
use crate::kernel::time::vietnam_day;
use crate::kernel::{CreditId, Error, ExceptionId, Result, SettlementLineId, Tx, Vnd};
use crate::ledger::{self, LedgerAccount as A, Transfer, TransferKind as K};
use crate::payments::{self, providers::ProviderId};

/// Movements posted in one statement.
const POSTED_AT_ONCE: usize = 1_000;
/// Exceptions that are looked at again at once.
const WAITING_MAX: i64 = 5_000;
/// Days of which what we learned later is looked for.
const LOOKED_BACK: Days = Days::new(7);

/// Compares a statement that is kept with what we know, and keeps what comes of it with what it moves.
pub fn settle(tx: &mut Tx<'_>, statement: &Statement, lines: &[Line]) -> Result<()> {
    let numbers: Vec<String> = lines.iter().filter_map(|line| line.transaction.clone()).collect();
    let earlier = store::earlier(tx, statement, &numbers)?;
    let told: Vec<Told> = told_before(statement, &earlier, lines);
    let ids: Vec<SettlementLineId> = lines.iter().map(|_| SettlementLineId::generate()).collect();
    let kept = lines.iter().zip(&ids).zip(&told).map(|((line, id), told)| (*id, line, told.repeats()));
    store::insert_lines(tx, statement, &kept.collect::<Vec<_>>())?;
    let new = lines.iter().zip(&ids).zip(&told).filter(|(_, told)| **told == Told::New);
    let (new, new_ids): (Vec<Line>, Vec<SettlementLineId>) = new.map(|((line, id), _)| (line.clone(), *id)).unzip();
    let ours = store::ours(tx, statement, &new)?;
    let mut found = Found::of(&compare(&ours, &new), &ours, (&new, &new_ids))?;
    let doubles = lines.iter().zip(&ids).zip(&told).filter(|(_, told)| **told == Told::Twice);
    found.exceptions.extend(doubles.map(|((line, id), _)| of_line(ExceptionKind::Double, *id, line)));
    found.keep(tx, statement)
}

/// The places of lines that we have never heard of.
pub fn unknown(tx: &mut Tx<'_>, statement: &Statement, lines: &[Line]) -> Result<Vec<usize>> {
    let numbers: Vec<String> = lines.iter().filter_map(|line| line.transaction.clone()).collect();
    let earlier = store::earlier(tx, statement, &numbers)?;
    let told = told_before(statement, &earlier, lines);
    let ours = store::ours(tx, statement, lines)?;
    let missing = compare(&ours, lines).into_iter().filter_map(|finding| match finding {
        Finding::MissingHere { line } => Some(line),
        _ => None,
    });
    Ok(missing.filter(|place| told.get(*place) == Some(&Told::New)).collect())
}

/// Looks again at what did not agree, and at what we have learned since of days that are settled.
pub fn look_again(tx: &mut Tx<'_>, provider: ProviderId) -> Result<()> {
    store::lock_provider(tx, provider)?;
    let since = vietnam_day(tx.now).checked_sub_days(LOOKED_BACK);
    let since = since.ok_or_else(|| Error::internal("the beginning of time"))?;
    for statement in store::statements_since(tx, provider, since)? {
        let waiting = store::waiting_lines(tx, provider, WAITING_MAX)?;
        let lines = store::as_lines(&waiting);
        let ids: Vec<SettlementLineId> = waiting.iter().map(|line| line.id).collect();
        let ours = store::ours(tx, &statement, &lines)?;
        let findings = compare(&ours, &lines).into_iter();
        // A line that still agrees with nothing is an exception already.
        let news = findings.filter(|one| matches!(one, Finding::Matched { .. } | Finding::MissingThere { .. }));
        let found = Found::of(&news.collect::<Vec<_>>(), &ours, (&lines, &ids))?;
        found.keep(tx, &statement)?;
    }
    Ok(())
}

/// What a line is to those that were told before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    New,
    /// The same, of the same day: a file was sent again with something added.
    Before(SettlementLineId),
    /// Settled on another day, or otherwise.
    Twice,
}

impl Told {
    fn repeats(self) -> Option<SettlementLineId> {
        if let Told::Before(id) = self { Some(id) } else { None }
    }
}

type Name<'a> = (LineKind, Option<&'a str>, &'a [String]);

/// Each earlier line is repeated once.
fn told_before<'a>(statement: &Statement, earlier: &'a [Earlier], lines: &'a [Line]) -> Vec<Told> {
    let mut by_name: HashMap<Name<'a>, Vec<&Earlier>> = HashMap::new();
    for one in earlier.iter().rev() {
        by_name.entry((one.kind, one.transaction_no.as_deref(), &one.refs)).or_default().push(one);
    }
    let mut told = |line: &'a Line| {
        let name = (line.kind, line.transaction.as_deref(), line.refs.as_slice());
        let Some(known) = by_name.get_mut(&name) else { return Told::New };
        let is_same = |one: &&Earlier| one.amount_vnd == line.amount && one.fee_vnd == line.fee;
        let same = known.iter().rposition(|one| is_same(one) && one.settled_on == statement.settled_on);
        if let Some(place) = same {
            return Told::Before(known.remove(place).id);
        }
        // Refunds of one payment have one name; what is one too many, we do not have.
        let is_again = known.iter().any(|one| one.is_matched || is_same(one));
        if is_again && line.kind == LineKind::Payment { Told::Twice } else { Told::New }
    };
    lines.iter().map(&mut told).collect()
}

fn of_line(kind: ExceptionKind, id: SettlementLineId, line: &Line) -> NewException {
    NewException {
        id: ExceptionId::generate(),
        kind,
        line_id: Some(id),
        ours: None,
        ours_vnd: None,
        theirs_vnd: Some(line.amount),
        after: None,
    }
}

/// What is kept of comparing.
#[derive(Default)]
struct Found {
    matches: Vec<(SettlementLineId, OursId)>,
    settled: Vec<(SettlementLineId, Line)>,
    exceptions: Vec<NewException>,
}

impl Found {
    fn of(findings: &[Finding], ours: &[Ours], (lines, ids): (&[Line], &[SettlementLineId])) -> Result<Found> {
        let nowhere = || Error::internal("a finding of nothing");
        let line = |place: usize| ids.get(place).copied().zip(lines.get(place)).ok_or_else(nowhere);
        let one_of = |place: usize| ours.get(place).ok_or_else(nowhere);
        let mut found = Found::default();
        for finding in findings {
            match *finding {
                Finding::Matched { line: at, ours } | Finding::Different { line: at, ours }
                    if one_of(ours)?.decided.is_some() =>
                {
                    // What was decided stays so: that the provider has it after all is for people again.
                    let (id, line) = line(at)?;
                    let after = one_of(ours)?.decided;
                    found.exceptions.push(NewException { after, ..of_line(ExceptionKind::MissingHere, id, line) });
                }
                Finding::Matched { line: at, ours } => {
                    let (id, line) = line(at)?;
                    found.matches.push((id, one_of(ours)?.id));
                    found.settled.push((id, line.clone()));
                }
                Finding::Different { line: at, ours } => {
                    let ((id, line), ours) = (line(at)?, one_of(ours)?);
                    let of_line = of_line(ExceptionKind::DifferentAmount, id, line);
                    let (ours, ours_vnd) = (Some(ours.id), Some(ours.amount));
                    found.exceptions.push(NewException { ours, ours_vnd, ..of_line });
                }
                Finding::Double { line: at } => {
                    let (id, line) = line(at)?;
                    found.exceptions.push(of_line(ExceptionKind::Double, id, line));
                }
                Finding::MissingHere { line: at } => {
                    let (id, line) = line(at)?;
                    found.exceptions.push(of_line(ExceptionKind::MissingHere, id, line));
                }
                Finding::MissingThere { ours } => {
                    let ours = one_of(ours)?;
                    found.exceptions.push(NewException {
                        id: ExceptionId::generate(),
                        kind: ExceptionKind::MissingThere,
                        line_id: None,
                        ours: Some(ours.id),
                        ours_vnd: Some(ours.amount),
                        theirs_vnd: None,
                        after: None,
                    });
                }
            }
        }
        Ok(found)
    }

    fn keep(&self, tx: &mut Tx<'_>, statement: &Statement) -> Result<()> {
        store::insert_matches(tx, &self.matches)?;
        exceptions::agree_after_all(tx, &self.matches)?;
        let credits: Vec<CreditId> = self.matches.iter().filter_map(|(_, ours)| ours.parts().0).collect();
        payments::cash_settled(tx, &credits)?;
        exceptions::insert(tx, statement, &self.exceptions)?;
        let moves = self.settled.iter().flat_map(|(id, line)| transfers(*id, line, statement.provider));
        let moves: Vec<Transfer> = moves.collect();
        tx.as_platform(|tx| moves.chunks(POSTED_AT_ONCE).try_for_each(|part| ledger::post(tx, part.to_vec())))
    }
}

/// What a settled line moves: the provider has paid it out less its fee, or has kept what it paid back for us.
fn transfers(id: SettlementLineId, line: &Line, provider: ProviderId) -> [Transfer; 2] {
    let (sides, net) = match line.kind {
        LineKind::Payment => ((A::Bank, A::Clearing), line.amount.minus(line.fee)),
        LineKind::Refund => ((A::Clearing, A::Bank), line.amount.plus(line.fee)),
    };
    let settled = Transfer::new(K::Settlement, id.0, sides, net.unwrap_or(Vnd::ZERO));
    let fee = Transfer::new(K::ProviderFee, id.0, (A::ProviderFees, A::Clearing), line.fee);
    [settled.through(provider.as_str()), fee.through(provider.as_str())]
}
