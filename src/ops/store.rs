//! What operations read from the database.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Timestamptz};
use schema::{payment_callbacks, payment_reviews};

use super::check::{INVARIANTS, Violation};
use crate::kernel::{Result, Tx};
use crate::text_enum;

/// A check reports at most this many violations; the first ones say enough.
pub const VIOLATIONS_MAX: i64 = 1000;

#[derive(QueryableByName)]
struct ViolationRow {
    #[diesel(sql_type = Text)]
    invariant: String,
    #[diesel(sql_type = Text)]
    object: String,
    #[diesel(sql_type = Text)]
    detail: String,
}

/// All views in one statement, so that they see one moment; also any invariant that the program does not know.
fn violations_sql() -> String {
    let parts: Vec<String> =
        INVARIANTS.iter().map(|view| format!("select '{view}' as invariant, object, detail from {view}")).collect();
    format!(
        "select invariant, coalesce(object, '') as object, coalesce(detail, '') as detail from ({} \
           union all select viewname::text, '', 'not among the known invariants' from pg_views \
           where schemaname = current_schema() and viewname like 'invariant\\_%' and viewname::text <> all ($1)) v \
         order by invariant, object, detail limit $2",
        parts.join(" union all ")
    )
}

pub fn violations(tx: &mut Tx<'_>) -> Result<Vec<Violation>> {
    let rows: Vec<ViolationRow> = diesel::sql_query(violations_sql())
        .bind::<Array<Text>, _>(INVARIANTS)
        .bind::<BigInt, _>(VIOLATIONS_MAX)
        .load(tx.conn)?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let ViolationRow { invariant, object, detail } = row;
            Violation { invariant, object, detail }
        })
        .collect())
}

#[derive(QueryableByName)]
struct VersionRow {
    #[diesel(sql_type = Text)]
    version: String,
}

pub fn migrations_run(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    let rows: Vec<VersionRow> =
        diesel::sql_query("select version::text as version from __diesel_schema_migrations").load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}

pub fn open_reviews(tx: &mut Tx<'_>) -> Result<i64> {
    Ok(payment_reviews::table.filter(payment_reviews::status.eq("open")).count().get_result(tx.conn)?)
}

pub fn unprocessed_callbacks(tx: &mut Tx<'_>) -> Result<i64> {
    Ok(payment_callbacks::table.filter(payment_callbacks::processed_at.is_null()).count().get_result(tx.conn)?)
}

#[derive(QueryableByName)]
struct Fault {
    #[diesel(sql_type = Text)]
    fault: String,
}

/// What is dangerous about the database or about the role that we are, in words for a person.
pub fn unsafe_settings(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    let faults: Vec<Fault> = diesel::sql_query(
        "select 'the database role is a superuser or passes row-level security' as fault from pg_roles \
           where rolname = current_user and (rolsuper or rolbypassrls) \
         union all select 'the database role owns table ' || tablename from pg_tables \
           where schemaname = current_schema() and tableowner = current_user \
         union all select 'row-level security is off on ' || c.relname from pg_class c \
           where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relrowsecurity \
             and (exists (select from pg_policy p where p.polrelid = c.oid) \
                  or has_table_privilege(current_user, c.oid, 'insert, update, delete')) \
         union all select 'the database role may change ' || t from unnest(array['audit_events', 'payment_credits', 'ledger_transfers', 'ledger_balances', \
           'fee_schedules', 'tax_rates', 'tax_lines']) t \
           where has_table_privilege(current_user, t, 'update, delete, truncate') \
         union all select 'the view ' || v || ' is missing' from unnest($1) v \
           where not exists (select from pg_views where schemaname = current_schema() and viewname = v) \
         union all select name || ' is off' from pg_settings \
           where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums') and setting = 'off' \
         union all select 'lc_messages must be C, not ' || setting from pg_settings \
           where name = 'lc_messages' and setting not in ('C', 'POSIX', 'C.UTF-8', 'en_US.UTF-8') \
         union all select 'server_encoding must be UTF8, not ' || setting from pg_settings \
           where name = 'server_encoding' and setting <> 'UTF8' \
         union all select 'timezone must be UTC, not ' || reset_val from pg_settings \
           where name = 'TimeZone' and reset_val not in ('UTC', 'Etc/UTC', 'GMT') \
         union all (select 'the demo market is in this database' from producers \
           where registration_number like 'DEMO-%' limit 1)",
    )
    .bind::<Array<Text>, _>(INVARIANTS)
    .load(tx.conn)?;
    Ok(faults.into_iter().map(|row| row.fault).collect())
}

/// How many connections the database has for our role, all processes together.
pub fn connections_max(tx: &mut Tx<'_>) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Room {
        #[diesel(sql_type = BigInt)]
        room: i64,
    }
    let row: Room = diesel::sql_query(
        "select least(current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint \
             - coalesce(current_setting('reserved_connections', true), '0')::bigint, \
           nullif(r.rolconnlimit, -1), nullif(d.datconnlimit, -1)) as room \
         from pg_roles r, pg_database d where r.rolname = current_user and d.datname = current_database()",
    )
    .get_result(tx.conn)?;
    Ok(row.room)
}

text_enum! {
    /// What money waits for.
    pub enum WaitingKind {
        /// Odd money: a decision of the review queue.
        Review = "review",
        /// What a provider says is not what we know.
        Exception = "exception",
        /// A decision about money: a second person.
        Decision = "decision",
        /// A producer's bank account: an operator who compares its name.
        AccountToVerify = "account_to_verify",
        /// Two persons.
        TransferToApprove = "transfer_to_approve",
        /// A bank's file, or payOS.
        TransferToSend = "transfer_to_send",
        /// What the bank did.
        TransferSent = "transfer_sent",
        /// Persons who approve it, or who do what no provider does.
        RefundToDecide = "refund_to_decide",
        /// Its provider.
        RefundToSend = "refund_to_send",
        /// What its provider did.
        RefundSent = "refund_sent",
        /// A payment of tax: a second person.
        TaxPayment = "tax_payment",
    }
}

/// Money that waits for one thing.
#[derive(Debug, Clone, QueryableByName)]
pub struct Waiting {
    #[diesel(sql_type = Text)]
    pub kind: WaitingKind,
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    #[diesel(sql_type = BigInt)]
    pub amount_vnd: i64,
    #[diesel(sql_type = Timestamptz)]
    pub since: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    pub alarms: i64,
}

/// What waits longest first; what nothing waits for is left out.
pub fn waiting_money(tx: &mut Tx<'_>) -> Result<Vec<Waiting>> {
    Ok(diesel::sql_query("select * from waiting_money where number > 0 order by since, kind").load(tx.conn)?)
}
