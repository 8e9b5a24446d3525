use chrono::TimeDelta;

use crate::{refusals, text_enum};

/// How long a producer has to answer a claim.
const ANSWERED_WITHIN: TimeDelta = TimeDelta::hours(48);
/// How long a buyer has to decide on an offer.
const OFFER_DECIDED_WITHIN: TimeDelta = TimeDelta::hours(48);
/// How long the operator shall take.
const REVIEWED_WITHIN: TimeDelta = TimeDelta::hours(72);

refusals! {
    pub enum ClaimRefusal {
        WindowClosed = 409 "claims.window_closed" "Đã hết thời hạn yêu cầu xử lý cho đơn hàng này" "The time to claim for this order has passed",
        NothingPaid = 409 "claims.nothing_paid" "Phần hàng này không có khoản tiền nào để hoàn" "Nothing was paid for these goods that could be paid back",
        IllegalAction = 409 "claims.illegal_action" "Không thể làm việc này ở bước hiện tại của yêu cầu" "The claim's status does not allow this",
    }
}

text_enum! {
    /// What is wrong with the goods.
    pub enum ClaimKind {
        Damaged = "damaged",
        Spoiled = "spoiled",
        WrongGoods = "wrong_goods",
        Missing = "missing",
        Underweight = "underweight",
        Unsafe = "unsafe",
        Other = "other",
    }
}

impl ClaimKind {
    /// What can be seen is shown.
    pub fn needs_photo(self) -> bool {
        matches!(self, Self::Damaged | Self::Spoiled | Self::WrongGoods)
    }
}

text_enum! {
    /// What the buyer would like best.
    pub enum ClaimWish {
        Refund = "refund",
        Return = "return",
    }
}

text_enum! {
    pub enum ClaimStatus {
        /// The producer must answer.
        Open = "open",
        /// The buyer must decide on less than was claimed.
        Offered = "offered",
        /// The operator must decide.
        InReview = "in_review",
        /// The goods are to come back before the money does.
        Returning = "returning",
        /// The parties agreed.
        Settled = "settled",
        /// The operator decided.
        Decided = "decided",
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// What can happen to a claim. The names of what people do are the verbs of its routes.
    pub enum ClaimEvent {
        Open = "open",
        Accept = "accept",
        Offer = "offer",
        AcceptOffer = "accept-offer",
        RejectOffer = "reject-offer",
        AskReturn = "ask-return",
        /// The producer has the goods of the order again.
        ReceiveReturn = "receive-return",
        Contest = "contest",
        /// Nobody answered, or decided, in time.
        TimeOut = "time-out",
        Withdraw = "withdraw",
        Decide = "decide",
    }
}

/// Who acts on a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    Buyer,
    Producer,
    Operator,
    /// Deadlines, and what the order's own moves lead to.
    Platform,
}

impl ClaimStatus {
    /// The only place where a claim's status moves.
    pub fn after(self, party: Party, event: ClaimEvent) -> Option<ClaimStatus> {
        use ClaimEvent as E;
        use ClaimStatus::{Decided, InReview, Offered, Open, Returning, Settled, Withdrawn};
        use Party::{Buyer, Operator, Platform, Producer};
        match (self, party, event) {
            (Open, Producer, E::Accept)
            | (Offered, Buyer, E::AcceptOffer)
            | (Returning, Platform, E::ReceiveReturn) => Some(Settled),
            (Open, Producer, E::Offer) => Some(Offered),
            (Open, Producer, E::AskReturn) => Some(Returning),
            (Open, Producer, E::Contest)
            | (Offered, Buyer, E::RejectOffer)
            | (Open | Offered, Platform, E::TimeOut) => Some(InReview),
            (Open | Offered | InReview, Buyer, E::Withdraw) => Some(Withdrawn),
            (InReview, Operator, E::Decide) => Some(Decided),
            _ => None,
        }
    }

    /// What one party can do now. What does not keep is never sent back.
    pub fn actions(self, party: Party, keeps: bool) -> Vec<ClaimEvent> {
        ClaimEvent::ALL
            .iter()
            .copied()
            .filter(|event| self.after(party, *event).is_some() && (keeps || *event != ClaimEvent::AskReturn))
            .collect()
    }

    /// How long whoever must act now has.
    pub fn lasts(self) -> Option<TimeDelta> {
        match self {
            Self::Open => Some(ANSWERED_WITHIN),
            Self::Offered => Some(OFFER_DECIDED_WITHIN),
            Self::InReview => Some(REVIEWED_WITHIN),
            Self::Returning | Self::Settled | Self::Decided | Self::Withdrawn => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = include_str!("machine.txt");
    const PARTIES: [Party; 4] = [Party::Buyer, Party::Producer, Party::Operator, Party::Platform];

    /// Every (status, event, party) that is not here is refused.
    #[test]
    fn the_claim_machine_is_exactly_this_table() {
        let mut table = String::new();
        for status in ClaimStatus::ALL {
            for party in PARTIES {
                for event in ClaimEvent::ALL {
                    if let Some(next) = status.after(party, *event) {
                        table.push_str(&format!("{status} --{event}--> {next} by {party:?}\n").to_lowercase());
                    }
                }
            }
        }
        assert_eq!(table, TABLE);
    }

    #[test]
    fn what_does_not_keep_is_never_asked_back() {
        for status in ClaimStatus::ALL {
            for party in PARTIES {
                assert!(!status.actions(party, false).contains(&ClaimEvent::AskReturn), "{status} {party:?}");
            }
        }
        assert!(ClaimStatus::Open.actions(Party::Producer, true).contains(&ClaimEvent::AskReturn));
    }

    #[test]
    fn who_waits_for_the_platform_has_a_deadline_that_it_knows() {
        for status in ClaimStatus::ALL {
            let ends_by_itself = status.after(Party::Platform, ClaimEvent::TimeOut).is_some();
            assert!(!ends_by_itself || status.lasts().is_some(), "{status}");
        }
    }
}
