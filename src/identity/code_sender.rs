//! Brings one-time codes to phones, after the transaction that made them: by Zalo where it has a template for them, else
//! by SMS. A person waits, so what one gateway does not take at once goes by the other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::model::Code;
use crate::kernel::{Error, OtpRequestId, PhoneNumber, Result};
use crate::senders::{Address, Channel, Message, Outcome, Senders};

/// Numbers whose last code is remembered on a developer's machine.
const REMEMBERED_MAX: usize = 10_000;
/// What Zalo's template for codes is called in `ZALO_TEMPLATES`, and its gap.
const TEMPLATE: &str = "otp";
/// The order in which gateways are tried.
const CHANNELS: [Channel; 2] = [Channel::Zalo, Channel::Sms];

/// How codes reach people.
pub enum CodeSender {
    /// Development and tests: a line in the log, and the last code of each number in memory.
    Log(Mutex<HashMap<PhoneNumber, String>>),
    /// The gateways of the process.
    Gateways(Arc<Senders>),
    /// Nothing is set up: asking for a code is answered 503.
    None,
}

impl CodeSender {
    pub fn log() -> Self {
        CodeSender::Log(Mutex::default())
    }

    /// What is set up is used. A log may not carry codes in production.
    pub fn of(production: bool, senders: &Arc<Senders>) -> Self {
        if CHANNELS.into_iter().any(|channel| senders.carries(channel, TEMPLATE)) {
            CodeSender::Gateways(Arc::clone(senders))
        } else if production {
            CodeSender::None
        } else {
            CodeSender::log()
        }
    }

    /// The request's id tells a gateway one code from the next.
    pub async fn send(&self, id: OtpRequestId, phone: &PhoneNumber, code: &Code) -> Result<()> {
        match self {
            CodeSender::Gateways(senders) => by_gateways(senders, id, phone, code).await,
            CodeSender::Log(last) => {
                tracing::info!(phone = phone.masked(), code = code.expose(), "one-time code");
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if last.len() >= REMEMBERED_MAX {
                    last.clear();
                }
                last.insert(phone.clone(), code.expose().to_owned());
                Ok(())
            }
            CodeSender::None => Err(Error::Unavailable("no channel for one-time codes is set up".to_owned())),
        }
    }

    /// The last code sent to a number; only what [`CodeSender::Log`] remembers.
    pub fn last_code(&self, phone: &PhoneNumber) -> Option<String> {
        match self {
            CodeSender::Log(last) => last.lock().unwrap_or_else(PoisonError::into_inner).get(phone).cloned(),
            CodeSender::Gateways(_) | CodeSender::None => None,
        }
    }
}

async fn by_gateways(senders: &Senders, id: OtpRequestId, phone: &PhoneNumber, code: &Code) -> Result<()> {
    let message = Message {
        id: id.0,
        to: Address::Phone(phone.clone()),
        title: "Mã đăng nhập".to_owned(),
        text: format!("{} là mã đăng nhập Sàn OCOP, có hiệu lực 5 phút. Không cho ai biết mã này.", code.expose()),
        template: TEMPLATE.to_owned(),
        gaps: vec![(TEMPLATE.to_owned(), code.expose().to_owned())],
    };
    let mut why = Vec::new();
    for channel in CHANNELS.into_iter().filter(|channel| senders.carries(*channel, TEMPLATE)) {
        let sent = senders.send(channel, &message).await;
        if sent.outcome == Outcome::Accepted {
            return Ok(());
        }
        why.push(format!("{channel} {} {}", sent.outcome, sent.code.unwrap_or_default()));
    }
    Err(Error::Unavailable(format!("no gateway took the one-time code: {}", why.join(", "))))
}
