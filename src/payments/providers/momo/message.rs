//! What of a message MoMo's signature covers.

use serde_json::{Map, Value};

use super::super::wire::plain;

/// A message that is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Message {
    Create,
    Query,
    Refund,
    /// The notice, and what the buyer's browser brings back.
    Notice,
}

impl Message {
    /// The fields after the access key, in the order of their names.
    const fn fields(self) -> &'static [&'static str] {
        match self {
            Message::Create => &[
                "amount",
                "extraData",
                "ipnUrl",
                "orderId",
                "orderInfo",
                "partnerCode",
                "redirectUrl",
                "requestId",
                "requestType",
            ],
            Message::Query => &["orderId", "partnerCode", "requestId"],
            Message::Refund => &["amount", "description", "orderId", "partnerCode", "requestId", "transId"],
            Message::Notice => &[
                "amount",
                "extraData",
                "message",
                "orderId",
                "orderInfo",
                "orderType",
                "partnerCode",
                "payType",
                "requestId",
                "responseTime",
                "resultCode",
                "transId",
            ],
        }
    }
}

/// The text under the signature: plain values, an empty one stays. Nothing if a field is neither a text nor a whole
/// number.
pub(super) fn signed(message: Message, fields: &Map<String, Value>, access_key: &str) -> Option<String> {
    let mut text = format!("accessKey={access_key}");
    for name in message.fields() {
        text.push_str(&format!("&{name}={}", plain(fields.get(*name))?));
    }
    Some(text)
}
