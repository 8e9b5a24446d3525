//! Claims, complaints and reviews of a delivered order, and money that waits for a person.

use serde_json::{Value, json};

use super::machine::Machine;
use super::{Actor, edit, refused_everywhere, verb};
use crate::support::money::Shop;
use crate::support::{Client, World};

const CLAIMS: &str = include_str!("../../../src/orders/claims/machine.txt");
const COMPLAINTS: &str = include_str!("../../../src/complaints/machine.txt");
const REVIEWS: &str = include_str!("../../../src/reviews/machine.txt");
/// What happens to odd money: a person decides, once.
const PAYMENT_REVIEWS: &str = include_str!("../../../src/payments/review_machine.txt");

struct Sold {
    world: World,
    shop: Shop,
    buyer: Client,
    order_id: String,
}

async fn sold() -> Sold {
    let world = World::start().await;
    let shop = world.shop(120_000, 20).await;
    let buyer = world.buyer("0933333333").await;
    let order_id = world.delivered(&buyer, &shop.producer, &shop.product, 1).await;
    Sold { world, shop, buyer, order_id }
}

fn id_of(made: &Value) -> &str {
    made["id"].as_str().expect("an id")
}

fn text() -> Value {
    json!({"text": "Hàng được gói kỹ, có ảnh."})
}

#[actix_web::test]
async fn a_claim_does_only_what_its_status_allows() {
    let Sold { world, shop, buyer, order_id } = sold().await;
    let demand = json!({"kind": "missing", "text": "Thiếu một chai.", "wish": "refund",
                        "lines": [{"variant_id": shop.product.variant_id, "quantity": 1}]});
    let made = buyer.post(&format!("/v1/buyer/orders/{order_id}/claims"), demand).await.expect(201);
    let base = |surface: &str| format!("/v1/{surface}/claims/{}", id_of(&made));
    let amount = || json!({"amount_vnd": 1_000, "text": "Hoàn một phần."});
    let (b, p, o) = (base("buyer"), base("producer"), base("operator"));
    let actors = [
        Actor::new(
            "buyer",
            &buyer,
            &b,
            vec![
                verb(&b, "accept-offer", json!({})),
                verb(&b, "reject-offer", text()),
                verb(&b, "withdraw", json!({})),
            ],
        ),
        Actor::new(
            "producer",
            &shop.producer.client,
            &p,
            vec![
                verb(&p, "accept", json!({})),
                verb(&p, "offer", amount()),
                verb(&p, "ask-return", text()),
                verb(&p, "contest", text()),
            ],
        ),
        Actor::new("operator", &shop.operator, &o, vec![verb(&o, "decide", amount())]),
    ];
    let place = |status: &str| {
        format!(
            "update claims set status = '{status}', offered_vnd = 1000, \
             due_at = case when '{status}' in ('open', 'offered', 'in_review', 'returning') then now() + interval '1 day' end, \
             granted_vnd = case when '{status}' in ('settled', 'decided') then 1000 end"
        )
    };
    let code: super::Code = |_, _, _, _| "claims.illegal_action";
    let asked = refused_everywhere(&world, &Machine::read(CLAIMS), code, &actors, place).await;
    assert_eq!(asked, 7 * 8 - 10, "all but what the machine gives to people");
    world.close().await;
}

#[actix_web::test]
async fn a_complaint_does_only_what_its_status_allows() {
    let Sold { world, shop, buyer, order_id } = sold().await;
    let grievance = json!({"kind": "quality", "text": "Mật ong bị chua."});
    let made = buyer.post(&format!("/v1/buyer/orders/{order_id}/complaints"), grievance).await.expect(201);
    let base = |surface: &str| format!("/v1/{surface}/complaints/{}", id_of(&made));
    let (b, p, o) = (base("buyer"), base("producer"), base("operator"));
    let actors = [
        Actor::new(
            "buyer",
            &buyer,
            &b,
            vec![
                verb(&b, "answer", text()),
                verb(&b, "settle", text()),
                verb(&b, "escalate", text()),
                verb(&b, "withdraw", json!({})),
            ],
        ),
        Actor::new("producer", &shop.producer.client, &p, vec![verb(&p, "answer", text())]),
        Actor::new(
            "operator",
            &shop.operator,
            &o,
            vec![
                verb(&o, "acknowledge", json!({})),
                verb(&o, "negotiate", json!({})),
                verb(&o, "answer", text()),
                verb(&o, "refer", text()),
                verb(&o, "settle", text()),
                verb(&o, "refuse", text()),
                verb(&o, "close", text()),
            ],
        ),
    ];
    let place = |status: &str| {
        format!(
            "update complaints set status = '{status}', \
             due_on = case when '{status}' not in ('settled', 'refused', 'closed') then received_on + 3 end"
        )
    };
    let code: super::Code = |_, _, _, _| "complaints.illegal_action";
    let asked = refused_everywhere(&world, &Machine::read(COMPLAINTS), code, &actors, place).await;
    assert_eq!(asked, 7 * 12 - COMPLAINTS.lines().count());
    world.close().await;
}

#[actix_web::test]
async fn a_review_does_only_what_its_status_allows() {
    let Sold { world, shop, buyer, order_id } = sold().await;
    let opinion = json!({"product_id": shop.product.id, "stars": 5, "text": "Mật thơm."});
    let made = buyer.post(&format!("/v1/buyer/orders/{order_id}/reviews"), opinion).await.expect(201);
    let base = |surface: &str| format!("/v1/{surface}/reviews/{}", id_of(&made));
    let (b, p, o) = (base("buyer"), base("producer"), base("operator"));
    let note = || json!({"note": "Đã xem lại."});
    let actors = [
        Actor::new(
            "buyer",
            &buyer,
            &b,
            vec![edit(&b, 1, json!({"stars": 3})), verb(&b, "appeal", json!({"text": "Không xúc phạm ai."}))],
        ),
        // A producer reads reviews in a list, and none that is hidden.
        Actor {
            shown_at: None,
            sees: |status| status == "visible",
            ..Actor::new("producer", &shop.producer.client, &p, vec![verb(&p, "answer", json!({"text": "Cảm ơn."}))])
        },
        Actor::new(
            "operator",
            &shop.operator,
            &o,
            vec![
                verb(&o, "hide", json!({"reason": "insult", "note": "Xúc phạm."})),
                verb(&o, "restore", note()),
                verb(&o, "uphold", note()),
            ],
        ),
    ];
    let place = |status: &str| {
        let hidden = |what: &str| if status == "visible" { "null".to_owned() } else { format!("'{what}'") };
        format!(
            "update reviews set status = '{status}', hidden_reason = {}, hidden_note = {}, appeal = {}",
            hidden("insult"),
            hidden("Xúc phạm."),
            hidden("Không xúc phạm ai.")
        )
    };
    let code: super::Code = |_, _, _, _| "reviews.illegal_action";
    let asked = refused_everywhere(&world, &Machine::read(REVIEWS), code, &actors, place).await;
    assert_eq!(asked, 4 * 6 - REVIEWS.lines().count());
    world.close().await;
}

#[actix_web::test]
async fn what_a_person_decided_about_money_stays_decided() {
    let world = World::start().await;
    let shop = world.shop(120_000, 20).await;
    world.sepay(1, "HG0000004", 50_000).await.expect(200);
    let id = world.text("select id from payment_reviews");
    let resolve = json!({"resolution": "refunded_by_hand", "note": "Đã trả lại."});
    let base = format!("/v1/operator/payment-reviews/{id}");
    let operator = Actor {
        shown_at: None,
        ..Actor::new("operator", &shop.operator, &base, vec![verb(&base, "resolve", resolve)])
    };
    let place = |status: &str| {
        let decided = |what: &str| if status == "open" { "null".to_owned() } else { what.to_owned() };
        format!(
            "update payment_reviews set status = '{status}', resolution = {}, resolved_at = {}",
            decided("'kept_for_order'"),
            decided("now()")
        )
    };
    let code: super::Code = |_, _, _, _| "payments.already_resolved";
    let machine = Machine::read(PAYMENT_REVIEWS);
    assert_eq!(refused_everywhere(&world, &machine, code, &[operator], place).await, 1);
    world.close().await;
}
