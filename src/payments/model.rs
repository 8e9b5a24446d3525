use chrono::{DateTime, Utc};
use diesel::prelude::*;
use schema::{payment_attempts, payment_reviews, payments};

use super::providers::{NextStep, ProviderId};
use crate::kernel::{AccountId, AttemptId, CreditId, OrderId, PaymentId, RefundId, ReviewId, Vnd};
use crate::{refusals, text_enum};

text_enum! {
    /// With whom a buyer can begin to pay. Cash is asked for in another way.
    pub enum PayWith {
        BankTransfer = "bank_transfer",
        Vnpay = "vnpay",
        Payos = "payos",
        Momo = "momo",
        Zalopay = "zalopay",
        VietqrVn = "vietqr_vn",
    }
}

impl From<PayWith> for ProviderId {
    fn from(with: PayWith) -> ProviderId {
        match with {
            PayWith::BankTransfer => ProviderId::BankTransfer,
            PayWith::Vnpay => ProviderId::Vnpay,
            PayWith::Payos => ProviderId::Payos,
            PayWith::Momo => ProviderId::Momo,
            PayWith::Zalopay => ProviderId::Zalopay,
            PayWith::VietqrVn => ProviderId::VietqrVn,
        }
    }
}

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
    /// What can happen to what a checkout owes.
    pub enum DueEvent {
        Capture = "capture",
        Expire = "expire",
        Cancel = "cancel",
    }
}

text_enum! {
    /// What can happen to one try to pay.
    pub enum AttemptEvent {
        Capture = "capture",
        /// A person must look at it before anything is shipped.
        Hold = "hold",
        Fail = "fail",
        Cancel = "cancel",
        Expire = "expire",
    }
}

text_enum! {
    pub enum ReviewEvent {
        Resolve = "resolve",
    }
}

impl PaymentStatus {
    /// The only place where what a checkout owes moves: once, and never back.
    pub fn after(self, event: DueEvent) -> Option<PaymentStatus> {
        match (self, event) {
            (Self::Pending, DueEvent::Capture) => Some(Self::Captured),
            (Self::Pending, DueEvent::Expire) => Some(Self::Expired),
            (Self::Pending, DueEvent::Cancel) => Some(Self::Cancelled),
            _ => None,
        }
    }
}

impl AttemptStatus {
    /// The only place where an attempt moves. Money may still come after a provider said that none would; what it
    /// brought, and what waits for a person, no later word takes back.
    pub fn after(self, event: AttemptEvent) -> Option<AttemptStatus> {
        match (self, event) {
            (Self::Pending | Self::Failed | Self::Cancelled | Self::Expired, AttemptEvent::Capture) => {
                Some(Self::Captured)
            }
            (Self::Pending | Self::Failed | Self::Cancelled | Self::Expired, AttemptEvent::Hold) => {
                Some(Self::InReview)
            }
            (Self::Pending, AttemptEvent::Fail) => Some(Self::Failed),
            (Self::Pending, AttemptEvent::Cancel) => Some(Self::Cancelled),
            (Self::Pending, AttemptEvent::Expire) => Some(Self::Expired),
            _ => None,
        }
    }
}

impl ReviewStatus {
    /// The only place where a review moves: what is resolved stays so.
    pub fn after(self, event: ReviewEvent) -> Option<ReviewStatus> {
        match (self, event) {
            (Self::Open, ReviewEvent::Resolve) => Some(Self::Resolved),
            (Self::Resolved, ReviewEvent::Resolve) => None,
        }
    }

    pub fn actions(self) -> Vec<ReviewEvent> {
        ReviewEvent::ALL.iter().copied().filter(|event| self.after(*event).is_some()).collect()
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
    /// What became of odd or owed money.
    pub enum Resolution {
        RefundedByHand = "refunded_by_hand",
        /// Nobody decided: the provider paid it back after all.
        RefundedByProvider = "refunded_by_provider",
        KeptForOrder = "kept_for_order",
        ReportedToProvider = "reported_to_provider",
        NoMoneyReceived = "no_money_received",
    }
}

text_enum! {
    /// What a person can decide.
    pub enum Decision {
        RefundedByHand = "refunded_by_hand",
        KeptForOrder = "kept_for_order",
        ReportedToProvider = "reported_to_provider",
        NoMoneyReceived = "no_money_received",
    }
}

impl From<Decision> for Resolution {
    fn from(decision: Decision) -> Resolution {
        match decision {
            Decision::RefundedByHand => Resolution::RefundedByHand,
            Decision::KeptForOrder => Resolution::KeptForOrder,
            Decision::ReportedToProvider => Resolution::ReportedToProvider,
            Decision::NoMoneyReceived => Resolution::NoMoneyReceived,
        }
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
        NotOnDelivery = 409 "payments.not_on_delivery" "Lần mua này không thể trả tiền khi nhận hàng" "This purchase cannot be paid on delivery",
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
    /// Since when nobody is to pay by it any more; its provider is asked to call it off.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// An account number that takes the money of this try alone, and by what its provider knows the order of it.
    pub own_account: Option<String>,
    pub provider_order: Option<String>,
    /// What the buyer is to do while that number is open.
    pub own_step: Option<serde_json::Value>,
}

impl Attempt {
    /// Whether a provider that opens orders still has to be asked for this one's.
    pub fn is_to_be_opened(&self, now: DateTime<Utc>) -> bool {
        let is_missing = match self.provider {
            ProviderId::BankTransfer => self.own_account.is_none(),
            _ => self.opened_at.is_none(),
        };
        self.is_open() && now < self.expires_at && is_missing
    }

    /// What the buyer is to do.
    pub fn step(&self) -> &serde_json::Value {
        self.own_step.as_ref().filter(|_| self.is_open()).unwrap_or(&self.next_step)
    }

    /// Whether the buyer has been told what to do.
    pub fn has_step(&self) -> bool {
        self.next_step != next_step_json(NextStep::Wait)
    }

    fn is_open(&self) -> bool {
        self.status == AttemptStatus::Pending && self.withdrawn_at.is_none()
    }
}

/// The money that paid an order, as its provider knows it.
#[derive(Debug, Clone)]
pub struct Source {
    pub payment_id: PaymentId,
    pub credit_id: CreditId,
    pub provider: ProviderId,
    /// The provider's number of it.
    pub transaction: String,
    pub captured: Vnd,
    /// Our reference of the attempt, and when it began; of cash, of what was collected.
    pub reference: String,
    pub attempted_at: DateTime<Utc>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_is_begun_with_every_provider_but_carriers() {
        let begun = PayWith::ALL.iter().map(|with| ProviderId::from(*with));
        assert!(begun.eq(ProviderId::ALL.iter().copied().filter(|id| !id.is_carrier())));
        for with in PayWith::ALL {
            assert_eq!(with.as_str(), ProviderId::from(*with).as_str());
        }
    }

    #[test]
    fn the_whole_table_of_payments() {
        let mut table = String::new();
        for status in PaymentStatus::ALL {
            for event in DueEvent::ALL {
                if let Some(next) = status.after(*event) {
                    table.push_str(&format!("{status} --{event}--> {next} by platform\n"));
                }
            }
        }
        assert_eq!(table, include_str!("payment_machine.txt"));
    }

    #[test]
    fn the_whole_table_of_attempts() {
        let mut table = String::new();
        for status in AttemptStatus::ALL {
            for event in AttemptEvent::ALL {
                let by = match event {
                    AttemptEvent::Capture | AttemptEvent::Hold | AttemptEvent::Fail => "provider",
                    // The checkout ended, and its attempts with it.
                    AttemptEvent::Cancel | AttemptEvent::Expire => "provider, platform",
                };
                if let Some(next) = status.after(*event) {
                    table.push_str(&format!("{status} --{event}--> {next} by {by}\n"));
                }
            }
        }
        assert_eq!(table, include_str!("attempt_machine.txt"));
    }

    #[test]
    fn the_whole_table_of_reviews() {
        let mut table = String::new();
        for status in ReviewStatus::ALL {
            for event in ReviewEvent::ALL {
                if let Some(next) = status.after(*event) {
                    table.push_str(&format!("{status} --{event}--> {next} by operator\n"));
                }
            }
        }
        assert_eq!(table, include_str!("review_machine.txt"));
    }
}
