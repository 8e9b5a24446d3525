//! Who is told when an order has moved: people by their inbox, other systems by webhooks.

use serde_json::json;

use super::model::{Order, OrderStatus, Terms};
use super::store;
use crate::kernel::{Result, Tx, Vnd};
use crate::notifications::{self, News, Notice, Recipient};
use crate::shipping::{self, Choice};
use crate::webhooks::{self, Event, EventType};
use crate::{producers, shipping::Carrier};

/// Tells the first failed delivery of an order from the later ones; carriers try no more than three times.
const TRIES: [&str; 3] = ["", "second", "third"];

/// Tells of the status that an order has just reached, in the transaction of its move; `refund` is what this move owes.
///
/// That it waits for payment, expired or is disputed is told by others or to nobody; that the weight is in question is
/// told by whoever has weighed and knows the figures.
pub fn spread(tx: &mut Tx<'_>, moved: &Order, refund: Vnd) -> Result<()> {
    let (buyer, producer) = (Recipient::Account(moved.buyer_account_id), Recipient::Producer(moved.producer_id));
    let order_code = moved.code.clone();
    let (recipients, news) = match moved.status {
        OrderStatus::Paid => {
            let Some(accept_by) = moved.due_at else { return Ok(()) };
            (vec![producer], News::OrderPaid { order_code, total_vnd: moved.total_vnd, accept_by })
        }
        OrderStatus::Confirmed => {
            let Some(accept_by) = moved.due_at else { return Ok(()) };
            (vec![producer], News::OrderConfirmed { order_code, total_vnd: moved.total_vnd, accept_by })
        }
        OrderStatus::Accepted => (vec![buyer], News::OrderAccepted { order_code, producer_name: name_of(tx, moved)? }),
        OrderStatus::Refused => {
            let (producer_name, reason) = (name_of(tx, moved)?, reason_of(moved));
            let news = match moved.terms {
                Terms::Ahead => News::OrderRefused { order_code, producer_name, reason, refund_vnd: refund },
                Terms::OnDelivery => News::OrderRefusedUnpaid { order_code, producer_name, reason },
            };
            (vec![buyer], news)
        }
        OrderStatus::AutoCancelled => {
            let producer_name = name_of(tx, moved)?;
            let news = match moved.terms {
                Terms::Ahead => News::OrderAutoCancelled { order_code, producer_name, refund_vnd: refund },
                Terms::OnDelivery => News::OrderCancelledUnpaid { order_code, producer_name },
            };
            (vec![buyer, producer], news)
        }
        OrderStatus::Cancelled => (vec![producer], News::OrderCancelled { order_code }),
        OrderStatus::Packed => (vec![buyer], News::OrderPacked { order_code, producer_name: name_of(tx, moved)? }),
        OrderStatus::HandedOver => {
            let carrier_name = carrier_of(tx, moved)?;
            let news = match moved.terms {
                Terms::Ahead => News::OrderHandedOver { order_code, carrier_name },
                Terms::OnDelivery => News::OrderCollects { order_code, carrier_name, total_vnd: moved.to_collect() },
            };
            (vec![buyer], news)
        }
        OrderStatus::ReadyForPickup => (vec![buyer], ready(tx, moved)?),
        OrderStatus::Delivered => {
            let Some(claim_by) = moved.due_at else { return Ok(()) };
            (vec![buyer], News::OrderDelivered { order_code, claim_by })
        }
        OrderStatus::DeliveryFailed => (vec![buyer], News::DeliveryFailed { order_code, reason: reason_of(moved) }),
        OrderStatus::Returned => (vec![producer], News::OrderReturned { order_code }),
        _ => return emit(tx, moved),
    };
    let occasion = if moved.status == OrderStatus::DeliveryFailed { try_of(tx, moved)? } else { "" };
    for to in recipients {
        notifications::tell(tx, &Notice { to, news: news.clone(), object_id: moved.id.0, occasion })?;
    }
    emit(tx, moved)
}

/// What other systems are told of an order that reached its status; nothing where there is no such event.
pub fn emit(tx: &mut Tx<'_>, order: &Order) -> Result<()> {
    let kind = match order.status {
        OrderStatus::Paid => EventType::OrderPaid,
        OrderStatus::Confirmed => EventType::OrderConfirmed,
        OrderStatus::Accepted => EventType::OrderAccepted,
        OrderStatus::Refused => EventType::OrderRefused,
        OrderStatus::Cancelled | OrderStatus::AutoCancelled => EventType::OrderCancelled,
        OrderStatus::Packed => EventType::OrderPacked,
        OrderStatus::HandedOver => EventType::OrderHandedOver,
        OrderStatus::Delivered => EventType::OrderDelivered,
        OrderStatus::Completed => EventType::OrderCompleted,
        OrderStatus::Returned => EventType::OrderReturned,
        _ => return Ok(()),
    };
    let data = json!({"order_id": order.id, "order_code": order.code, "producer_id": order.producer_id,
        "status": order.status, "status_reason": order.status_reason, "total_vnd": order.total_vnd,
        "refunded_vnd": order.refunded_vnd, "terms": order.terms, "delivery_code": order.delivery_code});
    let producer_id = Some(order.producer_id);
    webhooks::emit(tx, &Event { producer_id, kind, object_id: order.id.0, occasion: String::new(), data })
}

fn name_of(tx: &mut Tx<'_>, order: &Order) -> Result<String> {
    tx.as_platform(|tx| producers::name(tx, order.producer_id))
}

fn reason_of(order: &Order) -> String {
    order.status_reason.clone().unwrap_or_default()
}

/// Who brings it: a carrier by its name, the run of the commune, or the producer.
fn carrier_of(tx: &mut Tx<'_>, order: &Order) -> Result<String> {
    Ok(match Choice::parse(&order.delivery_code) {
        Some(Choice::Carrier(Carrier::Ghn)) => "GHN".to_owned(),
        Some(Choice::Carrier(Carrier::Ghtk)) => "GHTK".to_owned(),
        Some(Choice::Carrier(Carrier::ViettelPost)) => "Viettel Post".to_owned(),
        Some(Choice::Pooled) => "chuyến xe chung của xã".to_owned(),
        Some(Choice::Own | Choice::Pickup(_)) | None => name_of(tx, order)?,
    })
}

/// Where it waits and when one may come.
fn ready(tx: &mut Tx<'_>, order: &Order) -> Result<News> {
    let order_code = order.code.clone();
    let Some(Choice::Pickup(id)) = Choice::parse(&order.delivery_code) else {
        let place_name = name_of(tx, order)?;
        return Ok(News::ReadyForPickup { order_code, place_name, opening: String::new() });
    };
    let point = tx.as_platform(|tx| shipping::find_pickup_point(tx, id))?;
    Ok(News::ReadyForPickup { order_code, place_name: point.name, opening: point.opening })
}

/// Which failed delivery this is.
fn try_of(tx: &mut Tx<'_>, order: &Order) -> Result<&'static str> {
    // The event itself may be of this transaction.
    tx.write_now()?;
    let events = tx.as_platform(|tx| store::events_of(tx, order.id))?;
    let failed = OrderStatus::DeliveryFailed.as_str();
    let tries = events.iter().filter(|(_, _, to, ..)| to == failed).count();
    Ok(TRIES.get(tries.saturating_sub(1)).copied().unwrap_or("later"))
}
