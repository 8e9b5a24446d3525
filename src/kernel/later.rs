//! Writes that nobody in their transaction reads, sent to the database together.
//!
//! A statement costs less than the trip to the server and back, and a deed writes many rows that nothing in its
//! transaction looks at again: its events, its jobs, its place in the record, the answer that is kept. They wait here
//! and go out as one statement at the transaction's end, in it or not at all.
//!
//! All of them see the rows as they were before any of them ran, in no certain order: no two may touch one row. Foreign
//! keys between them are fine, since they are looked at when all have run. Whoever does several operations in one
//! transaction calls [`Tx::write_now`] between them, so that each finds what the one before did.

use std::any::Any;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::DatabaseErrorKind;
use diesel::sql_types::{Array, BigInt};

use super::db::Tx;
use super::error::{Error, Result};
use super::sql::Prepare;

/// Writes that wait together.
const WRITES_MAX: usize = 24;
/// Rows up to which a statement is kept prepared: there is a text for every number of rows, and each is kept by every
/// connection.
const PREPARED_ROWS_MAX: usize = 32;

pub type Fragment = Box<dyn QueryFragment<Pg>>;

/// A row of a table into which one transaction writes again and again. Rows of one kind go out in one insert.
pub trait Row: Sized + 'static {
    fn insert(rows: Vec<Self>) -> Fragment;
}

/// Rows of one kind.
trait Rows {
    /// To find those of a kind again.
    fn of_kind(&mut self) -> &mut dyn Any;

    fn insert(self: Box<Self>) -> Fragment;
}

impl<R: Row> Rows for Vec<R> {
    fn of_kind(&mut self) -> &mut dyn Any {
        self
    }

    fn insert(self: Box<Self>) -> Fragment {
        R::insert(*self)
    }
}

enum Write {
    /// A statement without `with`.
    Plain(Fragment),
    /// A statement that returns something of each row, and how many rows it must find.
    Counted(Fragment, i64),
    Rows(Box<dyn Rows>),
}

/// What waits, in the order in which it came.
#[derive(Default)]
pub struct Later {
    writes: Vec<Write>,
    /// Rows that stand one by one in the text.
    rows: usize,
    /// Whether a policy lets only the actor of now write some of it.
    is_bound: bool,
}

impl Tx<'_> {
    /// Writes a row that everybody may write, at the end of the transaction.
    pub fn note<R: Row>(&mut self, row: R) -> Result<()> {
        self.later.rows = self.later.rows.saturating_add(1);
        let kinds = self.later.writes.iter_mut().filter_map(Write::rows);
        if let Some(rows) = kinds.filter_map(|rows| rows.of_kind().downcast_mut::<Vec<R>>()).next() {
            rows.push(row);
            return Ok(());
        }
        self.wait(Write::Rows(Box::new(vec![row])))
    }

    /// The same, as who is at work now.
    pub fn later_row<R: Row>(&mut self, row: R) -> Result<()> {
        self.later.is_bound = true;
        self.note(row)
    }

    /// Writes at the end of the transaction, as who is at work now. So many rows stand in the statement one by one; none
    /// where its text is the same for any number.
    pub fn later(&mut self, statement: impl QueryFragment<Pg> + 'static, rows: usize) -> Result<()> {
        self.later.is_bound = true;
        self.later.rows = self.later.rows.saturating_add(rows);
        self.wait(Write::Plain(Box::new(statement)))
    }

    /// Changes so many rows, no more and no fewer, at the end of the transaction; the statement returns something of
    /// each, and has one text for any number. When there are others by then, the transaction is run again, and sees them.
    pub fn later_exactly(&mut self, statement: impl QueryFragment<Pg> + 'static, rows: usize) -> Result<()> {
        self.later.is_bound = true;
        let wanted = i64::try_from(rows).map_err(Error::internal)?;
        self.wait(Write::Counted(Box::new(statement), wanted))
    }

    fn wait(&mut self, write: Write) -> Result<()> {
        self.later.writes.push(write);
        if self.later.writes.len() < WRITES_MAX { Ok(()) } else { self.write_now() }
    }

    /// Sends what waits: for who reads it after all.
    pub fn write_now(&mut self) -> Result<()> {
        let Later { writes, rows, .. } = std::mem::take(self.later);
        if writes.is_empty() {
            return Ok(());
        }
        let wanted: Vec<i64> = writes.iter().filter_map(Write::wanted).collect();
        let together = Together(writes.into_iter().map(Write::written).collect());
        let found: Vec<i64> = if rows <= PREPARED_ROWS_MAX {
            together.prepared().get_result(self.conn)
        } else {
            together.get_result(self.conn)
        }
        .map_err(taken)?;
        if found == wanted { Ok(()) } else { Err(Error::Conflict("a row is not as it was seen".to_owned())) }
    }

    /// Before and after a change of who is at work: what only he may write is written by him.
    pub(super) fn write_what_is_bound(&mut self) -> Result<()> {
        if self.later.is_bound { self.write_now() } else { Ok(()) }
    }
}

/// A name that was drawn, or a fact that was looked for and not found, was taken meanwhile: the transaction is run again
/// and sees it.
fn taken(error: diesel::result::Error) -> Error {
    match error {
        diesel::result::Error::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
            Error::Conflict(info.message().to_owned())
        }
        other => other.into(),
    }
}

impl Write {
    fn wanted(&self) -> Option<i64> {
        if let Write::Counted(_, wanted) = self { Some(*wanted) } else { None }
    }

    fn rows(&mut self) -> Option<&mut Box<dyn Rows>> {
        if let Write::Rows(rows) = self { Some(rows) } else { None }
    }

    /// The statement, and whether what it finds is counted.
    fn written(self) -> (Fragment, bool) {
        match self {
            Write::Plain(statement) => (statement, false),
            Write::Counted(statement, _) => (statement, true),
            Write::Rows(rows) => (rows.insert(), false),
        }
    }
}

/// `with w0 as (…), w1 as (…) select` how many rows those found that must find some.
struct Together(Vec<(Fragment, bool)>);

impl QueryFragment<Pg> for Together {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        let mut counts = String::new();
        for (number, (statement, is_counted)) in self.0.iter().enumerate() {
            out.push_sql(if number == 0 { "with " } else { ", " });
            out.push_sql(&format!("w{number} as ("));
            statement.walk_ast(out.reborrow())?;
            out.push_sql(")");
            if *is_counted {
                let comma = if counts.is_empty() { "" } else { ", " };
                counts.push_str(&format!("{comma}(select count(*) from w{number})"));
            }
        }
        out.push_sql(&format!(" select array[{counts}]::bigint[]"));
        Ok(())
    }
}

/// Told apart by its text.
impl QueryId for Together {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Together {
    type SqlType = Array<BigInt>;
}

impl RunQueryDsl<PgConnection> for Together {}
