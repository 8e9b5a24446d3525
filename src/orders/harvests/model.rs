use chrono::{NaiveDate, TimeDelta};

use crate::kernel::Tx;
use crate::kernel::input::{Fault, FaultCode};
use crate::kernel::time::vietnam_day;
use crate::{refusals, text_enum};

/// How far ahead a harvest is planned.
const AHEAD_MAX: TimeDelta = TimeDelta::days(366);

text_enum! {
    pub enum HarvestStatus {
        /// Can be ordered on its days.
        Open = "open",
        /// No more orders; the harvest is awaited.
        Closed = "closed",
        Harvested = "harvested",
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// Who gets what when the harvest is smaller than what was bought of it.
    pub enum ShortfallRule {
        /// Who paid first gets everything, as long as there is something.
        FirstPaid = "first_paid",
        /// Everybody gets the same share of what was bought, in whole sale units.
        ProRata = "pro_rata",
    }
}

text_enum! {
    /// What can happen to a harvest: the last part of the route by which its producer does it.
    pub enum HarvestAction {
        Close = "close",
        Declare = "declare",
        Cancel = "cancel",
    }
}

impl HarvestStatus {
    /// The only place where a harvest moves.
    pub fn after(self, action: HarvestAction) -> Option<HarvestStatus> {
        match (self, action) {
            (Self::Open, HarvestAction::Close) => Some(Self::Closed),
            (Self::Open | Self::Closed, HarvestAction::Declare) => Some(Self::Harvested),
            (Self::Open | Self::Closed, HarvestAction::Cancel) => Some(Self::Cancelled),
            _ => None,
        }
    }

    pub fn actions(self) -> Vec<HarvestAction> {
        HarvestAction::ALL.iter().copied().filter(|action| self.after(*action).is_some()).collect()
    }
}

refusals! {
    pub enum HarvestRefusal {
        NotOpen = 409 "orders.harvest_not_open" "Vụ thu hoạch này hiện không nhận đặt trước" "This harvest takes no orders now",
        Mixed = 409 "orders.harvest_mixed" "Hàng của một vụ thu hoạch phải đặt riêng, không cùng hàng khác của cùng nhà sản xuất" "Goods of a harvest are ordered apart from other goods of the same producer",
        StillHeld = 409 "orders.harvest_still_held" "Còn lượt mua chưa thanh toán đang giữ hàng của vụ này: hãy ngừng nhận đặt trước rồi thử lại sau ít phút" "Unpaid checkouts still hold goods of this harvest: close it to new orders, then try again in a few minutes",
        ActionNotAllowed = 409 "orders.harvest_action_not_allowed" "Trạng thái của vụ thu hoạch không cho phép thao tác này" "The harvest's status does not allow this",
    }
}

/// From one day to another, both included.
#[derive(Debug, Clone, Copy)]
pub struct Days {
    pub from: NaiveDate,
    pub until: NaiveDate,
}

/// When a harvest is ordered, brought in and sent, all days in Vietnam.
#[derive(Debug, Clone, Copy)]
pub struct Calendar {
    pub orders: Days,
    pub harvest: Days,
    pub ships: Days,
}

impl Calendar {
    /// Every day that is wrong.
    pub fn faults(&self, tx: &Tx<'_>) -> Vec<Fault> {
        let today = vietnam_day(tx.now);
        let last = today.checked_add_signed(AHEAD_MAX).unwrap_or(today);
        let Self { orders, harvest, ships } = self;
        let mut faults = Vec::new();
        let mut check = |field: &str, day: NaiveDate, first: NaiveDate, last: NaiveDate| {
            if !(first..=last).contains(&day) {
                let (pointer, expected) = (format!("/{field}"), format!("{first}–{last}"));
                faults.push(Fault { pointer, code: FaultCode::OutOfRange, expected });
            }
        };
        check("orders_from", orders.from, today, last);
        check("orders_until", orders.until, orders.from, harvest.until);
        check("harvest_from", harvest.from, today, last);
        check("harvest_until", harvest.until, harvest.from, last);
        check("ships_from", ships.from, harvest.from, last);
        check("ships_until", ships.until, ships.from.max(harvest.until), last);
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table_of_harvests() {
        let mut table = String::new();
        for status in HarvestStatus::ALL {
            for action in HarvestAction::ALL {
                // One that nobody declares ends by itself.
                let by = if *action == HarvestAction::Cancel { "producer, platform" } else { "producer" };
                if let Some(next) = status.after(*action) {
                    table.push_str(&format!("{status} --{action}--> {next} by {by}\n"));
                }
            }
        }
        assert_eq!(table, include_str!("machine.txt"));
    }
}
