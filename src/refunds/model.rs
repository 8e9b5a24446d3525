use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use schema::{refund_answers, refund_tries, refunds};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::kernel::{AccountId, BankAccountId, Error, OrderId, PaymentId, RefundId, RefundTryId, Result, Vnd};
use crate::payments::providers::{ProviderId, Refunded};
use crate::{refusals, text_enum};

/// Letters and digits of a reference: the shortest that a provider takes holds 32.
const NUMBER_LENGTH: usize = 24;

text_enum! {
    pub enum RefundStatus {
        /// Persons must approve it.
        Requested = "requested",
        Approved = "approved",
        Rejected = "rejected",
        /// On its way: perhaps just being sent, perhaps accepted and not finished.
        Sent = "sent",
        /// Sent, and nobody knows what became of it.
        Unknown = "unknown",
        /// Refused for good under its reference; there will be a new try.
        Failed = "failed",
        /// A person does it.
        Manual = "manual",
        Succeeded = "succeeded",
        ReturnedByHand = "returned_by_hand",
    }
}

text_enum! {
    /// What can happen to a refund. What operators do is named like the last part of its route.
    pub enum RefundEvent {
        Approve = "approve",
        Reject = "reject",
        Send = "send",
        /// The provider works on it.
        Accept = "accept",
        /// The answer says nothing, or there was none.
        Lose = "lose",
        Succeed = "succeed",
        Fail = "fail",
        GiveUp = "give_up",
        Retry = "retry",
        /// The buyer says where it is to go.
        GiveAccount = "bank-account",
        ByHand = "by-hand",
        /// Somebody has looked at the provider what became of it.
        FoundDone = "found-done",
        FoundFailed = "found-failed",
        /// What had succeeded came back.
        TakeBack = "take-back",
    }
}

/// What an operator does.
const OPERATORS: [RefundEvent; 7] = [
    RefundEvent::Approve,
    RefundEvent::Reject,
    RefundEvent::Retry,
    RefundEvent::ByHand,
    RefundEvent::FoundDone,
    RefundEvent::FoundFailed,
    RefundEvent::TakeBack,
];

impl RefundStatus {
    /// The only place where a refund moves. While it is on its way nobody can reject it or do it by hand.
    pub fn after(self, event: RefundEvent) -> Option<RefundStatus> {
        use RefundEvent as E;
        use RefundStatus::{Approved, Failed, Manual, Rejected, Requested, ReturnedByHand, Sent, Succeeded, Unknown};
        match (self, event) {
            (Requested, E::Approve) | (Manual, E::Retry) => Some(Approved),
            (Manual, E::GiveAccount) => Some(Requested),
            (Requested | Approved | Failed | Manual, E::Reject) => Some(Rejected),
            // That it was not to be paid back may have been a mistake.
            (Approved | Failed | Manual | Rejected, E::ByHand) => Some(ReturnedByHand),
            (Approved | Failed, E::Send) | (Sent | Unknown, E::Accept) => Some(Sent),
            (Sent | Unknown, E::Lose) => Some(Unknown),
            (Sent | Unknown, E::Succeed) | (Unknown, E::FoundDone) => Some(Succeeded),
            (Sent | Unknown, E::Fail) | (Unknown, E::FoundFailed) | (Succeeded, E::TakeBack) => Some(Failed),
            (Requested | Approved | Failed, E::GiveUp) => Some(Manual),
            _ => None,
        }
    }

    /// What an operator can do now.
    pub fn actions(self) -> Vec<RefundEvent> {
        OPERATORS.into_iter().filter(|event| self.after(*event).is_some()).collect()
    }
}

text_enum! {
    /// Who pays back.
    pub enum RefundRail {
        /// The provider that was paid.
        Provider = "provider",
        /// A person: the provider has no way for it.
        Hand = "hand",
        /// A transfer out of our bank account, to one that the buyer has named.
        Transfer = "transfer",
    }
}

text_enum! {
    pub enum TryOutcome {
        Succeeded = "succeeded",
        Failed = "failed",
    }
}

text_enum! {
    /// Whether a provider was told to pay back, or asked what became of it.
    pub enum RefundPurpose {
        Send = "send",
        Ask = "ask",
    }
}

text_enum! {
    /// What a provider's answer comes to.
    pub enum RefundSaid {
        Done = "done",
        Processing = "processing",
        Refused = "refused",
        Absent = "absent",
        Unclear = "unclear",
    }
}

impl From<&Refunded> for RefundSaid {
    fn from(said: &Refunded) -> RefundSaid {
        match said {
            Refunded::Done => RefundSaid::Done,
            Refunded::Processing => RefundSaid::Processing,
            Refunded::Refused(_) => RefundSaid::Refused,
            Refunded::Unknown => RefundSaid::Absent,
            Refunded::Unclear(_) => RefundSaid::Unclear,
        }
    }
}

refusals! {
    pub enum RefundRefusal {
        IllegalAction = 409 "refunds.illegal_action" "Không thể làm việc này ở trạng thái hiện tại của khoản hoàn tiền" "The refund's status does not allow this",
        SecondPerson = 409 "refunds.second_person" "Khoản hoàn tiền này cần một người điều hành khác duyệt" "Another operator must approve this refund",
        NoRail = 409 "refunds.no_rail" "Cách thanh toán của đơn này không có chức năng hoàn tiền" "The way this order was paid has no way to pay back",
    }
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = refunds)]
pub struct Refund {
    pub id: RefundId,
    pub order_id: OrderId,
    pub buyer_account_id: AccountId,
    pub payment_id: PaymentId,
    pub provider: ProviderId,
    pub rail: RefundRail,
    pub amount_vnd: Vnd,
    pub status: RefundStatus,
    pub reason: Option<String>,
    pub approvals_needed: i16,
    pub tries: i32,
    pub next_at: Option<DateTime<Utc>>,
    pub alarmed_at: Option<DateTime<Utc>>,
    pub due_on: NaiveDate,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    /// Where a transfer goes.
    pub bank_account_id: Option<BankAccountId>,
    /// What was approved for one account is not approved for the next.
    pub round: i32,
}

impl Refund {
    /// What it becomes, or why it may not.
    pub fn after(&self, event: RefundEvent) -> Result<RefundStatus> {
        self.status.after(event).ok_or_else(|| self.refusal())
    }

    /// That this cannot be done with it now.
    pub fn refusal(&self) -> Error {
        Error::from(RefundRefusal::IllegalAction)
            .with("current_status", self.status.as_str())
            .with("allowed_actions", json!(self.status.actions()))
    }

    /// Whether its buyer may say to which bank account it goes: no provider pays it back, and nobody has yet.
    pub fn wants_account(&self) -> bool {
        self.rail != RefundRail::Provider && self.status.after(RefundEvent::GiveAccount).is_some()
    }

    pub fn is_on_its_way(&self) -> bool {
        matches!(self.status, RefundStatus::Sent | RefundStatus::Unknown)
    }
}

/// One try to pay back, under one reference.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = refund_tries)]
pub struct RefundTry {
    pub id: RefundTryId,
    pub refund_id: RefundId,
    pub try_no: i32,
    /// Our name of it.
    pub number: String,
    pub asked_at: DateTime<Utc>,
    pub sends: i32,
    /// The provider said that it has none of this name.
    pub is_absent: bool,
    pub outcome: Option<TryOutcome>,
    pub code: Option<String>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// What a provider said of a try.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = refund_answers)]
pub struct RefundAnswer {
    pub try_id: RefundTryId,
    pub purpose: RefundPurpose,
    pub said: RefundSaid,
    pub detail: Option<String>,
    pub http_status: Option<i16>,
    pub at: DateTime<Utc>,
}

/// The reference of a try: always the same for it, and of no other.
pub fn number_of(id: RefundId, try_no: i32) -> String {
    hex::encode(Sha256::digest(format!("refund:{id}:{try_no}"))).chars().take(NUMBER_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_whole_table() {
        let mut table = String::new();
        for status in RefundStatus::ALL {
            for event in RefundEvent::ALL {
                let by = match event {
                    // Some go out by themselves, and what was more than there is is rejected.
                    RefundEvent::Approve | RefundEvent::Reject => "operator, platform",
                    event if OPERATORS.contains(event) => "operator",
                    RefundEvent::GiveAccount => "buyer",
                    RefundEvent::Send | RefundEvent::GiveUp | RefundEvent::Lose => "platform",
                    _ => "provider",
                };
                if let Some(next) = status.after(*event) {
                    table.push_str(&format!("{status} --{event}--> {next} by {by}\n"));
                }
            }
        }
        assert_eq!(table, include_str!("machine.txt"));
    }

    #[test]
    fn what_is_on_its_way_is_neither_sent_again_nor_done_by_hand() {
        for status in [RefundStatus::Sent, RefundStatus::Unknown, RefundStatus::Succeeded] {
            for event in [RefundEvent::Send, RefundEvent::ByHand, RefundEvent::Reject, RefundEvent::Retry] {
                assert_eq!(status.after(event), None, "{event} of {status}");
            }
        }
    }

    #[test]
    fn each_try_of_each_refund_has_one_reference() {
        let ids = [1, 2, 3].map(|number| RefundId(Uuid::from_u128(number)));
        let numbers: BTreeSet<String> =
            ids.iter().flat_map(|id| (1..=100).map(|try_no| number_of(*id, try_no))).collect();
        assert_eq!(numbers.len(), 300);
        assert!(numbers.iter().all(|number| number.len() == NUMBER_LENGTH), "{numbers:?}");
        assert_eq!(number_of(RefundId(Uuid::from_u128(1)), 1), number_of(RefundId(Uuid::from_u128(1)), 1));
    }
}
