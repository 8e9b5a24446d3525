//! What the document promises beyond the shape of answers, tried on the running server.

use chrono::TimeDelta;
use ocop_market::routes;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::conformance::resolved;
use crate::support::{Client, Reply, World, new_key, registration};

struct Operation {
    method: Method,
    path: String,
    content: &'static Value,
}

impl Operation {
    fn names_parameter(&self, component: &str) -> bool {
        let wanted = json!(format!("#/components/parameters/{component}"));
        self.content["parameters"].as_array().into_iter().flatten().any(|parameter| parameter["$ref"] == wanted)
    }

    fn query(&self) -> Vec<&str> {
        let parameters = self.content["parameters"].as_array().into_iter().flatten();
        parameters.filter(|p| p["in"] == "query").filter_map(|p| p["name"].as_str()).collect()
    }

    /// Asks as the first role that may, with the example body, for a row that is not there.
    async fn call(&self, world: &World, query: &str, headers: &[(&str, &str)]) -> Reply {
        let body = self.content.pointer("/requestBody/content/application~1json/example").map(ToString::to_string);
        self.ask(world, query, headers, body).await
    }

    async fn ask(&self, world: &World, query: &str, headers: &[(&str, &str)], body: Option<String>) -> Reply {
        let client = match self.content["x-roles"][0].as_str() {
            Some("anonymous") | None => world.visitor(),
            Some(role) => world.session("0977777777", role, TimeDelta::zero()).1,
        };
        let path = self.path.replace("{id}", &uuid::Uuid::now_v7().to_string()).replace("{code}", "00000");
        let all = [&[("content-type", "application/json"), ("if-match", "\"1\"")], headers].concat();
        client.send(self.method.clone(), &format!("{path}{query}"), &all, body).await
    }
}

fn operations() -> Vec<Operation> {
    let paths = routes::document()["paths"].as_object().expect("paths");
    let mut found = Vec::new();
    for (path, item) in paths.iter().filter(|(path, _)| !path.starts_with("/v1/callbacks/")) {
        for (method, content) in item.as_object().expect("an item") {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
            found.push(Operation { method, path: path.clone(), content });
        }
    }
    found
}

#[actix_web::test]
async fn a_key_is_asked_for_exactly_where_the_document_asks_for_it() {
    let world = World::start().await;
    let mut required = 0;
    for operation in operations().iter().filter(|operation| operation.method != Method::GET) {
        let without = operation.call(&world, "", &[]).await;
        let is_missed = without.json["code"] == "idempotency_key_missing";
        assert_eq!(
            is_missed,
            operation.names_parameter("IdempotencyKeyRequired"),
            "{} {}",
            without.text,
            operation.path
        );
        required += usize::from(is_missed);
        let short = operation.call(&world, "", &[("idempotency-key", "short")]).await;
        assert_eq!(
            (short.status, &short.json["code"]),
            (400, &json!("idempotency_key_malformed")),
            "{}",
            operation.path
        );
    }
    assert!(required > 10, "{required}");
    world.finish().await;
}

#[actix_web::test]
async fn lists_take_the_parameters_of_the_document_and_no_other() {
    let world = World::start().await;
    for operation in operations().iter().filter(|operation| !operation.query().is_empty()) {
        let fault = operation.call(&world, "?unheard_of=1", &[]).await.refused(422, "invalid_input");
        let known = fault["errors"][0]["expected"].as_str().expect("a list").split(", ").collect::<Vec<_>>();
        assert_eq!(known, operation.query(), "{}", operation.path);
    }
    world.finish().await;
}

async fn patch(client: &Client, path: &str, version: &str, body: Value) -> Reply {
    let headers = [("content-type", "application/json"), ("if-match", version), ("idempotency-key", &new_key())];
    client.send(Method::PATCH, path, &headers, Some(body.to_string())).await
}

#[actix_web::test]
async fn what_is_no_version_is_answered_with_the_current_one_after_the_body_was_read() {
    let world = World::start().await;
    let household = world.sign_in("0911111112", "producer").await;
    household.post("/v1/producer/registration", registration("Hộ nuôi ong", "00769")).await.expect(201);
    for version in ["\"7\"", "none", "*", "", "\"99999999999999999999\""] {
        let stale = patch(&household, "/v1/producer/profile", version, json!({"name": "Hộ khác"})).await;
        assert_eq!(stale.refused(412, "version_stale")["current"]["name"], "Hộ nuôi ong", "{version:?}");
        let wrong = patch(&household, "/v1/producer/profile", version, json!({"name": 1})).await;
        wrong.refused(422, "invalid_input");
    }
    world.finish().await;
}

#[actix_web::test]
async fn what_a_problem_says_of_a_row_does_not_replace_what_it_says_of_itself() {
    let world = World::start().await;
    let shop = world.shop(450_000, 20).await;
    let publish = format!("/v1/operator/products/{}/publish", shop.product.id);
    let refused = shop.operator.post(&publish, json!({})).await;
    assert_eq!(refused.text.matches("\"status\":").count(), 1, "{}", refused.text);
    let problem = refused.refused(409, "catalog.action_not_allowed");
    assert_eq!((&problem["status"], &problem["current_status"]), (&json!(409), &json!("published")));
    world.finish().await;
}

#[actix_web::test]
async fn a_cart_that_costs_more_than_any_amount_is_shown_and_not_bought() {
    let world = World::start().await;
    let shop = world.shop(1_000_000_000, 10_000).await;
    let buyer = world.buyer("0933333335").await;
    let line = format!("/v1/buyer/cart/lines/{}", shop.product.variant_id);
    for quantity in [10_000, 100] {
        let cart = buyer.put(&line, json!({"quantity": quantity})).await.expect(200);
        let is_payable = quantity == 100;
        assert_eq!(cart["can_be_bought"], is_payable, "{cart}");
        assert_eq!(cart["producers"][0]["lines"][0]["total_vnd"], 100_000_000_000_i64);
        assert_eq!(buyer.get("/v1/buyer/cart").await.expect(200)["can_be_bought"], is_payable);
    }
    buyer.put(&line, json!({"quantity": 101})).await.expect(200);
    buyer.quote(json!({"commune_code": "00721"})).await.refused(409, "orders.total_too_large");
    world.finish().await;
}

#[actix_web::test]
async fn a_code_that_nothing_has_is_named_where_it_stands() {
    let world = World::start().await;
    let buyer = world.buyer("0933333335").await;
    let problem = buyer.quote(json!({"commune_code": "99999"})).await.refused(422, "invalid_input");
    assert_eq!(problem["errors"][0]["pointer"], "/commune_code");
    world.finish().await;
}

#[actix_web::test]
async fn a_hundred_faults_are_named_and_it_is_said_when_there_are_more() {
    const ADDRESSES: &str = "/v1/operator/carrier-addresses";
    let world = World::start().await;
    let operator = world.operator().await;
    // Each names two faults, but for the first: nothing came before it.
    let row = json!({"commune_code": "00721", "district_code": "x", "ward_code": "1"});
    let rows = |rows: usize| json!({"carrier": "ghn", "rows": vec![row.clone(); rows]});
    for (sent, named, are_there_more) in [(50, 99, false), (51, 100, true), (100, 100, true)] {
        let problem = operator.post(ADDRESSES, rows(sent)).await.refused(422, "invalid_input");
        let faults = problem["errors"].as_array().expect("faults");
        assert_eq!((faults.len(), &faults[0]["pointer"]), (named, &json!("/rows/0/district_code")));
        assert_eq!(problem.get("has_more_errors"), are_there_more.then_some(&json!(true)), "{sent} rows");
    }
    for (fields, are_there_more) in [(100, false), (101, true), (400, true)] {
        let mut body = json!({"carrier": "ghn", "rows": []});
        body.as_object_mut().expect("a body").extend((0..fields).map(|field| (format!("x{field}"), json!(0))));
        let problem = operator.post(ADDRESSES, body).await.refused(422, "invalid_input");
        assert_eq!(problem["errors"].as_array().map(Vec::len), Some(100));
        assert_eq!(problem.get("has_more_errors"), are_there_more.then_some(&json!(true)), "{fields} fields");
    }
    world.finish().await;
}

/// Where lists stand in a body, with how long they may be: `rows`, then `0`, then `steps`.
fn lists(schema: &'static Value, place: &[&'static str], found: &mut Vec<(Vec<&'static str>, u64)>) {
    let schema = resolved(schema);
    if let Some(most) = schema["maxItems"].as_u64() {
        found.push((place.to_vec(), most));
    }
    let parts = ["oneOf", "allOf"].iter().filter_map(|parts| schema[*parts].as_array()).flatten();
    for part in parts {
        lists(part, place, found);
    }
    if !schema["items"].is_null() {
        lists(&schema["items"], &[place, &["0"]].concat(), found);
    }
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        lists(field, &[place, &[name]].concat(), found);
    }
}

#[actix_web::test]
async fn no_list_in_a_body_is_longer_than_the_document_says() {
    let world = World::start().await;
    let mut tried = 0;
    for operation in operations() {
        let mut found = Vec::new();
        lists(&operation.content["requestBody"]["content"]["application/json"]["schema"], &[], &mut found);
        for (place, most) in found {
            let body =
                place.iter().rev().fold(json!(vec![Value::Null; most as usize + 1]), |inner, step| match *step {
                    "0" => json!([inner]),
                    name => json!({ name: inner }),
                });
            let reply = operation.ask(&world, "", &[], Some(body.to_string())).await.refused(422, "invalid_input");
            let (pointer, expected) = (format!("/{}", place.join("/")), most.to_string());
            let fault = json!({"pointer": pointer, "code": "too_long", "expected": expected});
            let faults = reply["errors"].as_array().expect("faults");
            assert!(faults.contains(&fault), "{}: {fault} is not in {reply}", operation.path);
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried}");
    world.finish().await;
}
