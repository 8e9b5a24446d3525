use diesel::prelude::*;
use schema::own_deliveries;

use crate::kernel::{ProducerId, Result, Tx, Vnd};
use crate::shipping::model::Zone;

/// One zone that a producer serves himself.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = own_deliveries)]
pub struct OwnDelivery {
    pub zone: Zone,
    pub fee_vnd: Vnd,
    pub free_from_vnd: Option<Vnd>,
    pub weight_g_max: i32,
    pub days_min: i32,
    pub days_max: i32,
}

pub fn of_producer(tx: &mut Tx<'_>, producer_id: ProducerId) -> Result<Vec<OwnDelivery>> {
    let rows = own_deliveries::table
        .filter(own_deliveries::producer_id.eq(producer_id))
        .order(own_deliveries::zone)
        .select(OwnDelivery::as_select())
        .load(tx.conn)?;
    Ok(rows)
}

/// Puts these zones in the place of all that stood there.
pub fn replace(tx: &mut Tx<'_>, producer_id: ProducerId, zones: &[OwnDelivery]) -> Result<()> {
    diesel::delete(own_deliveries::table.filter(own_deliveries::producer_id.eq(producer_id))).execute(tx.conn)?;
    let rows: Vec<_> = zones
        .iter()
        .map(|zone| (own_deliveries::producer_id.eq(producer_id), zone, own_deliveries::updated_at.eq(tx.now)))
        .collect();
    diesel::insert_into(own_deliveries::table).values(rows).execute(tx.conn)?;
    Ok(())
}
