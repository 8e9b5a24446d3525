//! A producer's statement as files.

use std::time::Duration;

use chrono::Days;
use diesel::connection::SimpleConnection as _;
use futures_util::future::join;
use serde_json::json;

use super::{Stand, rows, words};
use crate::payouts;
use crate::support::World;

#[actix_web::test]
async fn a_statement_adds_up_to_what_the_books_say() {
    let stand = Stand::new().await;
    let first = stand.sale(1).await;
    let began = stand.today();
    stand.next_month().await;
    stand.sale(2).await;
    stand.given_back(&first, 85_000).await;
    let (today, seller) = (stand.today(), stand.seller());
    let balance = seller.get("/v1/producer/balance").await.expect(200)["balance_vnd"].as_i64().expect("money");
    let last_month = today - Days::new(1);
    for (from, until, opening, closing, lines) in
        [(began, last_month, 0, 182_225, 3), (today, today, 182_225, balance, 5), (began, today, 0, balance, 8)]
    {
        let query = format!("from={from}&until={until}");
        let table = rows(&stand.file(&seller, &format!("/v1/producer/statement.xlsx?{query}")).await, "Sao kê");
        assert_eq!(table.len(), lines + 3, "{query}: {table:?}");
        assert_eq!((table[1][1].as_str(), table[1][4].clone()), ("Số dư đầu kỳ", opening.to_string()));
        let last = table.last().expect("a line");
        assert_eq!((last[1].as_str(), last[4].clone()), ("Số dư cuối kỳ", closing.to_string()));
        let changes: i64 = table[2..table.len() - 1].iter().map(|row| row[3].parse::<i64>().expect("money")).sum();
        assert_eq!(opening + changes, closing, "{query}");
        let said = words(&stand.file(&seller, &format!("/v1/producer/statement.pdf?{query}")).await);
        for word in ["SAO KÊ TÀI KHOẢN NGƯỜI BÁN", "Hộ nuôi ong Mèo Vạc", "Thuế thu nhập cá nhân đã khấu trừ"]
        {
            assert!(said.contains(word), "{word} is not in {said}");
        }
    }
    seller.get("/v1/producer/statement.pdf?from=2026-01-02&until=2026-01-01").await.refused(422, "invalid_input");
    seller.get("/v1/producer/statement.xlsx?from=2026-01-01&until=2027-01-03").await.refused(422, "invalid_input");
    stand.world.finish().await;
}

/// What moves while it is written stands in the next one.
#[actix_web::test]
async fn a_statement_is_of_one_moment() {
    let stand = payouts::Stand::in_world(World::start().await).await;
    stand.sold(1, 1).await;
    let (household, operator) = (stand.household(), stand.one());
    // Whoever writes it looks for the names of orders when the movements are read and the end is not.
    let mut holder = stand.world.database.owner();
    holder.batch_execute("begin; lock table orders in access exclusive mode").expect("the lock");
    let moved = async {
        let waiting =
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        while stand.world.count(waiting) == 0 {
            actix_web::rt::time::sleep(Duration::from_millis(5)).await;
        }
        let paid = operator.post("/v1/operator/payout-runs", json!({})).await;
        holder.batch_execute("commit").expect("no lock any more");
        paid.expect(201)
    };
    let (written, _) = join(household.get("/v1/producer/statement.xlsx"), moved).await;
    assert_eq!(written.status, 200, "{}", written.text);
    stand.world.finish().await;
}
