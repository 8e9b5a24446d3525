//! Query strings.

use std::time::Instant;

use serde_json::json;

use super::{Shop, form_urlencoded, found, is_refused, pointers};

#[actix_web::test]
async fn b06_b08_b10_b11_b31_queries_are_read_literally_and_strictly() {
    let shop = Shop::open().await;
    let visitor = shop.world.visitor();
    for (q, path) in [
        "' OR 1=1--",
        "';select pg_sleep(5)--",
        "%",
        "_",
        "%25",
        "\\",
        "zzz:*|zzz",
        "!zzz",
        "()",
        "zzz & zzz",
        "<->",
        "'",
        "\"",
        "${7*7}",
        "{{7}}",
        "\u{1F36F}",
    ]
    .iter()
    .flat_map(|q| ["/v1/public/products", "/v1/public/communes", "/v1/public/former-communes"].map(|path| (q, path)))
    {
        let started = Instant::now();
        let encoded: String = form_urlencoded(q);
        let reply = visitor.get(&format!("{path}?q={encoded}")).await;
        is_refused(&reply, 200, &format!("{path} {q}"));
        assert_eq!(reply.json["data"], json!([]), "{path} finds something for {q}");
        assert!(started.elapsed().as_secs() < 4, "{q} slept");
    }
    for query in [
        "limit=0",
        "limit=-1",
        "limit=101",
        "limit=9000000000000000000",
        "limit=9223372036854775808",
        "limit=1.0",
        "limit=",
        "limit=1&limit=2",
        "q=a&q=b",
        "q[]=a",
        "a.b=1",
        "unknown=1",
        "page=2",
        "sort=title",
        "sort=price_vnd;drop table accounts",
        "q=%ff",
        "q=%c0%af",
        "q=%00",
        "q=a%E2%80%AEb",
        "q=a%E2%80%8Bb",
        "q=a%1b[31m",
        "price_min_vnd=-1",
        "price_min_vnd=1e3",
        "producer_id=x",
        "product_set=27",
        "commune_code=1",
    ] {
        is_refused(&visitor.get(&format!("/v1/public/products?{query}")).await, 422, query);
    }
    let many: String = (0..2_000).map(|i| format!("p{i}=1&")).collect();
    is_refused(&visitor.get(&format!("/v1/public/products?{many}")).await, 422, "B-31 2,000 parameters");
    for cursor in ["x", "a.b", "null", "eyJpZCI6IngifQ.AAAA"] {
        is_refused(&visitor.get(&format!("/v1/public/products?cursor={cursor}")).await, 400, cursor);
    }
    shop.world.finish().await;
}

#[actix_web::test]
async fn b35_a_day_is_a_day_of_the_calendar() {
    let shop = Shop::open().await;
    let official = shop.world.official("0944444441", ocop_market::kernel::Territory::Province("08".to_owned())).await;
    for day in [
        "2026-02-30",
        "2026-02-29",
        "2026-04-31",
        "2026-13-01",
        "2026-00-10",
        "2026-01-00",
        "0001-01-01",
        "0000-00-00",
        "1999-12-31",
        "2101-01-01",
        "9999-12-31",
        "10000-01-01",
        "-2026-01-01",
        "2026-1-1",
        "20260101",
        "2026-W48-3",
        "2026-330",
        "24/11/2026",
        "2026-11-24T00:00:00Z",
        "2026-11-24T23:59:60Z",
        "2026-11-24%2B99:99",
        "2026-11-24%2B07:00",
        "%202026-11-24",
        "2026-11-24%20",
        "２０２６-１１-２４",
        "1795478400",
        "null",
        "today",
        "",
    ] {
        for end in ["from", "to"] {
            let reply = official.get(&format!("/v1/official/sales?{end}={day}")).await;
            is_refused(&reply, 422, &format!("{end}={day}"));
            assert_eq!(pointers(&reply), found(&[(&format!("/{end}"), "malformed")]), "{day}");
        }
    }
    for query in [
        "from=2026-11-24&to=2026-11-01",
        "from=2020-01-01&to=2026-01-01",
        "from=2026-11-01&from=2026-11-02",
        "group_by=hour",
        "group_by=",
    ] {
        is_refused(&official.get(&format!("/v1/official/sales?{query}")).await, 422, query);
    }
    official.get("/v1/official/sales?from=2028-02-29&to=2028-03-01").await.expect(200);
    shop.world.finish().await;
}
