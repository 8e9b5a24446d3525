//! Money that arrived: once for each movement, in whatever ways it is told.

mod store;

pub use store::{
    KnownCredit, OtherName, find_credit, insert_credit, insert_new_credit, provider_of, transaction_key, unbooked,
};
