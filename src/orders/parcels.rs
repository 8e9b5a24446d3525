//! An order and its parcel: opened when the goods are handed over, and followed.

use std::collections::BTreeSet;

use serde_json::json;

use super::got_lines::{GotLine, got_lines};
use super::model::{Order, OrderEvent, OrderStatus, Side, Way};
use super::move_order::owed;
use super::steps::{self, Step};
use super::store;
use crate::audit;
use crate::kernel::{Error, OrderId, Result, ShipmentId, Tx, Vnd};
use crate::places::CommuneCode;
use crate::shipping::{self, Choice, Method, NewShipment, Recipient, Shipment, ShipmentStatus, Source};

/// What a parcel must weigh and may weigh in the books of shipping, in grams.
const WEIGHT_G: (i64, i64) = (1, 10_000_000);
/// What a buyer reads when whoever brings a parcel gave no reason.
const NOT_DELIVERED: &str = "Người vận chuyển báo chưa giao được hàng";
const SENT_BACK: &str = "Người vận chuyển đang chuyển hoàn hàng";

/// The goods have left their producer's hands: from now on there is a parcel, which a job books with its carrier.
pub fn send(tx: &mut Tx<'_>, order: &Order) -> Result<()> {
    let choice = Choice::parse(&order.delivery_code).ok_or_else(|| Error::internal("an order with no way"))?;
    if choice.method() == Method::Pickup {
        return Ok(());
    }
    let got = got_lines(tx, &[order.id])?;
    let grams = got.iter().map(GotLine::grams).fold(0_i64, i64::saturating_add).clamp(WEIGHT_G.0, WEIGHT_G.1);
    let goods_vnd = Vnd::sum(got.iter().map(|got| got.value));
    let commune_code = CommuneCode::parse(&order.recipient_commune_code);
    let new = NewShipment {
        order_id: order.id,
        producer_id: order.producer_id,
        buyer_id: order.buyer_account_id,
        choice,
        weight_g: i32::try_from(grams).map_err(Error::internal)?,
        goods_vnd: goods_vnd.ok_or_else(|| Error::internal("goods of too much"))?,
        fee_vnd: order.shipping_vnd,
        collects_vnd: order.to_collect(),
        recipient: Recipient {
            name: order.recipient_name.clone(),
            phone: order.recipient_phone.clone(),
            commune_code: commune_code.ok_or_else(|| Error::internal("an order to nowhere"))?,
            address: order.recipient_address.clone(),
        },
    };
    shipping::open(tx, &new).map(drop)
}

/// What a side has just said of its order it has said of the parcel too, if people bring it: a carrier speaks for itself.
pub fn bring_along(tx: &mut Tx<'_>, moved: &Order, side: Side, event: OrderEvent) -> Result<()> {
    let status = match event {
        OrderEvent::Deliver | OrderEvent::ConfirmReceipt => ShipmentStatus::Delivered,
        OrderEvent::FailDelivery => ShipmentStatus::DeliveryFailed,
        OrderEvent::SendBack => ShipmentStatus::Returning,
        OrderEvent::ReceiveReturn => ShipmentStatus::Returned,
        _ => return Ok(()),
    };
    let source = if side == Side::Producer { Source::Producer } else { Source::Platform };
    let said = (status, moved.status_reason.as_deref());
    tx.as_platform(|tx| shipping::bring_along(tx, moved.id, source, said))
}

/// A carrier has delivered a parcel, and with that collected what its order costs.
#[derive(Debug, Clone)]
pub struct Collected {
    pub order: Order,
    pub shipment: Shipment,
    pub amount: Vnd,
}

/// Where a parcel is has changed, and its order follows as far as it can: what comes late, doubled or out of order finds
/// an order that does not know it, and changes nothing.
///
/// A parcel that was called off, lost or damaged moves no order. Its loss is written down for the operator; from then on
/// the producer says how the order goes on. Answers what was collected with it, which payments books at once.
pub fn shipment_moved(tx: &mut Tx<'_>, id: ShipmentId) -> Result<Option<Collected>> {
    tx.who.must_be_platform()?;
    let order_id = shipping::find_shipment(tx, id)?.order_id;
    let order = store::lock_order(tx, order_id)?;
    // Whoever waited for the order looks at the parcel as it is by now.
    let shipment = shipping::find_shipment(tx, id)?;
    let status = shipment.status;
    let amount = order.to_collect();
    let events: &[OrderEvent] = match status {
        ShipmentStatus::PickedUp | ShipmentStatus::InTransit | ShipmentStatus::OutForDelivery => &[OrderEvent::Carry],
        ShipmentStatus::Delivered => &[OrderEvent::Deliver],
        ShipmentStatus::DeliveryFailed => &[OrderEvent::FailDelivery],
        ShipmentStatus::Returning => &[OrderEvent::SendBack],
        // That it is on its way back may never have been said.
        ShipmentStatus::Returned => &[OrderEvent::SendBack, OrderEvent::ReceiveReturn],
        ShipmentStatus::Lost | ShipmentStatus::Damaged => {
            let detail = json!({"shipment_id": id, "status": status});
            audit::write(tx, "order.parcel_in_trouble", "order", order_id.0, detail)?;
            return Ok(None);
        }
        ShipmentStatus::Created
        | ShipmentStatus::PickupScheduled
        | ShipmentStatus::PickupFailed
        | ShipmentStatus::Cancelled
        | ShipmentStatus::Exception => &[],
    };
    let said = shipping::last_note(tx, id, status)?;
    let mut order = order;
    for event in events {
        order = follow(tx, order, *event, said.as_deref())?;
    }
    let is_paid = amount != Vnd::ZERO && order.delivered_at.is_some();
    Ok(is_paid.then_some(Collected { order, shipment, amount }))
}

fn follow(tx: &mut Tx<'_>, order: Order, event: OrderEvent, said: Option<&str>) -> Result<Order> {
    if !order.actions(Side::Platform, Way::Carried).contains(&event) {
        return Ok(order);
    }
    let reason = match event {
        OrderEvent::FailDelivery => Some(said.unwrap_or(NOT_DELIVERED)),
        OrderEvent::SendBack => Some(said.unwrap_or(SENT_BACK)),
        _ => None,
    };
    let refund = owed(&order, event);
    steps::take(tx, &order, Side::Platform, &Step { event, reason, refund })
}

/// Those of these orders whose carrier itself tells where the parcel is.
pub fn told_by_carrier(tx: &mut Tx<'_>, orders: &[Order]) -> Result<BTreeSet<OrderId>> {
    let may_be = |order: &&Order| {
        let is_away = matches!(
            order.status,
            OrderStatus::HandedOver | OrderStatus::InTransit | OrderStatus::DeliveryFailed | OrderStatus::Returning
        );
        is_away && Way::of(&order.delivery_code) == Way::Carried
    };
    let ids: Vec<OrderId> = orders.iter().filter(may_be).map(|order| order.id).collect();
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    Ok(shipping::told_by_carrier(tx, &ids)?.into_iter().collect())
}

/// How the goods come by now: a carrier whose parcel has ended, or who was given it by hand, tells nothing.
pub fn way_of(order: &Order, told_by_carrier: &BTreeSet<OrderId>) -> Way {
    match Way::of(&order.delivery_code) {
        Way::Carried if !told_by_carrier.contains(&order.id) => Way::Brought,
        way => way,
    }
}
