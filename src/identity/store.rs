//! All SQL of identity.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::{exists, select};
use diesel::prelude::*;
use diesel::sql_types::Text;
use schema::{accounts, communes, otp_requests, provinces, role_grants, sessions, sign_in_failures};
use uuid::Uuid;

use super::grants::NewGrant;
use super::model::{Account, AccountStatus, EndReason, GrantRole, IdentityRefusal, Lifetime, RoleGrant, Session, Wish};
use crate::kernel::error::OnConstraint as _;
use crate::kernel::{AccountId, Audience, GrantId, OtpRequestId, PhoneNumber, Result, SessionId, Territory, Tx};

/// The one purpose of codes so far.
const SIGN_IN: &str = "sign_in";
/// How many people are told of one household.
const HOLDERS_MAX: i64 = 50;
/// A code dies after this many tries, right or wrong.
const TRIES_MAX: i32 = 5;

/// Lets transactions about the same thing pass one after the other, until this one ends.
pub fn lock(tx: &mut Tx<'_>, thing: &str) -> Result<()> {
    diesel::sql_query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind::<Text, _>(thing)
        .execute(tx.conn)?;
    Ok(())
}

pub fn account(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<Account>> {
    Ok(accounts::table.find(id).select(Account::as_select()).first(tx.conn).optional()?)
}

pub fn account_by_phone(tx: &mut Tx<'_>, phone: &str) -> Result<Option<Account>> {
    Ok(accounts::table.filter(accounts::phone.eq(phone)).select(Account::as_select()).first(tx.conn).optional()?)
}

/// Whether anybody has an account.
pub fn has_accounts(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(select(exists(accounts::table.select(accounts::id))).get_result(tx.conn)?)
}

/// Whether this number has an account.
pub fn has_account(tx: &mut Tx<'_>, phone: &PhoneNumber) -> Result<bool> {
    Ok(account_by_phone(tx, phone.as_str())?.is_some())
}

/// The number that an account is known by; guests have none.
pub fn phone_of(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<String>> {
    Ok(accounts::table.find(id).select(accounts::phone).first::<Option<String>>(tx.conn).optional()?.flatten())
}

/// The account of a number, made if there is none. Two at once make one.
pub fn ensure_account(tx: &mut Tx<'_>, phone: &str) -> Result<Account> {
    diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(AccountId::generate()),
            accounts::phone.eq(phone),
            accounts::status.eq(AccountStatus::Active),
            accounts::created_at.eq(tx.now),
            accounts::updated_at.eq(tx.now),
        ))
        .on_conflict(accounts::phone)
        .do_nothing()
        .execute(tx.conn)?;
    Ok(accounts::table.filter(accounts::phone.eq(phone)).select(Account::as_select()).first(tx.conn)?)
}

pub fn rename(tx: &mut Tx<'_>, id: AccountId, version: i32, display_name: &str) -> Result<Option<Account>> {
    let renamed = diesel::update(accounts::table.find(id).filter(accounts::version.eq(version)))
        .set((
            accounts::display_name.eq(display_name),
            accounts::version.eq(accounts::version + 1),
            accounts::updated_at.eq(tx.now),
        ))
        .returning(Account::as_returning())
        .get_result(tx.conn)
        .optional()?;
    Ok(renamed)
}

/// Moves an account from one status to another and ends its access tokens.
pub fn move_status(tx: &mut Tx<'_>, id: AccountId, from: AccountStatus, to: AccountStatus) -> Result<Option<Account>> {
    let moved = diesel::update(accounts::table.find(id).filter(accounts::status.eq(from)))
        .set((
            accounts::status.eq(to),
            accounts::authorisation_version.eq(accounts::authorisation_version + 1),
            accounts::version.eq(accounts::version + 1),
            accounts::updated_at.eq(tx.now),
        ))
        .returning(Account::as_returning())
        .get_result(tx.conn)
        .optional()?;
    Ok(moved)
}

/// Exchanges a password's hash, unless it is no longer the one that was checked.
pub fn exchange_password(tx: &mut Tx<'_>, id: AccountId, checked: Option<&str>, hash: &str) -> Result<Option<Account>> {
    let unchanged = accounts::password_hash.is_not_distinct_from(checked);
    let changed = diesel::update(accounts::table.find(id).filter(unchanged))
        .set((
            accounts::password_hash.eq(hash),
            accounts::authorisation_version.eq(accounts::authorisation_version + 1),
            accounts::version.eq(accounts::version + 1),
            accounts::updated_at.eq(tx.now),
        ))
        .returning(Account::as_returning())
        .get_result(tx.conn)
        .optional()?;
    Ok(changed)
}

/// Ends all access tokens of an account at once.
pub fn raise_authorisation(tx: &mut Tx<'_>, id: AccountId) -> Result<()> {
    diesel::update(accounts::table.find(id))
        .set((
            accounts::authorisation_version.eq(accounts::authorisation_version + 1),
            accounts::version.eq(accounts::version + 1),
            accounts::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// A new version of an account whose roles changed: they are shown with it.
pub fn touch(tx: &mut Tx<'_>, id: AccountId) -> Result<()> {
    diesel::update(accounts::table.find(id))
        .set((accounts::version.eq(accounts::version + 1), accounts::updated_at.eq(tx.now)))
        .execute(tx.conn)?;
    Ok(())
}

pub fn live_roles(tx: &mut Tx<'_>, id: AccountId) -> Result<Vec<GrantRole>> {
    let roles = role_grants::table
        .filter(role_grants::account_id.eq(id))
        .filter(role_grants::revoked_at.is_null())
        .order(role_grants::role)
        .select(role_grants::role)
        .load(tx.conn)?;
    Ok(roles)
}

pub fn insert_session(tx: &mut Tx<'_>, account_id: AccountId, audience: Audience, device_id: &str) -> Result<Session> {
    let Lifetime { absolute, idle } = Lifetime::of(audience);
    let session = diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(SessionId::generate()),
            sessions::account_id.eq(account_id),
            sessions::audience.eq(audience),
            sessions::device_id.eq(device_id),
            sessions::rotated_at.eq(tx.now),
            sessions::created_at.eq(tx.now),
            sessions::idle_expires_at.eq(tx.now + idle),
            sessions::expires_at.eq(tx.now + absolute),
        ))
        .returning(Session::as_returning())
        .get_result(tx.conn)?;
    Ok(session)
}

pub fn session(tx: &mut Tx<'_>, id: SessionId) -> Result<Option<Session>> {
    Ok(sessions::table.find(id).select(Session::as_select()).first(tx.conn).optional()?)
}

/// Moves a family to its next generation, if the presented one is still live. Of many at once, one succeeds.
pub fn rotate(tx: &mut Tx<'_>, seen: &Session, generation: i32, device_id: &str) -> Result<Option<Session>> {
    let idle_until = (tx.now + Lifetime::of(seen.audience).idle).min(seen.expires_at);
    let live = sessions::table
        .find(seen.id)
        .filter(sessions::generation.eq(generation))
        .filter(sessions::device_id.eq(device_id))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(tx.now))
        .filter(sessions::idle_expires_at.gt(tx.now));
    let rotated = diesel::update(live)
        .set((
            sessions::generation.eq(sessions::generation + 1),
            sessions::rotated_at.eq(tx.now),
            sessions::idle_expires_at.eq(idle_until),
        ))
        .returning(Session::as_returning())
        .get_result(tx.conn)
        .optional()?;
    Ok(rotated)
}

/// Ends one session of an account; false if it had ended already or is not theirs.
pub fn end_session(tx: &mut Tx<'_>, account_id: AccountId, id: SessionId, why: EndReason) -> Result<bool> {
    let live = sessions::table
        .find(id)
        .filter(sessions::account_id.eq(account_id))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(tx.now));
    let ended = diesel::update(live)
        .set((sessions::revoked_at.eq(tx.now), sessions::revoked_because.eq(why)))
        .execute(tx.conn)?;
    Ok(ended == 1)
}

/// Ends the sessions of an account: all but one, or all of one surface, or all.
pub fn end_sessions(
    tx: &mut Tx<'_>,
    account_id: AccountId,
    but: Option<SessionId>,
    of: Option<Audience>,
    why: EndReason,
) -> Result<usize> {
    let mut live = diesel::update(sessions::table)
        .filter(sessions::account_id.eq(account_id))
        .filter(sessions::revoked_at.is_null())
        .into_boxed();
    if let Some(but) = but {
        live = live.filter(sessions::id.ne(but));
    }
    if let Some(of) = of {
        live = live.filter(sessions::audience.eq(of));
    }
    Ok(live.set((sessions::revoked_at.eq(tx.now), sessions::revoked_because.eq(why))).execute(tx.conn)?)
}

/// The live sessions of an account, the newest first.
pub fn list_sessions(tx: &mut Tx<'_>, account_id: AccountId, before: Option<Uuid>, rows: i64) -> Result<Vec<Session>> {
    let mut query = sessions::table
        .filter(sessions::account_id.eq(account_id))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(tx.now))
        .filter(sessions::idle_expires_at.gt(tx.now))
        .select(Session::as_select())
        .order(sessions::id.desc())
        .limit(rows)
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(sessions::id.lt(before));
    }
    Ok(query.load(tx.conn)?)
}

/// A code as it is kept.
pub struct NewCode<'a> {
    pub id: OtpRequestId,
    pub phone: &'a str,
    pub device_id: &'a str,
    pub source: &'a str,
    pub hash: &'a [u8],
}

/// What a limit of codes counts by.
#[derive(Debug, Clone, Copy)]
pub enum CodesOf<'a> {
    Phone(&'a str),
    Device(&'a str),
    Source(&'a str),
}

/// When the `nth` newest code was sent, counting from one, if it was after a moment.
pub fn nth_code_sent(
    tx: &mut Tx<'_>,
    of: CodesOf<'_>,
    nth: i64,
    after: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    let mut query = otp_requests::table
        .filter(otp_requests::sent_at.gt(after))
        .select(otp_requests::sent_at)
        .order(otp_requests::sent_at.desc())
        .offset(nth.saturating_sub(1))
        .limit(1)
        .into_boxed();
    query = match of {
        CodesOf::Phone(phone) => query.filter(otp_requests::phone.eq(phone.to_owned())),
        CodesOf::Device(device) => query.filter(otp_requests::device_id.eq(device.to_owned())),
        CodesOf::Source(source) => query.filter(otp_requests::source.eq(source.to_owned())),
    };
    Ok(query.first(tx.conn).optional()?)
}

/// Keeps a code; the live one before it dies.
pub fn insert_code(tx: &mut Tx<'_>, code: &NewCode<'_>, lives: TimeDelta) -> Result<()> {
    diesel::update(otp_requests::table)
        .filter(otp_requests::phone.eq(code.phone))
        .filter(otp_requests::purpose.eq(SIGN_IN))
        .filter(otp_requests::consumed_at.is_null())
        .filter(otp_requests::expires_at.gt(tx.now))
        .set(otp_requests::expires_at.eq(tx.now))
        .execute(tx.conn)?;
    diesel::insert_into(otp_requests::table)
        .values((
            otp_requests::id.eq(code.id),
            otp_requests::phone.eq(code.phone),
            otp_requests::purpose.eq(SIGN_IN),
            otp_requests::device_id.eq(code.device_id),
            otp_requests::source.eq(code.source),
            otp_requests::code_hash.eq(code.hash),
            otp_requests::sent_at.eq(tx.now),
            otp_requests::expires_at.eq(tx.now + lives),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Uses up one try of a live code and gives the hash to compare with; holds the row until the transaction ends.
pub fn claim_try(tx: &mut Tx<'_>, id: OtpRequestId, wish: &Wish) -> Result<Option<Vec<u8>>> {
    let live = otp_requests::table
        .find(id)
        .filter(otp_requests::phone.eq(wish.phone.as_str()))
        .filter(otp_requests::device_id.eq(&wish.device_id))
        .filter(otp_requests::purpose.eq(SIGN_IN))
        .filter(otp_requests::consumed_at.is_null())
        .filter(otp_requests::expires_at.gt(tx.now))
        .filter(otp_requests::tries.lt(TRIES_MAX));
    let hash = diesel::update(live)
        .set(otp_requests::tries.eq(otp_requests::tries + 1))
        .returning(otp_requests::code_hash)
        .get_result(tx.conn)
        .optional()?;
    Ok(hash)
}

/// Uses a code up; false if somebody else was first.
pub fn consume_code(tx: &mut Tx<'_>, id: OtpRequestId) -> Result<bool> {
    let consumed = diesel::update(otp_requests::table.find(id).filter(otp_requests::consumed_at.is_null()))
        .set(otp_requests::consumed_at.eq(tx.now))
        .execute(tx.conn)?;
    Ok(consumed == 1)
}

/// When the `nth` newest failed sign-in of a number was, counting from one, if it was after a moment.
pub fn nth_failure(tx: &mut Tx<'_>, phone: &str, nth: i64, after: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let failed_at = sign_in_failures::table
        .filter(sign_in_failures::phone.eq(phone))
        .filter(sign_in_failures::failed_at.gt(after))
        .select(sign_in_failures::failed_at)
        .order(sign_in_failures::failed_at.desc())
        .offset(nth.saturating_sub(1))
        .limit(1)
        .first(tx.conn)
        .optional()?;
    Ok(failed_at)
}

pub fn insert_failure(tx: &mut Tx<'_>, id: Uuid, phone: &str) -> Result<()> {
    diesel::insert_into(sign_in_failures::table)
        .values((
            sign_in_failures::id.eq(id),
            sign_in_failures::phone.eq(phone),
            sign_in_failures::failed_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Takes one failure back: it was none.
pub fn delete_failure(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    diesel::delete(sign_in_failures::table.find(id)).execute(tx.conn)?;
    Ok(())
}

/// Forgets the failures of a number up to the attempt that succeeded; later attempts still run and stay counted.
pub fn delete_failures(tx: &mut Tx<'_>, phone: &str, succeeded: Uuid) -> Result<()> {
    diesel::delete(sign_in_failures::table)
        .filter(sign_in_failures::phone.eq(phone))
        .filter(sign_in_failures::id.le(succeeded))
        .execute(tx.conn)?;
    Ok(())
}

pub fn province_is_known(tx: &mut Tx<'_>, code: &str) -> Result<bool> {
    Ok(select(exists(provinces::table.find(code))).get_result(tx.conn)?)
}

pub fn known_communes(tx: &mut Tx<'_>, codes: &[String]) -> Result<Vec<String>> {
    Ok(communes::table.filter(communes::code.eq_any(codes)).select(communes::code).load(tx.conn)?)
}

pub fn insert_grant(tx: &mut Tx<'_>, account_id: AccountId, new: &NewGrant) -> Result<RoleGrant> {
    let (province, communes) = match &new.territory {
        Some(Territory::Province(code)) => (Some(code.as_str()), Vec::new()),
        Some(Territory::Communes(codes)) => (None, codes.clone()),
        None => (None, Vec::new()),
    };
    diesel::insert_into(role_grants::table)
        .values((
            role_grants::id.eq(GrantId::generate()),
            role_grants::account_id.eq(account_id),
            role_grants::role.eq(new.role),
            role_grants::province_code.eq(province),
            role_grants::commune_codes.eq(communes),
            role_grants::granted_by.eq(tx.who.account_id.map(|id| id.0)),
            role_grants::granted_at.eq(tx.now),
        ))
        .returning(RoleGrant::as_returning())
        .get_result(tx.conn)
        .on_constraint("role_grants_live_key", IdentityRefusal::RoleAlreadyGranted)
}

pub fn end_grant(tx: &mut Tx<'_>, id: GrantId) -> Result<bool> {
    let ended = diesel::update(role_grants::table.find(id).filter(role_grants::revoked_at.is_null()))
        .set(role_grants::revoked_at.eq(tx.now))
        .execute(tx.conn)?;
    Ok(ended == 1)
}

/// A live grant with the phone number of its holder, who is never a guest.
pub fn grant(tx: &mut Tx<'_>, id: GrantId) -> Result<Option<(RoleGrant, String)>> {
    let row = role_grants::table
        .inner_join(accounts::table.on(accounts::id.eq(role_grants::account_id)))
        .filter(role_grants::id.eq(id))
        .filter(role_grants::revoked_at.is_null())
        .select((RoleGrant::as_select(), accounts::phone.assume_not_null()))
        .first(tx.conn)
        .optional()?;
    Ok(row)
}

/// Active accounts that hold a role nearest to a commune: those who have it among their communes, else those who have the
/// whole of its province.
pub fn holders_near(tx: &mut Tx<'_>, role: GrantRole, commune_code: &str) -> Result<Vec<AccountId>> {
    let live = || {
        role_grants::table
            .inner_join(accounts::table.on(accounts::id.eq(role_grants::account_id)))
            .filter(role_grants::role.eq(role))
            .filter(role_grants::revoked_at.is_null())
            .filter(accounts::status.eq(AccountStatus::Active))
            .order(role_grants::account_id)
            .select(role_grants::account_id)
            .limit(HOLDERS_MAX)
    };
    let of_commune: Vec<AccountId> =
        live().filter(role_grants::commune_codes.contains(vec![Some(commune_code)])).load(tx.conn)?;
    if !of_commune.is_empty() {
        return Ok(of_commune);
    }
    let province = communes::table.find(commune_code).select(communes::province_code.nullable());
    Ok(live().filter(role_grants::province_code.eq_any(province)).load(tx.conn)?)
}

/// Active accounts of operators.
pub fn operators(tx: &mut Tx<'_>) -> Result<Vec<AccountId>> {
    Ok(role_grants::table
        .inner_join(accounts::table.on(accounts::id.eq(role_grants::account_id)))
        .filter(role_grants::role.eq(GrantRole::Operator))
        .filter(role_grants::revoked_at.is_null())
        .filter(accounts::status.eq(AccountStatus::Active))
        .order(role_grants::account_id)
        .select(role_grants::account_id)
        .limit(HOLDERS_MAX)
        .load(tx.conn)?)
}

/// Live grants, the newest first.
pub fn list_grants(
    tx: &mut Tx<'_>,
    role: Option<GrantRole>,
    before: Option<Uuid>,
    rows: i64,
) -> Result<Vec<(RoleGrant, String)>> {
    let mut query = role_grants::table
        .inner_join(accounts::table.on(accounts::id.eq(role_grants::account_id)))
        .filter(role_grants::revoked_at.is_null())
        .select((RoleGrant::as_select(), accounts::phone.assume_not_null()))
        .order(role_grants::id.desc())
        .limit(rows)
        .into_boxed();
    if let Some(role) = role {
        query = query.filter(role_grants::role.eq(role));
    }
    if let Some(before) = before {
        query = query.filter(role_grants::id.lt(before));
    }
    Ok(query.load(tx.conn)?)
}

pub fn delete_codes_before(tx: &mut Tx<'_>, moment: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::delete(otp_requests::table.filter(otp_requests::sent_at.lt(moment))).execute(tx.conn)?)
}

pub fn delete_failures_before(tx: &mut Tx<'_>, moment: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::delete(sign_in_failures::table.filter(sign_in_failures::failed_at.lt(moment))).execute(tx.conn)?)
}

pub fn delete_sessions_expired_before(tx: &mut Tx<'_>, moment: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::delete(sessions::table.filter(sessions::expires_at.lt(moment))).execute(tx.conn)?)
}
