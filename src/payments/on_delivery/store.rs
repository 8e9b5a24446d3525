use chrono::{DateTime, Utc};
use diesel::prelude::*;
use schema::{payment_credits, payments};

use crate::kernel::{CreditId, OrderId, PaymentId, Result, Tx, Vnd};
use crate::orders::Collected;
use crate::payments::model::PaymentStatus;
use crate::payments::providers::ProviderId;

/// What was collected for an order, at the end of the transaction.
pub fn insert_payment(tx: &mut Tx<'_>, id: PaymentId, collected: &Collected) -> Result<()> {
    let row = (
        payments::id.eq(id),
        payments::checkout_id.eq(collected.order.checkout_id),
        payments::order_id.eq(collected.order.id),
        payments::buyer_account_id.eq(collected.order.buyer_account_id),
        payments::amount_vnd.eq(collected.amount),
        payments::status.eq(PaymentStatus::Captured),
        payments::captured_at.eq(tx.now),
        payments::created_at.eq(tx.now),
        payments::updated_at.eq(tx.now),
    );
    tx.later(diesel::insert_into(payments::table).values(row), 1)
}

/// Its money, by the number that the carrier knows the parcel by, and by ours.
pub fn insert_credit(
    tx: &mut Tx<'_>,
    (provider, payment_id): (ProviderId, PaymentId),
    collected: &Collected,
) -> Result<()> {
    let reference = collected.shipment.id.to_string();
    let row = (
        payment_credits::id.eq(CreditId::generate()),
        payment_credits::provider.eq(provider),
        payment_credits::provider_txn.eq(collected.shipment.code.clone().unwrap_or_else(|| reference.clone())),
        payment_credits::payment_id.eq(payment_id),
        payment_credits::amount_vnd.eq(collected.amount),
        payment_credits::received_at.eq(tx.now),
        payment_credits::provider_reference.eq(reference),
        payment_credits::moved_at.eq(tx.now),
    );
    tx.later(diesel::insert_into(payment_credits::table).values(row), 1)
}

/// Cash that its carrier still has.
#[derive(Debug, Clone, Copy, Queryable)]
pub struct Unsettled {
    pub credit_id: CreditId,
    pub provider: ProviderId,
    pub amount: Vnd,
}

pub fn settle(tx: &mut Tx<'_>, credits: &[CreditId]) -> Result<()> {
    let of_credits = payment_credits::table
        .filter(payment_credits::id.eq_any(credits))
        .filter(payment_credits::payment_id.is_not_null())
        .select(payment_credits::payment_id.assume_not_null());
    diesel::update(payments::table)
        .filter(payments::id.eq_any(of_credits))
        .filter(payments::order_id.is_not_null())
        .filter(payments::settled_at.is_null())
        .set((
            payments::settled_at.eq(tx.now),
            payments::version.eq(payments::version + 1),
            payments::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub fn unsettled(tx: &mut Tx<'_>, before: DateTime<Utc>, rows: i64) -> Result<Vec<Unsettled>> {
    Ok(payments::table
        .inner_join(payment_credits::table)
        .filter(payments::order_id.is_not_null())
        .filter(payments::settled_at.is_null())
        .filter(payments::captured_at.lt(before))
        .order(payments::captured_at)
        .limit(rows)
        .select((payment_credits::id, payment_credits::provider, payment_credits::amount_vnd))
        .load(tx.conn)?)
}

pub fn unsettled_orders(tx: &mut Tx<'_>) -> Result<Vec<OrderId>> {
    let orders: Vec<Option<OrderId>> = payments::table
        .filter(payments::order_id.is_not_null())
        .filter(payments::settled_at.is_null())
        .select(payments::order_id)
        .load(tx.conn)?;
    Ok(orders.into_iter().flatten().collect())
}
