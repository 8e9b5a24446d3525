//! Faults of orders: their totals, steps, weights, and who placed them.

use super::Mutant;

pub const MUTANTS: &[Mutant] = &[
    (
        "invariant_order_weights",
        "insert into order_weights (order_id, variant_id, buyer_account_id, producer_id, ordered_g, packed_g, refund_vnd, at)
         select o.id, l.variant_id, o.buyer_account_id, o.producer_id, 1000, 900, 1000, now()
         from orders o join order_lines l on l.order_id = o.id where o.status = 'paid'",
    ),
    (
        "invariant_order_weights",
        "update order_lines set is_weighed = true;
         insert into order_weights (order_id, variant_id, buyer_account_id, producer_id, ordered_g, packed_g, refund_vnd, at)
         select o.id, l.variant_id, o.buyer_account_id, o.producer_id, 1000, 900, 1000, now()
         from orders o join order_lines l on l.order_id = o.id where o.status = 'paid';
         insert into order_events (id, order_id, buyer_account_id, producer_id, event, from_status, to_status, actor_role, at, step)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'pack', 'paid', 'packed', 'producer', now(), version + 1
         from orders where status = 'paid'",
    ),
    (
        "invariant_order_weights",
        "insert into order_refunds (id, order_id, buyer_account_id, producer_id, cause, amount_vnd, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'weight', 1000, now() from orders where status = 'paid'",
    ),
    (
        "invariant_totals",
        "update order_lines set discount_vnd = 1",
    ),
    (
        "invariant_totals",
        "update orders set contract_sha256 = repeat('0', 64)",
    ),
    (
        "invariant_totals",
        "update orders set total_vnd = total_vnd + 1",
    ),
    (
        "invariant_totals",
        "update checkouts set total_vnd = total_vnd - 1 where status = 'awaiting_payment'",
    ),
    (
        "invariant_totals",
        "set local session_replication_role = replica;
         delete from order_lines where order_id in (select id from orders where status = 'paid')",
    ),
    (
        "invariant_totals",
        "set local session_replication_role = replica;
         delete from orders where status = 'awaiting_payment'",
    ),
    (
        "invariant_order_events",
        "set local session_replication_role = replica;
         delete from order_events where to_status = 'paid'",
    ),
    (
        "invariant_order_events",
        "set local session_replication_role = replica;
         delete from order_events where from_status is null",
    ),
    (
        "invariant_order_events",
        "set local session_replication_role = replica;
         delete from order_events",
    ),
    (
        "invariant_order_events",
        "update orders set status = 'accepted' where status = 'paid'",
    ),
    (
        "invariant_order_events",
        "insert into order_events (id, order_id, buyer_account_id, producer_id, event, from_status, to_status, actor_role, at, step)
         select gen_random_uuid(), order_id, buyer_account_id, producer_id, event, from_status, to_status, actor_role, at, step + 1
         from order_events where to_status = 'paid'",
    ),
    (
        "invariant_order_events",
        "insert into order_events (id, order_id, buyer_account_id, producer_id, event, from_status, to_status, actor_role, at, step)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'deliver', 'paid', 'delivered', 'producer', now(), version + 1
         from orders where status = 'paid';
         update orders set status = 'delivered', version = version + 1 where status = 'paid'",
    ),
    (
        "invariant_order_events",
        "insert into order_events (id, order_id, buyer_account_id, producer_id, event, from_status, to_status, actor_role, at, step)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'cancel', 'packed', 'cancelled', 'buyer', now(), version + 1
         from orders where status = 'awaiting_payment'",
    ),
    (
        "invariant_order_events",
        "update orders set version = version - 1 where status = 'paid'",
    ),
    (
        "invariant_order_checkouts",
        "update orders set status = 'expired' where status = 'awaiting_payment'",
    ),
    (
        "invariant_order_checkouts",
        "update checkouts set status = 'expired' where status = 'awaiting_payment'",
    ),
    (
        "invariant_order_checkouts",
        "update orders set paid_at = null, paid_on = null, status = 'cancelled' where status = 'paid'",
    ),
    (
        "invariant_order_checkouts",
        "update orders set paid_on = paid_on - 1 where status = 'paid'",
    ),
    (
        "invariant_order_checkouts",
        "update orders set status = 'paid', paid_at = now(), paid_on = (now() at time zone 'Asia/Ho_Chi_Minh')::date
         where status = 'awaiting_payment'",
    ),
    (
        "invariant_totals",
        "update orders set discount_vnd = 1",
    ),
    (
        "invariant_guests",
        "insert into accounts (id, status, created_at, updated_at) values (gen_random_uuid(), 'active', now(), now());
         insert into sessions (id, account_id, audience, device_id, rotated_at, created_at, idle_expires_at, expires_at)
         select gen_random_uuid(), id, 'producer', 'mutant', now(), now(), now(), now() from accounts where is_guest",
    ),
    (
        "invariant_guests",
        "insert into accounts (id, status, created_at, updated_at) values (gen_random_uuid(), 'active', now(), now());
         insert into role_grants (id, account_id, role, granted_at)
         select gen_random_uuid(), id, 'helper', now() from accounts where is_guest",
    ),
    (
        "invariant_guests",
        "insert into accounts (id, status, created_at, updated_at) values (gen_random_uuid(), 'active', now(), now());
         update producers set account_id = (select id from accounts where is_guest)",
    ),
];
