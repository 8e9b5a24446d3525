//! Template messages by Zalo's notification service (ZNS).

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Address, Gateway, Message, Request, Sent};
use crate::config::ZaloConfig;

/// Letters that fill one gap of a template.
const GAP_MAX: usize = 100;

pub struct Zalo {
    config: ZaloConfig,
}

impl Zalo {
    pub fn new(config: ZaloConfig) -> Zalo {
        Zalo { config }
    }

    pub fn knows(&self, template: &str) -> bool {
        self.template(template).is_some()
    }

    fn template(&self, name: &str) -> Option<&str> {
        self.config.templates.iter().find(|(known, _)| known == name).map(|(_, id)| id.as_str())
    }
}

#[derive(Deserialize)]
struct Answer {
    error: i64,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    msg_id: Option<String>,
}

impl Gateway for Zalo {
    fn request(&self, message: &Message) -> Result<Request, Sent> {
        let Address::Phone(phone) = &message.to else { return Err(Sent::refused("no_phone")) };
        let template = self.template(&message.template).ok_or_else(|| Sent::refused("no_template"))?;
        let token = self.config.token.read().map_err(|_| Sent::failed("no_token"))?;
        let gaps: Map<String, Value> = message
            .gaps
            .iter()
            .map(|(name, text)| (name.clone(), json!(text.chars().take(GAP_MAX).collect::<String>())))
            .collect();
        let body = json!({
            "phone": phone.as_str().trim_start_matches('+'),
            "template_id": template,
            "template_data": gaps,
            "tracking_id": message.id.hyphenated().to_string(),
        });
        let headers = vec![("access_token", token.expose().to_owned())];
        Ok(Request { url: self.config.url.clone(), headers, body: body.to_string() })
    }

    fn read(&self, status: u16, body: &[u8]) -> Sent {
        if !(200..300).contains(&status) {
            return Sent::failed(format!("http_{status}"));
        }
        let Ok(answer) = serde_json::from_slice::<Answer>(body) else { return Sent::failed("unreadable") };
        match answer.error {
            0 => Sent::accepted(answer.data.and_then(|data| data.msg_id)),
            // An error that Zalo does not know itself, and a token that is being renewed.
            code @ (-100 | -124 | -216) => Sent::failed(code.to_string()),
            // No Zalo on this number, refused by the person, quota, hours, template: another channel carries it.
            code => Sent::refused(code.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::kernel::PhoneNumber;
    use crate::senders::Outcome;

    fn zalo() -> Zalo {
        let values = [("ZALO_ACCESS_TOKEN", "token"), ("ZALO_TEMPLATES", "order_paid=231231, code=7")];
        let values = values.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        Zalo::new(Config::from_values(values).unwrap().senders.zalo.unwrap())
    }

    #[test]
    fn a_message_names_the_registered_template_and_fills_its_gaps() {
        let mut message = Message {
            id: uuid::Uuid::nil(),
            to: Address::Phone(PhoneNumber::parse("0912345678").unwrap()),
            title: String::new(),
            text: String::new(),
            template: "order_paid".to_owned(),
            gaps: vec![("order_code".to_owned(), "HG-1".to_owned())],
        };
        let request = zalo().request(&message).unwrap();
        assert_eq!(request.headers, [("access_token", "token".to_owned())]);
        let body: Value = serde_json::from_str(&request.body).unwrap();
        assert_eq!(
            body,
            json!({"phone": "84912345678", "template_id": "231231", "template_data": {"order_code": "HG-1"},
                   "tracking_id": "00000000-0000-0000-0000-000000000000"})
        );
        message.template = "order_packed".to_owned();
        assert_eq!(zalo().request(&message).unwrap_err(), Sent::refused("no_template"));
        assert!(zalo().knows("code") && !zalo().knows("order_packed"));
    }

    #[test]
    fn who_has_no_zalo_is_told_another_way_and_a_broken_gateway_is_asked_again() {
        for (status, body, outcome) in [
            (200, r#"{"error":0,"message":"Success","data":{"msg_id":"a1","sent_time":"1"}}"#, Outcome::Accepted),
            (200, r#"{"error":-118,"message":"Zalo account not existed"}"#, Outcome::Refused),
            (200, r#"{"error":-124,"message":"Access token invalid"}"#, Outcome::Failed),
            (200, r#"{"error":-100,"message":"Unknown error"}"#, Outcome::Failed),
            (200, "", Outcome::Failed),
            (500, r#"{"error":0}"#, Outcome::Failed),
        ] {
            assert_eq!(zalo().read(status, body.as_bytes()).outcome, outcome, "{status} {body}");
        }
    }
}
