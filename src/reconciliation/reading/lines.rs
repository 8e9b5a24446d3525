//! Rows as movements.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::{Cell, Row, amounts};
use crate::kernel::error::{Error, Result};
use crate::kernel::input::{FaultCode, Faults};
use crate::kernel::text::is_readable;
use crate::kernel::time::{from_vietnam, vietnam_day};
use crate::kernel::{Text, Vnd};
use crate::payments::transfer_code;
use crate::reconciliation::mappings::{AmountUnit, SettlementRules, TimeFormat};
use crate::reconciliation::model::{Line, LineKind};

/// In which of the first rows the names of the columns are looked for.
const HEADER_ROWS_MAX: usize = 30;
/// Characters of a reference or a number.
const NAME_MAX: usize = 200;
/// Codes that are taken out of one text.
const REFS_MAX: usize = 20;
/// How far from its day a movement of a file may be: further, the format of its time is another one.
const DAYS_OFF_MAX: i64 = 31;

/// The movements of a file, or every fault of it. Of several readings that counts in which the columns are found.
pub fn lines(tables: &[Vec<Row>], rules: &SettlementRules, settled_on: NaiveDate) -> Result<Vec<Line>> {
    let placed = tables.iter().map(|rows| (rows, Columns::find(rows, rules)));
    let best = placed.min_by_key(|(_, columns)| columns.missing.len());
    let mut faults = Faults::default();
    let Some((rows, columns)) = best else { return Err(super::fault_of_file(FaultCode::Empty, "")) };
    for name in &columns.missing {
        faults.inside("columns", |at| at.inside(name, |at| at.add(FaultCode::Missing, name)));
    }
    let reader = Reader { rules, columns: &columns, settled_on };
    let body = rows.iter().skip(columns.body).filter(|_| columns.missing.is_empty());
    let mut found = Vec::new();
    for row in body.filter(|row| !row.is_empty() && !reader.is_ending(row)) {
        faults.inside("rows", |at| at.inside(&row.number.to_string(), |at| found.extend(reader.line(row, at))));
    }
    if faults.is_clean() { Ok(found) } else { Err(Error::Invalid(faults.into_found())) }
}

/// Where the columns stand that the rules name.
struct Columns {
    places: Vec<(String, usize)>,
    missing: Vec<String>,
    /// The first row that is none of names.
    body: usize,
}

impl Columns {
    fn find(rows: &[Row], rules: &SettlementRules) -> Columns {
        let names: Vec<&str> = rules.columns();
        let skipped = usize::try_from(rules.rows_skipped.value()).unwrap_or(0);
        if names.iter().all(|name| number_of(name).is_some()) {
            return Columns::of(&names, &[], skipped);
        }
        let candidates = rows.iter().enumerate().skip(skipped).take(HEADER_ROWS_MAX);
        let read = candidates.map(|(place, row)| {
            let texts: Vec<String> = row.cells.iter().map(folded).collect();
            Columns::of(&names, &texts, place.saturating_add(1))
        });
        let none = || Columns::of(&names, &[], rows.len());
        read.min_by_key(|columns| columns.missing.len()).unwrap_or_else(none)
    }

    fn of(names: &[&str], texts: &[String], body: usize) -> Columns {
        let (mut places, mut missing) = (Vec::new(), Vec::new());
        for name in names {
            let wanted = fold(name);
            let place = number_of(name).or_else(|| texts.iter().position(|text| *text == wanted));
            match place {
                Some(place) => places.push(((*name).to_owned(), place)),
                None => missing.push((*name).to_owned()),
            }
        }
        Columns { places, missing, body }
    }

    fn cell<'r>(&self, row: &'r Row, name: &str) -> &'r Cell {
        let place = self.places.iter().find(|(known, _)| known == name).map(|(_, place)| *place);
        place.and_then(|place| row.cells.get(place)).unwrap_or(&Cell::Empty)
    }
}

/// `#3` is the third column, whatever it is called.
fn number_of(name: &str) -> Option<usize> {
    name.strip_prefix('#')?.parse::<usize>().ok()?.checked_sub(1)
}

fn folded(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => fold(text),
        Cell::Number(number) => number.to_string(),
        Cell::Empty | Cell::Moment(_) | Cell::Refused(..) => String::new(),
    }
}

/// Names are the same in either case and with any spaces; marks count.
fn fold(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase().nfc().collect()
}

struct Reader<'a> {
    rules: &'a SettlementRules,
    columns: &'a Columns,
    settled_on: NaiveDate,
}

impl Reader<'_> {
    /// Whether it is a row of sums, by how it begins.
    fn is_ending(&self, row: &Row) -> bool {
        let first = row.cells.iter().find(|cell| **cell != Cell::Empty).map(folded).unwrap_or_default();
        self.rules.ending.iter().any(|word| first.starts_with(&fold(word.as_str())))
    }

    /// The movement of a row; nothing when it does not count, or has a fault.
    fn line(&self, row: &Row, at: &mut Faults) -> Option<Line> {
        if !self.counts(row, at)? {
            return None;
        }
        let moved = self.moved(row, at);
        if moved == Some(None) {
            return None;
        }
        let fee = self.fee(row, at);
        let transaction = self.named(row, self.rules.transaction.as_ref(), at);
        let refs = self.refs(row, at);
        let moved_at = self.moment(row, at);
        let (kind, amount) = moved??;
        let (fee, transaction, refs, moved_at) = (fee?, transaction?, refs?, moved_at?);
        if kind == LineKind::Payment && fee > amount {
            self.inside(at, self.rules.fee.as_ref(), |at| {
                at.add(FaultCode::OutOfRange, &format!("0–{}", amount.amount()))
            });
            return None;
        }
        if transaction.is_none() && refs.is_empty() && !self.rules.reference_is_text {
            let column = self.rules.transaction.as_ref().or(self.rules.reference.as_ref());
            self.inside(at, column, |at| at.add(FaultCode::Missing, ""));
            return None;
        }
        let line = i32::try_from(row.number).ok()?;
        Some(Line { line, kind, refs, transaction, amount, fee, moved_at })
    }

    fn inside<T>(&self, at: &mut Faults, column: Option<&Text<80>>, read: impl FnOnce(&mut Faults) -> T) -> T {
        at.inside(column.map_or("", Text::as_str), read)
    }

    /// The text of a cell; nothing inside when it is empty or no column is named.
    fn text(&self, row: &Row, column: Option<&Text<80>>, at: &mut Faults) -> Option<Option<String>> {
        let Some(column) = column else { return Some(None) };
        match self.columns.cell(row, column.as_str()) {
            Cell::Empty => Some(None),
            Cell::Text(text) => Some(Some(text.clone())),
            Cell::Number(number) => Some(Some(number.to_string())),
            Cell::Moment(_) => self.fault(at, column, (FaultCode::WrongType, "text")),
            Cell::Refused(code, expected) => self.fault(at, column, (*code, expected)),
        }
    }

    fn fault<T>(&self, at: &mut Faults, column: &Text<80>, (code, expected): (FaultCode, &str)) -> Option<T> {
        self.inside(at, Some(column), |at| at.add(code, expected));
        None
    }

    /// Whether the provider says of a row that it is done.
    fn counts(&self, row: &Row, at: &mut Faults) -> Option<bool> {
        let Some(column) = &self.rules.status else { return Some(true) };
        let Some(status) = self.text(row, Some(column), at)? else {
            return self.fault(at, column, (FaultCode::Missing, ""));
        };
        Some(self.rules.counting.iter().any(|word| fold(word.as_str()) == fold(&status)))
    }

    /// Which way how much went; nothing inside when nothing of it is ours to look at.
    fn moved(&self, row: &Row, at: &mut Faults) -> Option<Option<(LineKind, Vnd)>> {
        let rules = self.rules;
        let said = self.text(row, rules.kind.as_ref(), at)?;
        let is_refund = said.is_some_and(|said| rules.refunding.iter().any(|word| fold(word.as_str()) == fold(&said)));
        let amount = self.amount(row, &rules.amount, at)?.filter(|amount| *amount != 0);
        let Some(amount) = amount else {
            let outgoing = match &rules.outgoing {
                Some(column) => self.amount(row, column, at)?.filter(|amount| *amount != 0),
                None => None,
            };
            return match outgoing.and_then(|amount| Vnd::new(amount.abs())) {
                Some(amount) => Some(Some((LineKind::Refund, amount))),
                None if rules.skips_without_amount => Some(None),
                None => self.fault(at, &rules.amount, (FaultCode::Missing, "")),
            };
        };
        let kind = if is_refund || amount < 0 { LineKind::Refund } else { LineKind::Payment };
        match Vnd::new(amount.abs()) {
            Some(amount) => Some(Some((kind, amount))),
            None => self.fault(at, &rules.amount, (FaultCode::OutOfRange, "≤ 100000000000")),
        }
    }

    /// Whole đồng, below zero when they went out; nothing inside of an empty cell.
    fn amount(&self, row: &Row, column: &Text<80>, at: &mut Faults) -> Option<Option<i64>> {
        const WRONG: (FaultCode, &str) = (FaultCode::Malformed, "1234567, 1.234.567");
        let amount = match self.columns.cell(row, column.as_str()) {
            Cell::Empty => return Some(None),
            Cell::Number(number) => *number,
            Cell::Text(text) => match amounts::parse(text) {
                Some(amount) => amount,
                None => return self.fault(at, column, WRONG),
            },
            Cell::Moment(_) => return self.fault(at, column, WRONG),
            Cell::Refused(code, expected) => return self.fault(at, column, (*code, expected)),
        };
        match self.rules.amount_unit {
            AmountUnit::Dong => Some(Some(amount)),
            AmountUnit::Hundredth if amount % 100 == 0 => Some(Some(amount / 100)),
            AmountUnit::Hundredth => self.fault(at, column, (FaultCode::OutOfRange, "× 100")),
        }
    }

    fn fee(&self, row: &Row, at: &mut Faults) -> Option<Vnd> {
        let Some(column) = &self.rules.fee else { return Some(Vnd::ZERO) };
        let fee = self.amount(row, column, at)?.unwrap_or(0);
        match Vnd::new(fee) {
            Some(fee) => Some(fee),
            None => self.fault(at, column, (FaultCode::OutOfRange, "0–100000000000")),
        }
    }

    /// A number or a reference that is short and readable.
    fn named(&self, row: &Row, column: Option<&Text<80>>, at: &mut Faults) -> Option<Option<String>> {
        let Some((text, column)) = self.text(row, column, at)?.zip(column) else { return Some(None) };
        if text.chars().count() > NAME_MAX {
            return self.fault(at, column, (FaultCode::TooLong, "200"));
        }
        if !is_readable(&text) {
            return self.fault(at, column, (FaultCode::ForbiddenCharacter, ""));
        }
        Some(Some(text))
    }

    fn refs(&self, row: &Row, at: &mut Faults) -> Option<Vec<String>> {
        let column = self.rules.reference.as_ref();
        if !self.rules.reference_is_text {
            return Some(self.named(row, column, at)?.into_iter().collect());
        }
        let text = self.text(row, column, at)?.unwrap_or_default();
        Some(transfer_code::find_all(&text).iter().take(REFS_MAX).map(ToString::to_string).collect())
    }

    /// Nothing inside when no column is named.
    fn moment(&self, row: &Row, at: &mut Faults) -> Option<Option<DateTime<Utc>>> {
        let Some(column) = &self.rules.time else { return Some(None) };
        let format = self.rules.time_format;
        let shown = match self.columns.cell(row, column.as_str()) {
            Cell::Moment(shown) => from_vietnam(*shown),
            Cell::Text(text) => read_moment(text, format),
            Cell::Number(number) => read_moment(&number.to_string(), format),
            Cell::Empty => return self.fault(at, column, (FaultCode::Missing, format.as_str())),
            Cell::Refused(code, expected) => return self.fault(at, column, (*code, expected)),
        };
        let Some(moved_at) = shown else { return self.fault(at, column, (FaultCode::Malformed, format.as_str())) };
        let off = vietnam_day(moved_at).signed_duration_since(self.settled_on).num_days().abs();
        if off > DAYS_OFF_MAX {
            return self.fault(at, column, (FaultCode::OutOfRange, &format!("± 31 / {}", self.settled_on)));
        }
        Some(Some(moved_at))
    }
}

/// A moment as it is written, in Vietnam's time unless it says another one; of a day its beginning.
fn read_moment(text: &str, format: TimeFormat) -> Option<DateTime<Utc>> {
    let pattern = match format {
        TimeFormat::Rfc3339 => return DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc()),
        TimeFormat::SlashedDay => return day(text, "%d/%m/%Y"),
        TimeFormat::Day => return day(text, "%Y-%m-%d"),
        TimeFormat::SlashedSeconds => "%d/%m/%Y %H:%M:%S",
        TimeFormat::SlashedMinutes => "%d/%m/%Y %H:%M",
        TimeFormat::DashedSeconds => "%d-%m-%Y %H:%M:%S",
        TimeFormat::Seconds => "%Y-%m-%d %H:%M:%S",
        TimeFormat::Digits => "%Y%m%d%H%M%S",
    };
    NaiveDateTime::parse_from_str(text, pattern).ok().and_then(from_vietnam)
}

fn day(text: &str, pattern: &str) -> Option<DateTime<Utc>> {
    NaiveDate::parse_from_str(text, pattern).ok().map(|day| day.and_time(NaiveTime::MIN)).and_then(from_vietnam)
}
