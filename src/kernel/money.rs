//! Money: whole đồng, never negative, never a float.

use diesel::sql_types::BigInt;
use serde::Serialize;
use utoipa::ToSchema;

use super::input::{FaultCode, Faults, Input};

/// A whole number of Vietnamese đồng, 0 to 100 billion.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    ToSchema,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = BigInt)]
#[schema(value_type = i64, minimum = 0, maximum = 100_000_000_000_i64, example = 125_000)]
#[serde(transparent)]
pub struct Vnd(i64);

impl Vnd {
    /// One movement of money is at most 100 billion đồng; the database's checks say the same.
    pub const MAX: i64 = 100_000_000_000;
    pub const ZERO: Vnd = Vnd(0);
    pub const MOST: Vnd = Vnd(Self::MAX);

    pub const fn new(amount: i64) -> Option<Vnd> {
        if amount < 0 || amount > Self::MAX { None } else { Some(Vnd(amount)) }
    }

    pub const fn amount(self) -> i64 {
        self.0
    }

    pub fn times(self, quantity: i32) -> Option<Vnd> {
        self.0.checked_mul(i64::from(quantity)).and_then(Vnd::new)
    }

    pub fn plus(self, other: Vnd) -> Option<Vnd> {
        self.0.checked_add(other.0).and_then(Vnd::new)
    }

    /// What is left, or `None` when more is taken than there is.
    pub fn minus(self, other: Vnd) -> Option<Vnd> {
        self.0.checked_sub(other.0).and_then(Vnd::new)
    }

    /// The sum, or `None` beyond [`Vnd::MAX`].
    pub fn sum(amounts: impl IntoIterator<Item = Vnd>) -> Option<Vnd> {
        let mut total = Vnd::ZERO;
        for amount in amounts {
            total = total.plus(amount)?;
        }
        Some(total)
    }
}

impl std::fmt::Display for Vnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} đ", self.0)
    }
}

impl diesel::serialize::ToSql<BigInt, diesel::pg::Pg> for Vnd {
    fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>) -> diesel::serialize::Result {
        std::io::Write::write_all(out, &self.0.to_be_bytes())?;
        Ok(diesel::serialize::IsNull::No)
    }
}

impl diesel::deserialize::FromSql<BigInt, diesel::pg::Pg> for Vnd {
    fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
        let amount = <i64 as diesel::deserialize::FromSql<BigInt, diesel::pg::Pg>>::from_sql(bytes)?;
        Vnd::new(amount).ok_or_else(|| format!("{amount} is no amount of money").into())
    }
}

impl Input for Vnd {
    fn read(value: &serde_json::Value, at: &mut Faults) -> Option<Self> {
        let amount = i64::read(value, at)?;
        let money = Vnd::new(amount);
        if money.is_none() {
            at.add(FaultCode::OutOfRange, &format!("0–{}", Self::MAX));
        }
        money
    }
}
