//! Brings a database to this version, as its owner.

use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_migrations::MigrationHarness;

use crate::config::Config;
use crate::ops::MIGRATIONS;

/// The application's role; it owns nothing.
const APP_ROLE: &str = "ocop_app";
/// Serialises two migrations that start at once.
const LOCK: i64 = 7_318_842_055;

pub fn from_config(config: &Config) -> Result<(), String> {
    let owner = config.owner_database_url.as_deref().ok_or("OWNER_DATABASE_URL is missing")?;
    let app = config.database_url.as_deref().ok_or("DATABASE_URL is missing")?;
    migrate(owner, app)
}

/// Makes the application's role if it is missing, with the password of its URL, and runs what has not run yet.
pub fn migrate(owner_url: &str, app_url: &str) -> Result<(), String> {
    let mut conn = PgConnection::establish(owner_url).map_err(|e| format!("the owner cannot connect: {e}"))?;
    diesel::sql_query("select pg_advisory_lock($1)")
        .bind::<diesel::sql_types::BigInt, _>(LOCK)
        .execute(&mut conn)
        .map_err(|e| e.to_string())?;
    ensure_role(&mut conn, app_url)?;
    conn.run_pending_migrations(MIGRATIONS).map_err(|e| format!("a migration failed: {e}"))?;
    diesel::sql_query("grant select on __diesel_schema_migrations to ocop_app")
        .execute(&mut conn)
        .map_err(|e| e.to_string())?;
    Ok(())
}

fn ensure_role(conn: &mut PgConnection, app_url: &str) -> Result<(), String> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        found: bool,
    }
    let role: Found = diesel::sql_query("select exists (select 1 from pg_roles where rolname = $1) as found")
        .bind::<Text, _>(APP_ROLE)
        .get_result(conn)
        .map_err(|e| e.to_string())?;
    if role.found {
        return Ok(());
    }
    let password = password_of(app_url).ok_or("DATABASE_URL has no password for the application's role")?;
    let statement = format!("create role {APP_ROLE} login password '{}'", password.replace('\'', "''"));
    diesel::sql_query(statement).execute(conn).map_err(|_| "the application's role could not be made".to_owned())?;
    Ok(())
}

fn password_of(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let (credentials, _) = rest.split_once('@')?;
    let (_, password) = credentials.split_once(':')?;
    let password = password.replace('+', "%2B");
    form_urlencoded::parse(password.as_bytes()).next().map(|(decoded, _)| decoded.into_owned())
}
