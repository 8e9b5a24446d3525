//! Vouchers: no more is taken than was promised, whoever comes at once; what ends is free again, once.

use diesel::prelude::*;
use futures_util::future::{join, join_all};
use ocop_market::kernel::actor::SessionClaim;
use ocop_market::kernel::{
    AccountId, Actor, Audience, CheckoutId, Error, ProducerId, Result, SessionId, VariantId, Vnd,
};
use ocop_market::vouchers::{self, Basket, Discount, Fee, Line, VoucherCode};
use serde_json::{Value, json};

use crate::support::{Client, World, new_key, new_voucher};

const OPERATOR: &str = "/v1/operator/vouchers";
const PRODUCER: &str = "/v1/producer/vouchers";

/// A buyer with a cart's worth of goods of two producers, as a checkout would name them.
#[derive(Clone)]
struct Wish {
    actor: Actor,
    buyer_id: AccountId,
    checkout_id: CheckoutId,
    lines: Vec<Line>,
    fees: Vec<Fee>,
}

fn vnd(amount: i64) -> Vnd {
    Vnd::new(amount).expect("money")
}

fn uuid(text: &str) -> uuid::Uuid {
    text.parse().expect("an id")
}

/// Two producers with honey of 100,000 and tea of 250,000 đồng.
struct Fair {
    world: World,
    operator: Client,
    honey: Line,
    tea: Line,
    honey_maker: Client,
}

impl Fair {
    async fn new() -> Fair {
        let world = World::start().await;
        let operator = world.operator().await;
        let one = world.producer(&operator, "0911111111", "Hộ nuôi ong Mèo Vạc", "00769").await;
        let two = world.producer(&operator, "0922222222", "HTX chè Đồng Văn", "00721").await;
        let honey = world.product(&operator, &one, "Mật ong bạc hà", (100_000, 1_000)).await;
        let tea = world.product(&operator, &two, "Chè Shan tuyết", (250_000, 1_000)).await;
        let line = |product: &crate::support::Product, producer: &str, product_set| Line {
            variant_id: VariantId(uuid(&product.variant_id)),
            producer_id: ProducerId(uuid(producer)),
            product_set,
            total_vnd: vnd(product.price_vnd),
        };
        let (honey, tea) = (line(&honey, &one.id, 4), line(&tea, &two.id, 11));
        Fair { world, operator, honey, tea, honey_maker: one.client }
    }

    /// A checkout of this person that waits for its payment.
    async fn wish(&self, phone: &str) -> Wish {
        let (session, client) = self.world.session(phone, "buyer", chrono::TimeDelta::zero());
        client.put_in_cart(&self.honey.variant_id.to_string(), 1).await;
        client.put_in_cart(&self.tea.variant_id.to_string(), 1).await;
        let checkout = client.check_out(350_000).await.expect(201);
        let buyer_id = AccountId(uuid(&self.world.account(phone)));
        let claim = SessionClaim {
            session_id: SessionId(uuid(&session)),
            account_id: buyer_id,
            audience: Audience::Buyer,
            authorisation_version: 1,
            request_id: None,
        };
        let fee = |line: &Line, amount| Fee { producer_id: line.producer_id, fee_vnd: vnd(amount) };
        Wish {
            actor: Actor::Session(claim),
            buyer_id,
            checkout_id: CheckoutId(uuid(checkout["id"].as_str().expect("an id"))),
            lines: vec![self.honey.clone(), self.tea.clone()],
            fees: vec![fee(&self.honey, 20_000), fee(&self.tea, 30_000)],
        }
    }

    async fn voucher(&self, changes: Value) -> Value {
        let mut voucher = new_voucher(changes["kind"].as_str().unwrap_or("percent"));
        voucher["payer"] = json!("platform");
        for (field, value) in changes.as_object().expect("fields") {
            voucher[field] = value.clone();
        }
        self.operator.post(OPERATOR, voucher).await.expect(201)
    }

    async fn look(&self, wish: &Wish, code: &str) -> Result<Discount> {
        let (wish, code) = (wish.clone(), VoucherCode::parse(code).expect("a code"));
        let (actor, db) = (wish.actor.clone(), &self.world.app.db);
        db.read(&actor, move |tx| {
            let basket = Basket { lines: &wish.lines, fees: &wish.fees };
            vouchers::look(tx, &code, wish.buyer_id, basket)
        })
        .await
    }

    async fn take(&self, wish: &Wish, code: &Value) -> Result<Discount> {
        let (wish, code) = (wish.clone(), VoucherCode::parse(code.as_str().expect("a code")).expect("a code"));
        loop {
            let (wish, code) = (wish.clone(), code.clone());
            let actor = wish.actor.clone();
            let taken = self.world.app.db.write(&actor, move |tx| {
                let basket = Basket { lines: &wish.lines, fees: &wish.fees };
                vouchers::take(tx, wish.checkout_id, &code, wish.buyer_id, basket)
            });
            match taken.await {
                Err(Error::Unavailable(_)) => {}
                outcome => return outcome,
            }
        }
    }

    async fn give_back(&self, wish: &Wish) {
        let (actor, checkout_id) = (wish.actor.clone(), wish.checkout_id);
        while let Err(error) = self.world.app.db.write(&actor, move |tx| vouchers::give_back(tx, checkout_id)).await {
            assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
        }
    }

    async fn give_back_share(&self, wish: &Wish, line: &Line) -> i64 {
        let (actor, checkout_id, producer_id) = (wish.actor.clone(), wish.checkout_id, line.producer_id);
        let work = self.world.app.db.write(&actor, move |tx| vouchers::give_back_share(tx, checkout_id, producer_id));
        work.await.expect("a share").amount()
    }

    /// Uses, money spent, and uses that the buyers count.
    async fn counters(&self, voucher: &Value) -> (i64, i64, i64) {
        let id = voucher["id"].as_str().expect("an id");
        let shown = self.operator.get(&format!("{OPERATOR}/{id}")).await.expect(200);
        let buyers = self
            .world
            .count(&format!("select coalesce(sum(uses), 0)::bigint from voucher_buyers where voucher_id = '{id}'"));
        (shown["uses"].as_i64().expect("a number"), shown["spent_vnd"].as_i64().expect("a number"), buyers)
    }
}

fn code(outcome: Result<Discount>) -> &'static str {
    match outcome {
        Ok(_) => "taken",
        Err(Error::Refused(problem, _)) => problem.code,
        Err(error) => panic!("{error:?}"),
    }
}

fn told(outcome: Result<Discount>) -> Value {
    match outcome {
        Err(Error::Refused(problem, mut extra)) => {
            extra.insert("code".to_owned(), json!(problem.code));
            extra.into()
        }
        other => panic!("{other:?}"),
    }
}

fn amounts(discount: &Discount) -> (Vec<i64>, Vec<i64>) {
    let lines = discount.lines.iter().map(|line| line.discount_vnd.amount());
    (lines.collect(), discount.shipping.iter().map(|fee| fee.discount_vnd.amount()).collect())
}

#[actix_web::test]
async fn a_voucher_is_looked_at_taken_and_given_back() {
    let fair = Fair::new().await;
    let voucher = fair.voucher(json!({"code": "tet 2027-hg", "amount_vnd": 17_333})).await;
    assert_eq!((&voucher["code"], &voucher["status"]), (&json!("TET2027HG"), &json!("active")));
    let wish = fair.wish("0933333331").await;
    let seen = fair.look(&wish, "Tet-2O27-hg").await.expect("a discount");
    assert_eq!(amounts(&seen), (vec![4_952, 12_381], vec![]));
    assert_eq!(fair.counters(&voucher).await, (0, 0, 0), "looking takes nothing");

    assert_eq!(fair.take(&wish, &voucher["code"]).await.expect("a discount"), seen);
    assert_eq!(fair.counters(&voucher).await, (1, 17_333, 1));
    assert_eq!(code(fair.take(&wish, &voucher["code"]).await), "vouchers.one_per_checkout");
    assert_eq!(fair.counters(&voucher).await, (1, 17_333, 1));
    let checkout_id = wish.checkout_id;
    let used = fair.world.look(move |tx| vouchers::used(tx, checkout_id)).await.expect("a voucher");
    assert_eq!((used.code.as_str(), used.payer), ("TET2027HG", vouchers::VoucherPayer::Platform));
    let shares = fair.world.look(move |tx| vouchers::shares(tx, checkout_id)).await;
    let owed: Vec<i64> = shares.iter().map(|share| share.goods_vnd.amount()).collect();
    assert_eq!(owed, [4_952, 12_381]);

    fair.give_back(&wish).await;
    fair.give_back(&wish).await;
    assert_eq!(fair.counters(&voucher).await, (0, 0, 0), "given back once, however often asked");
    assert_eq!(code(fair.take(&wish, &voucher["code"]).await), "vouchers.one_per_checkout");
    fair.world.finish().await;
}

#[actix_web::test]
async fn the_delivery_is_split_over_the_parcels_to_the_dong() {
    let fair = Fair::new().await;
    let voucher = fair.voucher(json!({"kind": "free_shipping", "amount_vnd": 33_333})).await;
    let wish = fair.wish("0933333331").await;
    let taken = fair.take(&wish, &voucher["code"]).await.expect("a discount");
    assert_eq!(amounts(&taken), (vec![], vec![13_333, 20_000]));
    assert_eq!(fair.counters(&voucher).await, (1, 33_333, 1));
    fair.world.finish().await;
}

#[actix_web::test]
async fn what_one_order_had_of_it_is_free_again_and_with_the_last_order_the_use() {
    let fair = Fair::new().await;
    let voucher = fair.voucher(json!({"amount_vnd": 35_000, "uses_per_buyer_max": 1})).await;
    let wish = fair.wish("0933333331").await;
    fair.take(&wish, &voucher["code"]).await.expect("a discount");
    assert_eq!(fair.counters(&voucher).await, (1, 35_000, 1));
    assert_eq!(fair.give_back_share(&wish, &fair.honey).await, 10_000);
    assert_eq!(fair.give_back_share(&wish, &fair.honey).await, 0, "once");
    assert_eq!(fair.counters(&voucher).await, (1, 25_000, 1), "the buyer still has the rest of it");
    let again = fair.wish("0933333331").await;
    assert_eq!(code(fair.take(&again, &voucher["code"]).await), "vouchers.buyer_limit");
    assert_eq!(fair.give_back_share(&wish, &fair.tea).await, 25_000);
    assert_eq!(fair.counters(&voucher).await, (0, 0, 0));
    assert_eq!(code(fair.take(&again, &voucher["code"]).await), "taken");
    fair.world.finish().await;
}

#[actix_web::test]
async fn two_orders_that_end_at_once_end_the_use_once() {
    let fair = Fair::new().await;
    let voucher = fair.voucher(json!({"amount_vnd": 35_000, "uses_per_buyer_max": 20, "uses_max": 20})).await;
    for _ in 0..8 {
        let wish = fair.wish("0933333331").await;
        fair.take(&wish, &voucher["code"]).await.expect("a discount");
        let freed = join(fair.give_back_share(&wish, &fair.honey), fair.give_back_share(&wish, &fair.tea)).await;
        assert_eq!(freed, (10_000, 25_000));
        assert_eq!(fair.counters(&voucher).await, (0, 0, 0));
    }
    fair.world.finish().await;
}

#[actix_web::test]
async fn fifty_at_once_get_exactly_the_ten_uses_there_are() {
    let fair = Fair::new().await;
    let voucher = fair.voucher(json!({"uses_max": 10})).await;
    let mut wishes = Vec::new();
    for place in 0..50 {
        wishes.push(fair.wish(&format!("09351{place:05}")).await);
    }
    let outcomes = join_all(wishes.iter().map(|wish| fair.take(wish, &voucher["code"]))).await;
    let codes: Vec<&str> = outcomes.into_iter().map(code).collect();
    assert_eq!(codes.iter().filter(|code| **code == "taken").count(), 10, "{codes:?}");
    assert!(codes.iter().all(|code| matches!(*code, "taken" | "vouchers.used_up")), "{codes:?}");
    assert_eq!(fair.counters(&voucher).await, (10, 200_000, 10));

    join_all(wishes.iter().flat_map(|wish| [fair.give_back(wish), fair.give_back(wish)])).await;
    assert_eq!(fair.counters(&voucher).await, (0, 0, 0));
    fair.world.finish().await;
}

#[actix_web::test]
async fn one_buyer_twenty_times_at_once_gets_it_once() {
    let fair = Fair::new().await;
    let voucher = fair.voucher(json!({"uses_max": 100, "uses_per_buyer_max": 1})).await;
    let mut wishes = Vec::new();
    for _ in 0..20 {
        wishes.push(fair.wish("0933333331").await);
    }
    let outcomes = join_all(wishes.iter().map(|wish| fair.take(wish, &voucher["code"]))).await;
    let codes: Vec<&str> = outcomes.into_iter().map(code).collect();
    assert_eq!(codes.iter().filter(|code| **code == "taken").count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == "vouchers.buyer_limit").count(), 19, "{codes:?}");
    assert_eq!(fair.counters(&voucher).await, (1, 20_000, 1));
    fair.world.finish().await;
}

#[actix_web::test]
async fn the_budget_is_never_overspent_while_some_take_and_some_give_back() {
    let fair = Fair::new().await;
    let voucher = fair.voucher(json!({"budget_vnd": 70_000, "uses_max": 100})).await;
    let mut wishes = Vec::new();
    for place in 0..12 {
        wishes.push(fair.wish(&format!("09352{place:05}")).await);
    }
    let outcomes = join_all(wishes.iter().map(|wish| fair.take(wish, &voucher["code"]))).await;
    let codes: Vec<&str> = outcomes.into_iter().map(code).collect();
    assert_eq!(codes.iter().filter(|code| **code == "taken").count(), 3, "{codes:?}");
    assert_eq!(fair.counters(&voucher).await, (3, 60_000, 3));

    // Those who got nothing try again while those who had it let go.
    let (had, had_not): (Vec<_>, Vec<_>) = wishes.iter().zip(codes).partition(|(_, code)| *code == "taken");
    let returns = join_all(had.iter().map(|(wish, _)| fair.give_back(wish)));
    let tries = join_all(had_not.iter().map(|(wish, _)| fair.take(wish, &voucher["code"])));
    let (_, outcomes) = join(returns, tries).await;
    let taken = outcomes.into_iter().map(code).filter(|code| *code == "taken").count();
    assert!(taken <= 3, "{taken}");
    let taken = i64::try_from(taken).expect("a number");
    assert_eq!(fair.counters(&voucher).await, (taken, 20_000 * taken, taken));
    fair.world.finish().await;
}

#[actix_web::test]
async fn every_refusal_says_why() {
    let fair = Fair::new().await;
    let wish = fair.wish("0933333331").await;
    assert_eq!(told(fair.look(&wish, "NOSVCH").await), json!({"code": "vouchers.unknown"}));

    let later = fair.voucher(json!({"starts_on": "2099-01-01"})).await;
    let refused = told(fair.look(&wish, later["code"].as_str().expect("a code")).await);
    assert_eq!(refused, json!({"code": "vouchers.not_yet_valid", "starts_on": "2099-01-01"}));

    let dear = fair.voucher(json!({"minimum_vnd": 350_001})).await;
    let refused = told(fair.look(&wish, dear["code"].as_str().expect("a code")).await);
    assert_eq!(
        refused,
        json!({"code": "vouchers.minimum_not_reached", "minimum_vnd": 350_001, "counted_vnd": 350_000, "left_out": []})
    );

    let mut spirits = wish.clone();
    spirits.lines[0].product_set = 14;
    let refused = told(fair.look(&spirits, dear["code"].as_str().expect("a code")).await);
    assert_eq!((&refused["code"], &refused["counted_vnd"]), (&json!("vouchers.minimum_not_reached"), &json!(250_000)));
    assert_eq!(refused["left_out"], json!([{"variant_id": fair.honey.variant_id, "reason": "spirits"}]));

    let coffee = fair.voucher(json!({"product_sets": [13, 13]})).await;
    assert_eq!(coffee["product_sets"], json!([13]));
    let refused = told(fair.look(&spirits, coffee["code"].as_str().expect("a code")).await);
    assert_eq!(refused["code"], "vouchers.nothing_applies");
    assert_eq!(refused["left_out"][1], json!({"variant_id": fair.tea.variant_id, "reason": "not_included"}));

    let path = |voucher: &Value, verb: &str| format!("{OPERATOR}/{}/{verb}", voucher["id"].as_str().expect("an id"));
    let voucher = fair.voucher(json!({"code": "HET-HAN-9"})).await;
    fair.operator.post(&path(&voucher, "pause"), json!({})).await.expect(200);
    assert_eq!(told(fair.look(&wish, "HETHAN9").await), json!({"code": "vouchers.paused"}));
    fair.operator.post(&path(&voucher, "resume"), json!({})).await.expect(200);
    assert!(fair.look(&wish, "HETHAN9").await.is_ok());
    let ended = fair.operator.post(&path(&voucher, "end"), json!({})).await.expect(200);
    assert_eq!((&ended["status"], &ended["allowed_actions"]), (&json!("ended"), &json!([])));
    assert_eq!(told(fair.look(&wish, "HETHAN9").await), json!({"code": "vouchers.ended"}));
    let refused = fair.operator.post(&path(&voucher, "resume"), json!({})).await;
    assert_eq!(refused.refused(409, "vouchers.action_not_allowed")["allowed_actions"], json!([]));

    fair.voucher(json!({"code": "NAM-CV-9"})).await;
    fair.world.database.execute("update vouchers set ends_on = '2026-01-31' where code = 'NAMCV9'");
    assert_eq!(told(fair.look(&wish, "NAMCV9").await), json!({"code": "vouchers.ended"}));
    fair.world.finish().await;
}

#[actix_web::test]
async fn a_producers_voucher_is_for_his_own_goods_and_unknown_elsewhere() {
    let fair = Fair::new().await;
    let voucher = fair.honey_maker.post(PRODUCER, new_voucher("percent")).await.expect(201);
    let own = fair.honey.producer_id.to_string();
    assert_eq!((&voucher["payer"], &voucher["producer_ids"]), (&json!("producer"), &json!([own])));
    let code_of = voucher["code"].as_str().expect("a code");
    assert_eq!(code_of.len(), 10);
    let mut wish = fair.wish("0933333331").await;
    let seen = fair.look(&wish, code_of).await.expect("a discount");
    assert_eq!(amounts(&seen), (vec![10_000], vec![]), "a seller's promotion stays with his goods");
    wish.lines.remove(0);
    wish.fees.remove(0);
    assert_eq!(told(fair.look(&wish, code_of).await), told(fair.look(&wish, "NOSVCH").await));

    let mine = fair.honey_maker.get(PRODUCER).await.expect(200);
    assert_eq!(mine["data"].as_array().expect("rows").len(), 1);
    fair.voucher(json!({})).await;
    assert_eq!(fair.honey_maker.get(PRODUCER).await.expect(200)["data"].as_array().expect("rows").len(), 1);
    assert_eq!(fair.operator.get(OPERATOR).await.expect(200)["data"].as_array().expect("rows").len(), 2);
    fair.world.finish().await;
}

#[actix_web::test]
async fn every_fault_of_a_new_voucher_is_named_at_once() {
    let fair = Fair::new().await;
    let mut bad = new_voucher("percent");
    bad["rate_bp"] = Value::Null;
    bad["payer"] = json!("producer");
    bad["starts_on"] = json!("2027-02-01");
    bad["ends_on"] = json!("2027-01-31");
    bad["product_sets"] = json!([4, 14, 15]);
    bad["producer_ids"] = json!([uuid::Uuid::now_v7()]);
    let refused = fair.operator.post(OPERATOR, bad).await.refused(422, "invalid_input");
    let faults: Vec<&str> =
        refused["errors"].as_array().expect("faults").iter().filter_map(|fault| fault["pointer"].as_str()).collect();
    assert_eq!(faults, ["/rate_bp", "/ends_on", "/product_sets/1", "/product_sets/2", "/payer", "/producer_ids/0"]);

    let mut foreign = new_voucher("amount");
    foreign["rate_bp"] = json!(1);
    foreign["payer"] = json!("platform");
    foreign["producer_ids"] = json!([fair.tea.producer_id]);
    let refused = fair.honey_maker.post(PRODUCER, foreign).await.refused(422, "invalid_input");
    assert_eq!(refused["errors"].as_array().expect("faults").len(), 3);

    let mut same = new_voucher("amount");
    same["code"] = json!("QUEN-10");
    fair.honey_maker.post(PRODUCER, same.clone()).await.refused(422, "invalid_input");
    same["code"] = json!("QVEN-10");
    fair.honey_maker.post(PRODUCER, same.clone()).await.expect(201);
    same["code"] = json!("qven lo");
    fair.honey_maker.post(PRODUCER, same).await.refused(409, "vouchers.code_taken");
    fair.world.finish().await;
}

#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = diesel::sql_types::Text)]
    role: String,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    vouchers: i64,
}

#[actix_web::test]
async fn buyers_see_no_voucher_even_after_a_refusal() {
    let fair = Fair::new().await;
    let voucher = fair.voucher(json!({"minimum_vnd": 1_000_000})).await;
    let wish = fair.wish("0933333331").await;
    let code = VoucherCode::parse(voucher["code"].as_str().expect("a code")).expect("a code");
    let actor = wish.actor.clone();
    let seen = fair.world.app.db.read(&actor, move |tx| {
        let basket = Basket { lines: &wish.lines, fees: &wish.fees };
        assert!(vouchers::look(tx, &code, wish.buyer_id, basket).is_err());
        let sql = "select actor_role() as role, (select count(*) from vouchers) as vouchers";
        Ok(diesel::sql_query(sql).get_result::<Seen>(tx.conn)?)
    });
    let seen = seen.await.expect("a look");
    assert_eq!((seen.role.as_str(), seen.vouchers), ("buyer", 0));
    fair.world.finish().await;
}

#[actix_web::test]
async fn a_voucher_sent_twice_is_made_once() {
    let fair = Fair::new().await;
    let mut voucher = new_voucher("amount");
    voucher["payer"] = json!("province");
    let key = new_key();
    let first = fair.operator.post_with_key(OPERATOR, &key, voucher.clone()).await.expect(201);
    let second = fair.operator.post_with_key(OPERATOR, &key, voucher).await.expect(201);
    assert_eq!(first, second);
    assert_eq!(fair.world.count("select count(*) from vouchers"), 1);
    fair.world.finish().await;
}
