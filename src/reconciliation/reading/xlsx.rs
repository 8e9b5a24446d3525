//! The first sheet of an XLSX file, cell by cell: a sheet with two cells a million rows apart is as large as its cells.

use std::io::{Cursor, Read};
use std::panic::catch_unwind;

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx};
use chrono::NaiveDateTime;

use super::{COLUMNS_MAX, Cell, ROWS_MAX, Row, text_cell};
use crate::kernel::input::FaultCode;

type Fault = (FaultCode, &'static str);

/// Bytes that all parts of a file unpack to.
const UNPACKED_MAX: u64 = 64 * 1024 * 1024;
/// Parts of a file.
const PARTS_MAX: usize = 1_000;
/// Bytes of all texts of the sheet: many cells may show one text.
const TEXTS_MAX: usize = 16 * 1024 * 1024;
/// The day after 9999-12-31, as sheets count days.
const DAYS_MAX: f64 = 2_958_466.0;

const BROKEN: Fault = (FaultCode::Malformed, "XLSX");

/// A reader that panics has met a broken file.
pub fn table(bytes: &[u8]) -> Result<Vec<Row>, Fault> {
    must_unpack_small(bytes)?;
    catch_unwind(|| read(bytes)).unwrap_or(Err(BROKEN))
}

/// A few kilobytes can unpack to gigabytes, and what a file says of its size need not be so: it is counted.
fn must_unpack_small(bytes: &[u8]) -> Result<(), Fault> {
    const TOO_LARGE: Fault = (FaultCode::TooLong, "64 MiB unpacked");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| BROKEN)?;
    if archive.len() > PARTS_MAX {
        return Err(TOO_LARGE);
    }
    let mut left = UNPACKED_MAX;
    for part in 0..archive.len() {
        let part = archive.by_index(part).map_err(|_| BROKEN)?;
        let unpacked =
            std::io::copy(&mut part.take(left.saturating_add(1)), &mut std::io::sink()).map_err(|_| BROKEN)?;
        left = left.checked_sub(unpacked).ok_or(TOO_LARGE)?;
    }
    Ok(())
}

fn read(bytes: &[u8]) -> Result<Vec<Row>, Fault> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| BROKEN)?;
    let sheet = book.sheet_names().first().cloned().ok_or((FaultCode::Empty, ""))?;
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(|_| BROKEN)?;
    let (mut rows, mut texts): (Vec<Row>, usize) = (Vec::new(), 0);
    while let Some(record) = cells.next_cell_with_formula_metadata().map_err(|_| BROKEN)? {
        let (row, column) = record.pos;
        let number = row.checked_add(1).ok_or(BROKEN)?;
        let cell = match record.formula {
            Some(_) => Cell::Refused(FaultCode::ForbiddenCharacter, "no formula"),
            None => cell(record.value),
        };
        if let Cell::Text(text) = &cell {
            texts = texts.saturating_add(text.len());
        }
        if texts > TEXTS_MAX {
            return Err((FaultCode::TooLong, "16 MiB of text"));
        }
        put(&mut rows, number, column, cell)?;
    }
    if rows.is_empty() { Err((FaultCode::Empty, "")) } else { Ok(rows) }
}

/// Rows and cells come in their order; what does not is no sheet that a program has written.
fn put(rows: &mut Vec<Row>, number: u32, column: u32, cell: Cell) -> Result<(), Fault> {
    let column = usize::try_from(column).ok().filter(|column| *column < COLUMNS_MAX);
    let is_empty = cell == Cell::Empty;
    let Some(column) = column else { return if is_empty { Ok(()) } else { Err((FaultCode::OutOfRange, "100")) } };
    if rows.last().is_none_or(|last| last.number < number) {
        if is_empty {
            return Ok(());
        }
        if rows.len() >= ROWS_MAX {
            return Err((FaultCode::TooLong, "20000"));
        }
        rows.push(Row { number, cells: Vec::new() });
    }
    let row = rows.last_mut().filter(|row| row.number == number && row.cells.len() <= column).ok_or(BROKEN)?;
    row.cells.resize(column, Cell::Empty);
    row.cells.push(cell);
    Ok(())
}

fn cell(value: DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(number) => Cell::Number(number),
        DataRef::Float(number) => whole(number),
        DataRef::String(text) => text_cell(&text),
        DataRef::SharedString(text) => text_cell(text),
        DataRef::DateTime(moment) => {
            shown(&moment).map_or(Cell::Refused(FaultCode::Malformed, "a moment"), Cell::Moment)
        }
        DataRef::DateTimeIso(text) => text_cell(&text),
        DataRef::Bool(_) | DataRef::DurationIso(_) | DataRef::Error(_) => {
            Cell::Refused(FaultCode::WrongType, "text or number")
        }
    }
}

/// A number of a sheet is a floating one: whole and exact, or refused.
fn whole(number: f64) -> Cell {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT {
        return format!("{number:.0}").parse().map_or(Cell::Refused(FaultCode::WrongType, "integer"), Cell::Number);
    }
    Cell::Refused(FaultCode::WrongType, "integer")
}

fn shown(moment: &ExcelDateTime) -> Option<NaiveDateTime> {
    let days = moment.as_f64();
    (moment.is_datetime() && (1.0..DAYS_MAX).contains(&days)).then(|| moment.as_datetime()).flatten()
}
