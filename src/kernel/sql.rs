//! Statements that the server parses once per connection.
//!
//! Diesel keeps prepared only what it is sure has one text for ever: not raw SQL, no `UPDATE`, no upsert, no list of
//! rows. Those it has parsed anew at every call, in a round trip of its own. [`Prepare::prepared`] keeps them as well,
//! by their text.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

/// A statement that stays prepared on its connection.
#[derive(Debug, Clone, Copy)]
pub struct Prepared<Statement>(Statement);

pub trait Prepare: Sized {
    /// To be called last, for statements of few different texts: values are bound, never written into it. Not where the
    /// best plan depends on the values, as a search's does: what is prepared is soon planned for any values.
    ///
    /// The statement must return rows and be loaded: what is only executed reaches diesel behind a reference, which
    /// forgets that it may be kept.
    fn prepared(self) -> Prepared<Self> {
        Prepared(self)
    }
}

impl<Statement: QueryFragment<Pg>> Prepare for Statement {}

impl<Statement: QueryFragment<Pg>> QueryFragment<Pg> for Prepared<Statement> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &Pg) -> QueryResult<bool> {
        Ok(true)
    }
}

/// Told apart by text and types of the values.
impl<Statement> QueryId for Prepared<Statement> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Statement: Query> Query for Prepared<Statement> {
    type SqlType = Statement::SqlType;
}

impl<Statement> RunQueryDsl<PgConnection> for Prepared<Statement> {}
