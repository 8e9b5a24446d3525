use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use schema::bank_accounts;

use super::model::{BankAccount, BankAccountStatus};
use super::seal::Sealed;
use crate::kernel::error::OnConstraint as _;
use crate::kernel::{AccountId, BankAccountId, ProducerId, Result, Tx};
use crate::outgoing::OutgoingRefusal;

const LIVE: [BankAccountStatus; 2] = [BankAccountStatus::Given, BankAccountStatus::Verified];

pub fn insert(tx: &mut Tx<'_>, account: &BankAccount, sealed: &Sealed) -> Result<BankAccount> {
    diesel::insert_into(bank_accounts::table)
        .values((
            bank_accounts::id.eq(account.id),
            bank_accounts::producer_id.eq(account.producer_id),
            bank_accounts::buyer_account_id.eq(account.buyer_account_id),
            bank_accounts::bank_bin.eq(&account.bank_bin),
            bank_accounts::holder_name.eq(&account.holder_name),
            bank_accounts::number_sealed.eq(&sealed.bytes),
            bank_accounts::key_name.eq(&sealed.key_name),
            bank_accounts::last_digits.eq(&account.last_digits),
            bank_accounts::status.eq(account.status),
            bank_accounts::usable_from.eq(account.usable_from),
            bank_accounts::given_by.eq(account.given_by),
            bank_accounts::given_at.eq(account.given_at),
        ))
        .returning(BankAccount::as_returning())
        .get_result(tx.conn)
        .on_constraint("bank_accounts_producer_key", OutgoingRefusal::AccountChanged)
}

/// Takes the place of what the producer gave before.
pub fn replace_live(tx: &mut Tx<'_>, producer_id: ProducerId) -> Result<usize> {
    let live = bank_accounts::table
        .filter(bank_accounts::producer_id.eq(producer_id))
        .filter(bank_accounts::status.eq_any(LIVE));
    Ok(diesel::update(live)
        .set((
            bank_accounts::status.eq(BankAccountStatus::Replaced),
            bank_accounts::ended_at.eq(tx.now),
            bank_accounts::version.eq(bank_accounts::version + 1),
        ))
        .execute(tx.conn)?)
}

/// The account that a producer is paid to, or will be.
pub fn current(tx: &mut Tx<'_>, producer_id: ProducerId) -> Result<Option<BankAccount>> {
    let of_producer = bank_accounts::table.filter(bank_accounts::producer_id.eq(producer_id));
    Ok(of_producer
        .filter(bank_accounts::status.ne(BankAccountStatus::Replaced))
        .order(bank_accounts::id.desc())
        .select(BankAccount::as_select())
        .first(tx.conn)
        .optional()?)
}

pub fn find(tx: &mut Tx<'_>, id: BankAccountId) -> Result<BankAccount> {
    Ok(bank_accounts::table.find(id).select(BankAccount::as_select()).first(tx.conn)?)
}

/// Held so that it is not replaced while somebody is about to pay to it.
pub fn find_for_share(tx: &mut Tx<'_>, id: BankAccountId) -> Result<BankAccount> {
    Ok(bank_accounts::table.find(id).select(BankAccount::as_select()).for_share().first(tx.conn)?)
}

/// Nothing once it is forgotten.
pub fn sealed(tx: &mut Tx<'_>, id: BankAccountId) -> Result<Option<Sealed>> {
    let (bytes, key_name): (Option<Vec<u8>>, Option<String>) =
        bank_accounts::table.find(id).select((bank_accounts::number_sealed, bank_accounts::key_name)).first(tx.conn)?;
    Ok(bytes.zip(key_name).map(|(bytes, key_name)| Sealed { bytes, key_name }))
}

/// What is sealed with another key than this one, in the order of the ids.
pub fn sealed_otherwise(
    tx: &mut Tx<'_>,
    key_name: &str,
    after: Option<BankAccountId>,
    rows_max: i64,
) -> Result<Vec<(BankAccountId, Sealed)>> {
    let mut query = bank_accounts::table
        .filter(bank_accounts::key_name.ne(key_name))
        .order(bank_accounts::id)
        .limit(rows_max)
        .select((
            bank_accounts::id,
            bank_accounts::number_sealed.assume_not_null(),
            bank_accounts::key_name.assume_not_null(),
        ))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(bank_accounts::id.gt(after));
    }
    let rows: Vec<(BankAccountId, Vec<u8>, String)> = query.load(tx.conn)?;
    Ok(rows.into_iter().map(|(id, bytes, key_name)| (id, Sealed { bytes, key_name })).collect())
}

/// Puts one seal in the place of another, unless there is a third one by now.
pub fn reseal(tx: &mut Tx<'_>, id: BankAccountId, old: &Sealed, new: &Sealed) -> Result<()> {
    diesel::update(bank_accounts::table.find(id).filter(bank_accounts::number_sealed.eq(&old.bytes)))
        .set((bank_accounts::number_sealed.eq(&new.bytes), bank_accounts::key_name.eq(&new.key_name)))
        .execute(tx.conn)?;
    Ok(())
}

/// How many are sealed with another key than this one.
pub fn count_sealed_otherwise(tx: &mut Tx<'_>, key_name: &str) -> Result<i64> {
    Ok(bank_accounts::table.filter(bank_accounts::key_name.ne(key_name)).count().get_result(tx.conn)?)
}

/// Forgets numbers to which nothing was sent since a moment and nothing is to be: of accounts that ended before it, and of
/// buyers who gave theirs for one refund before it.
pub fn forget(tx: &mut Tx<'_>, before: DateTime<Utc>, rows_max: i64) -> Result<usize> {
    Ok(diesel::sql_query(
        "update bank_accounts set number_sealed = null, key_name = null, forgotten_at = $2, version = version + 1 \
         where id in (select a.id from bank_accounts a \
             where a.number_sealed is not null and (a.ended_at is not null or a.buyer_account_id is not null) \
               and coalesce(a.ended_at, a.given_at) <= $1 \
               and not exists (select from outgoing_transfers t where t.bank_account_id = a.id \
                               and (t.ended_at is null or t.ended_at > $1)) \
             order by coalesce(a.ended_at, a.given_at) limit $3)",
    )
    .bind::<Timestamptz, _>(before)
    .bind::<Timestamptz, _>(tx.now)
    .bind::<BigInt, _>(rows_max)
    .execute(tx.conn)?)
}

/// Of these producers, those who can be paid now, with their accounts.
pub fn ready_among(tx: &mut Tx<'_>, producers: &[ProducerId]) -> Result<BTreeMap<ProducerId, BankAccountId>> {
    let rows: Vec<(Option<ProducerId>, BankAccountId)> = bank_accounts::table
        .filter(bank_accounts::producer_id.eq_any(producers))
        .filter(bank_accounts::status.eq(BankAccountStatus::Verified))
        .filter(bank_accounts::usable_from.le(tx.now))
        .select((bank_accounts::producer_id, bank_accounts::id))
        .load(tx.conn)?;
    Ok(rows.into_iter().filter_map(|(producer_id, id)| Some((producer_id?, id))).collect())
}

/// Writes what an operator found; `None` when the account has moved since.
pub fn decide(
    tx: &mut Tx<'_>,
    old: &BankAccount,
    (next, by): (BankAccountStatus, AccountId),
    reason: &str,
) -> Result<Option<BankAccount>> {
    diesel::update(bank_accounts::table.find(old.id))
        .filter(bank_accounts::status.eq(old.status))
        .set((
            bank_accounts::status.eq(next),
            bank_accounts::ended_at.eq((next == BankAccountStatus::Rejected).then_some(tx.now)),
            bank_accounts::decided_by.eq(by),
            bank_accounts::decided_at.eq(tx.now),
            bank_accounts::reason.eq(reason),
            bank_accounts::version.eq(bank_accounts::version + 1),
        ))
        .returning(BankAccount::as_returning())
        .get_result(tx.conn)
        .optional()
        .on_constraint("bank_accounts_persons_check", OutgoingRefusal::SecondPerson)
}

/// In the order in which they were given.
pub fn list(
    tx: &mut Tx<'_>,
    status: Option<BankAccountStatus>,
    after: Option<BankAccountId>,
    rows_max: i64,
) -> Result<Vec<BankAccount>> {
    let mut query = bank_accounts::table
        .filter(bank_accounts::producer_id.is_not_null())
        .select(BankAccount::as_select())
        .order(bank_accounts::id)
        .limit(rows_max)
        .into_boxed();
    if let Some(status) = status {
        query = query.filter(bank_accounts::status.eq(status));
    }
    if let Some(after) = after {
        query = query.filter(bank_accounts::id.gt(after));
    }
    Ok(query.load(tx.conn)?)
}
