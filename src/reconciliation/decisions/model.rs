use chrono::{DateTime, Utc};
use diesel::prelude::*;
use schema::{money_decision_postings, money_decisions};

use crate::kernel::{AccountId, DecisionId, DecisionPostingId, ExceptionId, ProducerId, TransferId, Vnd};
use crate::ledger::{LedgerAccount, TransferKind};
use crate::payments::providers::ProviderId;
use crate::text_enum;

text_enum! {
    pub enum DecisionKind {
        Correction = "correction",
        /// Takes a transfer back.
        Reversal = "reversal",
        /// An exception of which nothing is to be done.
        Dismissal = "dismissal",
    }
}

text_enum! {
    pub enum DecisionStatus {
        Proposed = "proposed",
        Executed = "executed",
        Declined = "declined",
    }
}

text_enum! {
    pub enum DecisionEvent {
        Approve = "approve",
        Decline = "decline",
    }
}

impl DecisionStatus {
    /// The only place where a decision moves: once.
    pub fn after(self, event: DecisionEvent) -> Option<DecisionStatus> {
        match (self, event) {
            (Self::Proposed, DecisionEvent::Approve) => Some(Self::Executed),
            (Self::Proposed, DecisionEvent::Decline) => Some(Self::Declined),
            (Self::Executed | Self::Declined, _) => None,
        }
    }

    pub fn actions(self) -> Vec<DecisionEvent> {
        DecisionEvent::ALL.iter().copied().filter(|event| self.after(*event).is_some()).collect()
    }
}

text_enum! {
    /// Accounts of which nothing else in the program keeps a sum.
    pub enum CorrectableAccount {
        Clearing = "clearing",
        Bank = "bank",
        Producer = "producer",
        Carriage = "carriage",
        Commission = "commission",
        ProviderFees = "provider_fees",
        Vouchers = "vouchers",
        Province = "province",
        SetAside = "set_aside",
    }
}

impl CorrectableAccount {
    pub fn account(self) -> LedgerAccount {
        match self {
            Self::Clearing => LedgerAccount::Clearing,
            Self::Bank => LedgerAccount::Bank,
            Self::Producer => LedgerAccount::Producer,
            Self::Carriage => LedgerAccount::Carriage,
            Self::Commission => LedgerAccount::Commission,
            Self::ProviderFees => LedgerAccount::ProviderFees,
            Self::Vouchers => LedgerAccount::Vouchers,
            Self::Province => LedgerAccount::Province,
            Self::SetAside => LedgerAccount::SetAside,
        }
    }

    /// Whether each provider has one.
    pub fn is_of_provider(self) -> bool {
        matches!(self, Self::Clearing | Self::ProviderFees | Self::SetAside)
    }
}

/// Whether two people may take such a transfer back. All others are taken back by what has made them.
pub fn is_reversible(kind: TransferKind) -> bool {
    use TransferKind as K;
    matches!(kind, K::Settlement | K::ProviderFee | K::Correction | K::Carriage | K::CarriageShort | K::CarriageBorne)
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = money_decisions)]
pub struct Decision {
    pub id: DecisionId,
    pub kind: DecisionKind,
    pub exception_id: Option<ExceptionId>,
    pub reverses: Option<TransferId>,
    pub reason: String,
    pub status: DecisionStatus,
    pub proposed_by: AccountId,
    pub proposed_at: DateTime<Utc>,
    pub decided_by: Option<AccountId>,
    pub decided_at: Option<DateTime<Utc>>,
    pub note: Option<String>,
    pub version: i32,
}

/// What a correction moves.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = money_decision_postings)]
pub struct Posting {
    pub id: DecisionPostingId,
    pub decision_id: DecisionId,
    pub place: i32,
    pub debit: CorrectableAccount,
    pub credit: CorrectableAccount,
    pub amount_vnd: Vnd,
    pub provider: Option<ProviderId>,
    pub producer_id: Option<ProducerId>,
}

/// What postings take out of a provider's clearing; below zero what they bring into it.
pub fn cleared(postings: &[Posting], provider: ProviderId) -> i64 {
    let own = postings.iter().filter(|posting| posting.provider == Some(provider));
    own.fold(0, |sum: i64, posting| match (posting.debit, posting.credit) {
        (_, CorrectableAccount::Clearing) => sum.saturating_add(posting.amount_vnd.amount()),
        (CorrectableAccount::Clearing, _) => sum.saturating_sub(posting.amount_vnd.amount()),
        _ => sum,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table_of_decisions() {
        let mut table = String::new();
        for status in DecisionStatus::ALL {
            for event in DecisionEvent::ALL {
                if let Some(next) = status.after(*event) {
                    table.push_str(&format!("{status} --{event}--> {next} by operator\n"));
                }
            }
        }
        assert_eq!(table, include_str!("machine.txt"));
    }

    #[test]
    fn a_correctable_account_is_called_as_in_the_books() {
        for account in CorrectableAccount::ALL {
            assert_eq!(account.as_str(), account.account().as_str());
        }
    }

    #[test]
    fn only_what_settlement_corrections_and_ways_have_posted_is_taken_back_by_hand() {
        let reversible: Vec<&str> =
            TransferKind::ALL.iter().filter(|kind| is_reversible(**kind)).map(|kind| kind.as_str()).collect();
        assert_eq!(
            reversible,
            ["carriage", "carriage_short", "carriage_borne", "settlement", "provider_fee", "correction"]
        );
    }
}
