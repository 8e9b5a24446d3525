//! Faults of claims and of the orders that they are about.

use super::Mutant;

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

pub const MUTANTS: &[Mutant] = &[
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
];
