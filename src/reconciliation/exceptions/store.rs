use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};
use schema::{reconciliation_exceptions, settlement_lines};

use crate::kernel::time::vietnam_day;
use crate::kernel::{CreditId, ExceptionId, Result, ReviewId, SettlementFileId, SettlementLineId, TransferId, Tx, Vnd};
use crate::payments::providers::ProviderId;
use crate::reconciliation::model::{
    Decided, ExceptionEvent, ExceptionKind, ExceptionStatus, NewException, OursId, Statement,
};

/// Rows of one statement.
const ROWS_AT_ONCE: usize = 2_000;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = reconciliation_exceptions)]
pub struct Exception {
    pub id: ExceptionId,
    pub provider: ProviderId,
    pub kind: ExceptionKind,
    /// None of what nobody has said anything of for too long.
    pub file_id: Option<SettlementFileId>,
    pub settled_on: NaiveDate,
    pub credit_id: Option<CreditId>,
    pub transfer_id: Option<TransferId>,
    pub ours_vnd: Option<Vnd>,
    pub theirs_vnd: Option<Vnd>,
    pub status: ExceptionStatus,
    pub version: i32,
    pub found_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub after_review_id: Option<ReviewId>,
    pub after_exception_id: Option<ExceptionId>,
}

impl Exception {
    /// What of ours stands in clearing because of it: above zero what came in, below what went back.
    pub fn standing_vnd(&self) -> i64 {
        let ours = self.ours_vnd.map_or(0, Vnd::amount);
        if self.transfer_id.is_some() { ours.saturating_neg() } else { ours }
    }
}

/// What the provider's line says.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = settlement_lines)]
pub struct Told {
    pub line: i32,
    pub refs: Vec<Option<String>>,
    pub transaction_no: Option<String>,
    pub fee_vnd: Vnd,
}

/// What was found once is not found again: it waits, or is decided.
pub fn insert(tx: &mut Tx<'_>, statement: &Statement, found: &[NewException]) -> Result<()> {
    for part in found.chunks(ROWS_AT_ONCE) {
        let rows: Vec<_> = part
            .iter()
            .map(|one| {
                let (credit_id, transfer_id) = one.ours.map_or((None, None), OursId::parts);
                let (after_review_id, after_exception_id) = one.after.map_or((None, None), Decided::parts);
                (
                    reconciliation_exceptions::id.eq(one.id),
                    reconciliation_exceptions::provider.eq(statement.provider),
                    reconciliation_exceptions::kind.eq(one.kind),
                    reconciliation_exceptions::file_id.eq(statement.id),
                    reconciliation_exceptions::settled_on.eq(statement.settled_on),
                    reconciliation_exceptions::line_id.eq(one.line_id),
                    reconciliation_exceptions::credit_id.eq(credit_id),
                    reconciliation_exceptions::transfer_id.eq(transfer_id),
                    reconciliation_exceptions::ours_vnd.eq(one.ours_vnd),
                    reconciliation_exceptions::theirs_vnd.eq(one.theirs_vnd),
                    reconciliation_exceptions::status.eq(ExceptionStatus::Open),
                    reconciliation_exceptions::found_at.eq(tx.now),
                    reconciliation_exceptions::after_review_id.eq(after_review_id),
                    reconciliation_exceptions::after_exception_id.eq(after_exception_id),
                )
            })
            .collect();
        diesel::insert_into(reconciliation_exceptions::table).values(rows).on_conflict_do_nothing().execute(tx.conn)?;
    }
    Ok(())
}

/// Cash that its carrier still has.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Overdue {
    #[diesel(sql_type = Text)]
    pub provider: ProviderId,
    #[diesel(sql_type = SqlUuid)]
    pub credit_id: CreditId,
    #[diesel(sql_type = BigInt)]
    pub amount_vnd: Vnd,
}

/// What carriers collected before a moment, have not settled, and nobody has noted, the oldest first.
pub fn overdue(tx: &mut Tx<'_>, before: DateTime<Utc>, rows: i64) -> Result<Vec<Overdue>> {
    Ok(diesel::sql_query(
        "select k.provider, k.id as credit_id, k.amount_vnd from payments p join payment_credits k on k.payment_id = p.id \
         where p.order_id is not null and p.settled_at is null and p.captured_at < $1 \
           and not exists (select from reconciliation_exceptions e where e.credit_id = k.id) \
         order by p.captured_at limit $2",
    )
    .bind::<Timestamptz, _>(before)
    .bind::<BigInt, _>(rows)
    .load(tx.conn)?)
}

/// What should have been settled long ago, and no file says.
pub fn insert_overdue(tx: &mut Tx<'_>, found: &[Overdue]) -> Result<()> {
    let today = vietnam_day(tx.now);
    let row = |one: &Overdue| {
        (
            reconciliation_exceptions::id.eq(ExceptionId::generate()),
            reconciliation_exceptions::provider.eq(one.provider),
            reconciliation_exceptions::kind.eq(ExceptionKind::MissingThere),
            reconciliation_exceptions::settled_on.eq(today),
            reconciliation_exceptions::credit_id.eq(one.credit_id),
            reconciliation_exceptions::ours_vnd.eq(one.amount_vnd),
            reconciliation_exceptions::status.eq(ExceptionStatus::Open),
            reconciliation_exceptions::found_at.eq(tx.now),
        )
    };
    let rows: Vec<_> = found.iter().map(row).collect();
    diesel::insert_into(reconciliation_exceptions::table).values(rows).execute(tx.conn)?;
    Ok(())
}

/// What is matched now is no exception any more, however it was one.
pub fn agree_after_all(tx: &mut Tx<'_>, matches: &[(SettlementLineId, OursId)]) -> Result<usize> {
    let lines: Vec<SettlementLineId> = matches.iter().map(|(line, _)| *line).collect();
    let parts = matches.iter().map(|(_, ours)| ours.parts());
    let (credits, sent): (Vec<_>, Vec<_>) = parts.unzip();
    let credits: Vec<CreditId> = credits.into_iter().flatten().collect();
    let sent: Vec<TransferId> = sent.into_iter().flatten().collect();
    let next = ExceptionStatus::Open.after(ExceptionEvent::Match).unwrap_or(ExceptionStatus::Open);
    Ok(diesel::update(reconciliation_exceptions::table)
        .filter(reconciliation_exceptions::status.eq_any(ExceptionStatus::unended()))
        .filter(
            reconciliation_exceptions::line_id
                .eq_any(lines)
                .or(reconciliation_exceptions::credit_id.eq_any(credits))
                .or(reconciliation_exceptions::transfer_id.eq_any(sent)),
        )
        .set((
            reconciliation_exceptions::status.eq(next),
            reconciliation_exceptions::ended_at.eq(tx.now),
            reconciliation_exceptions::version.eq(reconciliation_exceptions::version + 1),
        ))
        .execute(tx.conn)?)
}

pub fn lock(tx: &mut Tx<'_>, id: ExceptionId) -> Result<Exception> {
    let one = reconciliation_exceptions::table.find(id);
    Ok(one.select(Exception::as_select()).for_update().first(tx.conn)?)
}

/// Moves an exception as it was seen; `false` when somebody has meanwhile.
pub fn has_moved(tx: &mut Tx<'_>, seen: &Exception, next: ExceptionStatus) -> Result<bool> {
    let ended_at = next.after(ExceptionEvent::Match).is_none().then_some(tx.now);
    let moved = diesel::update(reconciliation_exceptions::table.find(seen.id))
        .filter(reconciliation_exceptions::status.eq(seen.status))
        .set((
            reconciliation_exceptions::status.eq(next),
            reconciliation_exceptions::ended_at.eq(ended_at),
            reconciliation_exceptions::version.eq(reconciliation_exceptions::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(moved == 1)
}

/// What had ended the exceptions of this money was taken back: people look at them again.
pub fn reopen(tx: &mut Tx<'_>, credits: &[CreditId]) -> Result<()> {
    let ended = reconciliation_exceptions::table
        .filter(reconciliation_exceptions::credit_id.eq_any(credits))
        .select(Exception::as_select())
        .for_update();
    for seen in ended.load(tx.conn)? {
        if let Some(next) = seen.status.after(ExceptionEvent::Reopen) {
            has_moved(tx, &seen, next)?;
        }
    }
    Ok(())
}

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub status: Option<ExceptionStatus>,
    pub kind: Option<ExceptionKind>,
    pub provider: Option<ProviderId>,
    pub file_id: Option<SettlementFileId>,
}

/// Who waits longest first, one more than the page holds.
pub fn list(
    tx: &mut Tx<'_>,
    filter: &Filter,
    after: Option<ExceptionId>,
    rows: i64,
) -> Result<Vec<(Exception, Option<Told>)>> {
    let mut query = reconciliation_exceptions::table
        .left_join(settlement_lines::table)
        .select((Exception::as_select(), Option::<Told>::as_select()))
        .into_boxed();
    if let Some(status) = filter.status {
        query = query.filter(reconciliation_exceptions::status.eq(status));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(reconciliation_exceptions::kind.eq(kind));
    }
    if let Some(provider) = filter.provider {
        query = query.filter(reconciliation_exceptions::provider.eq(provider));
    }
    if let Some(file_id) = filter.file_id {
        query = query.filter(reconciliation_exceptions::file_id.eq(file_id));
    }
    if let Some(after) = after {
        query = query.filter(reconciliation_exceptions::id.gt(after));
    }
    Ok(query.order(reconciliation_exceptions::id).limit(rows).load(tx.conn)?)
}

pub fn find(tx: &mut Tx<'_>, id: ExceptionId) -> Result<(Exception, Option<Told>)> {
    Ok(reconciliation_exceptions::table
        .left_join(settlement_lines::table)
        .filter(reconciliation_exceptions::id.eq(id))
        .select((Exception::as_select(), Option::<Told>::as_select()))
        .first(tx.conn)?)
}
