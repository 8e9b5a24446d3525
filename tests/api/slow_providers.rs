//! Whoever is called outside may keep us waiting: no buyer waits longer than is said, and no connection to the database
//! is held meanwhile.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use futures_util::future::{join, join_all};
use ocop_market::jobs::{self, Job};
use ocop_market::kernel::{Actor, Tx};
use ocop_market::shipping;
use serde_json::json;

use crate::shipments::new_shipment;
use crate::support::money::{Due, Shop};
use crate::support::silent::Silent;
use crate::support::{Client, World, new_key};

const PRICE: i64 = 185_000;

/// A world in which everybody outside is this one.
async fn world_of(silent: &Silent, more: &[(&str, &str)]) -> World {
    let url = silent.url.as_str();
    let mut settings = vec![
        ("PAYOS_BASE_URL", url),
        ("MOMO_BASE_URL", url),
        ("ZALOPAY_BASE_URL", url),
        ("VNPAY_API_URL", url),
        ("SEPAY_API_URL", url),
        ("SEPAY_API_TOKEN", "token"),
        ("GHN_BASE_URL", url),
        ("PAYOS_PAYOUT_CLIENT_ID", "payout-client"),
        ("PAYOS_PAYOUT_API_KEY", "payout-api-key"),
        ("PAYOS_PAYOUT_CHECKSUM_KEY", "payout-key"),
        ("PAYOS_PAYOUT_BASE_URL", url),
    ];
    settings.extend(more);
    World::with(&settings).await
}

#[actix_web::test]
async fn a_buyer_whose_provider_is_silent_is_told_to_look_again_and_holds_no_connection() {
    let silent = Silent::start();
    let world = world_of(&silent, &[("PROVIDER_LINK_MS", "1500")]).await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    silent.falls_silent();
    let mut paths = Vec::new();
    for provider in ["momo", "zalopay", "payos"] {
        buyer.put_in_cart(&shop.product.variant_id, 1).await;
        let checkout = buyer.check_out(PRICE).await.expect(201);
        let id = checkout["id"].as_str().expect("an id");
        paths.push((format!("/v1/buyer/checkouts/{id}/payment-attempts"), provider, new_key()));
    }
    let begun = Instant::now();
    let starts =
        paths.iter().map(|(path, provider, key)| buyer.post_with_key(path, key, json!({"provider": provider})));
    let looking = async {
        silent.hears(3).await;
        assert_eq!(world.app.db.in_use(), 0);
        assert!(begun.elapsed() < Duration::from_millis(1500), "they wait still");
    };
    let (answers, ()) = join(join_all(starts), looking).await;
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    for answer in answers {
        let attempt = answer.expect(201);
        assert_eq!((&attempt["status"], &attempt["next_step"]), (&json!("pending"), &json!({"kind": "wait"})));
    }
    silent.stop().await;
    world.finish().await;
}

/// A paid order that was cancelled.
async fn owed(world: &World, (shop, buyer): (&Shop, &Client), provider: &str) -> Due {
    let due = world.due(buyer, &shop.product, 1, provider).await;
    match provider {
        "momo" => world.momo(&due.reference, PRICE, (0, 71)).await.expect(204),
        _ => world.sepay(71, &due.reference, PRICE).await.expect(200),
    };
    let path = format!("/v1/buyer/orders/{}/cancel", due.order_id());
    buyer.post(&path, json!({"reason": "Đặt nhầm"})).await.expect(200);
    due
}

/// A refund to a bank account, approved.
async fn transferred(world: &World, (shop, buyer): (&Shop, &Client)) {
    let due = owed(world, (shop, buyer), "bank_transfer").await;
    world.run_jobs().await;
    let id = world.text(&format!("select id from refunds where order_id = '{}'", due.order_id()));
    let account = json!({"bank_bin": "970405", "account_number": "8206205123456", "holder_name": "NGUYEN THI HOA"});
    buyer.post(&format!("/v1/buyer/refunds/{id}/bank-account"), account).await.expect(200);
    shop.operator.post(&format!("/v1/operator/refunds/{id}/approve"), json!({})).await.expect(200);
}

/// A parcel that is to be booked with GHN.
async fn parcel(world: &World, (shop, buyer): (&Shop, &Client)) {
    let rows =
        ["00769", "00721"].map(|code| json!({"commune_code": code, "district_code": "2269", "ward_code": "830101"}));
    shop.operator.post("/v1/operator/carrier-addresses", json!({"carrier": "ghn", "rows": rows})).await.expect(200);
    let due = world.due(buyer, &shop.product, 1, "bank_transfer").await;
    world.sepay(72, &due.reference, PRICE).await.expect(200);
    let new = new_shipment(world, due.order_id(), "carrier:ghn").await;
    world.app.db.write(&Actor::PLATFORM, move |tx| shipping::open(tx, &new)).await.expect("opened");
}

#[actix_web::test]
async fn jobs_that_wait_for_somebody_outside_hold_no_connection() {
    let silent = Silent::start();
    let world = world_of(&silent, &[]).await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    transferred(&world, (&shop, &buyer)).await;
    parcel(&world, (&shop, &buyer)).await;
    owed(&world, (&shop, &buyer), "momo").await;
    world.due(&buyer, &shop.product, 1, "zalopay").await;
    let link = world.due(&buyer, &shop.product, 1, "payos").await;
    buyer.start_attempt(&link.checkout, "bank_transfer").await;
    world.pass(TimeDelta::seconds(61));
    world.work(Job::LookAfterPayments).await.expect("looked");
    let list = |tx: &mut Tx<'_>| jobs::enqueue(tx, &Job::ListRecent, tx.now, None);
    world.app.db.job(list).await.expect("planned");
    silent.falls_silent();
    let looking = async {
        let waiting = silent.hears(6).await;
        assert_eq!(world.app.db.in_use(), 0, "{waiting:?}");
        let question = format!("/v2/payment-requests/{}", link.reference);
        let expected = [
            "/transactions",
            "/v1/payouts/",
            "/v2/gateway/api/refund",
            &question,
            "/v2/query",
            "/v2/shipping-order/detail-by-client-code",
        ];
        assert_eq!(waiting, expected);
        world.visitor().get("/v1/public/products").await.expect(200);
        silent.stop().await;
    };
    join(world.run_jobs(), looking).await;
    world.finish().await;
}
