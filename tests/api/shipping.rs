//! What delivery costs, who may carry what, and where a parcel is.

use chrono::TimeDelta;
use ocop_market::kernel::{ProducerId, Vnd};
use ocop_market::shipping::{self, Consignment, Service, TransportClass};
use serde_json::{Value, json};

use crate::support::money::Shop;
use crate::support::{Client, World, new_product};

/// Mèo Vạc, its neighbour Sủng Máng, Niêm Sơn of the same former district, Hà Giang 2.
const ORIGIN: &str = "00769";

fn question(destination: &str, weight_g: i64, classes: &[&str]) -> Value {
    json!({"origin": {"commune_code": ORIGIN}, "destination": {"commune_code": destination}, "weight_g": weight_g,
           "transport_classes": classes})
}

async fn ask(client: &Client, question: Value) -> Vec<(String, i64)> {
    let answer = client.post("/v1/producer/shipping-quotes", question).await.expect(200);
    let options = answer["options"].as_array().expect("options").iter();
    options.map(|o| (o["code"].as_str().expect("a code").to_owned(), o["fee_vnd"].as_i64().expect("a fee"))).collect()
}

/// A shop that brings nothing to anybody itself.
async fn shop(world: &World) -> Shop {
    let shop = world.shop(450_000, 20).await;
    shop.producer.client.put("/v1/producer/own-delivery", json!({"zones": []})).await.expect(200);
    shop
}

fn codes(options: &[(String, i64)]) -> Vec<&str> {
    options.iter().map(|(code, _)| code.as_str()).collect()
}

#[actix_web::test]
async fn a_fee_follows_from_zone_weight_and_class_and_the_cheapest_comes_first() {
    let world = World::start().await;
    let shop = shop(&world).await;
    let maker = &shop.producer.client;
    let near = ask(maker, question(ORIGIN, 2000, &["ambient"])).await;
    assert_eq!(
        near,
        [("pooled", 9_500), ("carrier:viettel_post", 16_000), ("carrier:ghn", 16_500), ("carrier:ghtk", 17_000)]
            .map(|(code, fee)| (code.to_owned(), fee))
    );
    let fee = |options: &[(String, i64)], code: &str| options.iter().find(|(c, _)| c == code).map(|(_, fee)| *fee);
    let bordering = world.text("select min(neighbour_code) from commune_borders where commune_code = '00769'");
    let district = world.text(
        "select min(code) from communes c where former_district_code = '027' and code <> '00769' and not exists (
            select from commune_borders b where least(c.code, '00769') = b.commune_code and greatest(c.code, '00769') = b.neighbour_code)",
    );
    for (destination, ghn) in [(ORIGIN, 16_500), (&*bordering, 18_500), (&*district, 20_500), ("00691", 22_000)] {
        assert_eq!(
            fee(&ask(maker, question(destination, 2000, &["ambient"])).await, "carrier:ghn"),
            Some(ghn),
            "{destination}"
        );
    }
    let heavy = ask(maker, question("00691", 2001, &["ambient"])).await;
    assert_eq!(fee(&heavy, "carrier:ghn"), Some(26_000), "one kilogram more");
    let fragile = ask(maker, question("00691", 2000, &["ambient", "fragile", "ambient"])).await;
    assert_eq!(fee(&fragile, "carrier:ghn"), Some(26_500), "the dearest class decides");
    assert_eq!(codes(&ask(maker, question("00691", 19_999, &["ambient"])).await).len(), 4);
    assert_eq!(
        fee(&ask(maker, question("00691", 20_000, &["ambient"])).await, "carrier:ghtk"),
        None,
        "too heavy for GHTK"
    );
    assert_eq!(codes(&ask(maker, question("00691", 30_001, &["ambient"])).await), ["pooled"]);
    assert!(ask(maker, question("00691", 300_001, &["ambient"])).await.is_empty());
    world.finish().await;
}

#[actix_web::test]
async fn goods_are_never_offered_to_who_refuses_them() {
    let world = World::start().await;
    let shop = shop(&world).await;
    for class in TransportClass::ALL {
        for with in [&["ambient"][..], &["fragile"], &[]] {
            let classes: Vec<&str> = with.iter().copied().chain([class.as_str()]).collect();
            for weight in [1, 1500, 25_000] {
                let options = ask(&shop.producer.client, question("00691", weight, &classes)).await;
                for (code, _) in options {
                    let name = code.strip_prefix("carrier:").unwrap_or(&code);
                    let service = Service::parse(name).expect("a service");
                    assert!(service.accepts(*class), "{code} is offered {classes:?}");
                }
            }
        }
    }
    assert_eq!(
        codes(&ask(&shop.producer.client, question("00691", 900, &["fresh_short"])).await),
        ["pooled", "carrier:viettel_post"]
    );
    assert!(ask(&shop.producer.client, question("00691", 900, &["frozen"])).await.is_empty(), "nobody has a freezer");
    // Not even a tariff can say otherwise, be it written by the operator or by hand.
    let mut tariff = tariff("ghn", "2099-01-01");
    tariff["rows"][0]["transport_classes"] = json!(["ambient", "frozen"]);
    let fault = shop.operator.post("/v1/operator/shipping-tariffs", tariff).await.refused(422, "invalid_input");
    assert_eq!(fault["errors"][0]["pointer"], "/rows/0/transport_classes/1");
    world.database.execute(
        "insert into shipping_tariff_steps select id, 'same_province', 'frozen', 30000, 1, 1, 1 from shipping_tariffs where service = 'ghn'",
    );
    assert!(ask(&shop.producer.client, question("00691", 900, &["frozen"])).await.is_empty());
    world.finish().await;
}

fn tariff(service: &str, from: &str) -> Value {
    json!({"service": service, "effective_from": from, "note": "Hợp đồng mới", "rows": [
        {"zone": "same_commune", "transport_classes": ["ambient", "fragile"], "days_min": 1, "days_max": 2,
         "steps": [{"weight_g_max": 1000, "fee_vnd": 11_000}, {"weight_g_max": 5000, "fee_vnd": 21_000}]}]})
}

#[actix_web::test]
async fn a_tariff_begins_on_its_day_and_the_old_one_is_kept() {
    let world = World::start().await;
    let shop = shop(&world).await;
    let today = ocop_market::kernel::time::vietnam_day(world.app.db.clock.now());
    let tomorrow = (today + TimeDelta::days(1)).to_string();
    let new = shop.operator.post("/v1/operator/shipping-tariffs", tariff("ghn", &tomorrow)).await.expect(201);
    assert_eq!(new["steps"].as_array().map(Vec::len), Some(4));
    let fee =
        |options: Vec<(String, i64)>| options.into_iter().find(|(code, _)| code == "carrier:ghn").map(|(_, fee)| fee);
    let ours = || question(ORIGIN, 900, &["ambient"]);
    assert_eq!(fee(ask(&shop.producer.client, ours()).await), Some(16_500));
    shop.operator
        .post("/v1/operator/shipping-tariffs", tariff("ghn", &tomorrow))
        .await
        .refused(409, "shipping.tariff_exists");
    let yesterday = (today - TimeDelta::days(1)).to_string();
    let late = shop
        .operator
        .post("/v1/operator/shipping-tariffs", tariff("ghn", &yesterday))
        .await
        .refused(422, "invalid_input");
    assert_eq!(late["errors"][0]["pointer"], "/effective_from");
    world.pass(TimeDelta::days(1));
    let (_, producer) = world.session("0911111111", "producer", TimeDelta::zero());
    assert_eq!(fee(ask(&producer, ours()).await), Some(11_000));
    let far = question("00691", 900, &["ambient"]);
    assert_eq!(fee(ask(&producer, far).await), None, "what a tariff does not name is not served");
    let (_, operator) = world.session("0900000001", "operator", TimeDelta::zero());
    let kept = operator.get("/v1/operator/shipping-tariffs?service=ghn").await.expect(200);
    assert_eq!(kept["data"].as_array().map(Vec::len), Some(2), "{kept}");
    world.finish().await;
}

#[actix_web::test]
async fn a_tariff_that_cannot_be_is_refused_with_every_fault() {
    let world = World::start().await;
    let operator = world.operator().await;
    let body = json!({"service": "ghtk", "effective_from": "2020-01-01", "rows": [
        {"zone": "same_commune", "transport_classes": ["ambient", "ambient", "live"], "days_min": 3, "days_max": 2,
         "steps": [{"weight_g_max": 1000, "fee_vnd": 20_000}, {"weight_g_max": 1000, "fee_vnd": 10_000}, {"weight_g_max": 20_000, "fee_vnd": 30_000}]},
        {"zone": "same_commune", "transport_classes": ["ambient"], "days_min": 1, "days_max": 2, "steps": []}]});
    let refused = operator.post("/v1/operator/shipping-tariffs", body).await.refused(422, "invalid_input");
    let mut pointers: Vec<&str> =
        refused["errors"].as_array().expect("faults").iter().filter_map(|e| e["pointer"].as_str()).collect();
    pointers.sort_unstable();
    assert_eq!(
        pointers,
        [
            "/effective_from",
            "/rows/0/days_max",
            "/rows/0/steps/1/fee_vnd",
            "/rows/0/steps/1/weight_g_max",
            "/rows/0/steps/2/weight_g_max",
            "/rows/0/transport_classes/1",
            "/rows/0/transport_classes/2",
            "/rows/1/steps",
            "/rows/1/transport_classes/0",
        ]
    );
    world.finish().await;
}

#[actix_web::test]
async fn a_producer_brings_goods_himself_where_he_says_so_and_much_for_nothing() {
    let world = World::start().await;
    let shop = shop(&world).await;
    let maker = &shop.producer.client;
    let zones = json!({"zones": [
        {"zone": "same_commune", "fee_vnd": 5_000, "free_from_vnd": 300_000, "weight_g_max": 20_000, "days_min": 0, "days_max": 1},
        {"zone": "same_province", "fee_vnd": 40_000, "weight_g_max": 50_000, "days_min": 1, "days_max": 3}]});
    let put = maker.put("/v1/producer/own-delivery", zones).await.expect(200);
    assert_eq!(put, maker.get("/v1/producer/own-delivery").await.expect(200));
    let mut asked = question(ORIGIN, 2000, &["frozen"]);
    assert_eq!(ask(maker, asked.clone()).await, [("own".to_owned(), 5_000)]);
    asked["goods_vnd"] = json!(300_000);
    assert_eq!(ask(maker, asked.clone()).await, [("own".to_owned(), 0)]);
    asked["weight_g"] = json!(20_001);
    assert!(ask(maker, asked).await.is_empty());
    let twice = json!({"zones": [
        {"zone": "same_commune", "fee_vnd": 5_000, "weight_g_max": 20_000, "days_min": 2, "days_max": 1},
        {"zone": "same_commune", "fee_vnd": 5_000, "weight_g_max": 20_000, "days_min": 0, "days_max": 1}]});
    let refused = maker.put("/v1/producer/own-delivery", twice).await.refused(422, "invalid_input");
    assert_eq!(refused["errors"].as_array().map(Vec::len), Some(2), "{refused}");
    maker.put("/v1/producer/own-delivery", json!({"zones": []})).await.expect(200);
    assert!(ask(maker, question(ORIGIN, 2000, &["frozen"])).await.is_empty());
    world.finish().await;
}

#[actix_web::test]
async fn goods_are_fetched_at_stalls_of_their_producer_and_at_hubs_near_the_buyer() {
    let world = World::start().await;
    let shop = shop(&world).await;
    let other = world.producer(&shop.operator, "0922222222", "HTX chè Đồng Văn", "00721").await;
    let point = |commune: &str, keeps_cold: bool| json!({"name": "Quầy ở chợ", "place": {"commune_code": commune}, "address": "Tổ 2", "opening": "7 giờ đến 17 giờ", "keeps_cold": keeps_cold});
    let id = |made: &Value| format!("pickup:{}", made["id"].as_str().expect("an id"));
    let stall = shop.producer.client.post("/v1/producer/pickup-points", point(ORIGIN, true)).await.expect(201);
    let foreign = other.client.post("/v1/producer/pickup-points", point(ORIGIN, true)).await.expect(201);
    let near = shop.operator.post("/v1/operator/pickup-points", point("00721", false)).await.expect(201);
    let far = shop.operator.post("/v1/operator/pickup-points", point("00691", true)).await.expect(201);
    let points = |options: Vec<(String, i64)>| -> Vec<String> {
        let mut points: Vec<String> = options
            .into_iter()
            .filter(|(code, fee)| code.starts_with("pickup:") && *fee == 0)
            .map(|(code, _)| code)
            .collect();
        points.sort();
        points
    };
    let maker = &shop.producer.client;
    assert_eq!(points(ask(maker, question("00721", 900, &["ambient"])).await), [id(&stall), id(&near)]);
    assert_eq!(points(ask(maker, question("00721", 900, &["frozen"])).await), [id(&stall)], "no freezer at the hub");
    assert_eq!(points(ask(maker, question("00691", 900, &["frozen"])).await), [id(&stall), id(&far)]);
    let listed = world.visitor().get("/v1/public/pickup-points?commune_code=00769").await.expect(200);
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(2));
    let path = format!("/v1/producer/pickup-points/{}", stall["id"].as_str().expect("an id"));
    let patch = |client: Client, version: &'static str| {
        let path = path.clone();
        async move {
            let headers = [("content-type", "application/json"), ("if-match", version)];
            client.send(reqwest::Method::PATCH, &path, &headers, Some(json!({"closed": true}).to_string())).await
        }
    };
    patch(other.client.clone(), "\"1\"").await.refused(404, "not_found");
    patch(maker.clone(), "\"2\"").await.refused(412, "version_stale");
    assert!(!patch(maker.clone(), "\"1\"").await.expect(200)["closed_at"].is_null());
    assert_eq!(points(ask(maker, question("00721", 900, &["ambient"])).await), [id(&near)], "{}", id(&foreign));
    world.finish().await;
}

#[actix_web::test]
async fn all_consignments_of_a_purchase_are_asked_for_at_once() {
    let world = World::start().await;
    let shop = shop(&world).await;
    let producer_id = ProducerId(shop.producer.id.parse().expect("an id"));
    let commune = |code: &str| ocop_market::places::CommuneCode::parse(code).expect("a code");
    let consignment = move |destination: &str, weight_g: i64, classes: &[TransportClass]| Consignment {
        producer_id,
        origin_commune: commune(ORIGIN),
        destination_commune: commune(destination),
        weight_g,
        classes: classes.iter().copied().collect(),
        goods_vnd: Vnd::ZERO,
    };
    let found = world
        .look(move |tx| {
            let all = [
                consignment("00721", 900, &[]),
                consignment("00691", 900, &[TransportClass::Frozen]),
                consignment("00691", 900, &[TransportClass::FreshShort, TransportClass::Fragile]),
                consignment("99999", 900, &[]),
            ];
            let none = shipping::options(tx, &[])?;
            assert!(none.is_empty());
            shipping::options(tx, &all)
        })
        .await;
    let counts: Vec<usize> = found.iter().map(Vec::len).collect();
    assert_eq!(counts, [4, 0, 2, 0], "{found:?}");
    world.finish().await;
}

#[actix_web::test]
async fn a_product_says_how_it_must_be_carried_and_a_spirit_burns() {
    let world = World::start().await;
    let shop = shop(&world).await;
    let maker = &shop.producer.client;
    let make = |set: i64, class: Option<&str>| {
        let mut body = new_product("Rượu ngô men lá", 90_000, 3);
        body["product_set"] = json!(set);
        body["transport_class"] = json!(class);
        maker.post("/v1/producer/products", body)
    };
    assert_eq!(make(4, None).await.expect(201)["transport_class"], "ambient");
    assert_eq!(make(4, Some("chilled")).await.expect(201)["transport_class"], "chilled");
    for set in [14, 15] {
        assert_eq!(make(set, None).await.expect(201)["transport_class"], "liquid_flammable");
        let refused = make(set, Some("ambient")).await.refused(422, "invalid_input");
        assert_eq!(refused["errors"][0]["pointer"], "/transport_class");
    }
    let honey = make(4, None).await.expect(201);
    let path = format!("/v1/producer/products/{}", honey["id"].as_str().expect("an id"));
    let patch = |version: &'static str, body: Value| {
        let (maker, path) = (maker.clone(), path.clone());
        async move {
            let headers = [("content-type", "application/json"), ("if-match", version)];
            maker.send(reqwest::Method::PATCH, &path, &headers, Some(body.to_string())).await
        }
    };
    assert_eq!(patch("\"1\"", json!({"transport_class": "fragile"})).await.expect(200)["transport_class"], "fragile");
    assert_eq!(patch("\"2\"", json!({"product_set": 14})).await.expect(200)["transport_class"], "liquid_flammable");
    patch("\"3\"", json!({"transport_class": "ambient"})).await.refused(422, "invalid_input");
    let kept = maker.get(&path).await.expect(200);
    assert_eq!((&kept["transport_class"], &kept["product_set"]), (&json!("liquid_flammable"), &json!(14)));
    world.finish().await;
}
