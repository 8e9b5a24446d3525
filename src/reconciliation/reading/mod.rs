//! Settlement files as movements of money, by the rules that an operator configured for a provider.
//!
//! Nothing is guessed: a file is read whole, or every fault of it is named by row and column. Amounts are exact: a cell
//! of a sheet is a floating number, and one with a fraction is refused.

mod amounts;
mod csv;
mod lines;
mod xlsx;
#[cfg(test)]
mod tests;

pub use lines::lines;

use chrono::NaiveDateTime;

use super::model::FileFormat;
use crate::kernel::error::Error;
use crate::kernel::input::{FaultCode, Faults};

/// Bytes of a file.
pub const FILE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Rows of a file, those that are skipped included.
pub const ROWS_MAX: usize = 20_000;
/// Columns of a file.
const COLUMNS_MAX: usize = 100;
/// Characters of a cell. What buyers write in a transfer is shorter.
const CELL_MAX: usize = 1_000;

/// A cell as far as it can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(i64),
    /// As a clock in Vietnam showed it.
    Moment(NaiveDateTime),
    /// What is wrong with it, if it is looked at.
    Refused(FaultCode, &'static str),
}

/// A row with its number in the file, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub number: u32,
    pub cells: Vec<Cell>,
}

impl Row {
    pub fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| *cell == Cell::Empty)
    }
}

/// The rows of a file, as it could be read: of a CSV file one reading for each separator.
pub fn tables(format: FileFormat, bytes: &[u8]) -> Result<Vec<Vec<Row>>, Error> {
    let read = match format {
        FileFormat::Csv => csv::tables(bytes),
        FileFormat::Xlsx => xlsx::table(bytes).map(|rows| vec![rows]),
        FileFormat::Json => Err((FaultCode::NotOneOf, "csv, xlsx")),
    };
    read.map_err(|(code, expected)| fault_of_file(code, expected))
}

/// A fault of the file as a whole.
pub fn fault_of_file(code: FaultCode, expected: &str) -> Error {
    let mut faults = Faults::default();
    faults.inside("file", |at| at.add(code, expected));
    Error::Invalid(faults.into_found())
}

fn text_cell(text: &str) -> Cell {
    let text = text.trim();
    if text.is_empty() {
        return Cell::Empty;
    }
    if text.starts_with('=') {
        return Cell::Refused(FaultCode::ForbiddenCharacter, "no formula");
    }
    if text.chars().count() > CELL_MAX {
        return Cell::Refused(FaultCode::TooLong, "1000");
    }
    Cell::Text(text.to_owned())
}
