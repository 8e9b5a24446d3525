use std::collections::BTreeMap;

use diesel::prelude::*;
use schema::bank_accounts as accounts;

use super::model::{BankAccount, BankAccountStatus};
use super::seal::Sealed;
use crate::kernel::error::OnConstraint as _;
use crate::kernel::{AccountId, BankAccountId, ProducerId, Result, Tx};
use crate::outgoing::OutgoingRefusal;

const LIVE: [BankAccountStatus; 2] = [BankAccountStatus::Given, BankAccountStatus::Verified];

pub fn insert(tx: &mut Tx<'_>, account: &BankAccount, sealed: &Sealed) -> Result<BankAccount> {
    diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(account.id),
            accounts::producer_id.eq(account.producer_id),
            accounts::buyer_account_id.eq(account.buyer_account_id),
            accounts::bank_bin.eq(&account.bank_bin),
            accounts::holder_name.eq(&account.holder_name),
            accounts::number_sealed.eq(&sealed.bytes),
            accounts::key_name.eq(&sealed.key_name),
            accounts::last_digits.eq(&account.last_digits),
            accounts::status.eq(account.status),
            accounts::usable_from.eq(account.usable_from),
            accounts::given_by.eq(account.given_by),
            accounts::given_at.eq(account.given_at),
        ))
        .returning(BankAccount::as_returning())
        .get_result(tx.conn)
        .on_constraint("bank_accounts_producer_key", OutgoingRefusal::AccountChanged)
}

/// Takes the place of what the producer gave before.
pub fn replace_live(tx: &mut Tx<'_>, producer_id: ProducerId) -> Result<usize> {
    let live = accounts::table.filter(accounts::producer_id.eq(producer_id)).filter(accounts::status.eq_any(LIVE));
    Ok(diesel::update(live)
        .set((accounts::status.eq(BankAccountStatus::Replaced), accounts::version.eq(accounts::version + 1)))
        .execute(tx.conn)?)
}

/// The account that a producer is paid to, or will be.
pub fn current(tx: &mut Tx<'_>, producer_id: ProducerId) -> Result<Option<BankAccount>> {
    let of_producer = accounts::table.filter(accounts::producer_id.eq(producer_id));
    Ok(of_producer
        .filter(accounts::status.ne(BankAccountStatus::Replaced))
        .order(accounts::id.desc())
        .select(BankAccount::as_select())
        .first(tx.conn)
        .optional()?)
}

pub fn find(tx: &mut Tx<'_>, id: BankAccountId) -> Result<BankAccount> {
    Ok(accounts::table.find(id).select(BankAccount::as_select()).first(tx.conn)?)
}

/// Held so that it is not replaced while somebody is about to pay to it.
pub fn find_for_share(tx: &mut Tx<'_>, id: BankAccountId) -> Result<BankAccount> {
    Ok(accounts::table.find(id).select(BankAccount::as_select()).for_share().first(tx.conn)?)
}

pub fn sealed(tx: &mut Tx<'_>, id: BankAccountId) -> Result<Sealed> {
    let (bytes, key_name) =
        accounts::table.find(id).select((accounts::number_sealed, accounts::key_name)).first(tx.conn)?;
    Ok(Sealed { bytes, key_name })
}

/// Of these producers, those who can be paid now, with their accounts.
pub fn ready_among(tx: &mut Tx<'_>, producers: &[ProducerId]) -> Result<BTreeMap<ProducerId, BankAccountId>> {
    let rows: Vec<(Option<ProducerId>, BankAccountId)> = accounts::table
        .filter(accounts::producer_id.eq_any(producers))
        .filter(accounts::status.eq(BankAccountStatus::Verified))
        .filter(accounts::usable_from.le(tx.now))
        .select((accounts::producer_id, accounts::id))
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
    diesel::update(accounts::table.find(old.id))
        .filter(accounts::status.eq(old.status))
        .set((
            accounts::status.eq(next),
            accounts::decided_by.eq(by),
            accounts::decided_at.eq(tx.now),
            accounts::reason.eq(reason),
            accounts::version.eq(accounts::version + 1),
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
    let mut query = accounts::table
        .filter(accounts::producer_id.is_not_null())
        .select(BankAccount::as_select())
        .order(accounts::id)
        .limit(rows_max)
        .into_boxed();
    if let Some(status) = status {
        query = query.filter(accounts::status.eq(status));
    }
    if let Some(after) = after {
        query = query.filter(accounts::id.gt(after));
    }
    Ok(query.load(tx.conn)?)
}
