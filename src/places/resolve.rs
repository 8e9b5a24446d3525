//! From what a person wrote to a commune of today.

use serde_json::json;

use super::model::{CommuneCode, PlaceInput, PlaceName, PlaceRefusal};
use super::store;
use crate::kernel::input::FaultCode;
use crate::kernel::{Error, Result, Tx};

/// The commune of today that an input means. `pointer` is where the input stands in the body. A former unit that
/// was split is refused with its successors as `candidates`.
pub fn resolve(tx: &mut Tx<'_>, place: &PlaceInput, pointer: &str) -> Result<CommuneCode> {
    match place {
        PlaceInput::CommuneCode(code) => {
            must_exist(tx, code, pointer)?;
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

/// Refuses a code that no commune of today has; `pointer` is where it stands in the body.
pub fn must_exist(tx: &mut Tx<'_>, code: &CommuneCode, pointer: &str) -> Result<()> {
    must_be_known(store::unknown(tx, std::slice::from_ref(code))?.is_empty(), pointer)
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
