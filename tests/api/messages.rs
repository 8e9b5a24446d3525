//! What buyer and producer write to each other about an order.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::money::Shop;
use crate::support::{Client, World};

struct Sold {
    world: World,
    shop: Shop,
    buyer: Client,
    order_id: String,
}

impl Sold {
    async fn new() -> Sold {
        let world = World::start().await;
        let shop = world.shop(120_000, 20).await;
        let buyer = world.buyer("0933333333").await;
        let due = world.due(&buyer, &shop.product, 2, "bank_transfer").await;
        world.sepay(1, &due.reference, due.total).await.expect(200);
        let order_id = due.order_id().to_owned();
        Sold { world, shop, buyer, order_id }
    }

    fn path(&self, side: &str) -> String {
        format!("/v1/{side}/orders/{}/messages", self.order_id)
    }

    fn read_path(&self, side: &str) -> String {
        format!("/v1/{side}/orders/{}/read-messages", self.order_id)
    }
}

fn texts(page: &Value) -> Vec<&str> {
    let data = page["data"].as_array().expect("a list");
    data.iter().map(|message| message["text"].as_str().expect("a text")).collect()
}

#[actix_web::test]
async fn both_sides_write_and_see_what_is_new_and_what_was_read() {
    let sold = Sold::new().await;
    let producer = &sold.shop.producer.client;
    let empty = sold.buyer.get(&sold.path("buyer")).await.expect(200);
    assert_eq!((&empty["data"], &empty["last_number"], &empty["can_write"]), (&json!([]), &json!(0), &json!(true)));
    for text in ["Khi nào gửi hàng?", "Gọi tôi 0912 345 678 nhé.", "Tôi cần trước thứ Bảy."] {
        sold.buyer.post(&sold.path("buyer"), json!({"text": text})).await.expect(201);
    }
    let page = producer.get(&format!("{}?limit=2", sold.path("producer"))).await.expect(200);
    assert_eq!(texts(&page), ["Tôi cần trước thứ Bảy.", "Gọi tôi 0912 345 678 nhé."]);
    assert_eq!((&page["unread"], &page["last_number"]), (&json!(3), &json!(3)));
    let cursor = page["page"]["next_cursor"].as_str().expect("a cursor");
    let older = producer.get(&format!("{}?limit=2&cursor={cursor}", sold.path("producer"))).await.expect(200);
    assert_eq!(texts(&older), ["Khi nào gửi hàng?"]);

    let read = producer.post(&sold.read_path("producer"), json!({"number": 2})).await.expect(200);
    assert_eq!(read["unread"], 1);
    let read = producer.post(&sold.read_path("producer"), json!({"number": 1})).await.expect(200);
    assert_eq!(read["unread"], 1, "never back");
    let read = producer.post(&sold.read_path("producer"), json!({"number": 900})).await.expect(200);
    assert_eq!(read["unread"], 0);
    producer.post(&sold.path("producer"), json!({"text": "Chiều mai."})).await.expect(201);
    let new = sold.buyer.get(&format!("{}?after=3", sold.path("buyer"))).await.expect(200);
    assert_eq!((texts(&new), &new["unread"], &new["read_by_other"]), (vec!["Chiều mai."], &json!(1), &json!(3)));
    sold.world.finish().await;
}

#[actix_web::test]
async fn the_same_message_sent_again_is_one_and_all_others_are_numbered_without_a_gap() {
    let sold = Sold::new().await;
    let body = json!({"text": "Khi nào gửi hàng?", "client_ref": uuid::Uuid::now_v7()});
    let path = sold.path("buyer");
    let replies = join_all((0..6).map(|_| sold.buyer.post(&path, body.clone()))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1, "{replies:?}");
    assert!(replies.iter().all(|reply| reply.json["id"] == replies[0].json["id"]), "{replies:?}");
    let others =
        join_all((0..5).map(|n| {
            let (client, path) = match n % 2 {
                0 => (&sold.buyer, sold.path("buyer")),
                _ => (&sold.shop.producer.client, sold.path("producer")),
            };
            async move {
                client.post(&path, json!({"text": format!("Tin {n}")})).await.expect(201)["number"].as_i64().unwrap()
            }
        }))
        .await;
    let mut numbers = others;
    numbers.sort_unstable();
    assert_eq!(numbers, [2, 3, 4, 5, 6]);
    sold.world.finish().await;
}

#[actix_web::test]
async fn thirty_messages_an_hour_are_enough() {
    let sold = Sold::new().await;
    let path = sold.path("buyer");
    for n in 0..30 {
        sold.buyer.post(&path, json!({"text": format!("Tin {n}")})).await.expect(201);
    }
    let refusal = sold.buyer.post(&path, json!({"text": "Nữa"})).await;
    let wait: i64 = refusal.header("retry-after").parse().expect("seconds");
    assert!((3000..=3601).contains(&wait), "{wait}");
    refusal.refused(429, "messages.too_many");
    sold.shop.producer.client.post(&sold.path("producer"), json!({"text": "Vâng."})).await.expect(201);
    sold.world.pass(TimeDelta::seconds(wait + 1));
    let buyer = sold.world.session("0933333333", "buyer", TimeDelta::zero()).1;
    buyer.post(&path, json!({"text": "Nữa"})).await.expect(201);
    sold.world.finish().await;
}

#[actix_web::test]
async fn an_order_is_written_about_from_its_payment_until_a_month_after_its_end() {
    let sold = Sold::new().await;
    let unpaid = sold.world.due(&sold.buyer, &sold.shop.product, 1, "bank_transfer").await;
    let path = format!("/v1/buyer/orders/{}/messages", unpaid.order_id());
    sold.buyer.post(&path, json!({"text": "Alô"})).await.refused(409, "messages.not_open");
    assert_eq!(sold.buyer.get(&path).await.expect(200)["can_write"], false);
    let reason = json!({"reason": "Đặt nhầm"});
    sold.buyer.post(&format!("/v1/buyer/orders/{}/cancel", sold.order_id), reason).await.expect(200);
    let again = json!({"text": "Đã nhận tiền hoàn chưa?", "client_ref": uuid::Uuid::now_v7()});
    sold.buyer.post(&sold.path("buyer"), again.clone()).await.expect(201);
    sold.world.pass(TimeDelta::days(31));
    let buyer = sold.world.session("0933333333", "buyer", TimeDelta::zero()).1;
    buyer.post(&sold.path("buyer"), json!({"text": "Alô"})).await.refused(409, "messages.not_open");
    buyer.post(&sold.path("buyer"), again).await.expect(200);
    sold.world.finish().await;
}

#[actix_web::test]
async fn the_operator_reads_only_while_a_complaint_is_open_and_that_is_on_record() {
    let sold = Sold::new().await;
    sold.buyer.post(&sold.path("buyer"), json!({"text": "Chai bị vỡ."})).await.expect(201);
    let grievance = json!({"kind": "damaged", "text": "Chai mật ong bị vỡ."});
    let complaint =
        sold.buyer.post(&format!("/v1/buyer/orders/{}/complaints", sold.order_id), grievance).await.expect(201);
    let id = complaint["id"].as_str().unwrap();
    let open = format!("/v1/operator/complaints/{id}/open-messages");
    let page = sold.shop.operator.post(&open, json!({})).await.expect(200);
    assert_eq!(texts(&page), ["Chai bị vỡ."]);
    assert_eq!(sold.world.count("select count(*) from audit_events where action = 'messages.read'"), 1);
    sold.buyer.post(&format!("/v1/buyer/complaints/{id}/withdraw"), json!({})).await.expect(200);
    sold.shop.operator.post(&open, json!({})).await.refused(409, "messages.no_open_complaint");
    assert_eq!(sold.world.count("select count(*) from audit_events where action = 'messages.read'"), 1);
    sold.world.finish().await;
}
