use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};
use schema::payment_callbacks;
use uuid::Uuid;

use crate::kernel::later::{Fragment, Row};
use crate::kernel::sql::Prepare;
use crate::kernel::{CallbackId, Error, Result, Tx};
use crate::payments::model::{CallbackOutcome, Channel};
use crate::payments::providers::ProviderId;

/// Messages of one provider that nobody believes, kept per day: enough to see an attack, too few to fill the disk.
const UNVERIFIED_PER_DAY_MAX: i64 = 10_000;

/// A message as it came.
#[derive(Debug, Clone)]
pub struct RawRow {
    pub id: CallbackId,
    pub provider: ProviderId,
    pub channel: Channel,
    pub source: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Insertable)]
#[diesel(table_name = payment_callbacks, treat_none_as_default_value = false)]
struct NewRow {
    id: CallbackId,
    provider: ProviderId,
    channel: Channel,
    received_at: DateTime<Utc>,
    source: String,
    query: String,
    headers: serde_json::Value,
    body: Vec<u8>,
    verified: Option<bool>,
    event_key: Option<String>,
    outcome: Option<CallbackOutcome>,
    processed_at: Option<DateTime<Utc>>,
}

impl Row for NewRow {
    fn insert(rows: Vec<Self>) -> Fragment {
        Box::new(diesel::insert_into(payment_callbacks::table).values(rows))
    }
}

impl NewRow {
    fn of(raw: &RawRow, now: DateTime<Utc>) -> Self {
        // What could sign another message is not kept.
        let kept = |name: &str| !matches!(name, "authorization" | "cookie");
        let headers = raw.headers.iter().filter(|(name, _)| kept(name));
        let headers: Vec<serde_json::Value> = headers.map(|(name, value)| serde_json::json!([name, value])).collect();
        Self {
            id: raw.id,
            provider: raw.provider,
            channel: raw.channel,
            received_at: now,
            source: raw.source.clone(),
            query: raw.query.clone(),
            headers: headers.into(),
            body: raw.body.clone(),
            verified: None,
            event_key: None,
            outcome: None,
            processed_at: None,
        }
    }
}

/// Keeps a message, with what its verification said; `None` when that said nothing. What is not believed is finished.
pub fn insert(tx: &mut Tx<'_>, raw: &RawRow, verified: Option<bool>) -> Result<()> {
    let outcome = (verified == Some(false)).then_some(CallbackOutcome::Unverified);
    let row = NewRow { verified, outcome, processed_at: outcome.map(|_| tx.now), ..NewRow::of(raw, tx.now) };
    diesel::insert_into(payment_callbacks::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Keeps a believed message with what became of it, at the end of the transaction.
pub fn insert_finished(tx: &mut Tx<'_>, raw: &RawRow, event_key: &str, outcome: CallbackOutcome) -> Result<()> {
    let row = NewRow {
        verified: Some(true),
        event_key: Some(event_key.to_owned()),
        outcome: Some(outcome),
        processed_at: Some(tx.now),
        ..NewRow::of(raw, tx.now)
    };
    tx.later_row(row)
}

/// Whether so many forgeries of this provider were kept within a day that no more are.
pub fn has_enough_unverified(tx: &mut Tx<'_>, provider: ProviderId) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Kept {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }
    let kept: Kept = diesel::sql_query(
        "select count(*) as number from (select from payment_callbacks \
           where verified is false and provider = $1 and received_at > $2 limit $3) kept",
    )
    .bind::<Text, _>(provider.as_str())
    .bind::<Timestamptz, _>(tx.now - TimeDelta::days(1))
    .bind::<BigInt, _>(UNVERIFIED_PER_DAY_MAX)
    .get_result(tx.conn)?;
    Ok(kept.number >= UNVERIFIED_PER_DAY_MAX)
}

/// Notes what became of a message, unless that is noted already.
pub fn finish(tx: &mut Tx<'_>, id: CallbackId, event_key: Option<&str>, outcome: CallbackOutcome) -> Result<()> {
    diesel::update(payment_callbacks::table.find(id))
        .filter(payment_callbacks::processed_at.is_null())
        .set((
            payment_callbacks::verified.eq(outcome != CallbackOutcome::Unverified),
            payment_callbacks::event_key.eq(event_key),
            payment_callbacks::outcome.eq(outcome),
            payment_callbacks::processed_at.eq(tx.now),
        ))
        .returning(payment_callbacks::id)
        .prepared()
        .load::<CallbackId>(tx.conn)?;
    Ok(())
}

pub fn was_applied(tx: &mut Tx<'_>, provider: ProviderId, event_key: &str) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(
        payment_callbacks::table
            .filter(payment_callbacks::provider.eq(provider))
            .filter(payment_callbacks::event_key.eq(event_key))
            .filter(payment_callbacks::outcome.eq(CallbackOutcome::Applied)),
    ))
    .get_result(tx.conn)?)
}

/// Takes messages, the oldest first, that came before a moment and that nobody finished or was given to finish.
pub fn hand_over(tx: &mut Tx<'_>, before: DateTime<Utc>, rows: i64) -> Result<Vec<CallbackId>> {
    #[derive(QueryableByName)]
    struct Taken {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let taken: Vec<Taken> = diesel::sql_query(
        "update payment_callbacks set handed_over_at = $1 where id in ( \
           select id from payment_callbacks where processed_at is null and handed_over_at is null and received_at < $2 \
           order by received_at limit $3 for update skip locked) \
         returning id",
    )
    .bind::<Timestamptz, _>(tx.now)
    .bind::<Timestamptz, _>(before)
    .bind::<BigInt, _>(rows)
    .load(tx.conn)?;
    Ok(taken.into_iter().map(|row| CallbackId(row.id)).collect())
}

/// A message that nobody has finished yet.
#[derive(Debug, Clone)]
pub struct OpenRow {
    pub provider: ProviderId,
    pub received_at: DateTime<Utc>,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whether it was believed when it came.
    pub is_verified: bool,
}

pub fn find_open(tx: &mut Tx<'_>, id: CallbackId) -> Result<Option<OpenRow>> {
    type Row = (ProviderId, DateTime<Utc>, String, serde_json::Value, Vec<u8>, Option<bool>);
    let row: Option<Row> = payment_callbacks::table
        .find(id)
        .filter(payment_callbacks::processed_at.is_null())
        .select((
            payment_callbacks::provider,
            payment_callbacks::received_at,
            payment_callbacks::query,
            payment_callbacks::headers,
            payment_callbacks::body,
            payment_callbacks::verified,
        ))
        .first(tx.conn)
        .optional()?;
    let Some((provider, received_at, query, headers, body, verified)) = row else { return Ok(None) };
    let headers = serde_json::from_value(headers).map_err(Error::internal)?;
    Ok(Some(OpenRow { provider, received_at, query, headers, body, is_verified: verified == Some(true) }))
}

/// Throws away what was never believed and is a week old; everything verified stays.
pub fn purge(tx: &mut Tx<'_>) -> Result<usize> {
    const KEPT: TimeDelta = TimeDelta::days(7);
    Ok(diesel::delete(
        payment_callbacks::table
            .filter(payment_callbacks::verified.eq(false))
            .filter(payment_callbacks::received_at.lt(tx.now - KEPT)),
    )
    .execute(tx.conn)?)
}
