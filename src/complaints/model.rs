use crate::{refusals, text_enum};

/// Written answers of one complaint.
pub const ANSWERS_MAX: i32 = 50;
/// Working days after receipt within which a complaint is acknowledged (article 31).
const ACKNOWLEDGED_WITHIN: u32 = 3;
/// Working days after receipt within which negotiation begins or a refusal is written (article 57).
const NEGOTIATED_WITHIN: u32 = 7;
/// Working days after negotiation began within which it comes to a result.
const SETTLED_WITHIN: u32 = 7;
/// Working days within which the authority gets the result (article 57).
const REPORTED_WITHIN: u32 = 5;

refusals! {
    pub enum ComplaintRefusal {
        AlreadyOpen = 409 "complaints.already_open" "Đơn hàng này đang có khiếu nại cùng loại" "A complaint of this kind about this order is open already",
        IllegalAction = 409 "complaints.illegal_action" "Không thể làm việc này ở bước hiện tại của khiếu nại" "The complaint's status does not allow this",
        MayNotBeReferred = 409 "complaints.may_not_be_referred" "Khiếu nại của người tiêu dùng dễ bị tổn thương không được chuyển cho bên thứ ba" "The complaint of a vulnerable consumer may not be handed to a third party",
        TooManyAnswers = 409 "complaints.too_many_answers" "Khiếu nại này đã có quá nhiều ý kiến" "This complaint has too many answers",
    }
}

text_enum! {
    /// What it is about.
    pub enum ComplaintKind {
        NotDelivered = "not_delivered",
        Damaged = "damaged",
        WrongGoods = "wrong_goods",
        Quality = "quality",
        Quantity = "quantity",
        MisleadingInformation = "misleading_information",
        Refund = "refund",
        Conduct = "conduct",
        Other = "other",
    }
}

text_enum! {
    /// Why a consumer is vulnerable (Law 19/2023, article 8).
    pub enum VulnerableReason {
        Elderly = "elderly",
        Disabled = "disabled",
        Child = "child",
        EthnicMinority = "ethnic_minority",
        MountainOrPoorArea = "mountain_or_poor_area",
        PregnantOrNursing = "pregnant_or_nursing",
        SeriousIllness = "serious_illness",
        PoorHousehold = "poor_household",
    }
}

text_enum! {
    pub enum ComplaintStatus {
        Received = "received",
        Acknowledged = "acknowledged",
        Negotiating = "negotiating",
        Settled = "settled",
        Refused = "refused",
        /// Before the authority.
        Escalated = "escalated",
        Closed = "closed",
    }
}

text_enum! {
    /// What can happen to a complaint. The text is the verb of its route.
    pub enum ComplaintEvent {
        Open = "open",
        Acknowledge = "acknowledge",
        Negotiate = "negotiate",
        /// A written answer; the status stays.
        Answer = "answer",
        /// Handed to a third party that has to do with it: a carrier, a mediator.
        Refer = "refer",
        Settle = "settle",
        Refuse = "refuse",
        Escalate = "escalate",
        Withdraw = "withdraw",
        Close = "close",
    }
}

/// Who acts on a complaint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    Buyer,
    Producer,
    Operator,
}

impl ComplaintStatus {
    /// The only place where a complaint's status moves.
    pub fn after(self, party: Party, event: ComplaintEvent) -> Option<ComplaintStatus> {
        use ComplaintEvent as E;
        use ComplaintStatus::{Acknowledged, Closed, Escalated, Negotiating, Received, Refused, Settled};
        use Party::{Buyer, Operator, Producer};
        match (self, party, event) {
            (Received, Operator, E::Acknowledge) => Some(Acknowledged),
            (Acknowledged, Operator, E::Negotiate) => Some(Negotiating),
            (Received | Acknowledged | Negotiating, Buyer, E::Answer)
            | (Acknowledged | Negotiating, Operator, E::Answer | E::Refer)
            | (Negotiating, Producer, E::Answer) => Some(self),
            (Negotiating, Buyer | Operator, E::Settle) => Some(Settled),
            (Received | Acknowledged | Negotiating, Operator, E::Refuse) => Some(Refused),
            (Received | Acknowledged | Negotiating | Settled | Refused, Buyer, E::Escalate) => Some(Escalated),
            (Received | Acknowledged | Negotiating, Buyer, E::Withdraw) => Some(Closed),
            (Escalated, Operator, E::Close) => Some(Closed),
            _ => None,
        }
    }

    pub fn actions(self, party: Party) -> Vec<ComplaintEvent> {
        ComplaintEvent::ALL.iter().copied().filter(|event| self.after(party, *event).is_some()).collect()
    }

    pub fn is_open(self) -> bool {
        matches!(self, Self::Received | Self::Acknowledged | Self::Negotiating | Self::Escalated)
    }

    /// The clock of a step that begins: from which day so many working days count.
    pub fn clock(self) -> Option<Clock> {
        match self {
            Self::Received => Some(Clock { begins: Begins::WithReceipt, working_days: ACKNOWLEDGED_WITHIN }),
            Self::Acknowledged => Some(Clock { begins: Begins::WithReceipt, working_days: NEGOTIATED_WITHIN }),
            Self::Negotiating => Some(Clock { begins: Begins::WithStep, working_days: SETTLED_WITHIN }),
            Self::Escalated => Some(Clock { begins: Begins::WithStep, working_days: REPORTED_WITHIN }),
            Self::Settled | Self::Refused | Self::Closed => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    WithReceipt,
    WithStep,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    pub begins: Begins,
    pub working_days: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole machine, buyer then producer then operator: everything that is not here is refused.
    const TABLE: &str = include_str!("machine.txt");

    #[test]
    fn the_complaint_machine_is_exactly_this_table() {
        let mut table = String::new();
        for status in ComplaintStatus::ALL {
            for party in [Party::Buyer, Party::Producer, Party::Operator] {
                for event in ComplaintEvent::ALL {
                    if let Some(next) = status.after(party, *event) {
                        table.push_str(&format!("{status} --{event}--> {next} by {party:?}\n").to_lowercase());
                    }
                }
            }
        }
        assert_eq!(table, TABLE);
    }

    #[test]
    fn what_is_open_has_a_clock_and_nothing_else_has() {
        for status in ComplaintStatus::ALL {
            assert_eq!(status.clock().is_some(), status.is_open(), "{status}");
        }
    }
}
