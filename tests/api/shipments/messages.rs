//! What carriers say, in whatever order.

use chrono::TimeDelta;
use ocop_market::jobs::Job;
use ocop_market::kernel::Actor;
use ocop_market::shipping;
use serde_json::json;

use super::{Sale, ghn_says, new_shipment, tell, with_ghn};
use crate::support::{CARRIER_SECRET, World};

#[actix_web::test]
async fn callbacks_shuffled_doubled_and_late_give_the_same_parcel() {
    let story = [
        "ready_to_pick",
        "picking",
        "picked",
        "transporting",
        "delivering",
        "delivery_fail",
        "delivering",
        "delivered",
    ];
    let orders: [&[usize]; 4] = [
        &[0, 1, 2, 3, 4, 5, 6, 7],
        &[7, 6, 5, 4, 3, 2, 1, 0],
        &[3, 3, 7, 0, 7, 5, 1, 1, 6, 2, 4, 0],
        &[4, 7, 4, 2, 0, 6, 3, 5, 1],
    ];
    for order in orders {
        let (ghn, sale) = with_ghn().await;
        let shipment = sale.open("carrier:ghn").await;
        // The first messages may be quicker than our own booking.
        for (n, place) in order.iter().enumerate() {
            if n == 2 {
                sale.world.run_jobs().await;
            }
            let second = u32::try_from(*place).expect("small");
            tell(&sale.world, "/v1/callbacks/ghn", ghn_says(&shipment, story[*place], second)).await.expect(200);
        }
        let seen = sale.seen().await;
        assert_eq!((&seen["status"], &seen["code"]), (&json!("delivered"), &json!("GHN00001")), "{order:?}");
        let events = seen["events"].as_array().expect("events").iter().filter(|e| e["source"] == "carrier");
        let codes: Vec<&str> = events.map(|e| e["raw_code"].as_str().expect("a code")).collect();
        assert_eq!(codes, story, "{order:?}: the timeline is in the order of what happened");
        let late = ghn_says(&shipment, "transporting", 59);
        tell(&sale.world, "/v1/callbacks/ghn", late).await.expect(200);
        assert_eq!(sale.seen().await["status"], "delivered", "what has ended stays");
        sale.world.finish().await;
        ghn.stop().await;
    }
}

#[actix_web::test]
async fn a_code_that_no_page_describes_is_kept_and_shown_as_an_exception() {
    let (ghn, sale) = with_ghn().await;
    let shipment = sale.open("carrier:ghn").await;
    sale.world.run_jobs().await;
    tell(&sale.world, "/v1/callbacks/ghn", ghn_says(&shipment, "teleported", 1)).await.expect(200);
    let seen = sale.seen().await;
    assert_eq!((&seen["status"], &seen["events"][0]["raw_code"]), (&json!("exception"), &json!("teleported")));
    tell(&sale.world, "/v1/callbacks/ghn", ghn_says(&shipment, "picked", 2)).await.expect(200);
    assert_eq!(sale.seen().await["status"], "picked_up");
    sale.world.finish().await;
    ghn.stop().await;
}

#[actix_web::test]
async fn a_message_without_our_secret_changes_nothing_and_a_genuine_one_is_always_kept() {
    let sale = Sale::on(World::start().await).await;
    let shipment = sale.open("carrier:ghtk").await;
    let said = json!({"partner_id": shipment.id, "label_id": "S1.A1.1", "status_id": 5, "action_time": "2026-11-24T12:18:39+07:00"}).to_string();
    let json_kind = [("content-type", "application/json")];
    for path in
        ["/v1/callbacks/ghtk", "/v1/callbacks/ghtk?hash=guess", "/v1/callbacks/ghn", "/v1/callbacks/viettel-post"]
    {
        let reply = sale.world.visitor().send(reqwest::Method::POST, path, &json_kind, Some(said.clone())).await;
        assert_eq!((reply.status, &reply.json["success"]), (401, &json!(false)), "{path}");
    }
    assert_eq!(sale.world.count("select count(*) from carrier_messages"), 0);
    assert_eq!(sale.seen().await["status"], "created");
    for body in ["{", "[]", "", "{\"label_id\": \"S1\"}"] {
        tell(&sale.world, "/v1/callbacks/ghtk", body.to_owned()).await.expect(200);
    }
    assert_eq!(sale.world.count("select count(*) from carrier_messages where outcome = 'malformed'"), 4);
    tell(&sale.world, "/v1/callbacks/ghtk", said.replace(&shipment.id.to_string(), "12345")).await.expect(200);
    assert_eq!(sale.world.count("select count(*) from carrier_messages where outcome = 'unknown_shipment'"), 1);
    for _ in 0..2 {
        tell(&sale.world, "/v1/callbacks/ghtk", said.clone()).await.expect(200);
    }
    assert_eq!(sale.seen().await["status"], "delivered");
    assert_eq!(sale.world.count("select count(*) from carrier_messages where outcome = 'repeated'"), 1);
    let large = tell(&sale.world, "/v1/callbacks/ghtk", "x".repeat(70_000)).await;
    large.refused(413, "body_too_large");
    let viettel = json!({"TOKEN": CARRIER_SECRET, "DATA": {"ORDER_NUMBER": "1", "ORDER_STATUS": 501, "ORDER_STATUSDATE": "24/11/2026 10:00:00"}});
    let reply = sale
        .world
        .visitor()
        .send(reqwest::Method::POST, "/v1/callbacks/viettel-post", &json_kind, Some(viettel.to_string()))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    sale.world.finish().await;
}

#[actix_web::test]
async fn a_message_that_was_kept_but_not_done_is_taken_up() {
    let sale = Sale::on(World::start().await).await;
    let shipment = sale.open("carrier:ghtk").await;
    let body = json!({"partner_id": shipment.id, "label_id": "S1.A1.1", "status_id": 3, "action_time": "2026-11-24T12:18:39+07:00"}).to_string();
    sale.world.database.execute(&format!(
        "insert into carrier_messages (id, carrier, received_at, source, content_type, body)
         values (gen_random_uuid(), 'ghtk', now() - interval '5 minutes', '10.0.0.1', 'application/json', convert_to('{body}', 'UTF8'))"
    ));
    sale.world.work(Job::LookAfterShipments).await.expect("done");
    assert_eq!(sale.seen().await["status"], "picked_up");
    assert_eq!(sale.world.count("select count(*) from carrier_messages where outcome = 'applied'"), 1);
    sale.world.finish().await;
}

#[actix_web::test]
async fn a_carrier_is_asked_about_a_parcel_of_which_nobody_hears() {
    let (ghn, sale) = with_ghn().await;
    sale.open("carrier:ghn").await;
    sale.world.run_jobs().await;
    ghn.desk(|desk| desk.status = "delivered".to_owned());
    sale.world.work(Job::LookAfterShipments).await.expect("done");
    sale.world.run_jobs().await;
    assert_eq!(sale.seen_by_owner("status"), "created", "it has just been heard of");
    sale.world.pass(TimeDelta::hours(7));
    sale.world.work(Job::LookAfterShipments).await.expect("done");
    sale.world.run_jobs().await;
    assert_eq!(sale.seen_by_owner("status"), "delivered");
    assert_eq!(sale.world.count("select count(*) from shipment_events where source = 'poll'"), 1);
    sale.world.finish().await;
    ghn.stop().await;
}

#[actix_web::test]
async fn messages_that_come_at_once_and_orders_opened_at_once_leave_one_parcel_with_one_story() {
    let sale = Sale::on(World::start().await).await;
    let new = new_shipment(&sale.world, &sale.order, "carrier:ghtk").await;
    let opened = (0..8).map(|_| {
        let (db, new) = (sale.world.app.db.clone(), new.clone());
        async move { db.write(&Actor::PLATFORM, move |tx| shipping::open(tx, &new)).await.expect("opened").id }
    });
    let ids = futures_util::future::join_all(opened).await;
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let says = |status: i64, minute: i64| {
        json!({"partner_id": ids[0], "label_id": "S1.A1.1", "status_id": status, "action_time": format!("2026-11-24T12:{minute:02}:00+07:00")}).to_string()
    };
    let story = [(2, 1), (12, 2), (3, 3), (4, 4), (10, 5), (4, 6), (5, 7), (6, 8), (123, 9)];
    let sent = story
        .iter()
        .chain(&story)
        .chain(&story)
        .map(|(status, minute)| tell(&sale.world, "/v1/callbacks/ghtk", says(*status, *minute)));
    for reply in futures_util::future::join_all(sent).await {
        assert!(matches!(reply.status, 200 | 503), "{}", reply.text);
    }
    for (status, minute) in story {
        tell(&sale.world, "/v1/callbacks/ghtk", says(status, minute)).await.expect(200);
    }
    assert_eq!(sale.seen().await["status"], "delivered");
    assert_eq!(sale.world.count("select count(*) from shipment_events where source = 'carrier'"), 9);
    sale.world.finish().await;
}
