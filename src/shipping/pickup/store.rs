use diesel::prelude::*;
use schema::pickup_points;

use super::model::{PickupPoint, PointRow};
use crate::kernel::{PickupPointId, ProducerId, Result, Tx};
use crate::places::CommuneCode;

pub fn insert(tx: &mut Tx<'_>, point: &PickupPoint) -> Result<PointRow> {
    let PickupPoint { id, kind, producer_id, name, commune_code, address, opening, keeps_cold } = point;
    let row = diesel::insert_into(pickup_points::table)
        .values((
            pickup_points::id.eq(id),
            pickup_points::kind.eq(kind),
            pickup_points::producer_id.eq(producer_id),
            pickup_points::name.eq(name),
            pickup_points::commune_code.eq(commune_code),
            pickup_points::address.eq(address),
            pickup_points::opening.eq(opening),
            pickup_points::keeps_cold.eq(keeps_cold),
            pickup_points::created_at.eq(tx.now),
            pickup_points::updated_at.eq(tx.now),
        ))
        .returning(PointRow::as_returning())
        .get_result(tx.conn)?;
    Ok(row)
}

pub fn find(tx: &mut Tx<'_>, id: PickupPointId) -> Result<PointRow> {
    Ok(pickup_points::table.find(id).select(PointRow::as_select()).first(tx.conn)?)
}

/// A hub, or the stall of this producer.
pub fn lock(tx: &mut Tx<'_>, id: PickupPointId, owner: Option<ProducerId>) -> Result<PointRow> {
    let row = pickup_points::table
        .find(id)
        .filter(pickup_points::producer_id.is_not_distinct_from(owner))
        .select(PointRow::as_select())
        .for_update()
        .first(tx.conn)?;
    Ok(row)
}

/// Writes a point that is locked.
pub fn rewrite(tx: &mut Tx<'_>, row: &PointRow) -> Result<PointRow> {
    let PointRow { point, closed_at, version } = row;
    let row = diesel::update(pickup_points::table.find(point.id))
        .set((
            pickup_points::name.eq(&point.name),
            pickup_points::address.eq(&point.address),
            pickup_points::opening.eq(&point.opening),
            pickup_points::keeps_cold.eq(point.keeps_cold),
            pickup_points::closed_at.eq(closed_at),
            pickup_points::version.eq(version.saturating_add(1)),
            pickup_points::updated_at.eq(tx.now),
        ))
        .returning(PointRow::as_returning())
        .get_result(tx.conn)?;
    Ok(row)
}

/// Open points, in the order of their birth.
pub fn list(
    tx: &mut Tx<'_>,
    commune: Option<&CommuneCode>,
    after: Option<PickupPointId>,
    rows_max: i64,
) -> Result<Vec<PickupPoint>> {
    let mut query = pickup_points::table
        .filter(pickup_points::closed_at.is_null())
        .order(pickup_points::id)
        .limit(rows_max)
        .select(PickupPoint::as_select())
        .into_boxed();
    if let Some(commune) = commune {
        query = query.filter(pickup_points::commune_code.eq(commune));
    }
    if let Some(after) = after {
        query = query.filter(pickup_points::id.gt(after));
    }
    Ok(query.load(tx.conn)?)
}
