//! What a bank account looks like outside: never with its number.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::banks::{Bank, bank_name};
use super::model::{BankAccount, BankAccountEvent, BankAccountStatus};
use crate::kernel::http::Answer;
use crate::kernel::{BankAccountId, ProducerId, Result};

/// A bank that can be paid to.
#[derive(Serialize, ToSchema)]
pub struct BankView {
    #[schema(min_length = 6, max_length = 6, example = "970405")]
    bin: &'static str,
    #[schema(max_length = 60, example = "Agribank")]
    name: &'static str,
}

impl From<&Bank> for BankView {
    fn from(bank: &Bank) -> Self {
        let Bank { bin, name } = *bank;
        Self { bin, name }
    }
}

/// The banks that can be paid to.
#[derive(Serialize, ToSchema)]
pub struct BanksView {
    /// By BIN.
    #[schema(max_items = 200)]
    pub data: Vec<BankView>,
}

/// A producer's bank account.
#[derive(Serialize, ToSchema)]
pub struct BankAccountView {
    pub id: BankAccountId,
    producer_id: Option<ProducerId>,
    #[schema(max_length = 6, example = "970405")]
    bank_bin: String,
    #[schema(max_length = 60, example = "Agribank")]
    bank_name: &'static str,
    #[schema(max_length = 100, example = "VANG THI MAY")]
    holder_name: String,
    /// The last four characters of the number; nobody is shown more.
    #[schema(min_length = 4, max_length = 4, example = "3456")]
    last_digits: String,
    status: BankAccountStatus,
    /// Whether money can be sent to it now.
    is_ready: bool,
    /// Nothing is paid to it before.
    usable_from: DateTime<Utc>,
    given_at: DateTime<Utc>,
    decided_at: Option<DateTime<Utc>>,
    /// What the operator found.
    #[schema(max_length = 500)]
    reason: Option<String>,
    #[schema(minimum = 1)]
    version: i32,
    /// What an operator may do now.
    #[schema(max_items = 5)]
    allowed_actions: Vec<BankAccountEvent>,
}

/// The bank account that a producer is paid to.
#[derive(Serialize, ToSchema)]
pub struct OwnBankAccountView {
    /// The one that was given last; `null` before there is one.
    pub account: Option<BankAccountView>,
}

impl BankAccountView {
    pub fn new(account: BankAccount, now: DateTime<Utc>) -> Self {
        let (is_ready, allowed_actions) = (account.is_ready(now), account.status.actions());
        let BankAccount {
            id,
            producer_id,
            buyer_account_id: _,
            bank_bin,
            holder_name,
            last_digits,
            status,
            usable_from,
            given_by: _,
            given_at,
            decided_at,
            reason,
            version,
            forgotten_at: _,
        } = account;
        Self {
            id,
            producer_id,
            bank_name: bank_name(&bank_bin),
            bank_bin,
            holder_name,
            last_digits,
            status,
            is_ready,
            usable_from,
            given_at,
            decided_at,
            reason,
            version,
            allowed_actions,
        }
    }

    pub fn answer(self) -> Result<Answer> {
        Ok(Answer::ok(&self)?.versioned(self.version))
    }
}
