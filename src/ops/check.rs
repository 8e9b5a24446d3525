//! Whether the database is as it must be.

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
    "invariant_order_events",
    "invariant_order_checkouts",
    "invariant_refunds",
    "invariant_jobs",
    "invariant_idempotency_keys",
    "invariant_sessions",
    "invariant_sales_daily",
    "invariant_sales_baskets",
    "invariant_offers",
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
    let known = MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(Error::internal)?;
    let run = store::migrations_run(tx)?;
    let versions = known.iter().map(|migration| migration.name().version().to_string());
    Ok(versions.filter(|version| !run.contains(version)).collect())
}

/// What must be mended before this database may be used in production: all of it at once.
pub fn startup_faults(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    let mut faults = store::unsafe_settings(tx)?;
    faults.extend(pending_migrations(tx)?.into_iter().map(|version| format!("migration {version} has not run")));
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;

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
