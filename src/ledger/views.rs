//! What the books look like outside.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::{LedgerAccount, Posted, TransferKind};
use super::store::{AccountLine, StatementLine};
use crate::kernel::{OrderId, ProducerId, RefundId, TransferId, Vnd};

/// A line of a producer's statement.
#[derive(Serialize, ToSchema)]
pub struct StatementLineView {
    pub id: TransferId,
    pub kind: TransferKind,
    /// Why, in Vietnamese.
    #[schema(max_length = 200, example = "Tiền của đơn hàng đã hoàn tất")]
    explained: &'static str,
    /// What came in; below zero: what went out.
    #[schema(minimum = -100_000_000_000_i64, maximum = 100_000_000_000_i64, example = 450_000)]
    change_vnd: i64,
    /// What was there after it; below zero: owed to the platform.
    #[schema(example = 1_250_000)]
    balance_vnd: i64,
    /// The order that it is about.
    order_id: Option<OrderId>,
    /// The refund that it is about.
    refund_id: Option<RefundId>,
    /// The line that it corrects.
    reverses: Option<TransferId>,
    at: DateTime<Utc>,
}

impl From<StatementLine> for StatementLineView {
    fn from(line: StatementLine) -> Self {
        let StatementLine { id, kind, change_vnd, balance_vnd, order_id, refund_id, reverses, at } = line;
        Self { id, kind, explained: kind.explained(), change_vnd, balance_vnd, order_id, refund_id, reverses, at }
    }
}

/// What a producer has with the platform.
#[derive(Serialize, ToSchema)]
pub struct BalanceView {
    /// Below zero: owed to the platform, and taken from what is sold next.
    #[schema(example = 1_250_000)]
    pub balance_vnd: i64,
    /// The moment of which it is the balance.
    pub at: DateTime<Utc>,
}

/// An account of the platform's books.
#[derive(Serialize, ToSchema)]
pub struct LedgerAccountView {
    account: LedgerAccount,
    /// Of accounts that each provider has.
    #[schema(max_length = 32, example = "vnpay")]
    provider: Option<String>,
    /// All that was ever debited.
    #[schema(minimum = 0, example = 12_500_000)]
    debits_vnd: i64,
    /// All that was ever credited.
    #[schema(minimum = 0, example = 11_000_000)]
    credits_vnd: i64,
    /// What is there: of accounts that are ours or owed to us debits less credits, of all others credits less debits.
    #[schema(example = 1_500_000)]
    balance_vnd: i64,
    #[schema(minimum = 1)]
    transfers: i64,
    /// Since when the oldest part of the balance is there, if what came first leaves first.
    waits_since: Option<DateTime<Utc>>,
}

impl From<AccountLine> for LedgerAccountView {
    fn from(line: AccountLine) -> Self {
        let AccountLine { account, provider, debits_vnd, credits_vnd, transfers, waits_since } = line;
        let more = debits_vnd.saturating_sub(credits_vnd);
        let balance_vnd = if account.grows_by_debits() { more } else { more.saturating_neg() };
        Self { account, provider, debits_vnd, credits_vnd, balance_vnd, transfers, waits_since }
    }
}

/// All accounts at a moment.
#[derive(Serialize, ToSchema)]
pub struct LedgerAccountsView {
    pub at: DateTime<Utc>,
    /// Accounts through which money went; those of all orders, and those of all producers, are one each.
    #[schema(max_items = 1000)]
    pub accounts: Vec<LedgerAccountView>,
}

/// A movement of money.
#[derive(Serialize, ToSchema)]
pub struct TransferView {
    pub id: TransferId,
    kind: TransferKind,
    /// Why, in Vietnamese.
    #[schema(max_length = 200, example = "Khách đã thanh toán đơn hàng")]
    explained: &'static str,
    /// The order, credit, refund, payout or line that it is about.
    #[schema(format = Uuid, example = "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b")]
    subject_id: Uuid,
    debit: LedgerAccount,
    credit: LedgerAccount,
    amount_vnd: Vnd,
    #[schema(max_length = 32, example = "vnpay")]
    provider: Option<String>,
    producer_id: Option<ProducerId>,
    order_id: Option<OrderId>,
    refund_id: Option<RefundId>,
    /// The transfer that it corrects.
    reverses: Option<TransferId>,
    at: DateTime<Utc>,
}

impl From<Posted> for TransferView {
    fn from(posted: Posted) -> Self {
        let Posted {
            id,
            kind,
            subject_id,
            debit,
            credit,
            amount_vnd,
            provider,
            producer_id,
            order_id,
            refund_id,
            reverses,
            at,
        } = posted;
        let explained = kind.explained();
        Self {
            id,
            kind,
            explained,
            subject_id,
            debit,
            credit,
            amount_vnd,
            provider,
            producer_id,
            order_id,
            refund_id,
            reverses,
            at,
        }
    }
}
