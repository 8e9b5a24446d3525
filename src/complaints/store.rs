use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text, Uuid as SqlUuid};
use schema::{complaint_events, complaint_vulnerabilities, complaints};
use uuid::Uuid;

use super::model::{ComplaintEvent, ComplaintKind, ComplaintRefusal, ComplaintStatus, VulnerableReason};
use crate::kernel::error::OnConstraint as _;
use crate::kernel::{AccountId, ComplaintId, EventId, OrderId, ProducerId, Result, Tx};

#[derive(Debug, Clone, Queryable, Selectable, Insertable, QueryableByName)]
#[diesel(table_name = complaints)]
pub struct Complaint {
    pub id: ComplaintId,
    pub code: String,
    pub order_id: OrderId,
    pub buyer_account_id: AccountId,
    pub producer_id: Option<ProducerId>,
    pub kind: ComplaintKind,
    pub text: String,
    pub status: ComplaintStatus,
    pub received_on: NaiveDate,
    pub due_on: Option<NaiveDate>,
    pub answers: i32,
    pub client_ref: Option<Uuid>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Writes a complaint; `None` when this `client_ref` was used before.
pub fn insert(tx: &mut Tx<'_>, complaint: &Complaint) -> Result<Option<Complaint>> {
    diesel::insert_into(complaints::table)
        .values(complaint)
        .on_conflict((complaints::buyer_account_id, complaints::client_ref))
        .do_nothing()
        .returning(Complaint::as_returning())
        .get_result(tx.conn)
        .optional()
        .on_constraint("complaints_open_key", ComplaintRefusal::AlreadyOpen)
}

pub fn find_by_client_ref(tx: &mut Tx<'_>, buyer_id: AccountId, client_ref: Uuid) -> Result<Option<Complaint>> {
    Ok(complaints::table
        .filter(complaints::buyer_account_id.eq(buyer_id))
        .filter(complaints::client_ref.eq(client_ref))
        .select(Complaint::as_select())
        .first(tx.conn)
        .optional()?)
}

pub fn declare_vulnerable(tx: &mut Tx<'_>, complaint: &Complaint, reason: VulnerableReason) -> Result<()> {
    diesel::insert_into(complaint_vulnerabilities::table)
        .values((
            complaint_vulnerabilities::complaint_id.eq(complaint.id),
            complaint_vulnerabilities::buyer_account_id.eq(complaint.buyer_account_id),
            complaint_vulnerabilities::reason.eq(reason),
            complaint_vulnerabilities::declared_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Which of these complaints are of vulnerable consumers, and why.
pub fn vulnerable(tx: &mut Tx<'_>, ids: &[ComplaintId]) -> Result<Vec<(ComplaintId, VulnerableReason)>> {
    Ok(complaint_vulnerabilities::table
        .filter(complaint_vulnerabilities::complaint_id.eq_any(ids))
        .select((complaint_vulnerabilities::complaint_id, complaint_vulnerabilities::reason))
        .load(tx.conn)?)
}

/// A complaint that the actor may see; row-level security hides every other.
pub fn find(tx: &mut Tx<'_>, id: ComplaintId) -> Result<Complaint> {
    Ok(complaints::table.find(id).select(Complaint::as_select()).first(tx.conn)?)
}

pub fn find_buyers(tx: &mut Tx<'_>, buyer_id: AccountId, id: ComplaintId) -> Result<Complaint> {
    Ok(complaints::table
        .find(id)
        .filter(complaints::buyer_account_id.eq(buyer_id))
        .select(Complaint::as_select())
        .first(tx.conn)?)
}

pub fn find_producers(tx: &mut Tx<'_>, producer_id: ProducerId, id: ComplaintId) -> Result<Complaint> {
    Ok(complaints::table
        .find(id)
        .filter(complaints::producer_id.eq(producer_id))
        .select(Complaint::as_select())
        .first(tx.conn)?)
}

pub fn lock(tx: &mut Tx<'_>, id: ComplaintId) -> Result<Complaint> {
    Ok(complaints::table.find(id).select(Complaint::as_select()).for_update().first(tx.conn)?)
}

/// Writes a step over the status that was decided upon; `None` when somebody else was faster.
pub fn move_status(
    tx: &mut Tx<'_>,
    old: &Complaint,
    next: ComplaintStatus,
    due_on: Option<NaiveDate>,
    answers: i32,
) -> Result<Option<Complaint>> {
    diesel::update(complaints::table.find(old.id))
        .filter(complaints::status.eq(old.status))
        .filter(complaints::version.eq(old.version))
        .set((
            complaints::status.eq(next),
            complaints::due_on.eq(due_on),
            complaints::answers.eq(answers),
            complaints::version.eq(complaints::version + 1),
            complaints::updated_at.eq(tx.now),
        ))
        .returning(Complaint::as_returning())
        .get_result(tx.conn)
        .optional()
        .on_constraint("complaints_open_key", ComplaintRefusal::AlreadyOpen)
}

/// Keeps what happened, with what was written.
pub fn record(
    tx: &mut Tx<'_>,
    complaint: &Complaint,
    event: ComplaintEvent,
    from: Option<ComplaintStatus>,
    text: Option<&str>,
) -> Result<()> {
    diesel::insert_into(complaint_events::table)
        .values((
            complaint_events::id.eq(EventId::generate()),
            complaint_events::complaint_id.eq(complaint.id),
            complaint_events::buyer_account_id.eq(complaint.buyer_account_id),
            complaint_events::producer_id.eq(complaint.producer_id),
            complaint_events::event.eq(event),
            complaint_events::from_status.eq(from.map(ComplaintStatus::as_str)),
            complaint_events::to_status.eq(complaint.status.as_str()),
            complaint_events::actor_role.eq(tx.who.role.as_str()),
            complaint_events::text.eq(text),
            complaint_events::at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Event, status after it, actor's role, text, when.
pub type EventRow = (ComplaintEvent, ComplaintStatus, String, Option<String>, DateTime<Utc>);

/// The oldest first.
pub fn events_of(tx: &mut Tx<'_>, id: ComplaintId) -> Result<Vec<EventRow>> {
    Ok(complaint_events::table
        .filter(complaint_events::complaint_id.eq(id))
        .order((complaint_events::at, complaint_events::id))
        .select((
            complaint_events::event,
            complaint_events::to_status,
            complaint_events::actor_role,
            complaint_events::text,
            complaint_events::at,
        ))
        .load(tx.conn)?)
}

/// The newest first, one more than the page holds.
pub fn list_buyers(
    tx: &mut Tx<'_>,
    buyer_id: AccountId,
    before: Option<ComplaintId>,
    rows: i64,
) -> Result<Vec<Complaint>> {
    let mut query =
        complaints::table.filter(complaints::buyer_account_id.eq(buyer_id)).select(Complaint::as_select()).into_boxed();
    if let Some(before) = before {
        query = query.filter(complaints::id.lt(before));
    }
    Ok(query.order(complaints::id.desc()).limit(rows).load(tx.conn)?)
}

pub fn list_producers(
    tx: &mut Tx<'_>,
    producer_id: ProducerId,
    before: Option<ComplaintId>,
    rows: i64,
) -> Result<Vec<Complaint>> {
    let mut query =
        complaints::table.filter(complaints::producer_id.eq(producer_id)).select(Complaint::as_select()).into_boxed();
    if let Some(before) = before {
        query = query.filter(complaints::id.lt(before));
    }
    Ok(query.order(complaints::id.desc()).limit(rows).load(tx.conn)?)
}

/// Where a complaint stands in the queue: vulnerable consumers first, then what is due first.
pub type QueuePlace = (bool, NaiveDate, ComplaintId);

#[derive(QueryableByName)]
struct Queued {
    #[diesel(embed)]
    complaint: Complaint,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<VulnerableReason>,
}

/// Without a due day they come last.
pub fn place_of(complaint: &Complaint, reason: Option<VulnerableReason>) -> QueuePlace {
    (reason.is_none(), complaint.due_on.unwrap_or_else(far), complaint.id)
}

/// After every day that there is.
fn far() -> NaiveDate {
    NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX)
}

/// The operator's queue: those of one status, or all that are open.
pub fn queue(
    tx: &mut Tx<'_>,
    status: Option<ComplaintStatus>,
    after: Option<QueuePlace>,
    rows: i64,
) -> Result<Vec<(Complaint, Option<VulnerableReason>)>> {
    let (is_plain, due_on, id) = match after {
        Some((is_plain, due_on, id)) => (Some(is_plain), Some(due_on), Some(id)),
        None => (None, None, None),
    };
    let queued: Vec<Queued> = diesel::sql_query(
        "select c.*, v.reason from complaints c left join complaint_vulnerabilities v on v.complaint_id = c.id \
         where (c.status = $1 or ($1 is null and c.due_on is not null)) \
           and ($2 is null or (v.reason is null, coalesce(c.due_on, '9999-12-31'), c.id) > ($2, $3, $4)) \
         order by v.reason is null, coalesce(c.due_on, '9999-12-31'), c.id limit $5",
    )
    .bind::<Nullable<Text>, _>(status)
    .bind::<Nullable<Bool>, _>(is_plain)
    .bind::<Nullable<Date>, _>(due_on)
    .bind::<Nullable<SqlUuid>, _>(id)
    .bind::<BigInt, _>(rows)
    .load(tx.conn)?;
    Ok(queued.into_iter().map(|queued| (queued.complaint, queued.reason)).collect())
}
