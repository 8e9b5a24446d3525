//! The demo market.

use ocop_market::cli::{DemoOutcome, load_demo};
use ocop_market::config::Config;
use serde_json::json;

use crate::support::World;

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
