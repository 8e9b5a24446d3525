//! Gathering what happened in a month.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::charges::{self, Happened};
use crate::kernel::{Error, OrderId, ProducerId, RefundId, Result, Tx, Vnd};
use crate::orders::left_lines::{LeftLine, left_lines};
use crate::orders::model::Order;
use crate::orders::papers::Communes;
use crate::orders::store;

/// A line of what was delivered.
pub struct Line {
    pub name: String,
    pub variant: String,
    pub unit: String,
    pub quantity: i32,
    pub price_vnd: Vnd,
    pub discount_vnd: Vnd,
    /// After the discount, less what was paid back of it before the order ended.
    pub total_vnd: Vnd,
}

/// What an invoice is written of, or what corrects one.
pub struct Entry {
    pub id: Uuid,
    pub order_id: OrderId,
    pub order_code: String,
    /// None of a sale.
    pub refund_id: Option<RefundId>,
    /// When the order was confirmed as complete, or the refund was owed.
    pub at: DateTime<Utc>,
    pub ordered_at: DateTime<Utc>,
    pub paid_at: Option<DateTime<Utc>>,
    pub delivered_at: Option<DateTime<Utc>>,
    pub buyer_name: String,
    pub buyer_phone: String,
    pub buyer_address: String,
    /// None of a refund.
    pub lines: Vec<Line>,
    pub shipping_vnd: Vnd,
    /// What the buyer paid for the order.
    pub total_vnd: Vnd,
    /// What the producer got of it, with what others pay of a voucher; of a refund, what he has less.
    pub amount_vnd: Vnd,
}

/// What happened to a producer's orders in a time, the first first, after a place.
pub fn entries(
    tx: &mut Tx<'_>,
    producer_id: ProducerId,
    span: (DateTime<Utc>, DateTime<Utc>),
    after: Option<(DateTime<Utc>, Uuid)>,
    rows: i64,
) -> Result<Vec<Entry>> {
    let happened = charges::happened_in(tx, producer_id, span, after, rows)?;
    let mut ids: Vec<OrderId> = happened.iter().map(|one| one.order_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let orders = store::producers_orders(tx, producer_id, &ids)?;
    let orders: BTreeMap<OrderId, Order> = orders.into_iter().map(|order| (order.id, order)).collect();
    let mut lines: BTreeMap<OrderId, Vec<LeftLine>> = BTreeMap::new();
    for left in left_lines(tx, &ids)?.into_iter().filter(|left| left.got.units > 0) {
        lines.entry(left.got.line.order_id).or_default().push(left);
    }
    let mut communes = Communes::default();
    let mut entries = Vec::with_capacity(happened.len());
    for one in happened {
        let order = orders.get(&one.order_id).ok_or_else(|| Error::internal("an order vanished"))?;
        let commune = communes.name(tx, &order.recipient_commune_code)?;
        let own = lines.get(&one.order_id).filter(|_| one.refund_id.is_none());
        let own = own.into_iter().flatten().map(line).collect();
        entries.push(entry(order, one, commune, own));
    }
    Ok(entries)
}

fn entry(order: &Order, happened: Happened, commune: String, lines: Vec<Line>) -> Entry {
    let Happened { id, order_id, refund_id, amount_vnd, at } = happened;
    Entry {
        id,
        order_id,
        order_code: order.code.clone(),
        refund_id,
        at,
        ordered_at: order.created_at,
        paid_at: order.money_came_at(),
        delivered_at: order.delivered_at,
        buyer_name: order.recipient_name.clone(),
        buyer_phone: order.recipient_phone.clone(),
        buyer_address: format!("{}, {commune}", order.recipient_address),
        lines,
        shipping_vnd: order.shipping_vnd,
        total_vnd: order.total_vnd,
        amount_vnd,
    }
}

fn line(LeftLine { got, left }: &LeftLine) -> Line {
    let bought = &got.line;
    Line {
        name: bought.product_title.clone(),
        variant: bought.variant_label.clone(),
        unit: bought.unit.clone(),
        quantity: got.units,
        price_vnd: bought.price_vnd,
        discount_vnd: got.value.minus(*left).unwrap_or(Vnd::ZERO),
        total_vnd: *left,
    }
}
