//! Reviews of what was delivered, and their lawful moderation.

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::money::Shop;
use crate::support::{Client, Reply, World};

const BUYER: &str = "0933333333";

struct Delivered {
    world: World,
    shop: Shop,
    buyer: Client,
    order_id: String,
}

impl Delivered {
    async fn new() -> Delivered {
        let world = World::start().await;
        let shop = world.shop(120_000, 20).await;
        let buyer = world.buyer(BUYER).await;
        let order_id = world.delivered(&buyer, &shop.producer, &shop.product, 1).await;
        Delivered { world, shop, buyer, order_id }
    }

    async fn write(&self, stars: i64, text: &str) -> Reply {
        let body = json!({"product_id": self.shop.product.id, "stars": stars, "text": text});
        self.buyer.post(&format!("/v1/buyer/orders/{}/reviews", self.order_id), body).await
    }

    async fn public(&self) -> Value {
        let path = format!("/v1/public/products/{}/reviews", self.shop.product.id);
        self.world.visitor().get(&path).await.expect(200)
    }
}

async fn patch(client: &Client, review: &Value, version: i64, body: Value) -> Reply {
    let path = format!("/v1/buyer/reviews/{}", review["id"].as_str().expect("an id"));
    let version = format!("\"{version}\"");
    let headers = [("content-type", "application/json"), ("if-match", version.as_str())];
    client.send(Method::PATCH, &path, &headers, Some(body.to_string())).await
}

fn path(side: &str, review: &Value, verb: &str) -> String {
    format!("/v1/{side}/reviews/{}/{verb}", review["id"].as_str().expect("an id"))
}

#[actix_web::test]
async fn who_got_the_goods_reviews_them_once_and_everybody_reads_exact_figures() {
    let delivered = Delivered::new().await;
    let review = delivered.write(5, "Mật thơm, đóng gói cẩn thận.").await.expect(201);
    delivered.write(1, "Lần nữa.").await.refused(409, "reviews.already_reviewed");
    let second = delivered.world.buyer("0933333334").await;
    for (notice, stars) in [(2, 4), (3, 4)] {
        let order_id =
            delivered.world.delivered(&second, &delivered.shop.producer, &delivered.shop.product, notice).await;
        let body = json!({"product_id": delivered.shop.product.id, "stars": stars, "text": "Khá."});
        second.post(&format!("/v1/buyer/orders/{order_id}/reviews"), body).await.expect(201);
    }
    let page = delivered.public().await;
    let figures = json!({"reviews": 3, "stars": 13, "average_hundredths": 433, "hidden": []});
    assert_eq!(page["figures"], figures);
    assert_eq!(page["data"][2]["id"], review["id"], "the newest first");
    let of_producer = format!("/v1/public/producers/{}/reviews?limit=2", delivered.shop.producer.id);
    let page = delivered.world.visitor().get(&of_producer).await.expect(200);
    assert_eq!((page["data"].as_array().map(Vec::len), &page["figures"]), (Some(2), &figures));
    let cursor = page["page"]["next_cursor"].as_str().expect("a cursor");
    let rest = delivered.world.visitor().get(&format!("{of_producer}&cursor={cursor}")).await.expect(200);
    assert_eq!((rest["data"][0]["id"].clone(), &rest["page"]["next_cursor"]), (review["id"].clone(), &Value::Null));
    delivered.world.finish().await;
}

#[actix_web::test]
async fn of_many_that_are_sent_at_once_one_counts() {
    let delivered = Delivered::new().await;
    let replies = join_all((0..8).map(|_| delivered.write(4, "Ngon."))).await;
    let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(delivered.public().await["figures"]["stars"], 4);
    delivered.world.finish().await;
}

#[actix_web::test]
async fn what_was_not_delivered_or_not_bought_is_not_reviewed() {
    let delivered = Delivered::new().await;
    let due = delivered.world.due(&delivered.buyer, &delivered.shop.product, 1, "bank_transfer").await;
    let body = json!({"product_id": delivered.shop.product.id, "stars": 1, "text": "Chưa thấy hàng."});
    let address = format!("/v1/buyer/orders/{}/reviews", due.order_id());
    let refusal = delivered.buyer.post(&address, body.clone()).await.refused(409, "reviews.not_delivered");
    assert_eq!(refusal["current_status"], "awaiting_payment");
    let other = json!({"product_id": uuid::Uuid::now_v7(), "stars": 1, "text": "Không mua."});
    let address = format!("/v1/buyer/orders/{}/reviews", delivered.order_id);
    delivered.buyer.post(&address, other).await.refused(422, "invalid_input");
    let stranger = delivered.world.buyer("0933333334").await;
    stranger.post(&address, body).await.refused(404, "not_found");
    for stars in [0, 6] {
        delivered.write(stars, "Sao lạ.").await.refused(422, "invalid_input");
    }
    delivered.world.finish().await;
}

#[actix_web::test]
async fn a_producer_does_not_review_what_it_sells() {
    let delivered = Delivered::new().await;
    let own = delivered.world.session("0911111111", "buyer", TimeDelta::zero()).1;
    let order_id = delivered.world.delivered(&own, &delivered.shop.producer, &delivered.shop.product, 2).await;
    let body = json!({"product_id": delivered.shop.product.id, "stars": 5, "text": "Tuyệt vời."});
    own.post(&format!("/v1/buyer/orders/{order_id}/reviews"), body).await.refused(409, "reviews.own_product");
    delivered.world.finish().await;
}

#[actix_web::test]
async fn an_author_changes_a_review_for_fourteen_days_and_figures_follow() {
    let delivered = Delivered::new().await;
    let review = delivered.write(5, "Mật thơm.").await.expect(201);
    let edited = patch(&delivered.buyer, &review, 1, json!({"stars": 2})).await.expect(200);
    assert_eq!((&edited["stars"], &edited["text"], &edited["version"]), (&json!(2), &json!("Mật thơm."), &json!(2)));
    let stale = patch(&delivered.buyer, &review, 1, json!({"stars": 1})).await.refused(412, "version_stale");
    assert_eq!(stale["current"]["stars"], 2);
    assert_eq!(delivered.public().await["figures"]["average_hundredths"], 200);
    delivered.world.pass(TimeDelta::days(14) + TimeDelta::minutes(1));
    let buyer = delivered.world.session(BUYER, "buyer", TimeDelta::zero()).1;
    patch(&buyer, &review, 2, json!({"stars": 5})).await.refused(409, "reviews.too_late");
    assert_eq!(delivered.world.count("select count(*) from review_events"), 2);
    delivered.world.finish().await;
}

#[actix_web::test]
async fn the_producer_answers_in_public_and_may_put_it_better() {
    let delivered = Delivered::new().await;
    let review = delivered.write(2, "Giao chậm.").await.expect(201);
    let producer = &delivered.shop.producer.client;
    for text in ["Do mưa lũ.", "Xin lỗi, đường bị sạt lở."] {
        producer.post(&path("producer", &review, "answer"), json!({"text": text})).await.expect(200);
    }
    assert_eq!(delivered.public().await["data"][0]["answer"], "Xin lỗi, đường bị sạt lở.");
    assert_eq!(producer.get("/v1/producer/reviews").await.expect(200)["data"][0]["id"], review["id"]);
    assert_eq!(delivered.world.count("select count(*) from review_events where event = 'answer'"), 2);
    delivered.world.finish().await;
}

#[actix_web::test]
async fn a_review_is_hidden_only_for_a_reason_of_the_law_and_its_author_may_appeal_once() {
    let delivered = Delivered::new().await;
    let review = delivered.write(1, "Đồ lừa đảo, số của nó là 0900000000.").await.expect(201);
    let operator = &delivered.shop.operator;
    let hide = path("operator", &review, "hide");
    operator.post(&hide, json!({"reason": "too_negative", "note": "Xấu."})).await.refused(422, "invalid_input");
    operator.post(&hide, json!({"reason": "personal_data"})).await.refused(422, "invalid_input");
    let body = json!({"reason": "personal_data", "note": "Có số điện thoại của người khác."});
    operator.post(&hide, body.clone()).await.expect(200);
    let page = delivered.public().await;
    assert_eq!(page["data"], json!([]));
    assert_eq!(page["figures"]["hidden"], json!([{"reason": "personal_data", "reviews": 1}]));
    assert_eq!((&page["figures"]["reviews"], &page["figures"]["average_hundredths"]), (&json!(0), &Value::Null));
    let told = delivered.buyer.get("/v1/buyer/reviews").await.expect(200);
    assert_eq!(told["data"][0]["hidden_note"], "Có số điện thoại của người khác.");
    assert_eq!(told["data"][0]["allowed_actions"], json!(["appeal"]));
    patch(&delivered.buyer, &review, 2, json!({"stars": 5})).await.refused(409, "reviews.illegal_action");
    let producer = &delivered.shop.producer.client;
    producer.post(&path("producer", &review, "answer"), json!({"text": "Ừ."})).await.refused(404, "not_found");

    let appeal = path("buyer", &review, "appeal");
    delivered.buyer.post(&appeal, json!({"text": "Đó là số của cơ sở."})).await.expect(200);
    delivered.buyer.post(&appeal, json!({"text": "Lần nữa."})).await.refused(409, "reviews.illegal_action");
    assert_eq!(operator.get("/v1/operator/reviews?status=appealed").await.expect(200)["data"][0]["id"], review["id"]);
    operator.post(&path("operator", &review, "uphold"), json!({"note": "Vẫn là số cá nhân."})).await.expect(200);
    delivered.buyer.post(&appeal, json!({"text": "Lần nữa."})).await.refused(409, "reviews.illegal_action");
    operator.post(&path("operator", &review, "restore"), json!({"note": "Số đã công khai."})).await.expect(200);
    let page = delivered.public().await;
    assert_eq!((&page["figures"]["stars"], &page["figures"]["hidden"]), (&json!(1), &json!([])));
    let deeds = delivered
        .world
        .text("select string_agg(action, ',' order by at, id) from audit_events where object_kind = 'review'");
    assert_eq!(deeds, "review.write,review.hide,review.appeal,review.uphold,review.restore");
    delivered.world.finish().await;
}

#[actix_web::test]
async fn hiding_and_editing_at_once_leave_right_figures() {
    let delivered = Delivered::new().await;
    let review = delivered.write(5, "Mật thơm.").await.expect(201);
    let body = json!({"reason": "insult", "note": "Xúc phạm."});
    for _ in 0..10 {
        let version = delivered.world.count("select version from reviews");
        let hide = path("operator", &review, "hide");
        let stars = json!({"stars": if version % 2 == 0 { 5 } else { 2 }});
        let (_, hidden) = futures_util::join!(
            patch(&delivered.buyer, &review, version, stars),
            delivered.shop.operator.post(&hide, body.clone())
        );
        hidden.expect(200);
        let restore = path("operator", &review, "restore");
        delivered.shop.operator.post(&restore, json!({"note": "Nhầm."})).await.expect(200);
    }
    let stars = delivered.world.count("select stars from reviews");
    assert_eq!(delivered.public().await["figures"]["stars"], stars);
    delivered.world.finish().await;
}
