//! Every invariant can fail: a planted fault is found by the view that promises its absence.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use ocop_market::kernel::Actor;
use ocop_market::ops::INVARIANTS;
use ocop_market::shipping;
use serde_json::json;

use crate::support::World;
use crate::support::mutants::{
    CASH_VIEWS, HARVEST_MUTANTS, HEALTHY_CASH, HEALTHY_CLAIM, HEALTHY_PAYOUT, HEALTHY_REFUND, HEALTHY_VOUCHER, MUTANTS,
    Mutant, REFUND_VIEWS,
};

#[derive(QueryableByName)]
struct Rows {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn rows(owner: &mut PgConnection, view: &str) -> Result<i64, diesel::result::Error> {
    let rows: Rows = diesel::sql_query(format!("select count(*) as number from {view}")).get_result(owner)?;
    Ok(rows.number)
}

/// Plants a fault, looks, and takes it back.
fn noticed(owner: &mut PgConnection, (view, fault): (&str, &str)) -> Result<bool, diesel::result::Error> {
    owner.batch_execute("begin")?;
    let seen = owner.batch_execute(fault).and_then(|()| rows(owner, view));
    owner.batch_execute("rollback")?;
    seen.map(|number| number > 0)
}

#[actix_web::test]
async fn every_planted_fault_is_found_by_its_invariant() {
    let world = World::start().await;
    let shop = world.shop(120_000, 20).await;
    let adjustments = format!("/v1/producer/variants/{}/stock-adjustments", shop.product.variant_id);
    let today = ocop_market::kernel::time::vietnam_day(world.app.db.clock.now());
    let lot = json!({"code": "MO-1", "harvested_on": today, "expires_on": today});
    let harvested = json!({"reason": "harvested", "delta": 10, "lot": lot});
    shop.producer.client.post(&adjustments, harvested).await.expect(200);
    let buyer = world.buyer("0933333333").await;
    let paid = world.due(&buyer, &shop.product, 2, "bank_transfer").await;
    world.sepay(1, &paid.reference, paid.total).await.expect(200);
    let waiting = world.due(&buyer, &shop.product, 3, "bank_transfer").await;
    assert_eq!(world.state(&paid), "paid paid captured captured");
    assert_eq!(world.state(&waiting), "awaiting_payment awaiting_payment pending pending");

    let order = paid.checkout["orders"][0]["id"].as_str().expect("an order").to_owned();
    let new = crate::shipments::new_shipment(&world, &order, "own").await;
    world.app.db.write(&Actor::PLATFORM, move |tx| shipping::open(tx, &new)).await.expect("a parcel");

    let mut owner = world.database.owner();
    for view in INVARIANTS {
        assert_eq!(rows(&mut owner, view).expect(view), 0, "{view} on a healthy database");
    }
    for view in INVARIANTS {
        assert!(!noticed(&mut owner, (view, HEALTHY_VOUCHER)).expect(view), "{view} on a healthy use of a voucher");
    }
    for view in ["invariant_claims", "invariant_claimed_orders", "invariant_photos"] {
        assert!(!noticed(&mut owner, (view, HEALTHY_CLAIM)).expect(view), "{view} on a healthy claim");
    }
    for view in REFUND_VIEWS {
        assert!(!noticed(&mut owner, (view, HEALTHY_REFUND)).expect(view), "{view} on a healthy refund");
    }
    for view in CASH_VIEWS {
        assert!(!noticed(&mut owner, (view, HEALTHY_CASH)).expect(view), "{view} on healthy cash");
    }
    for view in ["invariant_outgoing", "invariant_outgoing_ledger", "invariant_payouts"] {
        assert!(!noticed(&mut owner, (view, HEALTHY_PAYOUT)).expect(view), "{view} on a healthy payout");
    }
    let missed = missed(&mut owner, &MUTANTS.concat());
    assert!(missed.is_empty(), "{missed:#?}");
    world.finish().await;
}

/// What is not found of planted faults, and why.
fn missed(owner: &mut PgConnection, mutants: &[Mutant]) -> Vec<String> {
    let mut missed = Vec::new();
    for (place, mutant) in mutants.iter().enumerate() {
        match noticed(owner, *mutant) {
            Ok(true) => {}
            Ok(false) => missed.push(format!("{place}: {} is silent about {}", mutant.0, mutant.1)),
            Err(error) => missed.push(format!("{place}: {error} by {}", mutant.1)),
        }
    }
    missed
}

#[actix_web::test]
async fn every_planted_fault_of_a_harvest_is_found_by_its_invariant() {
    let world = World::start().await;
    let shop = world.shop(50_000, 0).await;
    crate::harvests::short_and_waiting(&world, &shop, 1).await;
    let mut owner = world.database.owner();
    for view in INVARIANTS {
        assert_eq!(rows(&mut owner, view).expect(view), 0, "{view} on a healthy database");
    }
    let missed = missed(&mut owner, HARVEST_MUTANTS);
    assert!(missed.is_empty(), "{missed:#?}");
    world.finish().await;
}

#[test]
fn every_invariant_has_a_fault_that_it_must_find() {
    let wounded: BTreeSet<&str> =
        MUTANTS.iter().copied().flatten().chain(HARVEST_MUTANTS).map(|(view, _)| *view).collect();
    assert_eq!(wounded, INVARIANTS.iter().copied().collect());
}
