//! Faults of the books.

use super::Mutant;

/// The books summed up to a moment to come, each account by so much too much, and then a fault.
macro_rules! summed {
    ($too_much:literal, $fault:literal) => {
        concat!(
            "set local session_replication_role = replica;
             insert into ledger_checkpoints (at, account, provider, debits_vnd, credits_vnd, transfers)
             select now() + interval '1 minute', s.account, coalesce(l.provider, ''), sum(s.debit_vnd) + ",
            $too_much,
            ", sum(s.credit_vnd), count(*)
             from ledger_transfers l
             cross join lateral (values (l.debit, l.amount_vnd, 0), (l.credit, 0, l.amount_vnd)) s (account, debit_vnd, credit_vnd)
             group by s.account, coalesce(l.provider, '');",
            $fault
        )
    };
}

pub const MUTANTS: &[Mutant] = &[
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
    ("invariant_ledger_checkpoints", summed!(1, "")),
    ("invariant_ledger_checkpoints", summed!(0, "delete from ledger_checkpoints where account = 'clearing'")),
    (
        "invariant_ledger_checkpoints",
        summed!(
            0,
            "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, at)
             select gen_random_uuid(), 'correction', gen_random_uuid(), 'bank', 'carriage', 1, now()"
        ),
    ),
    (
        "invariant_ledger_checkpoints",
        summed!(
            0,
            "insert into ledger_producer_checkpoints (producer_id, at, balance_vnd)
             select p.id, c.at, 1 from producers p, ledger_checkpoints c limit 1"
        ),
    ),
    (
        "invariant_ledger_vouchers",
        "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, producer_id, order_id, at)
         select gen_random_uuid(), 'voucher', id, 'vouchers', 'producer', 1000, producer_id, id, now() from orders
         where status = 'paid'",
    ),
];
