//! The row about a whole purchase: a cart of three lines, sent whole, a quote, the checkout with a transfer to come, and the
//! notice that it came.

use serde_json::{Value, json};

use super::buying::{self, CONNECTIONS, ORDERS};
use super::load::{self, Connection};
use super::people::{self, Buyer};
use super::quotes::{self, Quote};
use super::rows::{Payers, ROUNDS, Row, cost_of, median};
use super::world::{Server, World};
use crate::config::Config;

/// Numbers of bank notices of these purchases.
const FIRST_NOTICE: usize = 950_000_000_000;
/// Microseconds of processor time for one.
const CPU_US_MAX: u64 = 10_000;

pub fn journey_row(world: &mut World, server: &Server, buyers: &[Buyer]) -> Result<Row, String> {
    const NAME: &str = "from the cart to paid: 3 lines, 2 producers";
    eprintln!("bench: {NAME}");
    let mut rounds = Vec::new();
    // The first round does not count.
    for round in 0..=ROUNDS {
        world.empty_carts()?;
        let paid_before = paid(world)?;
        let first = FIRST_NOTICE.saturating_add(round.saturating_mul(ORDERS));
        let config = world.config.clone();
        let way = |connection: &mut Connection, number: usize| {
            let buyer = buyers.get(number).ok_or("no such buyer")?;
            buy(connection, (server, buyer), (&config, first.saturating_add(number)))
        };
        let cost = cost_of(Payers::of(world, server), || load::walk(server.address, (CONNECTIONS, ORDERS), way))?;
        if paid(world)? != paid_before.saturating_add(ORDERS) {
            return Err(format!("{NAME}: not all were paid"));
        }
        if round > 0 {
            rounds.push(cost);
        }
    }
    let ours = median(rounds).ok_or("no round was measured")?;
    Ok(Row { name: NAME, ours, limit: None, percent_min: None, cpu_us_max: CPU_US_MAX })
}

fn paid(world: &mut World) -> Result<usize, String> {
    let count = world.texts("select count(*)::text as value from checkouts where status = 'paid'")?.concat();
    count.parse().map_err(|e| format!("{count}: {e}"))
}

fn buy(
    connection: &mut Connection,
    (server, buyer): (&Server, &Buyer),
    (config, notice): (&Config, usize),
) -> Result<(), String> {
    let lines: Vec<Value> = buyer.variants().map(|variant| json!({"variant_id": variant, "quantity": 1})).collect();
    connection.ask(&buyer.repeatable_request(server, "PUT /v1/buyer/cart", &json!({"lines": lines})))?;
    let quote = Quote::of_answer(connection.body_of(&quotes::ask(server, buyer))?)?;
    let place = buying::place_and_start(server, buyer, (&people::new_key(), &quote));
    let placed: Value = serde_json::from_slice(connection.body_of(&place)?).map_err(|e| e.to_string())?;
    let reference = placed.pointer("/payment_attempt/reference").and_then(Value::as_str).ok_or("no try to pay")?;
    let notice = people::sepay_notice(config, server, (notice, reference, buying::TOTAL_VND))?;
    connection.ask(&notice).map(drop)
}
