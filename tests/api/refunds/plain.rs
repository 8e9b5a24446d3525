//! As it should go.

use chrono::TimeDelta;
use serde_json::json;

use super::{PRICE, PROVIDERS, REFUNDS, Stand, of_two};
use crate::support::payer_refunds::{Meets, Standing};

#[actix_web::test]
async fn every_provider_pays_back_at_once_and_the_buyer_sees_it() {
    let stand = Stand::new().await;
    for (number, provider) in PROVIDERS.into_iter().enumerate() {
        let due = stand.owed(provider, &[]).await;
        stand.world.run_jobs().await;
        assert_eq!(stand.standing(&due), "succeeded 1", "{provider}");
        assert_eq!((stand.sends().len(), stand.booked(&due)), (number + 1, due.total), "{provider}");
        let sent = format!(
            "select concat_ws(' ', debit, credit, provider) from ledger_transfers where kind = 'refund_sent' and order_id = '{}'",
            due.order_id()
        );
        assert_eq!(stand.world.text(&sent), format!("refunds_owed clearing {provider}"));
        let seen = stand.seen(&due).await;
        assert_eq!((&seen[0]["status"], &seen[0]["amount_vnd"]), (&json!("succeeded"), &json!(due.total)));
        let told = "select string_agg(topic, ' ' order by id) from notices where topic like 'refund%'";
        assert_eq!(stand.world.text(told).split(' ').count(), 2 * (number + 1), "{provider}");
    }
    assert!(stand.world.reviews().is_empty(), "nobody has anything to do");
    stand.finish().await;
}

#[actix_web::test]
async fn what_its_provider_works_on_is_followed_to_its_end() {
    let stand = Stand::new().await;
    for provider in PROVIDERS {
        for end in [Standing::Done, Standing::Refused] {
            let due = stand.owed(provider, &[Meets::Answered(Standing::Processing)]).await;
            stand.world.run_jobs().await;
            assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), ("sent 1", 0), "{provider}");
            stand.later(TimeDelta::minutes(1)).await;
            assert_eq!(stand.standing(&due), "sent 1", "{provider}");
            let number = stand.sends().pop().expect("a send");
            stand.payers.desk(|desk| desk.refunds.get_mut(&number).expect("a refund").standing = end);
            stand.later(TimeDelta::minutes(5)).await;
            let wanted = if end == Standing::Done { ("succeeded 1", due.total) } else { ("failed 1", 0) };
            assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), wanted, "{provider}");
            stand.later(TimeDelta::minutes(5)).await;
            let tries = if end == Standing::Done { "succeeded 1" } else { "succeeded 2" };
            assert_eq!((stand.standing(&due).as_str(), stand.booked(&due)), (tries, due.total), "{provider}");
        }
    }
    stand.finish().await;
}

#[actix_web::test]
async fn one_order_of_a_purchase_is_paid_back_and_the_other_is_not_touched() {
    let stand = Stand::new().await;
    let due = of_two(&stand, "momo", (100_000, 80_000)).await;
    let orders: Vec<(String, i64)> = due.checkout["orders"]
        .as_array()
        .expect("orders")
        .iter()
        .map(|order| (order["id"].as_str().expect("an id").to_owned(), order["total_vnd"].as_i64().expect("money")))
        .collect();
    stand.cancel(&orders[0].0).await;
    stand.world.run_jobs().await;
    let totals = "select captured_vnd || ' ' || refunded_vnd from refund_totals";
    assert_eq!(stand.world.text(totals), format!("180000 {}", orders[0].1));
    let status = format!("select status from orders where id = '{}'", orders[1].0);
    assert_eq!(stand.world.text(&status), "paid");
    stand.cancel(&orders[1].0).await;
    stand.world.run_jobs().await;
    assert_eq!(stand.world.text(totals), "180000 180000");
    assert_eq!(stand.world.count("select count(*) from refunds where status = 'succeeded'"), 2);
    let paid: i64 = stand.payers.desk(|desk| desk.refunds.values().map(|refund| refund.amount).sum());
    assert_eq!(paid, 180_000);
    stand.finish().await;
}

#[actix_web::test]
async fn what_is_overdue_stands_first_and_can_be_listed_alone() {
    let stand = Stand::new().await;
    let old = stand.paid("bank_transfer", 1).await;
    stand.cancel(old.order_id()).await;
    stand.world.run_jobs().await;
    stand.world.database.execute("update refunds set due_on = due_on - 31");
    let new = stand.paid("bank_transfer", 2).await;
    stand.cancel(new.order_id()).await;
    stand.world.run_jobs().await;
    let operator = stand.operator();
    let listed = operator.get(REFUNDS).await.expect(200);
    let orders = |listed: &serde_json::Value| -> Vec<String> {
        let rows = listed["data"].as_array().expect("a list").iter();
        rows.map(|row| format!("{} {}", row["order_id"].as_str().expect("an id"), row["is_overdue"])).collect()
    };
    let (first, second) = (format!("{} true", old.order_id()), format!("{} false", new.order_id()));
    assert_eq!(orders(&listed), [first.clone(), second]);
    assert_eq!(orders(&operator.get(&format!("{REFUNDS}?overdue=true")).await.expect(200)), [first]);
    let page = operator.get(&format!("{REFUNDS}?limit=1")).await.expect(200);
    let cursor = page["page"]["next_cursor"].as_str().expect("a next page");
    let next = operator.get(&format!("{REFUNDS}?limit=1&cursor={cursor}")).await.expect(200);
    assert_eq!(next["data"][0]["amount_vnd"], 2 * PRICE);
    stand.finish().await;
}
