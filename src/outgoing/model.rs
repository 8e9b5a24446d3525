//! The switch, and what is refused.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use schema::outgoing_switch;

use crate::kernel::AccountId;
use crate::refusals;

refusals! {
    pub enum OutgoingRefusal {
        Stopped = 409 "outgoing.stopped" "Mọi khoản chuyển tiền đi đang tạm dừng" "All outgoing money is stopped",
        AlreadyStopped = 409 "outgoing.already_stopped" "Các khoản chuyển tiền đi đã được tạm dừng" "Outgoing money is stopped already",
        NotStopped = 409 "outgoing.not_stopped" "Các khoản chuyển tiền đi không bị tạm dừng" "Outgoing money is not stopped",
        SecondPerson = 409 "outgoing.second_person" "Việc này phải do một người điều hành khác thực hiện" "Another operator must do this",
        AccountChanged = 409 "outgoing.account_changed" "Tài khoản ngân hàng vừa được thay đổi, hãy tải lại" "The bank account was just changed, load it again",
        AccountActionNotAllowed = 409 "outgoing.account_action_not_allowed" "Trạng thái của tài khoản ngân hàng không cho phép việc này" "The status of the bank account does not allow this",
        ActionNotAllowed = 409 "outgoing.action_not_allowed" "Trạng thái của khoản chuyển tiền không cho phép việc này" "The status of the transfer does not allow this",
        NothingToApprove = 409 "outgoing.nothing_to_approve" "Không có khoản nào đang chờ duyệt" "Nothing waits for approval",
        NothingToSend = 409 "outgoing.nothing_to_send" "Không có khoản nào có thể chuyển lúc này" "Nothing can be sent now",
        PayoutUnderWay = 409 "outgoing.payout_under_way" "Đang có một khoản chi trả cho hộ này" "A payout of this producer is under way",
    }
}

/// Whether money leaves.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = outgoing_switch)]
pub struct Switch {
    pub stopped_at: Option<DateTime<Utc>>,
    pub stopped_by: Option<AccountId>,
    pub reason: Option<String>,
    pub started_at: Option<DateTime<Utc>>,
    pub started_by: Option<AccountId>,
    pub version: i32,
}

impl Switch {
    /// Started after the last stop, or never stopped.
    pub fn is_stopped(&self) -> bool {
        self.stopped_at.is_some() && self.started_at.is_none()
    }

    /// Why this person may not stop the money now.
    pub fn why_not_stop(&self) -> Option<OutgoingRefusal> {
        self.is_stopped().then_some(OutgoingRefusal::AlreadyStopped)
    }

    /// Why this person may not let the money flow again.
    pub fn why_not_start(&self, by: AccountId) -> Option<OutgoingRefusal> {
        if !self.is_stopped() {
            return Some(OutgoingRefusal::NotStopped);
        }
        (self.stopped_by == Some(by)).then_some(OutgoingRefusal::SecondPerson)
    }

    /// Why nothing may be sent.
    pub fn why_not_send(&self) -> Option<OutgoingRefusal> {
        self.is_stopped().then_some(OutgoingRefusal::Stopped)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn one_person_stops_and_another_starts() {
        let (one, two) = (AccountId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        let at = Some(DateTime::UNIX_EPOCH);
        let free =
            Switch { stopped_at: None, stopped_by: None, reason: None, started_at: None, started_by: None, version: 1 };
        let stopped =
            Switch { stopped_at: at, stopped_by: Some(one), reason: Some("Nghi ngờ".to_owned()), ..free.clone() };
        let started = Switch { started_at: at, started_by: Some(two), ..stopped.clone() };
        for open in [&free, &started] {
            assert_eq!((open.why_not_stop(), open.why_not_send()), (None, None));
            assert_eq!(open.why_not_start(two), Some(OutgoingRefusal::NotStopped));
        }
        assert_eq!(stopped.why_not_send(), Some(OutgoingRefusal::Stopped));
        assert_eq!(stopped.why_not_stop(), Some(OutgoingRefusal::AlreadyStopped));
        assert_eq!(stopped.why_not_start(one), Some(OutgoingRefusal::SecondPerson));
        assert_eq!(stopped.why_not_start(two), None);
    }
}
