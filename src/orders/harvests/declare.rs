use std::collections::HashMap;

use serde_json::json;

use super::model::{HarvestAction, HarvestRefusal, HarvestStatus};
use super::plan::must_allow;
use super::shortfall::{Want, shortfall};
use super::store::{self, Harvest};
use crate::kernel::{Error, HarvestId, OrderId, Result, Tx, Vnd};
use crate::notifications::{self, News, Notice, Recipient};
use crate::orders::model::{Order, OrderEvent, OrderLine, RefundCause, Side};
use crate::orders::steps::{self, Step, rest};
use crate::stock::{Lot, NewLot};
use crate::{audit, orders, stock};

/// What the buyers of a harvest that brought them nothing are told.
const NOTHING_CAME: &str = "Vụ thu hoạch không đủ hàng";

/// What came, with the label of its lot.
pub struct Declaration {
    pub harvested: i32,
    pub label: NewLot,
}

/// The harvest is in: its orders go on with what they get, what they miss is owed back, and what is left over is stock.
pub fn declare(tx: &mut Tx<'_>, id: HarvestId, declaration: &Declaration) -> Result<Harvest> {
    let harvest = must_allow(tx, id, HarvestAction::Declare)?;
    let Declaration { harvested, label } = declaration;
    let Promised { lot, waiting } = promised(tx, &harvest)?;
    let wants: Vec<Want> = waiting.iter().map(|(_, want)| *want).collect();
    let given = shortfall(harvest.shortfall_rule, *harvested, &wants);
    let ids: Vec<OrderId> = wants.iter().map(|want| want.order_id).collect();
    let lines = orders::lines_of(tx, &ids)?;
    let lines: HashMap<OrderId, &OrderLine> = lines.iter().map(|line| (line.order_id, line)).collect();
    for ((order, want), given) in waiting.iter().zip(&given) {
        let line = lines.get(&order.id).ok_or_else(|| Error::internal("an order without a line"))?;
        if *given == 0 {
            refuse(tx, &harvest, (order, line))?;
        } else {
            go_on(tx, &harvest, (order, line), want.quantity.saturating_sub(*given))?;
        }
    }
    let sold: i32 = given.iter().sum();
    stock::end_plan(tx, &harvest.plan(), &lot, Some((label, harvested.saturating_sub(sold))))?;
    let harvest = store::set_status(tx, &harvest, HarvestStatus::Harvested, Some(*harvested))?;
    let detail = json!({"harvested": harvested, "sold": sold, "orders": given.len()});
    audit::write(tx, "harvest.declared", "harvest", id.0, detail)?;
    Ok(harvest)
}

/// What a harvest is promised to; everything of it is locked.
pub struct Promised {
    pub lot: Lot,
    pub waiting: Vec<(Order, Want)>,
}

/// Locks the waiting orders and then their goods, as whoever cancels an order does. While unpaid checkouts hold some
/// of it, nobody knows what is promised: they are over within minutes, and closing keeps new ones away.
pub fn promised(tx: &mut Tx<'_>, harvest: &Harvest) -> Result<Promised> {
    let orders = store::lock_waiting(tx, harvest)?;
    let (lot, level) = stock::lock_plan(tx, &harvest.plan())?;
    let wants = store::wants(tx, harvest)?;
    let ids = |order: &Order| order.id;
    // Who paid between the two locks is not among the orders; the next try finds it.
    let are_all_locked = orders.iter().map(ids).eq(wants.iter().map(|want| want.order_id));
    if level.reserved > 0 || !are_all_locked {
        return Err(Error::from(HarvestRefusal::StillHeld).with("reserved", level.reserved));
    }
    Ok(Promised { lot, waiting: orders.into_iter().zip(wants).collect() })
}

/// Nothing of it came: the order ends and everything that was paid is owed back.
pub fn refuse(tx: &mut Tx<'_>, harvest: &Harvest, (order, line): (&Order, &OrderLine)) -> Result<()> {
    let refund = Some((RefundCause::HarvestShort, rest(order)));
    let step = Step { event: OrderEvent::Refuse, reason: Some(NOTHING_CAME), refund };
    steps::take(tx, order, Side::Producer, &step)?;
    tell(tx, harvest, (order, line), rest(order))
}

/// The order goes on without what is missing.
fn go_on(tx: &mut Tx<'_>, harvest: &Harvest, (order, line): (&Order, &OrderLine), missing: i32) -> Result<()> {
    let refund = price_of(line, missing)?;
    if missing > 0 {
        tx.as_platform(|tx| {
            stock::shorten(tx, &harvest.plan(), order.id, missing)?;
            store::insert_shortfall(tx, (order, harvest), missing, refund)
        })?;
    }
    let step = Step { event: OrderEvent::Harvest, reason: None, refund: Some((RefundCause::HarvestShort, refund)) };
    steps::take(tx, order, Side::Platform, &step)?;
    if missing > 0 { tell(tx, harvest, (order, line), refund) } else { Ok(()) }
}

/// What was paid for that many units of a line, after the discount; what is left of a đồng is the buyer's.
fn price_of(line: &OrderLine, units: i32) -> Result<Vnd> {
    let paid = line.total_vnd.minus(line.discount_vnd).ok_or_else(|| Error::internal("a discount of more"))?;
    let kept = i64::from(line.quantity.saturating_sub(units)).saturating_mul(paid.amount());
    let kept = kept.checked_div(i64::from(line.quantity)).and_then(Vnd::new);
    kept.and_then(|kept| paid.minus(kept)).ok_or_else(|| Error::internal("a share of more"))
}

fn tell(tx: &mut Tx<'_>, harvest: &Harvest, (order, line): (&Order, &OrderLine), refund_vnd: Vnd) -> Result<()> {
    let news = News::HarvestShort {
        order_code: order.code.clone(),
        product_title: line.product_title.clone(),
        harvest_on: harvest.harvest_until,
        refund_vnd,
    };
    let notice = Notice { to: Recipient::Account(order.buyer_account_id), news, object_id: order.id.0, occasion: "" };
    tx.as_platform(|tx| notifications::tell(tx, &notice).map(drop))
}
