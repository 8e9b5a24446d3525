//! Vouchers, their codes, and what may become of them.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::kernel::input::{FaultCode, Faults, Input};
use crate::kernel::{Error, Result, Vnd};
use crate::{refusals, text_enum};

text_enum! {
    /// Who pays the discount.
    pub enum VoucherPayer {
        Platform = "platform",
        Producer = "producer",
        Province = "province",
    }
}

text_enum! {
    /// What is given: a rate of the goods, an amount off the goods, or the delivery.
    pub enum VoucherKind {
        Percent = "percent",
        Amount = "amount",
        FreeShipping = "free_shipping",
    }
}

text_enum! {
    pub enum VoucherStatus {
        Active = "active",
        Paused = "paused",
        Ended = "ended",
    }
}

text_enum! {
    /// What can happen to a voucher. The text is the verb of its route.
    pub enum VoucherEvent {
        Pause = "pause",
        Resume = "resume",
        End = "end",
    }
}

impl VoucherStatus {
    /// The only place where a status moves.
    pub fn after(self, event: VoucherEvent) -> Option<VoucherStatus> {
        use VoucherEvent::{End, Pause, Resume};
        use VoucherStatus::{Active, Ended, Paused};
        match (self, event) {
            (Active, Pause) => Some(Paused),
            (Paused, Resume) => Some(Active),
            (Active | Paused, End) => Some(Ended),
            _ => None,
        }
    }

    pub fn actions(self) -> Vec<VoucherEvent> {
        VoucherEvent::ALL.iter().copied().filter(|event| self.after(*event).is_some()).collect()
    }

    /// The status after the event, or the refusal with what is allowed instead.
    pub fn moved(self, event: VoucherEvent) -> Result<VoucherStatus> {
        self.after(event).ok_or_else(|| self.refusal())
    }

    pub fn refusal(self) -> Error {
        Error::from(VoucherRefusal::ActionNotAllowed)
            .with("current_status", self.as_str())
            .with("allowed_actions", json!(self.actions()))
    }
}

refusals! {
    /// Why a voucher cannot be made or changed.
    pub enum VoucherRefusal {
        CodeTaken = 409 "vouchers.code_taken" "Mã này đã có, hãy chọn mã khác" "The code is taken, choose another",
        ActionNotAllowed = 409 "vouchers.action_not_allowed" "Trạng thái của mã giảm giá không cho phép thao tác này" "The voucher's status does not allow this action",
    }
}

refusals! {
    /// Why a checkout cannot have a voucher. A code that nobody made, and one of a producer of whom nothing is in the
    /// cart, are answered alike, so that codes cannot be found by trying.
    pub enum UseRefusal {
        Unknown = 409 "vouchers.unknown" "Mã giảm giá không đúng hoặc không dùng được cho giỏ hàng này" "The code is wrong or not for this cart",
        NotYetValid = 409 "vouchers.not_yet_valid" "Mã giảm giá chưa đến ngày dùng" "The voucher is not valid yet",
        Paused = 409 "vouchers.paused" "Mã giảm giá đang tạm ngừng" "The voucher is paused",
        Ended = 409 "vouchers.ended" "Mã giảm giá đã kết thúc" "The voucher has ended",
        UsedUp = 409 "vouchers.used_up" "Mã giảm giá đã hết lượt hoặc hết ngân sách" "The voucher is used up",
        BuyerLimit = 409 "vouchers.buyer_limit" "Bạn đã dùng hết số lượt của mã giảm giá này" "You have used this voucher as often as you may",
        MinimumNotReached = 409 "vouchers.minimum_not_reached" "Tiền hàng được tính chưa đạt mức tối thiểu của mã giảm giá; rượu không được tính" "The goods that count do not reach the voucher's minimum; spirits do not count",
        NothingApplies = 409 "vouchers.nothing_applies" "Không có mặt hàng nào trong giỏ được áp dụng mã giảm giá; rượu không được khuyến mại" "The voucher applies to nothing in the cart; spirits may not be promoted",
        OnePerCheckout = 409 "vouchers.one_per_checkout" "Mỗi lần mua chỉ dùng một mã giảm giá" "A purchase takes one voucher",
    }
}

/// Crockford's symbols: no I, L, O, U.
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_MIN: usize = 6;
const CODE_MAX: usize = 16;
/// Producers that one voucher may name; the database says the same.
pub const PRODUCERS_MAX: usize = 20;
/// With what people type between the symbols.
const TYPED_MAX: usize = 40;
/// Symbols of a code that the platform makes: 50 bits.
const MADE_LENGTH: u32 = 10;

/// A voucher's code as it is compared: upper case, without spaces and hyphens, I and L read as 1, O as 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, example = "TET2027HG", min_length = 6, max_length = 40, pattern = "^[ -]*([0-9A-TV-Za-tv-z][ -]*){6,16}$")]
#[serde(transparent)]
pub struct VoucherCode(String);

impl VoucherCode {
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > TYPED_MAX {
            return None;
        }
        let mut code = String::new();
        for typed in text.chars().filter(|typed| !matches!(typed, ' ' | '-')) {
            let symbol = match typed.to_ascii_uppercase() {
                'I' | 'L' => '1',
                'O' => '0',
                other => other,
            };
            if !symbol.is_ascii() || !SYMBOLS.iter().any(|known| char::from(*known) == symbol) {
                return None;
            }
            code.push(symbol);
        }
        (CODE_MIN..=CODE_MAX).contains(&code.len()).then_some(Self(code))
    }

    /// From the random half of a fresh id; the database refuses a double.
    pub fn made(id: Uuid) -> Self {
        let bits = id.as_u128();
        let symbol = |place: u32| {
            let index = usize::try_from((bits >> place.saturating_mul(5)) & 31).unwrap_or(0);
            char::from(SYMBOLS.get(index).copied().unwrap_or(b'0'))
        };
        Self((0..MADE_LENGTH).map(symbol).collect())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Input for VoucherCode {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        let code = value.as_str().and_then(Self::parse);
        if code.is_none() {
            at.add(FaultCode::Malformed, "6–16 × 0–9, A–Z, − U");
        }
        code
    }
}

/// Money of a voucher: 1 đồng to 100 billion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = i64, minimum = 1, maximum = 100_000_000_000_i64, example = 50_000)]
#[serde(transparent)]
pub struct VoucherAmount(Vnd);

impl VoucherAmount {
    pub fn vnd(self) -> Vnd {
        self.0
    }
}

impl Input for VoucherAmount {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        let amount = i64::read(value, at)?;
        match Vnd::new(amount) {
            Some(vnd) if amount >= 1 => Some(Self(vnd)),
            _ => {
                at.add(FaultCode::OutOfRange, &format!("1–{}", Vnd::MAX));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The whole machine: everything that is not here is refused.
    const TABLE: &str = include_str!("machine.txt");

    #[test]
    fn the_whole_table_of_statuses() {
        let mut table = String::new();
        for status in VoucherStatus::ALL {
            for event in VoucherEvent::ALL {
                if let Some(next) = status.after(*event) {
                    table.push_str(&format!("{status} --{event}--> {next} by producer, operator\n"));
                }
            }
        }
        assert_eq!(table, TABLE);
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let read = |text: &str| VoucherCode::parse(text).map(|code| code.0);
        for typed in ["TET-2027-HG", "tet 2027 hg", " tet2027hg ", "TeT--2O27-hg"] {
            assert_eq!(read(typed), Some("TET2027HG".to_owned()), "{typed}");
        }
        assert_eq!(read("lIoO1l"), Some("110011".to_owned()));
        for typed in
            ["", "ABCDE", "A-B-C-D-E", "ABCDEU", "ABCDEFGHJKMNPQRST", "ABCDEÉ", "ABCDE\n", "ABC_DEF", "ＡＢＣＤＥＦ"]
        {
            assert_eq!(read(typed), None, "{typed:?}");
        }
        assert_eq!(read(&format!("ABCDEF{}", "-".repeat(35))), None);
    }

    proptest! {
        #[test]
        fn a_made_code_is_one(id in any::<u128>()) {
            let code = VoucherCode::made(Uuid::from_u128(id));
            prop_assert_eq!(VoucherCode::parse(code.as_str()), Some(code));
        }
    }
}
