drop view invariant_refund_steps;
drop view invariant_refund_tries;
drop view invariant_refund_books;
drop view invariant_refund_totals;

create or replace view invariant_refunds with (security_invoker = true) as
select o.id::text as object, format('%s: total %s, owed %s, booked %s', o.status, o.total_vnd, o.refunded_vnd, coalesce(f.total, 0)) as detail
from orders o
left join (select order_id, sum(amount_vnd) as total from order_refunds group by order_id) f on f.order_id = o.id
where o.refunded_vnd <> coalesce(f.total, 0) or o.refunded_vnd > o.total_vnd
   or (o.paid_at is null and o.refunded_vnd <> 0)
   or (o.status in ('cancelled', 'refused', 'auto_cancelled', 'refunded') and o.paid_at is not null and o.refunded_vnd <> o.total_vnd)
   or (o.status = 'partially_refunded' and o.refunded_vnd = 0)
union all
select f.id::text, format('owed %s, in the queue %s', f.amount_vnd, coalesce(r.amount_vnd::text, 'nothing'))
from order_refunds f left join payment_reviews r on r.refund_id = f.id
where r.amount_vnd is distinct from f.amount_vnd or r.order_id is distinct from f.order_id
union all
select r.id::text, 'refund due without a reason'
from payment_reviews r where r.kind = 'refund_due' and r.refund_id is null;

-- From here on a person does it, or has done it.
update payment_reviews set resolution = 'refunded_by_hand' where resolution = 'refunded_by_provider';
insert into payment_reviews (id, kind, order_id, refund_id, amount_vnd, status, resolution, note, resolved_at, created_at)
select gen_random_uuid(), 'refund_due', order_id, id, amount_vnd,
       case when ended_at is null then 'open' else 'resolved' end,
       case when status in ('succeeded', 'returned_by_hand') then 'refunded_by_hand' when ended_at is not null then 'kept_for_order' end,
       reason, ended_at, created_at
from refunds r where not exists (select from payment_reviews q where q.refund_id = r.id);

delete from notices where topic = 'refund_sent';
do $$
declare
    listed text;
begin
    select pg_get_constraintdef(oid) into listed from pg_constraint where conname = 'notices_topic_check';
    alter table notices drop constraint notices_topic_check;
    execute 'alter table notices add constraint notices_topic_check ' || replace(listed, 'refund_sent,', '');
    select pg_get_constraintdef(oid) into listed from pg_constraint where conname = 'payment_reviews_resolution_check';
    alter table payment_reviews drop constraint payment_reviews_resolution_check;
    execute 'alter table payment_reviews add constraint payment_reviews_resolution_check '
        || replace(listed, 'refunded_by_provider,', '');
end;
$$;

drop table refund_answers;
drop table refund_tries;
drop table refund_approvals;
drop table refunds;
drop table refund_totals;
drop function refund_move_total();
