//! What orders do with stock: hold it, take it, let it go, give it back. Each is the lock of the levels and one
//! statement after it.

mod operations;
mod store;

pub use operations::{consume, give_back, hold, release};
pub use store::{LotPart, lots_of};
