//! Goods that must not be eaten: everybody who bought of a recalled lot is told.

use super::model::OrderLine;
use super::store;
use crate::jobs::{self, Job};
use crate::kernel::{LotId, OrderId, Result, Tx};
use crate::notifications::{self, News, Notice, Recipient};
use crate::stock;
use uuid::Uuid;

/// Orders of which one job tells; the next job goes on.
const ORDERS_AT_ONCE: i64 = 200;

/// Tells the buyers of paid orders with goods of a lot, once for each order and lot, however often it runs.
pub fn tell_recall(tx: &mut Tx<'_>, id: LotId, after: Option<(Uuid, Uuid)>) -> Result<()> {
    tx.who.must_be_platform()?;
    let lot = stock::find_lot(tx, id)?;
    let parts = stock::orders_of_lot(tx, id, true, after, ORDERS_AT_ONCE)?;
    let ids: Vec<OrderId> = parts.iter().map(|part| part.order_id).collect();
    let lines = store::lines_of(tx, &ids)?;
    let (lot_code, reason) = (lot.code.unwrap_or_default(), lot.status_reason.unwrap_or_default());
    for part in &parts {
        let is_of = |line: &&OrderLine| line.order_id == part.order_id && line.variant_id == part.variant_id;
        let Some(line) = lines.iter().find(is_of) else { continue };
        let news = News::LotRecalled {
            order_code: part.order_code.clone(),
            product_title: line.product_title.clone(),
            lot_code: lot_code.clone(),
            reason: reason.clone(),
        };
        let to = Recipient::Account(line.buyer_account_id);
        let notice = Notice { to, news, object_id: part.order_id.0, occasion: "" };
        notifications::tell_each(tx, &notice, &id.to_string())?;
    }
    let is_full = i64::try_from(parts.len()).is_ok_and(|told| told >= ORDERS_AT_ONCE);
    let Some(last) = parts.last().filter(|_| is_full) else { return Ok(()) };
    let next = Job::TellRecall { lot_id: id.0, after: Some((last.order_id.0, last.variant_id.0)) };
    let now = tx.now;
    jobs::enqueue(tx, &next, now, None)
}
