//! What a carrier's numbers must be like, whichever way they come in.

use std::collections::BTreeSet;

use serde_json::json;

use super::api::CarrierAddressInput;
use super::csv;
use super::store::{self, Mapped};
use crate::audit;
use crate::kernel::input::{Fault, FaultCode, Opaque};
use crate::kernel::{Result, Tx};
use crate::places::{self, CommuneCode};
use crate::shipping::model::{Carrier, one_to_list_max};
use uuid::Uuid;

/// What is wrong with one row, or with having none.
pub struct RowFault {
    pub row: Option<usize>,
    pub field: &'static str,
    pub code: FaultCode,
    pub expected: String,
}

impl RowFault {
    /// As the route names it.
    pub fn fault(self) -> Fault {
        let RowFault { row, field, code, expected } = self;
        let pointer = row.map_or_else(|| "/rows".to_owned(), |row| format!("/rows/{row}/{field}"));
        Fault { pointer, code, expected }
    }
}

/// Imports a carrier's whole list from a file, all lines or none; how many there were, or what is wrong, by line.
pub fn import_csv(tx: &mut Tx<'_>, carrier: Carrier, text: &str) -> Result<std::result::Result<usize, Vec<String>>> {
    tx.who.must_be_platform()?;
    let lines = match csv::read(text) {
        Ok(lines) if lines.is_empty() => return Ok(Err(vec![csv::said(2, "", FaultCode::Empty, "a commune")])),
        Ok(lines) => lines,
        Err(faults) => return Ok(Err(faults)),
    };
    let (numbers, rows): (Vec<usize>, Vec<CarrierAddressInput>) = lines.into_iter().unzip();
    let faults = faults(tx, carrier, &rows)?;
    if faults.is_empty() {
        let count = rows.len();
        write(tx, carrier, rows)?;
        return Ok(Ok(count));
    }
    let named = |fault: RowFault| {
        let line = fault.row.and_then(|row| numbers.get(row)).copied().unwrap_or(1);
        csv::said(line, fault.field, fault.code, &fault.expected)
    };
    Ok(Err(faults.into_iter().map(named).collect()))
}

/// Writes rows with which nothing is wrong.
pub fn write(tx: &mut Tx<'_>, carrier: Carrier, rows: Vec<CarrierAddressInput>) -> Result<()> {
    let mapped = |row: CarrierAddressInput| Mapped {
        carrier,
        commune_code: row.commune_code,
        province_code: row.province_code.map(|code| code.expose().to_owned()),
        district_code: row.district_code.expose().to_owned(),
        ward_code: row.ward_code.expose().to_owned(),
    };
    let rows: Vec<Mapped> = rows.into_iter().map(mapped).collect();
    store::put(tx, &rows)?;
    // By hand on the command line there is no account.
    let by = tx.who.account_id.map_or(Uuid::nil(), |operator| operator.0);
    let detail = json!({"carrier": carrier, "rows": rows.len()});
    audit::write(tx, "carrier_addresses.imported", "account", by, detail)
}

/// Everything that is wrong with rows.
pub fn faults(tx: &mut Tx<'_>, carrier: Carrier, rows: &[CarrierAddressInput]) -> Result<Vec<RowFault>> {
    let mut faults = Vec::new();
    if rows.is_empty() {
        let expected = one_to_list_max();
        faults.push(RowFault { row: None, field: "rows", code: FaultCode::OutOfRange, expected });
    }
    let codes: Vec<CommuneCode> = rows.iter().map(|row| row.commune_code.clone()).collect();
    let unknown: BTreeSet<CommuneCode> = places::unknown(tx, &codes)?.into_iter().collect();
    let mut seen = BTreeSet::new();
    for (i, row) in rows.iter().enumerate() {
        let mut add = |field, code, expected: &str| {
            faults.push(RowFault { row: Some(i), field, code, expected: expected.to_owned() });
        };
        if unknown.contains(&row.commune_code) {
            add("commune_code", FaultCode::Unknown, "commune_code");
        } else if !seen.insert(&row.commune_code) {
            add("commune_code", FaultCode::Duplicate, "");
        }
        // Both carriers that go by numbers count districts; only GHN's wards may have letters.
        if carrier != Carrier::Ghtk && !is_number(&row.district_code) {
            add("district_code", FaultCode::Malformed, "0–9");
        }
        if carrier != Carrier::ViettelPost {
            continue;
        }
        if !is_number(&row.ward_code) {
            add("ward_code", FaultCode::Malformed, "0–9");
        }
        match &row.province_code {
            Some(code) if is_number(code) => {}
            Some(_) => add("province_code", FaultCode::Malformed, "0–9"),
            None => add("province_code", FaultCode::Missing, ""),
        }
    }
    Ok(faults)
}

fn is_number(code: &Opaque<20>) -> bool {
    code.expose().bytes().all(|b| b.is_ascii_digit())
}
