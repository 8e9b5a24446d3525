//! The inbox and its stream.
#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

use std::sync::atomic::Ordering;
use std::time::Duration;

use ocop_market::kernel::{AccountId, ProducerId, Result, Tx};
use ocop_market::notifications::{self, News, Notice, Recipient, STREAMS_PER_ACCOUNT_MAX};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, World};

const HOA: &str = "0933333333";
const MAY: &str = "0944444444";

/// News about an object that only its number tells from others.
pub fn news(world: &World, phone: &str, object: u128) -> Notice {
    Notice {
        to: Recipient::Account(AccountId(world.account(phone).parse().unwrap())),
        news: News::OrderAccepted { order_code: format!("HG-{object}"), producer_name: "HTX Phìn Hồ".to_owned() },
        object_id: Uuid::from_u128(object),
        occasion: "",
    }
}

impl World {
    pub async fn tell(&self, notice: &Notice) {
        let notice = notice.clone();
        self.app.db.job(move |tx| notifications::tell(tx, &notice)).await.expect("told");
    }
}

impl World {
    /// Waits until no transaction runs that began before what was told: the tests share a cluster, and a place in the
    /// order of notices and events counts the transactions of all of it.
    pub async fn settle(&self) {
        let unsettled = "select count(*) from (select txid from notices union all select txid from webhook_events) told \
            where txid >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
        for _ in 0..200 {
            if self.count(unsettled) == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("somebody's transaction does not end");
    }
}

fn signed_in(world: &World, phone: &str) -> Client {
    world.session(phone, "buyer", chrono::TimeDelta::zero()).1
}

#[actix_web::test]
async fn the_same_news_of_the_same_object_is_told_once_however_often_its_job_runs() {
    let world = World::start().await;
    let mut notice = news(&world, HOA, 1);
    let both = notice.clone();
    let twice = move |tx: &mut Tx<'_>| -> Result<()> {
        notifications::tell(tx, &both)?;
        notifications::tell(tx, &both)
    };
    world.app.db.job(twice).await.expect("told");
    world.tell(&notice).await;
    assert_eq!(world.count("select count(*) from notices"), 1);
    assert_eq!(world.count("select count(*) from jobs where kind = 'push_notice'"), 1);
    notice.occasion = "second";
    world.tell(&notice).await;
    assert_eq!(world.count("select count(*) from notices"), 2, "another occasion is other news");
    world.finish().await;
}

#[actix_web::test]
async fn an_inbox_is_ones_own_and_reads_in_ones_language() {
    let world = World::start().await;
    for object in 1..=3 {
        world.tell(&news(&world, HOA, object)).await;
    }
    world.tell(&news(&world, MAY, 4)).await;
    let hoa = signed_in(&world, HOA);
    let page = hoa.get("/v1/auth/notices?limit=2").await.expect(200);
    let codes = |page: &Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|n| n["facts"]["order_code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(codes(&page), ["HG-3", "HG-2"]);
    assert_eq!(page["data"][0]["title"], "Đơn hàng đã được nhận");
    assert_eq!(page["data"][0]["text"], "HTX Phìn Hồ đã nhận đơn HG-3 và đang chuẩn bị hàng.");
    let cursor = page["page"]["next_cursor"].as_str().unwrap();
    let rest = hoa.get(&format!("/v1/auth/notices?limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!(codes(&rest), ["HG-1"]);
    let other = hoa.get(&format!("/v1/auth/notices?unread=true&cursor={cursor}")).await;
    other.refused(400, "cursor_mismatch");
    let english =
        hoa.send(reqwest::Method::GET, "/v1/auth/notices", &[("accept-language", "en")], None).await.expect(200);
    assert_eq!(english["data"][0]["title"], "Order accepted");

    let (first, second) = (rest["data"][0]["id"].clone(), page["data"][1]["id"].clone());
    let read = hoa.post(&format!("/v1/auth/notices/{}/read", first.as_str().unwrap()), json!({})).await.expect(200);
    let again = hoa.post(&format!("/v1/auth/notices/{}/read", first.as_str().unwrap()), json!({})).await.expect(200);
    assert_eq!(read["read_at"], again["read_at"]);
    let unread =
        async |client: &Client| client.get("/v1/auth/notices/unread-count").await.expect(200)["unread"].clone();
    assert_eq!(unread(&hoa).await, 2);
    let marked = hoa.post("/v1/auth/notices/read", json!({"up_to": second})).await.expect(200);
    assert_eq!(marked["marked"], 1);
    assert_eq!(codes(&hoa.get("/v1/auth/notices?unread=true").await.expect(200)), ["HG-3"]);
    assert_eq!(unread(&hoa).await, 1);
    let may = signed_in(&world, MAY);
    assert_eq!(unread(&may).await, 1, "each counts one's own");
    assert_eq!(codes(&may.get("/v1/auth/notices?unread=true").await.expect(200)), ["HG-4"]);
    may.post(&format!("/v1/auth/notices/{}/read", second.as_str().unwrap()), json!({})).await.refused(404, "not_found");
    world.finish().await;
}

#[actix_web::test]
async fn a_producer_is_told_by_whoever_causes_it() {
    let world = World::start().await;
    let operator = world.operator().await;
    let producer = world.producer(&operator, "0911111111", "Hộ nuôi ong Mèo Vạc", "00769").await;
    let notice = Notice {
        to: Recipient::Producer(ProducerId(producer.id.parse().unwrap())),
        news: News::OrderCancelled { order_code: "HG-1".to_owned() },
        object_id: Uuid::from_u128(1),
        occasion: "",
    };
    let buyer = claim_of(&world, HOA);
    world.app.db.write(&buyer, move |tx| notifications::tell(tx, &notice)).await.expect("a buyer tells");
    assert_eq!(producer.client.get("/v1/auth/notices").await.expect(200)["data"][0]["topic"], "order_cancelled");
    let none = world.app.db.read(&buyer, |tx| {
        use diesel::prelude::*;
        Ok(schema::notices::table.count().get_result::<i64>(tx.conn)?)
    });
    assert_eq!(none.await.expect("a look"), 0, "and does not see what was told");
    world.finish().await;
}

/// The person as an operation knows them.
fn claim_of(world: &World, phone: &str) -> ocop_market::kernel::Actor {
    let (session, client) = world.session(phone, "buyer", chrono::TimeDelta::zero());
    let now = world.app.db.clock.now();
    let claim = world.app.tokens.read_access(client.token.as_deref().unwrap(), None, now).expect("a claim");
    assert_eq!(claim.session_id.to_string(), session);
    ocop_market::kernel::Actor::Session(claim)
}

/// A stream as its client reads it.
struct Follower {
    response: reqwest::Response,
    buffer: String,
}

impl Follower {
    async fn open(world: &World, client: &Client, last: Option<&str>) -> Follower {
        let mut request = world.http.get(format!("{}/v1/auth/notices/stream", world.base));
        request = request.bearer_auth(client.token.as_deref().unwrap()).header("accept-encoding", "br, gzip");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["content-encoding"], "identity");
        Follower { response, buffer: String::new() }
    }

    /// The next block: an event, or a sign of life; `None` at the end.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.buffer.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.buffer = rest;
                return Some(block);
            }
            let chunk =
                tokio::time::timeout(Duration::from_secs(8), self.response.chunk()).await.expect("a sign of life");
            self.buffer.push_str(std::str::from_utf8(&chunk.ok()??).unwrap());
        }
    }

    /// The next event's id and order code.
    async fn event(&mut self) -> Option<(String, String)> {
        loop {
            let block = self.block().await?;
            if let Some(rest) = block.strip_prefix("id: ") {
                let (id, rest) = rest.split_once('\n').unwrap();
                let data = rest.strip_prefix("event: notice\ndata: ").expect("a notice");
                let data: Value = serde_json::from_str(data).expect("JSON");
                assert_eq!(data["id"], id);
                return Some((id.to_owned(), data["facts"]["order_code"].as_str().unwrap().to_owned()));
            }
        }
    }
}

async fn codes(follower: &mut Follower, number: usize) -> Vec<String> {
    let mut codes = Vec::new();
    for _ in 0..number {
        codes.push(follower.event().await.expect("an event").1);
    }
    codes
}

#[actix_web::test]
async fn a_stream_goes_on_after_the_last_id_without_gap_or_repetition() {
    let world = World::with(&[("STREAM_SECONDS", "60")]).await;
    world.tell(&news(&world, HOA, 1)).await;
    world.settle().await;
    let hoa = signed_in(&world, HOA);
    let mut follower = Follower::open(&world, &hoa, None).await;
    assert_eq!(follower.block().await.as_deref(), Some("retry: 3000"));
    for object in 2..=4 {
        world.tell(&news(&world, HOA, object)).await;
        world.tell(&news(&world, MAY, object + 100)).await;
    }
    let (seen, code) = follower.event().await.expect("an event");
    assert_eq!(code, "HG-2", "what was told before is in the list");
    drop(follower);
    world.tell(&news(&world, HOA, 5)).await;
    let mut resumed = Follower::open(&world, &hoa, Some(&seen)).await;
    assert_eq!(codes(&mut resumed, 3).await, ["HG-3", "HG-4", "HG-5"]);
    world.tell(&news(&world, HOA, 6)).await;
    assert_eq!(codes(&mut resumed, 1).await, ["HG-6"]);
    let foreign = hoa.send(reqwest::Method::GET, "/v1/auth/notices/stream", &[("last-event-id", "x")], None).await;
    foreign.refused(404, "not_found");
    world.finish().await;
}

/// What began first ends last: its notice has the smaller id and must still not be missed.
#[actix_web::test]
async fn a_notice_of_a_slow_transaction_is_not_lost_behind_a_quick_one() {
    let world = World::with(&[("STREAM_SECONDS", "60")]).await;
    let hoa = signed_in(&world, HOA);
    let mut follower = Follower::open(&world, &hoa, None).await;
    let (slow, app) = (news(&world, HOA, 1), world.app.clone());
    let running = actix_web::rt::spawn(async move {
        app.db
            .job(move |tx| {
                notifications::tell(tx, &slow)?;
                std::thread::sleep(Duration::from_millis(1500));
                Ok(())
            })
            .await
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    world.tell(&news(&world, HOA, 2)).await;
    let (first, _) = follower.event().await.expect("an event");
    drop(follower);
    running.await.unwrap().expect("told");
    let mut resumed = Follower::open(&world, &hoa, Some(&first)).await;
    resumed.event().await.expect("the other one");
    world.tell(&news(&world, HOA, 3)).await;
    assert_eq!(codes(&mut resumed, 1).await, ["HG-3"], "and nothing twice");
    world.finish().await;
}

#[actix_web::test]
async fn two_processes_on_one_database_tell_each_others_people() {
    let world = World::with(&[("STREAM_SECONDS", "60")]).await;
    let hoa = signed_in(&world, HOA);
    let mut follower = Follower::open(&world, &hoa, None).await;
    let url = world.database.app_url.clone();
    let sizes = ocop_market::kernel::db::PoolSizes { requests: 1, callbacks: 1, jobs: 1 };
    let elsewhere = ocop_market::kernel::Db::open(&url, sizes, world.app.db.clock.clone()).expect("another process");
    let notice = news(&world, HOA, 1);
    elsewhere.job(move |tx| notifications::tell(tx, &notice)).await.expect("told");
    assert_eq!(codes(&mut follower, 1).await, ["HG-1"]);
    world.finish().await;
}

#[actix_web::test]
async fn a_stream_lives_and_ends_with_its_session() {
    let world = World::with(&[("STREAM_SECONDS", "60")]).await;
    let hoa = signed_in(&world, HOA);
    let mut follower = Follower::open(&world, &hoa, None).await;
    follower.block().await;
    for _ in 0..2 {
        assert_eq!(follower.block().await.as_deref(), Some(":"), "a sign of life");
    }
    hoa.post("/v1/auth/sign-out", json!({})).await.expect(204);
    assert_eq!(follower.event().await, None);
    world.finish().await;
}

#[actix_web::test]
async fn a_stream_ends_when_its_process_is_to_end() {
    let world = World::with(&[("STREAM_SECONDS", "60")]).await;
    let hoa = signed_in(&world, HOA);
    let mut follower = Follower::open(&world, &hoa, None).await;
    world.app.is_ending.store(true, Ordering::Relaxed);
    assert_eq!(follower.event().await, None);
    world.finish().await;
}

#[actix_web::test]
async fn an_account_has_a_few_streams_and_they_are_given_back() {
    let world = World::with(&[("STREAM_SECONDS", "60")]).await;
    let hoa = signed_in(&world, HOA);
    let mut open = Vec::new();
    for _ in 0..STREAMS_PER_ACCOUNT_MAX {
        open.push(Follower::open(&world, &hoa, None).await);
    }
    hoa.get("/v1/auth/notices/stream").await.refused(429, "notifications.too_many_streams");
    Follower::open(&world, &signed_in(&world, MAY), None).await;
    open.clear();
    // The server notices at its next sign of life that nobody listens.
    for _ in 0..40 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let request = world.http.get(format!("{}/v1/auth/notices/stream", world.base));
        if request.bearer_auth(hoa.token.as_deref().unwrap()).send().await.unwrap().status() == 200 {
            return world.finish().await;
        }
    }
    panic!("the places were not given back");
}
