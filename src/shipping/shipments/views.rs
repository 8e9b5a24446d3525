use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::booking::BookingStatus;
use super::events::{self, Event, Source};
use super::report::{actions, is_by_hand, next_by_hand};
use super::store::{self, Shipment};
use crate::kernel::{OrderId, PickupPointId, Result, ShipmentId, Tx, Vnd};
use crate::shipping::model::{Carrier, Method, ShipmentAction, ShipmentStatus};

/// What was said of a parcel.
#[derive(Serialize, ToSchema)]
pub struct TrackingEventView {
    /// Null: worth knowing, but the parcel did not move.
    status: Option<ShipmentStatus>,
    source: Source,
    /// The carrier's own code.
    #[schema(example = "delivering", max_length = 60)]
    raw_code: Option<String>,
    #[schema(max_length = 300)]
    note: Option<String>,
    happened_at: DateTime<Utc>,
}

/// A parcel and its way.
#[derive(Serialize, ToSchema)]
pub struct ShipmentView {
    pub id: ShipmentId,
    order_id: OrderId,
    method: Method,
    carrier: Option<Carrier>,
    pickup_point_id: Option<PickupPointId>,
    /// The carrier's number, with which anybody can follow the parcel at the carrier's.
    #[schema(example = "S1.A1.17373471", max_length = 60)]
    code: Option<String>,
    booking: BookingStatus,
    /// Why the carrier refused, in its words.
    #[schema(max_length = 500)]
    booking_fault: Option<String>,
    status: ShipmentStatus,
    #[schema(minimum = 1, maximum = 10_000_000)]
    weight_g: i32,
    fee_vnd: Vnd,
    /// What the carrier collects from the recipient in cash.
    collects_vnd: Vnd,
    /// What was said of it, by the clock of whoever said it.
    #[schema(max_items = 500)]
    events: Vec<TrackingEventView>,
    /// What its producer may report now.
    #[schema(max_items = 8)]
    allowed_statuses: Vec<ShipmentStatus>,
    /// What its producer can do with it now.
    #[schema(max_items = 4)]
    allowed_actions: Vec<ShipmentAction>,
    #[schema(minimum = 1)]
    pub version: i32,
    created_at: DateTime<Utc>,
}

/// The parcels of an order.
#[derive(Serialize, ToSchema)]
pub struct ShipmentsView {
    #[schema(max_items = 100)]
    pub data: Vec<ShipmentView>,
}

/// For whom parcels are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    Buyer,
    Producer,
}

impl ShipmentView {
    fn new(shipment: Shipment, events: Vec<TrackingEventView>, reader: Reader) -> Self {
        let is_producer = reader == Reader::Producer;
        let allowed = if is_producer && is_by_hand(&shipment) { next_by_hand(shipment.status) } else { &[] };
        let allowed_actions = if is_producer { actions(&shipment) } else { Vec::new() };
        let Shipment {
            id,
            order_id,
            method,
            carrier,
            pickup_point_id,
            code,
            booking,
            booking_fault,
            status,
            weight_g,
            fee_vnd,
            cod_vnd,
            version,
            created_at,
            ..
        } = shipment;
        Self {
            id,
            order_id,
            method,
            carrier,
            pickup_point_id,
            code,
            booking,
            booking_fault: booking_fault.filter(|_| is_producer),
            status,
            weight_g,
            fee_vnd,
            collects_vnd: cod_vnd,
            events,
            allowed_statuses: allowed.to_vec(),
            allowed_actions,
            version,
            created_at,
        }
    }

    pub fn of(tx: &mut Tx<'_>, shipment: Shipment, reader: Reader) -> Result<Self> {
        let events = events::events_of(tx, &[shipment.id])?.into_iter().map(event_view).collect();
        Ok(Self::new(shipment, events, reader))
    }
}

fn event_view(event: Event) -> TrackingEventView {
    let Event { shipment_id: _, source, raw_code, status, note, happened_at } = event;
    TrackingEventView { status, source, raw_code, note, happened_at }
}

impl ShipmentsView {
    pub fn of_order(tx: &mut Tx<'_>, order_id: OrderId, reader: Reader) -> Result<Self> {
        let shipments = store::of_order(tx, order_id)?;
        let ids: Vec<ShipmentId> = shipments.iter().map(|shipment| shipment.id).collect();
        let mut events = events::events_of(tx, &ids)?;
        let mut data = Vec::new();
        for shipment in shipments {
            let (own, others): (Vec<_>, Vec<_>) =
                events.into_iter().partition(|event| event.shipment_id == shipment.id);
            events = others;
            data.push(ShipmentView::new(shipment, own.into_iter().map(event_view).collect(), reader));
        }
        Ok(Self { data })
    }
}
