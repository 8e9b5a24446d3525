//! Where our world ends on the way to people: gateways for Zalo and SMS, and a mail server.
//!
//! They stand above every feature, because signing in needs them as much as news does. A gateway is a pair of pure
//! functions, what is sent and what the answer means; what carries the bytes is the same for all. Nothing here knows
//! the database, so nothing here can be called inside a transaction by mistake of a layer. Numbers and addresses of
//! people are in no log line and no code of a failure.

mod esms;
mod http;
mod smtp;
mod zalo;

use std::time::Duration;

use uuid::Uuid;

use crate::config::Config;
use crate::kernel::PhoneNumber;
use crate::text_enum;
use esms::Esms;
use smtp::Smtp;
use zalo::Zalo;

/// How long a gateway may take: a person waits for a one-time code, and the request has 12 seconds.
const GATEWAY_WITHIN: Duration = Duration::from_secs(5);
/// Bytes of an answer that are read.
const ANSWER_MAX: usize = 16 * 1024;

text_enum! {
    /// How a message leaves us.
    pub enum Channel {
        Zalo = "zalo",
        Sms = "sms",
        Email = "email",
    }
}

text_enum! {
    /// What became of one try.
    pub enum Outcome {
        /// The gateway took it.
        Accepted = "accepted",
        /// It will never take it: another channel is tried at once.
        Refused = "refused",
        /// It may take it later.
        Failed = "failed",
    }
}

/// A message on its way.
#[derive(Debug, Clone)]
pub struct Message {
    /// The same at every try, so that a gateway knows a repetition.
    pub id: Uuid,
    pub to: Address,
    pub title: String,
    pub text: String,
    /// What Zalo's template is called here, and what fills its gaps.
    pub template: String,
    pub gaps: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
pub enum Address {
    Phone(PhoneNumber),
    Email(String),
}

/// What a gateway said of one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub outcome: Outcome,
    /// Its name for the message.
    pub provider_id: Option<String>,
    /// Why not, in few letters: a number of the gateway, or what broke.
    pub code: Option<String>,
}

impl Sent {
    fn accepted(provider_id: Option<String>) -> Sent {
        Sent { outcome: Outcome::Accepted, provider_id, code: None }
    }

    fn refused(code: impl Into<String>) -> Sent {
        Sent { outcome: Outcome::Refused, provider_id: None, code: Some(code.into()) }
    }

    fn failed(code: impl Into<String>) -> Sent {
        Sent { outcome: Outcome::Failed, provider_id: None, code: Some(code.into()) }
    }
}

/// A request to a gateway, as bytes to be.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    url: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// A gateway that takes messages over HTTP.
trait Gateway {
    /// What is sent; `Err` when this gateway cannot carry the message.
    fn request(&self, message: &Message) -> Result<Request, Sent>;

    /// What the answer means.
    fn read(&self, status: u16, body: &[u8]) -> Sent;
}

/// Every gateway that is set up.
pub struct Senders {
    http: reqwest::Client,
    zalo: Option<Zalo>,
    sms: Option<Esms>,
    email: Option<Smtp>,
}

impl Senders {
    pub fn new(config: &Config) -> Result<Senders, String> {
        Ok(Senders {
            http: http::client(GATEWAY_WITHIN)?,
            zalo: config.senders.zalo.clone().map(Zalo::new),
            sms: config.senders.esms.clone().map(Esms::new),
            email: config.senders.smtp.as_ref().map(Smtp::new).transpose()?,
        })
    }

    /// Whether a message with this template can go this way.
    pub fn carries(&self, channel: Channel, template: &str) -> bool {
        match channel {
            Channel::Zalo => self.zalo.as_ref().is_some_and(|zalo| zalo.knows(template)),
            Channel::Sms => self.sms.is_some(),
            Channel::Email => self.email.is_some(),
        }
    }

    /// One try. Never fails: what went wrong is what is answered.
    pub async fn send(&self, channel: Channel, message: &Message) -> Sent {
        match channel {
            Channel::Zalo => self.over_http(self.zalo.as_ref(), message).await,
            Channel::Sms => self.over_http(self.sms.as_ref(), message).await,
            Channel::Email => match &self.email {
                Some(smtp) => smtp.send(message).await,
                None => Sent::refused("not_set_up"),
            },
        }
    }

    async fn over_http(&self, gateway: Option<&impl Gateway>, message: &Message) -> Sent {
        let Some(gateway) = gateway else { return Sent::refused("not_set_up") };
        let request = match gateway.request(message) {
            Ok(request) => request,
            Err(sent) => return sent,
        };
        match http::post(&self.http, request, ANSWER_MAX).await {
            Ok((status, body)) => gateway.read(status, &body),
            Err(code) => Sent::failed(code),
        }
    }
}
