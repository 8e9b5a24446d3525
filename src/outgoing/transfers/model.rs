//! A transfer, its statuses, and how they move.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use schema::{outgoing_batches, outgoing_files, outgoing_transfers};
use uuid::Uuid;

use crate::kernel::{
    AccountId, BankAccountId, Error, OrderId, OutgoingBatchId, OutgoingFileId, OutgoingId, ProducerId, RefundId,
    Result, Vnd,
};
use crate::outgoing::OutgoingRefusal;
use crate::text_enum;

text_enum! {
    /// What money is sent for.
    pub enum Purpose {
        Payout = "payout",
        Refund = "refund",
    }
}

text_enum! {
    /// How money is sent.
    pub enum Rail {
        /// payOS pays by itself.
        Payos = "payos",
        /// A person hands a file to the bank.
        BankFile = "bank_file",
    }
}

text_enum! {
    pub enum TransferStatus {
        /// Waits for two persons.
        Requested = "requested",
        OnHold = "on_hold",
        Approved = "approved",
        Sent = "sent",
        /// Sent, and nobody knows whether it arrived: it is asked for until it is known.
        Unknown = "unknown",
        Confirmed = "confirmed",
        /// The bank has said that the money did not go, or came back.
        Failed = "failed",
        /// It was never sent.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// What can happen to a transfer. The names of what operators do are the verbs of its routes.
    pub enum TransferEvent {
        Request = "request",
        Approve = "approve",
        Hold = "hold",
        Release = "release",
        Cancel = "cancel",
        Send = "send",
        /// No answer, or none that says anything.
        Lose = "lose",
        Confirm = "confirm",
        Fail = "fail",
        /// It arrived and came back.
        Reverse = "reverse",
    }
}

impl TransferStatus {
    /// The only place where a transfer moves.
    pub fn after(self, event: TransferEvent) -> Option<TransferStatus> {
        use TransferEvent as E;
        match (self, event) {
            (Self::Requested, E::Approve) => Some(Self::Approved),
            (Self::Requested | Self::Approved, E::Hold) => Some(Self::OnHold),
            (Self::OnHold, E::Release) => Some(Self::Requested),
            (Self::Requested | Self::OnHold | Self::Approved, E::Cancel) => Some(Self::Cancelled),
            (Self::Approved, E::Send) => Some(Self::Sent),
            (Self::Sent, E::Lose) => Some(Self::Unknown),
            (Self::Sent | Self::Unknown, E::Confirm) => Some(Self::Confirmed),
            (Self::Sent | Self::Unknown, E::Fail) | (Self::Confirmed, E::Reverse) => Some(Self::Failed),
            _ => None,
        }
    }

    pub fn has_ended(self) -> bool {
        matches!(self, Self::Confirmed | Self::Failed | Self::Cancelled)
    }

    /// What an operator can do now with one that goes this way. What payOS has is payOS's to tell, unless it says nothing.
    pub fn actions(self, rail: Rail) -> Vec<TransferEvent> {
        use TransferEvent as E;
        let is_told = |event: &E| match event {
            E::Hold | E::Release | E::Cancel => true,
            E::Confirm | E::Fail => rail == Rail::BankFile || self == Self::Unknown,
            E::Reverse => rail == Rail::BankFile,
            E::Request | E::Approve | E::Send | E::Lose => false,
        };
        TransferEvent::ALL.iter().copied().filter(|event| is_told(event) && self.after(*event).is_some()).collect()
    }
}

/// What two persons approve together.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = outgoing_batches)]
pub struct Batch {
    pub id: OutgoingBatchId,
    pub purpose: Purpose,
    pub made_by: Option<AccountId>,
    pub made_at: DateTime<Utc>,
    pub approved_by: Option<AccountId>,
    pub approved_at: Option<DateTime<Utc>>,
    pub version: i32,
}

/// What a bank was asked to do with a file.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = outgoing_files)]
pub struct File {
    pub id: OutgoingFileId,
    pub made_by: AccountId,
    pub made_at: DateTime<Utc>,
    pub transfers: i32,
    pub total_vnd: Vnd,
}

/// One transfer out of our account.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = outgoing_transfers)]
pub struct Transfer {
    pub id: OutgoingId,
    pub purpose: Purpose,
    pub subject_id: Uuid,
    pub batch_id: Option<OutgoingBatchId>,
    pub producer_id: Option<ProducerId>,
    pub order_id: Option<OrderId>,
    pub refund_id: Option<RefundId>,
    pub bank_account_id: BankAccountId,
    pub amount_vnd: Vnd,
    pub reference: String,
    pub rail: Rail,
    pub status: TransferStatus,
    pub next_at: Option<DateTime<Utc>>,
    pub asked: i32,
    pub sent_on: Option<NaiveDate>,
    pub sent_at: Option<DateTime<Utc>>,
    pub file_id: Option<OutgoingFileId>,
    pub rail_reference: Option<String>,
    pub reason: Option<String>,
    pub ended_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub version: i32,
    pub alarmed_at: Option<DateTime<Utc>>,
}

impl Transfer {
    /// Where an event leads, or what is possible instead.
    pub fn moved(&self, event: TransferEvent) -> Result<TransferStatus> {
        self.status.after(event).ok_or_else(|| self.refusal())
    }

    pub fn refusal(&self) -> Error {
        let allowed: Vec<&str> = self.status.actions(self.rail).into_iter().map(TransferEvent::as_str).collect();
        Error::from(OutgoingRefusal::ActionNotAllowed)
            .with("current_status", self.status.as_str())
            .with("allowed_actions", allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(event: TransferEvent) -> &'static str {
        use TransferEvent as E;
        match event {
            E::Approve | E::Hold | E::Release => "operator",
            E::Cancel | E::Send => "operator, platform",
            E::Request | E::Lose => "platform",
            E::Confirm | E::Fail | E::Reverse => "operator, provider",
        }
    }

    #[test]
    fn the_whole_table_of_transfers() {
        let mut table = String::new();
        for status in TransferStatus::ALL {
            for event in TransferEvent::ALL {
                if let Some(next) = status.after(*event) {
                    table.push_str(&format!("{status} --{event}--> {next} by {}\n", by(*event)));
                }
            }
        }
        assert_eq!(table, include_str!("machine.txt"));
    }

    #[test]
    fn an_operator_tells_the_end_only_of_what_no_provider_tells() {
        use TransferEvent as E;
        assert_eq!(TransferStatus::Sent.actions(Rail::Payos), []);
        assert_eq!(TransferStatus::Unknown.actions(Rail::Payos), [E::Confirm, E::Fail]);
        assert_eq!(TransferStatus::Sent.actions(Rail::BankFile), [E::Confirm, E::Fail]);
        assert_eq!(TransferStatus::Confirmed.actions(Rail::BankFile), [E::Reverse]);
        assert_eq!(TransferStatus::Approved.actions(Rail::Payos), [E::Hold, E::Cancel]);
    }
}
