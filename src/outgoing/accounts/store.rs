use std::collections::BTreeMap;

use diesel::prelude::*;
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

pub fn sealed(tx: &mut Tx<'_>, id: BankAccountId) -> Result<Sealed> {
    let (bytes, key_name) =
        bank_accounts::table.find(id).select((bank_accounts::number_sealed, bank_accounts::key_name)).first(tx.conn)?;
    Ok(Sealed { bytes, key_name })
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
