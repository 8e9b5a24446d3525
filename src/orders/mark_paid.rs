use serde_json::json;

use super::got_lines::{GotLine, all_of};
use super::model::{CheckoutStatus, Order, OrderEvent, OrderStatus};
use super::{books, harvests, steps, store};
use crate::audit;
use crate::insights::{self, Direction, Sale, SoldLine};
use crate::jobs::{self, Job};
use crate::kernel::time::vietnam_day;
use crate::kernel::{CheckoutId, OrderId, Result, Tx};
use crate::stock;

/// What a payment met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paid {
    Now,
    /// The checkout was paid, expired or cancelled before: nothing changed.
    TooLate,
}

/// The whole checkout is paid through a provider: its money enters the books, held goods leave the stock, the sale enters
/// the figures. Called by payments in the transaction that books the credit, which has locked the checkout.
pub fn mark_paid(tx: &mut Tx<'_>, checkout_id: CheckoutId, provider: &str) -> Result<Paid> {
    tx.who.must_be_platform()?;
    if !store::end_checkout(tx, checkout_id, CheckoutStatus::Paid)? {
        return Ok(Paid::TooLate);
    }
    let when = (Some(vietnam_day(tx.now)), steps::due_at(OrderStatus::Paid, tx.now));
    let orders = store::end_waiting_orders(tx, checkout_id, OrderStatus::Paid, when)?;
    books::captured(tx, &orders, provider)?;
    store::record_events(tx, &orders, OrderEvent::Pay, Some(OrderStatus::AwaitingPayment), None)?;
    let ids: Vec<OrderId> = orders.iter().map(|order| order.id).collect();
    let planned = stock::consume(tx, &ids)?;
    harvests::wait(tx, orders.iter().filter(|order| planned.contains(&order.id)))?;
    let lines = all_of(store::lines_of(tx, &ids)?)?;
    let sales: Vec<Sale> = orders.iter().filter_map(|order| sale_of(order, &lines)).collect();
    insights::record(tx, &sales, Direction::Sold)?;
    jobs::enqueue(tx, &Job::OrdersPaid { checkout_id: checkout_id.0 }, tx.now, None)?;
    audit::write(tx, "checkout.paid", "checkout", checkout_id.0, json!({"orders": ids.len()}))?;
    Ok(Paid::Now)
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
