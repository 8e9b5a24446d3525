//! Places of former Hà Giang, as they are called today and as they were until 30 June 2025.
//!
//! People, papers and OCOP certificates still use the old names, so an input may name a place either way. A former
//! unit that was split has no single successor: the caller is asked, never guessed.

mod model;
mod store;
mod resolve;
mod api;

pub use api::routes;
pub use model::{
    CommuneCode, Coverage, DistrictCode, FormerCommuneCode, PlaceInput, PlaceName, PlaceRefusal, ProvinceCode,
    Successor,
};
pub use resolve::{must_exist, names, names_for_search, resolve};
pub use store::{Commune, commune, neighbours, unknown};

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[PlaceRefusal::PROBLEMS];
