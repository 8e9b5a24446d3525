//! What a producer needs to write e-invoices.

use serde_json::json;

use super::{PRICE, Stand, rows};

const PATH: &str = "/v1/producer/invoice-data";

#[actix_web::test]
async fn a_completed_order_is_handed_over_with_its_buyer_and_corrected_by_a_later_refund() {
    let stand = Stand::new().await;
    let due = stand.sale(1).await;
    let open = stand.world.due(&stand.live("0933333333", "buyer"), &stand.shop.product, 1, "bank_transfer").await;
    let month = stand.month();
    let page = stand.seller().get(&format!("{PATH}?month={month}")).await.expect(200);
    let entries = page["data"].as_array().expect("entries").clone();
    assert_eq!(entries.len(), 1, "only what was completed: {page}");
    let sale = &entries[0];
    assert_eq!((&sale["order_id"], &sale["refund_id"]), (&json!(due.order_id()), &json!(null)));
    assert_ne!(sale["order_id"], open.order_id());
    assert_eq!((&sale["amount_vnd"], &sale["total_vnd"]), (&json!(PRICE), &json!(PRICE)));
    assert_eq!(sale["lines"][0]["name"], "Mật ong bạc hà");
    assert_eq!((&sale["lines"][0]["quantity"], &sale["lines"][0]["total_vnd"]), (&json!(1), &json!(PRICE)));
    assert_eq!(sale["buyer_name"], "Nguyễn Thị Hoà");
    assert!(sale["delivered_at"].is_string() && sale["paid_at"].is_string() && sale["at"].is_string());

    stand.next_month().await;
    stand.given_back(&due, 85_000).await;
    let old = stand.seller().get(&format!("{PATH}?month={month}")).await.expect(200);
    assert_eq!(old["data"], page["data"], "what was handed over stays as it was");
    let now = stand.seller().get(PATH).await.expect(200);
    let correction = &now["data"][0];
    assert_eq!((&correction["order_id"], &correction["amount_vnd"]), (&json!(due.order_id()), &json!(85_000)));
    assert!(correction["refund_id"].is_string() && correction["lines"] == json!([]), "{correction}");

    let seller = stand.seller();
    let book = stand.file(&seller, &format!("{PATH}.xlsx?month={month}")).await;
    let table = rows(&book, "Dữ liệu hóa đơn");
    assert_eq!((table.len(), table[1][1].as_str(), table[1][9].as_str()), (2, "Bán hàng", "Mật ong bạc hà"));
    assert_eq!(table[1][15..], ["185000", "0", "185000", "185000"]);
    let csv = String::from_utf8(stand.file(&seller, &format!("{PATH}.csv")).await).expect("text");
    let line = csv.lines().nth(1).expect("a correction");
    assert!(line.contains("Điều chỉnh giảm") && line.ends_with(",-85000"), "{line}");
    stand.world.finish().await;
}

#[actix_web::test]
async fn nobody_gets_the_buyers_of_another_producer() {
    let stand = Stand::new().await;
    stand.sale(1).await;
    stand.another("0922222222", "Hộ chè Đồng Văn").await;
    let stranger = stand.live("0922222222", "producer");
    assert_eq!(stranger.get(PATH).await.expect(200)["data"], json!([]));
    let csv = String::from_utf8(stand.file(&stranger, &format!("{PATH}.csv")).await).expect("text");
    assert_eq!(csv.lines().count(), 1, "{csv}");
    stranger.get(&format!("{PATH}?month=2026-13")).await.refused(422, "invalid_input");
    stand.world.finish().await;
}

#[actix_web::test]
async fn pages_of_a_month_hold_everything_once() {
    let stand = Stand::new().await;
    for notice in 1..=3 {
        stand.sale(notice).await;
    }
    let (mut seen, mut next) = (Vec::new(), format!("{PATH}?limit=2"));
    loop {
        let page = stand.seller().get(&next).await.expect(200);
        seen.extend(page["data"].as_array().expect("entries").iter().map(|one| one["id"].to_string()));
        let Some(cursor) = page["page"]["next_cursor"].as_str() else { break };
        next = format!("{PATH}?limit=2&cursor={cursor}");
    }
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((all, seen.len()), (3, 3));
    stand.world.finish().await;
}
