//! What other slices ask about a producer.

use std::collections::BTreeMap;

use super::model::{ProducerRefusal, ProducerStatus};
use super::store::{self, SellerParty};
use crate::kernel::{AccountId, Audience, ProducerId, Result, Tx};

/// The actor's own producer, approved or not.
pub fn registered(tx: &mut Tx<'_>) -> Result<ProducerId> {
    tx.who.must(Audience::Producer)?;
    tx.who.producer_id.ok_or_else(|| ProducerRefusal::NotRegistered.into())
}

/// The actor's own producer, if it is approved.
pub fn approved(tx: &mut Tx<'_>) -> Result<ProducerId> {
    let id = registered(tx)?;
    if store::find(tx, id)?.status != ProducerStatus::Approved {
        return Err(ProducerRefusal::NotApproved.into());
    }
    Ok(id)
}

/// What a producer that the actor may see is called.
pub fn name(tx: &mut Tx<'_>, id: ProducerId) -> Result<String> {
    Ok(store::find(tx, id)?.name)
}

/// The producer that an account has registered, if the actor may see it.
pub fn of_account(tx: &mut Tx<'_>, account_id: AccountId) -> Result<Option<ProducerId>> {
    Ok(store::find_of_account(tx, account_id)?.map(|producer| producer.id))
}

/// Refuses a name that belongs to an approved cooperative or company other than `own`.
pub fn must_be_free(tx: &mut Tx<'_>, own: Option<ProducerId>, name: &str) -> Result<()> {
    if store::is_name_taken(tx, own, name)? { Err(ProducerRefusal::NameTaken.into()) } else { Ok(()) }
}

/// Who sells, for a contract. A buyer who is about to buy may know the seller's number, though not see the account.
pub fn parties(tx: &mut Tx<'_>, ids: &[ProducerId]) -> Result<BTreeMap<ProducerId, SellerParty>> {
    store::parties(tx, ids)
}
