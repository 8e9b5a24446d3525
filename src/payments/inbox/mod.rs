//! The messages of providers: each is kept as it came, with what it did or, when that failed, by itself.
//!
//! What was verified is applied at once, in the transaction that keeps it, often with others that came meanwhile, and later by a job when that failed. A message
//! is lost only when the process ends before it is kept and before it is answered: then its provider comes again, and is
//! asked. The provider's own repetitions may come at the same moment; each message ends once.

mod gather;
mod receive;
mod store;
mod take_up;

pub use gather::{Arrived, Gathering};
pub use receive::{new_row, receive};
pub use store::{RawRow, finish, insert, insert_finished, purge, was_applied};
pub use take_up::{BATCH_MAX, apply_kept, take_up};
