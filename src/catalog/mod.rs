//! What is offered: products, their variants, and the 26 OCOP product sets.
//!
//! A buyer sees only what the operator published. A published product goes back to review when its title,
//! description, origin or product set changes; label and price of a variant may change at any time.

mod model;
mod store;
mod create;
mod edit;
mod variants;
mod moves;
mod api;
mod views;
mod offers;

pub use api::{NewProduct, routes};
pub use create::create;
pub use model::{CatalogRefusal, Price, ProductEvent, ProductStatus, Unit};
pub use moves::{publish, submit};
pub use offers::{Shelf, routes as public_routes};
pub use store::{ForSale, for_sale, for_sale_and_available, must_be_visible, producer_of, variants_of};

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[CatalogRefusal::PROBLEMS];
