//! A carrier's list as people save it from a spreadsheet: a header, then a commune on each line, with commas or
//! semicolons between, fields in quotes or not. The same rules read a field here and in the route's JSON.

use serde_json::{Map, Value};

use super::api::CarrierAddressInput;
use crate::kernel::input::{Fault, FaultCode, Faults, Input};

/// Communes of a list: there are 3,321 in the country.
const LINES_MAX: usize = 20_000;
/// Faults that are named; more help nobody.
const FAULTS_MAX: usize = 200;
const COLUMNS: [&str; 4] = ["commune_code", "province_code", "district_code", "ward_code"];
const NEEDED: [&str; 3] = ["commune_code", "district_code", "ward_code"];

/// The rows with the lines that they stand on, or every faulty line by its number.
pub fn read(text: &str) -> Result<Vec<(usize, CarrierAddressInput)>, Vec<String>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = (1_usize..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let Some((first, header)) = lines.next() else {
        return Err(vec![said(1, "", FaultCode::Empty, &COLUMNS.join(","))]);
    };
    let separator = if header.contains(';') { ';' } else { ',' };
    let columns = fields(header, separator);
    let mut faults = faults_of_header(first, &columns);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut rows = Vec::new();
    for (number, line) in lines {
        if faults.len() >= FAULTS_MAX || rows.len() >= LINES_MAX {
            faults.push(said(number, "", FaultCode::TooLong, &format!("{LINES_MAX} lines, {FAULTS_MAX} faults")));
            break;
        }
        match row(&columns, &fields(line, separator)) {
            Ok(row) => rows.push((number, row)),
            Err(found) => faults.extend(
                found
                    .into_iter()
                    .map(|fault| said(number, fault.pointer.trim_start_matches('/'), fault.code, &fault.expected)),
            ),
        }
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

/// How a fault is told to whoever has the file open.
pub fn said(line: usize, field: &str, code: FaultCode, expected: &str) -> String {
    let parts = [format!("line {line}"), field.to_owned(), code.as_str().to_owned(), expected.to_owned()];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(": ")
}

/// Nobody's numbers hold a separator, so that quotes are only taken off.
fn fields(line: &str, separator: char) -> Vec<&str> {
    line.split(separator).map(|field| field.trim().trim_matches('"').trim()).collect()
}

fn faults_of_header(line: usize, columns: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    for (place, column) in columns.iter().enumerate() {
        if !COLUMNS.contains(column) {
            faults.push(said(line, column, FaultCode::UnknownField, &COLUMNS.join(", ")));
        } else if columns.iter().take(place).any(|before| before == column) {
            faults.push(said(line, column, FaultCode::Duplicate, ""));
        }
    }
    let missing = NEEDED.iter().filter(|needed| !columns.contains(needed));
    faults.extend(missing.map(|needed| said(line, needed, FaultCode::Missing, "")));
    faults
}

fn row(columns: &[&str], fields: &[&str]) -> Result<CarrierAddressInput, Vec<Fault>> {
    let mut at = Faults::default();
    if fields.len() != columns.len() {
        at.add(FaultCode::WrongType, &format!("{} fields", columns.len()));
        return Err(at.into_found());
    }
    let known = columns.iter().zip(fields).filter(|(_, field)| !field.is_empty());
    let object: Map<String, Value> = known.map(|(column, field)| ((*column).to_owned(), Value::from(*field))).collect();
    let read = CarrierAddressInput::read(&Value::Object(object), &mut at);
    read.filter(|_| at.is_clean()).ok_or_else(|| at.into_found())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(usize, String)> {
        let rows = read(text).expect("a good list");
        let shown = |row: &CarrierAddressInput| {
            let province = row.province_code.as_ref().map_or("-", |code| code.expose());
            format!("{} {province} {} {}", row.commune_code, row.district_code.expose(), row.ward_code.expose())
        };
        rows.iter().map(|(line, row)| (*line, shown(row))).collect()
    }

    #[test]
    fn a_list_is_read_however_a_spreadsheet_saved_it() {
        let expected = [(2, "00769 61 3440 520101".to_owned()), (4, "00721 - 3441 A2".to_owned())];
        for text in [
            "commune_code,province_code,district_code,ward_code\n00769,61,3440,520101\n\n00721,,3441,A2\n",
            "\u{feff}commune_code;province_code;district_code;ward_code\r\n00769;61;3440;520101\r\n\r\n\"00721\";;\"3441\"; A2 \r\n",
            "ward_code,commune_code,district_code,province_code\n520101,00769,3440,61\n\nA2,00721,3441,\n",
        ] {
            assert_eq!(lines(text), expected, "{text}");
        }
    }

    #[test]
    fn every_faulty_line_is_named() {
        let text = "commune_code,district_code,ward_code\n769,3440,520101\n00769,3440\n00721,,\n00769,3440,5201 01\n";
        let faults = read(text).err().expect("faults");
        assert_eq!(faults.len(), 5, "{faults:?}");
        assert!(faults[0].starts_with("line 2: commune_code: malformed"), "{faults:?}");
        assert_eq!(faults[1], "line 3: wrong_type: 3 fields");
        assert_eq!(faults[2..4], ["line 4: district_code: missing", "line 4: ward_code: missing"]);
        assert!(faults[4].starts_with("line 5: ward_code: malformed"), "{faults:?}");
    }

    #[test]
    fn a_header_that_names_other_columns_is_refused_with_all_of_them() {
        let faults = read("commune_code,huyện,commune_code\n").err().expect("faults");
        assert_eq!(
            faults,
            [
                "line 1: huyện: unknown_field: commune_code, province_code, district_code, ward_code",
                "line 1: commune_code: duplicate",
                "line 1: district_code: missing",
                "line 1: ward_code: missing",
            ]
        );
        assert_eq!(read("\n").err().map(|faults| faults.len()), Some(1));
    }
}
