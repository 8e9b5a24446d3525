use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use schema::lots;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::kernel::input::{Fault, FaultCode, Faults, Input};
use crate::kernel::{Audience, Error, LotId, ProducerId, ProductId, Result, Role, Tx};
use crate::places::{CommuneCode, PlaceInput};
use crate::{refusals, text_enum};

/// How long a day may be given ahead: nothing keeps longer.
const KEEPS_DAYS_MAX: i64 = 20 * 365;

text_enum! {
    pub enum LotStatus {
        Open = "open",
        /// Takes no more goods; what comes back to it can be sold.
        Closed = "closed",
        Expired = "expired",
        Recalled = "recalled",
    }
}

text_enum! {
    /// What can happen to a lot. The text is the last part of the route.
    pub enum LotEvent {
        Edit = "edit",
        Close = "close",
        Recall = "recall",
        Expire = "expire",
    }
}

impl LotStatus {
    /// The only place where a lot's status moves. New dates can bring an expired lot back.
    pub fn after(self, event: LotEvent) -> Option<LotStatus> {
        use LotEvent as E;
        use LotStatus::{Closed, Expired, Open, Recalled};
        match (self, event) {
            (Open | Closed, E::Edit) => Some(self),
            (Expired, E::Edit) => Some(Open),
            (Open, E::Close) => Some(Closed),
            (Open | Closed, E::Expire) => Some(Expired),
            (Open | Closed | Expired, E::Recall) => Some(Recalled),
            _ => None,
        }
    }

    /// What one keeper can do now.
    pub fn actions(self, keeper: Keeper) -> Vec<LotEvent> {
        let may = |event: &LotEvent| event.keepers().contains(&keeper) && self.after(*event).is_some();
        LotEvent::ALL.iter().copied().filter(may).collect()
    }
}

/// Who does something with a lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeper {
    /// Whose goods they are.
    Producer,
    Operator,
    /// The calendar.
    Platform,
}

impl Keeper {
    pub fn of(tx: &Tx<'_>) -> Keeper {
        match tx.who.role {
            Role::Holder(Audience::Operator) => Self::Operator,
            Role::Platform => Self::Platform,
            _ => Self::Producer,
        }
    }
}

impl LotEvent {
    fn keepers(self) -> &'static [Keeper] {
        match self {
            Self::Edit | Self::Close => &[Keeper::Producer],
            Self::Recall => &[Keeper::Producer, Keeper::Operator],
            Self::Expire => &[Keeper::Platform],
        }
    }
}

refusals! {
    /// Why something is not done with a lot.
    pub enum LotRefusal {
        CodeTaken = 409 "stock.lot_code_taken" "Mã lô này đã dùng cho một lô khác của bạn" "Another lot of yours has this code",
        Differs = 409 "stock.lot_differs" "Lô có mã này thuộc sản phẩm khác hoặc mang ngày khác" "The lot with this code is of another product or has other dates",
        NotOpen = 409 "stock.lot_not_open" "Lô này không nhận thêm hàng" "This lot takes no more goods",
        NotEmpty = 409 "stock.lot_not_empty" "Lô vẫn còn hàng nên chưa đóng được" "The lot still has goods, so it cannot be closed",
        Sold = 409 "stock.lot_sold" "Hàng của lô đã bán hoặc đang giữ cho người mua nên không sửa được" "Goods of the lot are sold or held, so it cannot be changed",
        ActionNotAllowed = 409 "stock.lot_action_not_allowed" "Trạng thái của lô không cho phép thao tác này" "The lot's status does not allow this action",
    }
}

/// A lot's code as printed on its label: 1 to 40 capitals, digits and `. / _ -`. Small letters are read as capitals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, example = "MO-2026-11/3", min_length = 1, max_length = 40, pattern = "^[A-Za-z0-9][A-Za-z0-9./_-]{0,39}$")]
#[serde(transparent)]
pub struct LotCode(String);

impl LotCode {
    const LENGTH_MAX: usize = 40;

    pub fn parse(text: &str) -> Option<Self> {
        let is_mark = |b: u8| b.is_ascii_alphanumeric() || b"./_-".contains(&b);
        let is_code = text.len() <= Self::LENGTH_MAX
            && text.bytes().all(is_mark)
            && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        is_code.then(|| Self(text.to_ascii_uppercase()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Input for LotCode {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        let code = value.as_str().and_then(Self::parse);
        if code.is_none() {
            at.add(FaultCode::Malformed, "1–40: A–Z 0–9 . / _ -");
        }
        code
    }
}

crate::input! {
    /// What is known of a lot: harvested first, packed afterwards, and for sale until its last day.
    pub struct NewLot {
        pub code: LotCode,
        pub harvested_on: NaiveDate,
        pub packed_on: Option<NaiveDate>,
        /// The last day on which it may be sold; absent for what keeps without end.
        pub expires_on: Option<NaiveDate>,
        /// Where it comes from, if not from where its product does.
        pub origin: Option<PlaceInput>,
    }
}

/// The days of a lot that has some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    pub harvested_on: NaiveDate,
    pub packed_on: Option<NaiveDate>,
    pub expires_on: Option<NaiveDate>,
}

impl Days {
    /// Every day that is wrong, on this day and below this place of the body.
    pub fn faults(self, today: NaiveDate, below: &str) -> Vec<Fault> {
        let Self { harvested_on, packed_on, expires_on } = self;
        let last = today.checked_add_signed(chrono::TimeDelta::days(KEEPS_DAYS_MAX)).unwrap_or(today);
        let begun = packed_on.unwrap_or(harvested_on);
        let mut faults = Vec::new();
        let mut check = |field: &str, day: NaiveDate, first: NaiveDate, last: NaiveDate| {
            if !(first..=last).contains(&day) {
                let (pointer, expected) = (format!("{below}/{field}"), format!("{first}–{last}"));
                faults.push(Fault { pointer, code: FaultCode::OutOfRange, expected });
            }
        };
        check("harvested_on", harvested_on, NaiveDate::MIN, today);
        if let Some(day) = packed_on {
            check("packed_on", day, harvested_on, today);
        }
        if let Some(day) = expires_on {
            check("expires_on", day, begun.max(today), last);
        }
        faults
    }
}

#[derive(Debug, Clone, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = lots)]
pub struct Lot {
    pub id: LotId,
    pub producer_id: ProducerId,
    pub product_id: ProductId,
    pub code: Option<String>,
    pub harvested_on: Option<NaiveDate>,
    pub packed_on: Option<NaiveDate>,
    pub expires_on: Option<NaiveDate>,
    pub origin_commune_code: Option<CommuneCode>,
    pub status: LotStatus,
    pub status_reason: Option<String>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Lot {
    /// Of goods without dates nothing can be said or done but how many there are.
    pub fn is_undated(&self) -> bool {
        self.code.is_none()
    }

    pub fn actions(&self, keeper: Keeper) -> Vec<LotEvent> {
        if self.is_undated() { Vec::new() } else { self.status.actions(keeper) }
    }

    /// The status after the event, or the refusal with what is allowed instead.
    pub fn moved(&self, keeper: Keeper, event: LotEvent) -> Result<LotStatus> {
        let next = self.status.after(event).filter(|_| !self.is_undated());
        next.ok_or_else(|| {
            Error::from(LotRefusal::ActionNotAllowed)
                .with("current_status", self.status.as_str())
                .with("allowed_actions", json!(self.actions(keeper)))
        })
    }

    /// Goods are added only to an open lot whose last day is not over.
    pub fn must_take_goods(&self, today: NaiveDate) -> Result<()> {
        let is_over = self.expires_on.is_some_and(|day| day < today);
        if self.status == LotStatus::Open && !is_over {
            return Ok(());
        }
        let status = if is_over { LotStatus::Expired } else { self.status };
        Err(Error::from(LotRefusal::NotOpen).with("current_status", status.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole machine: everything that is not here is refused.
    const TABLE: &str = include_str!("machine.txt");

    #[test]
    fn the_lot_machine_is_exactly_this_table() {
        let mut table = String::new();
        for status in LotStatus::ALL {
            for event in LotEvent::ALL {
                if let Some(next) = status.after(*event) {
                    let by: Vec<String> = event.keepers().iter().map(|k| format!("{k:?}").to_lowercase()).collect();
                    table.push_str(&format!("{status} --{event}--> {next} by {}\n", by.join(", ")));
                }
            }
        }
        assert_eq!(table, TABLE);
    }

    #[test]
    fn a_code_is_what_fits_on_a_label() {
        assert_eq!(LotCode::parse("mo-2026.11/3_a").unwrap().as_str(), "MO-2026.11/3_A");
        assert!(LotCode::parse(&"A".repeat(40)).is_some());
        for text in ["", "-A", "A B", "Ô1", "A\n", &"A".repeat(41)] {
            assert_eq!(LotCode::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn every_day_that_is_wrong_is_named() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let faults = |harvested: &str, packed: Option<&str>, expires: Option<&str>| {
            let days = Days { harvested_on: day(harvested), packed_on: packed.map(day), expires_on: expires.map(day) };
            let found = days.faults(day("2026-11-25"), "/lot");
            found.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(faults("2026-11-25", Some("2026-11-25"), Some("2026-11-25")), "");
        assert_eq!(faults("2026-11-20", None, None), "");
        assert_eq!(faults("2026-11-26", None, None), "/lot/harvested_on");
        assert_eq!(faults("2026-11-20", Some("2026-11-19"), Some("2026-11-24")), "/lot/packed_on /lot/expires_on");
        assert_eq!(faults("2026-11-20", Some("2026-11-26"), Some("2060-01-01")), "/lot/packed_on /lot/expires_on");
    }
}
