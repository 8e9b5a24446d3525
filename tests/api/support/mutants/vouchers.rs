//! Faults of vouchers and their uses.

use super::Mutant;

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

pub const MUTANTS: &[Mutant] = &[
    ("invariant_ledger_vouchers", with_voucher!("update orders set status = 'completed' where status = 'paid'")),
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
