//! From what a person wrote to a commune of today.

use serde_json::json;

use super::model::{CommuneCode, PlaceInput, PlaceName, PlaceRefusal};
use super::store;
use crate::kernel::input::{Fault, FaultCode};
use crate::kernel::{Error, Result, Tx};

/// The commune of today that an input means. `pointer` is where the input stands in the body. A former unit that
/// was split is refused with its successors as `candidates`.
pub fn resolve(tx: &mut Tx<'_>, place: &PlaceInput, pointer: &str) -> Result<CommuneCode> {
    match place {
        PlaceInput::CommuneCode(code) => {
            must_be_known(store::unknown(tx, std::slice::from_ref(code))?.is_empty(), pointer)?;
            Ok(code.clone())
        }
        PlaceInput::FormerCommuneCode(former) => {
            let successors = store::successors(tx, former)?;
            match successors.as_slice() {
                [] => Err(Error::invalid(pointer, FaultCode::Unknown, "former_commune_code")),
                [only] => Ok(only.code.clone()),
                candidates => Err(Error::from(PlaceRefusal::FormerCommuneSplit)
                    .with("pointer", pointer)
                    .with("candidates", json!(candidates))),
            }
        }
    }
}

fn must_be_known(known: bool, pointer: &str) -> Result<()> {
    if known { Ok(()) } else { Err(Error::invalid(pointer, FaultCode::Unknown, "commune_code")) }
}

/// Refuses a list with codes that no commune of today has; every one of them is named by its index.
pub fn must_exist(tx: &mut Tx<'_>, codes: &[CommuneCode], pointer: &str) -> Result<()> {
    let unknown = store::unknown(tx, codes)?;
    let faults: Vec<Fault> = codes
        .iter()
        .enumerate()
        .filter(|(_, code)| unknown.contains(code))
        .map(|(index, _)| Fault {
            pointer: format!("{pointer}/{index}"),
            code: FaultCode::Unknown,
            expected: "commune_code".to_owned(),
        })
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// What a product can be found by: folded names of the commune, of the units it was made of, and of the former
/// district.
pub fn names_for_search(tx: &mut Tx<'_>, code: &CommuneCode) -> Result<String> {
    store::names_for_search(tx, code)
}

/// What a commune is called.
pub fn names(tx: &mut Tx<'_>, code: &CommuneCode) -> Result<PlaceName> {
    store::names(tx, code)
}
