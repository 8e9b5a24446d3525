//! What becomes of numbers with time: a new key takes the place of the one before, and what nobody needs is forgotten.

use chrono::Months;

use super::seal::Vault;
use super::store;
use crate::kernel::{BankAccountId, Error, Result, Tx};

/// Data of contracts and orders is kept for three years (Decree 248/2026): so long what was paid can be traced to the number.
const KEPT: Months = Months::new(36);
/// Numbers that are forgotten at once.
const FORGOTTEN_AT_ONCE: i64 = 500;
/// Numbers that are sealed anew in one step.
const SEALED_AT_ONCE: i64 = 100;

/// Forgets what is past its keeping, then seals with the current key what another one has sealed, from after this account;
/// answers where the next step begins while there is one. Each step commits by itself, so it may be broken off anywhere.
pub fn tend(tx: &mut Tx<'_>, vault: &Vault, after: Option<BankAccountId>) -> Result<Option<BankAccountId>> {
    tx.who.must_be_platform()?;
    let before = tx.now.checked_sub_months(KEPT).ok_or_else(|| Error::internal("the beginning of time"))?;
    store::forget(tx, before, FORGOTTEN_AT_ONCE)?;
    let sealed = store::sealed_otherwise(tx, &vault.key_name()?, after, SEALED_AT_ONCE)?;
    for (id, old) in &sealed {
        match vault.open(*id, old) {
            Ok(number) => store::reseal(tx, *id, old, &vault.seal(*id, &number)?)?,
            // It stays, and is counted: its key may be configured again.
            Err(error) => tracing::error!(?error, account = %id, "a number cannot be sealed with the current key"),
        }
    }
    let is_full = i64::try_from(sealed.len()).is_ok_and(|rows| rows == SEALED_AT_ONCE);
    Ok(sealed.last().filter(|_| is_full).map(|(id, _)| *id))
}

/// How many numbers the current key does not open: when there are none, the previous key may go.
pub fn under_other_keys(tx: &mut Tx<'_>, vault: &Vault) -> Result<i64> {
    store::count_sealed_otherwise(tx, &vault.key_name()?)
}
