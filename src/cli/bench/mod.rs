//! Ours against its limit, in one run on one machine: the real program as a process of its own, a bare handler that
//! answers the same bytes, and `pgbench` that sends the same SQL to the same cluster. Each row alternates between the
//! two; the middle round counts, since other work on the machine only ever makes a round slower.

mod bare;
mod buying;
mod cost;
mod journey;
mod load;
mod people;
mod quotes;
mod replay;
mod rows;
mod world;

pub use bare::serve as serve_bare;

use crate::cli::run::block_on;
use crate::config::Config;
use crate::kernel::{Actor, Db};
use crate::ops;
use rows::{Bound, Row, Wait};
use world::World;

/// Measures everything, prints the table, and fails when a bound is missed.
pub fn run(config: Config, products: usize) -> Result<(), String> {
    if config.production {
        return Err("the bench is not for production".to_owned());
    }
    eprintln!("bench: a market with {products} products");
    let mut world = World::open(config, products)?;
    let measured = measure(&mut world, products);
    let broken = if measured.is_ok() { broken_invariants(&world)? } else { Vec::new() };
    world.close();
    let Measured { rows, bounds, wait } = measured?;
    let lines: String = bounds.iter().map(Bound::line).collect();
    println!("{}\n{lines}{}", rows::table(&rows), wait.line());
    if !broken.is_empty() {
        return Err(format!("the bench broke invariants: {broken:?}"));
    }
    let rows = rows.iter().map(|row| (row.name, row.holds()));
    let all = rows.chain(bounds.iter().map(|bound| (bound.name, bound.holds()))).chain([(wait.name, wait.holds())]);
    let missed: Vec<&str> = all.filter(|(_, holds)| !holds).map(|(name, _)| name).collect();
    if missed.is_empty() { Ok(()) } else { Err(format!("below its bound: {}", missed.join(", "))) }
}

struct Measured {
    rows: Vec<Row>,
    bounds: Vec<Bound>,
    wait: Wait,
}

fn measure(world: &mut World, products: usize) -> Result<Measured, String> {
    let (mut rows, bounds) = rows::reading(world, products)?;
    // Seen even if buying fails.
    eprintln!("{}", rows::table(&rows));
    let (bought, wait) = buying::buying(world)?;
    rows.extend(bought);
    Ok(Measured { rows, bounds, wait })
}

/// What the program and the repetitions of its SQL did is sound.
fn broken_invariants(world: &World) -> Result<Vec<ops::Violation>, String> {
    let db = Db::open(&world.app_url(), super::pools(&world.config), crate::kernel::db::Clock::default());
    let db = db.map_err(|e| format!("{e:?}"))?;
    block_on(async move { db.read(&Actor::PLATFORM, ops::check).await.map_err(|e| format!("{e:?}")) })
}
