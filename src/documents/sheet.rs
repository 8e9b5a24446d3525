//! Tables as files, for whoever counts on: CSV and XLSX. The same table is the same bytes.
//!
//! What people typed is text and stays text: no program that opens a file calculates what stands in a cell.

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use rust_xlsxwriter::{DocProperties, Format, FormatAlign, Workbook, Worksheet};

use super::clean::clean;
use crate::kernel::time::vietnam;
use crate::kernel::{Error, Result, Vnd};

pub const CSV: &str = "text/csv; charset=utf-8";
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Longer is a matter for several files. A table of a million rows is the most that a spreadsheet opens.
pub const ROWS_MAX: usize = 500_000;
/// Whole numbers that a spreadsheet shows exactly.
const EXACT_MAX: i64 = 1 << 53;
/// Letters of a cell in a spreadsheet.
const LETTERS_MAX: usize = 32_000;
/// Spreadsheets take CSV for a code page of the machine unless it begins with this.
const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// A table with typed columns. Every row has as many cells as there are columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// At most 31 letters, none of `[]:*?/\`.
    pub name: String,
    pub columns: Vec<Heading>,
    pub rows: Vec<Vec<Cell>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    pub title: String,
    pub kind: Kind,
}

/// Of what a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// Whole đồng, which may be less than zero.
    Dong,
    Count,
    Day,
    /// Shown as a clock in Vietnam shows it.
    Moment,
    /// Basis points, shown as per cent.
    Rate,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    Dong(i64),
    Count(i64),
    Day(NaiveDate),
    Moment(DateTime<Utc>),
    Rate(i32),
    Empty,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }

    fn is_of(&self, kind: Kind) -> bool {
        match self {
            Cell::Text(_) => kind == Kind::Text,
            Cell::Dong(_) => kind == Kind::Dong,
            Cell::Count(_) => kind == Kind::Count,
            Cell::Day(_) => kind == Kind::Day,
            Cell::Moment(_) => kind == Kind::Moment,
            Cell::Rate(_) => kind == Kind::Rate,
            Cell::Empty => true,
        }
    }
}

impl From<Vnd> for Cell {
    fn from(amount: Vnd) -> Self {
        Cell::Dong(amount.amount())
    }
}

/// Columns from their titles and kinds.
pub fn headings(columns: &[(&str, Kind)]) -> Vec<Heading> {
    columns.iter().map(|(title, kind)| Heading { title: (*title).to_owned(), kind: *kind }).collect()
}

/// One table as RFC 4180 has it, in UTF-8 with a byte order mark: days as `2026-11-25`, moments as
/// `2026-11-25 14:05:09` in Vietnam, đồng as digits, rates as `1.50%`.
pub fn csv(sheet: &Sheet) -> Result<Vec<u8>> {
    check(sheet)?;
    let mut file = String::from(BYTE_ORDER_MARK);
    let titles: Vec<String> = sheet.columns.iter().map(|column| quoted(&harmless(&column.title))).collect();
    file.push_str(&titles.join(","));
    file.push_str("\r\n");
    for row in &sheet.rows {
        let cells: Vec<String> = row.iter().map(written).collect();
        file.push_str(&cells.join(","));
        file.push_str("\r\n");
    }
    Ok(file.into_bytes())
}

fn written(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => quoted(&harmless(text)),
        Cell::Dong(number) | Cell::Count(number) => number.to_string(),
        Cell::Day(day) => day.to_string(),
        Cell::Moment(at) => vietnam(*at).format("%Y-%m-%d %H:%M:%S").to_string(),
        Cell::Rate(rate_bp) => per_cent(*rate_bp),
        Cell::Empty => String::new(),
    }
}

fn per_cent(rate_bp: i32) -> String {
    let sign = if rate_bp < 0 { "-" } else { "" };
    let size = rate_bp.unsigned_abs();
    format!("{sign}{}.{:02}%", size.wrapping_div(100), size.wrapping_rem(100))
}

/// Text that begins like a formula is marked as text by what spreadsheets mark it with.
fn harmless(text: &str) -> String {
    let text = clean(text);
    if text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '−']) { format!("'{text}") } else { text }
}

fn quoted(text: &str) -> String {
    let is_plain = !text.contains([',', '"', '\r', '\n', ';']) && text.trim() == text;
    if is_plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

/// A workbook of tables, each with its header on every printed page and in sight while one scrolls. `made_at` is the
/// moment of what the tables tell, not of their writing.
pub fn xlsx(sheets: &[Sheet], made_at: DateTime<Utc>) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    book.set_properties(&DocProperties::new().set_creation_datetime(&made_at));
    let formats = Formats::new();
    for sheet in sheets {
        check(sheet)?;
        put(book.add_worksheet(), &formats, sheet)?;
    }
    book.save_to_buffer().map_err(Error::internal)
}

struct Formats {
    title: Format,
    text: Format,
    whole: Format,
    day: Format,
    moment: Format,
    rate: Format,
}

impl Formats {
    fn new() -> Self {
        Self {
            title: Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top),
            text: Format::new().set_num_format("@"),
            whole: Format::new().set_num_format("#,##0"),
            day: Format::new().set_num_format("dd/mm/yyyy"),
            moment: Format::new().set_num_format("dd/mm/yyyy hh:mm:ss"),
            rate: Format::new().set_num_format("0.00%"),
        }
    }
}

fn put(page: &mut Worksheet, formats: &Formats, sheet: &Sheet) -> Result<()> {
    page.set_name(&sheet.name).map_err(Error::internal)?;
    page.set_freeze_panes(1, 0).map_err(Error::internal)?;
    page.set_repeat_rows(0, 0).map_err(Error::internal)?;
    for (place, column) in sheet.columns.iter().enumerate() {
        let place = u16::try_from(place).map_err(Error::internal)?;
        page.set_column_width(place, width(column.kind)).map_err(Error::internal)?;
        page.write_string_with_format(0, place, clean(&column.title), &formats.title).map_err(Error::internal)?;
    }
    for (down, row) in sheet.rows.iter().enumerate() {
        let down = u32::try_from(down.saturating_add(1)).map_err(Error::internal)?;
        for (place, cell) in row.iter().enumerate() {
            let place = u16::try_from(place).map_err(Error::internal)?;
            put_cell(page, formats, (down, place), cell)?;
        }
    }
    Ok(())
}

fn put_cell(page: &mut Worksheet, formats: &Formats, (down, place): (u32, u16), cell: &Cell) -> Result<()> {
    let put = match cell {
        Cell::Text(text) => {
            let text: String = clean(text).chars().take(LETTERS_MAX).collect();
            page.write_string_with_format(down, place, text, &formats.text)
        }
        Cell::Dong(number) | Cell::Count(number) => {
            page.write_number_with_format(down, place, *number as f64, &formats.whole)
        }
        Cell::Day(day) => page.write_datetime_with_format(down, place, day, &formats.day),
        Cell::Moment(at) => {
            // A part of a second would be rounded up into the next day.
            let shown = vietnam(at.trunc_subsecs(0)).naive_local();
            page.write_datetime_with_format(down, place, shown, &formats.moment)
        }
        Cell::Rate(rate_bp) => page.write_number_with_format(down, place, as_part(*rate_bp), &formats.rate),
        Cell::Empty => Ok(page),
    };
    put.map(|_| ()).map_err(Error::internal)
}

#[expect(clippy::float_arithmetic, reason = "a spreadsheet holds per cent as a part of one")]
fn as_part(rate_bp: i32) -> f64 {
    f64::from(rate_bp) / 10_000.0
}

fn width(kind: Kind) -> f64 {
    match kind {
        Kind::Text => 28.0,
        Kind::Dong => 16.0,
        Kind::Count | Kind::Rate => 10.0,
        Kind::Day => 12.0,
        Kind::Moment => 20.0,
    }
}

/// Faults of whoever made the table.
fn check(sheet: &Sheet) -> Result<()> {
    let fault = |what: &str| Error::internal(format!("the table {}: {what}", sheet.name));
    if sheet.rows.len() > ROWS_MAX {
        return Err(fault("too many rows"));
    }
    for row in &sheet.rows {
        if row.len() != sheet.columns.len() {
            return Err(fault("a row has other cells than there are columns"));
        }
        if row.iter().zip(&sheet.columns).any(|(cell, column)| !cell.is_of(column.kind)) {
            return Err(fault("a cell is of another kind than its column"));
        }
        let inexact =
            |cell: &Cell| matches!(cell, Cell::Dong(n) | Cell::Count(n) if n.unsigned_abs() > EXACT_MAX.unsigned_abs());
        if row.iter().any(inexact) {
            return Err(fault("a number is too large to be shown exactly"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader, Xlsx};
    use proptest::prelude::*;

    use super::*;

    fn at() -> DateTime<Utc> {
        "2028-02-28T17:00:00.999Z".parse().unwrap()
    }

    fn table(rows: Vec<Vec<Cell>>) -> Sheet {
        let columns = headings(&[
            ("Tên", Kind::Text),
            ("Số tiền (đồng)", Kind::Dong),
            ("Số lượng", Kind::Count),
            ("Ngày", Kind::Day),
            ("Thời điểm", Kind::Moment),
            ("Thuế suất", Kind::Rate),
        ]);
        Sheet { name: "Bảng kê".to_owned(), columns, rows }
    }

    fn row(text: &str, amount: i64) -> Vec<Cell> {
        let day = NaiveDate::from_ymd_opt(2028, 2, 29).unwrap();
        vec![Cell::text(text), Cell::Dong(amount), Cell::Count(3), Cell::Day(day), Cell::Moment(at()), Cell::Rate(50)]
    }

    /// Reads CSV as RFC 4180 has it.
    fn read_csv(file: &[u8]) -> Vec<Vec<String>> {
        let text = std::str::from_utf8(file).unwrap().strip_prefix(BYTE_ORDER_MARK).unwrap();
        let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
        let mut letters = text.chars().peekable();
        let mut quoted = false;
        while let Some(letter) = letters.next() {
            match letter {
                '"' if quoted && letters.peek() == Some(&'"') => cell.extend(letters.next()),
                '"' => quoted = !quoted,
                ',' if !quoted => row.push(std::mem::take(&mut cell)),
                '\r' if !quoted => {
                    assert_eq!(letters.next(), Some('\n'));
                    row.push(std::mem::take(&mut cell));
                    rows.push(std::mem::take(&mut row));
                }
                _ => cell.push(letter),
            }
        }
        assert!(!quoted && cell.is_empty() && row.is_empty(), "the last line ends too");
        rows
    }

    fn read_xlsx(file: Vec<u8>) -> Vec<Vec<Data>> {
        let mut book = Xlsx::new(Cursor::new(file)).unwrap();
        let range = book.worksheet_range("Bảng kê").unwrap();
        range.rows().map(<[Data]>::to_vec).collect()
    }

    #[test]
    fn a_csv_says_what_the_table_says() {
        let sheet = table(vec![row("Mật ong, \"bạc hà\"", -1_250_000), vec![const { Cell::Empty }; 6]]);
        let rows = read_csv(&csv(&sheet).unwrap());
        assert_eq!(rows[0], ["Tên", "Số tiền (đồng)", "Số lượng", "Ngày", "Thời điểm", "Thuế suất"]);
        assert_eq!(
            rows[1],
            ["Mật ong, \"bạc hà\"", "-1250000", "3", "2028-02-29", "2028-02-29 00:00:00", "0.50%"],
            "days and moments are those of Vietnam"
        );
        assert_eq!(rows[2], [""; 6]);
    }

    #[test]
    fn a_workbook_says_what_the_table_says() {
        let file = xlsx(&[table(vec![row("Mật ong, \"bạc hà\"", -1_250_000)])], at()).unwrap();
        let rows = read_xlsx(file);
        assert_eq!(rows[0][1], Data::String("Số tiền (đồng)".to_owned()));
        assert_eq!(rows[1][0], Data::String("Mật ong, \"bạc hà\"".to_owned()));
        assert_eq!((&rows[1][1], &rows[1][2]), (&Data::Float(-1_250_000.0), &Data::Float(3.0)));
        let shown = |cell: &Data| match cell {
            Data::DateTime(at) => at.as_datetime().unwrap().to_string(),
            other => panic!("{other:?} is no moment"),
        };
        assert_eq!(shown(&rows[1][3]), "2028-02-29 00:00:00");
        assert_eq!(shown(&rows[1][4]), "2028-02-29 00:00:00");
        assert_eq!(rows[1][5], Data::Float(0.005));
    }

    #[test]
    fn the_same_table_is_the_same_bytes() {
        let sheets = [table((0..50).map(|n| row(&format!("Dòng {n}"), n)).collect())];
        assert_eq!(xlsx(&sheets, at()).unwrap(), xlsx(&sheets, at()).unwrap());
        assert_eq!(csv(&sheets[0]).unwrap(), csv(&sheets[0]).unwrap());
        assert_ne!(xlsx(&sheets, at()).unwrap(), xlsx(&[table(vec![row("Khác", 1)])], at()).unwrap());
    }

    #[test]
    fn nobody_writes_a_formula_into_a_file() {
        let attacks = ["=1+1", "+84911111111", "-2", "@SUM(A1)", "\t=cmd|' /C calc'!A0", " \u{200B}=1", "＝1+1"];
        for attack in attacks {
            let sheet = table(vec![row(attack, 1)]);
            let cell = &read_csv(&csv(&sheet).unwrap())[1][0];
            assert!(cell.starts_with('\''), "{attack:?} was written as {cell:?}");
            let rows = read_xlsx(xlsx(std::slice::from_ref(&sheet), at()).unwrap());
            assert_eq!(rows[1][0], Data::String(clean(attack)), "text in a workbook is text");
            let mut book = Xlsx::new(Cursor::new(xlsx(&[sheet], at()).unwrap())).unwrap();
            assert!(book.worksheet_formula("Bảng kê").unwrap().is_empty());
        }
    }

    #[test]
    fn a_table_that_does_not_fit_its_columns_is_a_fault() {
        let mut wrong = row("Mật ong", 1);
        wrong.swap(0, 1);
        assert!(csv(&table(vec![wrong.clone()])).is_err());
        assert!(xlsx(&[table(vec![wrong])], at()).is_err());
        assert!(csv(&table(vec![vec![Cell::Empty]])).is_err());
        assert!(csv(&table(vec![row("Quá lớn", i64::MAX)])).is_err());
        assert!(xlsx(&[Sheet { name: "a/b".to_owned(), ..table(Vec::new()) }], at()).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_was_written_is_read_back(
            rows in prop::collection::vec((".{0,40}", -Vnd::MAX..=Vnd::MAX), 1..12),
        ) {
            let sheet = table(rows.iter().map(|(text, amount)| row(text, *amount)).collect());
            let read = read_csv(&csv(&sheet).unwrap());
            let book = read_xlsx(xlsx(&[sheet], at()).unwrap());
            for (place, (text, amount)) in rows.iter().enumerate() {
                let shown = &read[place + 1];
                let text = clean(text);
                let guarded = format!("'{text}");
                prop_assert!(shown[0] == text || shown[0] == guarded);
                prop_assert_eq!(&shown[1], &amount.to_string());
                let cell = &book[place + 1];
                let empty = text.is_empty() && cell[0] == Data::Empty;
                prop_assert!(empty || cell[0] == Data::String(text));
                prop_assert_eq!(cell[1].to_string(), amount.to_string());
            }
        }
    }
}
