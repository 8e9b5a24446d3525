delete from notices where topic in
    ('claim_offered', 'claim_return_asked', 'claim_in_review', 'claim_ended', 'claim_withdrawn');
alter table notices drop constraint notices_topic_check;
alter table notices add constraint notices_topic_check check (topic in (
    'order_paid', 'order_reminder', 'order_reminder_helper', 'order_reminder_officer', 'order_accepted', 'order_refused',
    'order_auto_cancelled', 'order_cancelled', 'order_packed', 'weight_question', 'order_handed_over', 'ready_for_pickup',
    'order_delivered', 'delivery_failed', 'order_returned', 'refund_owed', 'harvest_due', 'harvest_in', 'harvest_short', 'lot_recalled',
    'claim_opened', 'claim_decided', 'complaint_received', 'complaint_answered', 'message_received', 'review_written',
    'review_answered', 'voucher_spent_out'));

create or replace view invariant_claimed_orders with (security_invoker = true) as
select o.id::text as object, format('order %s, claim %s', o.status, coalesce(c.status, 'none')) as detail
from orders o left join claims c on c.order_id = o.id
where (o.status = 'disputed') <> coalesce(c.status in ('open', 'offered', 'in_review'), false)
   or (c.status = 'returning' and o.status <> 'returning')
   or (c.status = 'withdrawn' and o.status <> 'completed')
   or (c.status = 'decided' and c.granted_vnd = 0 and o.status <> 'completed')
   or (c.granted_vnd > 0 and o.status not in ('refunded', 'partially_refunded', 'returned'))
union all
select o.id::text, format('granted %s, owed %s', coalesce(c.granted_vnd, 0), coalesce(r.total, 0))
from orders o
left join claims c on c.order_id = o.id
left join (select order_id, sum(amount_vnd) as total from order_refunds where cause = 'claim' group by order_id) r on r.order_id = o.id
where coalesce(c.granted_vnd, 0) <> coalesce(r.total, 0);

do $$
declare steps text;
begin
    select replace(prosrc,
        '(''returning'', ''completed''), (''returning'', ''partially_refunded''), (''returning'', ''refunded''), (''returning'', ''returned'')',
        '(''returning'', ''returned'')')
    into steps from pg_proc where proname = 'order_steps';
    execute format('create or replace function order_steps() returns table (from_status text, to_status text) '
        'language sql immutable parallel safe as %L', steps);
end $$;

delete from jobs where kind = 'end_claim_wait' and done_at is null
    and payload ->> 'claim_id' in (select id::text from claims where status = 'returning');
alter table claims drop constraint claims_due_check;
update claims set due_at = null where status = 'returning';
alter table claims add constraint claims_due_check check ((due_at is not null) = (status in ('open', 'offered', 'in_review')));
