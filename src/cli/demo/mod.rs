//! A market to look at: the producers and products of `products.csv`, and two months of purchases.
//!
//! Everything goes through the operations that requests use, on a clock that begins in the past, so each rule and
//! each invariant holds for it. It is loaded only into a database in which nobody has an account. Every operation
//! commits by itself: when the load is interrupted, what was done stays and is sound, and the rest is not made up for.

mod carriers;
mod carriers_api;
mod goods;
mod people;
mod trade;

use chrono::TimeDelta;

use super::serve::build;
use crate::app::Shared;
use crate::config::{Config, SendersConfig};
use crate::identity;
use crate::kernel::db::Clock;
use crate::kernel::input::{Faults, Input};
use crate::kernel::{Actor, Error, Result};
use crate::{ledger, ops, taxes, worker};
pub use carriers::{Desks, Fakes};
pub use carriers_api::serve as serve_carriers;
use people::SIGN_INS;

/// Days of trade before today.
const DAYS: i64 = 60;

/// Whether there was anything to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Loaded,
    NotEmpty,
}

/// Loads the demo into a database without any account; a production system refuses.
pub async fn load(mut config: Config) -> Result<Outcome, String> {
    // The demo's numbers may be somebody's.
    config.senders = SendersConfig { esms: None, zalo: None, smtp: None };
    if config.production {
        return Err("the demo is not for production".to_owned());
    }
    let clock = Clock::default();
    let app = build(config, clock.clone())?;
    if app.db.read(&Actor::PLATFORM, identity::has_accounts).await.map_err(told)? {
        return Ok(Outcome::NotEmpty);
    }
    eprintln!("loading the demo: {DAYS} days of a market");
    clock.advance(-TimeDelta::days(DAYS));
    fill(&app).await.map_err(told)?;
    clock.advance(-TimeDelta::milliseconds(clock.offset_ms()));
    worker::run_due(&app).await.map_err(told)?;
    end_months(&app).await.map_err(told)?;
    let broken = app.db.read(&Actor::PLATFORM, ops::check).await.map_err(told)?;
    if broken.is_empty() { Ok(Outcome::Loaded) } else { Err(format!("the demo broke invariants: {broken:?}")) }
}

async fn fill(app: &Shared) -> Result<()> {
    let mut staff = people::Staff::appoint(app).await?;
    let mut buyers = people::buyers()?;
    // First those whose sign-ins are printed, so that they work however far the load comes.
    if let Some(known) = buyers.first_mut() {
        known.actor(app).await?;
    }
    let market = goods::offer(app, &mut staff.operator).await?;
    trade::run(app, market, buyers).await
}

/// What the night after the end of each month does, so that who looks finds declarations and sums.
async fn end_months(app: &Shared) -> Result<()> {
    app.db.job(taxes::close).await?;
    while app.db.job(ledger::sum_month).await? {}
    Ok(())
}

/// Whether this database holds the demo.
async fn is_here(config: &Config) -> Result<bool, String> {
    let app = build(config.clone(), Clock::default())?;
    let first = people::phone(SIGN_INS[0].phone).map_err(told)?;
    app.db.read(&Actor::PLATFORM, move |tx| identity::has_account(tx, &first)).await.map_err(told)
}

/// How to sign in, if this database holds the demo.
pub async fn print_sign_ins(config: Config) -> Result<(), String> {
    if config.production {
        return Ok(());
    }
    if !is_here(&config).await? {
        return Ok(());
    }
    println!("Demo sign-ins (operator and official also need the one-time code from the log):");
    for known in SIGN_INS {
        println!("  {:<9} {}  {}", known.audience.as_str(), known.phone, known.password);
    }
    Ok(())
}

fn told(error: Error) -> String {
    format!("{error:?}")
}

/// Reads what a client would send.
fn input<T: Input>(value: &serde_json::Value) -> Result<T> {
    let mut faults = Faults::default();
    T::read(value, &mut faults).ok_or_else(|| Error::Invalid(faults.into_found()))
}
