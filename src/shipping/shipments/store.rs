use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Uuid as SqlUuid};
use schema::shipments;

use super::booking::BookingStatus;
use super::open::NewShipment;
use crate::kernel::{AccountId, OrderId, PickupPointId, ProducerId, Result, ShipmentId, Tx, Vnd};
use crate::places::CommuneCode;
use crate::producers::Sender;
use crate::shipping::carriers::{Parcel, Party, Spot};
use crate::shipping::model::{Carrier, Choice, Method, ShipmentStatus};

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = shipments)]
pub struct Shipment {
    pub id: ShipmentId,
    pub order_id: OrderId,
    pub producer_id: ProducerId,
    pub buyer_account_id: AccountId,
    pub method: Method,
    pub carrier: Option<Carrier>,
    pub pickup_point_id: Option<PickupPointId>,
    pub code: Option<String>,
    pub booking: BookingStatus,
    pub booking_fault: Option<String>,
    pub status: ShipmentStatus,
    pub weight_g: i32,
    pub goods_vnd: Vnd,
    pub fee_vnd: Vnd,
    /// What the carrier collects from the recipient.
    pub cod_vnd: Vnd,
    pub sender_name: String,
    pub sender_phone: String,
    pub sender_commune_code: CommuneCode,
    pub sender_address: String,
    pub recipient_name: String,
    pub recipient_phone: String,
    pub recipient_commune_code: CommuneCode,
    pub recipient_address: String,
    pub asked_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Shipment {
    /// As its carrier needs to know it, between these places.
    pub fn parcel(&self, [from, to]: [Spot; 2]) -> Parcel {
        let sender = Party {
            name: self.sender_name.clone(),
            phone: self.sender_phone.clone(),
            address: self.sender_address.clone(),
            spot: from,
        };
        let recipient = Party {
            name: self.recipient_name.clone(),
            phone: self.recipient_phone.clone(),
            address: self.recipient_address.clone(),
            spot: to,
        };
        let (reference, weight_g, goods_vnd) = (self.id.to_string(), self.weight_g, self.goods_vnd);
        Parcel { reference, sender, recipient, weight_g, goods_vnd, collects_vnd: self.cod_vnd }
    }
}

pub struct NewRow<'a> {
    pub id: ShipmentId,
    pub new: &'a NewShipment,
    pub sender: &'a Sender,
    pub booking: BookingStatus,
}

/// `None` when the order has a parcel on its way already.
pub fn insert(tx: &mut Tx<'_>, row: &NewRow<'_>) -> Result<Option<Shipment>> {
    let NewRow { id, new, sender, booking } = row;
    let point = if let Choice::Pickup(id) = new.choice { Some(id) } else { None };
    let shipment = diesel::insert_into(shipments::table)
        .values((
            (
                shipments::id.eq(id),
                shipments::order_id.eq(new.order_id),
                shipments::producer_id.eq(new.producer_id),
                shipments::buyer_account_id.eq(new.buyer_id),
                shipments::method.eq(new.choice.method()),
                shipments::carrier.eq(new.choice.carrier()),
                shipments::pickup_point_id.eq(point),
                shipments::booking.eq(booking),
                shipments::status.eq(ShipmentStatus::Created),
                shipments::weight_g.eq(new.weight_g),
                shipments::goods_vnd.eq(new.goods_vnd),
                shipments::fee_vnd.eq(new.fee_vnd),
                shipments::cod_vnd.eq(new.collects_vnd),
            ),
            (
                shipments::sender_name.eq(&sender.name),
                shipments::sender_phone.eq(&sender.phone),
                shipments::sender_commune_code.eq(&sender.commune_code),
                shipments::sender_address.eq(&sender.address),
                shipments::recipient_name.eq(&new.recipient.name),
                shipments::recipient_phone.eq(&new.recipient.phone),
                shipments::recipient_commune_code.eq(&new.recipient.commune_code),
                shipments::recipient_address.eq(&new.recipient.address),
                shipments::created_at.eq(tx.now),
                shipments::updated_at.eq(tx.now),
            ),
        ))
        .on_conflict_do_nothing()
        .returning(Shipment::as_returning())
        .get_result(tx.conn)
        .optional()?;
    Ok(shipment)
}

/// The parcel of an order that has not ended.
pub fn live_of(tx: &mut Tx<'_>, order_id: OrderId) -> Result<Option<Shipment>> {
    use ShipmentStatus::{Cancelled, Damaged, Lost, Returned};
    let row = shipments::table
        .filter(shipments::order_id.eq(order_id))
        .filter(shipments::status.ne_all([Returned, Cancelled, Lost, Damaged]))
        .select(Shipment::as_select())
        .first(tx.conn)
        .optional()?;
    Ok(row)
}

/// The parcel that an order was given last, locked.
pub fn lock_last_of(tx: &mut Tx<'_>, order_id: OrderId) -> Result<Option<Shipment>> {
    let row = shipments::table
        .filter(shipments::order_id.eq(order_id))
        .order((shipments::created_at.desc(), shipments::id.desc()))
        .select(Shipment::as_select())
        .for_update()
        .first(tx.conn)
        .optional()?;
    Ok(row)
}

/// Those of these orders that have a parcel on its way of which its carrier itself tells.
pub fn told_by_carrier(tx: &mut Tx<'_>, order_ids: &[OrderId]) -> Result<Vec<OrderId>> {
    use ShipmentStatus::{Cancelled, Damaged, Lost, Returned};
    let rows = shipments::table
        .filter(shipments::order_id.eq_any(order_ids))
        .filter(shipments::status.ne_all([Returned, Cancelled, Lost, Damaged]))
        .filter(shipments::booking.ne_all([BookingStatus::None, BookingStatus::ByHand]))
        .select(shipments::order_id)
        .load(tx.conn)?;
    Ok(rows)
}

pub fn find(tx: &mut Tx<'_>, id: ShipmentId) -> Result<Shipment> {
    Ok(shipments::table.find(id).select(Shipment::as_select()).first(tx.conn)?)
}

pub fn lock(tx: &mut Tx<'_>, id: ShipmentId) -> Result<Shipment> {
    Ok(shipments::table.find(id).select(Shipment::as_select()).for_update().first(tx.conn)?)
}

pub fn lock_own(tx: &mut Tx<'_>, producer_id: ProducerId, id: ShipmentId) -> Result<Shipment> {
    let row = shipments::table
        .find(id)
        .filter(shipments::producer_id.eq(producer_id))
        .select(Shipment::as_select())
        .for_update()
        .first(tx.conn)?;
    Ok(row)
}

/// These parcels, locked in the order of their ids.
pub fn lock_all(tx: &mut Tx<'_>, ids: &[ShipmentId]) -> Result<Vec<Shipment>> {
    let rows = shipments::table
        .filter(shipments::id.eq_any(ids))
        .order(shipments::id)
        .select(Shipment::as_select())
        .for_update()
        .load(tx.conn)?;
    Ok(rows)
}

/// The parcel that a carrier means, locked: by our reference, else by its own number.
pub fn heard_of(
    tx: &mut Tx<'_>,
    carrier: Carrier,
    (reference, code): (Option<ShipmentId>, &str),
) -> Result<Option<Shipment>> {
    let own = shipments::table.filter(shipments::carrier.eq(carrier)).select(Shipment::as_select()).for_update();
    if let Some(id) = reference {
        return Ok(own.filter(shipments::id.eq(id)).first(tx.conn).optional()?);
    }
    Ok(own.filter(shipments::code.eq(code)).first(tx.conn).optional()?)
}

pub fn of_order(tx: &mut Tx<'_>, order_id: OrderId) -> Result<Vec<Shipment>> {
    let rows = shipments::table
        .filter(shipments::order_id.eq(order_id))
        .order(shipments::id)
        .select(Shipment::as_select())
        .load(tx.conn)?;
    Ok(rows)
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    answer: bool,
}

/// Whether the order is this buyer's.
pub fn is_buyers_order(tx: &mut Tx<'_>, buyer_id: AccountId, order_id: OrderId) -> Result<bool> {
    let row: Answer =
        diesel::sql_query("select exists (select from orders where id = $1 and buyer_account_id = $2) as answer")
            .bind::<SqlUuid, _>(order_id)
            .bind::<SqlUuid, _>(buyer_id)
            .get_result(tx.conn)?;
    Ok(row.answer)
}

/// Whether the order stands in this producer's inbox: only what is paid is his business.
pub fn is_producers_order(tx: &mut Tx<'_>, producer_id: ProducerId, order_id: OrderId) -> Result<bool> {
    let row: Answer = diesel::sql_query(
        "select exists (select from orders where id = $1 and producer_id = $2 and paid_at is not null) as answer",
    )
    .bind::<SqlUuid, _>(order_id)
    .bind::<SqlUuid, _>(producer_id)
    .get_result(tx.conn)?;
    Ok(row.answer)
}

pub fn set_status(tx: &mut Tx<'_>, id: ShipmentId, status: ShipmentStatus) -> Result<()> {
    diesel::update(shipments::table.find(id))
        .set((
            shipments::status.eq(status),
            shipments::version.eq(shipments::version + 1),
            shipments::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}
