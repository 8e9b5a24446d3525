//! Faults of harvests.

use super::Mutant;

/// Faults of harvests, on a database with one that brought an order less than it had bought, and with one that an order
/// waits for.
pub const MUTANTS: &[Mutant] = &[
    ("invariant_harvests", "update harvests set expected = 1 where status = 'open'"),
    ("invariant_harvests", "update orders set status = 'paid' where status = 'waiting_harvest'"),
    (
        "invariant_harvests",
        "update harvests set status = 'cancelled' where status = 'open';
         update lots set sells_from = null, sells_until = null where sells_until is not null",
    ),
    ("invariant_harvests", "update orders set due_at = null where status = 'waiting_harvest'"),
    ("invariant_harvests", "update orders set status = 'waiting_harvest', due_at = now() where status = 'paid'"),
    ("invariant_harvests", "update lots set sells_from = null, sells_until = null where sells_until is not null"),
    (
        "invariant_harvests",
        "update lots set sells_from = '2026-12-01', sells_until = '2026-12-02'
         where id = (select lot_id from harvests where status = 'harvested')",
    ),
    (
        "invariant_harvests",
        "insert into lots (id, producer_id, product_id, status, sells_from, sells_until, created_at, updated_at)
         select gen_random_uuid(), producer_id, product_id, 'open', '2026-12-01', '2026-12-02', now(), now() from harvests",
    ),
    ("invariant_harvests", "update harvests set promised = promised + 1 where status = 'harvested'"),
    ("invariant_harvests", "update harvests set harvested = harvested - 1 where status = 'harvested'"),
    (
        "invariant_harvests",
        "set local session_replication_role = replica; delete from stock_movements where kind = 'short'",
    ),
    (
        "invariant_harvests",
        "set local session_replication_role = replica; update order_shortfalls set refund_vnd = refund_vnd + 1",
    ),
    (
        "invariant_harvests",
        "set local session_replication_role = replica; delete from order_refunds where cause = 'harvest_short'",
    ),
    (
        "invariant_harvests",
        "insert into order_refunds (id, order_id, buyer_account_id, producer_id, cause, amount_vnd, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'harvest_short', 1, now() from orders
         where status = 'waiting_harvest'",
    ),
    (
        "invariant_harvests",
        "insert into order_weights
         select s.order_id, s.variant_id, s.buyer_account_id, s.producer_id, 1000, 0, l.total_vnd, now()
         from order_shortfalls s join order_lines l on l.order_id = s.order_id and l.variant_id = s.variant_id",
    ),
    (
        "invariant_harvests",
        "set local session_replication_role = replica;
         update order_shortfalls set quantity = 4; update stock_movements set delta = 4 where kind = 'short'",
    ),
    (
        "invariant_harvests",
        "set local session_replication_role = replica;
         update order_shortfalls set producer_id = gen_random_uuid()",
    ),
    (
        "invariant_sales_daily",
        "set local session_replication_role = replica; delete from order_shortfalls",
    ),
    (
        "invariant_reservations",
        "set local session_replication_role = replica; delete from order_shortfalls",
    ),
    (
        "invariant_lot_sales",
        "set local session_replication_role = replica; delete from order_shortfalls",
    ),
];
