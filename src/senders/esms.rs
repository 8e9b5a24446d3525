//! SMS by eSMS: messages to customers under a registered name (`SmsType` 2).

use serde::Deserialize;
use serde_json::json;

use super::{Address, Gateway, Message, Request, Sent};
use crate::config::EsmsConfig;

/// Customer care; the other types are advertising and fixed numbers.
const CARE: &str = "2";
/// Letters of one message; more are cut. Vietnamese letters make parts of 67.
const LETTERS_MAX: usize = 330;

pub struct Esms {
    config: EsmsConfig,
}

impl Esms {
    pub fn new(config: EsmsConfig) -> Esms {
        Esms { config }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    code_result: String,
    #[serde(rename = "SMSID")]
    sms_id: Option<String>,
}

impl Gateway for Esms {
    fn request(&self, message: &Message) -> Result<Request, Sent> {
        let Address::Phone(phone) = &message.to else { return Err(Sent::refused("no_phone")) };
        let national = format!("0{}", phone.as_str().trim_start_matches("+84"));
        let body = json!({
            "ApiKey": self.config.api_key.expose(),
            "SecretKey": self.config.secret_key.expose(),
            "Brandname": self.config.brandname,
            "SmsType": CARE,
            "IsUnicode": "1",
            "Phone": national,
            "Content": message.text.chars().take(LETTERS_MAX).collect::<String>(),
            // A second request with this id within a day is answered 124 and not sent.
            "RequestId": message.id.hyphenated().to_string(),
        });
        Ok(Request { url: self.config.url.clone(), headers: Vec::new(), body: body.to_string() })
    }

    fn read(&self, status: u16, body: &[u8]) -> Sent {
        if !(200..300).contains(&status) {
            return Sent::failed(format!("http_{status}"));
        }
        let Ok(answer) = serde_json::from_slice::<Answer>(body) else { return Sent::failed("unreadable") };
        match answer.code_result.as_str() {
            "100" | "124" => Sent::accepted(answer.sms_id),
            // The number is blocked, is none, or its network does not carry this sender; the text is not registered.
            code @ ("99" | "108" | "118" | "146" | "177") => Sent::refused(code),
            // Keys, balance, price list, name or address of ours: for a person to mend, and then it goes.
            code => Sent::failed(code.chars().take(20).collect::<String>()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{PhoneNumber, Secret};
    use crate::senders::Outcome;

    fn esms() -> Esms {
        Esms::new(EsmsConfig {
            url: "https://rest.esms.vn/x".to_owned(),
            api_key: Secret::new("key".to_owned()),
            secret_key: Secret::new("secret".to_owned()),
            brandname: "OCOP".to_owned(),
        })
    }

    #[test]
    fn a_message_is_what_the_gateway_documents() {
        let message = Message {
            id: uuid::Uuid::nil(),
            to: Address::Phone(PhoneNumber::parse("0912345678").unwrap()),
            title: "Đơn mới".to_owned(),
            text: "Đơn HG-1 đã được thanh toán".to_owned(),
            template: "order_paid".to_owned(),
            gaps: Vec::new(),
        };
        let request = esms().request(&message).unwrap();
        let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
        assert_eq!(
            body,
            json!({"ApiKey": "key", "SecretKey": "secret", "Brandname": "OCOP", "SmsType": "2", "IsUnicode": "1",
                   "Phone": "0912345678", "Content": "Đơn HG-1 đã được thanh toán",
                   "RequestId": "00000000-0000-0000-0000-000000000000"})
        );
        let by_email = Message { to: Address::Email("a@example.vn".to_owned()), ..message };
        assert_eq!(esms().request(&by_email).unwrap_err(), Sent::refused("no_phone"));
    }

    #[test]
    fn answers_mean_taken_never_or_later() {
        for (status, body, outcome) in [
            (200, r#"{"CodeResult":"100","CountRegenerate":0,"SMSID":"d533"}"#, Outcome::Accepted),
            (200, r#"{"CodeResult":"124","ErrorMessage":"RequestId is duplicate"}"#, Outcome::Accepted),
            (200, r#"{"CodeResult":"99"}"#, Outcome::Refused),
            (200, r#"{"CodeResult":"108"}"#, Outcome::Refused),
            (200, r#"{"CodeResult":"146"}"#, Outcome::Refused),
            (200, r#"{"CodeResult":"101"}"#, Outcome::Failed),
            (200, r#"{"CodeResult":"103"}"#, Outcome::Failed),
            (200, "<html>", Outcome::Failed),
            (502, r#"{"CodeResult":"100"}"#, Outcome::Failed),
        ] {
            assert_eq!(esms().read(status, body.as_bytes()).outcome, outcome, "{status} {body}");
        }
        let taken = esms().read(200, br#"{"CodeResult":"100","SMSID":"d533"}"#);
        assert_eq!(taken.provider_id.as_deref(), Some("d533"));
    }
}
