//! All SQL of webhooks.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid};
use schema::{webhook_attempts, webhook_deliveries, webhook_endpoints, webhook_events};
use uuid::Uuid;

use super::emit::Event;
use super::endpoints::Wish;
use super::model::{AttemptRow, DeliveryRow, DeliveryStatus, Endpoint, EndpointStatus, EventRow, EventType, Owner};
use super::sender::Told;
use crate::kernel::{EventId, ProducerId, Result, Tx, WebhookDeliveryId, WebhookEndpointId, WebhookEventId};

/// The oldest transaction that may still write: what older ones wrote will not become more.
const UNSETTLED: &str = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

/// Lets changes of the number of an owner's endpoints pass one after the other.
pub fn lock_owner(tx: &mut Tx<'_>, owner: Owner) -> Result<()> {
    diesel::sql_query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind::<Text, _>(format!("webhooks:{owner:?}"))
        .execute(tx.conn)?;
    Ok(())
}

pub fn endpoints(tx: &mut Tx<'_>, owner: Owner) -> Result<Vec<Endpoint>> {
    let rows = webhook_endpoints::table
        .filter(webhook_endpoints::producer_id.is_not_distinct_from(owner.producer_id()))
        .order(webhook_endpoints::id)
        .select(Endpoint::as_select())
        .load(tx.conn)?;
    Ok(rows)
}

pub fn count_endpoints(tx: &mut Tx<'_>, owner: Owner) -> Result<i64> {
    let own = webhook_endpoints::table.filter(webhook_endpoints::producer_id.is_not_distinct_from(owner.producer_id()));
    Ok(own.count().get_result(tx.conn)?)
}

pub fn endpoint(tx: &mut Tx<'_>, owner: Owner, id: WebhookEndpointId) -> Result<Option<Endpoint>> {
    let own = webhook_endpoints::table
        .find(id)
        .filter(webhook_endpoints::producer_id.is_not_distinct_from(owner.producer_id()));
    Ok(own.select(Endpoint::as_select()).first(tx.conn).optional()?)
}

pub fn insert_endpoint(tx: &mut Tx<'_>, owner: Owner, wish: &Wish) -> Result<Endpoint> {
    let row = diesel::insert_into(webhook_endpoints::table)
        .values((
            webhook_endpoints::id.eq(WebhookEndpointId::generate()),
            webhook_endpoints::producer_id.eq(owner.producer_id()),
            webhook_endpoints::url.eq(&wish.url),
            webhook_endpoints::event_types.eq(&wish.event_types),
            webhook_endpoints::status.eq(wish.status),
            webhook_endpoints::created_by.eq(tx.who.account_id),
            webhook_endpoints::created_at.eq(tx.now),
            webhook_endpoints::updated_at.eq(tx.now),
        ))
        .returning(Endpoint::as_returning())
        .get_result(tx.conn)?;
    Ok(row)
}

pub fn change_endpoint(tx: &mut Tx<'_>, seen: &Endpoint, wish: &Wish) -> Result<Option<Endpoint>> {
    let row = diesel::update(webhook_endpoints::table.find(seen.id))
        .filter(webhook_endpoints::version.eq(seen.version))
        .filter(webhook_endpoints::status.eq(seen.status))
        .set((
            webhook_endpoints::url.eq(&wish.url),
            webhook_endpoints::event_types.eq(&wish.event_types),
            webhook_endpoints::status.eq(wish.status),
            webhook_endpoints::version.eq(webhook_endpoints::version + 1),
            webhook_endpoints::updated_at.eq(tx.now),
        ))
        .returning(Endpoint::as_returning())
        .get_result(tx.conn)
        .optional()?;
    Ok(row)
}

pub fn rotate(tx: &mut Tx<'_>, id: WebhookEndpointId, previous_until: DateTime<Utc>) -> Result<Endpoint> {
    let row = diesel::update(webhook_endpoints::table.find(id))
        .set((
            webhook_endpoints::secret_generation.eq(webhook_endpoints::secret_generation + 1),
            webhook_endpoints::previous_until.eq(previous_until),
            webhook_endpoints::version.eq(webhook_endpoints::version + 1),
            webhook_endpoints::updated_at.eq(tx.now),
        ))
        .returning(Endpoint::as_returning())
        .get_result(tx.conn)?;
    Ok(row)
}

pub fn delete_endpoint(tx: &mut Tx<'_>, id: WebhookEndpointId) -> Result<()> {
    diesel::delete(webhook_endpoints::table.find(id)).execute(tx.conn)?;
    Ok(())
}

/// Whether it is new: the same did not happen before.
pub fn insert_event(tx: &mut Tx<'_>, id: WebhookEventId, event: &Event, body: &str) -> Result<bool> {
    let inserted = diesel::insert_into(webhook_events::table)
        .values((
            webhook_events::id.eq(id),
            webhook_events::producer_id.eq(event.producer_id),
            webhook_events::event_type.eq(event.kind),
            webhook_events::object_id.eq(event.object_id),
            webhook_events::occasion.eq(&event.occasion),
            webhook_events::body.eq(body),
            webhook_events::occurred_at.eq(tx.now),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    Ok(inserted == 1)
}

/// The endpoints that are told of this, with their owners.
pub fn wanting(
    tx: &mut Tx<'_>,
    producer_id: Option<ProducerId>,
    kind: EventType,
) -> Result<Vec<(WebhookEndpointId, Option<ProducerId>)>> {
    let of_operator = webhook_endpoints::producer_id.is_null();
    let wants_all = sql::<diesel::sql_types::Bool>("event_types = '{}'");
    let rows = webhook_endpoints::table
        .filter(webhook_endpoints::status.eq(EndpointStatus::Active))
        .filter(of_operator.or(webhook_endpoints::producer_id.is_not_distinct_from(producer_id)))
        .filter(wants_all.or(webhook_endpoints::event_types.contains(vec![kind])))
        .order(webhook_endpoints::id)
        .select((webhook_endpoints::id, webhook_endpoints::producer_id))
        .load(tx.conn)?;
    Ok(rows)
}

pub fn insert_delivery(
    tx: &mut Tx<'_>,
    event_id: WebhookEventId,
    endpoint_id: WebhookEndpointId,
    producer_id: Option<ProducerId>,
) -> Result<WebhookDeliveryId> {
    let id = WebhookDeliveryId::generate();
    diesel::insert_into(webhook_deliveries::table)
        .values((
            webhook_deliveries::id.eq(id),
            webhook_deliveries::event_id.eq(event_id),
            webhook_deliveries::endpoint_id.eq(endpoint_id),
            webhook_deliveries::producer_id.eq(producer_id),
            webhook_deliveries::status.eq(DeliveryStatus::Pending),
            webhook_deliveries::next_at.eq(tx.now),
            webhook_deliveries::created_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(id)
}

/// What is still to be delivered, and to whom.
pub fn pending(tx: &mut Tx<'_>, id: WebhookDeliveryId) -> Result<Option<(EventRow, Endpoint)>> {
    let row = webhook_deliveries::table
        .find(id)
        .filter(webhook_deliveries::status.eq(DeliveryStatus::Pending))
        .inner_join(webhook_events::table)
        .inner_join(webhook_endpoints::table)
        .select((EventRow::as_select(), Endpoint::as_select()))
        .first(tx.conn)
        .optional()?;
    Ok(row)
}

/// A try of a delivery that was removed meanwhile is not kept.
pub fn insert_attempt(tx: &mut Tx<'_>, id: WebhookDeliveryId, told: &Told) -> Result<()> {
    let known: Option<WebhookDeliveryId> =
        webhook_deliveries::table.find(id).select(webhook_deliveries::id).first(tx.conn).optional()?;
    if known.is_none() {
        return Ok(());
    }
    diesel::insert_into(webhook_attempts::table)
        .values((
            webhook_attempts::id.eq(EventId::generate().0),
            webhook_attempts::delivery_id.eq(id),
            webhook_attempts::at.eq(tx.now),
            webhook_attempts::status.eq(told.status.and_then(|status| i16::try_from(status).ok())),
            webhook_attempts::error.eq(told.error),
            webhook_attempts::took_ms.eq(told.took_ms),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// `None` when it was removed meanwhile.
pub fn lock_delivery(tx: &mut Tx<'_>, id: WebhookDeliveryId) -> Result<Option<DeliveryStatus>> {
    let status = webhook_deliveries::table.find(id).select(webhook_deliveries::status).for_no_key_update();
    Ok(status.first(tx.conn).optional()?)
}

pub fn end(tx: &mut Tx<'_>, id: WebhookDeliveryId, (old, next): (DeliveryStatus, DeliveryStatus)) -> Result<()> {
    diesel::update(webhook_deliveries::table.find(id))
        .filter(webhook_deliveries::status.eq(old))
        .set((
            webhook_deliveries::status.eq(next),
            webhook_deliveries::next_at.eq(None::<DateTime<Utc>>),
            webhook_deliveries::ended_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// How many tries there were now; `None` when it is not pending any more.
pub fn count_try(tx: &mut Tx<'_>, id: WebhookDeliveryId) -> Result<Option<i32>> {
    let tries = diesel::update(webhook_deliveries::table.find(id))
        .filter(webhook_deliveries::status.eq(DeliveryStatus::Pending))
        .set(webhook_deliveries::tries.eq(webhook_deliveries::tries + 1))
        .returning(webhook_deliveries::tries)
        .get_result(tx.conn)
        .optional()?;
    Ok(tries)
}

pub fn plan(tx: &mut Tx<'_>, id: WebhookDeliveryId, next_at: DateTime<Utc>) -> Result<()> {
    diesel::update(webhook_deliveries::table.find(id)).set(webhook_deliveries::next_at.eq(next_at)).execute(tx.conn)?;
    Ok(())
}

/// `None` when it was removed meanwhile. It is locked before any of its deliveries.
pub fn lock_endpoint_of(tx: &mut Tx<'_>, id: WebhookDeliveryId) -> Result<Option<(WebhookEndpointId, EndpointStatus)>> {
    let of_delivery = webhook_deliveries::table.find(id).select(webhook_deliveries::endpoint_id);
    Ok(webhook_endpoints::table
        .filter(webhook_endpoints::id.eq_any(of_delivery))
        .select((webhook_endpoints::id, webhook_endpoints::status))
        .for_no_key_update()
        .first(tx.conn)
        .optional()?)
}

pub fn move_endpoint(
    tx: &mut Tx<'_>,
    id: WebhookEndpointId,
    (old, next): (EndpointStatus, EndpointStatus),
) -> Result<()> {
    diesel::update(webhook_endpoints::table.find(id))
        .filter(webhook_endpoints::status.eq(old))
        .set((
            webhook_endpoints::status.eq(next),
            webhook_endpoints::version.eq(webhook_endpoints::version + 1),
            webhook_endpoints::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Ends what is on its way to an endpoint and has the old status.
pub fn end_all(tx: &mut Tx<'_>, id: WebhookEndpointId, (old, next): (DeliveryStatus, DeliveryStatus)) -> Result<()> {
    diesel::update(webhook_deliveries::table)
        .filter(webhook_deliveries::endpoint_id.eq(id))
        .filter(webhook_deliveries::status.eq(old))
        .set((
            webhook_deliveries::status.eq(next),
            webhook_deliveries::next_at.eq(None::<DateTime<Utc>>),
            webhook_deliveries::ended_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The newest first.
pub fn deliveries(
    tx: &mut Tx<'_>,
    owner: Owner,
    endpoint_id: Option<WebhookEndpointId>,
    before: Option<Uuid>,
    rows_max: i64,
) -> Result<Vec<(DeliveryRow, EventType)>> {
    let mut query = webhook_deliveries::table
        .inner_join(webhook_events::table)
        .filter(webhook_deliveries::producer_id.is_not_distinct_from(owner.producer_id()))
        .order(webhook_deliveries::id.desc())
        .limit(rows_max)
        .select((DeliveryRow::as_select(), webhook_events::event_type))
        .into_boxed();
    if let Some(endpoint_id) = endpoint_id {
        query = query.filter(webhook_deliveries::endpoint_id.eq(endpoint_id));
    }
    if let Some(before) = before {
        query = query.filter(webhook_deliveries::id.lt(WebhookDeliveryId(before)));
    }
    Ok(query.load(tx.conn)?)
}

pub fn delivery(tx: &mut Tx<'_>, owner: Owner, id: WebhookDeliveryId) -> Result<Option<DeliveryRow>> {
    let own = webhook_deliveries::table
        .find(id)
        .filter(webhook_deliveries::producer_id.is_not_distinct_from(owner.producer_id()));
    Ok(own.select(DeliveryRow::as_select()).first(tx.conn).optional()?)
}

pub fn event_of(tx: &mut Tx<'_>, id: WebhookEventId) -> Result<EventRow> {
    Ok(webhook_events::table.find(id).select(EventRow::as_select()).first(tx.conn)?)
}

/// In their order; as many as two rounds of tries.
pub fn attempts(tx: &mut Tx<'_>, id: WebhookDeliveryId, rows_max: i64) -> Result<Vec<AttemptRow>> {
    let mut rows: Vec<AttemptRow> = webhook_attempts::table
        .filter(webhook_attempts::delivery_id.eq(id))
        .order(webhook_attempts::id.desc())
        .limit(rows_max)
        .select(AttemptRow::as_select())
        .load(tx.conn)?;
    rows.reverse();
    Ok(rows)
}

/// `None` when it is not as it was seen any more.
pub fn begin_again(
    tx: &mut Tx<'_>,
    id: WebhookDeliveryId,
    (old, next): (DeliveryStatus, DeliveryStatus),
) -> Result<Option<DeliveryRow>> {
    let row = diesel::update(webhook_deliveries::table.find(id))
        .filter(webhook_deliveries::status.eq(old))
        .set((
            webhook_deliveries::status.eq(next),
            webhook_deliveries::tries.eq(0),
            webhook_deliveries::next_at.eq(tx.now),
            webhook_deliveries::ended_at.eq(None::<DateTime<Utc>>),
        ))
        .returning(DeliveryRow::as_returning())
        .get_result(tx.conn)
        .optional()?;
    Ok(row)
}

/// Everything that has one of the old statuses.
pub fn begin_again_since(
    tx: &mut Tx<'_>,
    endpoint_id: WebhookEndpointId,
    (old, next): (&[DeliveryStatus], DeliveryStatus),
    since: DateTime<Utc>,
    rows_max: i64,
) -> Result<Vec<WebhookDeliveryId>> {
    #[derive(QueryableByName)]
    struct Begun {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let begun: Vec<Begun> = diesel::sql_query(
        "update webhook_deliveries set status = $5, tries = 0, next_at = $1, ended_at = null where id in ( \
           select d.id from webhook_deliveries d join webhook_events e on e.id = d.event_id \
           where d.endpoint_id = $2 and d.status = any($6) and e.occurred_at >= $3 \
           order by d.id limit $4 for update of d) \
         returning id",
    )
    .bind::<Timestamptz, _>(tx.now)
    .bind::<SqlUuid, _>(endpoint_id)
    .bind::<Timestamptz, _>(since)
    .bind::<BigInt, _>(rows_max)
    .bind::<Text, _>(next)
    .bind::<Array<Text>, _>(old)
    .load(tx.conn)?;
    let mut ids: Vec<WebhookDeliveryId> = begun.into_iter().map(|row| WebhookDeliveryId(row.id)).collect();
    ids.sort_unstable();
    Ok(ids)
}

/// Events in the order in which they became visible; what may still get one before it waits for the next look.
pub fn events(tx: &mut Tx<'_>, owner: Owner, (txid, id): (i64, Uuid), rows_max: i64) -> Result<Vec<EventRow>> {
    let is_after =
        webhook_events::txid.gt(txid).or(webhook_events::txid.eq(txid).and(webhook_events::id.gt(WebhookEventId(id))));
    let mut query = webhook_events::table
        .filter(webhook_events::txid.ge(txid))
        .filter(webhook_events::txid.lt(sql::<BigInt>(UNSETTLED)))
        .filter(is_after)
        .order((webhook_events::txid, webhook_events::id))
        .limit(rows_max)
        .select(EventRow::as_select())
        .into_boxed();
    if let Owner::Producer(producer_id) = owner {
        query = query.filter(webhook_events::producer_id.eq(producer_id));
    }
    Ok(query.load(tx.conn)?)
}

/// Throws away old events with their deliveries.
pub fn purge(tx: &mut Tx<'_>) -> Result<usize> {
    const KEPT: TimeDelta = TimeDelta::days(90);
    Ok(diesel::delete(webhook_events::table.filter(webhook_events::occurred_at.lt(tx.now - KEPT))).execute(tx.conn)?)
}
