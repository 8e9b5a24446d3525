//! Faults of stock, its lots and what is reserved.

use super::Mutant;

pub const MUTANTS: &[Mutant] = &[
    (
        "invariant_stock_reserved",
        "update lot_levels set reserved = reserved - 1 where reserved > 0",
    ),
    (
        "invariant_stock_reserved",
        "update lots set status = 'recalled', status_reason = 'mutant' where code is not null",
    ),
    (
        "invariant_stock_reserved",
        "update stock_levels set reserved = reserved - 1 where reserved > 0",
    ),
    (
        "invariant_stock_reserved",
        "alter table stock_levels drop constraint stock_levels_reserved_check;
         update stock_levels set on_hand = reserved - 1 where reserved > 0",
    ),
    (
        "invariant_stock_reserved",
        "set local session_replication_role = replica;
         delete from stock_levels where reserved > 0",
    ),
    (
        "invariant_stock_on_hand",
        "update stock_levels set on_hand = on_hand + 1",
    ),
    (
        "invariant_stock_on_hand",
        "set local session_replication_role = replica;
         delete from stock_movements where kind = 'sold'",
    ),
    (
        "invariant_stock_on_hand",
        "set local session_replication_role = replica;
         update stock_movements set saleable_delta = 0 where kind = 'opening'",
    ),
    (
        "invariant_lot_levels",
        "set local session_replication_role = replica;
         update reservations set quantity = quantity + 1 where status = 'held'",
    ),
    (
        "invariant_lot_levels",
        "update lot_levels set on_hand = on_hand + 1",
    ),
    (
        "invariant_lot_levels",
        "set local session_replication_role = replica;
         delete from lot_levels where reserved > 0",
    ),
    (
        "invariant_lot_levels",
        "set local session_replication_role = replica;
         update stock_movements set lot_id = gen_random_uuid() where kind = 'opening'",
    ),
    (
        "invariant_lot_levels",
        "set local session_replication_role = replica;
         update lots set product_id = gen_random_uuid()",
    ),
    (
        "invariant_lot_levels",
        "set local session_replication_role = replica;
         update lot_levels set producer_id = gen_random_uuid()",
    ),
    (
        "invariant_lot_levels",
        "update lots set code = null, harvested_on = null, packed_on = null, expires_on = null where code is not null",
    ),
    (
        "invariant_lot_sales",
        "set local session_replication_role = replica;
         update reservations set lot_id = (select id from lots where code is null) where status = 'consumed'",
    ),
    (
        "invariant_lot_sales",
        "update reservations set status = 'returned' where status = 'consumed'",
    ),
    (
        "invariant_lot_sales",
        "insert into stock_movements (id, variant_id, lot_id, producer_id, kind, delta, saleable_delta, order_id, at)
         select gen_random_uuid(), variant_id, lot_id, producer_id, 'returned', -delta, -delta, order_id, at
         from stock_movements where kind = 'sold'",
    ),
    (
        "invariant_lot_sales",
        "set local session_replication_role = replica;
         update stock_movements set delta = delta / 2, saleable_delta = saleable_delta / 2 where kind = 'sold';
         insert into stock_movements (id, variant_id, lot_id, producer_id, kind, delta, saleable_delta, order_id, at)
         select gen_random_uuid(), variant_id, lot_id, producer_id, kind, delta, saleable_delta, order_id, at
         from stock_movements where kind = 'sold'",
    ),
    (
        "invariant_expired_lots",
        "set local session_replication_role = replica;
         update lots set harvested_on = '2026-01-01', expires_on = '2026-01-02' where code is not null",
    ),
    (
        "invariant_reservations",
        "set local session_replication_role = replica;
         delete from reservations where status = 'held'",
    ),
    (
        "invariant_reservations",
        "update reservations set status = 'released' where status = 'consumed'",
    ),
    (
        "invariant_reservations",
        "update reservations set status = 'consumed', ended_at = now() where status = 'held'",
    ),
    (
        "invariant_reservations",
        "update reservations set quantity = quantity + 1 where status = 'consumed'",
    ),
    (
        "invariant_reservations",
        "set local session_replication_role = replica;
         delete from order_lines where order_id in (select id from orders where status = 'awaiting_payment')",
    ),
    (
        "invariant_order_movements",
        "insert into stock_movements (id, variant_id, lot_id, producer_id, kind, delta, saleable_delta, order_id, at)
         select gen_random_uuid(), variant_id, lot_id, producer_id, kind, delta, delta, order_id, at
         from stock_movements where kind = 'sold'",
    ),
    (
        "invariant_order_movements",
        "insert into stock_movements (id, variant_id, lot_id, producer_id, kind, delta, saleable_delta, order_id, at)
         select gen_random_uuid(), l.variant_id, l.variant_id, l.producer_id, 'returned', l.quantity, 0, l.order_id, now()
         from order_lines l join orders o on o.id = l.order_id where o.paid_at is not null and o.status = 'paid'",
    ),
    (
        "invariant_order_movements",
        "insert into stock_movements (id, variant_id, lot_id, producer_id, kind, delta, saleable_delta, order_id, at)
         select gen_random_uuid(), l.variant_id, l.variant_id, l.producer_id, 'sold', -l.quantity, 0, l.order_id, now()
         from order_lines l join orders o on o.id = l.order_id where o.status = 'awaiting_payment'",
    ),
    (
        "invariant_order_movements",
        "insert into stock_movements (id, variant_id, lot_id, producer_id, kind, delta, saleable_delta, at)
         select gen_random_uuid(), variant_id, variant_id, producer_id, 'sold', -1, -1, now() from stock_levels",
    ),
    (
        "invariant_order_movements",
        "set local session_replication_role = replica;
         update stock_movements set order_id = gen_random_uuid() where kind = 'sold'",
    ),
    (
        "invariant_order_movements",
        "update orders set status = 'refused' where status = 'paid'",
    ),
];
