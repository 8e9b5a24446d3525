//! Vietnamese mobile numbers in one form.

use serde::Serialize;
use utoipa::ToSchema;

use super::input::{FaultCode, Faults, Input};

/// A Vietnamese mobile number as `+84` and nine digits. `0912…`, `84912…`, `+84 912…` are the same number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[schema(value_type = String, example = "0912345678", max_length = 20, min_length = 10,
    pattern = r"^[ .-]*(\+[ .-]*8[ .-]*4|8[ .-]*4|0)[ .-]*[35789]([ .-]*[0-9]){8}[ .-]*$")]
#[serde(transparent)]
pub struct PhoneNumber(String);

/// Characters of a number as people write it, with spaces, dots and hyphens.
const WRITTEN_MAX: usize = 20;

impl PhoneNumber {
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > WRITTEN_MAX {
            return None;
        }
        let compact: String = text.chars().filter(|c| !matches!(c, ' ' | '.' | '-')).collect();
        let national = compact
            .strip_prefix("+84")
            .or_else(|| compact.strip_prefix("84").filter(|rest| rest.len() == 9))
            .or_else(|| compact.strip_prefix('0'))?;
        let is_mobile = national.len() == 9
            && national.chars().all(|c| c.is_ascii_digit())
            && national.starts_with(['3', '5', '7', '8', '9']);
        is_mobile.then(|| Self(format!("+84{national}")))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For screens and logs: only the last three digits.
    pub fn masked(&self) -> String {
        let tail: String = self.0.chars().skip(9).collect();
        format!("•••••••{tail}")
    }
}

impl Input for PhoneNumber {
    fn read(value: &serde_json::Value, at: &mut Faults) -> Option<Self> {
        let phone = value.as_str().and_then(Self::parse);
        if phone.is_none() {
            at.add(FaultCode::Malformed, "0912345678");
        }
        phone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_of_one_number_are_one() {
        for text in ["0912345678", "84912345678", "+84912345678", "+84 912 345 678", "0912.345.678"] {
            assert_eq!(PhoneNumber::parse(text).unwrap().as_str(), "+84912345678", "{text}");
        }
    }

    #[test]
    fn what_is_no_vietnamese_mobile_is_refused() {
        for text in [
            "0912345678           ",
            "",
            "091234567",
            "09123456789",
            "0212345678",
            "+1912345678",
            "０９１２３４５６７８",
            "null",
        ] {
            assert_eq!(PhoneNumber::parse(text), None, "{text}");
        }
    }
}
