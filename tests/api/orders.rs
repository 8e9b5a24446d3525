//! The way of an order: who may move it, how far, and what ends it when nobody does.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::money::{Due, Shop};
use crate::support::{Client, Reply, World};

const PRICE: i64 = 120_000;
const BUYER: &str = "0933333333";

/// A paid order of so many units.
async fn paid(world: &World, (buyer, shop): (&Client, &Shop), quantity: i64) -> Due {
    let due = world.due(buyer, &shop.product, quantity, "bank_transfer").await;
    let notice = world.count("select count(*) + 1 from payment_credits");
    world.sepay(notice, &due.reference, due.total).await.expect(200);
    world.run_jobs().await;
    due
}

impl Shop {
    async fn does(&self, due: &Due, action: &str, body: Value) -> Reply {
        self.producer.client.post(&format!("/v1/producer/orders/{}/{action}", due.order_id()), body).await
    }

    /// The producer does one after the other.
    async fn goes(&self, due: &Due, actions: &[&str]) -> Value {
        let mut order = Value::Null;
        for action in actions {
            let body = match *action {
                "fail-delivery" | "send-back" | "refuse" => json!({"reason": "Không có người nhận"}),
                _ => json!({}),
            };
            order = self.does(due, action, body).await.expect(200);
        }
        order
    }
}

async fn seen(buyer: &Client, due: &Due) -> Value {
    buyer.get(&format!("/v1/buyer/orders/{}", due.order_id())).await.expect(200)
}

async fn way(buyer: &Client, due: &Due) -> Vec<String> {
    let events = buyer.get(&format!("/v1/buyer/orders/{}/events", due.order_id())).await.expect(200);
    let steps = events["data"].as_array().expect("steps").iter();
    steps.map(|step| step["to_status"].as_str().expect("a status").to_owned()).collect()
}

#[actix_web::test]
async fn nobody_answers_and_the_order_ends_by_itself_with_money_and_goods_back() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 5).await;
    let buyer = world.buyer(BUYER).await;
    let due = paid(&world, (&buyer, &shop), 2).await;
    assert_eq!(world.stock(&shop.product), (3, 0));
    world.pass(TimeDelta::minutes(24 * 60 - 1));
    world.run_jobs().await;
    assert_eq!(world.state(&due), "paid paid captured captured", "a minute is left");
    world.pass(TimeDelta::minutes(1));
    world.run_jobs().await;
    assert_eq!(world.state(&due), "paid auto_cancelled captured captured");
    assert_eq!(world.stock(&shop.product), (5, 0));
    assert_eq!(world.reviews(), ["refund_due 240000"]);
    let buyer = world.buyer(BUYER).await;
    let order = seen(&buyer, &due).await;
    assert_eq!((&order["refunded_vnd"], &order["allowed_actions"]), (&json!(240_000), &json!([])));
    let producer = world.sign_in("0911111111", "producer").await;
    let late = producer.post(&format!("/v1/producer/orders/{}/accept", due.order_id()), json!({})).await;
    assert_eq!(late.refused(409, "orders.illegal_action")["current_status"], "auto_cancelled");
    world.finish().await;
}

#[actix_web::test]
async fn who_does_not_claim_in_time_has_received_the_goods() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 5).await;
    let buyer = world.buyer(BUYER).await;
    let due = paid(&world, (&buyer, &shop), 1).await;
    let order = shop.goes(&due, &["accept", "pack", "hand-over", "deliver"]).await;
    assert_eq!((&order["status"], &order["allowed_actions"]), (&json!("delivered"), &json!([])));
    world.pass(TimeDelta::hours(71));
    world.run_jobs().await;
    assert_eq!(world.state(&due), "paid delivered captured captured");
    world.pass(TimeDelta::hours(1));
    world.run_jobs().await;
    assert_eq!(world.state(&due), "paid completed captured captured");
    let buyer = world.buyer(BUYER).await;
    let expected = ["awaiting_payment", "paid", "accepted", "packed", "handed_over", "delivered", "completed"];
    assert_eq!(way(&buyer, &due).await, expected);
    assert!(world.reviews().is_empty());
    world.finish().await;
}

#[actix_web::test]
async fn what_nobody_takes_comes_back_and_is_owed_without_touching_the_stock() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 5).await;
    let buyer = world.buyer(BUYER).await;
    let due = paid(&world, (&buyer, &shop), 2).await;
    let order = shop.goes(&due, &["accept", "pack", "hand-over", "fail-delivery"]).await;
    assert_eq!(order["status_reason"], "Không có người nhận");
    let cancel = buyer.post(&format!("/v1/buyer/orders/{}/cancel", due.order_id()), json!({"reason": "Thôi"})).await;
    assert_eq!(cancel.refused(409, "orders.illegal_action")["current_status"], "delivery_failed");
    let order = shop.goes(&due, &["send-back", "receive-return"]).await;
    assert_eq!((&order["status"], &order["refunded_vnd"]), (&json!("returned"), &json!(240_000)));
    world.run_jobs().await;
    assert_eq!(world.reviews(), ["refund_due 240000"]);
    assert_eq!(world.stock(&shop.product), (3, 0), "whether it can be sold again is for the producer to say");
    world.finish().await;
}

#[actix_web::test]
async fn a_second_try_delivers_what_failed_at_first() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 5).await;
    let buyer = world.buyer(BUYER).await;
    let due = paid(&world, (&buyer, &shop), 1).await;
    shop.goes(&due, &["accept", "pack", "hand-over", "fail-delivery", "deliver"]).await;
    let order =
        buyer.post(&format!("/v1/buyer/orders/{}/confirm-receipt", due.order_id()), json!({})).await.expect(200);
    assert_eq!(order["status"], "completed");
    world.finish().await;
}

#[actix_web::test]
async fn an_illegal_action_names_what_is_allowed_and_changes_nothing() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 5).await;
    let buyer = world.buyer(BUYER).await;
    let due = paid(&world, (&buyer, &shop), 1).await;
    let before = seen(&buyer, &due).await;
    for action in ["pack", "hand-over", "deliver", "make-ready", "receive-return"] {
        let problem = shop.does(&due, action, json!({})).await.refused(409, "orders.illegal_action");
        assert_eq!(problem["allowed_actions"], json!(["accept", "refuse"]), "{action}");
    }
    for action in ["fail-delivery", "send-back"] {
        shop.does(&due, action, json!({"reason": "Sai"})).await.refused(409, "orders.illegal_action");
    }
    let problem = buyer.post(&format!("/v1/buyer/orders/{}/confirm-receipt", due.order_id()), json!({})).await;
    assert_eq!(problem.refused(409, "orders.illegal_action")["allowed_actions"], json!(["cancel"]));
    assert_eq!(seen(&buyer, &due).await, before);
    world.finish().await;
}

/// A published product whose price follows its weight: bags of ten kilograms.
async fn weighed(world: &World, shop: &Shop) -> crate::support::Product {
    let mut new = crate::support::new_product("Cam sành", 200_000, 50);
    new["product_set"] = json!(1);
    new["variants"][0] = json!({"label": "Túi 10 kg", "unit": "bag", "net_weight_g": 10_000, "price_vnd": 200_000,
                                "quantity": 50, "is_weighed": true});
    let made = shop.producer.client.post("/v1/producer/products", new).await.expect(201);
    let id = made["id"].as_str().expect("an id").to_owned();
    shop.producer.client.post(&format!("/v1/producer/products/{id}/submit"), json!({})).await.expect(200);
    shop.operator.post(&format!("/v1/operator/products/{id}/publish"), json!({})).await.expect(200);
    world.run_jobs().await;
    let variant_id = made["variants"][0]["id"].as_str().expect("a variant").to_owned();
    crate::support::Product { id, variant_id, price_vnd: 200_000 }
}

/// A paid and accepted order of two bags, 20 kg.
async fn two_bags(world: &World, (buyer, shop): (&Client, &Shop), bag: &crate::support::Product) -> Due {
    let due = world.due(buyer, bag, 2, "bank_transfer").await;
    let notice = world.count("select count(*) + 1 from payment_credits");
    world.sepay(notice, &due.reference, due.total).await.expect(200);
    world.run_jobs().await;
    shop.goes(&due, &["accept"]).await;
    due
}

#[actix_web::test]
async fn the_price_follows_the_weight_and_much_less_is_for_the_buyer_to_decide() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 5).await;
    let bag = weighed(&world, &shop).await;
    let buyer = world.buyer(BUYER).await;
    let weights = |grams: i64| json!({"weights": [{"variant_id": bag.variant_id, "weight_g": grams}]});

    // A little less: owed back at once, rounded in favour of the buyer.
    let due = two_bags(&world, (&buyer, &shop), &bag).await;
    let missing = shop.does(&due, "pack", json!({})).await.refused(422, "invalid_input");
    assert_eq!(missing["errors"][0]["pointer"], "/weights");
    let foreign = json!({"weights": [{"variant_id": shop.product.variant_id, "weight_g": 1}]});
    shop.does(&due, "pack", foreign).await.refused(422, "invalid_input");
    let packed = shop.does(&due, "pack", weights(18_999)).await.expect(200);
    assert_eq!((&packed["status"], &packed["refunded_vnd"]), (&json!("packed"), &json!(20_020)));
    assert_eq!(packed["lines"][0]["packed_g"], 18_999);

    // More: nobody pays more than was agreed.
    let due = two_bags(&world, (&buyer, &shop), &bag).await;
    let packed = shop.does(&due, "pack", weights(23_000)).await.expect(200);
    assert_eq!((&packed["status"], &packed["refunded_vnd"]), (&json!("packed"), &json!(0)));

    // Much less: the buyer takes it, or has it all back, or does not say.
    let due = two_bags(&world, (&buyer, &shop), &bag).await;
    let asked = shop.does(&due, "pack", weights(10_000)).await.expect(200);
    assert_eq!((&asked["status"], &asked["refunded_vnd"]), (&json!("weight_in_question"), &json!(0)));
    let told =
        "select count(*) from notices n join orders o on o.id = n.object_id and o.buyer_account_id = n.account_id
        where n.topic = 'weight_question'";
    assert_eq!(world.count(told), 1, "the buyer is asked, and nobody else");
    assert_eq!(seen(&buyer, &due).await["allowed_actions"], json!(["cancel", "accept-weight"]));
    let path = format!("/v1/buyer/orders/{}/accept-weight", due.order_id());
    let taken = buyer.post(&path, json!({})).await.expect(200);
    assert_eq!((&taken["status"], &taken["refunded_vnd"]), (&json!("packed"), &json!(200_000)));
    buyer.post(&path, json!({})).await.refused(409, "orders.illegal_action");
    let cancelled =
        buyer.post(&format!("/v1/buyer/orders/{}/cancel", due.order_id()), json!({"reason": "Thôi"})).await.expect(200);
    assert_eq!(cancelled["refunded_vnd"], 400_000, "what was owed for weight is not owed twice");

    let due = two_bags(&world, (&buyer, &shop), &bag).await;
    shop.does(&due, "pack", weights(0)).await.expect(200);
    world.pass(TimeDelta::hours(12));
    world.run_jobs().await;
    assert_eq!(world.state(&due), "paid auto_cancelled captured captured");
    let owed = world.reviews();
    assert_eq!(owed, ["refund_due 20020", "refund_due 200000", "refund_due 200000", "refund_due 400000"]);
    world.finish().await;
}

#[actix_web::test]
async fn a_quote_shows_everything_that_is_then_bought_and_nothing_else_is() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 5).await;
    let buyer = world.buyer(BUYER).await;
    let question = json!({"commune_code": "00721"});
    buyer.quote(question.clone()).await.refused(409, "orders.cart_empty");
    buyer.put_in_cart(&shop.product.variant_id, 2).await;
    let quote = buyer.quote(question.clone()).await.expect(200);
    let part = &quote["producers"][0];
    assert_eq!((&quote["goods_vnd"], &quote["total_vnd"]), (&json!(240_000), &json!(240_000)));
    assert_eq!((&part["delivery"]["code"], &part["lines"][0]["quantity"]), (&json!("own"), &json!(2)));
    assert_eq!(part["contract"]["seller"]["phone"], "+84911111111", "Law 19/2023, article 37");
    let text = serde_json::to_string(&part["contract"]).expect("text");
    let hash = part["contract_sha256"].as_str().expect("a hash").to_owned();
    assert!(text.contains("72 giờ"), "{text}");

    let mut body = buyer.checkout_body(240_000).await;
    body["contract_sha256"] = json!("0".repeat(64));
    buyer.post("/v1/buyer/checkouts", body).await.refused(409, "orders.contract_not_confirmed");
    let mut body = buyer.checkout_body(240_000).await;
    body["recipient"]["commune_code"] = json!("00769");
    buyer.post("/v1/buyer/checkouts", body).await.refused(409, "orders.quote_elsewhere");
    let mut body = buyer.checkout_body(240_000).await;
    body["quote_id"] = json!(uuid::Uuid::now_v7());
    buyer.post("/v1/buyer/checkouts", body).await.refused(422, "invalid_input");

    // The cart changes, and the price: both are told with what was shown.
    let body = buyer.checkout_body(240_000).await;
    buyer.put_in_cart(&shop.product.variant_id, 3).await;
    let changed = buyer.post("/v1/buyer/checkouts", body).await.refused(409, "orders.total_changed");
    assert_eq!((&changed["lines"][0]["shown_quantity"], &changed["lines"][0]["quantity"]), (&json!(2), &json!(3)));
    let body = buyer.checkout_body(360_000).await;
    let variant = format!("/v1/producer/variants/{}", shop.product.variant_id);
    let headers = [("content-type", "application/json"), ("if-match", "\"1\"")];
    let dearer = Some(json!({"price_vnd": 130_000}).to_string());
    shop.producer.client.send(reqwest::Method::PATCH, &variant, &headers, dearer).await.expect(200);
    let changed = buyer.post("/v1/buyer/checkouts", body).await.refused(409, "orders.total_changed");
    let line = &changed["lines"][0];
    assert_eq!((&line["shown_price_vnd"], &line["price_vnd"]), (&json!(120_000), &json!(130_000)));

    // A quarter of an hour later nothing can be bought by it any more.
    let body = buyer.checkout_body(390_000).await;
    world.pass(TimeDelta::minutes(15));
    let buyer = world.buyer(BUYER).await;
    buyer.post("/v1/buyer/checkouts", body).await.refused(409, "orders.quote_expired");
    let placed = buyer.check_out(390_000).await.expect(201);
    let order = placed["orders"][0]["id"].as_str().expect("an id").to_owned();
    let agreed = buyer.get(&format!("/v1/buyer/orders/{order}/contract")).await.expect(200);
    assert_eq!(agreed["sha256"], placed["orders"][0]["contract_sha256"]);
    let words: Value = serde_json::from_str(agreed["text"].as_str().expect("text")).expect("JSON");
    assert_eq!((&words["total_vnd"], &words["lines"][0]["price_vnd"]), (&json!(390_000), &json!(130_000)));
    assert_ne!(agreed["sha256"], json!(hash), "another price is another contract");
    let sha = "select count(*) from quote_contracts where sha256 <> encode(sha256(convert_to(text, 'UTF8')), 'hex')";
    assert_eq!(world.count(sha), 0);

    // Old quotes go, those of purchases stay.
    assert!(world.count("select count(*) from quotes") > 5);
    world.pass(TimeDelta::days(2));
    world.work(ocop_market::jobs::Job::Purge).await.expect("a purge");
    assert_eq!(world.count("select count(*) from quotes"), 1);
    world.finish().await;
}

#[actix_web::test]
async fn a_voucher_is_shown_counted_and_given_back_with_its_order() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 9).await;
    let mut voucher = crate::support::new_voucher("amount");
    voucher["payer"] = json!("province");
    let made = shop.operator.post("/v1/operator/vouchers", voucher).await.expect(201);
    let (id, code) = (made["id"].as_str().expect("an id").to_owned(), made["code"].clone());
    let spent = |world: &World| {
        (
            world.count(&format!("select uses from vouchers where id = '{id}'")),
            world.count(&format!("select spent_vnd from vouchers where id = '{id}'")),
        )
    };
    let buyer = world.buyer(BUYER).await;
    buyer.put_in_cart(&shop.product.variant_id, 3).await;
    let question = json!({"commune_code": "00721", "voucher_code": code});
    let quote = buyer.quote(question.clone()).await.expect(200);
    let (discount, total) = (quote["discount_vnd"].as_i64().expect("đồng"), quote["total_vnd"].as_i64().expect("đồng"));
    assert!(discount > 0);
    assert_eq!(total, 3 * PRICE - discount);
    assert_eq!(spent(&world), (0, 0), "a look takes nothing");
    let body = |quote: &Value| {
        let mut body = crate::support::checkout(total);
        body["quote_id"] = quote["id"].clone();
        body["contract_sha256"] = quote["contract_sha256"].clone();
        body
    };
    let placed = buyer.post("/v1/buyer/checkouts", body(&quote)).await.expect(201);
    assert_eq!(placed["orders"][0]["discount_vnd"], discount);
    assert_eq!(spent(&world), (1, discount));
    let path = format!("/v1/buyer/checkouts/{}/cancel", placed["id"].as_str().expect("an id"));
    buyer.post(&path, json!({})).await.expect(200);
    assert_eq!(spent(&world), (0, 0), "an unpaid purchase uses nothing");

    buyer.put_in_cart(&shop.product.variant_id, 3).await;
    let quote = buyer.quote(question).await.expect(200);
    let placed = buyer.post("/v1/buyer/checkouts", body(&quote)).await.expect(201);
    let attempt = buyer.start_attempt(&placed, "bank_transfer").await;
    world.sepay(1, attempt["reference"].as_str().expect("a reference"), total).await.expect(200);
    world.run_jobs().await;
    let order = placed["orders"][0]["id"].as_str().expect("an id");
    buyer.post(&format!("/v1/buyer/orders/{order}/cancel"), json!({"reason": "Thôi"})).await.expect(200);
    world.run_jobs().await;
    assert_eq!(world.reviews(), [format!("refund_due {total}")], "what was paid, not what it would have cost");
    assert_eq!(spent(&world), (0, 0));
    world.finish().await;
}

#[actix_web::test]
async fn less_than_a_producer_sells_at_once_is_named_before_buying() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 5).await;
    let terms = json!({"minimum_order_vnd": 200_000});
    shop.producer.client.put("/v1/producer/selling-terms", terms).await.expect(200);
    let buyer = world.buyer(BUYER).await;
    buyer.put_in_cart(&shop.product.variant_id, 1).await;
    let short = buyer.quote(json!({"commune_code": "00721"})).await.refused(409, "orders.minimum_not_reached");
    assert_eq!(
        (&short["producers"][0]["minimum_vnd"], &short["producers"][0]["goods_vnd"]),
        (&json!(200_000), &json!(PRICE))
    );
    buyer.put_in_cart(&shop.product.variant_id, 2).await;
    buyer.check_out(2 * PRICE).await.expect(201);
    world.finish().await;
}

/// The words of a paper, as a reader would copy them.
pub fn words(pdf: &[u8]) -> String {
    let document = lopdf::Document::load_mem(pdf).expect("a PDF");
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    document.extract_text(&pages).expect("its words")
}

#[actix_web::test]
async fn an_order_can_be_had_on_paper_by_its_parties_only() {
    let world = World::start().await;
    let shop = world.shop(PRICE, 5).await;
    let buyer = world.buyer(BUYER).await;
    let due = paid(&world, (&buyer, &shop), 2).await;
    let (of_buyer, of_producer) =
        (format!("/v1/buyer/orders/{}", due.order_id()), format!("/v1/producer/orders/{}", due.order_id()));
    let code = seen(&buyer, &due).await["code"].as_str().expect("a code").to_owned();
    let papers = [
        (&buyer, format!("{of_buyer}/confirmation.pdf"), vec!["Hộ nuôi ong Mèo Vạc", "Mật ong bạc hà", "240.000"]),
        (
            &buyer,
            format!("{of_buyer}/contract.pdf"),
            vec!["Luật Bảo vệ quyền lợi người tiêu dùng", "72 giờ", "240.000"],
        ),
        (&shop.producer.client, format!("{of_producer}/packing-list.pdf"), vec!["Mật ong bạc hà", "Nguyễn Thị Hoà"]),
    ];
    for (client, path, said) in papers {
        let reply = world.http.get(format!("{}{path}", client.base));
        let reply = reply.bearer_auth(client.token.as_deref().expect("a token")).send().await.expect("an answer");
        assert_eq!(
            (reply.status().as_u16(), &reply.headers()["content-type"]),
            (200, &"application/pdf".parse().expect("a type"))
        );
        let text = words(&reply.bytes().await.expect("bytes")).replace('\n', " ");
        for word in said.into_iter().chain([code.as_str()]) {
            assert!(text.contains(word), "{path} does not say {word}: {text}");
        }
    }
    let stranger = world.buyer("0933333334").await;
    stranger.get(&format!("{of_buyer}/confirmation.pdf")).await.refused(404, "not_found");
    world.finish().await;
}
