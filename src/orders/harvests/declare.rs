use std::collections::HashMap;

use serde_json::json;

use super::model::{HarvestAction, HarvestRefusal};
use super::plan::must_allow;
use super::settle::{Outcome, Want, settle};
use super::store::{self, Brought, Harvest};
use crate::kernel::{Error, HarvestId, OrderId, Result, Tx, Vnd};
use crate::notifications::{self, News, Notice, Recipient};
use crate::orders::got_lines::{GotLine, paid_for};
use crate::orders::mark_paid::sale_of;
use crate::orders::model::{Order, OrderEvent, OrderLine, RefundCause, Side};
use crate::orders::steps::{self, Step, rest};
use crate::orders::{remind, store as orders_store};
use crate::stock::{Lot, NewLot};
use crate::{audit, insights, stock};

/// What the buyers of a harvest that brought them nothing are told.
const NOTHING_CAME: &str = "Vụ thu hoạch không có hàng cho đơn này";

/// What came, with the label of its lot.
pub struct Declaration {
    pub harvested: i32,
    pub label: NewLot,
}

/// The harvest is in: its orders go on with what they get, what they miss is owed back, and what is left over is stock.
pub fn declare(tx: &mut Tx<'_>, id: HarvestId, declaration: &Declaration) -> Result<Harvest> {
    let (harvest, next) = must_allow(tx, id, HarvestAction::Declare)?;
    let Declaration { harvested, label } = declaration;
    let Promised { lot, waiting } = promised(tx, &harvest)?;
    let wants: Vec<Want> = waiting.iter().map(|one| one.want).collect();
    let outcomes = settle(harvest.shortfall_rule, *harvested, &wants)
        .ok_or_else(|| Error::internal("a harvest owes more than money can be"))?;
    for (one, outcome) in waiting.iter().zip(&outcomes) {
        if outcome.got == 0 {
            refuse(tx, &one.order)?;
        } else {
            go_on(tx, (&harvest, label), one, outcome)?;
        }
    }
    let given: i32 = outcomes.iter().map(|outcome| outcome.got).sum();
    let promised = wants.iter().map(|want| want.quantity).sum();
    stock::end_plan(tx, &harvest.plan(), &lot, Some((label, harvested.saturating_sub(given))))?;
    let brought = Brought { harvested: *harvested, promised };
    let harvest = store::move_on(tx, &harvest, next, Some(brought))?;
    let detail = json!({"harvested": harvested, "promised": promised, "given": given, "orders": wants.len()});
    audit::write(tx, "harvest.declared", "harvest", id.0, detail)?;
    Ok(harvest)
}

/// A paid order that waits for a harvest; it has one line.
pub struct Waiting {
    pub order: Order,
    pub line: OrderLine,
    pub want: Want,
}

/// What a harvest is promised to; everything of it is locked.
pub struct Promised {
    pub lot: Lot,
    pub waiting: Vec<Waiting>,
}

/// Locks the waiting orders and then their goods, as whoever cancels an order does. While unpaid checkouts hold some
/// of it, nobody knows what is promised: they are over within minutes, and closing keeps new ones away.
pub fn promised(tx: &mut Tx<'_>, harvest: &Harvest) -> Result<Promised> {
    let plan = harvest.plan();
    let ids: Vec<OrderId> = stock::plan_wanted(tx, &plan)?.into_iter().map(|(id, _)| id).collect();
    let orders = store::lock_waiting(tx, &ids)?;
    let (lot, level) = stock::lock_plan(tx, &plan)?;
    let wanted = stock::plan_wanted(tx, &plan)?;
    // Who paid while the orders were locked is not among them; the next try finds them.
    let are_all_locked = orders.iter().map(|order| order.id).eq(wanted.iter().map(|(id, _)| *id));
    if level.reserved > 0 || !are_all_locked {
        return Err(Error::from(HarvestRefusal::StillHeld).with("reserved", level.reserved));
    }
    let lines = orders_store::lines_of(tx, &ids)?;
    let mut lines: HashMap<OrderId, OrderLine> = lines.into_iter().map(|line| (line.order_id, line)).collect();
    let mut waiting = Vec::with_capacity(orders.len());
    for (order, (_, quantity)) in orders.into_iter().zip(wanted) {
        let line = lines.remove(&order.id).ok_or_else(|| Error::internal("an order without a line"))?;
        let want = Want {
            order_id: order.id,
            paid_at: order.paid_at.ok_or_else(|| Error::internal("an order waits unpaid"))?,
            quantity,
            goods_vnd: paid_for(&line).ok_or_else(|| Error::internal("a discount of more"))?,
            rest_vnd: rest(&order),
        };
        waiting.push(Waiting { order, line, want });
    }
    Ok(Promised { lot, waiting })
}

/// Nothing of it came: the order ends and everything that was paid is owed back, which its step tells the buyer.
pub fn refuse(tx: &mut Tx<'_>, order: &Order) -> Result<()> {
    let refund = Some((RefundCause::HarvestShort, rest(order)));
    let step = Step { event: OrderEvent::Refuse, reason: Some(NOTHING_CAME), refund };
    steps::take(tx, order, Side::Producer, &step).map(drop)
}

/// The order goes on without what is missing, and its producer has as long to answer it as any paid one.
fn go_on(
    tx: &mut Tx<'_>,
    (harvest, label): (&Harvest, &NewLot),
    Waiting { order, line, .. }: &Waiting,
    outcome: &Outcome,
) -> Result<()> {
    let Outcome { got, missing, refund_vnd } = *outcome;
    if missing > 0 {
        tx.as_platform(|tx| {
            stock::shorten(tx, &harvest.plan(), order.id, missing)?;
            store::insert_shortfall(tx, (order, harvest), missing, refund_vnd)?;
            take_out(tx, order, line, missing)
        })?;
    }
    let refund = Some((RefundCause::HarvestShort, refund_vnd));
    let moved = steps::take(tx, order, Side::Platform, &Step { event: OrderEvent::Harvest, reason: None, refund })?;
    remind::plan(tx, &moved, 1)?;
    let (order_code, product_title) = (order.code.clone(), line.product_title.clone());
    let (harvest_on, ordered) = (label.harvested_on, line.quantity);
    let news = if missing > 0 {
        News::HarvestShort { order_code, product_title, harvest_on, ordered, got, refund_vnd }
    } else {
        News::HarvestIn { order_code, product_title, harvest_on, ordered }
    };
    let to = Recipient::Account(order.buyer_account_id);
    notifications::tell(tx, &Notice { to, news, object_id: order.id.0, occasion: "" })
}

/// What never was there counts as sold no more.
fn take_out(tx: &mut Tx<'_>, order: &Order, line: &OrderLine, missing: i32) -> Result<()> {
    let part = OrderLine { quantity: missing, ..line.clone() };
    let part = GotLine::without(part, 0, Vnd::ZERO).ok_or_else(|| Error::internal("a part of more"))?;
    let sale = sale_of(order, &[part]).ok_or_else(|| Error::internal("a sold order has no day of sale"))?;
    insights::lessen(tx, &sale)
}
