//! What everybody sees: never older than the question, and the same by every way of asking.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, Producer, World};

async fn patch(client: &Client, path: &str, version: i64, body: Value) -> Value {
    let version = format!("\"{version}\"");
    let headers = [("content-type", "application/json"), ("if-match", version.as_str())];
    client.send(Method::PATCH, path, &headers, Some(body.to_string())).await.expect(200)
}

async fn list(client: &Client, query: &str) -> Vec<Value> {
    let page = client.get(&format!("/v1/public/products?{query}")).await.expect(200);
    page["data"].as_array().expect("rows").clone()
}

#[actix_web::test]
async fn what_changes_is_seen_in_pages_that_were_shown_before() {
    let world = World::start().await;
    let shop = world.shop(450_000, 20).await;
    let (visitor, product) = (world.visitor(), &shop.product);
    let page = format!("/v1/public/products/{}", product.id);
    let first = visitor.get("/v1/public/products").await;
    let etag = first.header("etag").to_owned();
    assert_eq!(first.expect(200)["data"][0]["available"], 20);
    visitor.get(&page).await.expect(200);
    let known = visitor.send(Method::GET, "/v1/public/products", &[("if-none-match", etag.as_str())], None).await;
    assert_eq!((known.status, known.text.as_str()), (304, ""), "nothing has changed");

    let buyer = world.buyer("0933333333").await;
    buyer.put_in_cart(&product.variant_id, 3).await;
    buyer.check_out(1_350_000).await.expect(201);
    assert_eq!(list(&visitor, "").await[0]["available"], 17);
    assert_eq!(visitor.get(&page).await.expect(200)["variants"][0]["available"], 17);
    let changed = visitor.send(Method::GET, "/v1/public/products", &[("if-none-match", etag.as_str())], None).await;
    assert_eq!(changed.status, 200, "another stock is another page");

    let variant = format!("/v1/producer/variants/{}", product.variant_id);
    patch(&shop.producer.client, &variant, 1, json!({"price_vnd": 400_000})).await;
    assert_eq!(list(&visitor, "").await[0]["price_vnd"], 400_000);
    assert_eq!(visitor.get(&page).await.expect(200)["variants"][0]["price_vnd"], 400_000);

    let own = format!("/v1/producer/products/{}", product.id);
    shop.producer.client.post(&format!("{own}/pause"), json!({})).await.expect(200);
    assert!(list(&visitor, "").await.is_empty());
    visitor.get(&page).await.refused(404, "not_found");
    shop.producer.client.post(&format!("{own}/resume"), json!({})).await.expect(200);
    assert_eq!(list(&visitor, "").await.len(), 1);
    visitor.get(&page).await.expect(200);
    world.finish().await;
}

#[actix_web::test]
async fn nobody_sees_more_in_stock_than_was_there_when_they_asked() {
    const STOCK: i64 = 60;
    let world = World::start().await;
    let shop = world.shop(120_000, STOCK).await;
    let sold = Arc::new(AtomicI64::new(0));
    let readers = (0..8).map(|_| {
        let (visitor, sold) = (world.visitor(), Arc::clone(&sold));
        actix_web::rt::spawn(async move {
            let mut seen = BTreeSet::new();
            while sold.load(Ordering::SeqCst) < STOCK {
                let at_least_sold = sold.load(Ordering::SeqCst);
                let available = list(&visitor, "limit=5").await[0]["available"].as_i64().expect("a number");
                assert!(available <= STOCK - at_least_sold, "{available} shown after {at_least_sold} were sold");
                seen.insert(available);
            }
            seen
        })
    });
    let readers: Vec<_> = readers.collect();
    let buyer = world.buyer("0933333333").await;
    for _ in 0..STOCK {
        buyer.put_in_cart(&shop.product.variant_id, 1).await;
        buyer.check_out(120_000).await.expect(201);
        sold.fetch_add(1, Ordering::SeqCst);
    }
    for reader in readers {
        let seen = reader.await.expect("a reader");
        assert!(seen.len() > 5, "the pages moved with the stock: {seen:?}");
    }
    world.finish().await;
}

/// Follows the cursors to the end.
async fn every_page(client: &Client, query: &str) -> Vec<Value> {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("/v1/public/products?{query}{cursor}")).await.expect(200);
        rows.extend(page["data"].as_array().expect("rows").iter().cloned());
        match page["page"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

async fn market(world: &World) -> Vec<Producer> {
    let operator = world.operator().await;
    let meo_vac = world.producer(&operator, "0911111111", "Hộ nuôi ong Mèo Vạc", "00769").await;
    let cao_bo = world.producer(&operator, "0911111112", "HTX mật Cao Bồ", "00952").await;
    for (title, price) in [
        ("Mật ong bạc hà", 450_000),
        ("Mật ong hoa tam giác mạch", 250_000),
        ("Cao atiso", 90_000),
        ("Mật ong rừng", 250_000),
    ] {
        world.product(&operator, &meo_vac, title, (price, 10)).await;
    }
    for (title, price) in [("Chè Shan tuyết", 300_000), ("Mật ong bạc hà loại hai", 150_000), ("Trà hoa mật", 80_000)]
    {
        world.product(&operator, &cao_bo, title, (price, 10)).await;
    }
    vec![meo_vac, cao_bo]
}

#[actix_web::test]
async fn pages_of_every_order_hold_each_product_once_and_in_order() {
    let world = World::start().await;
    market(&world).await;
    let visitor = world.visitor();
    for query in ["", "sort=price_vnd&", "q=mat&", "q=mat%20ong&", "commune_code=00769&", "price_min_vnd=100000&"] {
        let whole = list(&visitor, &format!("{query}limit=100")).await;
        assert!(whole.len() > 1, "{query}");
        for limit in [1, 2, 3] {
            assert_eq!(every_page(&visitor, &format!("{query}limit={limit}")).await, whole, "{query} by {limit}");
        }
    }
    let titles = |rows: &[Value]| rows.iter().map(|row| row["title"].as_str().unwrap_or("").to_owned()).collect();
    let newest: Vec<String> = titles(&list(&visitor, "").await);
    assert_eq!((newest[0].as_str(), newest[6].as_str()), ("Trà hoa mật", "Mật ong bạc hà"));
    // In the title first, then in the producer's name; each the newest first.
    let found: Vec<String> = titles(&list(&visitor, "q=mat").await);
    let in_title =
        ["Trà hoa mật", "Mật ong bạc hà loại hai", "Mật ong rừng", "Mật ong hoa tam giác mạch", "Mật ong bạc hà"];
    assert_eq!(found[..5], in_title);
    assert_eq!(found[5..], ["Chè Shan tuyết"], "its producer is a honey cooperative");
    let prices: Vec<i64> =
        list(&visitor, "sort=price_vnd").await.iter().filter_map(|row| row["price_vnd"].as_i64()).collect();
    assert_eq!(prices, [80_000, 90_000, 150_000, 250_000, 250_000, 300_000, 450_000]);
    world.finish().await;
}

#[actix_web::test]
async fn filters_narrow_together_and_a_price_is_that_of_a_variant() {
    let world = World::start().await;
    let producers = market(&world).await;
    let visitor = world.visitor();
    // Two variants, 90,000 and 500,000: neither lies between 100,000 and 400,000.
    let own = producers[0].client.get("/v1/producer/products?limit=100").await.expect(200);
    let cao = own["data"].as_array().expect("rows").iter().find(|row| row["title"] == "Cao atiso").expect("it");
    let add = format!("/v1/producer/products/{}/variants", cao["id"].as_str().expect("an id"));
    let large = json!({"label": "Hộp lớn", "unit": "box", "net_weight_g": 900, "price_vnd": 500_000, "quantity": 5});
    producers[0].client.post(&add, large).await.expect(201);

    let found = async |query: &str| {
        let rows = list(&visitor, query).await;
        let mut titles: Vec<String> = rows.iter().map(|row| row["title"].as_str().unwrap_or("").to_owned()).collect();
        titles.sort();
        titles
    };
    assert_eq!(found("price_min_vnd=460000").await, ["Cao atiso"]);
    let between = found("price_min_vnd=100000&price_max_vnd=400000").await;
    assert!(!between.contains(&"Cao atiso".to_owned()) && between.len() == 4, "{between:?}");
    assert_eq!(found("price_max_vnd=90000").await, ["Cao atiso", "Trà hoa mật"]);
    let id = &producers[1].id;
    assert_eq!(found(&format!("producer_id={id}&price_max_vnd=200000")).await.len(), 2);
    assert_eq!(found("q=mat%20ong&commune_code=00769&price_max_vnd=300000").await.len(), 3);
    assert!(found("product_set=11").await.is_empty());
    assert!(found("product_set=4&former_district_code=999").await.is_empty());
    world.finish().await;
}
