//! Faults to plant, each on a healthy database of its own that has at least one paid order and one that waits for
//! payment: the named invariant must then return a row. An invariant that cannot fail is worth nothing.

/// What the faults of claims start from: a claim for all of the paid order, with which nothing is wrong.
macro_rules! with_claim {
    ($fault:literal) => {
        concat!(
            "update orders set status = 'disputed' where status = 'paid';
             insert into claims (id, order_id, buyer_account_id, producer_id, kind, text, wish, status, keeps, shipping_vnd,
                 claimed_vnd, due_at, created_at, updated_at)
             select '00000000-0000-7000-8000-000000000000', id, buyer_account_id, producer_id, 'other', 'mutant', 'refund', 'open',
                 true, shipping_vnd, total_vnd, now(), now(), now() from orders where status = 'disputed';
             insert into claim_lines (claim_id, variant_id, buyer_account_id, producer_id, quantity, amount_vnd)
             select c.id, l.variant_id, l.buyer_account_id, l.producer_id, l.quantity, l.total_vnd - l.discount_vnd
             from order_lines l join claims c on c.order_id = l.order_id;
             insert into claim_events (id, claim_id, buyer_account_id, producer_id, event, to_status, step, actor_role, text, at)
             select gen_random_uuid(), id, buyer_account_id, producer_id, 'open', status, 1, 'buyer', 'mutant', now() from claims;
             set local session_replication_role = replica;",
            $fault
        )
    };
}

pub const HEALTHY_CLAIM: &str = with_claim!("");

/// What the faults of vouchers start from: one use by the paid checkout, with which nothing is wrong.
macro_rules! with_voucher {
    ($fault:literal) => {
        concat!(
            "insert into vouchers (id, code, payer, kind, amount_vnd, minimum_vnd, starts_on, ends_on, producer_ids, product_sets,
             uses_max, uses_per_buyer_max, budget_vnd, uses, spent_vnd, status, created_by, created_at, updated_at)
         select gen_random_uuid(), 'MATANT', 'platform', 'amount', 1000, 0, '2026-01-01', '2100-12-31', '{}', '{}',
             5, 1, 5000, 1, 1000, 'active', id, now(), now() from accounts limit 1;
         insert into voucher_uses (checkout_id, voucher_id, buyer_account_id, taken_at)
         select c.id, v.id, c.buyer_account_id, now() from vouchers v, checkouts c where c.status = 'paid';
         insert into voucher_buyers (voucher_id, buyer_account_id, uses)
         select v.id, c.buyer_account_id, 1 from vouchers v, checkouts c where c.status = 'paid';
         insert into voucher_shares (checkout_id, producer_id, buyer_account_id, goods_vnd, shipping_vnd)
         select u.checkout_id, p.id, u.buyer_account_id, 1000, 0 from voucher_uses u, producers p;
         insert into voucher_share_lines (checkout_id, producer_id, variant_id, buyer_account_id, discount_vnd)
         select s.checkout_id, s.producer_id, v.id, s.buyer_account_id, 1000 from voucher_shares s, variants v limit 1;",
            $fault
        )
    };
}

pub const HEALTHY_VOUCHER: &str = with_voucher!("");

/// The view that must notice, and the SQL that plants the fault, run by a superuser as one batch.
pub const MUTANTS: &[(&str, &str)] = &[
    (
        "invariant_ledger_orders",
        "set local session_replication_role = replica;
         delete from ledger_transfers where kind = 'capture'",
    ),
    (
        "invariant_ledger_orders",
        "set local session_replication_role = replica;
         update ledger_transfers set amount_vnd = amount_vnd - 1 where kind = 'capture'",
    ),
    (
        "invariant_ledger_orders",
        "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, producer_id, order_id, at)
         select gen_random_uuid(), 'sale', id, 'orders', 'producer', 1, producer_id, id, now() from orders where status = 'paid'",
    ),
    (
        "invariant_ledger_orders",
        "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, provider, producer_id, order_id, at)
         select gen_random_uuid(), 'capture', id, 'clearing', 'orders', total_vnd, 'vnpay', producer_id, id, now() from orders
         where status = 'awaiting_payment'",
    ),
    (
        "invariant_ledger_orders",
        "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, provider, producer_id, order_id, at)
         select gen_random_uuid(), kind, gen_random_uuid(), debit, credit, amount_vnd, provider, producer_id, gen_random_uuid(), at
         from ledger_transfers",
    ),
    (
        "invariant_ledger_orders",
        "set local session_replication_role = replica;
         update ledger_transfers set producer_id = gen_random_uuid()",
    ),
    (
        "invariant_ledger_orders",
        "update orders set status = 'completed' where status = 'paid'",
    ),
    (
        "invariant_ledger_credits",
        "set local session_replication_role = replica;
         update ledger_transfers set provider = 'vnpay'",
    ),
    (
        "invariant_ledger_credits",
        "set local session_replication_role = replica;
         update payment_credits set amount_vnd = amount_vnd + 1 where payment_id is not null",
    ),
    (
        "invariant_ledger_credits",
        "set local session_replication_role = replica;
         delete from payment_credits",
    ),
    (
        "invariant_ledger_credits",
        "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, provider, at)
         values (gen_random_uuid(), 'odd_money', gen_random_uuid(), 'clearing', 'suspense', 1, 'vnpay', now())",
    ),
    (
        "invariant_ledger_credits",
        "set local session_replication_role = replica;
         update payment_credits set payment_id = null",
    ),
    (
        "invariant_ledger_suspense",
        "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, provider, at)
         select gen_random_uuid(), 'odd_money', id, 'clearing', 'suspense', amount_vnd, provider, now() from payment_credits",
    ),
    (
        "invariant_ledger_refunds",
        "set local session_replication_role = replica;
         insert into order_refunds (id, order_id, buyer_account_id, producer_id, cause, amount_vnd, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'claim', 1, now() from orders where status = 'paid'",
    ),
    (
        "invariant_ledger_refunds",
        "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, producer_id, order_id, refund_id, at)
         select gen_random_uuid(), 'refund', id, 'orders', 'refunds_owed', 1, producer_id, id, id, now() from orders
         where status = 'paid'",
    ),
    (
        "invariant_ledger_refunds",
        "set local session_replication_role = replica;
         insert into order_refunds (id, order_id, buyer_account_id, producer_id, cause, amount_vnd, at)
         select id, id, buyer_account_id, producer_id, 'claim', 1, now() from orders where status = 'paid';
         insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, producer_id, order_id, refund_id, at)
         select gen_random_uuid(), 'refund', id, 'orders', 'refunds_owed', 1, producer_id, id, id, now() from orders
         where status = 'paid';
         insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, provider, refund_id, at)
         select gen_random_uuid(), 'refund_sent', id, 'refunds_owed', 'clearing', 2, 'vnpay', id, now() from orders
         where status = 'paid'",
    ),
    (
        "invariant_ledger_balances",
        "insert into ledger_balances (producer_id, balance_vnd, moved_at) select id, 1, now() from producers limit 1",
    ),
    (
        "invariant_ledger_balances",
        "set local session_replication_role = replica;
         insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, producer_id, order_id, at)
         select gen_random_uuid(), 'sale', id, 'orders', 'producer', 1, producer_id, id, now() from orders where status = 'paid'",
    ),
    (
        "invariant_ledger_reversals",
        "set local session_replication_role = replica;
         insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, provider, producer_id, order_id, reverses, at)
         select gen_random_uuid(), 'reversal', id, debit, credit, amount_vnd, provider, producer_id, order_id, id, at
         from ledger_transfers",
    ),
    (
        "invariant_ledger_reversals",
        "set local session_replication_role = replica;
         drop index ledger_transfers_reverses_key;
         alter table ledger_transfers drop constraint ledger_transfers_reversal_check;
         insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, provider, producer_id, order_id, reverses, at)
         select gen_random_uuid(), 'reversal', gen_random_uuid(), credit, debit, amount_vnd, provider, producer_id, order_id, id, at
         from ledger_transfers, generate_series(1, 2)",
    ),
    (
        "invariant_ledger_vouchers",
        "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, producer_id, order_id, at)
         select gen_random_uuid(), 'voucher', id, 'vouchers', 'producer', 1000, producer_id, id, now() from orders
         where status = 'paid'",
    ),
    (
        "invariant_charges",
        "insert into order_charges (order_id, producer_id, schedule_id, earned_vnd, fee_base_vnd, fee_vnd, at)
         select o.id, o.producer_id, f.id, 1000, 1000, 1, now() from orders o, fee_schedules f where o.status = 'paid'",
    ),
    (
        "invariant_charges",
        "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, producer_id, order_id, at)
         select gen_random_uuid(), 'fee', id, 'producer', 'commission', 1, producer_id, id, now() from orders where status = 'paid'",
    ),
    (
        "invariant_charges",
        "insert into tax_lines (id, order_id, variant_id, producer_id, tax_category, applied_category, reason, rate_id, base_vnd, vat_vnd,
             pit_vnd, at)
         select gen_random_uuid(), l.order_id, l.variant_id, l.producer_id, 'self_made', 'self_made', 'rate', r.id, 1000, 10, 5, now()
         from order_lines l join orders o on o.id = l.order_id and o.status = 'paid', tax_rates r
         where r.tax_category = 'self_made' and r.producer_kind = 'household' and r.reading = 'practice'",
    ),
    (
        "invariant_charges",
        "insert into tax_lines (id, order_id, variant_id, producer_id, tax_category, applied_category, reason, rate_id, base_vnd, vat_vnd,
             pit_vnd, at)
         select gen_random_uuid(), l.order_id, l.variant_id, l.producer_id, 'self_made', 'self_made', 'rate', r.id, 1000, 11, 5, now()
         from order_lines l join orders o on o.id = l.order_id and o.status = 'paid', tax_rates r
         where r.tax_category = 'self_made' and r.producer_kind = 'household' and r.reading = 'practice';
         insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, producer_id, order_id, at)
         select gen_random_uuid(), 'vat', id, 'producer', 'vat', 11, producer_id, id, now() from orders where status = 'paid';
         insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, producer_id, order_id, at)
         select gen_random_uuid(), 'pit', id, 'producer', 'pit', 5, producer_id, id, now() from orders where status = 'paid'",
    ),
    (
        "invariant_charges",
        "insert into order_charges (order_id, producer_id, schedule_id, earned_vnd, fee_base_vnd, fee_vnd, at)
         select o.id, o.producer_id, f.id, 1000, 1000, 1, now() from orders o, fee_schedules f where o.status = 'paid';
         insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, producer_id, order_id, at)
         select gen_random_uuid(), 'fee', id, 'producer', 'commission', 1, producer_id, id, now() from orders where status = 'paid'",
    ),
    (
        "invariant_charges",
        "insert into order_charges (order_id, producer_id, schedule_id, earned_vnd, fee_base_vnd, fee_vnd, at)
         select o.id, o.producer_id, f.id, 1000, 1000, 0, now() from orders o, fee_schedules f where o.status = 'paid';
         insert into charge_returns select gen_random_uuid(), order_id, producer_id, 1000, 1, now() from order_charges;
         insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, producer_id, order_id, at)
         select gen_random_uuid(), 'fee_returned', id, 'commission', 'producer', 1, producer_id, id, now() from orders where status = 'paid'",
    ),
    (
        "invariant_charges",
        "insert into order_charges (order_id, producer_id, schedule_id, earned_vnd, fee_base_vnd, fee_vnd, at)
         select o.id, o.producer_id, f.id, 1000, 1000, 0, now() from orders o, fee_schedules f where o.status = 'paid';
         insert into fee_schedules values (gen_random_uuid(), 0, '2026-02-01', 'mutant', null, '2026-01-01')",
    ),
    (
        "invariant_charges",
        "set local session_replication_role = replica;
         insert into order_charges (order_id, producer_id, schedule_id, earned_vnd, fee_base_vnd, fee_vnd, at)
         select o.id, o.producer_id, f.id, 1000, 1000, 0, now() from orders o, fee_schedules f where o.status = 'paid';
         update orders set status = 'completed', paid_at = created_at, paid_on = created_at::date where status = 'awaiting_payment';
         insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, producer_id, order_id, at)
         select gen_random_uuid(), 'sale', id, 'orders', 'producer', 1, producer_id, id, now() from orders where status = 'completed'",
    ),
    ("invariant_ledger_vouchers", with_voucher!("update orders set status = 'completed' where status = 'paid'")),
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
        "invariant_paid_checkouts",
        "update payments set status = 'pending', captured_at = null where status = 'captured'",
    ),
    (
        "invariant_paid_checkouts",
        "update payments set amount_vnd = amount_vnd + 1 where status = 'captured'",
    ),
    (
        "invariant_paid_checkouts",
        "update checkouts set status = 'paid', paid_at = now() where status = 'awaiting_payment'",
    ),
    (
        "invariant_paid_checkouts",
        "set local session_replication_role = replica;
         alter table payments drop constraint payments_checkout_key;
         insert into payments (id, checkout_id, buyer_account_id, amount_vnd, status, captured_at, created_at, updated_at)
         select gen_random_uuid(), checkout_id, buyer_account_id, amount_vnd, status, captured_at, created_at, updated_at
         from payments where status = 'captured'",
    ),
    (
        "invariant_captured_payments",
        "update payments set status = 'captured', captured_at = now() where status = 'pending'",
    ),
    (
        "invariant_captured_payments",
        "update checkouts set status = 'cancelled', paid_at = null where status = 'paid'",
    ),
    (
        "invariant_captured_payments",
        "update payments set status = 'cancelled', captured_at = null where status = 'captured'",
    ),
    (
        "invariant_credits",
        "set local session_replication_role = replica;
         delete from payment_credits where payment_id is not null",
    ),
    (
        "invariant_credits",
        "set local session_replication_role = replica;
         update payment_credits set amount_vnd = amount_vnd - 1 where payment_id is not null",
    ),
    (
        "invariant_credits",
        "set local session_replication_role = replica;
         update payment_credits set payment_id = null",
    ),
    (
        "invariant_credits",
        "insert into payment_reviews (id, kind, credit_id, amount_vnd, status, created_at)
         select gen_random_uuid(), 'second_payment', id, amount_vnd, 'open', now()
         from payment_credits where payment_id is not null",
    ),
    (
        "invariant_credits",
        "insert into payment_credits (id, provider, provider_txn, callback_id, payment_id, amount_vnd, received_at)
         select gen_random_uuid(), 'vnpay', 'mutant', (select callback_id from payment_credits limit 1), id, amount_vnd, now()
         from payments where status <> 'captured' limit 1",
    ),
    (
        "invariant_credits",
        "drop index payment_credits_payment_key;
         insert into payment_credits (id, provider, provider_txn, callback_id, payment_id, amount_vnd, received_at)
         select gen_random_uuid(), provider, provider_txn || '-mutant', callback_id, payment_id, amount_vnd, received_at
         from payment_credits where payment_id is not null",
    ),
    (
        "invariant_provider_transactions",
        "alter table payment_credits drop constraint payment_credits_txn_key;
         insert into payment_credits (id, provider, provider_txn, callback_id, amount_vnd, received_at)
         select gen_random_uuid(), provider, provider_txn, callback_id, amount_vnd, received_at from payment_credits",
    ),
    (
        "invariant_callbacks",
        "update payment_callbacks set verified = false where outcome = 'applied'",
    ),
    (
        "invariant_callbacks",
        "update payment_callbacks set outcome = null, processed_at = null, received_at = now() - interval '6 minutes'
         where verified",
    ),
    (
        "invariant_callbacks",
        "update payment_callbacks set verified = null, outcome = null, processed_at = null,
             received_at = now() - interval '6 minutes' where verified",
    ),
    (
        "invariant_callbacks",
        "drop index payment_callbacks_applied_key;
         insert into payment_callbacks
           (id, provider, received_at, source, query, headers, body, verified, event_key, outcome, processed_at)
         select gen_random_uuid(), provider, received_at, source, query, headers, body, verified, event_key, outcome, processed_at
         from payment_callbacks where outcome = 'applied'",
    ),
    (
        "invariant_callbacks",
        "update payment_callbacks set outcome = 'unverified', verified = false
         where id in (select callback_id from payment_credits)",
    ),
    (
        "invariant_questions",
        "update payment_attempts set next_poll_at = now() - interval '11 minutes'",
    ),
    (
        "invariant_questions",
        "update payment_attempts set opened_at = null, next_poll_at = null where status = 'pending'",
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
        "invariant_refunds",
        "update orders set status = 'cancelled' where status = 'paid'",
    ),
    (
        "invariant_refunds",
        "update orders set refunded_vnd = 1 where status = 'paid'",
    ),
    (
        "invariant_refunds",
        "insert into order_refunds (id, order_id, buyer_account_id, producer_id, cause, amount_vnd, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'refused', total_vnd, now() from orders where status = 'paid'",
    ),
    (
        "invariant_refunds",
        "insert into order_refunds (id, order_id, buyer_account_id, producer_id, cause, amount_vnd, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'refused', total_vnd, now() from orders where status = 'paid';
         update orders set refunded_vnd = total_vnd where status = 'paid'",
    ),
    (
        "invariant_refunds",
        "insert into order_refunds (id, order_id, buyer_account_id, producer_id, cause, amount_vnd, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'refused', total_vnd, now() from orders where status = 'paid';
         update orders set refunded_vnd = total_vnd where status = 'paid';
         insert into payment_reviews (id, kind, order_id, refund_id, amount_vnd, status, created_at)
         select gen_random_uuid(), 'refund_due', order_id, id, amount_vnd - 1, 'open', now() from order_refunds",
    ),
    (
        "invariant_refunds",
        "alter table payment_reviews drop constraint payment_reviews_refund_check;
         insert into payment_reviews (id, kind, order_id, amount_vnd, status, created_at)
         select gen_random_uuid(), 'refund_due', id, total_vnd, 'open', now() from orders where status = 'paid'",
    ),
    (
        "invariant_totals",
        "update orders set discount_vnd = 1",
    ),
    (
        "invariant_jobs",
        "insert into jobs (id, kind, payload, run_at, attempts, dead_at, created_at)
         values (gen_random_uuid(), 'mutant', '{}', now(), 20, now(), now())",
    ),
    (
        "invariant_jobs",
        "insert into jobs (id, kind, payload, run_at, lease_token, leased_until, created_at)
         values (gen_random_uuid(), 'mutant', '{}', now() - interval '7 minutes', gen_random_uuid(), now() - interval '6 minutes', now())",
    ),
    (
        "invariant_jobs",
        "insert into jobs (id, kind, payload, run_at, created_at)
         values (gen_random_uuid(), 'mutant', '{}', now() - interval '11 minutes', now())",
    ),
    (
        "invariant_idempotency_keys",
        "alter table idempotency_keys alter column status drop not null, alter column body drop not null;
         insert into idempotency_keys (actor, key, route, fingerprint, created_at, expires_at)
         values ('mutant', 'mutant-mutant-mutant', 'POST /mutant', '', now(), now() + interval '7 days')",
    ),
    (
        "invariant_idempotency_keys",
        "alter table idempotency_keys alter column body drop not null;
         insert into idempotency_keys (actor, key, route, fingerprint, status, created_at, expires_at)
         values ('mutant', 'mutant-mutant-mutant', 'POST /mutant', '', 200, now(), now() + interval '7 days')",
    ),
    (
        "invariant_sessions",
        "alter table sessions drop constraint sessions_revoked_check;
         insert into sessions
           (id, account_id, audience, device_id, rotated_at, created_at, idle_expires_at, expires_at, revoked_at)
         select gen_random_uuid(), id, 'buyer', 'mutant', now(), now(), now(), now(), now() from accounts limit 1",
    ),
    (
        "invariant_sales_daily",
        "update sales_daily set value_vnd = value_vnd + 1",
    ),
    (
        "invariant_sales_daily",
        "update sales_daily set units = units + 1",
    ),
    (
        "invariant_sales_daily",
        "update sales_daily set grams = grams + 1",
    ),
    (
        "invariant_sales_daily",
        "delete from sales_daily",
    ),
    (
        "invariant_sales_daily",
        "insert into sales_daily (sold_on, province_code, commune_code, product_set, producer_id, value_vnd, units, grams)
         select '2020-01-01', '08', '00721', 1, id, 1000, 1, 1 from producers limit 1",
    ),
    (
        "invariant_sales_daily",
        "insert into provinces (code, name, search_key, effective_from) values ('99', 'Mutant', 'mutant', '2025-07-01');
         update sales_daily set province_code = '99'",
    ),
    (
        "invariant_sales_baskets",
        "update sales_baskets set orders = orders + 1",
    ),
    (
        "invariant_sales_baskets",
        "delete from sales_baskets",
    ),
    (
        "invariant_sales_baskets",
        "update sales_baskets set cells = array_append(cells, '01261/26')",
    ),
    (
        "invariant_sales_baskets",
        "insert into sales_baskets (sold_on, producer_id, cells, orders) select '2020-01-01', id, '{00721/1}', 1 from producers limit 1",
    ),
    (
        "invariant_offers",
        "delete from offers",
    ),
    (
        "invariant_offers",
        "update offers set price_vnd = price_vnd - 1",
    ),
    (
        "invariant_offers",
        "update offers set words = to_tsvector('simple', 'khac')",
    ),
    (
        "invariant_offers",
        "set local session_replication_role = replica;
         update products set status = 'paused' where status = 'published'",
    ),
    (
        "invariant_offers",
        "set local session_replication_role = replica;
         update variants set archived_at = now()",
    ),
    (
        "invariant_offers",
        "set local session_replication_role = replica;
         update producers set status = 'submitted'",
    ),
    (
        "invariant_vouchers",
        "insert into vouchers (id, code, payer, kind, amount_vnd, minimum_vnd, starts_on, ends_on, producer_ids, product_sets,
             uses_max, uses_per_buyer_max, budget_vnd, uses, spent_vnd, status, created_by, created_at, updated_at)
         select gen_random_uuid(), 'MATANT', 'platform', 'amount', 1000, 0, '2026-01-01', '2100-12-31', '{}', '{}',
             5, 1, 5000, 1, 0, 'active', id, now(), now() from accounts limit 1;",
    ),
    (
        "invariant_vouchers",
        "insert into vouchers (id, code, payer, kind, amount_vnd, minimum_vnd, starts_on, ends_on, producer_ids, product_sets,
             uses_max, uses_per_buyer_max, budget_vnd, uses, spent_vnd, status, created_by, created_at, updated_at)
         select gen_random_uuid(), 'MATANT', 'platform', 'amount', 1000, 0, '2026-01-01', '2100-12-31', '{}', '{}',
             5, 1, 5000, 0, 1000, 'active', id, now(), now() from accounts limit 1;",
    ),
    (
        "invariant_vouchers",
        with_voucher!("update vouchers set spent_vnd = spent_vnd - 1"),
    ),
    (
        "invariant_vouchers",
        with_voucher!("update vouchers set uses = 2"),
    ),
    (
        "invariant_vouchers",
        with_voucher!("update voucher_buyers set uses = 0"),
    ),
    (
        "invariant_vouchers",
        with_voucher!("delete from voucher_buyers"),
    ),
    (
        "invariant_vouchers",
        with_voucher!("update voucher_shares set given_back_at = now()"),
    ),
    (
        "invariant_vouchers",
        with_voucher!("update voucher_buyers set uses = 2; update vouchers set uses = 2;
         insert into voucher_uses (checkout_id, voucher_id, buyer_account_id, taken_at)
         select c.id, v.id, c.buyer_account_id, now() from vouchers v, checkouts c where c.status = 'awaiting_payment'"),
    ),
    (
        "invariant_vouchers",
        "alter table vouchers drop constraint vouchers_uses_check;
         insert into vouchers (id, code, payer, kind, amount_vnd, minimum_vnd, starts_on, ends_on, producer_ids, product_sets,
             uses_max, uses_per_buyer_max, budget_vnd, uses, spent_vnd, status, created_by, created_at, updated_at)
         select gen_random_uuid(), 'MATANT', 'platform', 'amount', 1000, 0, '2026-01-01', '2100-12-31', '{}', '{}',
             5, 1, 5000, 1, 1000, 'active', id, now(), now() from accounts limit 1;
         insert into voucher_uses (checkout_id, voucher_id, buyer_account_id, taken_at)
         select c.id, v.id, c.buyer_account_id, now() from vouchers v, checkouts c where c.status = 'paid';
         insert into voucher_buyers (voucher_id, buyer_account_id, uses)
         select v.id, c.buyer_account_id, 1 from vouchers v, checkouts c where c.status = 'paid';
         insert into voucher_shares (checkout_id, producer_id, buyer_account_id, goods_vnd, shipping_vnd)
         select u.checkout_id, p.id, u.buyer_account_id, 1000, 0 from voucher_uses u, producers p;
         insert into voucher_share_lines (checkout_id, producer_id, variant_id, buyer_account_id, discount_vnd)
         select s.checkout_id, s.producer_id, v.id, s.buyer_account_id, 1000 from voucher_shares s, variants v limit 1;
         update vouchers set uses = 6, uses_max = 5",
    ),
    (
        "invariant_vouchers",
        "alter table vouchers drop constraint vouchers_spent_check;
         insert into vouchers (id, code, payer, kind, amount_vnd, minimum_vnd, starts_on, ends_on, producer_ids, product_sets,
             uses_max, uses_per_buyer_max, budget_vnd, uses, spent_vnd, status, created_by, created_at, updated_at)
         select gen_random_uuid(), 'MATANT', 'platform', 'amount', 1000, 0, '2026-01-01', '2100-12-31', '{}', '{}',
             5, 1, 5000, 1, 1000, 'active', id, now(), now() from accounts limit 1;
         insert into voucher_uses (checkout_id, voucher_id, buyer_account_id, taken_at)
         select c.id, v.id, c.buyer_account_id, now() from vouchers v, checkouts c where c.status = 'paid';
         insert into voucher_buyers (voucher_id, buyer_account_id, uses)
         select v.id, c.buyer_account_id, 1 from vouchers v, checkouts c where c.status = 'paid';
         insert into voucher_shares (checkout_id, producer_id, buyer_account_id, goods_vnd, shipping_vnd)
         select u.checkout_id, p.id, u.buyer_account_id, 1000, 0 from voucher_uses u, producers p;
         insert into voucher_share_lines (checkout_id, producer_id, variant_id, buyer_account_id, discount_vnd)
         select s.checkout_id, s.producer_id, v.id, s.buyer_account_id, 1000 from voucher_shares s, variants v limit 1;
         update vouchers set budget_vnd = 999",
    ),
    (
        "invariant_voucher_uses",
        "insert into vouchers (id, code, payer, kind, amount_vnd, minimum_vnd, starts_on, ends_on, producer_ids, product_sets,
             uses_max, uses_per_buyer_max, budget_vnd, uses, spent_vnd, status, created_by, created_at, updated_at)
         select gen_random_uuid(), 'MATANT', 'platform', 'amount', 1000, 0, '2026-01-01', '2100-12-31', '{}', '{}',
             5, 1, 5000, 1, 0, 'active', id, now(), now() from accounts limit 1;
         insert into voucher_uses (checkout_id, voucher_id, buyer_account_id, taken_at)
         select c.id, v.id, c.buyer_account_id, now() from vouchers v, checkouts c where c.status = 'paid';
         insert into voucher_buyers (voucher_id, buyer_account_id, uses)
         select v.id, c.buyer_account_id, 1 from vouchers v, checkouts c where c.status = 'paid';",
    ),
    (
        "invariant_voucher_uses",
        with_voucher!("update voucher_shares set given_back_at = now(); update vouchers set spent_vnd = 0"),
    ),
    (
        "invariant_voucher_uses",
        with_voucher!("update voucher_uses set given_back_at = now()"),
    ),
    (
        "invariant_voucher_uses",
        with_voucher!("update voucher_shares set goods_vnd = 1001"),
    ),
    (
        "invariant_voucher_uses",
        with_voucher!("set local session_replication_role = replica; delete from voucher_share_lines"),
    ),
    (
        "invariant_voucher_uses",
        with_voucher!("update voucher_shares set buyer_account_id = (select account_id from producers limit 1)"),
    ),
    (
        "invariant_voucher_uses",
        with_voucher!("update vouchers set producer_ids = array[gen_random_uuid()]"),
    ),
    (
        "invariant_voucher_uses",
        with_voucher!("set local session_replication_role = replica; update checkouts set status = 'expired', paid_at = null"),
    ),
    (
        "invariant_shipments",
        "update shipments set status = 'in_transit'",
    ),
    (
        "invariant_shipments",
        "insert into shipment_events (id, shipment_id, producer_id, buyer_account_id, source, status, happened_at, received_at, dedup_key)
         select gen_random_uuid(), id, producer_id, buyer_account_id, 'carrier', 'delivered', now(), now(), 'x' from shipments",
    ),
    (
        "invariant_shipments",
        "update shipments set method = 'carrier', carrier = 'ghn', booking = 'booked'",
    ),
    (
        "invariant_shipments",
        "set local session_replication_role = replica;
         update shipments set producer_id = gen_random_uuid()",
    ),
    (
        "invariant_carrier_messages",
        "insert into carrier_messages (id, carrier, received_at, source, content_type, body)
         values (gen_random_uuid(), 'ghtk', now() - interval '3 hours', '', '', '')",
    ),
    (
        "invariant_collection_runs",
        "with run as (
            insert into collection_runs (id, organizer_id, commune_code, run_on, vehicle, capacity_kg, cost_vnd, status, created_at, updated_at)
            select gen_random_uuid(), id, residence_commune_code, now(), 'x', 1, 0, 'planned', now(), now() from producers limit 1
            returning id, organizer_id)
         insert into collection_stops (id, run_id, shipment_id, producer_id, sequence, weight_g, created_at)
         select gen_random_uuid(), run.id, s.id, run.organizer_id, 1, 1001, now() from run, (select id from shipments limit 1) s",
    ),
    (
        "invariant_collection_runs",
        "with run as (
            insert into collection_runs (id, organizer_id, commune_code, run_on, vehicle, capacity_kg, cost_vnd, status, created_at, updated_at)
            select gen_random_uuid(), id, residence_commune_code, now(), 'x', 10, 1000, 'done', now(), now() from producers limit 1
            returning id, organizer_id)
         insert into collection_stops (id, run_id, shipment_id, producer_id, sequence, weight_g, cost_vnd, created_at)
         select gen_random_uuid(), run.id, s.id, run.organizer_id, 1, 1000, 999, now() from run, (select id from shipments limit 1) s",
    ),
    (
        "invariant_complaints",
        "insert into complaints (id, code, order_id, buyer_account_id, producer_id, kind, text, status, received_on, due_on, created_at, updated_at)
         select gen_random_uuid(), 'KNMUTANT', id, buyer_account_id, producer_id, 'other', 'mutant', 'received', '2026-01-05', '2026-01-08', now(), now()
         from orders where status = 'paid'",
    ),
    (
        "invariant_complaints",
        "insert into complaints (id, code, order_id, buyer_account_id, producer_id, kind, text, status, received_on, due_on, created_at, updated_at)
         select gen_random_uuid(), 'KNMUTANT', id, buyer_account_id, producer_id, 'other', 'mutant', 'received', '2026-01-05', '2026-01-08', now(), now()
         from orders where status = 'paid';
         insert into complaint_events (id, complaint_id, buyer_account_id, producer_id, event, from_status, to_status, actor_role, text, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'open', null, 'received', 'buyer', 'mutant', now()  from complaints;
         insert into complaint_events (id, complaint_id, buyer_account_id, producer_id, event, from_status, to_status, actor_role, text, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'answer', 'received', 'received', 'buyer', 'mutant', now() + interval '1 second' from complaints",
    ),
    (
        "invariant_complaints",
        "insert into complaints (id, code, order_id, buyer_account_id, producer_id, kind, text, status, received_on, due_on, created_at, updated_at)
         select gen_random_uuid(), 'KNMUTANT', id, buyer_account_id, producer_id, 'other', 'mutant', 'received', '2026-01-05', '2026-01-08', now(), now()
         from orders where status = 'paid';
         insert into complaint_events (id, complaint_id, buyer_account_id, producer_id, event, from_status, to_status, actor_role, text, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'open', 'closed', 'received', 'buyer', 'mutant', now()  from complaints",
    ),
    (
        "invariant_complaints",
        "insert into complaints (id, code, order_id, buyer_account_id, producer_id, kind, text, status, received_on, due_on, created_at, updated_at)
         select gen_random_uuid(), 'KNMUTANT', id, buyer_account_id, producer_id, 'other', 'mutant', 'received', '2026-01-05', '2026-01-08', now(), now()
         from orders where status = 'paid';
         insert into complaint_events (id, complaint_id, buyer_account_id, producer_id, event, from_status, to_status, actor_role, text, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'open', null, 'received', 'buyer', 'mutant', now()  from complaints;
         update complaints set status = 'acknowledged'",
    ),
    (
        "invariant_complaints",
        "insert into complaints (id, code, order_id, buyer_account_id, producer_id, kind, text, status, received_on, due_on, created_at, updated_at)
         select gen_random_uuid(), 'KNMUTANT', id, buyer_account_id, producer_id, 'other', 'mutant', 'received', '2026-01-05', '2026-01-08', now(), now()
         from orders where status = 'paid';
         insert into complaint_events (id, complaint_id, buyer_account_id, producer_id, event, from_status, to_status, actor_role, text, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'open', null, 'received', 'buyer', 'mutant', now()  from complaints;
         update complaints set buyer_account_id = (select p.account_id from producers p limit 1)",
    ),
    (
        "invariant_complaints",
        "insert into complaints (id, code, order_id, buyer_account_id, producer_id, kind, text, status, received_on, due_on, created_at, updated_at)
         select gen_random_uuid(), 'KNMUTANT', id, buyer_account_id, producer_id, 'other', 'mutant', 'received', '2026-01-05', '2026-01-08', now(), now()
         from orders where status = 'paid';
         insert into complaint_events (id, complaint_id, buyer_account_id, producer_id, event, from_status, to_status, actor_role, text, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'open', null, 'received', 'buyer', 'mutant', now()  from complaints;
         insert into complaint_vulnerabilities (complaint_id, buyer_account_id, reason, declared_at)
         select id, (select p.account_id from producers p limit 1), 'elderly', now() from complaints",
    ),
    (
        "invariant_conversations",
        "insert into conversations (order_id, buyer_account_id, producer_id, messages, created_at, updated_at)
         select id, buyer_account_id, producer_id, 1, now(), now() from orders where status = 'paid'",
    ),
    (
        "invariant_conversations",
        "insert into conversations (order_id, buyer_account_id, producer_id, messages, created_at, updated_at)
         select id, buyer_account_id, producer_id, 2, now(), now() from orders where status = 'paid';
         insert into messages (id, order_id, number, buyer_account_id, producer_id, sender, text, sent_at)
         select gen_random_uuid(), order_id, 1, buyer_account_id, producer_id, 'buyer', 'mutant', now() from conversations",
    ),
    (
        "invariant_conversations",
        "insert into conversations (order_id, buyer_account_id, producer_id, messages, created_at, updated_at)
         select id, buyer_account_id, producer_id, 1, now(), now() from orders where status = 'paid';
         insert into messages (id, order_id, number, buyer_account_id, producer_id, sender, text, sent_at)
         select gen_random_uuid(), order_id, 2, buyer_account_id, producer_id, 'buyer', 'mutant', now() from conversations",
    ),
    (
        "invariant_conversations",
        "insert into conversations (order_id, buyer_account_id, producer_id, messages, created_at, updated_at)
         select id, buyer_account_id, producer_id, 0, now(), now() from orders where status = 'paid';
         update conversations set buyer_account_id = (select account_id from producers limit 1)",
    ),
    (
        "invariant_conversations",
        "insert into conversations (order_id, buyer_account_id, producer_id, messages, created_at, updated_at)
         select id, buyer_account_id, producer_id, 1, now(), now() from orders where status = 'paid';
         insert into messages (id, order_id, number, buyer_account_id, producer_id, sender, text, sent_at)
         select gen_random_uuid(), order_id, 1, buyer_account_id, producer_id, 'buyer', 'mutant', now() from conversations;
         set local session_replication_role = replica;
         update messages set buyer_account_id = (select account_id from producers limit 1)",
    ),
    (
        "invariant_review_figures",
        "insert into reviews (id, order_id, product_id, producer_id, buyer_account_id, product_title, stars, text, status, created_at)
         select gen_random_uuid(), order_id, product_id, producer_id, buyer_account_id, product_title, 4, 'mutant', 'visible', now()
         from order_lines limit 1",
    ),
    (
        "invariant_review_figures",
        "insert into reviews (id, order_id, product_id, producer_id, buyer_account_id, product_title, stars, text, status, created_at)
         select gen_random_uuid(), order_id, product_id, producer_id, buyer_account_id, product_title, 4, 'mutant', 'visible', now()
         from order_lines limit 1;
         insert into review_figures (product_id, producer_id, reviews, stars) select product_id, producer_id, 1, 5 from reviews",
    ),
    (
        "invariant_review_figures",
        "insert into review_figures (product_id, producer_id, reviews, stars) select id, producer_id, 1, 5 from products limit 1",
    ),
    (
        "invariant_review_figures",
        "insert into review_hidden_figures (product_id, reason, producer_id, reviews) select id, 'insult', producer_id, 1 from products limit 1",
    ),
    (
        "invariant_reviews",
        "insert into reviews (id, order_id, product_id, producer_id, buyer_account_id, product_title, stars, text, status, created_at)
         select gen_random_uuid(), order_id, product_id, producer_id, buyer_account_id, product_title, 4, 'mutant', 'visible', now()
         from order_lines limit 1",
    ),
    (
        "invariant_reviews",
        "insert into reviews (id, order_id, product_id, producer_id, buyer_account_id, product_title, stars, text, status, created_at)
         select gen_random_uuid(), order_id, product_id, producer_id, buyer_account_id, product_title, 4, 'mutant', 'visible', now()
         from order_lines limit 1;
         insert into review_events (id, review_id, buyer_account_id, producer_id, event, stars, text, actor_role, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'write', 5, text, 'buyer', now() from reviews",
    ),
    (
        "invariant_reviews",
        "insert into reviews (id, order_id, product_id, producer_id, buyer_account_id, product_title, stars, text, status, created_at)
         select gen_random_uuid(), order_id, product_id, producer_id, buyer_account_id, product_title, 4, 'mutant', 'visible', now()
         from order_lines limit 1;
         update reviews set buyer_account_id = (select account_id from producers limit 1)",
    ),
    (
        "invariant_photos",
        "insert into photos (id, owner_account_id, sha256, width, height, bytes, stored_at, used_by_kind, used_by_id, used_at, is_public, created_at)
         select gen_random_uuid(), account_id, sha256('mutant'), 1, 1, 1, now(), 'complaint', gen_random_uuid(), now(), false, now() from producers",
    ),
    (
        "invariant_photos",
        "insert into photos (id, owner_account_id, sha256, width, height, bytes, stored_at, used_by_kind, used_by_id, used_at, is_public, created_at)
         select gen_random_uuid(), account_id, sha256('mutant'), 1, 1, 1, now(), 'review', gen_random_uuid(), now(), false, now() from producers",
    ),
    (
        "invariant_photos",
        "insert into photos (id, owner_account_id, sha256, width, height, bytes, stored_at, used_by_kind, used_by_id, used_at, is_public, created_at)
         select gen_random_uuid(), account_id, sha256('mutant'), 1, 1, 1, now(), 'claim', gen_random_uuid(), now(), true, now() from producers",
    ),
    (
        "invariant_photos",
        "insert into reviews (id, order_id, product_id, producer_id, buyer_account_id, product_title, stars, text, status, created_at)
         select gen_random_uuid(), order_id, product_id, producer_id, buyer_account_id, product_title, 4, 'mutant', 'visible', now()
         from order_lines limit 1;
         insert into photos (id, owner_account_id, sha256, width, height, bytes, stored_at, used_by_kind, used_by_id, used_at, is_public, created_at)
         select gen_random_uuid(), buyer_account_id, sha256('mutant'), 1, 1, 1, now(), 'review', id, now(), false, now() from reviews",
    ),
    (
        "invariant_photos",
        "insert into photos (id, owner_account_id, sha256, width, height, bytes, stored_at, used_by_kind, used_by_id, used_at, is_public, created_at)
         select gen_random_uuid(), account_id, sha256('mutant'), 1, 1, 1, now(), 'claim', '00000000-0000-7000-8000-000000000000', now(), false, now() from producers cross join generate_series(1, 6)",
    ),
    (
        "invariant_webhook_deliveries",
        "insert into webhook_endpoints (id, url, event_types, status, created_at, updated_at)
         values ('01938d6e-7a3c-7c4e-9f00-000000000001', 'https://hooks.example.vn/', '{}', 'active', now(), now());
         insert into webhook_events (id, event_type, object_id, occasion, body, occurred_at)
         values ('01938d6e-7a3c-7c4e-9f00-000000000002', 'order.paid', gen_random_uuid(), '', '{}', now());
         insert into webhook_deliveries (id, event_id, endpoint_id, status, next_at, created_at)
         values (gen_random_uuid(), '01938d6e-7a3c-7c4e-9f00-000000000002', '01938d6e-7a3c-7c4e-9f00-000000000001',
                 'pending', now(), now())",
    ),
    (
        "invariant_webhook_deliveries",
        "insert into webhook_endpoints (id, url, event_types, status, created_at, updated_at)
         values ('01938d6e-7a3c-7c4e-9f00-000000000001', 'https://hooks.example.vn/', '{}', 'gone', now(), now());
         insert into webhook_events (id, event_type, object_id, occasion, body, occurred_at)
         values ('01938d6e-7a3c-7c4e-9f00-000000000002', 'order.paid', gen_random_uuid(), '', '{}', now());
         insert into webhook_deliveries (id, event_id, endpoint_id, status, next_at, created_at)
         values ('01938d6e-7a3c-7c4e-9f00-000000000003', '01938d6e-7a3c-7c4e-9f00-000000000002',
                 '01938d6e-7a3c-7c4e-9f00-000000000001', 'pending', now(), now());
         insert into jobs (id, kind, payload, run_at, created_at)
         values (gen_random_uuid(), 'deliver_webhook', '{\"delivery_id\": \"01938d6e-7a3c-7c4e-9f00-000000000003\"}', now(), now())",
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
    (
        "invariant_claimed_orders",
        with_claim!(
            "update claims set status = 'returning';
             update orders set status = 'returned' where status = 'disputed'"
        ),
    ),
    (
        "invariant_claimed_orders",
        with_claim!(
            "update claims set status = 'decided', due_at = null, granted_vnd = 0;
             update orders set status = 'refunded' where status = 'disputed'"
        ),
    ),
    (
        "invariant_claimed_orders",
        with_claim!(
            "update claims set status = 'settled', due_at = null, granted_vnd = 1;
             update orders set status = 'partially_refunded' where status = 'disputed'"
        ),
    ),
    (
        "invariant_claimed_orders",
        with_claim!(
            "update claims set status = 'settled', due_at = null, granted_vnd = 1;
             update orders set status = 'completed' where status = 'disputed';
             insert into order_refunds (id, order_id, buyer_account_id, producer_id, cause, amount_vnd, at)
             select gen_random_uuid(), order_id, buyer_account_id, producer_id, 'claim', 1, now() from claims"
        ),
    ),
    (
        "invariant_claimed_orders",
        "insert into order_refunds (id, order_id, buyer_account_id, producer_id, cause, amount_vnd, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'claim', 1, now() from orders where status = 'paid'",
    ),
    (
        "invariant_photos",
        "insert into photos (id, owner_account_id, sha256, width, height, bytes, stored_at, used_by_kind, used_by_id, used_at, is_public, created_at)
         select gen_random_uuid(), account_id, sha256('mutant'), 1, 1, 1, now(), 'claim', gen_random_uuid(), now(), false, now() from producers",
    ),
    (
        "invariant_photos",
        with_claim!(
            "insert into photos (id, owner_account_id, sha256, width, height, bytes, stored_at, used_by_kind, used_by_id, used_at,
                 producer_id, is_public, created_at)
             select gen_random_uuid(), buyer_account_id, sha256('mutant'), 1, 1, 1, now(), 'claim', id, now(), producer_id, true, now()
             from claims"
        ),
    ),
    ("invariant_claims", with_claim!("update claims set status = 'in_review'")),
    ("invariant_claims", with_claim!("update claims set version = 2")),
    ("invariant_claims", with_claim!("delete from claim_events")),
    ("invariant_claims", with_claim!("update claim_events set from_status = 'offered'")),
    ("invariant_claims", with_claim!("update claims set claimed_vnd = claimed_vnd - 1")),
    ("invariant_claims", with_claim!("delete from claim_lines")),
    ("invariant_claims", with_claim!("update claims set shipping_vnd = shipping_vnd + 1")),
    ("invariant_claims", with_claim!("update claim_lines set quantity = quantity + 1")),
    ("invariant_claims", with_claim!("update claim_lines set amount_vnd = amount_vnd + 1")),
    ("invariant_claims", with_claim!("update claim_lines set variant_id = gen_random_uuid()")),
    ("invariant_claims", with_claim!("update claims set producer_id = gen_random_uuid()")),
    ("invariant_claims", with_claim!("update claim_lines set buyer_account_id = gen_random_uuid()")),
    ("invariant_claims", with_claim!("update claim_events set producer_id = gen_random_uuid()")),
    ("invariant_claimed_orders", "update orders set status = 'disputed' where status = 'paid'"),
    ("invariant_claimed_orders", with_claim!("update orders set status = 'completed' where status = 'disputed'")),
    ("invariant_claimed_orders", with_claim!("update claims set status = 'withdrawn', due_at = null")),
    (
        "invariant_parcels_by_hand",
        "set local session_replication_role = replica;
         update shipments set status = 'created';
         update orders set status = 'delivered' where id in (select order_id from shipments)",
    ),
    (
        "invariant_parcels_by_hand",
        "set local session_replication_role = replica;
         update shipments set status = 'in_transit';
         update orders set status = 'completed' where id in (select order_id from shipments)",
    ),
    (
        "invariant_parcels_by_hand",
        "set local session_replication_role = replica;
         update shipments set status = 'delivered';
         update orders set status = 'handed_over' where id in (select order_id from shipments)",
    ),
    (
        "invariant_parcels_by_hand",
        "set local session_replication_role = replica;
         update shipments set status = 'delivery_failed';
         update orders set status = 'in_transit' where id in (select order_id from shipments)",
    ),
    (
        "invariant_parcels_by_hand",
        "set local session_replication_role = replica;
         update shipments set status = 'out_for_delivery';
         update orders set status = 'delivery_failed' where id in (select order_id from shipments)",
    ),
    (
        "invariant_parcels_by_hand",
        "set local session_replication_role = replica;
         update shipments set status = 'picked_up';
         update orders set status = 'returning' where id in (select order_id from shipments)",
    ),
    (
        "invariant_parcels_by_hand",
        "set local session_replication_role = replica;
         update shipments set status = 'returning';
         update orders set status = 'returned' where id in (select order_id from shipments)",
    ),
    (
        "invariant_vouchers",
        with_voucher!("insert into voucher_phones (voucher_id, phone, uses) select id, '+84912345678', 1 from vouchers"),
    ),
    ("invariant_vouchers", with_voucher!("update voucher_uses set phone = '+84912345678'")),
    (
        "invariant_vouchers",
        with_voucher!(
            "update vouchers set uses_per_buyer_max = 1; update voucher_uses set phone = '+84912345678';
             insert into voucher_phones (voucher_id, phone, uses) select id, '+84912345678', 2 from vouchers"
        ),
    ),
];

/// Faults of harvests, on a database with one that brought an order less than it had bought, and with one that an order
/// waits for.
pub const HARVEST_MUTANTS: &[(&str, &str)] = &[
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
