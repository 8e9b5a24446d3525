//! Faults of refunds on their way, of their books, and of what is sent twice.

use super::Mutant;

/// What the faults start from: a refund of the paid order that its provider has taken and works on, with which nothing is
/// wrong.
macro_rules! with_refund {
    ($fault:literal) => {
        concat!(
            "insert into order_refunds (id, order_id, buyer_account_id, producer_id, cause, amount_vnd, at)
             select '00000000-0000-7000-8000-000000000001', id, buyer_account_id, producer_id, 'refused', 1000, now()
             from orders where status = 'paid';
             insert into refunds (id, order_id, buyer_account_id, payment_id, credit_id, provider, rail, amount_vnd, status,
                 approvals_needed, tries, next_at, due_on, created_at, updated_at)
             select f.id, f.order_id, f.buyer_account_id, p.id, k.id, k.provider, 'provider', f.amount_vnd, 'sent', 0, 1,
                 now(), now(), now(), now()
             from order_refunds f join orders o on o.id = f.order_id join payments p on p.checkout_id = o.checkout_id
             join payment_credits k on k.payment_id = p.id;
             insert into refund_tries (id, refund_id, try_no, number, asked_at)
             select gen_random_uuid(), id, 1, 'mutant1', now() from refunds;
             set local session_replication_role = replica;",
            $fault
        )
    };
}

pub const HEALTHY_REFUND: &str = with_refund!("");

/// Views that have nothing to say of it.
pub const REFUND_VIEWS: [&str; 4] =
    ["invariant_refund_totals", "invariant_refund_books", "invariant_refund_tries", "invariant_refund_steps"];

pub const MUTANTS: &[Mutant] = &[
    ("invariant_refunds", with_refund!("delete from refund_tries; delete from refunds")),
    ("invariant_refunds", with_refund!("update refunds set amount_vnd = 999")),
    // More than came in, however the kept sum came to it.
    (
        "invariant_refund_totals",
        with_refund!(
            "alter table refund_totals drop constraint refund_totals_refunded_check;
             update refunds set amount_vnd = (select amount_vnd + 1 from payments where id = payment_id);
             update refund_totals set refunded_vnd = captured_vnd + 1"
        ),
    ),
    ("invariant_refund_totals", with_refund!("update refund_totals set refunded_vnd = 0")),
    ("invariant_refund_totals", with_refund!("delete from refund_totals")),
    ("invariant_refund_totals", with_refund!("update refund_totals set captured_vnd = captured_vnd + 1")),
    (
        "invariant_refund_totals",
        with_refund!("update refunds set status = 'rejected', next_at = null, ended_at = now()"),
    ),
    // Paid back and not in the books, in the books and not paid back, and twice in the books.
    (
        "invariant_refund_books",
        with_refund!(
            "update refunds set status = 'succeeded', next_at = null, ended_at = now();
             update refund_tries set outcome = 'succeeded', ended_at = now()"
        ),
    ),
    (
        "invariant_refund_books",
        with_refund!(
            "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, provider, order_id, refund_id, at)
             select gen_random_uuid(), 'refund_sent', id, 'refunds_owed', 'clearing', amount_vnd, provider, order_id, id, now()
             from refunds"
        ),
    ),
    (
        "invariant_refund_books",
        with_refund!(
            "update refunds set status = 'succeeded', next_at = null, ended_at = now();
             update refund_tries set outcome = 'succeeded', ended_at = now();
             insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, provider, order_id, refund_id, at)
             select gen_random_uuid(), 'refund_sent', gen_random_uuid(), 'refunds_owed', 'clearing', amount_vnd, provider, order_id,
                 id, now()
             from refunds, generate_series(1, 2)"
        ),
    ),
    (
        "invariant_refund_books",
        with_refund!(
            "update refunds set status = 'returned_by_hand', next_at = null, ended_at = now();
             insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, provider, order_id, refund_id, at)
             select gen_random_uuid(), 'refund_sent', id, 'refunds_owed', 'clearing', amount_vnd, provider, order_id, id, now()
             from refunds;
             insert into payment_reviews (id, kind, order_id, refund_id, amount_vnd, status, created_at)
             select gen_random_uuid(), 'refund_due', order_id, id, amount_vnd, 'open', now() from refunds"
        ),
    ),
    // Under two references while nobody knows what became of the first.
    (
        "invariant_refund_tries",
        with_refund!(
            "drop index refund_tries_live_key;
             update refunds set status = 'unknown', tries = 2;
             insert into refund_tries (id, refund_id, try_no, number, asked_at)
             select gen_random_uuid(), id, 2, 'mutant2', now() from refunds"
        ),
    ),
    ("invariant_refund_tries", with_refund!("update refund_tries set outcome = 'failed', ended_at = now()")),
    ("invariant_refund_tries", with_refund!("update refunds set status = 'failed'")),
    ("invariant_refund_tries", with_refund!("delete from refund_tries")),
    ("invariant_refund_tries", with_refund!("update refunds set tries = 2")),
    ("invariant_refund_tries", with_refund!("update refunds set rail = 'hand'")),
    ("invariant_refund_steps", with_refund!("update refunds set next_at = now() - interval '61 minutes'")),
    ("invariant_refund_steps", with_refund!("update refunds set approvals_needed = 1")),
    // Approved for an account, and sent to another one.
    (
        "invariant_refund_steps",
        with_refund!(
            "update refunds set approvals_needed = 1, round = 2;
             insert into refund_approvals (refund_id, account_id, at, round) select id, buyer_account_id, now(), 1 from refunds"
        ),
    ),
    (
        "invariant_refund_steps",
        with_refund!("update refunds set rail = 'transfer', bank_account_id = gen_random_uuid()"),
    ),
];
