//! An operator compares the holder of an account with the registered name.

use serde_json::json;

use super::banks::bank_name;
use super::give::tell;
use super::model::{BankAccount, BankAccountEvent};
use super::store;
use crate::audit;
use crate::kernel::error::CommonProblem;
use crate::kernel::{Audience, BankAccountId, Result, Tx};
use crate::notifications::News;
use crate::outgoing::transfers;

/// It is the producer's.
pub fn verify(tx: &mut Tx<'_>, id: BankAccountId, reason: &str) -> Result<BankAccount> {
    decide(tx, id, BankAccountEvent::Verify, reason)
}

/// It is not, or not surely: nothing is paid to it.
pub fn reject(tx: &mut Tx<'_>, id: BankAccountId, reason: &str) -> Result<BankAccount> {
    decide(tx, id, BankAccountEvent::Reject, reason)
}

fn decide(tx: &mut Tx<'_>, id: BankAccountId, event: BankAccountEvent, reason: &str) -> Result<BankAccount> {
    let by = tx.who.must(Audience::Operator)?;
    let old = store::find(tx, id)?;
    // Buyers' accounts are for one refund, and nobody's to decide.
    let Some(producer_id) = old.producer_id else { return Err(CommonProblem::NotFound.into()) };
    let next = old.status.moved(event)?;
    if event == BankAccountEvent::Reject {
        transfers::account_changed(tx, producer_id)?;
    }
    let Some(account) = store::decide(tx, &old, (next, by), reason)? else {
        return Err(store::find(tx, id)?.status.refusal());
    };
    audit::write(tx, &format!("bank_account.{event}"), "bank_account", id.0, json!({"from": old.status, "to": next}))?;
    let (bank_name, last_digits) = (bank_name(&account.bank_bin).to_owned(), account.last_digits.clone());
    let news = match event {
        BankAccountEvent::Verify => {
            News::BankAccountVerified { bank_name, last_digits, usable_at: account.usable_from }
        }
        BankAccountEvent::Reject | BankAccountEvent::Replace => {
            News::BankAccountRejected { bank_name, last_digits, reason: reason.to_owned() }
        }
    };
    tell(tx, producer_id, id, news)?;
    Ok(account)
}
