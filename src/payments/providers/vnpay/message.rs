//! The signatures of VNPAY's queries and refunds, which are JSON and signed unlike its payments:
//! the plain values, in an order fixed per message, with bars between them.

use serde_json::{Map, Value};

use super::super::signature::{RotatingSecret, hmac_sha512, same_hex};
use super::super::wire::plain;

const SIGNATURE: &str = "vnp_SecureHash";

/// A message to or from VNPAY's transaction interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    QueryRequest,
    QueryAnswer,
    RefundRequest,
    RefundAnswer,
}

impl Message {
    /// The signature for a message of ours, to be added as `vnp_SecureHash`; none if a field is
    /// neither a text nor an integer.
    #[must_use]
    pub fn sign(self, fields: &Map<String, Value>, secret: &RotatingSecret) -> Option<String> {
        let canonical = self.canonical(fields)?;
        Some(hmac_sha512(&secret.current, &canonical))
    }

    /// Whether VNPAY signed the message. Fields that are not under the signature are
    /// not proven by it.
    #[must_use]
    pub fn is_genuine(self, fields: &Map<String, Value>, secret: &RotatingSecret) -> bool {
        let received = fields.get(SIGNATURE).and_then(Value::as_str);
        let (Some(canonical), Some(received)) = (self.canonical(fields), received) else {
            return false;
        };
        secret.any(|secret| same_hex(&hmac_sha512(secret, &canonical), received))
    }

    /// The fields under the signature, without their common prefix `vnp_`, in its order.
    const fn fields(self) -> &'static str {
        match self {
            Message::QueryRequest => {
                "RequestId Version Command TmnCode TxnRef TransactionDate CreateDate IpAddr OrderInfo"
            }
            Message::QueryAnswer => {
                "ResponseId Command ResponseCode Message TmnCode TxnRef Amount BankCode PayDate TransactionNo \
                 TransactionType TransactionStatus OrderInfo PromotionCode PromotionAmount"
            }
            Message::RefundRequest => {
                "RequestId Version Command TmnCode TransactionType TxnRef Amount TransactionNo TransactionDate \
                 CreateBy CreateDate IpAddr OrderInfo"
            }
            Message::RefundAnswer => {
                "ResponseId Command ResponseCode Message TmnCode TxnRef Amount BankCode PayDate TransactionNo \
                 TransactionType TransactionStatus OrderInfo"
            }
        }
    }

    /// The text under the signature. A field that is missing counts as empty.
    fn canonical(self, fields: &Map<String, Value>) -> Option<String> {
        let mut values = Vec::new();
        for field in self.fields().split(' ') {
            values.push(plain(fields.get(&format!("vnp_{field}")))?);
        }
        Some(values.join("|"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::secret::Secret;
    use crate::payments::providers::vectors::{self, text};

    const MESSAGES: [(&str, &str, Message); 4] = [
        ("querydr-request", "/http/body", Message::QueryRequest),
        ("querydr-response", "/body", Message::QueryAnswer),
        ("refund-request", "/http/body", Message::RefundRequest),
        ("refund-response", "/body", Message::RefundAnswer),
    ];

    fn secret(current: &str, previous: Option<&str>) -> RotatingSecret {
        let secret = |text: &str| Secret::new(text.to_owned());
        RotatingSecret { current: secret(current), previous: previous.map(secret) }
    }

    #[test]
    fn recorded_messages_are_signed_and_verified() {
        for (kind, place, message) in MESSAGES {
            for vector in vectors::of("vnpay", &[kind]) {
                let mut fields = vector.pointer(place).unwrap().as_object().unwrap().clone();
                let old = secret("other", Some(text(&vector, "/secret")));
                let new = secret(text(&vector, "/secret"), None);
                let signature = text(&vector, "/signature");
                assert_eq!(message.canonical(&fields).unwrap(), text(&vector, "/canonical"));
                assert_eq!(message.sign(&fields, &new).unwrap(), signature);
                assert!(message.is_genuine(&fields, &new));
                assert!(message.is_genuine(&fields, &old));
                fields.insert("vnp_TxnRef".to_owned(), "OCOP20261123000009".into());
                assert!(!message.is_genuine(&fields, &new), "{kind}");
            }
        }
    }

    #[test]
    fn a_message_without_signature_or_with_odd_values_is_not_genuine() {
        let secret = secret("secret", None);
        let mut fields = Map::new();
        assert!(!Message::QueryAnswer.is_genuine(&fields, &secret));
        fields.insert("vnp_Amount".to_owned(), serde_json::json!([1]));
        fields.insert(SIGNATURE.to_owned(), "00".into());
        assert!(!Message::QueryAnswer.is_genuine(&fields, &secret));
        assert_eq!(Message::QueryAnswer.sign(&fields, &secret), None);
    }

    proptest! {
        #[test]
        fn what_we_sign_is_genuine(amount in any::<i64>(), info in any::<String>()) {
            let secret = secret("secret", None);
            let mut fields = Map::new();
            fields.insert("vnp_Amount".to_owned(), amount.into());
            fields.insert("vnp_OrderInfo".to_owned(), info.into());
            let signature = Message::RefundAnswer.sign(&fields, &secret).unwrap();
            fields.insert(SIGNATURE.to_owned(), signature.to_uppercase().into());
            prop_assert!(Message::RefundAnswer.is_genuine(&fields, &secret));
        }
    }
}
