//! Paying a household.

use chrono::TimeDelta;
use ocop_market::kernel::CrashPoint;
use reqwest::Method;

use super::{at, doomed, must_have_died_at};
use crate::payouts::Stand;
use crate::support::new_key;
use crate::support::payout_desk::PayoutDesk;

/// The run was not committed: nothing is held, and the same run under the same key pays once.
pub async fn after_the_money_is_held() {
    let desk = PayoutDesk::start();
    let stand = Stand::in_world(desk.world(&[]).await).await;
    stand.sold(1, 1).await;
    let point = CrashPoint::PayoutAfterHold;
    let server = doomed(&stand.world, "serve", point, &desk.settings()).await;
    let (key, operator) = (new_key(), stand.one());
    let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
    let runs = "/v1/operator/payout-runs";
    let lost = at(&operator, &server).try_send(Method::POST, runs, &headers, Some("{}".to_owned())).await;
    assert!(lost.is_err(), "{lost:?}");
    must_have_died_at(point, server).await;
    assert_eq!((stand.balance().await, stand.posted().len()), (120_000, 0));
    operator.send(Method::POST, runs, &headers, Some("{}".to_owned())).await.expect(201);
    operator.send(Method::POST, runs, &headers, Some("{}".to_owned())).await.expect(201);
    assert_eq!((stand.balance().await, stand.posted().len()), (0, 1));
    stand.world.finish().await;
    desk.stop().await;
}

async fn approved(desk: &PayoutDesk) -> Stand {
    desk.desk(|desk| desk.state = Some("SUCCEEDED"));
    let stand = Stand::in_world(desk.world(&[]).await).await;
    stand.sold(1, 1).await;
    stand.approved_run().await;
    stand
}

/// It was written that the transfer is sent, and payOS has it or has it not: it is asked under the same name and pays once.
pub async fn before_the_call(paid: usize) {
    let desk = PayoutDesk::start();
    let stand = approved(&desk).await;
    let point = if paid == 0 { CrashPoint::PayoutBeforeCall } else { CrashPoint::PayoutAfterAcceptBeforeRecord };
    let worker = doomed(&stand.world, "worker", point, &desk.settings()).await;
    must_have_died_at(point, worker).await;
    assert_eq!((stand.status().as_str(), desk.effects().0), ("sent", paid), "{point}");
    assert_eq!((stand.balance().await, stand.posted().len()), (0, 1), "{point}");
    stand.looks_after(TimeDelta::minutes(2)).await;
    assert_eq!((stand.status().as_str(), desk.effects()), ("confirmed", (1, paid + 1)), "{point}");
    assert_eq!(stand.posted().len(), 2, "{point}");
    stand.world.finish().await;
    desk.stop().await;
}

/// The money has left, in the books as well, and its household hears of it from whoever takes the job up.
pub async fn before_the_household_knows() {
    let desk = PayoutDesk::start();
    let stand = approved(&desk).await;
    let point = CrashPoint::PayoutAfterRecord;
    let worker = doomed(&stand.world, "worker", point, &desk.settings()).await;
    must_have_died_at(point, worker).await;
    assert_eq!((stand.status().as_str(), stand.told()), ("confirmed", Vec::new()));
    stand.looks_after(TimeDelta::minutes(2)).await;
    assert_eq!((stand.told(), desk.effects()), (vec!["payout_paid".to_owned()], (1, 1)));
    stand.world.finish().await;
    desk.stop().await;
}
