-- Goods that a claim asks back are not waited for without end, and who must act on a claim is told.
alter table claims drop constraint claims_due_check;
update claims set due_at = updated_at + interval '14 days' where status = 'returning';
alter table claims add constraint claims_due_check
    check ((due_at is not null) = (status in ('open', 'offered', 'in_review', 'returning')));
insert into jobs (id, kind, payload, run_at, created_at)
select gen_random_uuid(), 'end_claim_wait', jsonb_build_object('kind', 'end_claim_wait', 'claim_id', id), due_at, now()
from claims where status = 'returning';

-- What does not come back in time the operator decides on, so that an order may end from there in three more ways,
-- whatever other steps orders have by now.
do $$
declare steps text;
begin
    select replace(prosrc, '(''returning'', ''returned'')',
        '(''returning'', ''completed''), (''returning'', ''partially_refunded''), (''returning'', ''refunded''), (''returning'', ''returned'')')
    into steps from pg_proc where proname = 'order_steps';
    execute format('create or replace function order_steps() returns table (from_status text, to_status text) '
        'language sql immutable parallel safe as %L', steps);
end $$;

create or replace view invariant_claimed_orders with (security_invoker = true) as
select o.id::text as object, format('order %s, claim %s', o.status, coalesce(c.status, 'none')) as detail
from orders o left join claims c on c.order_id = o.id
where (o.status = 'disputed' and coalesce(c.status in ('open', 'offered', 'in_review'), false) is false)
   or (c.status in ('open', 'offered') and o.status <> 'disputed')
   or (c.status = 'in_review' and o.status not in ('disputed', 'returning'))
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

alter table notices drop constraint notices_topic_check;
alter table notices add constraint notices_topic_check check (topic in (
    'order_paid', 'order_reminder', 'order_reminder_helper', 'order_reminder_officer', 'order_accepted', 'order_refused',
    'order_auto_cancelled', 'order_cancelled', 'order_packed', 'weight_question', 'order_handed_over', 'ready_for_pickup',
    'order_delivered', 'delivery_failed', 'order_returned', 'refund_owed', 'harvest_due', 'harvest_in', 'harvest_short', 'lot_recalled',
    'claim_opened', 'claim_offered', 'claim_return_asked', 'claim_in_review', 'claim_decided', 'claim_ended',
    'claim_withdrawn', 'complaint_received', 'complaint_answered', 'message_received', 'review_written',
    'review_answered', 'voucher_spent_out'));
