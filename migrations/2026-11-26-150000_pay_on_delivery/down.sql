-- What is paid on delivery cannot be told without it: neither as paid, nor as unpaid.
do $$
begin
    if exists (select from orders where terms = 'on_delivery') then
        raise exception 'there are orders that are paid on delivery';
    end if;
end;
$$;
drop view invariant_cash_orders;
create or replace view invariant_callbacks with (security_invoker = true) as
select id::text as object, 'applied without being verified' as detail
from payment_callbacks where outcome = 'applied' and verified is not true
union all
select id::text, 'unprocessed for more than 5 minutes'
from payment_callbacks where processed_at is null and received_at < now() - interval '5 minutes'
union all
select min(id::text), format('applied %s times', count(*))
from payment_callbacks where outcome = 'applied' group by provider, event_key having count(*) > 1
union all
select k.id::text, 'credited by an unverified callback'
from payment_credits k left join payment_callbacks b on b.id = k.callback_id
where b.verified is not true;

create or replace view invariant_captured_payments with (security_invoker = true) as
select p.id::text as object, format('captured, checkout %s', coalesce(c.status, 'none')) as detail
from payments p left join checkouts c on c.id = p.checkout_id
where p.status = 'captured' and c.status is distinct from 'paid'
union all
select a.id::text, format('attempt captured, payment %s', coalesce(p.status, 'none'))
from payment_attempts a left join payments p on p.id = a.payment_id
where a.status = 'captured' and p.status is distinct from 'captured';

create or replace view invariant_order_checkouts with (security_invoker = true) as
select o.id::text as object,
       format('order %s, checkout %s, paid at %s on %s', o.status, coalesce(c.status, 'none'), o.paid_at, o.paid_on) as detail
from orders o left join checkouts c on c.id = o.checkout_id
where not coalesce(case c.status
        when 'awaiting_payment' then o.status = 'awaiting_payment'
        when 'expired' then o.status = 'expired'
        when 'cancelled' then o.status = 'cancelled' and o.paid_at is null
        when 'paid' then o.status not in ('awaiting_payment', 'expired') and o.paid_at is not null
      end, false)
   or o.paid_on is distinct from (o.paid_at at time zone 'UTC' + interval '7 hours')::date;

create or replace view invariant_refunds with (security_invoker = true) as
select o.id::text as object, format('%s: total %s, owed %s, booked %s', o.status, o.total_vnd, o.refunded_vnd, coalesce(f.total, 0)) as detail
from orders o
left join (select order_id, sum(amount_vnd) as total from order_refunds group by order_id) f on f.order_id = o.id
where o.refunded_vnd <> coalesce(f.total, 0) or o.refunded_vnd > o.total_vnd
   or (o.paid_at is null and o.refunded_vnd <> 0)
   or (o.status in ('cancelled', 'refused', 'auto_cancelled', 'refunded') and o.paid_at is not null and o.refunded_vnd <> o.total_vnd)
   or (o.status = 'partially_refunded' and o.refunded_vnd = 0)
union all
select f.id::text, format('owed %s, on its way %s, in the queue %s', f.amount_vnd, coalesce(n.amount_vnd::text, 'nothing'),
                          coalesce(r.amount_vnd::text, 'nothing'))
from order_refunds f left join refunds n on n.id = f.id left join payment_reviews r on r.refund_id = f.id
where n.amount_vnd is distinct from f.amount_vnd or n.order_id is distinct from f.order_id
   or r.amount_vnd <> f.amount_vnd or r.order_id is distinct from (case when r.id is not null then f.order_id end)
union all
select r.id::text, 'refund due without a reason'
from payment_reviews r where r.kind = 'refund_due' and r.refund_id is null;

create or replace view invariant_ledger_orders with (security_invoker = true) as
select coalesce(o.id, l.order_id)::text as object,
       format('%s: total %s, refunded %s; captured %s, refunded %s, in its account %s', coalesce(o.status, 'no such order'),
              o.total_vnd, o.refunded_vnd, l.captured, l.refunded, l.standing) as detail
from orders o
full join (select order_id,
                  coalesce(sum(amount_vnd) filter (where kind = 'capture'), 0) as captured,
                  coalesce(sum(amount_vnd) filter (where kind in ('refund', 'late_refund')), 0) as refunded,
                  coalesce(sum(amount_vnd) filter (where credit = 'orders'), 0)
                    - coalesce(sum(amount_vnd) filter (where debit = 'orders'), 0) as standing,
                  count(distinct producer_id) as producers, min(producer_id::text) as producer
           from ledger_transfers where order_id is not null group by order_id) l on l.order_id = o.id
where o.id is null
   or l.producers > 1 or l.producer <> o.producer_id::text
   or case when o.paid_at is null then l.order_id is not null
           else l.captured is distinct from o.total_vnd
             or l.refunded <> o.refunded_vnd or l.refunded > l.captured
             or l.standing <> case when o.status in ('completed', 'partially_refunded', 'refunded', 'returned', 'cancelled',
                                                     'refused', 'auto_cancelled')
                                   then 0 else o.total_vnd - o.refunded_vnd end
      end;

create or replace view invariant_ledger_credits with (security_invoker = true) as
select k.id::text as object,
       format('%s brought %s: captured %s, odd %s', k.provider, k.amount_vnd, coalesce(c.amount, 0), coalesce(t.amount_vnd, 0)) as detail
from payment_credits k
left join (select k.id, sum(t.amount_vnd) as amount, bool_and(t.provider = k.provider) as is_same
           from payment_credits k join payments p on p.id = k.payment_id join orders o on o.checkout_id = p.checkout_id
           join ledger_transfers t on t.kind = 'capture' and t.subject_id = o.id group by k.id) c on c.id = k.id
left join ledger_transfers t on t.kind = 'odd_money' and t.subject_id = k.id
where case when k.payment_id is null then t.amount_vnd is distinct from k.amount_vnd or t.provider is distinct from k.provider
           else c.amount is distinct from k.amount_vnd or c.is_same is not true or t.id is not null end
union all
select t.id::text, format('%s of %s that nobody brought', t.kind, t.amount_vnd)
from ledger_transfers t
where (t.kind = 'odd_money' and not exists (select from payment_credits k where k.id = t.subject_id))
   or (t.kind = 'capture' and not exists (
           select from orders o join payments p on p.checkout_id = o.checkout_id join payment_credits k on k.payment_id = p.id
           where o.id = t.subject_id));

create or replace view invariant_ledger_refunds with (security_invoker = true) as
select coalesce(f.id, l.refund_id)::text as object,
       format('refund of %s: owed %s in %s, sent %s', f.amount_vnd, l.owed, l.times, l.sent) as detail
from order_refunds f
full join (select refund_id, coalesce(sum(amount_vnd) filter (where kind in ('refund', 'late_refund')), 0) as owed,
                  count(*) filter (where kind in ('refund', 'late_refund')) as times,
                  coalesce(sum(amount_vnd) filter (where debit = 'refunds_owed'), 0)
                    - coalesce(sum(amount_vnd) filter (where kind = 'reversal' and credit = 'refunds_owed'), 0) as sent
           from ledger_transfers where 'refunds_owed' in (debit, credit) group by refund_id) l on l.refund_id = f.id
where f.amount_vnd is distinct from l.owed or l.times > 1 or l.sent > l.owed;

alter table payment_credits
    drop constraint payment_credits_told_check,
    alter column callback_id set not null;
alter table payments
    drop constraint payments_order_check,
    drop constraint payments_checkout_key,
    drop column order_id,
    add constraint payments_checkout_key unique (checkout_id);
alter table shipments drop constraint shipments_cod_check;
alter table shipments add constraint shipments_cod_check check (cod_vnd = 0);
alter table order_refunds drop column is_let_off;
alter table orders drop constraint orders_on_delivery_check, drop column terms;

do $$
declare
    listed record;
    steps text;
begin
    for listed in
        select conrelid::regclass as relation, conname, replace(replace(replace(replace(replace(replace(
                   pg_get_constraintdef(oid), ',vietqr_vn,ghn,ghtk,viettel_post}', ',vietqr_vn}'),
                   'order_paid,order_confirmed,order_refused_unpaid,order_cancelled_unpaid,order_collects', 'order_paid'),
                   'order.paid,order.confirmed', 'order.paid'),
                   ',carriage_short,carriage_borne,', ',carriage_short,'),
                   ',"carriage orders carriage","carriage_borne commission carriage",', ',"carriage orders carriage",'),
                   'paid,confirmed,', case when conname in ('checkouts_status_check', 'orders_status_check') then 'paid,' else 'paid,confirmed,' end)
                   as definition, pg_get_constraintdef(oid) as before
        from pg_constraint
        where contype = 'c' and connamespace = 'public'::regnamespace and conparentid = 0
    loop
        if listed.definition <> listed.before then
            execute format('alter table %s drop constraint %I', listed.relation, listed.conname);
            execute format('alter table %s add constraint %I %s', listed.relation, listed.conname, listed.definition);
        end if;
    end loop;
    select replace(prosrc,
        '(''awaiting_payment'', ''confirmed''), (''confirmed'', ''cancelled''), (''confirmed'', ''refused''), '
        '(''confirmed'', ''auto_cancelled''), (''confirmed'', ''accepted''), ', '')
    into steps from pg_proc where proname = 'order_steps';
    execute format('create or replace function order_steps() returns table (from_status text, to_status text) '
        'language sql immutable parallel safe as %L', steps);
end;
$$;
