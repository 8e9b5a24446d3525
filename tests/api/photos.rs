//! Photos of complaints and reviews: what is taken, who sees them, and when they are deleted.

use chrono::TimeDelta;
use futures_util::future::join_all;
use image::ImageFormat;
use serde_json::{Value, json};

use crate::support::money::Shop;
use crate::support::photos::picture;
use crate::support::{Client, World};

const BUYER: &str = "0933333333";

struct Delivered {
    world: World,
    shop: Shop,
    buyer: Client,
    order_id: String,
}

impl Delivered {
    async fn new() -> Delivered {
        let world = World::start().await;
        let shop = world.shop(120_000, 20).await;
        let buyer = world.buyer(BUYER).await;
        let order_id = world.delivered(&buyer, &shop.producer, &shop.product, 1).await;
        Delivered { world, shop, buyer, order_id }
    }

    async fn review(&self, photo_ids: &[&str]) -> Value {
        let body = json!({"product_id": self.shop.product.id, "stars": 5, "text": "Mật thơm.", "photo_ids": photo_ids});
        self.buyer.post(&format!("/v1/buyer/orders/{}/reviews", self.order_id), body).await.expect(201)
    }

    async fn sees(&self, side: &str, client: &Client, id: &str) -> u16 {
        self.world.get_photo(client, side, id, "320").await.status
    }
}

#[actix_web::test]
async fn a_photo_is_drawn_anew_and_shown_in_three_sizes() {
    let world = World::start().await;
    let buyer = world.buyer(BUYER).await;
    let sent = world.send_photo(&buyer, "image/png", picture(1800, 900, 7, ImageFormat::Png)).await;
    let view = sent.json();
    assert_eq!((sent.status, &view["width"], &view["height"]), (201, &json!(1600), &json!(800)), "{view}");
    let id = view["id"].as_str().unwrap();
    assert_eq!(sent.header("location"), format!("/v1/buyer/photos/{id}"));
    for (size, width) in [("320", 320), ("800", 800), ("1600", 1600)] {
        let shown = world.get_photo(&buyer, "buyer", id, size).await;
        assert_eq!((shown.status, shown.header("content-type")), (200, "image/jpeg"));
        assert_eq!(shown.header("x-content-type-options"), "nosniff");
        assert_eq!(shown.header("cache-control"), "private, max-age=31536000, immutable");
        let drawn = image::load_from_memory_with_format(&shown.bytes, ImageFormat::Jpeg).expect("a JPEG");
        assert_eq!((drawn.width(), drawn.height()), (width, width / 2));
    }
    world.get_photo(&buyer, "buyer", id, "100000").await.refused(422, "invalid_input");
    let other = world.buyer("0933333334").await;
    world.get_photo(&other, "buyer", id, "320").await.refused(404, "not_found");
    world.get_photo(&world.visitor(), "public", id, "320").await.refused(404, "not_found");
    world.finish().await;
}

#[actix_web::test]
async fn b13_to_b16_what_is_no_photo_is_refused_and_leaves_nothing() {
    let world = World::start().await;
    let buyer = world.buyer(BUYER).await;
    let jpeg = picture(300, 200, 1, ImageFormat::Jpeg);
    let send = async |kind: &str, bytes: Vec<u8>| world.send_photo(&buyer, kind, bytes).await;
    let html = b"<!doctype html><script>alert(1)</script>".to_vec();
    send("text/html", html.clone()).await.refused(415, "storage.not_a_photo");
    send("image/svg+xml", b"<svg><script/></svg>".to_vec()).await.refused(415, "storage.not_a_photo");
    send("image/png", html).await.refused(415, "storage.not_a_photo");
    send("image/png", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec()).await.refused(415, "storage.not_a_photo");
    send("image/jpeg", b"GIF89a\x01\0\x01\0\0\0\0PK\x03\x04".to_vec()).await.refused(415, "storage.not_a_photo");
    send("image/jpeg", Vec::new()).await.refused(415, "storage.not_a_photo");
    send("image/jpeg", jpeg[..jpeg.len() / 2].to_vec()).await.refused(422, "storage.broken_photo");
    let mut flood = jpeg.clone();
    let frame = flood.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    flood[frame + 5..frame + 9].copy_from_slice(&[0x75, 0x30, 0x75, 0x30]);
    send("image/jpeg", flood).await.refused(422, "storage.too_many_pixels");
    send("image/jpeg", vec![0xFF; 10 * 1024 * 1024 + 1]).await.refused(413, "body_too_large");
    let nobody = world.send_photo(&world.visitor(), "image/jpeg", jpeg.clone()).await;
    nobody.refused(401, "unauthenticated");
    assert_eq!(world.count("select count(*) from photos"), 0);
    // What it is called does not matter: this PNG says that it is a JPEG.
    assert_eq!(send("image/jpeg", picture(30, 30, 2, ImageFormat::Png)).await.status, 201);
    world.finish().await;
}

#[actix_web::test]
async fn b17_the_same_photo_sent_again_is_one_until_it_is_used() {
    let delivered = Delivered::new().await;
    let bytes = picture(40, 30, 3, ImageFormat::Jpeg);
    let sends = (0..6).map(|_| delivered.world.send_photo(&delivered.buyer, "image/jpeg", bytes.clone()));
    let sent = join_all(sends).await;
    let ids: std::collections::BTreeSet<String> =
        sent.iter().map(|got| got.json()["id"].as_str().expect("an id").to_owned()).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    let id = ids.first().unwrap();
    delivered.review(&[id]).await;
    let again = delivered.world.send_photo(&delivered.buyer, "image/jpeg", bytes).await;
    assert_ne!(again.json()["id"], json!(id));
    delivered.world.finish().await;
}

#[actix_web::test]
async fn photos_of_a_complaint_are_for_its_parties_and_those_of_a_review_for_everybody() {
    let delivered = Delivered::new().await;
    let world = &delivered.world;
    let (one, two) = (world.photo(&delivered.buyer, 1).await, world.photo(&delivered.buyer, 2).await);
    let producer = &delivered.shop.producer.client;
    assert_eq!(delivered.sees("producer", producer, &one).await, 404, "before it is used");
    assert_eq!(delivered.sees("operator", &delivered.shop.operator, &one).await, 404, "before it is used");
    let body = json!({"kind": "damaged", "text": "Chai vỡ.", "photo_ids": [one]});
    let path = format!("/v1/buyer/orders/{}/complaints", delivered.order_id);
    let complaint = delivered.buyer.post(&path, body).await.expect(201);
    assert_eq!(complaint["photo_ids"], json!([one]));
    let review = delivered.review(&[&two]).await;
    let visitor = world.visitor();
    for (id, is_public) in [(&one, 404), (&two, 200)] {
        assert_eq!(delivered.sees("buyer", &delivered.buyer, id).await, 200);
        assert_eq!(delivered.sees("producer", producer, id).await, 200);
        assert_eq!(delivered.sees("operator", &delivered.shop.operator, id).await, 200);
        assert_eq!(delivered.sees("public", &visitor, id).await, is_public);
        let stranger = world.session("0933333334", "buyer", TimeDelta::zero()).1;
        assert_eq!(delivered.sees("buyer", &stranger, id).await, 404);
    }
    let page = format!("/v1/public/products/{}/reviews", delivered.shop.product.id);
    assert_eq!(visitor.get(&page).await.expect(200)["data"][0]["photo_ids"], json!([two]));
    let step = |verb: &str| format!("/v1/operator/reviews/{}/{verb}", review["id"].as_str().unwrap());
    let reason = json!({"reason": "personal_data", "note": "Có mặt người khác."});
    delivered.shop.operator.post(&step("hide"), reason).await.expect(200);
    assert_eq!(delivered.sees("public", &visitor, &two).await, 404, "hidden with its review");
    delivered.shop.operator.post(&step("restore"), json!({"note": "Nhầm."})).await.expect(200);
    assert_eq!(delivered.sees("public", &visitor, &two).await, 200);
    delivered.world.finish().await;
}

#[actix_web::test]
async fn only_own_unused_photos_can_be_used_all_or_none() {
    let delivered = Delivered::new().await;
    let own = delivered.world.photo(&delivered.buyer, 1).await;
    let stranger = delivered.world.buyer("0933333334").await;
    let foreign = delivered.world.photo(&stranger, 2).await;
    let path = format!("/v1/buyer/orders/{}/complaints", delivered.order_id);
    let with = |ids: &[&str]| json!({"kind": "damaged", "text": "Chai vỡ.", "photo_ids": ids});
    let six: Vec<String> = (0..6).map(|_| uuid::Uuid::now_v7().to_string()).collect();
    let six: Vec<&str> = six.iter().map(String::as_str).collect();
    for ids in [vec![own.as_str(), foreign.as_str()], vec![own.as_str(), own.as_str()], six] {
        let refusal = delivered.buyer.post(&path, with(&ids)).await.refused(422, "invalid_input");
        assert_eq!(refusal["errors"][0]["pointer"], "/photo_ids", "{refusal}");
    }
    assert_eq!(delivered.world.count("select count(*) from complaints"), 0);
    delivered.buyer.post(&path, with(&[&own])).await.expect(201);
    let again = json!({"kind": "quality", "text": "Mật chua.", "photo_ids": [own]});
    delivered.buyer.post(&path, again).await.refused(422, "invalid_input");
    delivered.world.finish().await;
}

#[actix_web::test]
async fn what_nobody_uses_within_a_day_is_deleted_with_its_files() {
    let delivered = Delivered::new().await;
    let world = &delivered.world;
    let (used, unused) = (world.photo(&delivered.buyer, 1).await, world.photo(&delivered.buyer, 2).await);
    delivered.review(&[&used]).await;
    let id = ocop_market::kernel::PhotoId(unused.parse().unwrap());
    let file = world.app.photos.path(id, ocop_market::storage::PhotoSize::Small);
    assert!(file.exists());
    world.pass(TimeDelta::hours(23));
    world.work(ocop_market::jobs::Job::Purge).await.expect("a purge");
    assert_eq!(world.count("select count(*) from photos where removed_at is null"), 2);
    world.pass(TimeDelta::hours(2));
    world.work(ocop_market::jobs::Job::Purge).await.expect("a purge");
    let buyer = world.session(BUYER, "buyer", TimeDelta::zero()).1;
    assert_eq!(delivered.sees("buyer", &buyer, &unused).await, 404);
    assert!(file.exists(), "until the word of the first purge is committed");
    world.pass(TimeDelta::hours(1));
    world.work(ocop_market::jobs::Job::Purge).await.expect("a purge");
    assert!(!file.exists());
    assert_eq!(world.count("select count(*) from photos"), 1);
    let buyer = world.session(BUYER, "buyer", TimeDelta::zero()).1;
    assert_eq!(delivered.sees("buyer", &buyer, &used).await, 200);
    delivered.world.finish().await;
}

#[actix_web::test]
async fn forty_photos_a_day_are_enough() {
    let world = World::start().await;
    let buyer = world.buyer(BUYER).await;
    for seed in 0..40 {
        world.photo(&buyer, seed).await;
    }
    let refusal = world.send_photo(&buyer, "image/jpeg", picture(40, 30, 41, ImageFormat::Jpeg)).await;
    refusal.refused(429, "storage.too_many_today");
    assert!(refusal.header("retry-after").parse::<i64>().is_ok_and(|wait| wait > 80_000), "{:?}", refusal.headers);
    world.pass(TimeDelta::hours(25));
    let buyer = world.session(BUYER, "buyer", TimeDelta::zero()).1;
    world.photo(&buyer, 42).await;
    world.finish().await;
}
