//! Password hashing: argon2id behind a pepper, with a bound on how much of it runs at once.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use super::model::Password;
use crate::kernel::{Error, Result, Secret};

/// Memory of one hash in KiB, passes and lanes (OWASP's first choice).
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Less than this is too cheap to guess, whatever somebody changes above (OWASP's least).
const _: () = assert!(MEMORY_KIB >= 19_456 && PASSES >= 2 && LANES == 1);
/// Hashes that run at once: 4 × 19 MiB.
const RUNNING_MAX: usize = 4;
/// Hashes that wait for their turn; more are answered 503.
const WAITING_MAX: usize = 32;

/// Hashes and checks passwords outside of transactions. A stored hash is `<id of the pepper>:<PHC string>`.
pub struct Passwords {
    pepper: Arc<Pepper>,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

struct Pepper {
    key: Secret,
    id: String,
}

impl Passwords {
    pub fn new(pepper: Secret) -> Self {
        let digest = hex::encode(Sha256::digest(format!("password pepper:{}", pepper.expose())));
        let id = digest.chars().take(8).collect();
        Self {
            pepper: Arc::new(Pepper { key: pepper, id }),
            running: Arc::new(Semaphore::new(RUNNING_MAX)),
            admitted: Arc::new(Semaphore::new(RUNNING_MAX.saturating_add(WAITING_MAX))),
        }
    }

    pub async fn hash(&self, password: &Password) -> Result<String> {
        let password = password.clone();
        self.bounded(move |pepper| pepper.hash(&password)).await
    }

    /// Whether the password belongs to the hash. Without a hash it takes as long and says no, so that the time
    /// does not tell which numbers have a password.
    pub async fn verify(&self, password: &Password, stored: Option<&str>) -> Result<bool> {
        let (password, stored) = (password.clone(), stored.map(str::to_owned));
        self.bounded(move |pepper| match stored {
            Some(stored) => pepper.verify(&password, &stored),
            None => pepper.hash(&password).map(|_| false),
        })
        .await
    }

    /// The permits travel with the work, so a client that goes away does not make room for another hash.
    async fn bounded<T: Send + 'static>(&self, work: impl FnOnce(&Pepper) -> Result<T> + Send + 'static) -> Result<T> {
        let admitted = Arc::clone(&self.admitted)
            .try_acquire_owned()
            .map_err(|_| Error::Unavailable("too many passwords wait to be checked".to_owned()))?;
        let running = Arc::clone(&self.running).acquire_owned().await.map_err(Error::internal)?;
        let pepper = Arc::clone(&self.pepper);
        tokio::task::spawn_blocking(move || {
            let _permits = (admitted, running);
            work(&pepper)
        })
        .await
        .map_err(Error::internal)?
    }
}

impl Pepper {
    fn argon2() -> Result<Argon2<'static>> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(Error::internal)?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }

    fn peppered(&self, password: &Password) -> Result<Vec<u8>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.expose().as_bytes()).map_err(Error::internal)?;
        mac.update(password.expose().as_bytes());
        Ok(mac.finalize().into_bytes().to_vec())
    }

    fn hash(&self, password: &Password) -> Result<String> {
        let hash = Self::argon2()?.hash_password(&self.peppered(password)?).map_err(Error::internal)?;
        Ok(format!("{}:{hash}", self.id))
    }

    fn verify(&self, password: &Password, stored: &str) -> Result<bool> {
        let Some((id, phc)) = stored.split_once(':') else {
            return Err(Error::internal("a password hash without pepper id"));
        };
        if id != self.id {
            tracing::warn!(id, "a password was hashed with another pepper");
            return self.hash(password).map(|_| false);
        }
        let parsed = PasswordHash::new(phc).map_err(Error::internal)?;
        Ok(Self::argon2()?.verify_password(&self.peppered(password)?, &parsed).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pepper: &str) -> Passwords {
        Passwords::new(Secret::new(pepper.to_owned()))
    }

    fn typed(text: &str) -> Password {
        Password::parse(text).unwrap()
    }

    #[tokio::test]
    async fn only_the_right_password_with_the_right_pepper_matches() {
        let (ours, theirs) = (of("pepper one"), of("pepper two"));
        let stored = ours.hash(&typed("nương chè 7")).await.unwrap();
        assert!(stored.contains("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(ours.verify(&typed("nương chè 7"), Some(&stored)).await.unwrap());
        assert!(!ours.verify(&typed("nương chè 8"), Some(&stored)).await.unwrap());
        assert!(!ours.verify(&typed("nương chè 7"), None).await.unwrap());
        assert!(!theirs.verify(&typed("nương chè 7"), Some(&stored)).await.unwrap());
        let phc = stored.split_once(':').unwrap().1;
        let moved = format!("{}:{phc}", theirs.pepper.id);
        assert!(!theirs.verify(&typed("nương chè 7"), Some(&moved)).await.unwrap(), "the pepper counts, not its id");
    }

    #[tokio::test]
    async fn a_full_queue_is_refused_at_once() {
        let passwords = of("pepper");
        let _all = Arc::clone(&passwords.admitted).try_acquire_many_owned(36).unwrap();
        let refused = passwords.verify(&typed("nương chè 7"), None).await;
        assert!(matches!(refused, Err(Error::Unavailable(_))));
    }
}
