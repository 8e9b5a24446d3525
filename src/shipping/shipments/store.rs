use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Timestamptz, Uuid as SqlUuid};
use schema::{shipment_events, shipments};
use uuid::Uuid;

use super::decide::Moment;
use super::open::NewShipment;
use super::record::{NewEvent, Source};
use crate::kernel::error::OnConstraint as _;
use crate::kernel::{AccountId, EventId, OrderId, PickupPointId, ProducerId, Result, ShipmentId, Tx, Vnd};
use crate::places::CommuneCode;
use crate::producers::Sender;
use crate::shipping::carriers::{Parcel, Party, Spot};
use crate::shipping::model::{Carrier, Choice, Method, ShipmentStatus, ShippingRefusal};
use crate::text_enum;

text_enum! {
    /// How far the booking with a carrier is.
    pub enum BookingStatus {
        /// No carrier brings it.
        None = "none",
        Pending = "pending",
        Booked = "booked",
        /// The carrier is not connected: the producer gives it the parcel himself.
        ByHand = "by_hand",
        Refused = "refused",
        Cancelling = "cancelling",
        Cancelled = "cancelled",
    }
}

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
        Parcel { reference, sender, recipient, weight_g, goods_vnd }
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

/// What was noted last when a parcel came to a status.
pub fn last_note(tx: &mut Tx<'_>, id: ShipmentId, status: ShipmentStatus) -> Result<Option<String>> {
    let note: Option<Option<String>> = shipment_events::table
        .filter(shipment_events::shipment_id.eq(id))
        .filter(shipment_events::status.eq(status))
        .order((shipment_events::happened_at.desc(), shipment_events::id.desc()))
        .select(shipment_events::note)
        .first(tx.conn)
        .optional()?;
    Ok(note.flatten())
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

/// `false` when the same was said before.
pub fn insert_event(tx: &mut Tx<'_>, shipment: &Shipment, event: &NewEvent) -> Result<bool> {
    let inserted = diesel::insert_into(shipment_events::table)
        .values((
            shipment_events::id.eq(EventId::generate()),
            shipment_events::shipment_id.eq(shipment.id),
            shipment_events::producer_id.eq(shipment.producer_id),
            shipment_events::buyer_account_id.eq(shipment.buyer_account_id),
            shipment_events::source.eq(event.source),
            shipment_events::raw_code.eq(&event.raw_code),
            shipment_events::status.eq(event.status),
            shipment_events::note.eq(&event.note),
            shipment_events::happened_at.eq(event.happened_at),
            shipment_events::received_at.eq(tx.now),
            shipment_events::dedup_key.eq(&event.dedup_key),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    Ok(inserted == 1)
}

pub fn moments(tx: &mut Tx<'_>, id: ShipmentId) -> Result<Vec<Moment>> {
    let rows: Vec<(Option<ShipmentStatus>, DateTime<Utc>)> = shipment_events::table
        .filter(shipment_events::shipment_id.eq(id))
        .filter(shipment_events::status.is_not_null())
        .select((shipment_events::status, shipment_events::happened_at))
        .load(tx.conn)?;
    let moment = |(status, happened_at): (Option<_>, _)| Some(Moment { status: status?, happened_at });
    Ok(rows.into_iter().filter_map(moment).collect())
}

/// An event as the parties see it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = shipment_events)]
pub struct Event {
    pub shipment_id: ShipmentId,
    pub source: Source,
    pub raw_code: Option<String>,
    pub status: Option<ShipmentStatus>,
    pub note: Option<String>,
    pub happened_at: DateTime<Utc>,
}

pub fn events_of(tx: &mut Tx<'_>, ids: &[ShipmentId]) -> Result<Vec<Event>> {
    let rows = shipment_events::table
        .filter(shipment_events::shipment_id.eq_any(ids))
        .order((shipment_events::happened_at, shipment_events::id))
        .select(Event::as_select())
        .load(tx.conn)?;
    Ok(rows)
}

/// The carrier's code that was heard last.
pub fn last_raw_code(tx: &mut Tx<'_>, id: ShipmentId) -> Result<Option<String>> {
    let code: Option<Option<String>> = shipment_events::table
        .filter(shipment_events::shipment_id.eq(id))
        .filter(shipment_events::raw_code.is_not_null())
        .order((shipment_events::happened_at.desc(), shipment_events::id.desc()))
        .select(shipment_events::raw_code)
        .first(tx.conn)
        .optional()?;
    Ok(code.flatten())
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

pub fn set_booking(tx: &mut Tx<'_>, id: ShipmentId, booking: BookingStatus, fault: Option<&str>) -> Result<()> {
    diesel::update(shipments::table.find(id))
        .set((
            shipments::booking.eq(booking),
            shipments::booking_fault.eq(fault),
            shipments::version.eq(shipments::version + 1),
            shipments::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub fn set_asked(tx: &mut Tx<'_>, id: ShipmentId) -> Result<()> {
    diesel::update(shipments::table.find(id)).set(shipments::asked_at.eq(tx.now)).execute(tx.conn)?;
    Ok(())
}

/// The carrier is off: a parcel that still waits is given to it by hand.
pub fn leave_to_hands(tx: &mut Tx<'_>, id: ShipmentId) -> Result<()> {
    diesel::update(shipments::table.find(id))
        .filter(shipments::booking.eq(BookingStatus::Pending))
        .set((
            shipments::booking.eq(BookingStatus::ByHand),
            shipments::version.eq(shipments::version + 1),
            shipments::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The number that the carrier said before stays.
pub fn set_booked(
    tx: &mut Tx<'_>,
    id: ShipmentId,
    booking: BookingStatus,
    code: Option<&str>,
    fee_vnd: Option<Vnd>,
) -> Result<()> {
    set_booking(tx, id, booking, None)?;
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

pub fn set_waybill(tx: &mut Tx<'_>, id: ShipmentId, code: &str) -> Result<()> {
    diesel::update(shipments::table.find(id))
        .set((
            shipments::booking.eq(BookingStatus::ByHand),
            shipments::booking_fault.eq(None::<String>),
            shipments::code.eq(code),
            shipments::version.eq(shipments::version + 1),
            shipments::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)
        .on_constraint("shipments_code_key", ShippingRefusal::CodeTaken)?;
    Ok(())
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
