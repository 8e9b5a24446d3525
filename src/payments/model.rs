use chrono::{DateTime, Utc};
use diesel::prelude::*;
use schema::{payment_attempts, payment_reviews, payments};

use super::providers::{NextStep, ProviderId};
use crate::kernel::{AccountId, AttemptId, CreditId, OrderId, PaymentId, RefundId, ReviewId, Vnd};
use crate::{refusals, text_enum};

text_enum! {
    pub enum PaymentStatus {
        Pending = "pending",
        Captured = "captured",
        Expired = "expired",
        Cancelled = "cancelled",
    }
}

text_enum! {
    pub enum AttemptStatus {
        Pending = "pending",
        Captured = "captured",
        Failed = "failed",
        Cancelled = "cancelled",
        Expired = "expired",
        InReview = "in_review",
    }
}

text_enum! {
    /// Why money waits for a person.
    pub enum ReviewKind {
        LatePayment = "late_payment",
        SecondPayment = "second_payment",
        WrongAmount = "wrong_amount",
        UnknownReference = "unknown_reference",
        SuspectedFraud = "suspected_fraud",
        OtherAccount = "other_account",
        RefundDue = "refund_due",
        /// The provider told a known transaction in another way; no money of its own.
        Contradiction = "contradiction",
    }
}

text_enum! {
    pub enum ReviewStatus {
        Open = "open",
        Resolved = "resolved",
    }
}

text_enum! {
    /// What a person decided about odd money.
    pub enum Resolution {
        RefundedByHand = "refunded_by_hand",
        KeptForOrder = "kept_for_order",
        ReportedToProvider = "reported_to_provider",
        NoMoneyReceived = "no_money_received",
    }
}

text_enum! {
    /// Whether the provider came with its word, or said it when it was asked.
    pub enum Channel {
        Notice = "notice",
        Question = "question",
    }
}

text_enum! {
    /// What became of a provider's message.
    pub enum CallbackOutcome {
        Applied = "applied",
        AlreadyApplied = "already_applied",
        UnknownOrder = "unknown_order",
        WrongAmount = "wrong_amount",
        Parked = "parked",
        Unverified = "unverified",
        NotForUs = "not_for_us",
    }
}

refusals! {
    pub enum PaymentRefusal {
        NotPayable = 409 "payments.not_payable" "Lần mua này không còn chờ thanh toán" "This checkout does not wait for payment any more",
        ProviderOff = 409 "payments.provider_off" "Cách thanh toán này hiện không dùng được" "This way of paying is not available",
        AmountTooSmall = 409 "payments.amount_too_small" "Số tiền thấp hơn mức tối thiểu của cách thanh toán này" "The amount is smaller than this way of paying allows",
        AmountTooLarge = 409 "payments.amount_too_large" "Số tiền vượt giới hạn của cách thanh toán này" "The amount is larger than this way of paying allows",
        AlreadyResolved = 409 "payments.already_resolved" "Việc này đã được giải quyết" "This has been resolved already",
    }
}

/// What a checkout owes.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = payments)]
pub struct Payment {
    pub id: PaymentId,
    pub status: PaymentStatus,
}

/// One try to pay with one provider.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = payment_attempts)]
pub struct Attempt {
    pub id: AttemptId,
    pub payment_id: PaymentId,
    pub buyer_account_id: AccountId,
    pub provider: ProviderId,
    pub reference: String,
    pub amount_vnd: Vnd,
    pub status: AttemptStatus,
    pub next_step: serde_json::Value,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// None while nobody knows whether the provider has the order.
    pub opened_at: Option<DateTime<Utc>>,
    /// When the provider is asked next.
    pub next_poll_at: Option<DateTime<Utc>>,
    /// When the provider last said how the attempt stands.
    pub asked_at: Option<DateTime<Utc>>,
}

impl Attempt {
    /// Whether the provider still has to be asked to open it.
    pub fn is_to_be_opened(&self) -> bool {
        self.status == AttemptStatus::Pending && self.opened_at.is_none()
    }
}

/// Money that waits for a person, or a decision that was made.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = payment_reviews)]
pub struct Review {
    pub id: ReviewId,
    pub kind: ReviewKind,
    pub credit_id: Option<CreditId>,
    pub attempt_id: Option<AttemptId>,
    pub order_id: Option<OrderId>,
    pub refund_id: Option<RefundId>,
    pub amount_vnd: Vnd,
    pub status: ReviewStatus,
    pub resolution: Option<Resolution>,
    pub note: Option<String>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
}

/// How a next step is kept and shown.
pub fn next_step_json(step: NextStep) -> serde_json::Value {
    match step {
        NextStep::Transfer { qr_text, bank_bin, account_number, account_name, transfer_content } => serde_json::json!({
            "kind": "transfer", "qr_text": qr_text, "bank_bin": bank_bin, "account_number": account_number,
            "account_name": account_name, "transfer_content": transfer_content,
        }),
        NextStep::Redirect { url } => serde_json::json!({"kind": "redirect", "url": url}),
        NextStep::Wait => serde_json::json!({"kind": "wait"}),
    }
}
