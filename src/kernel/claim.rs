//! Keys that make a repetition safe, and what was answered to them.

use diesel::prelude::*;
use diesel::sql_types::{Binary, Nullable, SmallInt, Text};

/// What is repeated: a key of somebody for a route, with what was sent.
#[derive(Debug, Clone)]
pub struct Claim {
    pub key: String,
    pub route: String,
    pub fingerprint: Vec<u8>,
}

/// An answer that was given to a key before; empty when there was none.
#[derive(Debug, Clone, Default, QueryableByName)]
pub struct Kept {
    #[diesel(sql_type = Nullable<Binary>)]
    pub fingerprint: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    pub status: Option<i16>,
    #[diesel(sql_type = Nullable<Text>)]
    pub body: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub location: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub etag: Option<String>,
}
