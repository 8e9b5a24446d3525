//! Claims for what was delivered: what is owed for them, who decides, and who wins when two act at once.

use std::time::Duration;

use chrono::TimeDelta;
use ocop_market::jobs::Job;
use serde_json::{Value, json};

use crate::support::money::Shop;
use crate::support::principals::{Watch, texts};
use crate::support::{Client, Reply, World, new_key};

const BUYER: &str = "0933333333";
const PRICE: i64 = 120_000;

/// A world with an order of three jars that was delivered; the way costs 10,000 đồng.
struct Delivered {
    world: World,
    shop: Shop,
    buyer: Client,
    order_id: String,
}

impl Delivered {
    async fn new() -> Delivered {
        let world = World::start().await;
        let shop = world.shop(PRICE, 500).await;
        let zones = ["same_commune", "bordering_commune", "same_district", "same_province", "other_province"];
        let zone =
            |zone| json!({"zone": zone, "fee_vnd": 10_000, "weight_g_max": 10_000_000, "days_min": 0, "days_max": 3});
        shop.producer.client.put("/v1/producer/own-delivery", json!({"zones": zones.map(zone)})).await.expect(200);
        let buyer = world.buyer(BUYER).await;
        buyer.put_in_cart(&shop.product.variant_id, 3).await;
        let checkout = buyer.check_out(3 * PRICE + 10_000).await.expect(201);
        let attempt = buyer.start_attempt(&checkout, "bank_transfer").await;
        world.sepay(1, attempt["reference"].as_str().expect("a reference"), 3 * PRICE + 10_000).await.expect(200);
        let order_id = checkout["orders"][0]["id"].as_str().expect("an order").to_owned();
        for step in ["accept", "pack", "hand-over", "deliver"] {
            let path = format!("/v1/producer/orders/{order_id}/{step}");
            shop.producer.client.post(&path, json!({})).await.expect(200);
        }
        world.run_jobs().await;
        Delivered { world, shop, buyer, order_id }
    }

    fn demand(&self, quantity: i64) -> Value {
        json!({"kind": "missing", "text": "Thiếu hàng trong thùng.", "wish": "refund",
               "lines": [{"variant_id": self.shop.product.variant_id, "quantity": quantity}]})
    }

    async fn send(&self, demand: Value) -> Reply {
        self.buyer.post(&format!("/v1/buyer/orders/{}/claims", self.order_id), demand).await
    }

    async fn claim(&self, quantity: i64) -> String {
        id_of(&self.send(self.demand(quantity)).await.expect(201))
    }

    async fn buyer_does(&self, claim: &str, verb: &str, body: Value) -> Reply {
        self.buyer.post(&format!("/v1/buyer/claims/{claim}/{verb}"), body).await
    }

    async fn producer_does(&self, claim: &str, verb: &str, body: Value) -> Reply {
        self.shop.producer.client.post(&format!("/v1/producer/claims/{claim}/{verb}"), body).await
    }

    async fn decide(&self, claim: &str, amount: i64) -> Reply {
        let body = json!({"amount_vnd": amount, "text": "Theo ảnh của hai bên."});
        self.shop.operator.post(&format!("/v1/operator/claims/{claim}/decide"), body).await
    }

    /// Status of the order and what is owed of it.
    fn order(&self) -> String {
        self.world.text(&format!("select status || ' ' || refunded_vnd from orders where id = '{}'", self.order_id))
    }

    /// What is owed and why, as the queue of refunds has it.
    async fn owed(&self) -> String {
        self.world.run_jobs().await;
        self.world.text(
            "select string_agg(f.cause || ' ' || r.amount_vnd, ',' order by r.id) from payment_reviews r \
             join order_refunds f on f.id = r.refund_id",
        )
    }
}

fn id_of(claim: &Value) -> String {
    claim["id"].as_str().expect("an id").to_owned()
}

fn text() -> Value {
    json!({"text": "Hàng được gói kỹ, có ảnh."})
}

fn offer(amount: i64) -> Value {
    json!({"amount_vnd": amount, "text": "Xin hoàn một phần."})
}

#[actix_web::test]
async fn a_part_that_the_producer_accepts_is_owed_and_the_parties_read_how() {
    let delivered = Delivered::new().await;
    let claim = delivered.send(delivered.demand(1)).await.expect(201);
    assert_eq!((&claim["claimed_vnd"], &claim["shipping_vnd"]), (&json!(PRICE), &json!(0)));
    assert_eq!((&claim["status"], &claim["allowed_actions"]), (&json!("open"), &json!(["withdraw"])));
    assert_eq!(delivered.order(), "disputed 0");
    let id = id_of(&claim);
    let producer = &delivered.shop.producer.client;
    let seen = producer.get("/v1/producer/claims").await.expect(200);
    assert_eq!(seen["data"][0]["allowed_actions"], json!(["accept", "offer", "ask-return", "contest"]));
    let settled = delivered.producer_does(&id, "accept", json!({})).await.expect(200);
    assert_eq!((&settled["status"], &settled["granted_vnd"]), (&json!("settled"), &json!(PRICE)));
    assert_eq!(delivered.order(), "partially_refunded 120000");
    assert_eq!(delivered.owed().await, "claim 120000");
    let listed = delivered.buyer.get(&format!("/v1/buyer/orders/{}/claims", delivered.order_id)).await.expect(200);
    let events = listed["data"][0]["events"].as_array().expect("events");
    let told: Vec<_> =
        events.iter().map(|e| (e["event"].as_str().unwrap(), e["actor_role"].as_str().unwrap())).collect();
    assert_eq!(told, [("open", "buyer"), ("accept", "producer")]);
    let notices = "select string_agg(topic, ',' order by topic) from notices where topic like 'claim%'";
    assert_eq!(delivered.world.text(notices), "claim_decided,claim_opened");
    delivered.world.finish().await;
}

#[actix_web::test]
async fn who_claims_everything_claims_the_way_too_and_the_sale_is_undone() {
    let delivered = Delivered::new().await;
    let claim = delivered.send(delivered.demand(3)).await.expect(201);
    assert_eq!((&claim["claimed_vnd"], &claim["shipping_vnd"]), (&json!(370_000), &json!(10_000)));
    delivered.producer_does(&id_of(&claim), "accept", json!({})).await.expect(200);
    assert_eq!(delivered.order(), "refunded 370000");
    assert_eq!(delivered.owed().await, "claim 370000");
    delivered.world.finish().await;
}

#[actix_web::test]
async fn an_offer_is_below_the_claim_and_the_buyer_takes_it_or_asks_the_operator() {
    let delivered = Delivered::new().await;
    let id = delivered.claim(2).await;
    for amount in [0, 240_000, 300_000] {
        let refusal = delivered.producer_does(&id, "offer", offer(amount)).await.refused(422, "invalid_input");
        assert_eq!(refusal["errors"][0]["pointer"], "/amount_vnd", "{refusal}");
    }
    let offered = delivered.producer_does(&id, "offer", offer(239_999)).await.expect(200);
    assert_eq!((&offered["status"], &offered["offered_vnd"]), (&json!("offered"), &json!(239_999)));
    assert_eq!(delivered.order(), "disputed 0");
    let settled = delivered.buyer_does(&id, "accept-offer", json!({})).await.expect(200);
    assert_eq!((&settled["status"], &settled["granted_vnd"]), (&json!("settled"), &json!(239_999)));
    assert_eq!(delivered.order(), "partially_refunded 239999");
    delivered.world.finish().await;
}

#[actix_web::test]
async fn the_operator_decides_between_nothing_and_all() {
    for (amount, order) in [(0, "completed 0"), (1, "partially_refunded 1"), (370_000, "refunded 370000")] {
        let delivered = Delivered::new().await;
        let id = delivered.claim(3).await;
        delivered.decide(&id, amount).await.refused(409, "claims.illegal_action");
        delivered.producer_does(&id, "offer", offer(100)).await.expect(200);
        delivered.buyer_does(&id, "reject-offer", text()).await.expect(200);
        let queue = delivered.shop.operator.get("/v1/operator/claims").await.expect(200);
        assert_eq!((&queue["data"][0]["id"], &queue["data"][0]["allowed_actions"]), (&json!(id), &json!(["decide"])));
        delivered.decide(&id, 370_001).await.refused(422, "invalid_input");
        let decided = delivered.decide(&id, amount).await.expect(200);
        assert_eq!((&decided["status"], &decided["granted_vnd"]), (&json!("decided"), &json!(amount)));
        assert_eq!(delivered.order(), order);
        delivered.decide(&id, amount).await.refused(409, "claims.illegal_action");
        delivered.world.finish().await;
    }
}

#[actix_web::test]
async fn goods_of_a_claim_come_back_before_its_money_does() {
    let delivered = Delivered::new().await;
    let id = delivered.claim(3).await;
    let asked = delivered.producer_does(&id, "ask-return", text()).await.expect(200);
    assert_eq!((&asked["status"], &asked["due_at"]), (&json!("returning"), &Value::Null));
    assert_eq!(delivered.order(), "returning 0");
    delivered.buyer_does(&id, "withdraw", json!({})).await.refused(409, "claims.illegal_action");
    let path = format!("/v1/producer/orders/{}/receive-return", delivered.order_id);
    delivered.shop.producer.client.post(&path, json!({})).await.expect(200);
    assert_eq!(delivered.order(), "returned 370000");
    assert_eq!(delivered.owed().await, "claim 370000", "with the way, unlike what nobody took");
    let claim = delivered.buyer.get(&format!("/v1/buyer/claims/{id}")).await.expect(200);
    assert_eq!((&claim["status"], &claim["granted_vnd"]), (&json!("settled"), &json!(370_000)));
    delivered.world.finish().await;
}

#[actix_web::test]
async fn what_does_not_keep_is_not_asked_back() {
    let delivered = Delivered::new().await;
    delivered.world.database.execute("update order_lines set transport_class = 'fresh_short'");
    let id = delivered.claim(1).await;
    let refusal = delivered.producer_does(&id, "ask-return", text()).await.refused(409, "claims.illegal_action");
    assert_eq!(refusal["allowed_actions"], json!(["accept", "offer", "contest"]));
    delivered.producer_does(&id, "contest", json!({})).await.refused(422, "invalid_input");
    delivered.producer_does(&id, "contest", text()).await.expect(200);
    assert_eq!(delivered.order(), "disputed 0");
    delivered.world.finish().await;
}

#[actix_web::test]
async fn nobody_answers_and_the_operator_has_it() {
    for first_step in [None, Some("offer")] {
        let delivered = Delivered::new().await;
        let id = delivered.claim(1).await;
        if let Some(verb) = first_step {
            delivered.producer_does(&id, verb, offer(1_000)).await.expect(200);
        }
        delivered.world.pass(TimeDelta::minutes(48 * 60 - 1));
        delivered.world.run_jobs().await;
        let status = "select status from claims";
        assert_eq!(delivered.world.text(status), if first_step.is_some() { "offered" } else { "open" });
        delivered.world.pass(TimeDelta::minutes(1));
        delivered.world.run_jobs().await;
        assert_eq!(delivered.world.text(status), "in_review");
        let buyer = delivered.world.session(BUYER, "buyer", TimeDelta::zero()).1;
        let withdrawn = buyer.post(&format!("/v1/buyer/claims/{id}/withdraw"), json!({})).await.expect(200);
        assert_eq!((&withdrawn["status"], &withdrawn["granted_vnd"]), (&json!("withdrawn"), &Value::Null));
        assert_eq!(delivered.order(), "completed 0");
        delivered.world.finish().await;
    }
}

#[actix_web::test]
async fn a_claim_is_refused_with_every_fault_and_changes_nothing() {
    let delivered = Delivered::new().await;
    let variant = &delivered.shop.product.variant_id;
    let mut demand = delivered.demand(4);
    demand["kind"] = json!("damaged");
    demand["lines"] = json!([{"variant_id": variant, "quantity": 4}, {"variant_id": variant, "quantity": 1},
                             {"variant_id": new_key(), "quantity": 1}]);
    let refusal = delivered.send(demand).await.refused(422, "invalid_input");
    let faults = refusal["errors"].as_array().expect("errors");
    let told: Vec<_> = faults.iter().map(|f| (f["pointer"].as_str().unwrap(), f["code"].as_str().unwrap())).collect();
    let expected = [
        ("/lines/0/quantity", "out_of_range"),
        ("/lines/1/variant_id", "duplicate"),
        ("/lines/2/variant_id", "unknown"),
        ("/photo_ids", "missing"),
    ];
    assert_eq!(told, expected);
    let mut nothing = delivered.demand(1);
    nothing["lines"] = json!([]);
    delivered.send(nothing).await.refused(422, "invalid_input");
    assert_eq!(
        (delivered.order(), delivered.world.count("select count(*) from claims")),
        ("delivered 0".to_owned(), 0)
    );

    delivered.world.database.execute("update orders set due_at = now() - interval '1 second'");
    delivered.send(delivered.demand(1)).await.refused(409, "claims.window_closed");
    delivered.world.database.execute("update orders set due_at = now() + interval '1 hour'");
    let photo = delivered.world.photo(&delivered.buyer, 1).await;
    let mut demand = delivered.demand(1);
    (demand["kind"], demand["photo_ids"]) = (json!("damaged"), json!([photo]));
    let claim = delivered.send(demand).await.expect(201);
    assert_eq!(claim["photo_ids"], json!([photo]));
    let shown = delivered.shop.producer.client.get(&format!("/v1/producer/photos/{photo}")).await;
    assert_eq!(shown.status, 200);
    let again = delivered.send(delivered.demand(1)).await.refused(409, "orders.illegal_action");
    assert_eq!((&again["current_status"], &again["allowed_actions"]), (&json!("disputed"), &json!([])));
    delivered.world.finish().await;
}

#[actix_web::test]
async fn what_the_status_of_a_claim_does_not_allow_changes_nothing() {
    let delivered = Delivered::new().await;
    let id = delivered.claim(1).await;
    let mut watch = Watch::new(&delivered.world);
    let rows = |watch: &mut Watch| -> Vec<String> {
        watch.digest().into_iter().filter(|line| !line.starts_with("idempotency_keys")).collect()
    };
    let before = rows(&mut watch);
    for (verb, body) in [("accept-offer", json!({})), ("reject-offer", text())] {
        let refusal = delivered.buyer_does(&id, verb, body).await.refused(409, "claims.illegal_action");
        let told = (&refusal["current_status"], &refusal["allowed_actions"]);
        assert_eq!(told, (&json!("open"), &json!(["withdraw"])), "{verb}");
    }
    let refusal = delivered.decide(&id, 1).await.refused(409, "claims.illegal_action");
    assert_eq!(refusal["allowed_actions"], json!([]));
    assert_eq!(rows(&mut watch), before);
    let stranger = delivered.world.buyer("0933333334").await;
    stranger.get(&format!("/v1/buyer/claims/{id}")).await.refused(404, "not_found");
    let mut app = <diesel::PgConnection as diesel::Connection>::establish(&delivered.world.database.app_url)
        .expect("a connection");
    for table in ["claims", "claim_lines", "claim_events"] {
        for (role, seen) in [("buyer", "0"), ("operator", "1")] {
            texts(&mut app, &format!("select set_config('app.role', '{role}', false)"));
            assert_eq!(texts(&mut app, &format!("select count(*) from {table}")), [seen], "{role} {table}");
        }
    }
    delivered.world.finish().await;
}

#[actix_web::test]
async fn the_same_answer_sent_again_is_one() {
    let delivered = Delivered::new().await;
    let id = delivered.claim(1).await;
    let (path, key) = (format!("/v1/producer/claims/{id}/accept"), new_key());
    for _ in 0..3 {
        delivered.shop.producer.client.post_with_key(&path, &key, json!({})).await.expect(200);
    }
    assert_eq!(delivered.owed().await, "claim 120000");
    delivered.world.finish().await;
}

/// A world for races: every order is of one jar, and the way costs nothing.
struct Races {
    world: World,
    shop: Shop,
    buyer: Client,
}

impl Races {
    async fn new() -> Races {
        let world = World::start().await;
        let shop = world.shop(PRICE, 500).await;
        let buyer = world.buyer(BUYER).await;
        Races { world, shop, buyer }
    }

    async fn delivered(&self, round: i64) -> String {
        self.world.delivered(&self.buyer, &self.shop.producer, &self.shop.product, round + 1).await
    }

    async fn claim(&self, order_id: &str) -> Reply {
        let demand = json!({"kind": "missing", "text": "Thiếu hàng.", "wish": "refund",
                            "lines": [{"variant_id": self.shop.product.variant_id, "quantity": 1}]});
        self.buyer.post(&format!("/v1/buyer/orders/{order_id}/claims"), demand).await
    }

    fn state(&self, order_id: &str) -> String {
        self.world.text(&format!(
            "select concat_ws(' ', o.status, o.refunded_vnd, c.status) from orders o left join claims c on c.order_id = o.id \
             where o.id = '{order_id}'"
        ))
    }
}

#[actix_web::test]
async fn complete_and_claim_at_the_end_of_the_window_one_wins() {
    let races = Races::new().await;
    let mut wins = (0, 0);
    for round in 0..50 {
        let order_id = races.delivered(round).await;
        let due = format!("update orders set due_at = clock_timestamp() + interval '60 ms' where id = '{order_id}'");
        races.world.database.execute(&due);
        let end = async {
            loop {
                let job = Job::EndWait { order_id: order_id.parse().expect("an id") };
                races.world.work(job).await.expect("the job");
                if !races.state(&order_id).starts_with("delivered") {
                    break;
                }
                actix_web::rt::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let claim = async {
            let wait = u64::try_from(round % 10).expect("a number") * 12;
            actix_web::rt::time::sleep(Duration::from_millis(wait)).await;
            races.claim(&order_id).await
        };
        let ((), reply) = futures_util::join!(end, claim);
        match (reply.status, races.state(&order_id).as_str()) {
            (201, "disputed 0 open") => wins.0 += 1,
            (409, "completed 0") => wins.1 += 1,
            (status, state) => panic!("{round}: {status} {} and {state}", reply.text),
        }
    }
    assert!(wins.0 > 0 && wins.1 > 0, "{wins:?}");
    races.world.finish().await;
}

#[actix_web::test]
async fn of_two_claims_at_once_and_of_accept_and_withdraw_one_wins() {
    let races = Races::new().await;
    for round in 0..50 {
        let order_id = races.delivered(round).await;
        let (one, two) = futures_util::join!(races.claim(&order_id), races.claim(&order_id));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{round}: {} {}", one.text, two.text);
        assert_eq!(races.state(&order_id), "disputed 0 open", "{round}");
        let id = id_of(if one.status == 201 { &one.json } else { &two.json });
        let (accept, withdraw) =
            (format!("/v1/producer/claims/{id}/accept"), format!("/v1/buyer/claims/{id}/withdraw"));
        let (accepted, withdrawn) = if round % 2 == 0 {
            futures_util::join!(
                races.shop.producer.client.post(&accept, json!({})),
                races.buyer.post(&withdraw, json!({}))
            )
        } else {
            let (withdrawn, accepted) = futures_util::join!(
                races.buyer.post(&withdraw, json!({})),
                races.shop.producer.client.post(&accept, json!({}))
            );
            (accepted, withdrawn)
        };
        match (accepted.status, withdrawn.status, races.state(&order_id).as_str()) {
            (200, 409, "refunded 120000 settled") | (409, 200, "completed 0 withdrawn") => {}
            (_, _, state) => panic!("{round}: {} {} and {state}", accepted.text, withdrawn.text),
        }
    }
    races.world.finish().await;
}
