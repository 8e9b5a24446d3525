//! All SQL on notices, preferences and deliveries.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Uuid as SqlUuid};
use schema::{deliveries, notice_preferences, notices};
use serde_json::Value;
use uuid::Uuid;

use super::email;
use super::inbox::Look;
use super::model::{DeliveryRow, Language, NoticeRow, Quiet, Topic};
use super::preferences::Preferences;
use super::push::Pushed;
use crate::kernel::{AccountId, EventId, NoticeId, Result, Tx};

/// The oldest transaction that may still write: what older ones wrote will not become more.
const UNSETTLED: &str = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

/// Letters of a gateway's name for a message.
const PROVIDER_ID_MAX: usize = 200;

/// Whether it is new: the same was not told before.
pub fn insert(
    tx: &mut Tx<'_>,
    (id, account_id): (NoticeId, AccountId),
    (topic, object_id, occasion): (Topic, Uuid, &str),
    facts: &Value,
) -> Result<bool> {
    let inserted = diesel::insert_into(notices::table)
        .values((
            notices::id.eq(id),
            notices::account_id.eq(account_id),
            notices::topic.eq(topic),
            notices::object_id.eq(object_id),
            notices::occasion.eq(occasion),
            notices::facts.eq(facts),
            notices::created_at.eq(tx.now),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    Ok(inserted == 1)
}

pub fn list(tx: &mut Tx<'_>, account_id: AccountId, look: Look) -> Result<Vec<NoticeRow>> {
    let mut query = notices::table
        .filter(notices::account_id.eq(account_id))
        .select(NoticeRow::as_select())
        .order(notices::id.desc())
        .limit(look.rows_max)
        .into_boxed();
    if look.only_unread {
        query = query.filter(notices::read_at.is_null());
    }
    if let Some(before) = look.before {
        query = query.filter(notices::id.lt(before));
    }
    Ok(query.load(tx.conn)?)
}

/// Unread notices, counted up to a limit.
pub fn count_unread(tx: &mut Tx<'_>, account_id: AccountId, most: i32) -> Result<i32> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = Integer)]
        unread: i32,
    }
    let row: Count = diesel::sql_query(
        "select count(*)::integer as unread from ( \
           select from notices where account_id = $1 and read_at is null limit $2) waiting",
    )
    .bind::<SqlUuid, _>(account_id)
    .bind::<Integer, _>(most)
    .get_result(tx.conn)?;
    Ok(row.unread)
}

/// Whoever's it is.
pub fn find(tx: &mut Tx<'_>, id: NoticeId) -> Result<Option<(AccountId, NoticeRow)>> {
    let row = notices::table.find(id).select((notices::account_id, NoticeRow::as_select())).first(tx.conn);
    Ok(row.optional()?)
}

pub fn find_own(tx: &mut Tx<'_>, account_id: AccountId, id: NoticeId) -> Result<Option<NoticeRow>> {
    let own = notices::table.find(id).filter(notices::account_id.eq(account_id));
    Ok(own.select(NoticeRow::as_select()).first(tx.conn).optional()?)
}

pub fn mark(tx: &mut Tx<'_>, account_id: AccountId, id: NoticeId) -> Result<Option<NoticeRow>> {
    diesel::update(notices::table.find(id))
        .filter(notices::account_id.eq(account_id))
        .filter(notices::read_at.is_null())
        .set(notices::read_at.eq(tx.now))
        .execute(tx.conn)?;
    find_own(tx, account_id, id)
}

pub fn mark_up_to(tx: &mut Tx<'_>, account_id: AccountId, id: NoticeId) -> Result<usize> {
    let marked = diesel::update(notices::table)
        .filter(notices::account_id.eq(account_id))
        .filter(notices::id.le(id))
        .filter(notices::read_at.is_null())
        .set(notices::read_at.eq(tx.now))
        .execute(tx.conn)?;
    Ok(marked)
}

/// A place in the order in which notices become visible: by transaction, and within one by id.
pub type Place = (i64, Uuid);

/// Where everything that is visible now lies behind.
pub fn place_now(tx: &mut Tx<'_>) -> Result<Place> {
    let unsettled: i64 = diesel::select(sql::<BigInt>(UNSETTLED)).get_result(tx.conn)?;
    Ok((unsettled, Uuid::nil()))
}

/// What became visible after a place, in order. A notice whose transaction still runs, or began after one that does, is
/// left for the next look, so that nothing can appear before a place that was passed.
pub fn news(tx: &mut Tx<'_>, account_id: AccountId, (txid, id): Place, rows_max: i64) -> Result<Vec<NoticeRow>> {
    let is_after = notices::txid.gt(txid).or(notices::txid.eq(txid).and(notices::id.gt(NoticeId(id))));
    let rows = notices::table
        .filter(notices::account_id.eq(account_id))
        .filter(notices::txid.ge(txid))
        .filter(notices::txid.lt(sql::<BigInt>(UNSETTLED)))
        .filter(is_after)
        .order((notices::txid, notices::id))
        .limit(rows_max)
        .select(NoticeRow::as_select())
        .load(tx.conn)?;
    Ok(rows)
}

/// Which of these accounts got news since a transaction, and the transaction to ask from next time.
pub fn news_of(tx: &mut Tx<'_>, accounts: &[AccountId], since: i64) -> Result<(i64, Vec<AccountId>)> {
    let (until, _) = place_now(tx)?;
    let found = notices::table
        .filter(notices::account_id.eq_any(accounts))
        .filter(notices::txid.ge(since))
        .filter(notices::txid.lt(until))
        .select(notices::account_id)
        .distinct()
        .load(tx.conn)?;
    Ok((until, found))
}

pub fn preferences(tx: &mut Tx<'_>, account_id: AccountId) -> Result<Option<Preferences>> {
    type Row = (Language, NaiveTime, NaiveTime, Value, Option<String>, i32);
    let row: Option<Row> = notice_preferences::table
        .find(account_id)
        .select((
            notice_preferences::language,
            notice_preferences::quiet_from,
            notice_preferences::quiet_until,
            notice_preferences::channels,
            notice_preferences::email,
            notice_preferences::version,
        ))
        .first(tx.conn)
        .optional()?;
    Ok(row.map(|(language, from, until, channels, email, version)| Preferences {
        language,
        quiet: Quiet { from, until },
        channels: Preferences::channels_from(&channels),
        email,
        version,
    }))
}

/// Makes the row of somebody who never chose, as if they had.
fn ensure_preferences(tx: &mut Tx<'_>, account_id: AccountId) -> Result<()> {
    let standard = Preferences::standard();
    diesel::insert_into(notice_preferences::table)
        .values((
            notice_preferences::account_id.eq(account_id),
            notice_preferences::language.eq(standard.language),
            notice_preferences::quiet_from.eq(standard.quiet.from),
            notice_preferences::quiet_until.eq(standard.quiet.until),
            notice_preferences::channels.eq(standard.channels_as_json()),
            notice_preferences::updated_at.eq(tx.now),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    Ok(())
}

/// Writes over the version that is wanted to be changed; false when it has changed since.
pub fn write_preferences(tx: &mut Tx<'_>, account_id: AccountId, wanted: &Preferences) -> Result<bool> {
    ensure_preferences(tx, account_id)?;
    let written = diesel::update(notice_preferences::table.find(account_id))
        .filter(notice_preferences::version.eq(wanted.version))
        .set((
            notice_preferences::language.eq(wanted.language),
            notice_preferences::quiet_from.eq(wanted.quiet.from),
            notice_preferences::quiet_until.eq(wanted.quiet.until),
            notice_preferences::channels.eq(wanted.channels_as_json()),
            notice_preferences::version.eq(notice_preferences::version + 1),
            notice_preferences::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(written == 1)
}

/// Keeps what confirms an address, if not too many codes were sent lately.
pub fn keep_email_code(tx: &mut Tx<'_>, account_id: AccountId, address: &str, hash: &[u8]) -> Result<bool> {
    ensure_preferences(tx, account_id)?;
    let own = || notice_preferences::table.find(account_id);
    diesel::update(own())
        .filter(notice_preferences::email_codes_since.le(tx.now - email::CODES_WITHIN))
        .set((notice_preferences::email_codes.eq(0), notice_preferences::email_codes_since.eq(tx.now)))
        .execute(tx.conn)?;
    let kept = diesel::update(own())
        .filter(notice_preferences::email_codes.lt(email::CODES_MAX))
        .set((
            notice_preferences::email_codes.eq(notice_preferences::email_codes + 1),
            notice_preferences::email_wanted.eq(address),
            notice_preferences::email_code_hash.eq(hash),
            notice_preferences::email_code_expires_at.eq(tx.now + email::CODE_LIVES),
            notice_preferences::email_tries.eq(0),
        ))
        .execute(tx.conn)?;
    Ok(kept == 1)
}

/// Uses up one try and gives the address with the hash to compare with.
pub fn claim_email_try(tx: &mut Tx<'_>, account_id: AccountId) -> Result<Option<(String, Vec<u8>)>> {
    let claimed: Option<(Option<String>, Option<Vec<u8>>)> = diesel::update(notice_preferences::table.find(account_id))
        .filter(notice_preferences::email_code_expires_at.gt(tx.now))
        .filter(notice_preferences::email_tries.lt(email::TRIES_MAX))
        .set(notice_preferences::email_tries.eq(notice_preferences::email_tries + 1))
        .returning((notice_preferences::email_wanted, notice_preferences::email_code_hash))
        .get_result(tx.conn)
        .optional()?;
    Ok(claimed.and_then(|(address, hash)| address.zip(hash)))
}

/// The wanted address is the one from now on.
pub fn confirm_email(tx: &mut Tx<'_>, account_id: AccountId) -> Result<()> {
    diesel::update(notice_preferences::table.find(account_id))
        .set((
            notice_preferences::email.eq(notice_preferences::email_wanted),
            notice_preferences::email_wanted.eq(None::<String>),
            notice_preferences::email_code_hash.eq(None::<Vec<u8>>),
            notice_preferences::email_code_expires_at.eq(None::<DateTime<Utc>>),
            notice_preferences::version.eq(notice_preferences::version + 1),
            notice_preferences::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub fn forget_email(tx: &mut Tx<'_>, account_id: AccountId) -> Result<()> {
    diesel::update(notice_preferences::table.find(account_id))
        .set((
            notice_preferences::email.eq(None::<String>),
            notice_preferences::email_wanted.eq(None::<String>),
            notice_preferences::email_code_hash.eq(None::<Vec<u8>>),
            notice_preferences::email_code_expires_at.eq(None::<DateTime<Utc>>),
            notice_preferences::version.eq(notice_preferences::version + 1),
            notice_preferences::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub fn insert_delivery(tx: &mut Tx<'_>, account_id: AccountId, pushed: &Pushed) -> Result<()> {
    let Pushed { notice_id, channel, sent } = pushed;
    let provider_id = sent.provider_id.as_ref().map(|id| id.chars().take(PROVIDER_ID_MAX).collect::<String>());
    diesel::insert_into(deliveries::table)
        .values((
            deliveries::id.eq(EventId::generate().0),
            deliveries::notice_id.eq(notice_id),
            deliveries::account_id.eq(account_id),
            deliveries::channel.eq(channel),
            deliveries::outcome.eq(sent.outcome),
            deliveries::provider_id.eq(provider_id),
            deliveries::code.eq(&sent.code),
            deliveries::at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub fn deliveries_of(tx: &mut Tx<'_>, notice_id: NoticeId) -> Result<Vec<DeliveryRow>> {
    let of_notice = deliveries::table.filter(deliveries::notice_id.eq(notice_id)).order(deliveries::id);
    Ok(of_notice.select(DeliveryRow::as_select()).load(tx.conn)?)
}

/// The newest first.
pub fn list_deliveries(
    tx: &mut Tx<'_>,
    account_id: Option<AccountId>,
    before: Option<Uuid>,
    rows_max: i64,
) -> Result<Vec<(DeliveryRow, Topic)>> {
    let mut query = deliveries::table
        .inner_join(notices::table)
        .select((DeliveryRow::as_select(), notices::topic))
        .order(deliveries::id.desc())
        .limit(rows_max)
        .into_boxed();
    if let Some(account_id) = account_id {
        query = query.filter(deliveries::account_id.eq(account_id));
    }
    if let Some(before) = before {
        query = query.filter(deliveries::id.lt(before));
    }
    Ok(query.load(tx.conn)?)
}

/// Throws away old notices with their deliveries.
pub fn purge(tx: &mut Tx<'_>) -> Result<usize> {
    const KEPT: TimeDelta = TimeDelta::days(180);
    Ok(diesel::delete(notices::table.filter(notices::created_at.lt(tx.now - KEPT))).execute(tx.conn)?)
}
