//! Named places at which a test has the process end as if its machine had lost its power: no destructor runs, no answer
//! leaves, no transaction is committed any more.
//!
//! In a build without debug assertions, which is every release, [`CrashPoint::pass`] is empty and nothing reads the
//! variable; production refuses to start with it in any build.

use crate::text_enum;

/// Names the point at which the process ends.
pub const CRASH_AT: &str = "CRASH_AT";

text_enum! {
    /// Each is hit by a test of its own, which shows what the next start makes of it.
    pub enum CrashPoint {
        OrderBeforeCommit = "order.before_commit",
        OrderAfterCommit = "order.after_commit",
        /// A message that could not be applied is kept.
        InboxAfterStore = "inbox.after_store",
        InboxBeforeCommit = "inbox.before_commit",
        InboxAfterCommitBeforeReply = "inbox.after_commit_before_reply",
        /// The try is written, and nobody was called.
        RefundAfterStore = "refund.after_store",
        RefundBeforeCall = "refund.before_call",
        /// The provider has answered, and nothing is written of it.
        RefundAfterAcceptBeforeRecord = "refund.after_accept_before_record",
        /// It is written and not committed.
        RefundAfterRecord = "refund.after_record",
        /// The money of a payout is held and nothing is committed.
        PayoutAfterHold = "payout.after_hold",
        /// It is written that a transfer is sent, and nobody was asked to send it.
        PayoutBeforeCall = "payout.before_call",
        PayoutAfterAcceptBeforeRecord = "payout.after_accept_before_record",
        /// It is in the books, and its household does not know.
        PayoutAfterRecord = "payout.after_record",
    }
}

impl CrashPoint {
    /// Ends the process here if it was told to.
    #[cfg(debug_assertions)]
    pub fn pass(self) {
        if told() == Some(self) {
            eprintln!("crash point {self}");
            std::process::abort();
        }
    }

    #[cfg(not(debug_assertions))]
    pub fn pass(self) {}
}

#[cfg(debug_assertions)]
fn told() -> Option<CrashPoint> {
    static TOLD: std::sync::OnceLock<Option<CrashPoint>> = std::sync::OnceLock::new();
    *TOLD.get_or_init(|| std::env::var_os(CRASH_AT).and_then(|name| CrashPoint::parse(name.to_str()?)))
}
