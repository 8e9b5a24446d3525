use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{
    Refund, RefundAnswer, RefundEvent, RefundPurpose, RefundRail, RefundSaid, RefundStatus, RefundTry, TryOutcome,
};
use super::store;
use crate::kernel::time::vietnam_day;
use crate::kernel::{AccountId, BankAccountId, Error, OrderId, RefundId, Result, Tx, Vnd};
use crate::outgoing;
use crate::payments::providers::ProviderId;

/// Answers that are shown of a refund.
const ANSWERS_MAX: i64 = 50;

/// Money on its way back to me.
#[derive(Serialize, ToSchema)]
pub struct BuyerRefundView {
    pub id: RefundId,
    pub order_id: OrderId,
    pub amount_vnd: Vnd,
    pub status: RefundStatus,
    /// How the order was paid.
    pub provider: ProviderId,
    /// It cannot come back the way it was paid: I say to which bank account it goes.
    pub wants_bank_account: bool,
    /// The last day on which it may be paid back.
    pub due_on: NaiveDate,
    pub created_at: DateTime<Utc>,
    /// When it moved last.
    pub updated_at: DateTime<Utc>,
    /// When it was paid back, or that it is not.
    pub ended_at: Option<DateTime<Utc>>,
}

impl From<Refund> for BuyerRefundView {
    fn from(refund: Refund) -> Self {
        let wants_bank_account = refund.wants_account();
        let Refund { id, order_id, amount_vnd, status, provider, due_on, created_at, updated_at, ended_at, .. } =
            refund;
        Self {
            id,
            order_id,
            amount_vnd,
            status,
            provider,
            wants_bank_account,
            due_on,
            created_at,
            updated_at,
            ended_at,
        }
    }
}

/// A refund as operators see it.
#[derive(Serialize, ToSchema)]
pub struct RefundView {
    pub id: RefundId,
    pub order_id: OrderId,
    pub provider: ProviderId,
    pub rail: RefundRail,
    pub amount_vnd: Vnd,
    pub status: RefundStatus,
    /// Why it was rejected, failed or given up, or what a person says of having done it.
    #[schema(max_length = 500)]
    pub reason: Option<String>,
    #[schema(minimum = 0, maximum = 2)]
    pub approvals_needed: i16,
    #[schema(minimum = 0, maximum = 100)]
    pub tries: i32,
    /// When it is sent, or its provider is asked, next.
    pub next_at: Option<DateTime<Utc>>,
    /// When it had no end after three days.
    pub alarmed_at: Option<DateTime<Utc>>,
    /// The last day that the law leaves.
    pub due_on: NaiveDate,
    pub is_overdue: bool,
    /// What an operator can do now: the last part of the route's path.
    #[schema(max_items = 7)]
    pub allowed_actions: Vec<RefundEvent>,
    #[schema(minimum = 1)]
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

impl RefundView {
    pub fn new(refund: Refund, now: DateTime<Utc>) -> Self {
        let is_overdue = refund.ended_at.is_none() && refund.due_on < vietnam_day(now);
        let allowed_actions = refund.status.actions();
        let Refund {
            id,
            order_id,
            buyer_account_id: _,
            payment_id: _,
            provider,
            rail,
            amount_vnd,
            status,
            reason,
            approvals_needed,
            tries,
            next_at,
            alarmed_at,
            due_on,
            version,
            created_at,
            updated_at,
            ended_at,
            bank_account_id: _,
            round: _,
        } = refund;
        Self {
            id,
            order_id,
            provider,
            rail,
            amount_vnd,
            status,
            reason,
            approvals_needed,
            tries,
            next_at,
            alarmed_at,
            due_on,
            is_overdue,
            allowed_actions,
            version,
            created_at,
            updated_at,
            ended_at,
        }
    }
}

/// Who approved a refund.
#[derive(Serialize, ToSchema)]
pub struct RefundApprovalView {
    pub account_id: AccountId,
    pub at: DateTime<Utc>,
}

/// What a provider said of a try.
#[derive(Serialize, ToSchema)]
pub struct RefundAnswerView {
    pub purpose: RefundPurpose,
    pub said: RefundSaid,
    #[schema(max_length = 500)]
    pub detail: Option<String>,
    /// None when nothing came back.
    #[schema(minimum = 100, maximum = 999)]
    pub http_status: Option<i16>,
    pub at: DateTime<Utc>,
}

impl From<RefundAnswer> for RefundAnswerView {
    fn from(answer: RefundAnswer) -> Self {
        let RefundAnswer { try_id: _, purpose, said, detail, http_status, at } = answer;
        Self { purpose, said, detail, http_status, at }
    }
}

/// One try to pay back.
#[derive(Serialize, ToSchema)]
pub struct RefundTryView {
    #[schema(minimum = 1, maximum = 100)]
    pub try_no: i32,
    /// Our reference of it at the provider.
    #[schema(max_length = 32, example = "5f0c2b7a9d1e4c3b8a6f7e0d")]
    pub number: String,
    pub asked_at: DateTime<Utc>,
    /// How often it was sent under this reference.
    #[schema(minimum = 1, maximum = 1000)]
    pub sends: i32,
    pub outcome: Option<TryOutcome>,
    /// The provider's code of a refusal.
    #[schema(max_length = 200)]
    pub code: Option<String>,
    pub ended_at: Option<DateTime<Utc>>,
    /// The newest first.
    #[schema(max_items = 50)]
    pub answers: Vec<RefundAnswerView>,
}

/// The bank account that a buyer has named.
#[derive(Serialize, ToSchema)]
pub struct RefundAccountView {
    #[schema(max_length = 200, example = "Agribank")]
    pub bank_name: String,
    #[schema(max_length = 100, example = "NGUYEN THI HOA")]
    pub holder_name: String,
    #[schema(max_length = 4, example = "3456")]
    pub last_digits: String,
}

fn account(tx: &mut Tx<'_>, id: BankAccountId) -> Result<RefundAccountView> {
    let account = outgoing::find_account(tx, id)?;
    let bank_name = outgoing::bank_name(&account.bank_bin).to_owned();
    Ok(RefundAccountView { bank_name, holder_name: account.holder_name, last_digits: account.last_digits })
}

/// A refund with everything that was done about it.
#[derive(Serialize, ToSchema)]
pub struct RefundStoryView {
    #[serde(flatten)]
    pub refund: RefundView,
    /// Where a transfer goes.
    pub bank_account: Option<RefundAccountView>,
    #[schema(max_items = 2)]
    pub approvals: Vec<RefundApprovalView>,
    /// The first first.
    #[schema(max_items = 100)]
    pub tries_made: Vec<RefundTryView>,
}

pub fn story(tx: &mut Tx<'_>, refund: Refund) -> Result<RefundStoryView> {
    let id = refund.id;
    let approvals = store::approvals(tx, &refund)?;
    let bank_account = refund.bank_account_id.map(|id| account(tx, id)).transpose()?;
    let tries = store::tries_of(tx, id)?;
    let ids: Vec<_> = tries.iter().map(|one| one.id).collect();
    let mut answers = store::answers_of(tx, &ids, ANSWERS_MAX)?;
    let mut tries_made = Vec::with_capacity(tries.len());
    for one in tries {
        let RefundTry { id, refund_id: _, try_no, number, asked_at, sends, is_absent: _, outcome, code, ended_at } =
            one;
        let (own, rest): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.try_id == id);
        answers = rest;
        let answers = own.into_iter().map(RefundAnswerView::from).collect();
        tries_made.push(RefundTryView { try_no, number, asked_at, sends, outcome, code, ended_at, answers });
    }
    if !answers.is_empty() {
        return Err(Error::internal("an answer about no try"));
    }
    let approvals = approvals.into_iter().map(|(account_id, at)| RefundApprovalView { account_id, at }).collect();
    Ok(RefundStoryView { refund: RefundView::new(refund, tx.now), bank_account, approvals, tries_made })
}
