use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use schema::{money_decision_postings, money_decisions};

use super::model::{Decision, DecisionStatus, Posting};
use crate::kernel::{AccountId, CreditId, DecisionId, Result, TransferId, Tx};

pub fn insert(tx: &mut Tx<'_>, new: &Decision) -> QueryResult<usize> {
    diesel::insert_into(money_decisions::table)
        .values((
            money_decisions::id.eq(new.id),
            money_decisions::kind.eq(new.kind),
            money_decisions::exception_id.eq(new.exception_id),
            money_decisions::reverses.eq(new.reverses),
            money_decisions::reason.eq(&new.reason),
            money_decisions::status.eq(new.status),
            money_decisions::proposed_by.eq(new.proposed_by),
            money_decisions::proposed_at.eq(new.proposed_at),
        ))
        .execute(tx.conn)
}

pub fn insert_postings(tx: &mut Tx<'_>, postings: &[Posting]) -> QueryResult<usize> {
    diesel::insert_into(money_decision_postings::table).values(postings).execute(tx.conn)
}

pub fn find(tx: &mut Tx<'_>, id: DecisionId) -> Result<Decision> {
    Ok(money_decisions::table.find(id).select(Decision::as_select()).first(tx.conn)?)
}

/// In their order.
pub fn postings(tx: &mut Tx<'_>, ids: &[DecisionId]) -> Result<Vec<Posting>> {
    Ok(money_decision_postings::table
        .filter(money_decision_postings::decision_id.eq_any(ids))
        .order((money_decision_postings::decision_id, money_decision_postings::place))
        .select(Posting::as_select())
        .load(tx.conn)?)
}

#[derive(QueryableByName)]
struct CreditRow {
    #[diesel(sql_type = SqlUuid)]
    credit_id: CreditId,
}

/// Of which money this movement said that its provider has no more of it: a line of a settlement, or a correction that ended
/// an exception.
pub fn credits_ended_by(tx: &mut Tx<'_>, transfer_id: TransferId) -> Result<Vec<CreditId>> {
    let rows: Vec<CreditRow> = diesel::sql_query(
        "select m.credit_id from ledger_transfers t join settlement_matches m on m.line_id = t.subject_id \
         where t.id = $1 and t.kind = 'settlement' and m.credit_id is not null \
         union \
         select e.credit_id from ledger_transfers t join money_decision_postings p on p.id = t.subject_id \
           join money_decisions d on d.id = p.decision_id join reconciliation_exceptions e on e.id = d.exception_id \
         where t.id = $1 and t.kind = 'correction' and e.credit_id is not null",
    )
    .bind::<SqlUuid, _>(transfer_id)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.credit_id).collect())
}

/// Decides what was proposed, once; `None` when somebody has meanwhile.
pub fn decide(
    tx: &mut Tx<'_>,
    (seen, next): (&Decision, DecisionStatus),
    by: AccountId,
    note: Option<&str>,
) -> QueryResult<Option<Decision>> {
    diesel::update(money_decisions::table.find(seen.id))
        .filter(money_decisions::status.eq(seen.status))
        .set((
            money_decisions::status.eq(next),
            money_decisions::decided_by.eq(by),
            money_decisions::decided_at.eq(tx.now),
            money_decisions::note.eq(note),
            money_decisions::version.eq(money_decisions::version + 1),
        ))
        .returning(Decision::as_returning())
        .get_result(tx.conn)
        .optional()
}

/// Who waits longest first, one more than the page holds.
pub fn list(
    tx: &mut Tx<'_>,
    status: Option<DecisionStatus>,
    after: Option<DecisionId>,
    rows: i64,
) -> Result<Vec<Decision>> {
    let mut query = money_decisions::table.select(Decision::as_select()).into_boxed();
    if let Some(status) = status {
        query = query.filter(money_decisions::status.eq(status));
    }
    if let Some(after) = after {
        query = query.filter(money_decisions::id.gt(after));
    }
    Ok(query.order(money_decisions::id).limit(rows).load(tx.conn)?)
}
