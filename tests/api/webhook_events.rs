//! What other systems are told besides the steps of orders and claims: once each time, at the moment when it happens, and
//! only those whom it concerns.

use serde_json::{Value, json};

use crate::support::{Client, Producer, World, new_product, registration};

/// The platform's systems, a producer that something happens to, and another one, all of whom want to know everything.
struct Scene {
    world: World,
    operator: Client,
    producer: Producer,
}

async fn wants_everything(client: &Client, surface: &str) {
    let made = json!({"url": "http://127.0.0.1:9/"});
    client.post(&format!("/v1/{surface}/webhook-endpoints"), made).await.expect(201);
}

impl Scene {
    async fn start() -> Scene {
        let world = World::start().await;
        let operator = world.operator().await;
        let producer = world.producer(&operator, "0911111111", "Hộ nuôi ong Mèo Vạc", "00769").await;
        let other = world.producer(&operator, "0922222222", "HTX Chè Lũng Phìn", "00721").await;
        world.run_jobs().await;
        wants_everything(&operator, "operator").await;
        wants_everything(&producer.client, "producer").await;
        wants_everything(&other.client, "producer").await;
        world.database.execute("delete from webhook_events");
        Scene { world, operator, producer }
    }

    /// What has happened since the beginning, with what is told of it; the endpoints that hear of it are those of the
    /// operator and of the producer.
    fn events(&self, kind: &str) -> Vec<Value> {
        let of_kind = format!("event_type = '{kind}'");
        let told = "select string_agg(d.to_whom, ' ' order by d.to_whom) from (select e.id, \
                    coalesce((x.producer_id = e.producer_id)::text, 'operator') as to_whom from webhook_events e \
                    join webhook_deliveries x on x.event_id = e.id) d where d.id = v.id";
        let wrong = format!(
            "select count(*) from webhook_events v where {of_kind} and ({told}) is distinct from 'operator true'"
        );
        assert_eq!(self.world.count(&wrong), 0, "{kind} is told to somebody else, or not to everybody");
        let bodies =
            format!("select coalesce(json_agg(body::json order by id), '[]') from webhook_events where {of_kind}");
        let bodies: Vec<Value> = serde_json::from_str(&self.world.text(&bodies)).expect("JSON");
        assert!(bodies.iter().all(|body| body["type"] == kind && body["timestamp"].is_string()), "{bodies:?}");
        bodies.into_iter().map(|body| body["data"].clone()).collect()
    }
}

#[actix_web::test]
async fn a_producer_is_approved_once_and_other_decisions_are_nobodys_business() {
    let world = World::start().await;
    let operator = world.operator().await;
    wants_everything(&operator, "operator").await;
    let client = world.sign_in("0911111111", "producer").await;
    let made = client.post("/v1/producer/registration", registration("Hộ nuôi ong Mèo Vạc", "00769")).await.expect(201);
    let id = made["id"].as_str().expect("an id");
    let decide = |verb: &str| format!("/v1/operator/producers/{id}/{verb}");
    client.post("/v1/producer/profile/submit", json!({})).await.expect(200);
    operator.post(&decide("request-changes"), json!({"reason": "Thiếu giấy tờ."})).await.expect(200);
    world.run_jobs().await;
    assert_eq!(world.count("select count(*) from webhook_events"), 0);
    client.post("/v1/producer/profile/submit", json!({})).await.expect(200);
    operator.post(&decide("approve"), json!({})).await.expect(200);
    operator.post(&decide("approve"), json!({})).await.refused(409, "producers.action_not_allowed");
    world.run_jobs().await;
    let body: Value = serde_json::from_str(&world.text("select body from webhook_events")).expect("JSON");
    assert_eq!(body["type"], "producer.approved");
    let told = json!({"producer_id": id, "name": "Hộ nuôi ong Mèo Vạc", "kind": made["kind"], "status": "approved",
                      "residence_commune_code": "00769", "production_commune_code": "00769"});
    assert_eq!(body["data"], told);
    assert_eq!(world.count("select count(*) from webhook_deliveries"), 1);
    world.finish().await;
}

#[actix_web::test]
async fn a_product_is_published_again_after_each_change_of_it() {
    let scene = Scene::start().await;
    let client = &scene.producer.client;
    let made = client.post("/v1/producer/products", new_product("Mật ong bạc hà", 450_000, 5)).await.expect(201);
    let id = made["id"].as_str().expect("an id");
    let submit = format!("/v1/producer/products/{id}/submit");
    let publish = format!("/v1/operator/products/{id}/publish");
    client.post(&submit, json!({})).await.expect(200);
    assert!(scene.events("product.published").is_empty());
    let first = scene.operator.post(&publish, json!({})).await.expect(200);
    scene.operator.post(&publish, json!({})).await.refused(409, "catalog.action_not_allowed");
    let told = |title: &str, version: &Value| {
        json!({"product_id": id, "producer_id": scene.producer.id, "title": title, "version": version,
               "product_set": made["product_set"], "origin_commune_code": made["origin_commune_code"],
               "status": "published"})
    };
    assert_eq!(scene.events("product.published"), [told("Mật ong bạc hà", &first["version"])], "with the deed itself");
    client.post(&format!("/v1/producer/products/{id}/pause"), json!({})).await.expect(200);
    client.post(&format!("/v1/producer/products/{id}/resume"), json!({})).await.expect(200);
    let path = format!("/v1/producer/products/{id}");
    let version = format!("\"{}\"", client.get(&path).await.expect(200)["version"]);
    let headers = [("content-type", "application/json"), ("if-match", version.as_str())];
    let change = json!({"title": "Mật ong rừng"}).to_string();
    client.send(reqwest::Method::PATCH, &path, &headers, Some(change)).await.expect(200);
    let second = scene.operator.post(&publish, json!({})).await.expect(200);
    let both = [told("Mật ong bạc hà", &first["version"]), told("Mật ong rừng", &second["version"])];
    assert_eq!(scene.events("product.published"), both);
    scene.world.finish().await;
}

#[actix_web::test]
async fn a_recall_of_a_lot_is_told_with_the_recall() {
    let scene = Scene::start().await;
    let (client, operator) = (&scene.producer.client, &scene.operator);
    let product = scene.world.product(operator, &scene.producer, "Mật ong bạc hà", (450_000, 5)).await;
    let new = json!({"code": "MO-1", "harvested_on": "2026-11-20"});
    let lot = client.post(&format!("/v1/producer/products/{}/lots", product.id), new).await.expect(201);
    let id = lot["id"].as_str().expect("an id");
    let why = json!({"reason": "Nhãn in sai"});
    operator.post(&format!("/v1/operator/lots/{id}/recall"), why.clone()).await.expect(200);
    client.post(&format!("/v1/producer/lots/{id}/recall"), why).await.refused(409, "stock.lot_action_not_allowed");
    let told = json!({"lot_id": id, "lot_code": "MO-1", "product_id": product.id, "producer_id": scene.producer.id,
                      "harvested_on": "2026-11-20", "expires_on": null, "status": "recalled",
                      "status_reason": "Nhãn in sai"});
    assert_eq!(scene.events("lot.recalled"), [told]);
    scene.world.finish().await;
}

#[actix_web::test]
async fn a_complaint_is_told_without_who_complains_and_in_which_words() {
    let scene = Scene::start().await;
    let world = &scene.world;
    let product = world.product(&scene.operator, &scene.producer, "Mật ong bạc hà", (450_000, 5)).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &product, 1, "bank_transfer").await;
    world.sepay(1, &due.reference, due.total).await.expect(200);
    let path = format!("/v1/buyer/orders/{}/complaints", due.order_id());
    let grievance = json!({"kind": "quality", "text": "Mật ong bị chua.", "client_ref": crate::support::new_key(),
                           "vulnerable_reason": "elderly"});
    let made = buyer.post(&path, grievance.clone()).await.expect(201);
    assert_eq!(buyer.post(&path, grievance).await.expect(200)["id"], made["id"]);
    let told = json!({"complaint_id": made["id"], "complaint_code": made["code"], "order_id": due.order_id(),
                      "producer_id": scene.producer.id, "kind": "quality", "status": "received",
                      "received_on": made["received_on"], "due_on": made["due_on"]});
    assert_eq!(scene.events("complaint.received"), [told]);
    scene.world.finish().await;
}

#[actix_web::test]
async fn a_complaint_of_an_order_that_was_never_paid_is_the_operators_alone() {
    let scene = Scene::start().await;
    let world = &scene.world;
    let product = world.product(&scene.operator, &scene.producer, "Mật ong bạc hà", (450_000, 5)).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &product, 1, "bank_transfer").await;
    let path = format!("/v1/buyer/orders/{}/complaints", due.order_id());
    buyer.post(&path, json!({"kind": "quality", "text": "Không thanh toán được."})).await.expect(201);
    let of_complaint = "from webhook_deliveries d join webhook_events e on e.id = d.event_id \
                        where e.event_type = 'complaint.received'";
    assert_eq!(world.count(&format!("select count(*) {of_complaint}")), 1);
    assert_eq!(world.count(&format!("select count(*) {of_complaint} and d.producer_id is null")), 1);
    scene.world.finish().await;
}
