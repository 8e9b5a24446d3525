use chrono::{DateTime, Utc};
use diesel::prelude::*;
use schema::{claim_events, claim_lines, claims};

use super::model::{ClaimEvent, ClaimKind, ClaimStatus, ClaimWish};
use crate::kernel::{AccountId, ClaimId, EventId, OrderId, ProducerId, Result, Tx, VariantId, Vnd};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = claims)]
pub struct Claim {
    pub id: ClaimId,
    pub order_id: OrderId,
    pub buyer_account_id: AccountId,
    pub producer_id: ProducerId,
    pub kind: ClaimKind,
    pub text: String,
    pub wish: ClaimWish,
    pub status: ClaimStatus,
    /// Whether all its goods keep.
    pub keeps: bool,
    /// The way, when everything is claimed.
    pub shipping_vnd: Vnd,
    pub claimed_vnd: Vnd,
    pub offered_vnd: Option<Vnd>,
    pub granted_vnd: Option<Vnd>,
    pub due_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = claim_lines)]
pub struct ClaimLine {
    pub claim_id: ClaimId,
    pub variant_id: VariantId,
    pub buyer_account_id: AccountId,
    pub producer_id: ProducerId,
    pub quantity: i32,
    pub amount_vnd: Vnd,
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = claim_events)]
pub struct EventRow {
    pub claim_id: ClaimId,
    pub event: ClaimEvent,
    pub to_status: ClaimStatus,
    pub actor_role: String,
    pub text: Option<String>,
    pub amount_vnd: Option<Vnd>,
    pub at: DateTime<Utc>,
}

pub fn insert(tx: &mut Tx<'_>, claim: &Claim, lines: &[ClaimLine]) -> Result<()> {
    diesel::insert_into(claims::table).values(claim).execute(tx.conn)?;
    diesel::insert_into(claim_lines::table).values(lines).execute(tx.conn)?;
    Ok(())
}

/// A claim that the actor may see; row-level security hides every other.
pub fn find(tx: &mut Tx<'_>, id: ClaimId) -> Result<Claim> {
    Ok(claims::table.find(id).select(Claim::as_select()).first(tx.conn)?)
}

pub fn find_buyers(tx: &mut Tx<'_>, buyer_id: AccountId, id: ClaimId) -> Result<Claim> {
    Ok(claims::table
        .find(id)
        .filter(claims::buyer_account_id.eq(buyer_id))
        .select(Claim::as_select())
        .first(tx.conn)?)
}

pub fn find_producers(tx: &mut Tx<'_>, producer_id: ProducerId, id: ClaimId) -> Result<Claim> {
    Ok(claims::table.find(id).filter(claims::producer_id.eq(producer_id)).select(Claim::as_select()).first(tx.conn)?)
}

pub fn of_order(tx: &mut Tx<'_>, order_id: OrderId) -> Result<Option<Claim>> {
    Ok(claims::table.filter(claims::order_id.eq(order_id)).select(Claim::as_select()).first(tx.conn).optional()?)
}

/// What a step writes.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    pub status: ClaimStatus,
    pub offered: Option<Vnd>,
    pub granted: Option<Vnd>,
    pub due_at: Option<DateTime<Utc>>,
}

/// Writes a step over the status that was decided upon; `None` when somebody else was faster.
pub fn move_status(tx: &mut Tx<'_>, old: &Claim, change: &Change) -> Result<Option<Claim>> {
    Ok(diesel::update(claims::table.find(old.id))
        .filter(claims::status.eq(old.status))
        .filter(claims::version.eq(old.version))
        .set((
            claims::status.eq(change.status),
            claims::offered_vnd.eq(change.offered),
            claims::granted_vnd.eq(change.granted),
            claims::due_at.eq(change.due_at),
            claims::version.eq(claims::version + 1),
            claims::updated_at.eq(tx.now),
        ))
        .returning(Claim::as_returning())
        .get_result(tx.conn)
        .optional()?)
}

/// Keeps what happened, with what was written and which amount was named.
pub fn record(
    tx: &mut Tx<'_>,
    claim: &Claim,
    (event, from): (ClaimEvent, Option<ClaimStatus>),
    text: Option<&str>,
    amount: Option<Vnd>,
) -> Result<()> {
    diesel::insert_into(claim_events::table)
        .values((
            claim_events::id.eq(EventId::generate()),
            claim_events::claim_id.eq(claim.id),
            claim_events::buyer_account_id.eq(claim.buyer_account_id),
            claim_events::producer_id.eq(claim.producer_id),
            claim_events::event.eq(event),
            claim_events::from_status.eq(from.map(ClaimStatus::as_str)),
            claim_events::to_status.eq(claim.status),
            claim_events::step.eq(claim.version),
            claim_events::actor_role.eq(tx.who.role.as_str()),
            claim_events::text.eq(text),
            claim_events::amount_vnd.eq(amount),
            claim_events::at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The claims of these orders that were granted something.
pub fn granted(tx: &mut Tx<'_>, ids: &[OrderId]) -> Result<Vec<Claim>> {
    let granted = claims::table.filter(claims::order_id.eq_any(ids)).filter(claims::granted_vnd.gt(Vnd::ZERO));
    Ok(granted.select(Claim::as_select()).load(tx.conn)?)
}

pub fn lines_of(tx: &mut Tx<'_>, ids: &[ClaimId]) -> Result<Vec<ClaimLine>> {
    Ok(claim_lines::table
        .filter(claim_lines::claim_id.eq_any(ids))
        .order((claim_lines::claim_id, claim_lines::variant_id))
        .select(ClaimLine::as_select())
        .load(tx.conn)?)
}

/// The oldest first.
pub fn events_of(tx: &mut Tx<'_>, ids: &[ClaimId]) -> Result<Vec<EventRow>> {
    Ok(claim_events::table
        .filter(claim_events::claim_id.eq_any(ids))
        .order((claim_events::claim_id, claim_events::step))
        .select(EventRow::as_select())
        .load(tx.conn)?)
}

/// The newest first, one more than the page holds.
pub fn list_producers(
    tx: &mut Tx<'_>,
    producer_id: ProducerId,
    before: Option<ClaimId>,
    rows: i64,
) -> Result<Vec<Claim>> {
    let mut query = claims::table.filter(claims::producer_id.eq(producer_id)).select(Claim::as_select()).into_boxed();
    if let Some(before) = before {
        query = query.filter(claims::id.lt(before));
    }
    Ok(query.order(claims::id.desc()).limit(rows).load(tx.conn)?)
}

/// Where a claim stands in the operator's queue: what is due first.
pub type QueuePlace = (DateTime<Utc>, ClaimId);

/// What the operator must decide, due first.
pub fn queue(tx: &mut Tx<'_>, after: Option<QueuePlace>, rows: i64) -> Result<Vec<Claim>> {
    let mut query =
        claims::table.filter(claims::status.eq(ClaimStatus::InReview)).select(Claim::as_select()).into_boxed();
    if let Some((due_at, id)) = after {
        query = query.filter(claims::due_at.gt(due_at).or(claims::due_at.eq(due_at).and(claims::id.gt(id))));
    }
    Ok(query.order((claims::due_at, claims::id)).limit(rows).load(tx.conn)?)
}
