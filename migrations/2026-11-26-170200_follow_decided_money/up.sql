-- The bank's number of what a person paid back, by which its statement is read.
alter table refunds add column hand_reference text
    constraint refunds_hand_reference_check check (length(hand_reference) between 1 and 100),
    add constraint refunds_by_hand_check check (hand_reference is null or status = 'returned_by_hand');
grant update (hand_reference) on refunds to ocop_app;

-- What was decided to be no money, or was corrected, is not settled by a word that comes later: that is an exception of its
-- own, which names what was decided.
alter table reconciliation_exceptions
    add column after_review_id uuid references payment_reviews (id),
    add column after_exception_id uuid references reconciliation_exceptions (id),
    add constraint reconciliation_exceptions_after_check check (
        num_nonnulls(after_review_id, after_exception_id) <= case when kind = 'missing_here' then 1 else 0 end);
create index reconciliation_exceptions_after_review_idx on reconciliation_exceptions (after_review_id)
    where after_review_id is not null;
create index reconciliation_exceptions_after_exception_idx on reconciliation_exceptions (after_exception_id)
    where after_exception_id is not null;

create or replace view clearing_movements with (security_invoker = true) as
select k.provider, 'payment' as kind, k.id as credit_id, null::uuid as transfer_id,
       case when k.callback_id is null then k.provider_reference else a.reference end as reference, k.provider_txn as transaction_no,
       k.provider_reference, k.amount_vnd, coalesce(k.moved_at, k.received_at) as moved_at, k.received_at as known_at,
       k.callback_id is not null and not exists (
           select from payment_reviews r where r.credit_id = k.id and r.resolution = 'no_money_received') as is_expected
from payment_credits k
left join payment_attempts a on a.id = k.attempt_id
union all
select t.provider, 'refund', null, t.id, a.reference, coalesce(r.hand_reference, k.provider_txn), k.provider_reference, t.amount_vnd,
       t.at, t.at, true
from ledger_transfers t
left join refunds r on r.id = t.subject_id
left join orders o on o.id = t.order_id
left join payments p on p.checkout_id = o.checkout_id and (p.order_id is null or p.order_id = o.id)
left join payment_credits k on case when t.kind = 'odd_money_returned' then k.id = t.subject_id else k.payment_id = p.id end
left join payment_attempts a on a.id = k.attempt_id
where t.kind in ('refund_sent', 'odd_money_returned') and t.credit = 'clearing'
  and not exists (select from ledger_transfers r where r.reverses = t.id);
