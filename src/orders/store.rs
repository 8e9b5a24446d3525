use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Untyped, Uuid as SqlUuid};
use schema::{checkouts, order_events, order_lines, order_refunds, orders};

use super::model::{Checkout, CheckoutStatus, Order, OrderEvent, OrderLine, OrderStatus, OwedRefund, RefundCause};
use crate::kernel::error::CommonProblem;
use crate::kernel::sql::Prepare;
use crate::kernel::{AccountId, CheckoutId, Error, EventId, OrderId, ProducerId, RefundId, Result, Role, Tx, Vnd};

/// A checkout that no other transaction can move until this one ends.
pub fn lock_checkout(tx: &mut Tx<'_>, id: CheckoutId) -> Result<Checkout> {
    Ok(checkouts::table.find(id).select(Checkout::as_select()).for_update().first(tx.conn)?)
}

/// Of these checkouts those that wait for money and that nobody else is at work on, locked in the order of their ids.
pub fn lock_waiting(tx: &mut Tx<'_>, ids: &[CheckoutId]) -> Result<Vec<Checkout>> {
    let waiting = checkouts::table
        .filter(checkouts::id.eq_any(ids))
        .filter(checkouts::status.eq(CheckoutStatus::AwaitingPayment))
        .order(checkouts::id)
        .select(Checkout::as_select());
    Ok(waiting.for_update().skip_locked().load(tx.conn)?)
}

pub fn find_checkout(tx: &mut Tx<'_>, id: CheckoutId) -> Result<Checkout> {
    Ok(checkouts::table.find(id).select(Checkout::as_select()).first(tx.conn)?)
}

pub fn find_by_client_ref(tx: &mut Tx<'_>, buyer_id: AccountId, client_ref: uuid::Uuid) -> Result<Option<Checkout>> {
    Ok(checkouts::table
        .filter(checkouts::buyer_account_id.eq(buyer_id))
        .filter(checkouts::client_ref.eq(client_ref))
        .select(Checkout::as_select())
        .first(tx.conn)
        .optional()?)
}

/// Writes a purchase with its orders and their lines, at the end of the transaction.
pub fn insert_purchase(tx: &mut Tx<'_>, checkout: &Checkout, orders: &[Order], lines: &[OrderLine]) -> Result<()> {
    let row = (
        checkouts::id.eq(checkout.id),
        checkouts::buyer_account_id.eq(checkout.buyer_account_id),
        checkouts::client_ref.eq(checkout.client_ref),
        checkouts::status.eq(checkout.status),
        checkouts::total_vnd.eq(checkout.total_vnd),
        checkouts::expires_at.eq(checkout.expires_at),
        checkouts::created_at.eq(checkout.created_at),
        checkouts::updated_at.eq(checkout.created_at),
    );
    tx.later(diesel::insert_into(checkouts::table).values(row), 1)?;
    tx.later(diesel::insert_into(orders::table).values(orders.to_vec()), orders.len())?;
    tx.later(diesel::insert_into(order_lines::table).values(lines.to_vec()), lines.len())
}

/// Ends the wait of a locked checkout for payment, unpaid.
pub fn end_checkout(tx: &mut Tx<'_>, id: CheckoutId, status: CheckoutStatus) -> Result<()> {
    let changed = diesel::update(checkouts::table.find(id))
        .filter(checkouts::status.eq(CheckoutStatus::AwaitingPayment))
        .set((
            checkouts::status.eq(status),
            checkouts::version.eq(checkouts::version + 1),
            checkouts::updated_at.eq(tx.now),
        ))
        .returning(checkouts::id)
        .prepared()
        .load::<CheckoutId>(tx.conn)?;
    if changed.is_empty() { Err(Error::internal("a locked checkout did not end")) } else { Ok(()) }
}

/// The orders of a locked checkout that wait for its payment, which the lock keeps as they are, with their lines.
pub fn waiting_orders(tx: &mut Tx<'_>, checkouts: &[CheckoutId]) -> Result<Vec<(Order, OrderLine)>> {
    Ok(orders::table
        .inner_join(order_lines::table.on(order_lines::order_id.eq(orders::id)))
        .filter(orders::checkout_id.eq_any(checkouts))
        .filter(orders::status.eq(OrderStatus::AwaitingPayment))
        .order((orders::id, order_lines::variant_id))
        .select((Order::as_select(), OrderLine::as_select()))
        .load(tx.conn)?)
}

/// Locked checkouts go ahead, paid or to be paid in cash, with all their orders, which become as they are given, at the end of
/// the transaction.
pub fn go_ahead(
    tx: &mut Tx<'_>,
    checkouts: &[CheckoutId],
    (status, paid_at): (CheckoutStatus, Option<DateTime<Utc>>),
    sold: &[Order],
) -> Result<()> {
    let Some(one) = sold.first() else { return Err(Error::internal("a checkout without orders")) };
    let of_checkouts = orders::checkout_id.eq_any(checkouts.to_vec());
    let ahead = diesel::update(checkouts::table)
        .filter(checkouts::id.eq_any(checkouts.to_vec()))
        .filter(checkouts::status.eq(CheckoutStatus::AwaitingPayment))
        .set((
            checkouts::status.eq(status),
            checkouts::paid_at.eq(paid_at),
            checkouts::version.eq(checkouts::version + 1),
            checkouts::updated_at.eq(tx.now),
        ))
        .returning(checkouts::id);
    let orders = diesel::update(orders::table)
        .filter(of_checkouts)
        .filter(orders::status.eq(OrderStatus::AwaitingPayment))
        .set((
            orders::status.eq(one.status),
            orders::terms.eq(one.terms),
            orders::paid_at.eq(one.paid_at),
            orders::paid_on.eq(one.paid_on),
            orders::due_at.eq(one.due_at),
            orders::version.eq(orders::version + 1),
            orders::updated_at.eq(one.updated_at),
        ))
        .returning(orders::id);
    tx.later_exactly(ahead, checkouts.len())?;
    tx.later_exactly(orders, sold.len())
}

/// What a buyer did with cash before.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct CashHistory {
    /// Orders that nobody has paid yet and that have not ended.
    #[diesel(sql_type = BigInt)]
    pub under_way: i64,
    /// Orders that their carriers brought back since then, because nobody took them.
    #[diesel(sql_type = BigInt)]
    pub came_back: i64,
}

pub fn lock_cash(tx: &mut Tx<'_>, buyer_id: AccountId) -> Result<()> {
    diesel::sql_query("select pg_advisory_xact_lock(hashtextextended('cash:' || $1::text, 0))")
        .bind::<SqlUuid, _>(buyer_id)
        .execute(tx.conn)?;
    Ok(())
}

pub fn cash_history(tx: &mut Tx<'_>, buyer_id: AccountId, since: DateTime<Utc>) -> Result<CashHistory> {
    Ok(diesel::sql_query(
        "select count(*) filter (where delivered_at is null and status <> all \
                                   ('{returned,cancelled,refused,auto_cancelled}'::text[])) as under_way, \
                count(*) filter (where delivered_at is null and status = 'returned' and exists ( \
                    select from order_events e where e.order_id = orders.id and e.event = 'receive-return' \
                      and e.actor_role = $3 and e.at >= $2)) as came_back \
         from orders where buyer_account_id = $1 and terms = 'on_delivery'",
    )
    .bind::<SqlUuid, _>(buyer_id)
    .bind::<Timestamptz, _>(since)
    .bind::<Text, _>(Role::Platform.as_str())
    .get_result(tx.conn)?)
}

/// Moves all orders of a checkout together out of the wait for payment, unpaid.
pub fn end_waiting_orders(tx: &mut Tx<'_>, checkout_id: CheckoutId, status: OrderStatus) -> Result<Vec<Order>> {
    Ok(diesel::update(orders::table)
        .filter(orders::checkout_id.eq(checkout_id))
        .filter(orders::status.eq(OrderStatus::AwaitingPayment))
        .set((
            orders::status.eq(status),
            orders::due_at.eq(None::<DateTime<Utc>>),
            orders::version.eq(orders::version + 1),
            orders::updated_at.eq(tx.now),
        ))
        .returning(Order::as_returning())
        .prepared()
        .get_results(tx.conn)?)
}

/// What a move writes.
pub struct Change<'a> {
    pub status: OrderStatus,
    pub reason: Option<&'a str>,
    pub refunded: Vnd,
    pub due_at: Option<DateTime<Utc>>,
}

/// Moves one order if it still has the status that was decided upon.
pub fn move_status(tx: &mut Tx<'_>, order: &Order, change: &Change<'_>) -> Result<Option<Order>> {
    let delivered_at = if change.status == OrderStatus::Delivered { Some(tx.now) } else { order.delivered_at };
    Ok(diesel::update(orders::table.find(order.id))
        .filter(orders::status.eq(order.status))
        .filter(orders::version.eq(order.version))
        .set((
            orders::status.eq(change.status),
            orders::status_reason.eq(change.reason),
            orders::refunded_vnd.eq(change.refunded),
            orders::due_at.eq(change.due_at),
            orders::delivered_at.eq(delivered_at),
            orders::version.eq(orders::version + 1),
            orders::updated_at.eq(tx.now),
        ))
        .returning(Order::as_returning())
        .prepared()
        .get_result(tx.conn)
        .optional()?)
}

/// The next move reads it back with the order.
pub fn set_pickup_code(tx: &mut Tx<'_>, id: OrderId, code: &str) -> Result<()> {
    diesel::update(orders::table.find(id)).set(orders::pickup_code.eq(code)).execute(tx.conn)?;
    Ok(())
}

pub fn insert_refund(tx: &mut Tx<'_>, order: &Order, cause: RefundCause, amount: Vnd) -> Result<RefundId> {
    let id = RefundId::generate();
    diesel::insert_into(order_refunds::table)
        .values((
            order_refunds::id.eq(id),
            order_refunds::order_id.eq(order.id),
            order_refunds::buyer_account_id.eq(order.buyer_account_id),
            order_refunds::producer_id.eq(order.producer_id),
            order_refunds::cause.eq(cause),
            order_refunds::amount_vnd.eq(amount),
            order_refunds::is_let_off.eq(order.is_uncollected()),
            order_refunds::at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(id)
}

/// What is owed back, of which order and why.
pub fn find_refund(tx: &mut Tx<'_>, id: RefundId) -> Result<OwedRefund> {
    Ok(order_refunds::table.find(id).select(OwedRefund::as_select()).first(tx.conn)?)
}

/// Records what happened to orders, at the end of the transaction.
pub fn record_events(
    tx: &mut Tx<'_>,
    moved: &[Order],
    event: OrderEvent,
    from: Option<OrderStatus>,
    reason: Option<&str>,
) -> Result<()> {
    let ids: Vec<EventId> = moved.iter().map(|_| EventId::generate()).collect();
    let new = sql::<Untyped>(
        "insert into order_events (id, order_id, buyer_account_id, producer_id, to_status, step, \
           event, from_status, actor_role, reason, at) \
         select m.*, ",
    )
    .bind::<Text, _>(event.as_str())
    .sql("::text, ")
    .bind::<Nullable<Text>, _>(from.map(OrderStatus::as_str))
    .sql("::text, ")
    .bind::<Text, _>(tx.who.role.as_str())
    .sql("::text, ")
    .bind::<Nullable<Text>, _>(reason.map(str::to_owned))
    .sql("::text, ")
    .bind::<Timestamptz, _>(tx.now)
    .sql("::timestamptz from unnest(")
    .bind::<Array<SqlUuid>, _>(ids)
    .sql("::uuid[], ")
    .bind::<Array<SqlUuid>, _>(moved.iter().map(|order| order.id).collect::<Vec<_>>())
    .sql("::uuid[], ")
    .bind::<Array<SqlUuid>, _>(moved.iter().map(|order| order.buyer_account_id).collect::<Vec<_>>())
    .sql("::uuid[], ")
    .bind::<Array<SqlUuid>, _>(moved.iter().map(|order| order.producer_id).collect::<Vec<_>>())
    .sql("::uuid[], ")
    .bind::<Array<Text>, _>(moved.iter().map(|order| order.status.as_str()).collect::<Vec<_>>())
    .sql("::text[], ")
    .bind::<Array<Integer>, _>(moved.iter().map(|order| order.version).collect::<Vec<_>>())
    .sql("::int[]) as m");
    tx.later(new, 0)
}

pub fn lock_order(tx: &mut Tx<'_>, id: OrderId) -> Result<Order> {
    Ok(orders::table.find(id).select(Order::as_select()).for_update().first(tx.conn)?)
}

pub fn find_order(tx: &mut Tx<'_>, id: OrderId) -> Result<Order> {
    Ok(orders::table.find(id).select(Order::as_select()).first(tx.conn)?)
}

pub fn find_buyers_order(tx: &mut Tx<'_>, buyer_id: AccountId, id: OrderId) -> Result<Order> {
    Ok(orders::table
        .find(id)
        .filter(orders::buyer_account_id.eq(buyer_id))
        .select(Order::as_select())
        .first(tx.conn)?)
}

pub fn find_producers_order(tx: &mut Tx<'_>, producer_id: ProducerId, id: OrderId) -> Result<Order> {
    let order: Order =
        orders::table.find(id).filter(orders::producer_id.eq(producer_id)).select(Order::as_select()).first(tx.conn)?;
    // Before payment, and when it never came, the order is no business of the producer.
    if order.paid_at.is_none() { Err(CommonProblem::NotFound.into()) } else { Ok(order) }
}

/// Those of these orders that are this producer's.
pub fn producers_orders(tx: &mut Tx<'_>, producer_id: ProducerId, ids: &[OrderId]) -> Result<Vec<Order>> {
    let own = orders::table.filter(orders::id.eq_any(ids)).filter(orders::producer_id.eq(producer_id));
    Ok(own.select(Order::as_select()).load(tx.conn)?)
}

/// What these orders are called on paper.
pub fn codes_of(tx: &mut Tx<'_>, ids: &[OrderId]) -> Result<BTreeMap<OrderId, String>> {
    let rows: Vec<(OrderId, String)> =
        orders::table.filter(orders::id.eq_any(ids)).select((orders::id, orders::code)).load(tx.conn)?;
    Ok(rows.into_iter().collect())
}

pub fn orders_of(tx: &mut Tx<'_>, checkout_id: CheckoutId) -> Result<Vec<Order>> {
    Ok(orders::table
        .filter(orders::checkout_id.eq(checkout_id))
        .order(orders::id)
        .select(Order::as_select())
        .load(tx.conn)?)
}

pub fn lines_of(tx: &mut Tx<'_>, ids: &[OrderId]) -> Result<Vec<OrderLine>> {
    Ok(order_lines::table
        .filter(order_lines::order_id.eq_any(ids))
        .order((order_lines::order_id, order_lines::variant_id))
        .select(OrderLine::as_select())
        .load(tx.conn)?)
}

/// The newest orders first, one more than the page holds.
pub fn list_buyers(tx: &mut Tx<'_>, buyer_id: AccountId, before: Option<OrderId>, rows: i64) -> Result<Vec<Order>> {
    let mut query = orders::table.filter(orders::buyer_account_id.eq(buyer_id)).select(Order::as_select()).into_boxed();
    if let Some(before) = before {
        query = query.filter(orders::id.lt(before));
    }
    Ok(query.order(orders::id.desc()).limit(rows).load(tx.conn)?)
}

pub fn list_producers(
    tx: &mut Tx<'_>,
    producer_id: ProducerId,
    status: Option<OrderStatus>,
    before: Option<OrderId>,
    rows: i64,
) -> Result<Vec<Order>> {
    let mut query = orders::table
        .filter(orders::producer_id.eq(producer_id))
        .filter(orders::paid_at.is_not_null())
        .select(Order::as_select())
        .into_boxed();
    if let Some(status) = status {
        query = query.filter(orders::status.eq(status));
    }
    if let Some(before) = before {
        query = query.filter(orders::id.lt(before));
    }
    Ok(query.order(orders::id.desc()).limit(rows).load(tx.conn)?)
}

/// An event of an order as its parties see it: event, from, to, actor's role, reason, when.
pub type EventRow = (String, Option<String>, String, String, Option<String>, DateTime<Utc>);

pub fn events_of(tx: &mut Tx<'_>, id: OrderId) -> Result<Vec<EventRow>> {
    Ok(order_events::table
        .filter(order_events::order_id.eq(id))
        .order(order_events::step)
        .select((
            order_events::event,
            order_events::from_status,
            order_events::to_status,
            order_events::actor_role,
            order_events::reason,
            order_events::at,
        ))
        .load(tx.conn)?)
}
