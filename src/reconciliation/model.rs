use chrono::{DateTime, NaiveDate, Utc};

use crate::kernel::{CreditId, ExceptionId, ReviewId, SettlementFileId, SettlementLineId, TransferId, Vnd};
use crate::payments::providers::ProviderId;
use crate::{refusals, text_enum};

text_enum! {
    /// Where what a provider says of a day came from.
    pub enum SettlementSource {
        File = "file",
        /// Its list, as we asked for it.
        List = "list",
    }
}

text_enum! {
    pub enum FileFormat {
        Csv = "csv",
        Xlsx = "xlsx",
        Json = "json",
    }
}

text_enum! {
    pub enum LineKind {
        Payment = "payment",
        Refund = "refund",
    }
}

text_enum! {
    pub enum ExceptionKind {
        /// The provider has it, and we do not.
        MissingHere = "missing_here",
        /// We have it, and the provider does not.
        MissingThere = "missing_there",
        DifferentAmount = "different_amount",
        /// The provider has it twice.
        Double = "double",
    }
}

text_enum! {
    pub enum ExceptionStatus {
        Open = "open",
        /// One person has proposed what is to be done.
        Proposed = "proposed",
        Resolved = "resolved",
        /// Nothing is to be done.
        Dismissed = "dismissed",
    }
}

text_enum! {
    pub enum ExceptionEvent {
        Propose = "propose",
        Decline = "decline",
        Resolve = "resolve",
        Dismiss = "dismiss",
        /// A later word of the provider, or a later notice, brought it.
        Match = "match",
        /// What had ended it was taken back.
        Reopen = "reopen",
    }
}

impl ExceptionStatus {
    /// The only place where an exception moves: it ends by two people, or because it agrees after all, until
    /// two people take that back.
    pub fn after(self, event: ExceptionEvent) -> Option<ExceptionStatus> {
        match (self, event) {
            (Self::Open, ExceptionEvent::Propose) => Some(Self::Proposed),
            (Self::Proposed, ExceptionEvent::Decline) => Some(Self::Open),
            (Self::Proposed, ExceptionEvent::Resolve) => Some(Self::Resolved),
            (Self::Proposed, ExceptionEvent::Dismiss) => Some(Self::Dismissed),
            (Self::Open | Self::Proposed, ExceptionEvent::Match) => Some(Self::Resolved),
            (Self::Resolved, ExceptionEvent::Reopen) => Some(Self::Open),
            _ => None,
        }
    }

    /// What an operator can do.
    pub fn actions(self) -> Vec<ExceptionEvent> {
        let is_by_hand = |event: &&ExceptionEvent| **event == ExceptionEvent::Propose && self.after(**event).is_some();
        ExceptionEvent::ALL.iter().filter(is_by_hand).copied().collect()
    }

    /// What may still be matched.
    pub fn unended() -> Vec<ExceptionStatus> {
        Self::ALL.iter().copied().filter(|status| status.after(ExceptionEvent::Match).is_some()).collect()
    }
}

refusals! {
    pub enum ReconciliationRefusal {
        FileKnown = 409 "reconciliation.file_known" "Tệp này đã được nhập cho ngày hoặc đơn vị thanh toán khác" "This file was imported for another day or provider",
        ActionNotAllowed = 409 "reconciliation.action_not_allowed" "Việc này không còn làm được ở trạng thái hiện tại" "The current status does not allow this",
        SamePerson = 409 "reconciliation.same_person" "Người duyệt phải khác người đề xuất" "Whoever approves must not be who proposed",
        NotReversible = 409 "reconciliation.not_reversible" "Bút toán loại này được sửa ở nơi đã ghi nó" "A transfer of this kind is corrected where it was made",
        AlreadyProposed = 409 "reconciliation.already_proposed" "Đã có đề xuất cho việc này" "This has been proposed already",
        DoesNotClear = 409 "reconciliation.does_not_clear" "Bút toán phải đưa khoản còn treo ở đơn vị thanh toán về 0" "The postings must leave nothing standing in clearing",
        NotAFile = 415 "reconciliation.not_a_settlement_file" "Chỉ nhận tệp CSV hoặc XLSX" "Only CSV and XLSX files are accepted",
    }
}

/// A movement as a provider tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where it stands.
    pub line: i32,
    pub kind: LineKind,
    /// What may be our reference.
    pub refs: Vec<String>,
    pub transaction: Option<String>,
    pub amount: Vnd,
    pub fee: Vnd,
    pub moved_at: Option<DateTime<Utc>>,
}

/// A movement of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OursId {
    Credit(CreditId),
    Sent(TransferId),
}

impl OursId {
    pub fn parts(self) -> (Option<CreditId>, Option<TransferId>) {
        match self {
            Self::Credit(id) => (Some(id), None),
            Self::Sent(id) => (None, Some(id)),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ours {
    pub id: OursId,
    pub kind: LineKind,
    pub reference: Option<String>,
    /// The numbers by which the provider or a bank may know it.
    pub transactions: Vec<String>,
    pub amount: Vnd,
    /// Whether what the provider says of the day must have it.
    pub is_due: bool,
    /// What people have decided about it: it is not in clearing any more.
    pub decided: Option<Decided>,
}

/// Where people have decided about money before its provider said a word of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// In the review queue, that there was no such money.
    Review(ReviewId),
    /// As an exception, with a correction.
    Exception(ExceptionId),
}

impl Decided {
    pub fn parts(self) -> (Option<ReviewId>, Option<ExceptionId>) {
        match self {
            Self::Review(id) => (Some(id), None),
            Self::Exception(id) => (None, Some(id)),
        }
    }
}

/// What a provider says of a day, as it is kept.
#[derive(Debug, Clone)]
pub struct Statement {
    pub id: SettlementFileId,
    pub provider: ProviderId,
    pub settled_on: NaiveDate,
    pub reads_refunds: bool,
}

/// Where a provider and we do not agree.
#[derive(Debug, Clone)]
pub struct NewException {
    pub id: ExceptionId,
    pub kind: ExceptionKind,
    pub line_id: Option<SettlementLineId>,
    pub ours: Option<OursId>,
    pub ours_vnd: Option<Vnd>,
    pub theirs_vnd: Option<Vnd>,
    /// What was decided about what the line tells now.
    pub after: Option<Decided>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table_of_exceptions() {
        let mut table = String::new();
        for status in ExceptionStatus::ALL {
            for event in ExceptionEvent::ALL {
                let by = if *event == ExceptionEvent::Match { "platform" } else { "operator" };
                if let Some(next) = status.after(*event) {
                    table.push_str(&format!("{status} --{event}--> {next} by {by}\n"));
                }
            }
        }
        assert_eq!(table, include_str!("machine.txt"));
    }
}
