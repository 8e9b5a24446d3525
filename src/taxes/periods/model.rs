//! Months of tax, payments of it, and what may become of them.

use serde_json::json;

use crate::kernel::{Error, Result};
use crate::taxes::model::TaxRefusal;
use crate::text_enum;

text_enum! {
    pub enum PeriodStatus {
        Open = "open",
        /// Its sums are frozen.
        Locked = "locked",
        Declared = "declared",
        Paid = "paid",
        /// A difference was found and is to be declared.
        Amended = "amended",
    }
}

text_enum! {
    /// What can happen to a month. The text is the name of the action.
    pub enum PeriodEvent {
        /// The month is over.
        Lock = "lock",
        Declare = "declare",
        Pay = "pay",
        Amend = "amend",
    }
}

impl PeriodStatus {
    /// The only place where a status moves.
    pub fn after(self, event: PeriodEvent) -> Option<PeriodStatus> {
        use PeriodEvent::{Amend, Declare, Lock, Pay};
        use PeriodStatus::{Amended, Declared, Locked, Open, Paid};
        match (self, event) {
            (Open, Lock) => Some(Locked),
            (Locked | Amended, Declare) => Some(Declared),
            (Declared, Pay) => Some(Paid),
            (Paid, Amend) => Some(Amended),
            _ => None,
        }
    }

    /// What the operator may do. Payments are proposed and approved by themselves.
    pub fn actions(self) -> Vec<PeriodEvent> {
        let fits = |event: &&PeriodEvent| **event != PeriodEvent::Lock && self.after(**event).is_some();
        PeriodEvent::ALL.iter().filter(fits).copied().collect()
    }

    /// The status after the event, or the refusal with what is allowed instead.
    pub fn moved(self, event: PeriodEvent) -> Result<PeriodStatus> {
        self.after(event).ok_or_else(|| {
            let refusal = Error::from(TaxRefusal::ActionNotAllowed).with("current_status", self.as_str());
            refusal.with("allowed_actions", json!(self.actions()))
        })
    }
}

text_enum! {
    /// How a payment to the state stands.
    pub enum TaxPaymentStatus {
        /// Waits for a second person.
        Proposed = "proposed",
        Approved = "approved",
        Rejected = "rejected",
    }
}

text_enum! {
    pub enum TaxPaymentEvent {
        Approve = "approve",
        Reject = "reject",
    }
}

impl TaxPaymentStatus {
    /// The only place where a status moves.
    pub fn after(self, event: TaxPaymentEvent) -> Option<TaxPaymentStatus> {
        match (self, event) {
            (Self::Proposed, TaxPaymentEvent::Approve) => Some(Self::Approved),
            (Self::Proposed, TaxPaymentEvent::Reject) => Some(Self::Rejected),
            _ => None,
        }
    }

    pub fn actions(self) -> Vec<TaxPaymentEvent> {
        TaxPaymentEvent::ALL.iter().filter(|event| self.after(**event).is_some()).copied().collect()
    }

    pub fn moved(self, event: TaxPaymentEvent) -> Result<TaxPaymentStatus> {
        self.after(event).ok_or_else(|| {
            let refusal = Error::from(TaxRefusal::ActionNotAllowed).with("current_status", self.as_str());
            refusal.with("allowed_actions", json!(self.actions()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table_of_months() {
        let mut table = String::new();
        for status in PeriodStatus::ALL {
            for event in PeriodEvent::ALL {
                if let Some(next) = status.after(*event) {
                    let by = if *event == PeriodEvent::Lock { "clock" } else { "operator" };
                    table.push_str(&format!("{status} --{event}--> {next} by {by}\n"));
                }
            }
        }
        assert_eq!(table, include_str!("period_machine.txt"));
    }

    #[test]
    fn the_whole_table_of_payments() {
        let mut table = String::new();
        for status in TaxPaymentStatus::ALL {
            for event in TaxPaymentEvent::ALL {
                if let Some(next) = status.after(*event) {
                    table.push_str(&format!("{status} --{event}--> {next} by operator\n"));
                }
            }
        }
        assert_eq!(table, include_str!("tax_payment_machine.txt"));
    }
}
