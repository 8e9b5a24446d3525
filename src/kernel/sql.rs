//! SQL as text that is parsed and planned once per connection, as diesel's own queries are.
//!
//! `diesel::sql_query` has its text parsed anew at every call: two round trips instead of one. That is right only
//! where the best plan depends on the values, as a search's does: see [`Prepared::planned_anew`].

use std::borrow::Cow;
use std::marker::PhantomData;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Untyped};

/// A statement with its `$1`, `$2`, … and the values bound so far, in this order.
#[derive(Debug, Clone)]
pub struct Prepared<'q, Values = ()> {
    text: Cow<'q, str>,
    values: Values,
    is_planned_anew: bool,
}

/// A value behind those that were bound before it.
#[derive(Debug, Clone)]
pub struct Bound<Before, Kind, Value> {
    before: Before,
    value: Value,
    kind: PhantomData<Kind>,
}

/// The text must not contain values, or there are as many statements as values.
pub fn prepared<'q>(text: impl Into<Cow<'q, str>>) -> Prepared<'q> {
    Prepared { text: text.into(), values: (), is_planned_anew: false }
}

impl<'q, Values> Prepared<'q, Values> {
    pub fn bind<Kind, Value>(self, value: Value) -> Prepared<'q, Bound<Values, Kind, Value>> {
        let Prepared { text, values, is_planned_anew } = self;
        Prepared { text, values: Bound { before: values, value, kind: PhantomData }, is_planned_anew }
    }

    /// Has the statement planned for the values of each call.
    pub fn planned_anew(mut self, is_planned_anew: bool) -> Self {
        self.is_planned_anew = is_planned_anew;
        self
    }
}

impl<Before, Kind, Value> QueryFragment<Pg> for Bound<Before, Kind, Value>
where
    Before: QueryFragment<Pg>,
    Pg: HasSqlType<Kind>,
    Value: ToSql<Kind, Pg>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.before.walk_ast(out.reborrow())?;
        out.push_bind_param::<Kind, Value>(&self.value)
    }
}

impl<Values: QueryFragment<Pg>> QueryFragment<Pg> for Prepared<'_, Values> {
    /// Diesel writes a placeholder for each value; they stand in the text already, so diesel's go into a comment.
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if self.is_planned_anew {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql(&self.text);
        out.push_sql(" /*");
        self.values.walk_ast(out.reborrow())?;
        out.push_sql("*/");
        Ok(())
    }
}

/// Told apart by its text and the types of its values.
impl<Values> QueryId for Prepared<'_, Values> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Values> Query for Prepared<'_, Values> {
    type SqlType = Untyped;
}

impl<Values> RunQueryDsl<PgConnection> for Prepared<'_, Values> {}
