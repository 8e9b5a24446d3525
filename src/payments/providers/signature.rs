//! Proof that a message comes from who shares a secret with us.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;

use crate::kernel::secret::Secret;

/// A secret that can be replaced without losing the messages that are on their way.
///
/// We sign with the current one and believe both, until the previous one is taken away.
#[derive(Clone)]
pub struct RotatingSecret {
    pub current: Secret,
    pub previous: Option<Secret>,
}

impl RotatingSecret {
    /// Whether one of the secrets passes. A secret that was left empty never does: everybody
    /// knows it.
    pub(super) fn any(&self, passes: impl Fn(&Secret) -> bool) -> bool {
        let secrets = [Some(&self.current), self.previous.as_ref()];
        secrets.into_iter().flatten().any(|secret| !secret.expose().is_empty() && passes(secret))
    }
}

/// HMAC-SHA256 in lower-case hexadecimal, keyed with the secret's UTF-8 bytes.
pub(super) fn hmac_sha256(secret: &Secret, message: &[&[u8]]) -> String {
    #[expect(clippy::expect_used, reason = "HMAC hashes a key that is too long; no length fails")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).expect("any length");
    for part in message {
        mac.update(part);
    }
    hex::encode(mac.finalize().into_bytes())
}

/// HMAC-SHA512 in lower-case hexadecimal, keyed with the secret's UTF-8 bytes.
pub(super) fn hmac_sha512(secret: &Secret, message: &str) -> String {
    #[expect(clippy::expect_used, reason = "HMAC hashes a key that is too long; no length fails")]
    let mut mac = Hmac::<Sha512>::new_from_slice(secret.expose().as_bytes()).expect("any length");
    mac.update(message.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// Compares two hexadecimal texts in whatever case, in a time that tells nothing about how much
/// of them agrees.
pub(super) fn same_hex(expected: &str, received: &str) -> bool {
    same_text(&expected.to_ascii_lowercase(), &received.to_ascii_lowercase())
}

/// Compares two texts in a time that tells nothing but whether their lengths agree.
pub(super) fn same_text(expected: &str, received: &str) -> bool {
    expected.as_bytes().ct_eq(received.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn digests_are_those_of_rfc_4231() {
        let key = secret("Jefe");
        let message = "what do ya want for nothing?";
        let sha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let sha512 = "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
                      9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737";
        assert_eq!(hmac_sha256(&key, &[message.as_bytes()]), sha256);
        assert_eq!(hmac_sha256(&key, &[b"what do ya want ", b"for nothing?"]), sha256);
        assert_eq!(hmac_sha512(&key, message), sha512);
    }

    #[test]
    fn the_case_of_hexadecimal_does_not_matter() {
        assert!(same_hex("ab01", "AB01"));
        assert!(!same_hex("ab01", "ab02"));
        assert!(!same_hex("ab01", "ab0"));
    }

    #[test]
    fn both_secrets_are_believed_and_an_empty_one_never() {
        let both = RotatingSecret { current: secret("new"), previous: Some(secret("old")) };
        assert!(both.any(|secret| secret.expose() == "new"));
        assert!(both.any(|secret| secret.expose() == "old"));
        let empty = RotatingSecret { current: secret(""), previous: Some(secret("")) };
        assert!(!empty.any(|_| true));
    }
}
