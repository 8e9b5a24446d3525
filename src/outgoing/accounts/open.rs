//! The number itself, for whoever is about to pay to it.

use super::model::AccountNumber;
use super::seal::Vault;
use super::store;
use crate::kernel::{BankAccountId, Result, Tx};

/// Goes into a request to a bank, and nowhere else. Nothing once it is forgotten.
pub fn open(tx: &mut Tx<'_>, vault: &Vault, id: BankAccountId) -> Result<Option<AccountNumber>> {
    let sealed = store::sealed(tx, id)?;
    sealed.map(|sealed| vault.open(id, &sealed)).transpose()
}
