//! Money that leaves our bank account.

use ocop_market::kernel::Actor;
use ocop_market::outgoing;
use serde_json::json;

use crate::support::World;

const OUTGOING: &str = "/v1/operator/outgoing";

#[actix_web::test]
async fn one_operator_stops_all_money_and_another_starts_it_again() {
    let world = World::start().await;
    let (one, two) = (world.operator().await, world.second_operator().await);
    let shown = one.get(OUTGOING).await.expect(200);
    assert_eq!((&shown["is_stopped"], &shown["stopped_at"]), (&json!(false), &json!(null)));
    one.post("/v1/operator/outgoing/start", json!({})).await.refused(409, "outgoing.not_stopped");
    let stopped = one.post("/v1/operator/outgoing/stop", json!({"reason": "Nghi ngờ"})).await.expect(200);
    assert_eq!((&stopped["is_stopped"], &stopped["reason"]), (&json!(true), &json!("Nghi ngờ")));
    two.post("/v1/operator/outgoing/stop", json!({"reason": "Thêm"})).await.refused(409, "outgoing.already_stopped");
    one.post("/v1/operator/outgoing/start", json!({})).await.refused(409, "outgoing.second_person");
    let flow = world.app.db.write(&Actor::PLATFORM, outgoing::must_flow).await;
    assert!(format!("{flow:?}").contains("outgoing.stopped"), "{flow:?}");
    let started = two.post("/v1/operator/outgoing/start", json!({})).await.expect(200);
    assert_eq!(started["is_stopped"], false);
    world.app.db.write(&Actor::PLATFORM, outgoing::must_flow).await.expect("money flows");
    let events =
        world.text("select string_agg(action, ' ' order by id) from audit_events where object_kind = 'outgoing'");
    assert_eq!(events, "outgoing.stop outgoing.start");
    world.finish().await;
}

#[actix_web::test]
async fn the_database_itself_lets_no_one_start_what_he_stopped() {
    let world = World::start().await;
    let (one, _) = (world.operator().await, world.second_operator().await);
    one.post("/v1/operator/outgoing/stop", json!({"reason": "Nghi ngờ"})).await.expect(200);
    let error = world.database.fails("update outgoing_switch set started_at = stopped_at, started_by = stopped_by");
    assert!(error.contains("outgoing_switch_persons_check"), "{error}");
    world.finish().await;
}
