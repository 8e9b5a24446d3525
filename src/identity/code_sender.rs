//! Brings one-time codes to phones, after the transaction that made them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::model::Code;
use crate::kernel::{Error, PhoneNumber, Result};

/// Numbers whose last code is remembered on a developer's machine.
const REMEMBERED_MAX: usize = 10_000;

/// How codes reach people.
pub enum CodeSender {
    /// Development and tests: a line in the log, and the last code of each number in memory.
    Log(Mutex<HashMap<PhoneNumber, String>>),
    /// Nothing is set up: asking for a code is answered 503.
    None,
}

impl CodeSender {
    pub fn log() -> Self {
        CodeSender::Log(Mutex::default())
    }

    /// A log may not carry codes in production.
    pub fn of(production: bool) -> Self {
        if production { CodeSender::None } else { CodeSender::log() }
    }

    pub async fn send(&self, phone: &PhoneNumber, code: &Code) -> Result<()> {
        match self {
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
            CodeSender::None => None,
        }
    }
}
