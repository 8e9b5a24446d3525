use chrono::{DateTime, Utc};
use serde_json::json;

use super::got_lines::{GotLine, all_of};
use super::model::{CheckoutStatus, Order, OrderEvent, OrderLine, OrderStatus, Terms};
use super::{books, harvests, steps, store};
use crate::audit;
use crate::insights::{self, Direction, Sale, SoldLine};
use crate::jobs::{self, Job};
use crate::kernel::time::vietnam_day;
use crate::kernel::{CheckoutId, OrderId, Result, Tx};
use crate::stock;

/// These checkouts are paid, whole, through a provider: their money enters the books, held goods leave the stock, the sales
/// enter the figures. Called by payments in the transaction that books the credits, which has locked the checkouts and seen
/// that they wait for money.
pub fn mark_paid(tx: &mut Tx<'_>, checkouts: &[CheckoutId], provider: &str) -> Result<()> {
    tx.who.must_be_platform()?;
    let (orders, lines) = sold_now(store::waiting_orders(tx, checkouts)?, tx.now, (OrderStatus::Paid, Terms::Ahead))?;
    books::captured(tx, &orders, provider)?;
    sell(tx, checkouts, (Terms::Ahead, &orders), &lines)
}

/// The waiting orders of locked checkouts, all of them, are sold on these terms: held goods leave the stock, and the sales
/// enter the figures. They are given as they are then.
pub fn sell(
    tx: &mut Tx<'_>,
    checkouts: &[CheckoutId],
    (terms, orders): (Terms, &[Order]),
    lines: &[GotLine],
) -> Result<()> {
    let (status, paid_at, event, action) = match terms {
        Terms::Ahead => (CheckoutStatus::Paid, Some(tx.now), OrderEvent::Pay, "checkout.paid"),
        Terms::OnDelivery => (CheckoutStatus::Confirmed, None, OrderEvent::Confirm, "checkout.confirmed"),
    };
    let ids: Vec<OrderId> = orders.iter().map(|order| order.id).collect();
    let planned = stock::consume(tx, &ids)?;
    store::go_ahead(tx, checkouts, (status, paid_at), orders)?;
    store::record_events(tx, orders, event, Some(OrderStatus::AwaitingPayment), None)?;
    if !planned.is_empty() {
        // They move once more.
        tx.write_now()?;
        harvests::wait(tx, orders.iter().filter(|order| planned.contains(&order.id)))?;
    }
    let sales: Vec<Sale> = orders.iter().filter_map(|order| sale_of(order, lines)).collect();
    insights::record(tx, &sales, Direction::Sold)?;
    for id in checkouts {
        jobs::enqueue(tx, &Job::OrdersPaid { checkout_id: id.0 }, tx.now, None)?;
        let number = orders.iter().filter(|order| order.checkout_id == *id).count();
        audit::write(tx, action, "checkout", id.0, json!({"orders": number}))?;
    }
    Ok(())
}

/// The orders as they are once they are sold on these terms, and what they get.
pub fn sold_now(
    waiting: Vec<(Order, OrderLine)>,
    now: DateTime<Utc>,
    (status, terms): (OrderStatus, Terms),
) -> Result<(Vec<Order>, Vec<GotLine>)> {
    let (orders, lines): (Vec<Order>, Vec<OrderLine>) = waiting.into_iter().unzip();
    let mut paid: Vec<Order> = Vec::new();
    for order in orders {
        if paid.last().is_none_or(|last| last.id != order.id) {
            paid.push(Order {
                status,
                terms,
                paid_at: Some(now),
                paid_on: Some(vietnam_day(now)),
                due_at: steps::due_at(status, now),
                version: order.version.saturating_add(1),
                updated_at: now,
                ..order
            });
        }
    }
    Ok((paid, all_of(lines)?))
}

/// What a paid order adds to, or takes from, the figures of its day.
pub fn sale_of(order: &Order, lines: &[GotLine]) -> Option<Sale> {
    let lines = lines.iter().filter(|got| got.line.order_id == order.id);
    let sold = lines.map(|got| SoldLine {
        commune_code: got.line.origin_commune_code.clone(),
        product_set: got.line.product_set,
        value: got.value,
        units: i64::from(got.units),
        grams: got.grams(),
    });
    order.paid_on.map(|sold_on| Sale { producer_id: order.producer_id, sold_on, lines: sold.collect() })
}
