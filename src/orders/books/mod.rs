//! What an order's money does in the books, posted in the transaction of the fact.
//!
//! It stands in the order's own account from its payment to its end. What is owed back leaves it at once; what is left
//! when the order ends goes to its producer, less the way of whoever carried the goods, and whoever pays for its voucher
//! owes the producer what the voucher took off what was sold.

mod rules;
#[cfg(test)]
mod tests;

use rules::{Ended, OwedBack, Share};

use super::left_lines::{LeftLine, left_lines};
use super::model::{Order, OrderLine};
use crate::charges::{self, Late, Sale, SoldLine};
use crate::kernel::{Error, RefundId, Result, Tx, Vnd};
use crate::ledger::{self, LedgerAccount, Transfer, TransferKind};
use crate::places::CommuneCode;
use crate::shipping::{Choice, Method};
use crate::vouchers::{self, VoucherPayer};

/// These orders were paid through a provider.
pub fn captured(tx: &mut Tx<'_>, orders: &[Order], provider: &str) -> Result<()> {
    let sides = (LedgerAccount::Clearing, LedgerAccount::Orders);
    let capture = |order: &Order| {
        Transfer::new(TransferKind::Capture, order.id.0, sides, order.total_vnd)
            .through(provider)
            .of_producer(order.producer_id)
            .of_order(order.id)
    };
    ledger::post_at_end(tx, orders.iter().map(capture).collect())
}

/// An order was paid in cash to the carrier that brought it: what it was still to cost.
pub fn collected(tx: &mut Tx<'_>, order: &Order) -> Result<()> {
    let carrier = Choice::parse(&order.delivery_code).and_then(Choice::carrier);
    let carrier = carrier.ok_or_else(|| Error::internal("cash that no carrier collected"))?;
    let amount = order.total_vnd.minus(order.refunded_vnd).ok_or_else(too_much)?;
    let sides = (LedgerAccount::Clearing, LedgerAccount::Orders);
    let capture = Transfer::new(TransferKind::Capture, order.id.0, sides, amount)
        .through(carrier.as_str())
        .of_producer(order.producer_id)
        .of_order(order.id);
    tx.as_platform(|tx| ledger::post_at_end(tx, vec![capture]))
}

/// Part of an order's money is owed back, before or after its end. The order is as it is with that part. What is taken
/// back of a sale takes its part of the fee and the taxes along.
pub fn owed_back(tx: &mut Tx<'_>, order: &Order, had_ended: bool, (id, amount): (RefundId, Vnd)) -> Result<()> {
    let share = if had_ended { share_of(tx, order)? } else { None };
    let owed = OwedBack { had_ended, refund_id: id, amount };
    let mut transfers = rules::owed_back(&story(order, share), &owed).ok_or_else(too_much)?;
    tx.as_platform(|tx| {
        if had_ended {
            let gone = transfers.iter().filter(|one| one.debit == LedgerAccount::Producer).map(|one| one.amount);
            let less = Vnd::sum(gone).ok_or_else(too_much)?;
            let late = Late { order_id: order.id, producer_id: order.producer_id, refund_id: id, less };
            transfers.extend(charges::give_back(tx, &late)?);
        }
        ledger::post(tx, transfers)
    })
}

/// An order that was paid has ended: what is left of its money finds its owner, and of what was sold fee and taxes are
/// taken.
pub fn ended(tx: &mut Tx<'_>, order: &Order) -> Result<()> {
    let share = share_of(tx, order)?;
    let story = story(order, share);
    let mut transfers = rules::at_end(&story).ok_or_else(too_much)?;
    let sale = if order.status.is_sold() { Some(sale_of(tx, (order, &story), &transfers)?) } else { None };
    tx.as_platform(|tx| {
        if let Some(sale) = sale {
            transfers.extend(charges::take(tx, &sale)?);
        }
        ledger::post(tx, transfers)
    })
}

fn sale_of(tx: &mut Tx<'_>, (order, story): (&Order, &Ended), transfers: &[Transfer]) -> Result<Sale> {
    let earned = rules::earned(transfers).ok_or_else(too_much)?;
    // The way of whoever carried it is not the producer's; what he brings himself is no goods.
    let own_way = if story.way == Vnd::ZERO { order.shipping_vnd } else { Vnd::ZERO };
    let line = |line: LeftLine| -> Result<SoldLine> {
        let value = line.earned(story.share.is_some()).ok_or_else(too_much)?;
        let origin = CommuneCode::parse(&line.got.line.origin_commune_code);
        let origin = origin.ok_or_else(|| Error::internal("goods from nowhere"))?;
        let OrderLine { product_id, variant_id, .. } = line.got.line;
        Ok(SoldLine { product_id, variant_id, origin, value })
    };
    Ok(Sale {
        order_id: order.id,
        producer_id: order.producer_id,
        placed_at: order.created_at,
        earned,
        for_goods: earned.minus(own_way).unwrap_or(Vnd::ZERO),
        lines: left_lines(tx, &[order.id])?.into_iter().map(line).collect::<Result<_>>()?,
    })
}

fn story(order: &Order, share: Option<Share>) -> Ended {
    let method = Choice::parse(&order.delivery_code).map(Choice::method);
    let is_carried = matches!(method, Some(Method::Carrier | Method::Pooled));
    let goods_stayed = order.status.gives_goods_back();
    Ended {
        order_id: order.id,
        producer_id: order.producer_id,
        total: order.total_vnd,
        goods: order.goods_vnd,
        refunded: order.refunded_vnd,
        way: if is_carried && !goods_stayed { order.shipping_vnd } else { Vnd::ZERO },
        was_paid: !order.is_uncollected(),
        share,
    }
}

/// What somebody else than the producer pays of an order that was sold.
fn share_of(tx: &mut Tx<'_>, order: &Order) -> Result<Option<Share>> {
    if order.discount_vnd == Vnd::ZERO || !order.status.is_sold() {
        return Ok(None);
    }
    let Some(used) = vouchers::used(tx, order.checkout_id)? else { return Ok(None) };
    let payer = match used.payer {
        VoucherPayer::Platform => LedgerAccount::Vouchers,
        VoucherPayer::Province => LedgerAccount::Province,
        VoucherPayer::Producer => return Ok(None),
    };
    let shares = vouchers::shares(tx, order.checkout_id)?;
    let own = shares.into_iter().find(|share| share.producer_id == order.producer_id);
    Ok(own.map(|share| Share { payer, goods: share.goods_vnd, way: share.shipping_vnd }))
}

fn too_much() -> Error {
    Error::internal("an order of more than money can be")
}
