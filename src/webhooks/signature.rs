//! Secrets and signatures of the Standard Webhooks specification (`v1`, HMAC-SHA256).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::model::Endpoint;
use crate::kernel::{Error, Result, Secret, WebhookEndpointId, WebhookEventId};

/// How long both secrets are used after a rotation.
pub const OVERLAP: TimeDelta = TimeDelta::hours(24);
const PREFIX: &str = "whsec_";

fn hmac(key: &[u8], parts: &[&[u8]]) -> Result<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(Error::internal)?;
    for part in parts {
        mac.update(part);
    }
    Ok(mac.finalize().into_bytes().to_vec())
}

fn secret_bytes(key: &Secret, id: WebhookEndpointId, generation: i32) -> Result<Vec<u8>> {
    hmac(key.expose().as_bytes(), &[format!("webhook:{id}:{generation}").as_bytes()])
}

/// The secret in force, and the one before for as long as it is used.
pub fn generations(endpoint: &Endpoint, now: DateTime<Utc>) -> Vec<i32> {
    let before = endpoint.secret_generation.checked_sub(1).filter(|generation| *generation > 0);
    let is_used = endpoint.previous_until.is_some_and(|until| now < until);
    [Some(endpoint.secret_generation), before.filter(|_| is_used)].into_iter().flatten().collect()
}

/// As the endpoint's owner puts it into a library: `whsec_` and base64.
pub fn secret_text(key: &Secret, id: WebhookEndpointId, generation: i32) -> Result<String> {
    Ok(format!("{PREFIX}{}", STANDARD.encode(secret_bytes(key, id, generation)?)))
}

/// The header `webhook-signature`: one signature for each secret in use.
pub fn header(
    key: &Secret,
    (endpoint, now): (&Endpoint, DateTime<Utc>),
    event_id: WebhookEventId,
    body: &str,
) -> Result<String> {
    let mut signatures = Vec::new();
    for generation in generations(endpoint, now) {
        let secret = secret_bytes(key, endpoint.id, generation)?;
        signatures.push(signature(&secret, &event_id.to_string(), now.timestamp(), body)?);
    }
    Ok(signatures.join(" "))
}

fn signature(secret: &[u8], id: &str, timestamp: i64, body: &str) -> Result<String> {
    let signed = format!("{id}.{timestamp}.");
    Ok(format!("v1,{}", STANDARD.encode(hmac(secret, &[signed.as_bytes(), body.as_bytes()])?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the libraries of the specification test themselves with.
    #[test]
    fn a_signature_is_that_of_the_specification() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed =
            signature(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#).unwrap();
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn after_a_rotation_both_secrets_sign_for_a_day_and_then_the_new_one() {
        let now: DateTime<Utc> = "2026-11-25T00:00:00Z".parse().unwrap();
        let mut endpoint = Endpoint {
            id: WebhookEndpointId(uuid::Uuid::nil()),
            url: String::new(),
            event_types: Vec::new(),
            status: crate::webhooks::EndpointStatus::Active,
            secret_generation: 1,
            previous_until: None,
            version: 1,
            created_at: now,
        };
        assert_eq!(generations(&endpoint, now), [1]);
        (endpoint.secret_generation, endpoint.previous_until) = (2, Some(now + OVERLAP));
        assert_eq!(generations(&endpoint, now), [2, 1]);
        assert_eq!(generations(&endpoint, now + OVERLAP), [2]);
        let key = Secret::new("a key".to_owned());
        let header = header(&key, (&endpoint, now), WebhookEventId(uuid::Uuid::nil()), "{}").unwrap();
        assert_eq!(header.split(' ').filter(|part| part.starts_with("v1,")).count(), 2);
        let texts = [1, 2].map(|generation| secret_text(&key, endpoint.id, generation).unwrap());
        assert!(texts.iter().all(|text| text.starts_with("whsec_") && text.len() == 50) && texts[0] != texts[1]);
    }
}
