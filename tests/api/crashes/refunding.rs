//! Paying back.

use std::time::{Duration, Instant};

use ocop_market::kernel::CrashPoint;

use super::{doomed, must_have_died_at};
use crate::refunds::Stand;
use crate::support::payers::SETTINGS;
use crate::support::process::Process;

const DONE_WITHIN: Duration = Duration::from_secs(30);

/// The worker dies while it pays back; the next one finds out what became of it. `heard` is how often the provider was told
/// before that.
pub async fn refund(point: CrashPoint, heard: usize) {
    let stand = Stand::new().await;
    let due = stand.owed("momo", &[]).await;
    let own = stand.payers.settings();
    let mut settings: Vec<(&str, &str)> = SETTINGS.to_vec();
    settings.retain(|(name, _)| own.iter().all(|(known, _)| known != name));
    settings.extend(own.iter().map(|(name, value)| (*name, value.as_str())));

    must_have_died_at(point, doomed(&stand.world, "worker", point, &settings).await).await;
    assert_eq!(stand.sends().len(), heard, "{point}");
    assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("sent 1", 0), "{point}");

    // Once the dead worker's lease is over.
    stand.world.database.execute(
        "update jobs set leased_until = now() - interval '1 second' where leased_until is not null;
         update refunds set next_at = now() - interval '1 second' where next_at is not null",
    );
    let worker = Process::start(&stand.world, "worker", &settings);
    let started = Instant::now();
    while stand.standing(&due) != "succeeded 1" {
        assert!(started.elapsed() < DONE_WITHIN, "{point}: {} {}", stand.standing(&due), worker.log());
        actix_web::rt::time::sleep(Duration::from_millis(100)).await;
    }
    drop(worker);
    let numbers = "select count(*) from refund_tries";
    assert_eq!((stand.sends().len(), stand.world.count(numbers)), (1, 1), "{point}");
    assert_eq!(stand.booked(&due), due.total, "{point}");
    let paid: i64 = stand.payers.desk(|desk| desk.refunds.values().map(|refund| refund.amount).sum());
    assert_eq!(paid, due.total, "{point}");
    stand.finish().await;
}
