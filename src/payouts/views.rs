//! What payouts look like outside.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{PayoutStatus, Run, WhyNot};
use super::next::Next;
use crate::kernel::{BankAccountId, OutgoingBatchId, OutgoingId, Result, Tx, Vnd};
use crate::outgoing::{self, BankAccount, Transfer, bank_name};

/// A run of payouts. Its transfers and their approval are those of the batch of the same id.
#[derive(Serialize, ToSchema)]
pub struct PayoutRunView {
    pub id: OutgoingBatchId,
    /// The day in Vietnam on which the run of its week was due; `null` for a run by hand.
    week_on: Option<NaiveDate>,
    made_at: DateTime<Utc>,
}

impl From<Run> for PayoutRunView {
    fn from(run: Run) -> Self {
        let Run { id, week_on, made_at } = run;
        Self { id, week_on, made_at }
    }
}

/// Money that was or is to be paid to me.
#[derive(Serialize, ToSchema)]
pub struct PayoutView {
    pub id: OutgoingId,
    amount_vnd: Vnd,
    status: PayoutStatus,
    #[schema(max_length = 60, example = "Agribank")]
    bank_name: &'static str,
    #[schema(min_length = 4, max_length = 4, example = "3456")]
    last_digits: String,
    /// It stands in the bank's text of the transfer.
    #[schema(max_length = 16, example = "OC7K2M9Q4F")]
    reference: String,
    /// Why it is held, was not sent or failed.
    #[schema(max_length = 500)]
    reason: Option<String>,
    created_at: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
}

impl PayoutView {
    pub fn of(tx: &mut Tx<'_>, transfers: Vec<Transfer>) -> Result<Vec<PayoutView>> {
        let mut accounts: BTreeMap<BankAccountId, BankAccount> = BTreeMap::new();
        let mut views = Vec::new();
        for transfer in transfers {
            if !accounts.contains_key(&transfer.bank_account_id) {
                let account = outgoing::find_account(tx, transfer.bank_account_id)?;
                accounts.insert(account.id, account);
            }
            let account = accounts.get(&transfer.bank_account_id);
            views.push(PayoutView {
                id: transfer.id,
                amount_vnd: transfer.amount_vnd,
                status: transfer.status.into(),
                bank_name: account.map_or("", |account| bank_name(&account.bank_bin)),
                last_digits: account.map(|account| account.last_digits.clone()).unwrap_or_default(),
                reference: transfer.reference,
                reason: transfer.reason,
                created_at: transfer.created_at,
                sent_at: transfer.sent_at,
                ended_at: transfer.ended_at,
            });
        }
        Ok(views)
    }
}

/// What I get next, and what stands in its way.
#[derive(Serialize, ToSchema)]
pub struct NextPayoutView {
    /// What I have with the platform; below zero I owe.
    balance_vnd: i64,
    /// What of it carriers have collected in cash and not settled yet.
    held_vnd: Vnd,
    /// What the next run would pay of it; 0 below the minimum.
    amount_vnd: Vnd,
    /// What a payout is worth at least.
    minimum_vnd: Vnd,
    /// The day in Vietnam of the next run.
    on: NaiveDate,
    /// Whether the next run pays as things are now.
    is_ready: bool,
    /// Everything that stands in its way.
    #[schema(max_items = 10)]
    why_not: Vec<WhyNot>,
}

impl NextPayoutView {
    pub fn new(next: Next, minimum_vnd: Vnd) -> Self {
        let Next { balance, held, amount, on, why_not } = next;
        Self {
            balance_vnd: balance,
            held_vnd: held,
            amount_vnd: amount,
            minimum_vnd,
            on,
            is_ready: why_not.is_empty(),
            why_not,
        }
    }
}
