//! Producers and what may become of them.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::kernel::input::{FaultCode, Faults, Field, Input};
use crate::kernel::{Error, Result};
use crate::{refusals, text_enum};

refusals! {
    /// Why a producer, or somebody who wants to be one, is refused.
    pub enum ProducerRefusal {
        NotRegistered = 403 "producers.not_registered" "Bạn chưa đăng ký làm nhà sản xuất" "You have not registered as a producer",
        NotApproved = 403 "producers.not_approved" "Hồ sơ nhà sản xuất chưa được duyệt" "The producer has not been approved",
        AlreadyRegistered = 409 "producers.already_registered" "Tài khoản này đã đăng ký nhà sản xuất" "This account has already registered a producer",
        NameTaken = 409 "producers.name_taken" "Tên này trùng hoặc giống tên một hợp tác xã, doanh nghiệp đã được duyệt" "The name is, or looks like, that of an approved cooperative or company",
        NotEditable = 409 "producers.not_editable" "Hồ sơ không sửa được ở trạng thái này" "The profile cannot be edited in this status",
        ActionNotAllowed = 409 "producers.action_not_allowed" "Trạng thái hồ sơ không cho phép thao tác này" "The profile's status does not allow this action",
    }
}

text_enum! {
    pub enum ProducerKind {
        Household = "household",
        CooperativeGroup = "cooperative_group",
        Cooperative = "cooperative",
        Company = "company",
        Farm = "farm",
    }
}

impl ProducerKind {
    /// Decree 68/2026: a cooperative or company is known by its registration.
    pub fn needs_registration(self) -> bool {
        matches!(self, Self::Cooperative | Self::Company)
    }

    pub fn must_be_registered(self, registration_number: Option<&str>) -> Result<()> {
        if self.needs_registration() && registration_number.is_none() {
            return Err(Error::invalid("/registration_number", FaultCode::Missing, "cooperative, company"));
        }
        Ok(())
    }
}

text_enum! {
    pub enum ProducerStatus {
        Draft = "draft",
        Submitted = "submitted",
        NeedsChanges = "needs_changes",
        Approved = "approved",
        Rejected = "rejected",
    }
}

text_enum! {
    /// What can happen to a profile. The text is the name of the action.
    pub enum ProducerEvent {
        Edit = "edit",
        Submit = "submit",
        Approve = "approve",
        Reject = "reject",
        RequestChanges = "request-changes",
    }
}

impl ProducerEvent {
    fn is_of_operator(self) -> bool {
        matches!(self, Self::Approve | Self::Reject | Self::RequestChanges)
    }
}

impl ProducerStatus {
    /// The only place where a status moves.
    pub fn after(self, event: ProducerEvent) -> Option<ProducerStatus> {
        use ProducerEvent::{Approve, Edit, Reject, RequestChanges, Submit};
        use ProducerStatus::{Approved, Draft, NeedsChanges, Rejected, Submitted};
        match (self, event) {
            (Draft | NeedsChanges, Edit) => Some(self),
            (Draft | NeedsChanges, Submit) => Some(Submitted),
            (Submitted, Approve) => Some(Approved),
            (Submitted, Reject) => Some(Rejected),
            (Submitted, RequestChanges) => Some(NeedsChanges),
            _ => None,
        }
    }

    pub fn actions_of_owner(self) -> Vec<ProducerEvent> {
        self.actions(false)
    }

    pub fn actions_of_operator(self) -> Vec<ProducerEvent> {
        self.actions(true)
    }

    fn actions(self, of_operator: bool) -> Vec<ProducerEvent> {
        let fits = |event: &&ProducerEvent| event.is_of_operator() == of_operator && self.after(**event).is_some();
        ProducerEvent::ALL.iter().filter(fits).copied().collect()
    }

    /// The status after the event, or the refusal with what is allowed instead.
    pub fn moved(self, event: ProducerEvent) -> Result<ProducerStatus> {
        self.after(event).ok_or_else(|| self.refusal(event))
    }

    pub fn refusal(self, event: ProducerEvent) -> Error {
        let refusal =
            if event == ProducerEvent::Edit { ProducerRefusal::NotEditable } else { ProducerRefusal::ActionNotAllowed };
        let allowed = self.actions(event.is_of_operator());
        Error::from(refusal).with("current_status", self.as_str()).with("allowed_actions", json!(allowed))
    }
}

/// A tax code: 10 digits, or 13 written as 10, a hyphen and 3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, example = "0123456789-001", min_length = 10, max_length = 14, pattern = "^[0-9]{10}(-[0-9]{3})?$")]
#[serde(transparent)]
pub struct TaxCode(String);

impl TaxCode {
    pub fn parse(text: &str) -> Option<Self> {
        let is_number = |part: &str, digits: usize| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
        let is_code = match text.split_once('-') {
            Some((head, branch)) => is_number(head, 10) && is_number(branch, 3),
            None => is_number(text, 10),
        };
        is_code.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Input for TaxCode {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        let code = value.as_str().and_then(Self::parse);
        if code.is_none() {
            at.add(FaultCode::Malformed, "0123456789, 0123456789-001");
        }
        code
    }
}

/// A field of a merge patch that may also be taken away: absent keeps it, `null` clears it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<T> {
    Keep,
    Clear,
    Set(T),
}

impl<T> Change<T> {
    pub fn over(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Keep => old,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    pub fn map<U>(self, to: impl FnOnce(T) -> U) -> Change<U> {
        match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::Set(value) => Change::Set(to(value)),
        }
    }
}

impl<T: Input> Field for Change<T> {
    fn read_field(value: Option<&Value>, at: &mut Faults) -> Option<Self> {
        match value {
            None => Some(Self::Keep),
            Some(Value::Null) => Some(Self::Clear),
            Some(value) => T::read(value, at).map(Self::Set),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole machine: everything that is not here is refused.
    const TABLE: &str = include_str!("machine.txt");

    #[test]
    fn the_whole_table_of_statuses() {
        let mut table = String::new();
        for status in ProducerStatus::ALL {
            for event in ProducerEvent::ALL {
                if let Some(next) = status.after(*event) {
                    let by = if event.is_of_operator() { "operator" } else { "producer" };
                    table.push_str(&format!("{status} --{event}--> {next} by {by}\n"));
                }
            }
        }
        assert_eq!(table, TABLE);
    }

    #[test]
    fn tax_codes_have_two_forms() {
        assert!(TaxCode::parse("0123456789").is_some());
        assert!(TaxCode::parse("0123456789-001").is_some());
        for text in
            ["", "012345678", "0123456789001", "0123456789-01", "0123456789-0011", "012345678a", "-", "0123456789-"]
        {
            assert_eq!(TaxCode::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_patch_tells_null_from_absent() {
        let read = |value: Option<Value>| Change::<TaxCode>::read_field(value.as_ref(), &mut Faults::default());
        let code = TaxCode::parse("0123456789");
        assert_eq!(read(None).unwrap().over(code.clone()), code);
        assert_eq!(read(Some(Value::Null)).unwrap().over(code.clone()), None);
        assert_eq!(read(Some("0123456789".into())).unwrap().over(None), code);
    }

    #[test]
    fn only_cooperatives_and_companies_need_a_registration() {
        for kind in ProducerKind::ALL {
            assert_eq!(kind.must_be_registered(None).is_err(), kind.needs_registration());
            assert!(kind.must_be_registered(Some("10H8000123")).is_ok());
        }
    }
}
