//! Reading what a client sent, so that every fault is named at once and nothing is guessed.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::text_enum;

/// Lists in bodies and filters are at most this long.
pub const LIST_MAX: usize = 100;
/// Faults that are named; more at once help nobody.
pub const FAULTS_NAMED_MAX: usize = 100;

text_enum! {
    /// What is wrong with one field.
    pub enum FaultCode {
        Missing = "missing",
        UnknownField = "unknown_field",
        WrongType = "wrong_type",
        Empty = "empty",
        TooLong = "too_long",
        OutOfRange = "out_of_range",
        Malformed = "malformed",
        ForbiddenCharacter = "forbidden_character",
        NotOneOf = "not_one_of",
        Duplicate = "duplicate",
        Unknown = "unknown",
    }
}

/// One fault: where (JSON pointer), what kind, and what was expected.
#[derive(Debug, Clone, Serialize, ToSchema, PartialEq, Eq)]
pub struct Fault {
    #[schema(example = "/variants/0/price_vnd", max_length = 300)]
    pub pointer: String,
    pub code: FaultCode,
    /// What would be right: a range, a length, the allowed values.
    #[schema(example = "1000–1000000000", max_length = 1000)]
    pub expected: String,
}

/// Collects faults while walking through a document; knows where it is.
#[derive(Debug, Default)]
pub struct Faults {
    path: Vec<String>,
    found: Vec<Fault>,
    is_query: bool,
}

impl Faults {
    /// One more than is named says that there are more.
    const MAX: usize = FAULTS_NAMED_MAX + 1;

    /// In a query string everything is text, also numbers and booleans.
    pub fn of_query() -> Self {
        Self { is_query: true, ..Self::default() }
    }

    pub fn add(&mut self, code: FaultCode, expected: &str) {
        if self.found.len() < Self::MAX {
            let pointer = self
                .path
                .iter()
                .fold(String::new(), |path, step| path + "/" + &step.replace('~', "~0").replace('/', "~1"));
            self.found.push(Fault { pointer, code, expected: expected.to_owned() });
        }
    }

    pub fn inside<T>(&mut self, step: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step.chars().take(64).collect());
        let value = read(self);
        self.path.pop();
        value
    }

    pub fn into_found(self) -> Vec<Fault> {
        self.found
    }

    pub fn is_clean(&self) -> bool {
        self.found.is_empty()
    }
}

/// A type that can be read from untrusted JSON. `None` means that at least one fault was added.
pub trait Input: Sized {
    fn read(value: &Value, at: &mut Faults) -> Option<Self>;
}

/// Reads one field of an object; `null` counts as absent.
pub trait Field: Sized {
    fn read_field(value: Option<&Value>, at: &mut Faults) -> Option<Self>;
}

impl<T: Input> Field for T {
    fn read_field(value: Option<&Value>, at: &mut Faults) -> Option<Self> {
        match value {
            Some(value) if !value.is_null() => T::read(value, at),
            _ => {
                at.add(FaultCode::Missing, "");
                None
            }
        }
    }
}

impl<T: Input> Field for Option<T> {
    fn read_field(value: Option<&Value>, at: &mut Faults) -> Option<Self> {
        match value {
            Some(value) if !value.is_null() => T::read(value, at).map(Some),
            _ => Some(None),
        }
    }
}

impl<T: Input> Input for Vec<T> {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        read_list(value, LIST_MAX, at)
    }
}

fn read_list<T: Input>(value: &Value, max: usize, at: &mut Faults) -> Option<Vec<T>> {
    let Some(items) = value.as_array() else {
        at.add(FaultCode::WrongType, "array");
        return None;
    };
    if items.len() > max {
        at.add(FaultCode::TooLong, &max.to_string());
        return None;
    }
    let read: Vec<Option<T>> =
        items.iter().enumerate().map(|(i, item)| at.inside(&i.to_string(), |at| T::read(item, at))).collect();
    read.into_iter().collect()
}

/// A list that ends before [`LIST_MAX`]: at most `MAX` things, as the schema of its field says.
#[derive(Debug, Clone)]
pub struct List<T, const MAX: usize>(Vec<T>);

impl<T, const MAX: usize> List<T, MAX> {
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T, const MAX: usize> std::ops::Deref for List<T, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Input, const MAX: usize> Input for List<T, MAX> {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        read_list(value, MAX, at).map(Self)
    }
}

impl Input for i64 {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        let spelled = || value.as_str().filter(|_| at.is_query).and_then(|text| text.parse().ok());
        let number = value.as_i64().or_else(spelled);
        if number.is_none() {
            at.add(FaultCode::WrongType, "integer");
        }
        number
    }
}

impl Input for bool {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        let spelled = || match value.as_str().filter(|_| at.is_query) {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        };
        let flag = value.as_bool().or_else(spelled);
        if flag.is_none() {
            at.add(FaultCode::WrongType, "boolean");
        }
        flag
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Whole<const MIN: i32, const MAX: i32>(i32);

impl<const MIN: i32, const MAX: i32> Whole<MIN, MAX> {
    pub fn value(self) -> i32 {
        self.0
    }
}

impl<const MIN: i32, const MAX: i32> Input for Whole<MIN, MAX> {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        let number = i64::read(value, at)?;
        match i32::try_from(number) {
            Ok(number) if (MIN..=MAX).contains(&number) => Some(Self(number)),
            _ => {
                at.add(FaultCode::OutOfRange, &format!("{MIN}–{MAX}"));
                None
            }
        }
    }
}

impl<const MIN: i32, const MAX: i32> utoipa::PartialSchema for Whole<MIN, MAX> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Integer)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Int32)))
            .minimum(Some(f64::from(MIN)))
            .maximum(Some(f64::from(MAX)))
            .into()
    }
}

impl<const MIN: i32, const MAX: i32> utoipa::ToSchema for Whole<MIN, MAX> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Whole{}To{}", MIN.unsigned_abs(), MAX).into()
    }
}

/// Days that can be sent: 2000 to 2100.
pub const DAY_PATTERN: &str = "^(20[0-9]{2}|2100)-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";

impl Input for NaiveDate {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;
        // The parser takes signs and spaces for digits.
        let is_plain = |t: &&str| t.len() == 10 && t.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let day = value.as_str().filter(is_plain).and_then(|t| NaiveDate::parse_from_str(t, "%Y-%m-%d").ok());
        let day = day.filter(|day| YEARS.contains(&chrono::Datelike::year(day)));
        if day.is_none() {
            at.add(FaultCode::Malformed, "YYYY-MM-DD, 2000–2100");
        }
        day
    }
}

/// A moment.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-24T02:00:00Z", max_length = 40)]
pub struct Moment(pub DateTime<Utc>);

impl Input for Moment {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        let moment = value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        if moment.is_none() {
            at.add(FaultCode::Malformed, "2026-11-24T02:00:00Z");
        }
        moment.map(|moment| Moment(moment.with_timezone(&Utc)))
    }
}

/// A string that this server made and a client only brings back: 1 to `MAX` visible ASCII characters.
#[derive(Clone)]
pub struct Opaque<const MAX: usize>(String);

impl<const MAX: usize> Opaque<MAX> {
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> Input for Opaque<MAX> {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        match value.as_str() {
            Some(text) if (1..=MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) => {
                Some(Self(text.to_owned()))
            }
            Some(_) => {
                at.add(FaultCode::Malformed, &format!("1–{MAX}"));
                None
            }
            None => {
                at.add(FaultCode::WrongType, "string");
                None
            }
        }
    }
}

impl<const MAX: usize> utoipa::PartialSchema for Opaque<MAX> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .min_length(Some(1))
            .max_length(Some(MAX))
            .pattern(Some("^[!-~]+$"))
            .into()
    }
}

impl<const MAX: usize> utoipa::ToSchema for Opaque<MAX> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Opaque{MAX}").into()
    }
}

/// A SHA-256: 64 lower case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$",
    example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
pub struct Sha256Hex(String);

impl Sha256Hex {
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Input for Sha256Hex {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        let is_digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let found = value.as_str().filter(|text| text.len() == 64 && text.bytes().all(is_digit));
        if found.is_none() {
            at.add(FaultCode::Malformed, "^[0-9a-f]{64}$");
        }
        found.map(|text| Self(text.to_owned()))
    }
}

/// Declares a request type: a struct whose fields are read one by one, unknown fields being faults.
#[macro_export]
macro_rules! input {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$fmeta:meta])* pub $field:ident: $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, utoipa::ToSchema)]
        pub struct $name { $($(#[$fmeta])* pub $field: $type),* }

        impl $crate::kernel::input::Input for $name {
            fn read(value: &serde_json::Value, at: &mut $crate::kernel::input::Faults) -> Option<Self> {
                let Some(object) = value.as_object() else {
                    at.add($crate::kernel::input::FaultCode::WrongType, "object");
                    return None;
                };
                const FIELDS: &[&str] = &[$(stringify!($field)),*];
                for key in object.keys().filter(|key| !FIELDS.contains(&key.as_str())) {
                    at.inside(key, |at| at.add($crate::kernel::input::FaultCode::UnknownField, &FIELDS.join(", ")));
                }
                $(let $field: Option<$type> = at.inside(stringify!($field),
                    |at| <$type as $crate::kernel::input::Field>::read_field(object.get(stringify!($field)), at));)*
                Some(Self { $($field: $field?),* })
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads<T: Input>(text: &str) -> bool {
        T::read(&Value::from(text), &mut Faults::default()).is_some()
    }

    #[test]
    fn a_day_has_one_spelling() {
        assert!(reads::<NaiveDate>("2026-02-28") && reads::<NaiveDate>("2100-12-31"));
        for text in ["2026- 1-01", "+2026-1-01", "2026-1-001", "2026-02-30", "1999-12-31", "2101-01-01", "20260101--"] {
            assert!(!reads::<NaiveDate>(text), "{text}");
        }
    }

    #[test]
    fn what_the_server_made_comes_back_as_it_was() {
        assert!(reads::<Opaque<8>>("aB9-_.=~"));
        for text in ["", "123456789", "a b", "a\n", "é"] {
            assert!(!reads::<Opaque<8>>(text), "{text:?}");
        }
    }
}
