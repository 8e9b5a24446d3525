//! The messages of providers: each is kept as it came and committed before anything is done about it.
//!
//! What was verified is applied at once, and later by a job when that failed: our database went away, or the process
//! was killed. The provider's own repetitions may come at the same moment; each message ends once.

mod receive;
mod store;
mod take_up;

pub use receive::{new_row, receive};
pub use store::{RawRow, finish, insert, purge, was_applied};
pub use take_up::{BATCH_MAX, apply_kept, take_up};
