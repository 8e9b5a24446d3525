//! Faults of what is paid in cash when it comes.

use super::Mutant;

/// What the faults start from: the paid order as one that was paid in cash to GHN when it came, with which nothing is wrong.
macro_rules! with_cash {
    ($fault:literal) => {
        concat!(
            "set local session_replication_role = replica;
             delete from ledger_transfers;
             update checkouts set status = 'confirmed', paid_at = null where status = 'paid';
             update orders set terms = 'on_delivery', delivery_code = 'carrier:ghn', status = 'delivered', delivered_at = now()
             where status = 'paid';
             update shipments set method = 'carrier', carrier = 'ghn', booking = 'booked', code = 'GHN00001', cod_vnd = 240000;
             update payments p set order_id = o.id from orders o where o.checkout_id = p.checkout_id and p.status = 'captured';
             update payment_attempts set status = 'cancelled' where status = 'captured';
             update payment_credits set provider = 'ghn', callback_id = null, attempt_id = null;
             insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, provider, producer_id, order_id, at)
             select gen_random_uuid(), 'capture', id, 'clearing', 'orders', total_vnd, 'ghn', producer_id, id, now()
             from orders where terms = 'on_delivery';",
            $fault
        )
    };
}

pub const HEALTHY_CASH: &str = with_cash!("");

/// Views that have nothing to say of it.
pub const CASH_VIEWS: [&str; 9] = [
    "invariant_cash_settled",
    "invariant_cash_orders",
    "invariant_captured_payments",
    "invariant_credits",
    "invariant_order_checkouts",
    "invariant_refunds",
    "invariant_ledger_orders",
    "invariant_ledger_credits",
    "invariant_ledger_refunds",
];

pub const MUTANTS: &[Mutant] = &[
    // Booked before it came, not booked when it came, booked twice, of another amount, in another's name.
    (
        "invariant_cash_orders",
        with_cash!("update orders set delivered_at = null, status = 'in_transit' where terms = 'on_delivery'"),
    ),
    ("invariant_cash_orders", with_cash!("delete from ledger_transfers")),
    ("invariant_cash_orders", with_cash!("update payment_credits set amount_vnd = amount_vnd - 1")),
    ("invariant_cash_orders", with_cash!("update ledger_transfers set provider = 'ghtk'")),
    ("invariant_cash_orders", with_cash!("update orders set delivery_code = 'carrier:ghtk' where terms = 'on_delivery'")),
    (
        "invariant_cash_orders",
        with_cash!("update payments set order_id = (select id from orders where status = 'awaiting_payment') where order_id is not null"),
    ),
    // Let off when there was money, and owed back when there was none.
    (
        "invariant_cash_orders",
        with_cash!(
            "insert into order_refunds (id, order_id, buyer_account_id, producer_id, cause, amount_vnd, at, is_let_off)
             select gen_random_uuid(), id, buyer_account_id, producer_id, 'claim', 1000, now(), true
             from orders where terms = 'on_delivery'"
        ),
    ),
    (
        "invariant_cash_orders",
        with_cash!(
            "insert into order_refunds (id, order_id, buyer_account_id, producer_id, cause, amount_vnd, at)
             select gen_random_uuid(), id, buyer_account_id, producer_id, 'weight', 1000, now() - interval '1 day'
             from orders where terms = 'on_delivery'"
        ),
    ),
    ("invariant_cash_orders", with_cash!("update shipments set cod_vnd = 239999")),
    ("invariant_cash_orders", with_cash!("update order_lines set product_set = 14")),
    ("invariant_cash_orders", with_cash!("update lots set sells_from = now()::date, sells_until = now()::date")),
    // Settled without a file, and a debt that is not what was collected.
    ("invariant_cash_settled", with_cash!("update payments set settled_at = now() where order_id is not null")),
    (
        "invariant_cash_settled",
        with_cash!(
            "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, provider, producer_id, order_id, at)
             select gen_random_uuid(), 'capture', gen_random_uuid(), debit, credit, 1, provider, producer_id, order_id, at
             from ledger_transfers"
        ),
    ),
    ("invariant_order_checkouts", with_cash!("update orders set terms = 'ahead'")),
    ("invariant_order_checkouts", "update orders set status = 'confirmed' where status = 'paid'"),
    ("invariant_captured_payments", with_cash!("update payments set order_id = null")),
    ("invariant_ledger_orders", with_cash!("update ledger_transfers set amount_vnd = amount_vnd + 1")),
    (
        "invariant_refunds",
        with_cash!(
            "update orders set refunded_vnd = 1000 where terms = 'on_delivery';
             insert into order_refunds (id, order_id, buyer_account_id, producer_id, cause, amount_vnd, at, is_let_off)
             select '00000000-0000-7000-8000-000000000001', id, buyer_account_id, producer_id, 'weight', 1000, now(), true
             from orders where terms = 'on_delivery';
             insert into refunds (id, order_id, buyer_account_id, payment_id, credit_id, provider, rail, amount_vnd, status,
                 approvals_needed, due_on, created_at, updated_at)
             select f.id, f.order_id, f.buyer_account_id, p.id, k.id, k.provider, 'hand', f.amount_vnd, 'manual', 0, now(), now(), now()
             from order_refunds f join payments p on p.order_id = f.order_id join payment_credits k on k.payment_id = p.id"
        ),
    ),
];
