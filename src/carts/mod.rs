//! A buyer's cart: what is wanted of which producers, priced as of now. Nothing is held until checkout. A phone that
//! was without signal keeps the cart itself and sends it whole.

mod api;
mod model;
mod put_line;
mod put_lines;
mod store;

pub use api::routes;
pub use model::{CartLine, CartRefusal, LINES_MAX, QUANTITY_MAX};
pub use put_line::put_line;
pub use store::{empty, lines, touch};

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[CartRefusal::PROBLEMS];
