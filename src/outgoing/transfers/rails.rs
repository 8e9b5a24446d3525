//! The rails as they are configured.

use std::time::Duration;

use super::model::Rail;
use crate::config::{Config, OutgoingConfig, PayosConfig};
use crate::kernel::{Vnd, calls};
use crate::outgoing::Vault;
use crate::payments::providers::{PayosPayouts, RotatingSecret, TRANSFER_MAX_VND};

/// From the first byte sent to the last read.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// What all outgoing money keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// By which rail new transfers go.
    pub rail: Rail,
    /// What one recipient is sent at most on one day in Vietnam.
    pub recipient_daily: Vnd,
    /// What is sent at most on one day in Vietnam in all.
    pub total_daily: Vnd,
}

impl Rules {
    /// What one transfer may be at most: banks take no more at once, and nobody is sent more in a day.
    pub fn most_at_once(&self) -> Vnd {
        self.recipient_daily.min(Vnd::new(TRANSFER_MAX_VND).unwrap_or_default())
    }
}

/// The way out, built once.
pub struct Outgoing {
    pub vault: Vault,
    pub rules: Rules,
    pub payos: Option<PayosPayouts>,
    pub client: reqwest::Client,
}

impl Outgoing {
    pub fn new(config: &Config) -> Result<Outgoing, String> {
        let OutgoingConfig { number_key, number_key_previous, payos, recipient_daily, total_daily, .. } =
            &config.outgoing;
        let rail = if payos.is_some() { Rail::Payos } else { Rail::BankFile };
        Ok(Outgoing {
            vault: Vault::new(number_key.clone(), number_key_previous.clone()),
            rules: Rules { rail, recipient_daily: *recipient_daily, total_daily: *total_daily },
            payos: payos.as_ref().map(payouts),
            client: calls::client(ANSWER_WITHIN).map_err(|error| format!("the client for payouts: {error}"))?,
        })
    }
}

fn payouts(config: &PayosConfig) -> PayosPayouts {
    PayosPayouts {
        base_url: config.base_url.clone(),
        client_id: config.client_id.clone(),
        api_key: config.api_key.clone(),
        checksum_key: RotatingSecret {
            current: config.checksum_key.clone(),
            previous: config.checksum_key_previous.clone(),
        },
    }
}
