use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use schema::shipments;
use uuid::Uuid;

use crate::kernel::error::OnConstraint as _;
use crate::kernel::{Error, Result, ShipmentId, Tx, Vnd};
use crate::shipping::model::ShippingRefusal;
use crate::shipping::shipments::{BookingStatus, Shipment};

/// Moves the booking of a locked parcel.
pub fn move_booking(tx: &mut Tx<'_>, shipment: &Shipment, next: BookingStatus, fault: Option<&str>) -> Result<()> {
    let moved = diesel::update(shipments::table.find(shipment.id))
        .filter(shipments::booking.eq(shipment.booking))
        .set((
            shipments::booking.eq(next),
            shipments::booking_fault.eq(fault),
            shipments::version.eq(shipments::version + 1),
            shipments::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    must_be_one(moved)
}

/// A locked row moves, unless a policy stops the actor.
fn must_be_one(rows: usize) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(Error::internal("the booking of a locked parcel did not move")) }
}

pub fn set_asked(tx: &mut Tx<'_>, id: ShipmentId) -> Result<()> {
    diesel::update(shipments::table.find(id)).set(shipments::asked_at.eq(tx.now)).execute(tx.conn)?;
    Ok(())
}

/// The number that the carrier said before stays.
pub fn set_booked(
    tx: &mut Tx<'_>,
    shipment: &Shipment,
    next: BookingStatus,
    code: Option<&str>,
    fee_vnd: Option<Vnd>,
) -> Result<()> {
    let id = shipment.id;
    move_booking(tx, shipment, next, None)?;
    if let Some(fee_vnd) = fee_vnd {
        diesel::update(shipments::table.find(id)).set(shipments::carrier_fee_vnd.eq(fee_vnd)).execute(tx.conn)?;
    }
    code.map_or(Ok(()), |code| learn_code(tx, id, code))
}

/// Notes the carrier's number unless one is known.
pub fn learn_code(tx: &mut Tx<'_>, id: ShipmentId, code: &str) -> Result<()> {
    diesel::update(shipments::table.find(id))
        .filter(shipments::code.is_null())
        .set(shipments::code.eq(code))
        .execute(tx.conn)?;
    Ok(())
}

pub fn set_waybill(tx: &mut Tx<'_>, shipment: &Shipment, next: BookingStatus, code: &str) -> Result<()> {
    let moved = diesel::update(shipments::table.find(shipment.id))
        .filter(shipments::booking.eq(shipment.booking))
        .set((
            shipments::booking.eq(next),
            shipments::booking_fault.eq(None::<String>),
            shipments::code.eq(code),
            shipments::version.eq(shipments::version + 1),
            shipments::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)
        .on_constraint("shipments_code_key", ShippingRefusal::CodeTaken)?;
    must_be_one(moved)
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Booked parcels on their way of which nothing was heard and that were not asked for since, the most silent first.
pub fn take_silent(tx: &mut Tx<'_>, before: DateTime<Utc>, rows: i64) -> Result<Vec<ShipmentId>> {
    let taken: Vec<Taken> = diesel::sql_query(
        "update shipments set asked_at = $1 where id in ( \
           select id from shipments where booking = 'booked' and carrier <> 'viettel_post' \
             and status not in ('delivered', 'returned', 'cancelled', 'lost', 'damaged') \
             and updated_at < $2 and (asked_at is null or asked_at < $2) \
           order by updated_at limit $3 for update skip locked) \
         returning id",
    )
    .bind::<Timestamptz, _>(tx.now)
    .bind::<Timestamptz, _>(before)
    .bind::<BigInt, _>(rows)
    .load(tx.conn)?;
    Ok(taken.into_iter().map(|row| ShipmentId(row.id)).collect())
}
