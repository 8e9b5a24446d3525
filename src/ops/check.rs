//! Whether the database is as it must be.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use super::store;
use crate::kernel::{Error, Result, Tx};

/// Every migration, built into the program.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// Every view that must return no row; see the migration `create_invariants`.
pub const INVARIANTS: &[&str] = &[
    "invariant_stock_reserved",
    "invariant_stock_on_hand",
    "invariant_reservations",
    "invariant_order_movements",
    "invariant_totals",
    "invariant_paid_checkouts",
    "invariant_captured_payments",
    "invariant_credits",
    "invariant_provider_transactions",
    "invariant_callbacks",
    "invariant_questions",
    "invariant_listed_money",
    "invariant_order_events",
    "invariant_order_checkouts",
    "invariant_refunds",
    "invariant_order_weights",
    "invariant_jobs",
    "invariant_idempotency_keys",
    "invariant_sessions",
    "invariant_sales_daily",
    "invariant_sales_baskets",
    "invariant_offers",
    "invariant_vouchers",
    "invariant_voucher_uses",
    "invariant_lot_levels",
    "invariant_lot_sales",
    "invariant_harvests",
    "invariant_expired_lots",
    "invariant_shipments",
    "invariant_carrier_messages",
    "invariant_collection_runs",
    "invariant_complaints",
    "invariant_conversations",
    "invariant_review_figures",
    "invariant_reviews",
    "invariant_webhook_deliveries",
    "invariant_photos",
    "invariant_guests",
    "invariant_claims",
    "invariant_claimed_orders",
    "invariant_parcels_by_hand",
    "invariant_ledger_orders",
    "invariant_ledger_credits",
    "invariant_ledger_suspense",
    "invariant_ledger_refunds",
    "invariant_ledger_balances",
    "invariant_ledger_reversals",
    "invariant_ledger_vouchers",
    "invariant_charges",
    "invariant_refund_totals",
    "invariant_refund_books",
    "invariant_refund_tries",
    "invariant_refund_steps",
    "invariant_outgoing",
    "invariant_outgoing_ledger",
    "invariant_payouts",
    "invariant_settlements",
    "invariant_settled_days",
    "invariant_money_decisions",
    "invariant_tax_declarations",
    "invariant_tax_payments",
    "invariant_tax_certificates",
    "invariant_ledger_checkpoints",
    "invariant_cash_orders",
    "invariant_cash_settled",
];

/// A broken promise.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Violation {
    /// The view that found it.
    pub invariant: String,
    /// What breaks it: an id, or ids and codes with slashes.
    pub object: String,
    pub detail: String,
}

/// Looks for broken promises, at most a thousand of them. Only the platform sees every row, so nobody
/// else may check: to them a broken promise could look kept.
pub fn check(tx: &mut Tx<'_>) -> Result<Vec<Violation>> {
    tx.who.must_be_platform()?;
    store::violations(tx)
}

/// The migrations that the program knows and the database has not run.
pub fn pending_migrations(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    let (known, run) = migrations(tx)?;
    Ok(known.into_iter().filter(|version| !run.contains(version)).collect())
}

/// Versions that the program knows, and those that the database has run.
fn migrations(tx: &mut Tx<'_>) -> Result<(Vec<String>, Vec<String>)> {
    let known = MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(Error::internal)?;
    let known = known.iter().map(|migration| migration.name().version().to_string()).collect();
    Ok((known, store::migrations_run(tx)?))
}

/// What must be mended before this database may be used in production: all of it at once.
pub fn startup_faults(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    let mut faults = store::unsafe_settings(tx)?;
    let (known, run) = migrations(tx)?;
    let pending = known.iter().filter(|version| !run.contains(version));
    faults.extend(pending.map(|version| format!("migration {version} has not run")));
    let newer = run.iter().filter(|version| !known.contains(version));
    faults.extend(newer.map(|version| format!("migration {version} is newer than this program")));
    Ok(faults)
}

/// Whether the database has connections for all processes with all their pools.
pub fn connections_fault(tx: &mut Tx<'_>, needed: i64) -> Result<Option<String>> {
    let room = store::connections_max(tx)?;
    Ok((needed > room).then(|| format!("the database has {room} connections for us, and all pools need {needed}")))
}

/// Whether this machine's clock, read before and after the database told its own, differs from it by too much: tokens
/// are checked by the one and everything else by the other.
pub fn clock_fault(before: DateTime<Utc>, told: DateTime<Utc>, after: DateTime<Utc>) -> Option<String> {
    const DIFFERENCE_MAX: TimeDelta = TimeDelta::seconds(2);
    let is_close = told >= before - DIFFERENCE_MAX && told <= after + DIFFERENCE_MAX;
    (!is_close).then(|| "this machine's clock and the database's differ by more than 2 seconds".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_may_differ_by_two_seconds() {
        let at = |ms: i64| DateTime::from_timestamp_millis(1_795_000_000_000 + ms).unwrap();
        for (told, is_close) in [(-2_001, false), (-2_000, true), (0, true), (3_000, true), (3_001, false)] {
            assert_eq!(clock_fault(at(0), at(told), at(1_000)).is_none(), is_close, "{told}");
        }
    }

    #[test]
    fn every_invariant_of_the_migrations_is_checked() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let mut made: Vec<String> = Vec::new();
        for migration in std::fs::read_dir(folder).unwrap() {
            let sql = std::fs::read_to_string(migration.unwrap().path().join("up.sql")).unwrap();
            let views = sql.split("create view ").skip(1).filter_map(|rest| rest.split_whitespace().next());
            made.extend(views.filter(|view| view.starts_with("invariant_")).map(str::to_owned));
        }
        made.sort_unstable();
        let mut known = INVARIANTS.to_vec();
        known.sort_unstable();
        assert_eq!(made, known);
    }
}
