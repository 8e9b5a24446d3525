//! At the same time.

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use futures_util::future::{join, join_all};
use ocop_market::jobs::Job;
use ocop_market::kernel::RefundId;
use ocop_market::refunds;

use super::Stand;
use crate::support::payer_refunds::{Meets, Standing};

/// What is owed back twice of one order, which orders themselves never do.
fn owe_twice(stand: &Stand, order_id: &str, share: i64) -> Vec<uuid::Uuid> {
    let ids = [uuid::Uuid::now_v7(), uuid::Uuid::now_v7()];
    for id in ids {
        stand.world.database.execute(&format!(
            "insert into order_refunds (id, order_id, buyer_account_id, producer_id, cause, amount_vnd, at)
             select '{id}', id, buyer_account_id, producer_id, 'refused', total_vnd * {share} / 100, now() from orders
             where id = '{order_id}'"
        ));
    }
    ids.to_vec()
}

#[actix_web::test]
async fn of_two_refunds_of_60_percent_at_once_one_is_paid_back_and_one_is_rejected() {
    for provider in ["momo", "bank_transfer"] {
        let stand = Stand::new().await;
        let due = stand.paid(provider, 2).await;
        let ids = owe_twice(&stand, due.order_id(), 60);
        let owe = |refund_id| stand.world.work(Job::OweRefund { refund_id });
        let (one, two) = join(owe(ids[0]), owe(ids[1])).await;
        one.and(two).expect("both are looked at");
        stand.world.run_jobs().await;
        let kept = if provider == "momo" { "succeeded" } else { "manual" };
        let statuses = stand.world.text("select string_agg(status, ' ' order by status) from refunds");
        let mut wanted = [kept, "rejected"];
        wanted.sort_unstable();
        assert_eq!(statuses, wanted.join(" "), "{provider}");
        let sums = stand.world.text("select captured_vnd || ' ' || refunded_vnd from refund_totals");
        assert_eq!(sums, format!("{} {}", due.total, due.total * 60 / 100));
        let paid: i64 = stand.payers.desk(|desk| desk.refunds.values().map(|refund| refund.amount).sum());
        assert_eq!(paid, if provider == "momo" { due.total * 60 / 100 } else { 0 });
        // By hand neither: the rejected one stays so.
        let rejected = stand.world.text(
            "select id from payment_reviews where refund_id in (select id from refunds where status = 'rejected')",
        );
        let body = serde_json::json!({"resolution": "refunded_by_hand", "note": "Đã chuyển khoản"});
        let path = format!("/v1/operator/payment-reviews/{rejected}/resolve");
        stand.operator().post(&path, body).await.refused(409, "refunds.illegal_action");
        stand.world.close().await;
        stand.payers.stop().await;
    }
}

#[actix_web::test]
async fn the_database_itself_refuses_more_than_came_in() {
    let stand = Stand::new().await;
    let due = stand.paid("momo", 2).await;
    let ids = owe_twice(&stand, due.order_id(), 60);
    let insert = |id: &uuid::Uuid| {
        format!(
            "insert into refunds (id, order_id, buyer_account_id, payment_id, credit_id, provider, rail, amount_vnd, status,
                                  approvals_needed, due_on, created_at, updated_at)
             select f.id, f.order_id, f.buyer_account_id, p.id, k.id, k.provider, 'hand', f.amount_vnd, 'manual', 0, now(), now(), now()
             from order_refunds f, payments p join payment_credits k on k.payment_id = p.id where f.id = '{id}'"
        )
    };
    // Two transactions at once: the second waits for the first and is refused.
    let run = |id: &uuid::Uuid| {
        let mut conn = stand.world.database.owner();
        let sql = format!("begin; {}; select pg_sleep(0.3); commit", insert(id));
        conn.batch_execute(&sql).map_err(|error| error.to_string())
    };
    let outcomes = std::thread::scope(|scope| {
        let second = scope.spawn(|| run(&ids[1]));
        [run(&ids[0]), second.join().expect("a thread")]
    });
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    let refused = outcomes.iter().find_map(|outcome| outcome.as_ref().err()).expect("a refusal");
    assert!(refused.contains("refund_totals_refunded_check"), "{refused}");
    // Nor may a total or an amount be changed behind it.
    let error = stand.world.database.fails("update refunds set amount_vnd = amount_vnd + 1");
    assert!(error.contains("stays one of its payment"), "{error}");
    let error = stand.world.database.fails("delete from refunds");
    assert!(error.contains("append-only"), "{error}");
    stand.world.close().await;
    stand.payers.stop().await;
}

#[actix_web::test]
async fn fifty_workers_send_one_refund_once() {
    let stand = Stand::new().await;
    let due = stand.owed("momo", &[Meets::Answered(Standing::Done)]).await;
    stand.world.work(Job::OweRefund { refund_id: owed_id(&stand) }).await.expect("owed");
    stand.payers.desk(|desk| desk.takes = Duration::from_millis(300));
    let id = RefundId(stand.refund_id(&due).parse().expect("an id"));
    let app = &stand.world.app;
    let runs = (0..50).map(|_| async move {
        // Whoever finds no connection comes again, as a job would.
        loop {
            let Ok(mut write) = refunds::run(app, id).await else { continue };
            if app.db.job(move |tx| write(tx)).await.is_ok() {
                return;
            }
        }
    });
    join_all(runs).await;
    assert_eq!((stand.standing(&due).as_str(), stand.sends().len()), ("succeeded 1", 1));
    assert_eq!(stand.booked(&due), due.total);
    stand.finish().await;
}

fn owed_id(stand: &Stand) -> uuid::Uuid {
    stand.world.text("select id from order_refunds").parse().expect("an id")
}
