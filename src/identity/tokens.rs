//! Access tokens (EdDSA, ten minutes) and refresh tokens (a family with deterministic successors).

use std::collections::BTreeMap;
use std::path::Path;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::token_key::{kept_key, private_keys};
use crate::kernel::actor::SessionClaim;
use crate::kernel::error::{CommonProblem, Error, Result};
use crate::kernel::{AccountId, Audience, CheckoutId, RequestId, Secret, SessionId, ids};

/// How long an access token opens its surface, in seconds.
pub const ACCESS_SECONDS: i64 = 600;
/// Clocks may differ by this much, in seconds.
const LEEWAY_S: i64 = 30;
/// Bytes of a token that is looked at.
const TOKEN_BYTES_MAX: usize = 4096;
/// Tokens whose signature is not looked at again: of those who asked for something lately.
const OPENED_MAX: usize = 20_000;
const ISSUER: &str = "ocop-market";
const TYPE: &str = "at+jwt";
/// Exactly these stand in our headers; `crit`, `jku`, `jwk`, `x5u`, `cty` and the like are refused with the rest.
const HEADER_NAMES: &[&str] = &["alg", "typ", "kid"];
/// An answer to a refresh that got lost may be fetched again for this long.
const REPEAT_WINDOW: TimeDelta = TimeDelta::minutes(10);

/// Signs and reads tokens. Of several keys the first signs; the others only verify, while a key is replaced.
pub struct Tokens {
    signing: EncodingKey,
    kid: String,
    verifying: BTreeMap<String, DecodingKey>,
    /// By the SHA-256 of a token that we signed, which costs a hundredth of the signature. When it is valid, and whether
    /// its session lives, is asked each time.
    opened: Cache<[u8; 32], Opened>,
    refresh_key: Secret,
}

/// What stands in a token that we signed.
#[derive(Debug, Clone)]
struct Opened {
    claim: SessionClaim,
    not_before: i64,
    expires: i64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    jti: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    av: i32,
}

impl Tokens {
    /// `pem` holds Ed25519 private keys in PKCS#8. Without it a key is made once and kept in the data folder,
    /// readable by this user only.
    pub fn new(pem: Option<&Secret>, refresh_key: Secret, data_folder: &Path) -> Result<Tokens, String> {
        let pem = match pem {
            Some(pem) => pem.clone(),
            None => kept_key(data_folder)?,
        };
        let mut signing = None;
        let mut verifying = BTreeMap::new();
        for der in private_keys(&pem)? {
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map_err(|e| format!("token key: {e}"))?;
            let public = pair.public_key().as_ref();
            let kid: String = hex::encode(Sha256::digest(public)).chars().take(16).collect();
            let whole = pair.to_pkcs8().map_err(|e| format!("token key: {e}"))?;
            signing.get_or_insert_with(|| (EncodingKey::from_ed_der(whole.as_ref()), kid.clone()));
            verifying.insert(kid, DecodingKey::from_ed_der(public));
        }
        let (signing, kid) = signing.ok_or("token key: no PRIVATE KEY in the PEM")?;
        Ok(Tokens { signing, kid, verifying, opened: Cache::new(OPENED_MAX), refresh_key })
    }

    pub fn access(&self, claim: &SessionClaim, now: DateTime<Utc>) -> Result<String> {
        let header =
            Header { typ: Some(TYPE.to_owned()), kid: Some(self.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        let issued = now.timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: claim.audience.as_str().to_owned(),
            sub: claim.account_id.to_string(),
            sid: claim.session_id.to_string(),
            jti: RequestId::generate().to_string(),
            iat: issued,
            nbf: issued,
            exp: issued.saturating_add(ACCESS_SECONDS),
            av: claim.authorisation_version,
        };
        jsonwebtoken::encode(&header, &claims, &self.signing).map_err(Error::internal)
    }

    /// What a token claims, if we made it, for this surface, and it is its time. One answer to all that is wrong.
    pub fn read_access(&self, token: &str, audience: Option<Audience>, now: DateTime<Utc>) -> Result<SessionClaim> {
        self.opened(token, audience, now).ok_or_else(|| CommonProblem::Unauthenticated.into())
    }

    fn opened(&self, token: &str, audience: Option<Audience>, now: DateTime<Utc>) -> Option<SessionClaim> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let digest: [u8; 32] = Sha256::digest(token).into();
        let opened = match self.opened.get(&digest) {
            Some(opened) => opened,
            None => {
                let opened = self.verified(token)?;
                self.opened.insert(digest, opened.clone());
                opened
            }
        };
        let moment = now.timestamp();
        let in_time =
            opened.expires.checked_add(LEEWAY_S)? > moment && opened.not_before.checked_sub(LEEWAY_S)? <= moment;
        let is_for = audience.is_none_or(|audience| audience == opened.claim.audience);
        (in_time && is_for).then_some(opened.claim)
    }

    /// What a token claims, if we signed it, at any time and for any surface.
    fn verified(&self, token: &str) -> Option<Opened> {
        let key = self.key_of(token)?;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &validation()).ok()?.claims;
        let claim = SessionClaim {
            session_id: SessionId(ids::parse(&claims.sid)?),
            account_id: AccountId(ids::parse(&claims.sub)?),
            audience: Audience::parse(&claims.aud)?,
            authorisation_version: claims.av,
            request_id: None,
        };
        Some(Opened { claim, not_before: claims.nbf, expires: claims.exp })
    }

    /// The key that the header names, if the header is one of ours.
    fn key_of(&self, token: &str) -> Option<&DecodingKey> {
        let header = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
        let header: Map<String, Value> = serde_json::from_slice(&header).ok()?;
        let says = |name: &str| header.get(name).and_then(Value::as_str);
        let ours = header.keys().all(|name| HEADER_NAMES.contains(&name.as_str()))
            && says("alg") == Some("EdDSA")
            && says("typ") == Some(TYPE);
        if ours { self.verifying.get(says("kid")?) } else { None }
    }

    /// The refresh token of a generation: nothing secret is stored, and the same generation gives the same token.
    pub fn refresh(&self, family: SessionId, generation: i32) -> Result<String> {
        let signature = URL_SAFE_NO_PAD.encode(self.refresh_mac(family, generation)?.finalize().into_bytes());
        Ok(format!("{family}.{generation}.{signature}"))
    }

    /// Family and generation of a refresh token that we made.
    pub fn read_refresh(&self, token: &str) -> Result<Option<(SessionId, i32)>> {
        let mut parts = token.split('.');
        let (Some(family), Some(generation), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Ok(None);
        };
        let (Some(family), Ok(generation), Ok(signature)) =
            (ids::parse(family), generation.parse::<i32>(), URL_SAFE_NO_PAD.decode(signature))
        else {
            return Ok(None);
        };
        let family = SessionId(family);
        let genuine = self.refresh_mac(family, generation)?.verify_slice(&signature).is_ok();
        Ok(genuine.then_some((family, generation)))
    }

    /// The token with which a guest finds a purchase again: nothing is stored, and the same purchase gives the same one.
    pub fn order(&self, checkout_id: CheckoutId) -> Result<String> {
        Ok(URL_SAFE_NO_PAD.encode(self.order_mac(checkout_id)?.finalize().into_bytes()))
    }

    /// Whether it is the token of this purchase; compared in constant time.
    pub fn is_order(&self, checkout_id: CheckoutId, token: &str) -> Result<bool> {
        let mac = self.order_mac(checkout_id)?;
        let presented = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
        Ok(mac.verify_slice(&presented).is_ok())
    }

    /// Under the same key as refresh tokens, with a label that those do not have.
    fn order_mac(&self, checkout_id: CheckoutId) -> Result<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.refresh_key.expose().as_bytes()).map_err(Error::internal)?;
        mac.update(format!("order:{checkout_id}").as_bytes());
        Ok(mac)
    }

    fn refresh_mac(&self, family: SessionId, generation: i32) -> Result<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.refresh_key.expose().as_bytes()).map_err(Error::internal)?;
        mac.update(format!("refresh:{family}:{generation}").as_bytes());
        Ok(mac)
    }
}

/// What a presented refresh token means for its family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// The live one: the family moves on.
    Live,
    /// The one before: its answer was lost on the way, so the same successor is given again.
    Repeated,
    /// Somebody else has it, or it is too old: the family ends.
    Stolen,
}

impl Presented {
    /// A weak network loses answers. The one before may come again within ten minutes from the same device: its
    /// successor cannot have been used yet, else the family would have moved on.
    pub fn judge(presented: i32, live: i32, is_same_device: bool, since_rotation: TimeDelta) -> Self {
        if !is_same_device {
            return Presented::Stolen;
        }
        if presented == live {
            return Presented::Live;
        }
        let is_previous = presented.checked_add(1) == Some(live);
        if is_previous && since_rotation <= REPEAT_WINDOW { Presented::Repeated } else { Presented::Stolen }
    }
}

/// Times are checked against the given moment instead of this library's clock, the surface by who asks.
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&Audience::ALL.iter().map(|audience| audience.as_str()).collect::<Vec<_>>());
    validation
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::identity::token_key::{KEY_FILE, PEM_BEGIN, PEM_END};
    use serde_json::json;

    const NOW: i64 = 1_795_000_000;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn pem() -> Secret {
        let der = Ed25519KeyPair::generate().unwrap().to_pkcs8().unwrap();
        Secret::new(format!("{PEM_BEGIN}\n{}\n{PEM_END}\n", STANDARD.encode(der.as_ref())))
    }

    fn tokens_of(pem: &Secret) -> Tokens {
        Tokens::new(Some(pem), Secret::new("refresh key".to_owned()), Path::new("/nowhere")).unwrap()
    }

    fn claim() -> SessionClaim {
        SessionClaim {
            session_id: SessionId::generate(),
            account_id: AccountId::generate(),
            audience: Audience::Producer,
            authorisation_version: 3,
            request_id: None,
        }
    }

    fn claims() -> Value {
        let claim = claim();
        json!({"iss": ISSUER, "aud": "producer", "sub": claim.account_id, "sid": claim.session_id, "jti": "1",
               "iat": NOW, "nbf": NOW, "exp": NOW + ACCESS_SECONDS, "av": 1})
    }

    /// Signs any header and claims with our key.
    fn forged(tokens: &Tokens, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &tokens.signing, Algorithm::EdDSA).unwrap();
        format!("{message}.{signature}")
    }

    fn is_read(tokens: &Tokens, token: &str) -> bool {
        tokens.read_access(token, Some(Audience::Producer), at(NOW)).is_ok()
    }

    #[test]
    fn what_we_sign_we_read() {
        let tokens = tokens_of(&pem());
        let claim = claim();
        let token = tokens.access(&claim, at(NOW)).unwrap();
        let read = tokens.read_access(&token, Some(Audience::Producer), at(NOW + 600)).unwrap();
        assert_eq!((read.session_id, read.account_id), (claim.session_id, claim.account_id));
        assert_eq!((read.audience, read.authorisation_version), (Audience::Producer, 3));
        assert!(tokens.read_access(&token, None, at(NOW)).is_ok());
        assert!(tokens.read_access(&token, Some(Audience::Buyer), at(NOW)).is_err(), "another surface");
    }

    #[test]
    fn tokens_have_their_time_with_thirty_seconds_of_leeway() {
        let tokens = tokens_of(&pem());
        let token = tokens.access(&claim(), at(NOW)).unwrap();
        let readable = |moment: i64| tokens.read_access(&token, None, at(moment)).is_ok();
        assert!(readable(NOW - 30) && readable(NOW + 629));
        assert!(!readable(NOW - 31), "not yet");
        assert!(!readable(NOW + 630), "no longer");
    }

    #[test]
    fn a_token_seen_before_opens_no_more_than_at_first() {
        let tokens = tokens_of(&pem());
        let token = tokens.access(&claim(), at(NOW)).unwrap();
        for _ in 0..2 {
            assert!(tokens.read_access(&token, Some(Audience::Producer), at(NOW)).is_ok());
            assert!(tokens.read_access(&token, Some(Audience::Buyer), at(NOW)).is_err(), "another surface");
            assert!(tokens.read_access(&token, None, at(NOW + 630)).is_err(), "no longer");
            let (message, signature) = token.rsplit_once('.').unwrap();
            let other = if signature.starts_with('A') { "B" } else { "A" };
            let changed = format!("{message}.{other}{}", signature.get(1..).unwrap());
            assert!(tokens.read_access(&changed, None, at(NOW)).is_err(), "another signature");
        }
        assert_eq!(tokens.opened.len(), 1, "what we did not sign is not kept");
    }

    #[test]
    fn foreign_headers_are_refused() {
        let tokens = tokens_of(&pem());
        let good = json!({"alg": "EdDSA", "typ": TYPE, "kid": tokens.kid});
        assert!(is_read(&tokens, &forged(&tokens, &good, &claims())), "the control");
        let wrong: &[(&str, Value)] = &[
            ("alg", json!("none")),
            ("alg", json!("HS256")),
            ("alg", json!("eddsa")),
            ("typ", json!("JWT")),
            ("typ", Value::Null),
            ("kid", json!("other")),
            ("kid", Value::Null),
            ("crit", json!(["exp"])),
            ("jku", json!("https://x.vn/k")),
            ("jwk", json!({})),
            ("x5u", json!("https://x.vn/c")),
            ("cty", json!("JWT")),
        ];
        for (name, value) in wrong {
            let mut header = good.clone();
            header[*name] = value.clone();
            assert!(!is_read(&tokens, &forged(&tokens, &header, &claims())), "{name} {value}");
        }
        let unsigned = forged(&tokens, &json!({"alg": "none", "typ": TYPE, "kid": tokens.kid}), &claims());
        let (message, _) = unsigned.rsplit_once('.').unwrap();
        assert!(!is_read(&tokens, &format!("{message}.")));
    }

    #[test]
    fn every_claim_is_required_and_of_its_type() {
        let tokens = tokens_of(&pem());
        let header = json!({"alg": "EdDSA", "typ": TYPE, "kid": tokens.kid});
        for name in ["iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp", "av"] {
            for value in [Value::Null, json!({}), json!([]), json!(1.5), json!("x"), json!(i64::MAX)] {
                if name == "jti" && value == json!("x") || name == "iat" && value == json!(i64::MAX) {
                    continue;
                }
                let mut claims = claims();
                claims[name] = value.clone();
                assert!(!is_read(&tokens, &forged(&tokens, &header, &claims)), "{name} {value}");
            }
        }
    }

    #[test]
    fn garbage_and_other_keys_are_refused() {
        let (ours, theirs) = (tokens_of(&pem()), tokens_of(&pem()));
        let token = ours.access(&claim(), at(NOW)).unwrap();
        assert!(!is_read(&theirs, &token), "another key");
        let borrowed_kid = forged(&theirs, &json!({"alg": "EdDSA", "typ": TYPE, "kid": ours.kid}), &claims());
        assert!(!is_read(&ours, &borrowed_kid), "our kid, their key");
        let tampered = token.replacen('.', ".e", 1);
        let long = format!("{token}{}", "A".repeat(4096));
        let short: String = token.chars().take(token.len() - 4).collect();
        for text in ["", ".", "..", "a.b.c", "null", "Bearer x", &tampered, &long, &short, &format!("{token}.x")] {
            assert!(!is_read(&ours, text), "{text}");
        }
    }

    #[test]
    fn an_old_key_still_verifies_after_a_new_one_signs() {
        let (old, new) = (pem(), pem());
        let token = tokens_of(&old).access(&claim(), at(NOW)).unwrap();
        let both = tokens_of(&Secret::new(format!("{}{}", new.expose(), old.expose())));
        assert!(is_read(&both, &token));
        assert_eq!(both.kid, tokens_of(&new).kid);
    }

    #[test]
    fn the_key_of_a_machine_is_made_once_and_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = std::env::temp_dir().join(format!("ocop-token-key-{}", RequestId::generate()));
        let open = || Tokens::new(None, Secret::new("refresh key".to_owned()), &folder).unwrap();
        let token = open().access(&claim(), at(NOW)).unwrap();
        assert!(is_read(&open(), &token), "the second start has the same key");
        let mode = std::fs::metadata(folder.join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn refresh_tokens_are_deterministic_and_unforgeable() {
        let tokens = tokens_of(&pem());
        let family = SessionId::generate();
        let token = tokens.refresh(family, 7).unwrap();
        assert_eq!(token, tokens.refresh(family, 7).unwrap());
        assert_eq!(tokens.read_refresh(&token).unwrap(), Some((family, 7)));
        let raised = token.replacen(".7.", ".8.", 1);
        for text in ["", "..", "a.b.c", &raised, &format!("{token}.x"), &format!("{token}AA")] {
            assert_eq!(tokens.read_refresh(text).unwrap(), None, "{text}");
        }
    }

    #[test]
    fn an_order_token_fits_one_purchase_and_is_no_refresh_token() {
        let tokens = tokens_of(&pem());
        let (own, other) = (CheckoutId::generate(), CheckoutId::generate());
        let token = tokens.order(own).unwrap();
        assert_eq!(token, tokens.order(own).unwrap());
        assert!(tokens.is_order(own, &token).unwrap());
        let longer = format!("{token}AA");
        let shorter = token.get(..40).unwrap();
        for wrong in ["", "x", "====", &longer, shorter, &tokens.order(other).unwrap()] {
            assert!(!tokens.is_order(own, wrong).unwrap(), "{wrong}");
        }
        assert_eq!(tokens.read_refresh(&format!("{own}.1.{token}")).unwrap(), None);
        let key = Secret::new("another refresh key".to_owned());
        let theirs = Tokens::new(Some(&pem()), key, Path::new("")).unwrap();
        assert!(!theirs.is_order(own, &token).unwrap(), "another key");
    }

    #[test]
    fn a_refresh_moves_on_repeats_or_ends_the_family() {
        let minute = TimeDelta::minutes(1);
        let judge = Presented::judge;
        assert_eq!(judge(5, 5, true, minute), Presented::Live);
        assert_eq!(judge(4, 5, true, minute), Presented::Repeated, "the answer was lost");
        assert_eq!(judge(4, 5, true, minute * 10), Presented::Repeated);
        assert_eq!(judge(4, 5, true, minute * 10 + TimeDelta::seconds(1)), Presented::Stolen, "too late");
        assert_eq!(judge(3, 5, true, minute), Presented::Stolen, "the thief has moved on");
        assert_eq!(judge(4, 5, false, minute), Presented::Stolen, "another device");
        assert_eq!(judge(5, 5, false, minute), Presented::Stolen, "another device");
        assert_eq!(judge(6, 5, true, minute), Presented::Stolen, "a generation that never was");
    }
}
