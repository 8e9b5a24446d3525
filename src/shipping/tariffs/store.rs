use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use schema::{shipping_tariff_steps, shipping_tariffs};

use crate::kernel::error::OnConstraint as _;
use crate::kernel::{AccountId, Result, TariffId, Tx, Vnd};
use crate::shipping::model::{Service, ShippingRefusal, TransportClass, Zone};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = shipping_tariffs)]
pub struct Tariff {
    pub id: TariffId,
    pub service: Service,
    pub effective_from: NaiveDate,
    pub note: Option<String>,
    pub created_by: Option<AccountId>,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = shipping_tariff_steps)]
pub struct Step {
    pub tariff_id: TariffId,
    pub zone: Zone,
    pub transport_class: TransportClass,
    pub weight_g_max: i32,
    pub fee_vnd: Vnd,
    pub days_min: i32,
    pub days_max: i32,
}

pub fn insert(tx: &mut Tx<'_>, tariff: &Tariff, steps: &[Step]) -> Result<()> {
    diesel::insert_into(shipping_tariffs::table)
        .values(tariff)
        .execute(tx.conn)
        .on_constraint("shipping_tariffs_day_key", ShippingRefusal::TariffExists)?;
    diesel::insert_into(shipping_tariff_steps::table).values(steps).execute(tx.conn)?;
    Ok(())
}

pub fn find(tx: &mut Tx<'_>, id: TariffId) -> Result<Tariff> {
    Ok(shipping_tariffs::table.find(id).select(Tariff::as_select()).first(tx.conn)?)
}

pub fn steps(tx: &mut Tx<'_>, id: TariffId) -> Result<Vec<Step>> {
    let rows = shipping_tariff_steps::table
        .filter(shipping_tariff_steps::tariff_id.eq(id))
        .order((
            shipping_tariff_steps::zone,
            shipping_tariff_steps::transport_class,
            shipping_tariff_steps::weight_g_max,
        ))
        .select(Step::as_select())
        .load(tx.conn)?;
    Ok(rows)
}

/// The newest first.
pub fn list(tx: &mut Tx<'_>, service: Option<Service>, before: Option<TariffId>, rows_max: i64) -> Result<Vec<Tariff>> {
    let mut query = shipping_tariffs::table
        .order(shipping_tariffs::id.desc())
        .limit(rows_max)
        .select(Tariff::as_select())
        .into_boxed();
    if let Some(service) = service {
        query = query.filter(shipping_tariffs::service.eq(service));
    }
    if let Some(before) = before {
        query = query.filter(shipping_tariffs::id.lt(before));
    }
    Ok(query.load(tx.conn)?)
}
