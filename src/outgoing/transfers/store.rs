//! All SQL of outgoing transfers.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Uuid as SqlUuid};
use schema::{
    outgoing_batches as batches, outgoing_events as events, outgoing_files as files, outgoing_transfers as transfers,
};
use uuid::Uuid;

use super::model::{Batch, File, Purpose, Rail, Transfer, TransferEvent, TransferStatus};
use crate::kernel::error::{Error, OnConstraint as _};
use crate::kernel::{
    AccountId, EventId, OutgoingBatchId, OutgoingFileId, OutgoingId, ProducerId, RefundId, Result, Tx,
};
use crate::outgoing::OutgoingRefusal;

/// Not at its end.
const UNDER_WAY: [TransferStatus; 5] = [
    TransferStatus::Requested,
    TransferStatus::OnHold,
    TransferStatus::Approved,
    TransferStatus::Sent,
    TransferStatus::Unknown,
];

pub fn insert_batch(tx: &mut Tx<'_>, purpose: Purpose, made_by: Option<AccountId>) -> Result<Batch> {
    Ok(diesel::insert_into(batches::table)
        .values((
            batches::id.eq(OutgoingBatchId::generate()),
            batches::purpose.eq(purpose),
            batches::made_by.eq(made_by),
            batches::made_at.eq(tx.now),
        ))
        .returning(Batch::as_returning())
        .get_result(tx.conn)?)
}

pub fn batch(tx: &mut Tx<'_>, id: OutgoingBatchId) -> Result<Batch> {
    Ok(batches::table.find(id).select(Batch::as_select()).first(tx.conn)?)
}

pub fn lock_batch(tx: &mut Tx<'_>, id: OutgoingBatchId) -> Result<Batch> {
    Ok(batches::table.find(id).select(Batch::as_select()).for_update().first(tx.conn)?)
}

pub fn set_maker(tx: &mut Tx<'_>, id: OutgoingBatchId, by: AccountId) -> Result<Batch> {
    Ok(diesel::update(batches::table.find(id))
        .set((batches::made_by.eq(by), batches::version.eq(batches::version + 1)))
        .returning(Batch::as_returning())
        .get_result(tx.conn)?)
}

pub fn set_approver(tx: &mut Tx<'_>, id: OutgoingBatchId, by: AccountId) -> Result<Batch> {
    diesel::update(batches::table.find(id))
        .set((batches::approved_by.eq(by), batches::approved_at.eq(tx.now), batches::version.eq(batches::version + 1)))
        .returning(Batch::as_returning())
        .get_result(tx.conn)
        .on_constraint("outgoing_batches_persons_check", OutgoingRefusal::SecondPerson)
}

/// The newest first.
pub fn list_batches(tx: &mut Tx<'_>, before: Option<OutgoingBatchId>, rows_max: i64) -> Result<Vec<Batch>> {
    let mut query = batches::table.select(Batch::as_select()).order(batches::id.desc()).limit(rows_max).into_boxed();
    if let Some(before) = before {
        query = query.filter(batches::id.lt(before));
    }
    Ok(query.load(tx.conn)?)
}

/// How many transfers of a batch are in each status, and with how much money.
#[derive(Debug, Clone, QueryableByName)]
pub struct Share {
    #[diesel(sql_type = SqlUuid)]
    pub batch_id: OutgoingBatchId,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub status: TransferStatus,
    #[diesel(sql_type = BigInt)]
    pub transfers: i64,
    #[diesel(sql_type = BigInt)]
    pub amount_vnd: i64,
}

pub fn shares(tx: &mut Tx<'_>, ids: &[OutgoingBatchId]) -> Result<Vec<Share>> {
    Ok(diesel::sql_query(
        "select batch_id, status, count(*) as transfers, sum(amount_vnd)::bigint as amount_vnd \
         from outgoing_transfers where batch_id = any($1) group by batch_id, status order by batch_id, status",
    )
    .bind::<diesel::sql_types::Array<SqlUuid>, _>(ids)
    .load(tx.conn)?)
}

pub fn insert(tx: &mut Tx<'_>, new: &Transfer) -> Result<()> {
    let row = (
        transfers::id.eq(new.id),
        transfers::purpose.eq(new.purpose),
        transfers::subject_id.eq(new.subject_id),
        transfers::batch_id.eq(new.batch_id),
        transfers::producer_id.eq(new.producer_id),
        transfers::order_id.eq(new.order_id),
        transfers::refund_id.eq(new.refund_id),
        transfers::bank_account_id.eq(new.bank_account_id),
        transfers::amount_vnd.eq(new.amount_vnd),
        transfers::reference.eq(&new.reference),
        transfers::rail.eq(new.rail),
        transfers::status.eq(new.status),
        transfers::next_at.eq(new.next_at),
        transfers::created_at.eq(new.created_at),
    );
    let inserted = diesel::insert_into(transfers::table).values(row).execute(tx.conn);
    match inserted {
        Err(diesel::result::Error::DatabaseError(_, info))
            if info.constraint_name() == Some("outgoing_transfers_reference_key") =>
        {
            // Another name is drawn.
            Err(Error::Conflict("a reference is taken".to_owned()))
        }
        other => other.on_constraint("outgoing_transfers_payout_key", OutgoingRefusal::PayoutUnderWay).map(drop),
    }
}

/// What a step changes besides the status.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub reason: Option<String>,
    pub next_at: Option<DateTime<Utc>>,
    pub rail_reference: Option<String>,
    pub sent_on: Option<NaiveDate>,
    pub batch_id: Option<OutgoingBatchId>,
}

/// Moves a transfer on; `None` when it has moved since it was read.
pub fn step(tx: &mut Tx<'_>, old: &Transfer, next: TransferStatus, change: &Change) -> Result<Option<Transfer>> {
    let is_sent = change.sent_on.is_some();
    let row = diesel::update(transfers::table.find(old.id))
        .filter(transfers::status.eq(old.status))
        .set((
            transfers::status.eq(next),
            transfers::next_at.eq(change.next_at),
            transfers::reason.eq(change.reason.as_ref().or(old.reason.as_ref())),
            transfers::rail_reference.eq(change.rail_reference.as_ref().or(old.rail_reference.as_ref())),
            transfers::sent_on.eq(change.sent_on.or(old.sent_on)),
            transfers::batch_id.eq(change.batch_id.or(old.batch_id)),
            transfers::sent_at.eq(if is_sent { Some(tx.now) } else { old.sent_at }),
            transfers::ended_at.eq(next.has_ended().then_some(tx.now)),
            transfers::version.eq(transfers::version + 1),
        ))
        .returning(Transfer::as_returning())
        .get_result(tx.conn)
        .optional()?;
    Ok(row)
}

/// Whether this person has released one of these transfers after a hold.
pub fn has_released(tx: &mut Tx<'_>, ids: &[OutgoingId], by: AccountId) -> Result<bool> {
    let released = events::table
        .filter(events::transfer_id.eq_any(ids))
        .filter(events::event.eq(TransferEvent::Release))
        .filter(events::actor_account_id.eq(by));
    Ok(diesel::select(diesel::dsl::exists(released)).get_result(tx.conn)?)
}

/// Whether this person has said of a transfer of a refund that it did not arrive.
pub fn has_ended(tx: &mut Tx<'_>, refund_id: RefundId, by: AccountId) -> Result<bool> {
    let ended = events::table
        .inner_join(transfers::table)
        .filter(transfers::refund_id.eq(refund_id))
        .filter(events::event.eq_any([TransferEvent::Fail, TransferEvent::Reverse]))
        .filter(events::actor_account_id.eq(by));
    Ok(diesel::select(diesel::dsl::exists(ended)).get_result(tx.conn)?)
}

pub fn insert_event(
    tx: &mut Tx<'_>,
    id: OutgoingId,
    (event, from, to): (TransferEvent, Option<TransferStatus>, TransferStatus),
    reason: Option<&str>,
) -> Result<()> {
    diesel::insert_into(events::table)
        .values((
            events::id.eq(EventId::generate().0),
            events::transfer_id.eq(id),
            events::event.eq(event),
            events::from_status.eq(from),
            events::to_status.eq(to),
            events::actor_account_id.eq(tx.who.account_id),
            events::reason.eq(reason),
            events::at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// When it is looked at next, how often it was asked for, and its name at the rail.
pub fn set_next(
    tx: &mut Tx<'_>,
    id: OutgoingId,
    next_at: Option<DateTime<Utc>>,
    (asked, rail_reference): (i32, Option<&str>),
) -> Result<()> {
    diesel::update(transfers::table.find(id))
        .set((transfers::next_at.eq(next_at), transfers::asked.eq(asked), transfers::rail_reference.eq(rail_reference)))
        .execute(tx.conn)?;
    Ok(())
}

pub fn find(tx: &mut Tx<'_>, id: OutgoingId) -> Result<Transfer> {
    Ok(transfers::table.find(id).select(Transfer::as_select()).first(tx.conn)?)
}

pub fn lock(tx: &mut Tx<'_>, id: OutgoingId) -> Result<Transfer> {
    Ok(transfers::table.find(id).select(Transfer::as_select()).for_update().first(tx.conn)?)
}

pub fn find_many(tx: &mut Tx<'_>, ids: &[OutgoingId]) -> Result<Vec<Transfer>> {
    Ok(transfers::table.filter(transfers::id.eq_any(ids)).select(Transfer::as_select()).load(tx.conn)?)
}

/// The transfers by which a refund was sent or tried, the newest first.
pub fn for_refund(tx: &mut Tx<'_>, refund_id: RefundId) -> Result<Vec<Transfer>> {
    Ok(transfers::table
        .filter(transfers::refund_id.eq(refund_id))
        .order(transfers::id.desc())
        .select(Transfer::as_select())
        .load(tx.conn)?)
}

/// Those of a batch in one status, held in the order of their ids.
pub fn lock_of_batch(tx: &mut Tx<'_>, id: OutgoingBatchId, status: TransferStatus) -> Result<Vec<Transfer>> {
    Ok(transfers::table
        .filter(transfers::batch_id.eq(id))
        .filter(transfers::status.eq(status))
        .order(transfers::id)
        .select(Transfer::as_select())
        .for_update()
        .load(tx.conn)?)
}

/// Approved for a bank file, held in the order of their ids.
pub fn lock_for_file(tx: &mut Tx<'_>, rows_max: i64) -> Result<Vec<Transfer>> {
    Ok(transfers::table
        .filter(transfers::status.eq(TransferStatus::Approved))
        .filter(transfers::rail.eq(Rail::BankFile))
        .order(transfers::id)
        .limit(rows_max)
        .select(Transfer::as_select())
        .for_update()
        .load(tx.conn)?)
}

pub fn of_file(tx: &mut Tx<'_>, id: OutgoingFileId) -> Result<Vec<Transfer>> {
    Ok(transfers::table
        .filter(transfers::file_id.eq(id))
        .order(transfers::id)
        .select(Transfer::as_select())
        .load(tx.conn)?)
}

/// To a producer and not sent yet, held in the order of their ids.
pub fn lock_unsent(tx: &mut Tx<'_>, producer_id: ProducerId) -> Result<Vec<Transfer>> {
    Ok(transfers::table
        .filter(transfers::producer_id.eq(producer_id))
        .filter(transfers::status.eq_any(&UNDER_WAY[..3]))
        .order(transfers::id)
        .select(Transfer::as_select())
        .for_update()
        .load(tx.conn)?)
}

/// What payOS has, or is to get, and whose time has come.
pub fn due(tx: &mut Tx<'_>, rows_max: i64) -> Result<Vec<Transfer>> {
    Ok(transfers::table
        .filter(transfers::rail.eq(Rail::Payos))
        .filter(transfers::next_at.le(tx.now))
        .order(transfers::next_at)
        .limit(rows_max)
        .select(Transfer::as_select())
        .load(tx.conn)?)
}

/// What has left and has no end yet.
const UNENDED: [TransferStatus; 2] = [TransferStatus::Sent, TransferStatus::Unknown];

/// What was sent by a rail before a moment, has no end yet, and has called nobody.
pub fn overdue(tx: &mut Tx<'_>, rail: Rail, sent_before: DateTime<Utc>, rows_max: i64) -> Result<Vec<Transfer>> {
    Ok(transfers::table
        .filter(transfers::status.eq_any(UNENDED))
        .filter(transfers::sent_at.le(sent_before))
        .filter(transfers::rail.eq(rail))
        .filter(transfers::alarmed_at.is_null())
        .order(transfers::sent_at)
        .limit(rows_max)
        .select(Transfer::as_select())
        .load(tx.conn)?)
}

/// Says that people were called; `false` when its end became known, or somebody else called them.
pub fn set_alarmed(tx: &mut Tx<'_>, id: OutgoingId) -> Result<bool> {
    let unended = transfers::table.find(id).filter(transfers::status.eq_any(UNENDED));
    let changed = diesel::update(unended.filter(transfers::alarmed_at.is_null()))
        .set((transfers::alarmed_at.eq(tx.now), transfers::version.eq(transfers::version + 1)))
        .execute(tx.conn)?;
    Ok(changed == 1)
}

/// How many have called people and have no end yet.
pub fn count_alarms(tx: &mut Tx<'_>) -> Result<i64> {
    let unended = transfers::table.filter(transfers::status.eq_any(UNENDED));
    Ok(unended.filter(transfers::alarmed_at.is_not_null()).count().get_result(tx.conn)?)
}

/// Of these producers, those to whom a payout is on its way.
pub fn under_way_among(tx: &mut Tx<'_>, producers: &[ProducerId]) -> Result<Vec<Transfer>> {
    Ok(transfers::table
        .filter(transfers::producer_id.eq_any(producers))
        .filter(transfers::purpose.eq(Purpose::Payout))
        .filter(transfers::status.eq_any(UNDER_WAY))
        .select(Transfer::as_select())
        .load(tx.conn)?)
}

/// A producer's payouts, the newest first.
pub fn list_of_producer(
    tx: &mut Tx<'_>,
    producer_id: ProducerId,
    before: Option<OutgoingId>,
    rows_max: i64,
) -> Result<Vec<Transfer>> {
    let mut query = transfers::table
        .filter(transfers::producer_id.eq(producer_id))
        .select(Transfer::as_select())
        .order(transfers::id.desc())
        .limit(rows_max)
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(transfers::id.lt(before));
    }
    Ok(query.load(tx.conn)?)
}

/// Which transfers an operator looks for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub status: Option<TransferStatus>,
    pub purpose: Option<Purpose>,
    pub batch_id: Option<OutgoingBatchId>,
    pub producer_id: Option<ProducerId>,
    /// Only those that have called people and have no end yet.
    pub is_overdue: bool,
}

/// The newest first.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, before: Option<OutgoingId>, rows_max: i64) -> Result<Vec<Transfer>> {
    let mut query =
        transfers::table.select(Transfer::as_select()).order(transfers::id.desc()).limit(rows_max).into_boxed();
    if let Some(status) = filter.status {
        query = query.filter(transfers::status.eq(status));
    }
    if let Some(purpose) = filter.purpose {
        query = query.filter(transfers::purpose.eq(purpose));
    }
    if let Some(batch_id) = filter.batch_id {
        query = query.filter(transfers::batch_id.eq(batch_id));
    }
    if let Some(producer_id) = filter.producer_id {
        query = query.filter(transfers::producer_id.eq(producer_id));
    }
    if filter.is_overdue {
        query = query.filter(transfers::alarmed_at.is_not_null()).filter(transfers::status.eq_any(UNENDED));
    }
    if let Some(before) = before {
        query = query.filter(transfers::id.lt(before));
    }
    Ok(query.load(tx.conn)?)
}

/// What has left on a day in Vietnam, or may have: in all, and to whoever owns an account.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Left {
    #[diesel(sql_type = BigInt)]
    pub total_vnd: i64,
    #[diesel(sql_type = BigInt)]
    pub recipient_vnd: i64,
}

/// Whoever asks holds the switch alone, so that nobody else sends meanwhile.
pub fn left_on(tx: &mut Tx<'_>, day: NaiveDate, recipient: Uuid) -> Result<Left> {
    Ok(diesel::sql_query(
        "select coalesce(sum(t.amount_vnd), 0)::bigint as total_vnd, \
                coalesce(sum(t.amount_vnd) filter (where $2 in (a.producer_id, a.buyer_account_id)), 0)::bigint as recipient_vnd \
         from outgoing_transfers t join bank_accounts a on a.id = t.bank_account_id \
         where t.sent_on = $1 and t.status <> 'failed'",
    )
    .bind::<Date, _>(day)
    .bind::<SqlUuid, _>(recipient)
    .get_result(tx.conn)?)
}

pub fn insert_file(tx: &mut Tx<'_>, file: &File) -> Result<()> {
    diesel::insert_into(files::table).values(file).execute(tx.conn)?;
    Ok(())
}

/// Names the file in which these were sent, once.
pub fn put_in_file(tx: &mut Tx<'_>, id: OutgoingFileId, sent: &[Transfer]) -> Result<()> {
    let ids: Vec<OutgoingId> = sent.iter().map(|transfer| transfer.id).collect();
    diesel::update(transfers::table.filter(transfers::id.eq_any(ids)))
        .set(transfers::file_id.eq(id))
        .execute(tx.conn)?;
    Ok(())
}

pub fn file(tx: &mut Tx<'_>, id: OutgoingFileId) -> Result<File> {
    Ok(files::table.find(id).select(File::as_select()).first(tx.conn)?)
}

/// The newest first.
pub fn list_files(tx: &mut Tx<'_>, before: Option<OutgoingFileId>, rows_max: i64) -> Result<Vec<File>> {
    let mut query = files::table.select(File::as_select()).order(files::id.desc()).limit(rows_max).into_boxed();
    if let Some(before) = before {
        query = query.filter(files::id.lt(before));
    }
    Ok(query.load(tx.conn)?)
}
