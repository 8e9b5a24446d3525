//! Somebody says where he wants to be paid to.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::banks::bank_name;
use super::model::{BankAccount, BankAccountStatus, NewBankAccount, WAIT};
use super::open::open;
use super::seal::Vault;
use super::store;
use crate::kernel::{AccountId, BankAccountId, ProducerId, Result, Tx};
use crate::notifications::{self, News, Notice, Recipient};
use crate::outgoing::transfers;
use crate::{audit, producers};

/// A producer's account takes the place of the one before, waits for an operator and for [`WAIT`], and its household
/// hears of it.
pub fn give(tx: &mut Tx<'_>, vault: &Vault, new: NewBankAccount) -> Result<BankAccount> {
    let producer_id = producers::approved(tx)?;
    let by = tx.who.signed_in()?;
    if let Some(same) = same(tx, vault, producer_id, &new)? {
        return Ok(same);
    }
    transfers::account_changed(tx, producer_id)?;
    store::replace_live(tx, producer_id)?;
    let usable_from = tx.now + WAIT;
    let account = keep(tx, vault, (Some(producer_id), None, by, usable_from), new)?;
    let news = News::BankAccountGiven {
        bank_name: bank_name(&account.bank_bin).to_owned(),
        last_digits: account.last_digits.clone(),
        usable_at: usable_from,
    };
    tell(tx, producer_id, account.id, news)?;
    Ok(account)
}

/// The account that is there already, which no repetition makes wait anew.
fn same(tx: &mut Tx<'_>, vault: &Vault, producer_id: ProducerId, new: &NewBankAccount) -> Result<Option<BankAccount>> {
    let Some(current) = store::current(tx, producer_id)? else { return Ok(None) };
    let is_alike = current.status != BankAccountStatus::Rejected
        && current.bank_bin == new.bank_bin.as_str()
        && current.holder_name == new.holder_name.as_str();
    let is_same = is_alike && open(tx, vault, current.id)?.is_some_and(|number| number == new.account_number);
    Ok(is_same.then_some(current))
}

/// Where a refund goes that cannot go back the way it came. As the buyer whom it is owed; whoever asks for it has made sure
/// that it is.
pub fn give_for_refund(tx: &mut Tx<'_>, vault: &Vault, new: NewBankAccount) -> Result<BankAccount> {
    let buyer = tx.who.signed_in()?;
    let now = tx.now;
    keep(tx, vault, (None, Some(buyer), buyer, now), new)
}

fn keep(
    tx: &mut Tx<'_>,
    vault: &Vault,
    (producer_id, buyer_account_id, given_by, usable_from): (
        Option<ProducerId>,
        Option<AccountId>,
        AccountId,
        DateTime<Utc>,
    ),
    new: NewBankAccount,
) -> Result<BankAccount> {
    let NewBankAccount { bank_bin, account_number, holder_name } = new;
    let id = BankAccountId::generate();
    let sealed = vault.seal(id, &account_number)?;
    let account = BankAccount {
        id,
        producer_id,
        buyer_account_id,
        bank_bin: bank_bin.as_str().to_owned(),
        holder_name: holder_name.into_string(),
        last_digits: account_number.last_digits(),
        status: BankAccountStatus::Given,
        usable_from,
        given_by,
        given_at: tx.now,
        decided_at: None,
        reason: None,
        version: 1,
        forgotten_at: None,
    };
    let account = store::insert(tx, &account, &sealed)?;
    audit::write(tx, "bank_account.give", "bank_account", id.0, json!({"usable_from": usable_from}))?;
    Ok(account)
}

/// Told once of each account.
pub fn tell(tx: &mut Tx<'_>, producer_id: ProducerId, id: BankAccountId, news: News) -> Result<()> {
    notifications::tell(tx, &Notice { to: Recipient::Producer(producer_id), news, object_id: id.0, occasion: "" })
}
