//! The rows about buying: placing an order of three lines at two producers, and the notice that it was paid.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::journey::journey_row;
use super::load::{self, Requests};
use super::people::{self, Buyer};
use super::quotes::{self, Quote};
use super::replay::{self, Particulars, Statement};
use super::rows::{Payers, ROUNDS, Row, Speed, Wait, median, speed};
use super::world::{BUYERS, Server, World};
use crate::cli::serve::CALLBACK_CONNECTIONS;

/// What three lines at 120,000 đồng cost.
pub const TOTAL_VND: i64 = 360_000;
/// Of one round; a multiple of the clients of `pgbench`.
pub const ORDERS: usize = 2_000;
const ALL_ROUNDS: usize = ORDERS * ROUNDS;
/// Buyers and banks at once: no more than wait for a database connection in vain.
pub const CONNECTIONS: usize = 16;
/// What a bank may wait for the answer to 99 of 100 notices.
const NOTICE_WAIT_MAX: Duration = Duration::from_millis(50);
/// Numbers of bank notices: of the one that is recorded, of the warm-up, of the rounds, of their repetitions, and of those
/// that come at their time.
const FIRST_NOTICE: usize = 910_000_000_000;
const FIRST_WARM: usize = 920_000_000_000;
const FIRST_OWN: usize = 930_000_000_000;
const FIRST_REPEATED: usize = 940_000_000_000;
const FIRST_PACED: usize = 960_000_000_000;

pub fn buying(world: &mut World) -> Result<(Vec<Row>, Wait), String> {
    let buyers = people::buyers(world)?;
    let recorded = Recorded::new(world, &buyers)?;
    let server = world.serve()?;
    let order = order_row(world, &server, &buyers, &recorded)?;
    start_paying(world, &server, &buyers)?;
    let notice = notice_row(world, &server, &buyers, &recorded)?;
    let wait = notice_wait(world, &server, &buyers, notice.ours.per_second / 2)?;
    let journey = journey_row(world, &server, &buyers)?;
    Ok((vec![order, notice, journey], wait))
}

/// One purchase by the last buyer, who takes no part in the rounds, and what it made the server ask of the database.
struct Recorded {
    key: String,
    codes: Vec<String>,
    quote: Quote,
    purchase: Purchase,
    order: Vec<Statement>,
    notice: Vec<Statement>,
}

impl Recorded {
    fn new(world: &mut World, buyers: &[Buyer]) -> Result<Recorded, String> {
        world.fill_carts()?;
        world.record(true)?;
        let server = world.serve()?;
        let last = buyers.get(buyers.len().saturating_sub(1)..).unwrap_or_default();
        let buyer = last.first().ok_or("no buyers")?;
        let key = people::new_key();
        let quote = quotes::show(world, &server, last)?.pop().ok_or("the quote is not there")?;
        let request = place(&server, buyer, (&key, &quote));
        let mut answer = Vec::new();
        let order = replay::record(world, || {
            answer = load::body_of(server.address, &request)?;
            Ok(())
        })?;
        let checkout: Value = serde_json::from_slice(&answer).map_err(|e| e.to_string())?;
        let orders = checkout.get("orders").and_then(Value::as_array).ok_or("a purchase without orders")?;
        let codes = orders.iter().filter_map(|order| order.get("code")?.as_str().map(str::to_owned)).collect();
        let id = checkout.get("id").and_then(Value::as_str).ok_or("a purchase without an id")?;
        load::body_of(server.address, &start(&server, buyer, id))?;
        let purchase = purchases(world)?.pop().ok_or("the purchase is not there")?;
        let notice = paid(world, &server, (FIRST_NOTICE, &purchase.reference))?;
        let notice = replay::record(world, || load::body_of(server.address, &notice).map(drop))?;
        world.record(false)?;
        Ok(Recorded { key, codes, quote, purchase, order, notice })
    }
}

fn place(server: &Server, buyer: &Buyer, (key, quote): (&str, &Quote)) -> Vec<u8> {
    buyer.request(server, "POST /v1/buyer/checkouts", (key, &purchase(quote)))
}

/// The same with a transfer to come.
pub fn place_and_start(server: &Server, buyer: &Buyer, (key, quote): (&str, &Quote)) -> Vec<u8> {
    let mut body = purchase(quote);
    body.as_object_mut().map(|body| body.insert("pay_with".to_owned(), json!("bank_transfer")));
    buyer.request(server, "POST /v1/buyer/checkouts", (key, &body))
}

fn purchase(quote: &Quote) -> Value {
    json!({"quote_id": quote.id, "contract_sha256": quote.contract_sha256, "expected_total_vnd": TOTAL_VND,
           "recipient": {"name": "Nguyễn Thị Hoà", "phone": "0912345678", "commune_code": "00721", "address": "Số 1, tổ 3"}})
}

fn start(server: &Server, buyer: &Buyer, checkout_id: &str) -> Vec<u8> {
    let what = format!("POST /v1/buyer/checkouts/{checkout_id}/payment-attempts");
    buyer.request(server, &what, (&people::new_key(), &json!({"provider": "bank_transfer"})))
}

fn order_row(world: &mut World, server: &Server, buyers: &[Buyer], recorded: &Recorded) -> Result<Row, String> {
    const NAME: &str = "place an order: 3 lines, 2 producers";
    eprintln!("bench: {NAME}");
    let mut particulars = Particulars::default();
    let last = buyers.last().ok_or("no buyers")?;
    let others: Vec<&Buyer> = buyers.iter().take(ORDERS).cycle().take(ALL_ROUNDS).collect();
    last.name_particulars(&others, &mut particulars);
    particulars.replace(&recorded.key, (0..ALL_ROUNDS).map(|_| people::new_key()).collect());
    for code in &recorded.codes {
        particulars.replace(code, (0..ALL_ROUNDS).map(|_| people::new_code()).collect());
    }
    // Before anything counts: what everybody was shown first is what the repetitions buy.
    let quotes = warm_up(world, server, buyers)?;
    let others: Vec<&Quote> = quotes.iter().cycle().take(ALL_ROUNDS).collect();
    recorded.quote.name_particulars(&others, &mut particulars);
    let script = replay::script(world, "bench_order", &recorded.order, particulars, ALL_ROUNDS)?;
    let (mut ours, mut limits) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (requests, _) = purchases_of(world, server, buyers)?;
        ours.push(served(world, server, &requests)?);
        world.fill_carts()?;
        limits.push(Speed::of(script.run(world, (ORDERS, world.connections()))?));
    }
    row(NAME, (ours, limits), (60, 3_000))
}

/// Full carts, what their buyers are shown, and the requests that buy that.
fn purchases_of(world: &mut World, server: &Server, buyers: &[Buyer]) -> Result<(Vec<Vec<u8>>, Vec<Quote>), String> {
    world.fill_carts()?;
    let buyers = buyers.get(..ORDERS).ok_or("too few buyers")?;
    let mut quotes = quotes::show(world, server, buyers)?;
    quotes.truncate(ORDERS);
    let pairs = buyers.iter().zip(&quotes);
    let requests: Vec<Vec<u8>> =
        pairs.map(|(buyer, quote)| place(server, buyer, (&people::new_key(), quote))).collect();
    if requests.len() == ORDERS { Ok((requests, quotes)) } else { Err("quotes are missing".to_owned()) }
}

/// One round that does not count. In an empty database plans were made that suit empty tables; a system that has been
/// in use for a day has none of them left.
fn warm_up(world: &mut World, server: &Server, buyers: &[Buyer]) -> Result<Vec<Quote>, String> {
    let (requests, quotes) = purchases_of(world, server, buyers)?;
    load::send(server.address, CONNECTIONS, Requests::Each(&requests))?;
    world.execute("analyze")?;
    Ok(quotes)
}

/// Every purchase of the rounds gets an attempt to pay it.
fn start_paying(world: &mut World, server: &Server, buyers: &[Buyer]) -> Result<(), String> {
    eprintln!("bench: starting payments");
    let by_account: HashMap<&str, &Buyer> = buyers.iter().map(|buyer| (buyer.account_id.as_str(), buyer)).collect();
    let waiting = world.texts(
        "select concat_ws(' ', id, buyer_account_id) as value from checkouts where status = 'awaiting_payment' \
         order by id desc",
    )?;
    let requests: Vec<Vec<u8>> = waiting
        .iter()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(id, account)| by_account.get(account).map(|buyer| start(server, buyer, id)))
        .collect();
    load::send(server.address, CONNECTIONS, Requests::Each(&requests))?;
    world.execute("analyze")
}

/// A purchase that waits for its money.
struct Purchase {
    checkout_id: String,
    payment_id: String,
    attempt_id: String,
    reference: String,
    account_id: String,
    /// The order of two lines, and that of one.
    orders: [String; 2],
}

fn purchases(world: &mut World) -> Result<Vec<Purchase>, String> {
    let rows = world.texts(
        "select concat_ws(' ', c.id, p.id, a.id, a.reference, c.buyer_account_id, \
           (select o.id from orders o join order_lines l on l.order_id = o.id where o.checkout_id = c.id \
              group by o.id having count(*) = 2), \
           (select o.id from orders o join order_lines l on l.order_id = o.id where o.checkout_id = c.id \
              group by o.id having count(*) = 1)) as value \
         from checkouts c join payments p on p.checkout_id = c.id \
           join payment_attempts a on a.payment_id = p.id and a.status = 'pending' order by c.id",
    )?;
    let mut purchases = Vec::with_capacity(rows.len());
    for row in &rows {
        let parts: Vec<&str> = row.split(' ').collect();
        let [checkout_id, payment_id, attempt_id, reference, account_id, two, one] = parts.as_slice() else {
            return Err(format!("a purchase of another shape: {row}"));
        };
        purchases.push(Purchase {
            checkout_id: (*checkout_id).to_owned(),
            payment_id: (*payment_id).to_owned(),
            attempt_id: (*attempt_id).to_owned(),
            reference: (*reference).to_owned(),
            account_id: (*account_id).to_owned(),
            orders: [(*two).to_owned(), (*one).to_owned()],
        });
    }
    Ok(purchases)
}

/// The signed notice of the bank that a purchase was paid.
fn paid(world: &World, server: &Server, (number, reference): (usize, &str)) -> Result<Vec<u8>, String> {
    people::sepay_notice(&world.config, server, (number, reference, TOTAL_VND))
}

fn notice_row(world: &mut World, server: &Server, buyers: &[Buyer], recorded: &Recorded) -> Result<Row, String> {
    const NAME: &str = "apply a paid notice";
    eprintln!("bench: {NAME}");
    let purchases = purchases(world)?;
    // The oldest are those of the warm-up.
    let (warm, purchases) = purchases.split_at_checked(ORDERS).ok_or("too few purchases")?;
    let (own, repeated) = purchases.split_at_checked(ALL_ROUNDS).ok_or("too few purchases")?;
    let by_account: HashMap<&str, &Buyer> = buyers.iter().map(|buyer| (buyer.account_id.as_str(), buyer)).collect();
    let others: Vec<&Buyer> =
        repeated.iter().filter_map(|purchase| by_account.get(purchase.account_id.as_str()).copied()).collect();
    let mut particulars = Particulars::default();
    buyers.last().ok_or("no buyers")?.name_particulars(&others, &mut particulars);
    recorded.purchase.name_particulars(repeated, &mut particulars);
    let numbers = (0..ALL_ROUNDS).map(|n| FIRST_REPEATED.saturating_add(n).to_string());
    particulars.replace(&FIRST_NOTICE.to_string(), numbers.collect());
    let script = replay::script(world, "bench_notice", &recorded.notice, particulars, ALL_ROUNDS)?;
    served(world, server, &notices(world, server, (FIRST_WARM, warm))?)?;
    world.execute("analyze")?;
    let (mut ours, mut limits, mut first) = (Vec::new(), Vec::new(), FIRST_OWN);
    for purchases in own.chunks(ORDERS) {
        ours.push(served(world, server, &notices(world, server, (first, purchases))?)?);
        first = first.saturating_add(purchases.len());
        limits.push(Speed::of(script.run(world, (ORDERS, CALLBACK_CONNECTIONS))?));
    }
    row(NAME, (ours, limits), (60, 2_000))
}

/// What a bank waits for its answer when so many notices come in a second.
fn notice_wait(world: &mut World, server: &Server, buyers: &[Buyer], per_second: u64) -> Result<Wait, String> {
    const NAME: &str = "apply a paid notice at half of that load";
    eprintln!("bench: {NAME}");
    let (requests, _) = purchases_of(world, server, buyers)?;
    load::send(server.address, CONNECTIONS, Requests::Each(&requests))?;
    start_paying(world, server, buyers)?;
    let waiting = purchases(world)?;
    let notices = notices(world, server, (FIRST_PACED, &waiting))?;
    let waits = load::pace(server.address, (CONNECTIONS, per_second), &notices)?;
    Wait::of((NAME, per_second), waits, NOTICE_WAIT_MAX)
}

fn notices(world: &World, server: &Server, (first, purchases): (usize, &[Purchase])) -> Result<Vec<Vec<u8>>, String> {
    let numbered = purchases.iter().enumerate();
    numbered.map(|(place, purchase)| paid(world, server, (first.saturating_add(place), &purchase.reference))).collect()
}

impl Purchase {
    fn name_particulars(&self, others: &[Purchase], particulars: &mut Particulars) {
        let mut name = |own: fn(&Purchase) -> &str| {
            particulars.replace(own(self), others.iter().map(|other| own(other).to_owned()).collect());
        };
        name(|purchase| &purchase.checkout_id);
        name(|purchase| &purchase.payment_id);
        name(|purchase| &purchase.attempt_id);
        name(|purchase| &purchase.reference);
        name(|purchase| &purchase.orders[0]);
        name(|purchase| &purchase.orders[1]);
    }
}

fn served(world: &World, server: &Server, requests: &[Vec<u8>]) -> Result<Speed, String> {
    speed(Payers::of(world, server), (server.address, CONNECTIONS), Requests::Each(requests))
}

fn row(
    name: &'static str,
    (ours, limits): (Vec<Speed>, Vec<Speed>),
    (percent_min, cpu_us_max): (u64, u64),
) -> Result<Row, String> {
    let ours = median(ours).ok_or("no round was measured")?;
    let limit = median(limits).map(|speed| ("pgbench, same SQL", speed));
    Ok(Row { name, ours, limit, percent_min: Some(percent_min), cpu_us_max })
}

const _: () = assert!(ORDERS < BUYERS, "the last buyer only shows what is asked of the database");
