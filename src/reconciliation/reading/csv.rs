//! CSV in UTF-8, with or without its mark, separated by commas, semicolons or tabs.

use csv::{ReaderBuilder, StringRecord};

use super::{COLUMNS_MAX, ROWS_MAX, Row, text_cell};
use crate::kernel::input::FaultCode;

type Fault = (FaultCode, &'static str);

const SEPARATORS: &[u8] = b",;\t";
/// No file holds it.
const LAST: &str = "\0";
const BROKEN: Fault = (FaultCode::Malformed, "CSV");

/// One reading for each separator that stands in the text; which is right, its columns say.
pub fn tables(bytes: &[u8]) -> Result<Vec<Vec<Row>>, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|_| (FaultCode::Malformed, "UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err((FaultCode::Empty, ""));
    }
    if text.contains('\0') {
        return Err(BROKEN);
    }
    // One end of line, so that lines can be counted, and a row of ours after the last one.
    let text = &(text.replace("\r\n", "\n").replace('\r', "\n") + "\n" + LAST + "\n");
    let used = SEPARATORS.iter().filter(|separator| text.as_bytes().contains(separator));
    let read: Vec<Result<Vec<Row>, Fault>> = used.map(|separator| table(text, *separator)).collect();
    if read.is_empty() {
        return table(text, b',').map(|rows| vec![rows]);
    }
    // A separator that is none cuts otherwise, perhaps into too many.
    let (fine, faulty): (Vec<_>, Vec<_>) = read.into_iter().partition(Result::is_ok);
    let fine: Vec<Vec<Row>> = fine.into_iter().flatten().collect();
    match faulty.into_iter().find_map(Result::err) {
        Some(fault) if fine.is_empty() => Err(fault),
        _ => Ok(fine),
    }
}

fn table(text: &str, separator: u8) -> Result<Vec<Row>, Fault> {
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
    let (mut record, mut rows) = (StringRecord::new(), Vec::new());
    while reader.read_record(&mut record).map_err(|_| BROKEN)? {
        if record.len() == 1 && record.get(0) == Some(LAST) {
            return Ok(rows);
        }
        if rows.len() >= ROWS_MAX {
            return Err((FaultCode::TooLong, "20000"));
        }
        if record.len() > COLUMNS_MAX {
            return Err((FaultCode::OutOfRange, "100"));
        }
        // Empty lines before a row are passed over with it, so its own are counted back from its end.
        let within = record.iter().map(|cell| cell.matches('\n').count()).fold(1, usize::saturating_add);
        let end = u32::try_from(reader.position().line()).unwrap_or(u32::MAX);
        let number = end.saturating_sub(u32::try_from(within).unwrap_or(u32::MAX));
        rows.push(Row { number, cells: record.iter().map(text_cell).collect() });
    }
    // A quote that nobody closed has taken our row as well.
    Err(BROKEN)
}
