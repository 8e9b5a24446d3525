//! What comes over the connection itself: slow, broken, ambiguous.

use std::time::Instant;

use super::{Shop, raw};
use crate::support::new_key;

#[actix_web::test]
async fn b04_b05_a_body_that_does_not_come_is_ended_by_the_deadline() {
    let shop = Shop::open().await;
    let token = shop.buyer.token.clone().unwrap();
    let started = Instant::now();
    let head = format!(
        "POST /v1/buyer/checkouts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
                        Idempotency-Key: {}\r\nContent-Length: 100\r\n\r\n{{",
        new_key()
    );
    let reply = raw(&shop.world, &head, 16).await;
    assert!(reply.starts_with("http/1.1 503"), "{reply}");
    assert!((11..15).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    assert!(reply.contains("retry-after") && reply.contains("x-request-id") && reply.contains("nosniff"), "{reply}");
    for (what, request) in [
        ("200 kB of headers", format!("GET /healthz HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(200_000))),
        (
            "two lengths",
            "POST /v1/auth/otp HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}".to_owned(),
        ),
        (
            "length and chunks",
            "POST /v1/auth/otp HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                .to_owned(),
        ),
    ] {
        let reply = raw(&shop.world, &request, 2).await;
        assert!(reply.starts_with("http/1.1 4") || reply.is_empty(), "B-05/B-29 {what}: {reply}");
    }
    shop.world.finish().await;
}
