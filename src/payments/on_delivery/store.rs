use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use schema::{payment_credits, payments};

use crate::kernel::{CreditId, OrderId, PaymentId, ProducerId, Result, Tx};
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

/// These carriers' debts are settled at a moment, or not any more.
pub fn set_settled(tx: &mut Tx<'_>, credits: &[CreditId], at: Option<DateTime<Utc>>) -> Result<()> {
    let of_credits = payment_credits::table
        .filter(payment_credits::id.eq_any(credits))
        .filter(payment_credits::payment_id.is_not_null())
        .select(payment_credits::payment_id.assume_not_null());
    diesel::update(payments::table)
        .filter(payments::id.eq_any(of_credits))
        .filter(payments::order_id.is_not_null())
        .filter(payments::settled_at.is_null().eq(at.is_some()))
        .set((
            payments::settled_at.eq(at),
            payments::version.eq(payments::version + 1),
            payments::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

#[derive(QueryableByName)]
struct OrderRow {
    #[diesel(sql_type = SqlUuid)]
    order_id: OrderId,
}

pub fn unsettled_orders(tx: &mut Tx<'_>, producers: &[ProducerId]) -> Result<Vec<OrderId>> {
    let rows: Vec<OrderRow> = diesel::sql_query(
        "select p.order_id from payments p join ledger_transfers t on t.order_id = p.order_id and t.kind = 'capture' \
         where p.order_id is not null and p.settled_at is null and t.producer_id = any($1)",
    )
    .bind::<Array<SqlUuid>, _>(producers)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.order_id).collect())
}
