//! Faults of payments, of what providers told, and of what is owed back.

use super::Mutant;

pub const MUTANTS: &[Mutant] = &[
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
        "invariant_listed_money",
        "insert into payment_credits (id, provider, provider_txn, callback_id, amount_vnd, received_at, provider_reference, moved_at)
         select gen_random_uuid(), provider, 'list:' || provider_txn, callback_id, amount_vnd, received_at, provider_reference, moved_at
         from payment_credits where provider = 'bank_transfer'",
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
];
