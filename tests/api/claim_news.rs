//! Who is told of a claim and by when he must act; goods that do not come back are not waited for without end.

use chrono::TimeDelta;
use ocop_market::jobs::Job;
use serde_json::json;

use crate::claims::{Delivered, offer, text};

const BUYER: &str = "0933333333";
const PRODUCER: &str = "0911111111";
const OPERATOR: &str = "0900000001";

impl Delivered {
    /// What somebody was told of claims, each with the amount and the moment that it names.
    fn told(&self, phone: &str) -> String {
        self.world.text(&format!(
            "select coalesce(string_agg(concat_ws(' ', topic, \
               coalesce(facts ->> 'offered_vnd', facts ->> 'refund_vnd'), \
               round(extract(epoch from coalesce(facts ->> 'answer_by', facts ->> 'return_by', facts ->> 'decide_by')::timestamptz \
                     - created_at) / 3600) || 'h'), ', ' order by id), '') \
             from notices where topic like 'claim%' and account_id = '{}'",
            self.world.account(phone)
        ))
    }

    fn claim_status(&self) -> String {
        self.world.text("select status || coalesce(' ' || granted_vnd, '') from claims")
    }

    /// A claim whose goods were asked back and did not come in time.
    async fn overdue() -> (Delivered, String) {
        let delivered = Delivered::new().await;
        let id = delivered.claim(3).await;
        delivered.producer_does(&id, "ask-return", text()).await.expect(200);
        delivered.world.pass(TimeDelta::minutes(14 * 24 * 60 - 1));
        delivered.world.run_jobs().await;
        assert_eq!(delivered.claim_status(), "returning");
        delivered.world.pass(TimeDelta::minutes(1));
        delivered.world.run_jobs().await;
        assert_eq!(delivered.claim_status(), "in_review");
        (delivered, id)
    }
}

#[actix_web::test]
async fn an_offer_reaches_the_buyer_with_its_amount_and_the_time_left() {
    let delivered = Delivered::new().await;
    let id = delivered.claim(2).await;
    assert_eq!(delivered.told(PRODUCER), "claim_opened 48h");
    delivered.producer_does(&id, "offer", offer(100_000)).await.expect(200);
    assert_eq!(delivered.told(BUYER), "claim_offered 100000 48h");
    let inbox = delivered.buyer.get("/v1/auth/notices").await.expect(200);
    let words = inbox["data"][0]["text"].as_str().expect("words");
    assert!(words.contains("người bán đề nghị hoàn 100.000 đ. Hãy trả lời trước "), "{words}");
    delivered.buyer_does(&id, "accept-offer", json!({})).await.expect(200);
    assert_eq!(delivered.told(BUYER), "claim_offered 100000 48h, claim_decided 100000");
    assert_eq!(delivered.told(PRODUCER), "claim_opened 48h, claim_ended 100000");
    delivered.world.finish().await;
}

#[actix_web::test]
async fn who_did_not_take_a_step_hears_of_it_and_who_did_does_not() {
    let contested = Delivered::new().await;
    let id = contested.claim(1).await;
    contested.producer_does(&id, "contest", text()).await.expect(200);
    assert_eq!(
        (contested.told(BUYER), contested.told(PRODUCER)),
        ("claim_in_review 72h".into(), "claim_opened 48h".into())
    );
    contested.decide(&id, 7_000).await.expect(200);
    assert_eq!(contested.told(BUYER), "claim_in_review 72h, claim_decided 7000");
    assert_eq!(contested.told(PRODUCER), "claim_opened 48h, claim_ended 7000");
    contested.world.finish().await;

    let rejected = Delivered::new().await;
    let id = rejected.claim(1).await;
    rejected.producer_does(&id, "offer", offer(1_000)).await.expect(200);
    rejected.buyer_does(&id, "reject-offer", text()).await.expect(200);
    assert_eq!(rejected.told(PRODUCER), "claim_opened 48h, claim_in_review 72h");
    rejected.buyer_does(&id, "withdraw", json!({})).await.expect(200);
    assert_eq!(rejected.told(PRODUCER), "claim_opened 48h, claim_in_review 72h, claim_withdrawn");
    assert_eq!(rejected.told(BUYER), "claim_offered 1000 48h");
    rejected.world.finish().await;

    let silent = Delivered::new().await;
    silent.claim(1).await;
    silent.world.pass(TimeDelta::hours(48));
    silent.world.run_jobs().await;
    assert_eq!(
        (silent.told(BUYER), silent.told(PRODUCER)),
        ("claim_in_review 72h".into(), "claim_opened 48h, claim_in_review 72h".into())
    );
    silent.world.finish().await;
}

#[actix_web::test]
async fn what_the_operator_decides_on_goods_that_did_not_come_back_ends_the_order() {
    for (amount, order) in [(0, "completed 0"), (5_000, "partially_refunded 5000"), (370_000, "refunded 370000")] {
        let (delivered, id) = Delivered::overdue().await;
        assert_eq!(delivered.order(), "returning 0");
        assert_eq!(delivered.told(BUYER), "claim_return_asked 336h, claim_in_review 72h");
        assert_eq!(delivered.told(PRODUCER), "claim_opened 48h, claim_in_review 72h");
        let operator = delivered.world.session(OPERATOR, "operator", TimeDelta::zero()).1;
        let body = json!({"amount_vnd": amount, "text": "Người mua không gửi trả hàng."});
        operator.post(&format!("/v1/operator/claims/{id}/decide"), body).await.expect(200);
        assert_eq!(delivered.order(), order);
        delivered.world.finish().await;
    }
}

#[actix_web::test]
async fn goods_that_come_back_late_settle_the_claim_all_the_same() {
    let (delivered, id) = Delivered::overdue().await;
    let producer = delivered.world.session(PRODUCER, "producer", TimeDelta::zero()).1;
    let path = format!("/v1/producer/orders/{}/receive-return", delivered.order_id);
    producer.post(&path, json!({})).await.expect(200);
    assert_eq!((delivered.order(), delivered.claim_status()), ("returned 370000".into(), "settled 370000".into()));
    assert_eq!(delivered.owed().await, "claim 370000");
    let operator = delivered.world.session(OPERATOR, "operator", TimeDelta::zero()).1;
    let body = json!({"amount_vnd": 1, "text": "Muộn."});
    operator.post(&format!("/v1/operator/claims/{id}/decide"), body).await.refused(409, "claims.illegal_action");
    delivered.world.finish().await;
}

#[actix_web::test]
async fn the_deadline_of_goods_on_their_way_back_and_their_coming_never_both_count() {
    let delivered = Delivered::new().await;
    let id = delivered.claim(3).await;
    delivered.producer_does(&id, "ask-return", text()).await.expect(200);
    delivered.world.pass(TimeDelta::days(14));
    let producer = delivered.world.session(PRODUCER, "producer", TimeDelta::zero()).1;
    let path = format!("/v1/producer/orders/{}/receive-return", delivered.order_id);
    let ends = delivered.world.work(Job::EndClaimWait { claim_id: id.parse().expect("an id") });
    let (ended, received) = futures_util::future::join(ends, producer.post(&path, json!({}))).await;
    ended.expect("a job never fails for who came first");
    received.expect(200);
    assert_eq!((delivered.order(), delivered.claim_status()), ("returned 370000".into(), "settled 370000".into()));
    assert_eq!(delivered.owed().await, "claim 370000");
    delivered.world.finish().await;
}
