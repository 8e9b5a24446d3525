//! F-02. The program dies at every place that has a name, is started again, and is asked the same once more: nothing is
//! done twice and nothing is forgotten.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

mod paying;
mod refunding;
mod payouts;

use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use ocop_market::kernel::CrashPoint;
use ocop_market::kernel::crash::CRASH_AT;

use crate::support::process::Process;
use crate::support::{Client, World};

const SIGABRT: i32 = 6;
/// Dying takes no longer, on whatever machine.
const DEAD_WITHIN: Duration = Duration::from_secs(20);

/// A process that dies at this point.
async fn doomed(world: &World, command: &str, point: CrashPoint, settings: &[(&str, &str)]) -> Process {
    let mut settings = settings.to_vec();
    settings.extend([(CRASH_AT, point.as_str()), ("CALLBACK_ANSWER_MS", "10000")]);
    if command == "serve" { Process::serve(world, &settings).await } else { Process::start(world, command, &settings) }
}

/// It died, and nowhere else than there.
async fn must_have_died_at(point: CrashPoint, mut process: Process) {
    let ended = process.ended_within(DEAD_WITHIN).await;
    let log = process.log();
    assert_eq!(ended.and_then(|status| status.signal()), Some(SIGABRT), "{point}: {log}");
    assert!(log.contains(&format!("crash point {point}\n")), "{point}: {log}");
}

/// The same client at another process.
fn at(client: &Client, process: &Process) -> Client {
    let mut client = client.clone();
    client.base.clone_from(&process.base);
    client
}

/// A point without a test does not compile.
async fn die_at(point: CrashPoint) {
    match point {
        CrashPoint::OrderBeforeCommit => paying::before_an_order_is_committed().await,
        CrashPoint::OrderAfterCommit => paying::after_an_order_is_committed().await,
        CrashPoint::InboxAfterStore => paying::after_a_message_is_kept().await,
        CrashPoint::InboxBeforeCommit => paying::before_money_is_committed().await,
        CrashPoint::InboxAfterCommitBeforeReply => paying::before_the_provider_is_answered().await,
        // The provider has heard nothing, or all of it.
        CrashPoint::RefundAfterStore | CrashPoint::RefundBeforeCall => refunding::refund(point, 0).await,
        CrashPoint::RefundAfterAcceptBeforeRecord | CrashPoint::RefundAfterRecord => refunding::refund(point, 1).await,
        CrashPoint::PayoutAfterHold => payouts::after_the_money_is_held().await,
        CrashPoint::PayoutBeforeCall => payouts::before_the_call(0).await,
        CrashPoint::PayoutAfterAcceptBeforeRecord => payouts::before_the_call(1).await,
        CrashPoint::PayoutAfterRecord => payouts::before_the_household_knows().await,
    }
}

#[actix_web::test]
async fn the_program_may_die_at_every_named_point() {
    for point in CrashPoint::ALL {
        die_at(*point).await;
    }
}
