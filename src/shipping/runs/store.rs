use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Uuid as SqlUuid};
use schema::{collection_runs, collection_stops};

use super::model::RunStatus;
use crate::kernel::{CollectionRunId, Error, OrderId, ProducerId, Result, ShipmentId, StopId, Tx, Vnd};
use crate::places::CommuneCode;
use crate::shipping::model::ShipmentStatus;
use crate::shipping::shipments::Shipment;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = collection_runs)]
pub struct Run {
    pub id: CollectionRunId,
    pub organizer_id: ProducerId,
    pub commune_code: CommuneCode,
    pub run_on: NaiveDate,
    pub vehicle: String,
    pub capacity_kg: i32,
    pub cost_vnd: Vnd,
    pub status: RunStatus,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

pub fn insert(tx: &mut Tx<'_>, run: &Run) -> Result<()> {
    diesel::insert_into(collection_runs::table).values(run).execute(tx.conn)?;
    Ok(())
}

pub fn own(tx: &mut Tx<'_>, organizer_id: ProducerId, id: CollectionRunId) -> Result<Run> {
    let run = collection_runs::table
        .find(id)
        .filter(collection_runs::organizer_id.eq(organizer_id))
        .select(Run::as_select())
        .first(tx.conn)?;
    Ok(run)
}

/// A run that nobody else joins or moves until the transaction ends.
pub fn lock(tx: &mut Tx<'_>, id: CollectionRunId) -> Result<Run> {
    Ok(collection_runs::table.find(id).select(Run::as_select()).for_update().first(tx.conn)?)
}

pub fn set_status(tx: &mut Tx<'_>, id: CollectionRunId, status: RunStatus) -> Result<Run> {
    let run = diesel::update(collection_runs::table.find(id))
        .set((
            collection_runs::status.eq(status),
            collection_runs::version.eq(collection_runs::version + 1),
            collection_runs::updated_at.eq(tx.now),
        ))
        .returning(Run::as_returning())
        .get_result(tx.conn)?;
    Ok(run)
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    answer: bool,
}

/// Whether two communes are one or share a border.
pub fn is_near(tx: &mut Tx<'_>, one: &CommuneCode, other: &CommuneCode) -> Result<bool> {
    let row: Answer = diesel::sql_query(
        "select $1 = $2 or exists (select from commune_borders where commune_code = least($1, $2) \
           and neighbour_code = greatest($1, $2)) as answer",
    )
    .bind::<Text, _>(one)
    .bind::<Text, _>(other)
    .get_result(tx.conn)?;
    Ok(row.answer)
}

/// Runs that a producer organizes, and those that are planned near where he lives; the newest first.
pub fn list(tx: &mut Tx<'_>, producer_id: ProducerId, before: Option<CollectionRunId>, rows: i64) -> Result<Vec<Run>> {
    #[derive(QueryableByName)]
    struct Id {
        #[diesel(sql_type = SqlUuid)]
        id: uuid::Uuid,
    }
    let ids: Vec<Id> = diesel::sql_query(
        "select r.id from collection_runs r join producers p on p.id = $1 \
         where ($2::uuid is null or r.id < $2) and (r.organizer_id = $1 or (r.status = 'planned' \
           and (r.commune_code = p.residence_commune_code or exists (select from commune_borders b \
             where b.commune_code = least(r.commune_code, p.residence_commune_code) \
               and b.neighbour_code = greatest(r.commune_code, p.residence_commune_code))))) \
         order by r.id desc limit $3",
    )
    .bind::<SqlUuid, _>(producer_id)
    .bind::<Nullable<SqlUuid>, _>(before)
    .bind::<BigInt, _>(rows)
    .load(tx.conn)?;
    let ids: Vec<CollectionRunId> = ids.into_iter().map(|row| CollectionRunId(row.id)).collect();
    let rows = collection_runs::table
        .filter(collection_runs::id.eq_any(ids))
        .order(collection_runs::id.desc())
        .select(Run::as_select())
        .load(tx.conn)?;
    Ok(rows)
}

/// What is on board, and the next free place; asked as the platform, since a producer sees only his own.
pub fn load_of(tx: &mut Tx<'_>, id: CollectionRunId) -> Result<(i64, i32)> {
    #[derive(QueryableByName)]
    struct Load {
        #[diesel(sql_type = BigInt)]
        grams: i64,
        #[diesel(sql_type = Integer)]
        next: i32,
    }
    let row: Load = diesel::sql_query(
        "select coalesce(sum(weight_g), 0)::bigint as grams, coalesce(max(sequence), 0) + 1 as next \
         from collection_stops where run_id = $1",
    )
    .bind::<SqlUuid, _>(id)
    .get_result(tx.conn)?;
    Ok((row.grams, row.next))
}

/// Whether a parcel is on a run already.
pub fn is_aboard(tx: &mut Tx<'_>, shipment_id: ShipmentId) -> Result<bool> {
    let stops = collection_stops::table.filter(collection_stops::shipment_id.eq(shipment_id));
    Ok(diesel::select(diesel::dsl::exists(stops)).get_result(tx.conn)?)
}

/// `false` when somebody has just put the parcel on a run.
pub fn insert_stop(tx: &mut Tx<'_>, run_id: CollectionRunId, shipment: &Shipment, sequence: i32) -> Result<bool> {
    let inserted = diesel::insert_into(collection_stops::table)
        .values((
            collection_stops::id.eq(StopId::generate()),
            collection_stops::run_id.eq(run_id),
            collection_stops::shipment_id.eq(shipment.id),
            collection_stops::producer_id.eq(shipment.producer_id),
            collection_stops::sequence.eq(sequence),
            collection_stops::weight_g.eq(shipment.weight_g),
            collection_stops::created_at.eq(tx.now),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    Ok(inserted == 1)
}

/// Takes parcels off a run that will not go with it: all, or those that were called off or brought otherwise.
pub fn take_off(tx: &mut Tx<'_>, run_id: CollectionRunId, is_all: bool) -> Result<()> {
    diesel::sql_query(
        "delete from collection_stops s using shipments p where s.run_id = $1 and p.id = s.shipment_id \
           and ($2 or p.status <> 'created')",
    )
    .bind::<SqlUuid, _>(run_id)
    .bind::<Bool, _>(is_all)
    .execute(tx.conn)?;
    Ok(())
}

/// A stop with what the driver needs.
#[derive(Debug, Clone, QueryableByName)]
pub struct Stop {
    #[diesel(sql_type = SqlUuid)]
    pub id: StopId,
    #[diesel(sql_type = SqlUuid)]
    pub shipment_id: ShipmentId,
    #[diesel(sql_type = SqlUuid)]
    pub order_id: OrderId,
    #[diesel(sql_type = Integer)]
    pub sequence: i32,
    #[diesel(sql_type = Integer)]
    pub weight_g: i32,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub cost_vnd: Option<Vnd>,
    #[diesel(sql_type = Text)]
    pub status: ShipmentStatus,
    #[diesel(sql_type = Text)]
    pub sender_name: String,
    #[diesel(sql_type = Text)]
    pub sender_phone: String,
    #[diesel(sql_type = Text)]
    pub sender_commune_code: CommuneCode,
    #[diesel(sql_type = Text)]
    pub sender_address: String,
    #[diesel(sql_type = Text)]
    pub recipient_name: String,
    #[diesel(sql_type = Text)]
    pub recipient_phone: String,
    #[diesel(sql_type = Text)]
    pub recipient_commune_code: CommuneCode,
    #[diesel(sql_type = Text)]
    pub recipient_address: String,
}

pub fn stops(tx: &mut Tx<'_>, run_id: CollectionRunId) -> Result<Vec<Stop>> {
    let rows = diesel::sql_query(
        "select s.id, s.shipment_id, p.order_id, s.sequence, s.weight_g, s.cost_vnd, p.status, p.sender_name, p.sender_phone, \
           p.sender_commune_code, p.sender_address, p.recipient_name, p.recipient_phone, p.recipient_commune_code, \
           p.recipient_address \
         from collection_stops s join shipments p on p.id = s.shipment_id where s.run_id = $1 order by s.sequence",
    )
    .bind::<SqlUuid, _>(run_id)
    .load(tx.conn)?;
    Ok(rows)
}

pub fn set_costs(tx: &mut Tx<'_>, shares: &[(StopId, Vnd)]) -> Result<()> {
    for (id, cost) in shares {
        let changed = diesel::update(collection_stops::table.find(id))
            .set(collection_stops::cost_vnd.eq(cost))
            .execute(tx.conn)?;
        if changed != 1 {
            return Err(Error::internal("a stop vanished under the lock of its run"));
        }
    }
    Ok(())
}
