//! Purchases that are paid in cash when they come: what decides whether one may be, and that it is.

use chrono::{DateTime, Utc};

use super::mark_paid::{sell, sold_now};
use super::model::{Checkout, CheckoutAction, OrderStatus, Terms};
use super::store::{self, CashHistory};
use crate::kernel::error::CommonProblem;
use crate::kernel::{AccountId, Audience, CheckoutId, Error, OrderId, Result, Tx, Vnd};
use crate::shipping::{Carrier, Choice};
use crate::stock;
use crate::vouchers::SPIRITS;

/// What decides whether an order may be paid when it comes.
#[derive(Debug, Clone, Copy)]
pub struct CashFacts {
    pub order_id: OrderId,
    pub total: Vnd,
    /// Who brings it, if a carrier does.
    pub carrier: Option<Carrier>,
    /// Which may be paid without cash only: Law 44/2019, article 16.
    pub has_alcohol: bool,
    /// Its goods are of a harvest that is to come.
    pub is_planned: bool,
}

/// Of every order of a purchase, by its id.
pub fn cash_facts(tx: &mut Tx<'_>, checkout_id: CheckoutId) -> Result<Vec<CashFacts>> {
    tx.as_platform(|tx| {
        let orders = store::orders_of(tx, checkout_id)?;
        let ids: Vec<OrderId> = orders.iter().map(|order| order.id).collect();
        let lines = store::lines_of(tx, &ids)?;
        let facts = orders.iter().map(|order| {
            let mut own = lines.iter().filter(|line| line.order_id == order.id);
            Ok(CashFacts {
                order_id: order.id,
                total: order.total_vnd,
                carrier: Choice::parse(&order.delivery_code).and_then(Choice::carrier),
                has_alcohol: own.any(|line| SPIRITS.contains(&line.product_set)),
                is_planned: stock::planned_lot(tx, order.id)?.is_some(),
            })
        });
        facts.collect()
    })
}

/// Whoever else asks for cash of the same buyer waits until this transaction ends.
pub fn lock_cash(tx: &mut Tx<'_>, buyer_id: AccountId) -> Result<()> {
    store::lock_cash(tx, buyer_id)
}

/// What a buyer did with cash before.
pub fn cash_history(tx: &mut Tx<'_>, buyer_id: AccountId, since: DateTime<Utc>) -> Result<CashHistory> {
    tx.as_platform(|tx| store::cash_history(tx, buyer_id, since))
}

/// A locked purchase is to be paid in cash when it comes: its held goods leave the stock and the sale enters the figures,
/// as if it were paid, and no money moves. Whether it may be, payments has seen.
pub fn confirm(tx: &mut Tx<'_>, checkout: &Checkout) -> Result<()> {
    if checkout.buyer_account_id != tx.who.must(Audience::Buyer)? {
        return Err(CommonProblem::NotFound.into());
    }
    if checkout.status.after(CheckoutAction::Confirm).is_none() {
        return Err(Error::internal("what does not wait for payment is confirmed"));
    }
    tx.as_platform(|tx| {
        let waiting = store::waiting_orders(tx, &[checkout.id])?;
        let (orders, lines) = sold_now(waiting, tx.now, (OrderStatus::Confirmed, Terms::OnDelivery))?;
        sell(tx, &[checkout.id], (Terms::OnDelivery, &orders), &lines)
    })
}
