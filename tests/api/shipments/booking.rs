//! Booking with a carrier and calling off.

use ocop_market::jobs::Job;
use serde_json::json;

use super::{Sale, run_jobs_again, tell, with_ghn};
use crate::support::World;
use crate::support::carriers::FakeGhn;

#[actix_web::test]
async fn a_parcel_is_booked_once_even_when_the_answer_is_lost_and_the_job_comes_twice() {
    let (ghn, sale) = with_ghn().await;
    ghn.desk(|desk| desk.loses_next_answer = true);
    let shipment = sale.open("carrier:ghn").await;
    assert_eq!(sale.open("carrier:ghn").await.id, shipment.id, "asked twice, one parcel");
    sale.world.run_jobs().await;
    assert_eq!(sale.seen().await["booking"], "pending", "nobody knows");
    run_jobs_again(&sale.world).await;
    let seen = sale.seen().await;
    assert_eq!(
        (&seen["booking"], &seen["code"], &seen["status"]),
        (&json!("booked"), &json!("GHN00001"), &json!("created"))
    );
    sale.world
        .app
        .db
        .job(move |tx| ocop_market::jobs::enqueue(tx, &Job::BookShipment { shipment_id: shipment.id.0 }, tx.now, None))
        .await
        .expect("enqueued");
    sale.world.run_jobs().await;
    assert_eq!(ghn.desk(|desk| (desk.creates, desk.parcels.len())), (1, 1));
    assert_eq!(sale.world.count("select count(*) from shipments"), 1);
    sale.world.finish().await;
    ghn.stop().await;
}

#[actix_web::test]
async fn a_parcel_is_called_off_at_its_carrier_unless_it_has_left() {
    let (ghn, sale) = with_ghn().await;
    let waiting = sale.open("carrier:ghn").await;
    let off = sale.does(waiting.id, "cancel", json!({})).await.expect(200);
    assert_eq!((&off["status"], &off["booking"]), (&json!("cancelled"), &json!("cancelled")));
    sale.world.run_jobs().await;
    assert_eq!(ghn.desk(|desk| desk.creates), 0, "what was called off is not booked");

    let second = sale.open("carrier:ghn").await;
    assert_ne!(second.id, waiting.id);
    sale.world.run_jobs().await;
    assert_eq!(sale.does(second.id, "cancel", json!({})).await.expect(200)["booking"], "cancelling");
    sale.world.run_jobs().await;
    assert_eq!(sale.does(second.id, "cancel", json!({})).await.expect(200)["status"], "cancelled");
    assert!(ghn.desk(|desk| desk.parcels.values().all(|(_, is_off)| *is_off)));

    let third = sale.open("carrier:ghn").await;
    sale.world.run_jobs().await;
    ghn.desk(|desk| desk.has_left = true);
    assert_eq!(sale.does(third.id, "cancel", json!({})).await.expect(200)["booking"], "cancelling");
    sale.world.run_jobs().await;
    let path = format!("/v1/producer/orders/{}/shipments", sale.order);
    let seen = sale.by_producer().get(&path).await.expect(200)["data"][2].clone();
    assert_eq!(
        (&seen["status"], &seen["booking"], &seen["booking_fault"]),
        (&json!("created"), &json!("booked"), &json!("Đã lấy hàng"))
    );
    let picked = json!({"OrderCode": seen["code"], "ClientOrderCode": third.id, "Type": "switch_status", "Status": "picked", "Time": "2026-11-24T03:00:00Z"});
    tell(&sale.world, "/v1/callbacks/ghn", picked.to_string()).await.expect(200);
    sale.does(third.id, "cancel", json!({})).await.refused(409, "shipping.too_late_to_cancel");
    sale.world.finish().await;
    ghn.stop().await;
}

#[actix_web::test]
async fn a_parcel_called_off_while_it_is_booked_is_called_off_at_the_carrier_too() {
    let (ghn, sale) = with_ghn().await;
    ghn.desk(|desk| desk.loses_next_answer = true);
    let shipment = sale.open("carrier:ghn").await;
    sale.world.run_jobs().await;
    // Booked there, and not known here.
    assert_eq!(sale.does(shipment.id, "cancel", json!({})).await.expect(200)["booking"], "cancelling");
    assert!(ghn.desk(|desk| desk.parcels.values().all(|(_, is_off)| !is_off)));
    run_jobs_again(&sale.world).await;
    assert_eq!(
        (sale.seen_by_owner("status"), sale.seen_by_owner("booking")),
        ("cancelled".to_owned(), "cancelled".to_owned())
    );
    assert!(ghn.desk(|desk| desk.parcels.len() == 1 && desk.parcels.values().all(|(_, is_off)| *is_off)));
    sale.world.finish().await;
    ghn.stop().await;
}

#[actix_web::test]
async fn a_commune_without_numbers_is_refused_clearly_and_booked_when_it_has_them() {
    let ghn = FakeGhn::start();
    let sale = Sale::on(World::with(&[("GHN_BASE_URL", ghn.url.as_str())]).await).await;
    let shipment = sale.open("carrier:ghn").await;
    sale.world.run_jobs().await;
    let path = format!("/v1/producer/orders/{}/shipments", sale.order);
    let seen = sale.by_producer().get(&path).await.expect(200)["data"][0].clone();
    assert_eq!(
        (&seen["booking"], &seen["booking_fault"]),
        (&json!("refused"), &json!("address_not_mapped: 00769, 00721"))
    );
    assert_eq!(ghn.desk(|desk| desk.creates), 0);
    sale.maps_addresses().await;
    sale.does(shipment.id, "rebook", json!({})).await.expect(200);
    sale.world.run_jobs().await;
    assert_eq!(sale.seen().await["booking"], "booked");
    sale.does(shipment.id, "rebook", json!({})).await.refused(409, "shipping.not_for_booking");
    sale.does(shipment.id, "report", json!({"status": "delivered"})).await.refused(409, "shipping.carrier_reports");
    sale.world.finish().await;
    ghn.stop().await;
}

#[actix_web::test]
async fn an_import_of_numbers_names_every_fault_and_says_who_is_missing() {
    let world = World::start().await;
    let operator = world.operator().await;
    let row =
        |commune: &str, district: &str| json!({"commune_code": commune, "district_code": district, "ward_code": "1A"});
    let body = json!({"carrier": "viettel_post", "rows": [row("99999", "1"), row("00769", "x"), row("00769", "1")]});
    let refused = operator.post("/v1/operator/carrier-addresses", body).await.refused(422, "invalid_input");
    let mut pointers: Vec<&str> =
        refused["errors"].as_array().expect("faults").iter().filter_map(|e| e["pointer"].as_str()).collect();
    pointers.sort_unstable();
    assert_eq!(
        pointers,
        [
            "/rows/0/commune_code",
            "/rows/0/province_code",
            "/rows/0/ward_code",
            "/rows/1/district_code",
            "/rows/1/province_code",
            "/rows/1/ward_code",
            "/rows/2/commune_code",
            "/rows/2/province_code",
            "/rows/2/ward_code",
        ]
    );
    let communes = world.count("select count(*) from communes");
    let body = json!({"carrier": "ghn", "rows": [row("00769", "2269")]});
    for _ in 0..2 {
        let seen = operator.post("/v1/operator/carrier-addresses", body.clone()).await.expect(200);
        assert_eq!(seen["mapped"].as_array().map(Vec::len), Some(1));
        assert_eq!(seen["unmapped"].as_array().map(Vec::len).and_then(|n| i64::try_from(n).ok()), Some(communes - 1));
    }
    world.finish().await;
}
