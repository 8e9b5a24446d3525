//! What orders do with stock: hold it, take it, let it go, give it back. Each locks the levels of the variants, which
//! guards those of their lots, too, and writes everything in one statement.

mod allot;
mod operations;
mod store;

pub use operations::{Held, consume, give_back, hold, release};
pub use store::{LotPart, lots_of};
