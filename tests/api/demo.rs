//! The demo market.

use chrono::TimeDelta;
use ocop_market::cli::{DemoCarriers, DemoDesks, DemoOutcome, load_demo, serve_demo_carriers};
use ocop_market::config::{CarriersConfig, Config};
use ocop_market::kernel::{Actor, Secret};
use ocop_market::shipping::{self, Carrier};
use serde_json::json;

use crate::support::{CARRIER_SECRET, World};

fn config_of(world: &World) -> Config {
    world.app.config.clone()
}

#[actix_web::test]
async fn the_demo_fills_an_empty_market_once_and_its_people_sign_in_as_printed() {
    let world = World::start().await;
    assert_eq!(load_demo(config_of(&world)).await, Ok(DemoOutcome::Loaded));
    assert_eq!(load_demo(config_of(&world)).await, Ok(DemoOutcome::NotEmpty), "a second load changes nothing");

    assert_eq!(world.count("select count(*) from products where status = 'published'"), 37);
    assert_eq!(world.count("select count(*) from products where description like '%(Giá minh hoạ.)'"), 33);
    for status in ["completed", "cancelled", "refused", "expired"] {
        assert!(
            world.count(&format!("select count(*) from orders where status = '{status}'")) > 0,
            "no order is {status}"
        );
    }
    let days = "select count(distinct paid_on) from orders";
    assert!(world.count(days) > 50, "the purchases are spread over the days");
    assert_eq!(world.count("select count(*) from orders where created_at > now()"), 0);
    assert_eq!(world.count("select count(*) from payment_callbacks where outcome <> 'applied'"), 0);

    let declared = "select count(*) from tax_periods p join tax_declarations d on d.period_id = p.id \
        where p.status = 'locked' and d.declared_vat_vnd + d.declared_pit_vnd > 0";
    assert!(world.count(declared) > 0, "the months that are over are declared at once");
    assert!(world.count("select count(distinct at) from ledger_checkpoints") > 0, "and the books are summed");

    for (phone, password, audience) in
        [("0900000003", "ban moi nguoi mua", "buyer"), ("0900002000", "ban moi nguoi ban", "producer")]
    {
        let body = json!({"phone": phone, "password": password, "device_id": "device", "audience": audience});
        world.visitor().post("/v1/auth/password/sign-in", body).await.expect(200);
    }
    world.finish().await;
}

#[actix_web::test]
async fn a_market_with_an_account_gets_no_demo() {
    let world = World::start().await;
    world.buyer("0933333333").await;
    assert_eq!(load_demo(config_of(&world)).await, Ok(DemoOutcome::NotEmpty));
    assert_eq!(world.count("select count(*) from products"), 0);
    world.finish().await;
}

#[actix_web::test]
async fn production_refuses_the_demo() {
    let world = World::start().await;
    let config = Config { production: true, ..config_of(&world) };
    assert!(load_demo(config).await.is_err());
    assert_eq!(world.count("select count(*) from accounts"), 0);
    world.finish().await;
}

#[actix_web::test]
async fn each_carrier_of_the_demo_takes_a_parcel_tells_of_its_way_and_brings_it() {
    let desks = DemoDesks::new(ocop_market::kernel::db::Clock::default());
    let url = serve_demo_carriers(desks.clone()).expect("the carriers");
    let at = ["ghn", "ghtk", "viettel-post"].map(|carrier| format!("{url}/{carrier}"));
    let names = ["GHN_BASE_URL", "GHTK_BASE_URL", "VIETTEL_POST_BASE_URL"];
    let settings: Vec<(&str, &str)> = names.into_iter().zip(at.iter().map(String::as_str)).collect();
    let world = World::with(&settings).await;
    let shop = world.shop(120_000, 20).await;
    let buyer = world.buyer("0933333333").await;
    let list = "commune_code,province_code,district_code,ward_code\n00769,1,1,769\n00721,1,1,721\n";
    for carrier in Carrier::ALL.iter().copied() {
        let import = world.app.db.write(&Actor::PLATFORM, move |tx| shipping::import_addresses(tx, carrier, list));
        assert_eq!(import.await.expect("an import"), Ok(2));
    }
    for (number, carrier) in (1..).zip(["ghn", "ghtk", "viettel_post"]) {
        let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
        let way = format!("update orders set delivery_code = 'carrier:{carrier}' where id = '{}'", due.order_id());
        world.database.execute(&way);
        world.sepay(number, &due.reference, due.total).await.expect(200);
        for step in ["accept", "pack", "hand-over"] {
            let path = format!("/v1/producer/orders/{}/{step}", due.order_id());
            shop.producer.client.post(&path, json!({})).await.expect(200);
        }
    }
    world.run_jobs().await;
    let states = |column: &str| world.text(&format!("select string_agg(distinct {column}, ' ') from shipments"));
    assert_eq!(
        (states("booking"), world.count("select count(*) from shipments where code like 'DEMO%'")),
        ("booked".into(), 3)
    );
    for step in 1..=4 {
        world.pass(TimeDelta::minutes(1));
        let told = desks.tell(&world.base, &Secret::new(CARRIER_SECRET.to_owned())).await;
        assert_eq!(told, Ok(if step < 4 { 3 } else { 1 }), "step {step}: only GHN's way is longer");
        world.run_jobs().await;
    }
    assert_eq!(
        (states("status"), world.text("select string_agg(distinct status, ' ') from orders")),
        ("delivered".into(), "delivered".into())
    );
    assert_eq!(desks.tell(&world.base, &Secret::new(CARRIER_SECRET.to_owned())).await, Ok(0), "all have arrived");
    world.finish().await;
}

#[actix_web::test]
async fn fakes_stand_where_the_demo_is_and_nowhere_else() {
    let world = World::start().await;
    let unset = Config { carriers: CarriersConfig::default(), ..config_of(&world) };
    let is_opened = async |config: &Config| {
        let mut config = config.clone();
        let fakes = DemoCarriers::open(&mut config).await.expect("an answer");
        assert_eq!(
            fakes.is_some(),
            config
                .carriers
                .ghtk
                .as_ref()
                .is_some_and(|ghtk| ghtk.base_url.contains("127.0.0.1:") && ghtk.base_url.ends_with("/ghtk"))
        );
        fakes.is_some()
    };
    assert!(!is_opened(&unset).await, "nobody's market is the demo");
    assert_eq!(world.count("select count(*) from carrier_addresses"), 0);
    assert_eq!(load_demo(unset.clone()).await, Ok(DemoOutcome::Loaded));
    assert!(!is_opened(&Config { production: true, ..unset.clone() }).await);
    assert!(!is_opened(&config_of(&world)).await, "real carriers are set up");
    assert!(is_opened(&unset).await);
    let communes = world.count("select count(*) from communes");
    assert_eq!(world.count("select count(*) from carrier_addresses"), 3 * communes);
    world.finish().await;
}
