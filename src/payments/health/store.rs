use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz};
use schema::provider_calls;

use crate::kernel::{Error, Result, Tx};
use crate::payments::providers::ProviderId;

/// How long calls are counted back.
const KEPT: TimeDelta = TimeDelta::days(7);
/// Of how many of the last movements the delay is told.
const LAST_MOVEMENTS: i64 = 50;
/// Open questions that are counted; more are as bad.
pub const OPEN_MAX: i64 = 10_000;

/// How a call to a provider ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Called {
    /// Whatever it said, it was an answer.
    Answered,
    /// Nothing came, or nothing that could be read.
    Failed,
}

/// Counts a call that has ended, as the last deed of a transaction: all calls of a minute wait for one row.
pub fn called(tx: &mut Tx<'_>, provider: ProviderId, called: Called) -> Result<()> {
    let minute = tx.now.duration_trunc(TimeDelta::minutes(1)).map_err(Error::internal)?;
    let (answered, failed) = match called {
        Called::Answered => (1, 0),
        Called::Failed => (0, 1),
    };
    let answered_at = (called == Called::Answered).then_some(tx.now);
    let (provider, now) = (provider.as_str(), tx.now);
    tx.as_platform(|tx| {
        diesel::sql_query(
            "insert into provider_calls as c (provider, minute, answered, failed, answered_at) values ($1, $2, $3, $4, $5) \
             on conflict (provider, minute) do update set answered = c.answered + excluded.answered, \
                 failed = c.failed + excluded.failed, answered_at = greatest(c.answered_at, excluded.answered_at)",
        )
        .bind::<Text, _>(provider)
        .bind::<Timestamptz, _>(minute.min(now))
        .bind::<diesel::sql_types::Integer, _>(answered)
        .bind::<diesel::sql_types::Integer, _>(failed)
        .bind::<Nullable<Timestamptz>, _>(answered_at)
        .execute(tx.conn)?;
        Ok(())
    })
}

/// Throws away what is too old to be looked at.
pub fn purge(tx: &mut Tx<'_>) -> Result<()> {
    tx.who.must_be_platform()?;
    diesel::delete(provider_calls::table.filter(provider_calls::minute.lt(tx.now - KEPT))).execute(tx.conn)?;
    Ok(())
}

#[derive(Debug, Clone, QueryableByName)]
pub struct Health {
    #[diesel(sql_type = Text)]
    pub provider: ProviderId,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub answered_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    pub calls: i64,
    #[diesel(sql_type = BigInt)]
    pub failed: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub noticed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub behind_s: Option<i64>,
    #[diesel(sql_type = BigInt)]
    pub open_questions: i64,
    #[diesel(sql_type = BigInt)]
    pub unfinished: i64,
}

/// How each provider is, in the order of their names here.
pub fn health(tx: &mut Tx<'_>) -> Result<Vec<Health>> {
    // Carriers are asked about parcels, not about money.
    let names = ProviderId::ALL.iter().filter(|id| !id.is_carrier()).map(|id| id.as_str());
    let names: Vec<&str> = names.collect();
    Ok(diesel::sql_query(
        "with last as ( \
             select p.provider, k.received_at, k.moved_at, b.channel \
             from unnest($1) p (provider) cross join lateral ( \
                 select received_at, moved_at, callback_id from payment_credits k where k.provider = p.provider \
                 order by coalesce(k.moved_at, k.received_at) desc limit $2) k \
             join payment_callbacks b on b.id = k.callback_id), \
         open as (select provider, count(*) as number from ( \
                      select provider from payment_attempts where next_poll_at is not null limit $4) a group by provider), \
         unfinished as (select provider, count(*) as number from ( \
                      select provider from payment_callbacks where processed_at is null limit $4) c group by provider) \
         select p.provider, \
                (select max(answered_at) from provider_calls c where c.provider = p.provider) as answered_at, \
                coalesce(h.answered + h.failed, 0) as calls, coalesce(h.failed, 0) as failed, \
                n.noticed_at, n.behind_s, coalesce(o.number, 0) as open_questions, coalesce(u.number, 0) as unfinished \
         from unnest($1) with ordinality p (provider, place) \
         left join lateral (select sum(answered) as answered, sum(failed) as failed from provider_calls c \
                            where c.provider = p.provider and c.minute > $3 - interval '1 hour') h on true \
         left join lateral ( \
             select max(received_at) as noticed_at, \
                    (percentile_disc(0.5) within group (order by greatest(extract(epoch from received_at - moved_at), 0)) \
                         filter (where moved_at is not null))::bigint as behind_s \
             from last where last.provider = p.provider and last.channel = 'notice') n on true \
         left join open o on o.provider = p.provider left join unfinished u on u.provider = p.provider \
         order by p.place",
    )
    .bind::<Array<Text>, _>(names)
    .bind::<BigInt, _>(LAST_MOVEMENTS)
    .bind::<Timestamptz, _>(tx.now)
    .bind::<BigInt, _>(OPEN_MAX)
    .load(tx.conn)?)
}
