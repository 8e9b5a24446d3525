//! Codes of places and how an input names one.

use diesel::sql_types::Text as SqlText;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::kernel::input::{FaultCode, Faults, Input};
use crate::kernel::text::fold;
use crate::{refusals, text_enum};

refusals! {
    /// Why a place cannot be taken as it was named.
    pub enum PlaceRefusal {
        FormerCommuneSplit = 422 "places.former_commune_split"
            "Xã cũ này đã được chia về nhiều xã mới, hãy chọn một xã trong danh sách"
            "This former commune was split between several communes of today, choose one from the list",
    }
}

text_enum! {
    /// How much of a former unit a commune of today took over.
    pub enum Coverage {
        Whole = "whole",
        MainPart = "main_part",
        Part = "part",
    }
}

macro_rules! official_codes {
    ($($(#[$meta:meta])* $name:ident = $digits:tt $pattern:tt $example:tt),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, ToSchema)]
        #[derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = SqlText)]
        #[schema(value_type = String, example = $example, min_length = $digits, max_length = $digits, pattern = $pattern)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            const DIGITS: usize = $digits;

            pub fn parse(text: &str) -> Option<Self> {
                let is_code = text.len() == Self::DIGITS && text.bytes().all(|b| b.is_ascii_digit());
                is_code.then(|| Self(text.to_owned()))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) }
        }

        impl Input for $name {
            fn read(value: &Value, at: &mut Faults) -> Option<Self> {
                let Some(text) = value.as_str() else {
                    at.add(FaultCode::WrongType, "string");
                    return None;
                };
                let code = Self::parse(text);
                if code.is_none() {
                    at.add(FaultCode::Malformed, $example);
                }
                code
            }
        }

        impl diesel::serialize::ToSql<SqlText, diesel::pg::Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>) -> diesel::serialize::Result {
                std::io::Write::write_all(out, self.0.as_bytes())?;
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::deserialize::FromSql<SqlText, diesel::pg::Pg> for $name {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                let text = std::str::from_utf8(bytes.as_bytes())?;
                Self::parse(text).ok_or_else(|| format!("{text:?} is no {}", stringify!($name)).into())
            }
        }
    )+};
}

official_codes!(
    /// A province of today, by its official code of two digits.
    ProvinceCode = 2 "^[0-9]{2}$" "08",
    /// A district until 30 June 2025, by its official code of three digits.
    DistrictCode = 3 "^[0-9]{3}$" "026",
    /// A commune or ward of today, by its official code of five digits.
    CommuneCode = 5 "^[0-9]{5}$" "00721",
    /// A commune, ward or township until 30 June 2025. The same five digits mean another place among
    /// [`CommuneCode`]s: 00691 was Minh Khai and is Hà Giang 2.
    FormerCommuneCode = 5 "^[0-9]{5}$" "00688",
);

/// A place, named by its code of today or by its former code: exactly one of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaceInput {
    CommuneCode(CommuneCode),
    FormerCommuneCode(FormerCommuneCode),
}

const PLACE_OF_TODAY: &str = "PlaceOfToday";
const PLACE_OF_BEFORE: &str = "PlaceOfBefore";

impl PlaceInput {
    /// The other code may stand there as `null`, as some clients write what is absent.
    fn named_by<T: ToSchema>(field: &str, other: &str) -> utoipa::openapi::Object {
        use utoipa::openapi::ObjectBuilder;
        use utoipa::openapi::schema::Type;
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property(field, utoipa::openapi::Ref::from_schema_name(T::name()))
            .property(other, ObjectBuilder::new().schema_type(Type::Null))
            .required(field)
            .build()
    }
}

impl utoipa::PartialSchema for PlaceInput {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::OneOfBuilder::new()
            .description(Some("A place, named by its code of today or by its former code: exactly one of the two."))
            .item(utoipa::openapi::Ref::from_schema_name(PLACE_OF_TODAY))
            .item(utoipa::openapi::Ref::from_schema_name(PLACE_OF_BEFORE))
            .into()
    }
}

impl ToSchema for PlaceInput {
    fn name() -> std::borrow::Cow<'static, str> {
        "PlaceInput".into()
    }

    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
        use utoipa::PartialSchema as _;
        let today = Self::named_by::<CommuneCode>("commune_code", "former_commune_code");
        let before = Self::named_by::<FormerCommuneCode>("former_commune_code", "commune_code");
        schemas.push((PLACE_OF_TODAY.to_owned(), today.into()));
        schemas.push((PLACE_OF_BEFORE.to_owned(), before.into()));
        schemas.push((CommuneCode::name().into_owned(), CommuneCode::schema()));
        schemas.push((FormerCommuneCode::name().into_owned(), FormerCommuneCode::schema()));
    }
}

impl Input for PlaceInput {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        const FIELDS: &[&str] = &["commune_code", "former_commune_code"];
        const ONE: &str = "exactly one of commune_code, former_commune_code";
        let Some(object) = value.as_object() else {
            at.add(FaultCode::WrongType, "object");
            return None;
        };
        let mut clean = true;
        for key in object.keys().filter(|key| !FIELDS.contains(&key.as_str())) {
            clean = false;
            at.inside(key, |at| at.add(FaultCode::UnknownField, &FIELDS.join(", ")));
        }
        let named = |field: &str| object.get(field).filter(|value| !value.is_null());
        let place = match (named("commune_code"), named("former_commune_code")) {
            (Some(code), None) => at.inside("commune_code", |at| CommuneCode::read(code, at)).map(Self::CommuneCode),
            (None, Some(code)) => {
                at.inside("former_commune_code", |at| FormerCommuneCode::read(code, at)).map(Self::FormerCommuneCode)
            }
            (None, None) => {
                at.add(FaultCode::Missing, ONE);
                None
            }
            (Some(_), Some(_)) => {
                at.add(FaultCode::NotOneOf, ONE);
                None
            }
        };
        place.filter(|_| clean)
    }
}

/// A commune of today that took over a former unit or a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, diesel::QueryableByName)]
pub struct Successor {
    #[diesel(sql_type = SqlText)]
    pub code: CommuneCode,
    #[diesel(sql_type = SqlText)]
    #[schema(example = "Hà Giang 1", max_length = 100)]
    pub name: String,
    #[diesel(sql_type = SqlText)]
    pub coverage: Coverage,
}

/// What a commune is called, with the district that most of it belonged to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, diesel::QueryableByName)]
pub struct PlaceName {
    #[diesel(sql_type = SqlText)]
    pub code: CommuneCode,
    #[diesel(sql_type = SqlText)]
    #[schema(example = "Đồng Văn", max_length = 100)]
    pub name: String,
    #[diesel(sql_type = SqlText)]
    #[schema(example = "Đồng Văn", max_length = 100)]
    pub former_district_name: String,
}

/// What people typed, as `LIKE` understands it literally: folded, and without wildcards of its own. `None` when
/// there is nothing to look for.
pub fn like_prefix(text: &str) -> Option<String> {
    let folded = fold(text);
    if folded.is_empty() {
        return None;
    }
    let mut pattern = String::with_capacity(folded.len());
    for character in folded.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    Some(pattern)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: &Value) -> (Option<PlaceInput>, Vec<(String, FaultCode)>) {
        let mut faults = Faults::default();
        let place = PlaceInput::read(value, &mut faults);
        (place, faults.into_found().into_iter().map(|f| (f.pointer, f.code)).collect())
    }

    #[test]
    fn a_place_is_named_exactly_one_way() {
        assert_eq!(read(&json!({"commune_code": "00721"})).0, CommuneCode::parse("00721").map(PlaceInput::CommuneCode));
        assert_eq!(
            read(&json!({"former_commune_code": "00688", "commune_code": null})).0,
            FormerCommuneCode::parse("00688").map(PlaceInput::FormerCommuneCode)
        );
        assert_eq!(read(&json!({})).1, vec![(String::new(), FaultCode::Missing)]);
        let both = json!({"commune_code": "00721", "former_commune_code": "00688"});
        assert_eq!(read(&both).1, vec![(String::new(), FaultCode::NotOneOf)]);
        assert_eq!(read(&json!({"commune_code": "721"})).1, vec![("/commune_code".to_owned(), FaultCode::Malformed)]);
        let (place, faults) = read(&json!({"commune_code": "00721", "x": 1}));
        assert_eq!((place, faults), (None, vec![("/x".to_owned(), FaultCode::UnknownField)]));
    }

    #[test]
    fn codes_are_ascii_digits() {
        for text in ["", "0072", "007210", "0072a", "００７２１", "00721 "] {
            assert_eq!(CommuneCode::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn wildcards_find_nothing_by_themselves() {
        assert_eq!(like_prefix("%_\\"), None);
        assert_eq!(like_prefix("Đồng_V%"), Some("dong v".to_owned()));
    }
}
