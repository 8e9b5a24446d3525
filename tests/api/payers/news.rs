//! Every order in which news of one payment can come.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use ocop_market::jobs::{self, Job};
use serde_json::json;

use super::PRICE;
use crate::support::World;
use crate::support::money::{Due, PAID, VNPAY_RETURN, transfer, vnpay_query};
use crate::support::payers::{FakePayers, Fate, RETURN};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    ReturnPage,
    Success,
    Duplicate,
    LateFailure,
    QueryResult,
}

fn orders(left: &[News]) -> Vec<Vec<News>> {
    if left.is_empty() {
        return vec![Vec::new()];
    }
    let mut found = Vec::new();
    for first in left {
        let rest: Vec<News> = left.iter().copied().filter(|news| news != first).collect();
        found.extend(orders(&rest).into_iter().map(|order| [vec![*first], order].concat()));
    }
    found
}

/// A provider with a payment of it, whose number is this.
struct Told<'a> {
    world: &'a World,
    payers: &'a FakePayers,
    provider: &'static str,
    due: Due,
    number: i64,
}

impl Told<'_> {
    async fn happens(&self, news: News) {
        match news {
            News::ReturnPage => self.return_page().await,
            News::Success | News::Duplicate => self.success().await,
            News::LateFailure => self.failure().await,
            News::QueryResult => self.asked(Fate::Paid(self.number)).await,
        }
    }

    async fn return_page(&self) {
        let Due { reference, total, .. } = &self.due;
        let page = match self.provider {
            "vnpay" => {
                format!("{VNPAY_RETURN}?{}", vnpay_query(reference, *total, ("00", "00", &self.number.to_string())))
            }
            _ => format!("{RETURN}?orderId={reference}&orderCode={reference}&resultCode=0&status=PAID&cancel=false"),
        };
        self.world.visitor().get(&page).await.expect(200);
    }

    async fn success(&self) {
        let (world, number) = (self.world, self.number);
        let Due { reference, total, .. } = &self.due;
        match self.provider {
            "vnpay" => world.vnpay(reference, *total, ("00", "00", &number.to_string())).await.expect(200),
            "momo" => world.momo(reference, *total, (0, number)).await.expect(204),
            "zalopay" => world.zalopay(reference, *total, number).await.expect(200),
            "payos" => world.payos(reference, *total, &format!("FT{number}")).await.expect(200),
            "vietqr_vn" => world.vietqr_vn(reference, *total, (&format!("FT{number}"), "C")).await.expect(200),
            _ => world.sepay(number, reference, *total).await.expect(200),
        };
    }

    /// ZaloPay and payOS tell failures only when they are asked; of a transfer the only bad news is that money went out.
    async fn failure(&self) {
        let (world, number) = (self.world, self.number);
        let Due { reference, total, .. } = &self.due;
        match self.provider {
            "vnpay" => drop(world.vnpay(reference, *total, ("24", "02", "0")).await.expect(200)),
            "momo" => drop(world.momo(reference, *total, (1006, 0)).await.expect(204)),
            "zalopay" | "payos" => self.asked(Fate::Failed).await,
            "vietqr_vn" => drop(world.vietqr_vn(reference, *total, (&format!("FT{number}"), "D")).await.expect(200)),
            _ => {
                let mut out = transfer(-number, reference, *total);
                (out["id"], out["transferType"]) = (json!(number + 1_000_000), json!("out"));
                world.sepay_notice(&out).await.expect(200);
            }
        }
    }

    async fn asked(&self, fate: Fate) {
        self.payers.set(&self.due.reference, self.due.total, fate);
        let attempt_id = self.due.attempt["id"].as_str().expect("an id").parse().expect("an id");
        let job = Job::AskAttempt { attempt_id };
        self.world.app.db.job(move |tx| jobs::enqueue(tx, &job, tx.now, None)).await.expect("planned");
        self.world.run_jobs().await;
    }
}

async fn every_order_ends_alike(provider: &'static str, is_asked: bool) {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 200).await;
    let buyer = world.buyer("0933333333").await;
    let news = [News::ReturnPage, News::Success, News::Duplicate, News::LateFailure, News::QueryResult];
    let orders = orders(&news);
    assert_eq!(orders.len(), 120);
    for (number, order) in (1_000_i64..).zip(&orders) {
        let due = world.due(&buyer, &shop.product, 1, provider).await;
        let told = Told { world: &world, payers: &payers, provider, due, number };
        for news in order {
            told.happens(*news).await;
        }
        assert_eq!(world.state(&told.due), PAID, "{provider} {order:?}");
    }
    let credited = "select count(*) from payment_credits c join payment_attempts a on a.id = c.attempt_id where c.payment_id = a.payment_id";
    assert_eq!((world.count(credited), world.count("select count(*) from payment_credits")), (120, 120), "{provider}");
    assert_eq!(world.reviews(), [""; 0], "{provider}");
    assert_eq!(world.count("select count(*) from payment_attempts where next_poll_at is not null"), 0, "{provider}");
    let asked = payers.desk(|desk| desk.asked_for(&format!("{provider}/query")));
    assert_eq!(asked >= 120, is_asked, "{provider} was asked {asked} times");
    world.finish().await;
    payers.stop().await;
}

#[actix_web::test]
async fn all_orders_of_news_of_vnpay_end_alike() {
    every_order_ends_alike("vnpay", true).await;
}

#[actix_web::test]
async fn all_orders_of_news_of_momo_end_alike() {
    every_order_ends_alike("momo", true).await;
}

#[actix_web::test]
async fn all_orders_of_news_of_zalopay_end_alike() {
    every_order_ends_alike("zalopay", true).await;
}

#[actix_web::test]
async fn all_orders_of_news_of_payos_end_alike() {
    every_order_ends_alike("payos", true).await;
}

/// Of transfers to a bank account nobody can be asked.
#[actix_web::test]
async fn all_orders_of_news_of_a_bank_transfer_end_alike() {
    every_order_ends_alike("bank_transfer", false).await;
}

#[actix_web::test]
async fn all_orders_of_news_of_vietqr_vn_end_alike() {
    every_order_ends_alike("vietqr_vn", false).await;
}

/// 50 equal notices at once, and a question in between: one credit.
#[actix_web::test]
async fn fifty_equal_notices_at_once_are_one_credit() {
    let payers = FakePayers::start();
    let world = payers.world().await;
    let shop = world.shop(PRICE, 9).await;
    let buyer = world.buyer("0933333333").await;
    for (number, provider) in (2_000_i64..).zip(["momo", "zalopay", "payos", "vietqr_vn"]) {
        let due = world.due(&buyer, &shop.product, 1, provider).await;
        let told = Told { world: &world, payers: &payers, provider, due, number };
        let Due { reference, total, .. } = &told.due;
        let notice = async || match provider {
            "momo" => world.momo(reference, *total, (0, number)).await,
            "zalopay" => world.zalopay(reference, *total, number).await,
            "payos" => world.payos(reference, *total, &format!("FT{number}")).await,
            _ => world.vietqr_vn(reference, *total, (&format!("FT{number}"), "C")).await,
        };
        let notices = futures_util::future::join_all((0..50).map(|_| notice()));
        let (answers, ()) = futures_util::future::join(notices, told.asked(Fate::Paid(number))).await;
        assert!(answers.iter().any(|answer| answer.status < 300), "{provider}");
        assert_eq!(world.state(&told.due), PAID, "{provider}");
        assert_eq!(world.count(&format!("select count(*) from payment_credits where provider = '{provider}'")), 1);
    }
    assert!(world.reviews().is_empty());
    world.finish().await;
    payers.stop().await;
}
