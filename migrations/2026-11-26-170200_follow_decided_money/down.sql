create or replace view clearing_movements with (security_invoker = true) as
select k.provider, 'payment' as kind, k.id as credit_id, null::uuid as transfer_id,
       case when k.callback_id is null then k.provider_reference else a.reference end as reference, k.provider_txn as transaction_no,
       k.provider_reference, k.amount_vnd, coalesce(k.moved_at, k.received_at) as moved_at, k.received_at as known_at,
       k.callback_id is not null and not exists (
           select from payment_reviews r where r.credit_id = k.id and r.resolution = 'no_money_received') as is_expected
from payment_credits k
left join payment_attempts a on a.id = k.attempt_id
union all
select t.provider, 'refund', null, t.id, a.reference, k.provider_txn, k.provider_reference, t.amount_vnd, t.at, t.at, true
from ledger_transfers t
left join orders o on o.id = t.order_id
left join payments p on p.checkout_id = o.checkout_id and (p.order_id is null or p.order_id = o.id)
left join payment_credits k on case when t.kind = 'odd_money_returned' then k.id = t.subject_id else k.payment_id = p.id end
left join payment_attempts a on a.id = k.attempt_id
where t.kind in ('refund_sent', 'odd_money_returned') and t.credit = 'clearing'
  and not exists (select from ledger_transfers r where r.reverses = t.id);

drop index reconciliation_exceptions_after_exception_idx;
drop index reconciliation_exceptions_after_review_idx;
alter table reconciliation_exceptions drop constraint reconciliation_exceptions_after_check,
    drop column after_exception_id, drop column after_review_id;
alter table refunds drop constraint refunds_by_hand_check, drop column hand_reference;
