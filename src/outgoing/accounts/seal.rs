//! Numbers of accounts, encrypted for the database.
//!
//! Each row has a key of its own, derived from the configured one, and what is sealed for one row opens in no other. The
//! name of the configured key stands beside it, so that a key can be replaced.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::model::AccountNumber;
use crate::kernel::{BankAccountId, Error, Result, Secret};

/// The configured keys; the previous one only opens.
#[derive(Clone)]
pub struct Vault {
    current: Secret,
    previous: Option<Secret>,
}

/// A number that only a [`Vault`] opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub bytes: Vec<u8>,
    pub key_name: String,
}

impl Vault {
    pub fn new(current: Secret, previous: Option<Secret>) -> Vault {
        Vault { current, previous }
    }

    /// The name of the key by which numbers are sealed now.
    pub fn key_name(&self) -> Result<String> {
        name_of(&self.current)
    }

    pub fn seal(&self, id: BankAccountId, number: &AccountNumber) -> Result<Sealed> {
        let key_name = self.key_name()?;
        let mut text = number.expose().as_bytes().to_vec();
        let nonce = key_of_row(&self.current, id)?
            .seal_in_place_append_tag(Aad::from(aad(id, &key_name)), &mut text)
            .map_err(|_| Error::internal("a number could not be encrypted"))?;
        let mut bytes = nonce.as_ref().to_vec();
        bytes.append(&mut text);
        Ok(Sealed { bytes, key_name })
    }

    pub fn open(&self, id: BankAccountId, sealed: &Sealed) -> Result<AccountNumber> {
        let unreadable = || Error::internal(format!("the number of bank account {id} cannot be opened"));
        for key in [Some(&self.current), self.previous.as_ref()].into_iter().flatten() {
            if name_of(key)? != sealed.key_name {
                continue;
            }
            let (nonce, text) = sealed.bytes.split_at_checked(NONCE_LEN).ok_or_else(unreadable)?;
            let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| unreadable())?;
            let mut text = text.to_vec();
            let opened = key_of_row(key, id)?
                .open_in_place(nonce, Aad::from(aad(id, &sealed.key_name)), &mut text)
                .map_err(|_| unreadable())?;
            return std::str::from_utf8(opened).ok().and_then(AccountNumber::parse).ok_or_else(unreadable);
        }
        Err(Error::internal(format!("no key of the name {} is configured", sealed.key_name)))
    }
}

fn aad(id: BankAccountId, key_name: &str) -> String {
    format!("bank_accounts|number|{id}|{key_name}")
}

fn derived(key: &Secret, what: &str) -> Result<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()).map_err(Error::internal)?;
    mac.update(what.as_bytes());
    Ok(mac.finalize().into_bytes().to_vec())
}

fn name_of(key: &Secret) -> Result<String> {
    Ok(hex::encode(derived(key, "name")?).chars().take(16).collect())
}

fn key_of_row(key: &Secret, id: BankAccountId) -> Result<RandomizedNonceKey> {
    RandomizedNonceKey::new(&AES_256_GCM, &derived(key, &format!("bank-account:{id}"))?)
        .map_err(|_| Error::internal("a key is no key"))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    fn id(number: u128) -> BankAccountId {
        BankAccountId(Uuid::from_u128(number))
    }

    #[test]
    fn what_is_sealed_opens_with_its_key_in_its_row_and_nowhere_else() {
        let number = AccountNumber::parse("8206205123456").unwrap();
        let vault = Vault::new(secret("one"), None);
        let sealed = vault.seal(id(1), &number).unwrap();
        assert!(!sealed.bytes.windows(4).any(|part| part == b"8206"));
        assert_ne!(sealed, vault.seal(id(1), &number).unwrap(), "the same number twice is not seen to be the same");
        assert!(vault.open(id(1), &sealed).unwrap() == number);
        assert!(vault.open(id(2), &sealed).is_err(), "in another row");
        assert!(Vault::new(secret("two"), None).open(id(1), &sealed).is_err(), "with another key");
        assert!(
            Vault::new(secret("two"), Some(secret("one"))).open(id(1), &sealed).unwrap() == number,
            "after a rotation"
        );
        for place in 0..sealed.bytes.len() {
            let mut forged = sealed.clone();
            forged.bytes[place] ^= 1;
            assert!(vault.open(id(1), &forged).is_err(), "byte {place}");
        }
        let short = Sealed { bytes: vec![0; 5], ..sealed };
        assert!(vault.open(id(1), &short).is_err());
    }
}
