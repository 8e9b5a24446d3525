//! E-mail addresses in the form that every mail server takes.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::input::{FaultCode, Faults, Input};

/// `name@host.example`, in small letters where they do not matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, example = "hoa@example.org", min_length = 6, max_length = 254,
    pattern = r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$")]
#[serde(transparent)]
pub struct EmailAddress(String);

const LENGTH_MAX: usize = 254;
const NAME_MAX: usize = 64;
const LABEL_MAX: usize = 63;

impl EmailAddress {
    pub fn parse(text: &str) -> Option<EmailAddress> {
        let (name, host) = text.rsplit_once('@')?;
        let is_atom = |atom: &str| {
            !atom.is_empty() && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b))
        };
        let is_label = |label: &str| {
            (1..=LABEL_MAX).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let top = host.rsplit('.').next().unwrap_or_default();
        let is_address = text.len() <= LENGTH_MAX
            && name.len() <= NAME_MAX
            && name.split('.').all(is_atom)
            && host.contains('.')
            && host.split('.').all(is_label)
            && top.len() >= 2
            && top.bytes().all(|b| b.is_ascii_alphabetic());
        is_address.then(|| EmailAddress(format!("{name}@{}", host.to_ascii_lowercase())))
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

impl Input for EmailAddress {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        let address = value.as_str().and_then(EmailAddress::parse);
        if address.is_none() {
            at.add(FaultCode::Malformed, "hoa@example.org");
        }
        address
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_what_every_server_takes() {
        for text in ["hoa@example.org", "Hoa.Nguyen+ocop@Mail.Example.vn", "o'neil@x-y.vn"] {
            assert!(EmailAddress::parse(text).is_some(), "{text}");
        }
        assert_eq!(EmailAddress::parse("Hoa@EXAMPLE.org").unwrap().into_string(), "Hoa@example.org");
        for text in [
            "",
            "hoa",
            "@example.org",
            "hoa@",
            "hoa@localhost",
            "a..b@example.org",
            ".a@example.org",
            "a b@example.org",
            "a@example.org\nBcc: x@y.vn",
            "<a@example.org>",
            "a@-x.vn",
            "a@1.1",
            "hoà@example.org",
        ] {
            assert!(EmailAddress::parse(text).is_none(), "{text:?}");
        }
    }
}
