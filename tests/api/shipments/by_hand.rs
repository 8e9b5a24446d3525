//! Parcels that people bring and report on.

use ocop_market::shipping;
use serde_json::json;

use super::{Sale, tell, with_ghn};
use crate::support::World;

#[actix_web::test]
async fn what_a_carrier_refuses_the_producer_gives_it_at_its_counter() {
    let (ghn, sale) = with_ghn().await;
    ghn.desk(|desk| desk.refuses = true);
    let shipment = sale.open("carrier:ghn").await;
    sale.does(shipment.id, "note-waybill", json!({"code": "GHNQUAY1"})).await.refused(409, "shipping.not_for_booking");
    sale.world.run_jobs().await;
    let noted = sale.does(shipment.id, "note-waybill", json!({"code": "GHNQUAY1"})).await.expect(200);
    assert_eq!((&noted["booking"], &noted["code"]), (&json!("by_hand"), &json!("GHNQUAY1")));
    sale.does(shipment.id, "report", json!({"status": "picked_up"})).await.expect(200);
    assert_eq!(sale.seen().await["status"], "picked_up");
    sale.world.finish().await;
    ghn.stop().await;
}

#[actix_web::test]
async fn a_carrier_that_is_off_leaves_the_parcel_to_hands() {
    let sale = Sale::on(World::with(&[("GHN_TOKEN", "")]).await).await;
    let shipment = sale.open("carrier:ghn").await;
    sale.world.run_jobs().await;
    assert_eq!(sale.seen().await["booking"], "by_hand");
    tell(&sale.world, "/v1/callbacks/ghn", "{}".to_owned()).await.refused(404, "not_found");
    sale.does(shipment.id, "report", json!({"status": "delivered"})).await.expect(200);
    sale.world.finish().await;
}

#[actix_web::test]
async fn a_parcel_that_its_producer_brings_moves_by_his_word_along_its_way() {
    let sale = Sale::on(World::start().await).await;
    let shipment = sale.open("own").await;
    assert_eq!(shipment.booking, shipping::BookingStatus::None);
    let refused =
        sale.does(shipment.id, "report", json!({"status": "returned"})).await.refused(409, "shipping.illegal_report");
    assert_eq!(refused["allowed_statuses"], json!(["picked_up", "out_for_delivery", "delivered"]));
    for (status, note) in
        [("picked_up", None), ("delivery_failed", Some("Không có ai ở nhà")), ("returning", None), ("returned", None)]
    {
        let report = sale.does(shipment.id, "report", json!({"status": status, "note": note})).await.expect(200);
        assert_eq!(report["status"], status);
    }
    sale.does(shipment.id, "report", json!({"status": "delivered"})).await.refused(409, "shipping.illegal_report");
    let seen = sale.seen().await;
    assert_eq!(seen["events"].as_array().map(Vec::len), Some(5), "{seen}");
    assert_eq!(seen["events"][2]["note"], "Không có ai ở nhà");
    let next = sale.open("own").await;
    assert_ne!(next.id, shipment.id, "it may be sent again");
    sale.world.finish().await;
}

#[actix_web::test]
async fn nobody_sees_or_moves_the_parcel_of_another() {
    let sale = Sale::on(World::start().await).await;
    let shipment = sale.open("own").await;
    let stranger = sale.world.buyer("0933333334").await;
    let other = sale.world.producer(&sale.shop.operator, "0922222222", "HTX chè Đồng Văn", "00721").await;
    stranger.get(&format!("/v1/buyer/orders/{}/shipments", sale.order)).await.refused(404, "not_found");
    other.client.get(&format!("/v1/producer/orders/{}/shipments", sale.order)).await.refused(404, "not_found");
    for (verb, body) in [
        ("report", json!({"status": "delivered"})),
        ("cancel", json!({})),
        ("rebook", json!({})),
        ("note-waybill", json!({"code": "X1"})),
    ] {
        let path = format!("/v1/producer/shipments/{}/{verb}", shipment.id);
        other.client.post(&path, body).await.refused(404, "not_found");
    }
    assert_eq!(sale.seen().await["status"], "created");
    sale.world.finish().await;
}
