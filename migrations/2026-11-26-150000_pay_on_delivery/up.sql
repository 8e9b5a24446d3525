-- Cash on delivery: a purchase is confirmed without money, and its carriers collect it when they bring the goods. Who
-- collects is a provider like the others: what he has taken for us stands in his clearing until he settles it.

do $$
declare
    listed record;
    steps text;
begin
    for listed in
        select conrelid::regclass as relation, conname, replace(replace(replace(regexp_replace(regexp_replace(replace(
                   pg_get_constraintdef(oid), ',vietqr_vn}', ',vietqr_vn,ghn,ghtk,viettel_post}'),
                   '\morder_paid\M', 'order_paid,order_confirmed,order_refused_unpaid,order_cancelled_unpaid,order_collects'),
                   '\morder\.paid\M', 'order.paid,order.confirmed'),
                   ',carriage_short,', ',carriage_short,carriage_borne,'),
                   ',"carriage orders carriage",', ',"carriage orders carriage","carriage_borne commission carriage",'),
                   'paid,', case when conname in ('checkouts_status_check', 'orders_status_check') then 'paid,confirmed,' else 'paid,' end)
                   as definition, pg_get_constraintdef(oid) as before
        from pg_constraint
        where contype = 'c' and connamespace = 'public'::regnamespace and conparentid = 0
          and conname not in ('orders_paid_check', 'checkouts_paid_check')
    loop
        if listed.definition <> listed.before then
            execute format('alter table %s drop constraint %I', listed.relation, listed.conname);
            execute format('alter table %s add constraint %I %s', listed.relation, listed.conname, listed.definition);
        end if;
    end loop;
    select replace(prosrc, '(''paid'', ''accepted'')',
        '(''awaiting_payment'', ''confirmed''), (''confirmed'', ''cancelled''), (''confirmed'', ''refused''), '
        '(''confirmed'', ''auto_cancelled''), (''confirmed'', ''accepted''), (''paid'', ''accepted'')')
    into steps from pg_proc where proname = 'order_steps';
    execute format('create or replace function order_steps() returns table (from_status text, to_status text) '
        'language sql immutable parallel safe as %L', steps);
end;
$$;

-- How an order is paid. `paid_at` and `paid_on` are since when it is sold: of one that is paid when it comes, since it was
-- confirmed. It is paid when it was delivered.
alter table orders
    add column terms text not null default 'ahead'
        constraint orders_terms_check check (terms = any ('{ahead,on_delivery}'::text[])),
    add constraint orders_on_delivery_check check (terms = 'ahead' or (delivery_code like 'carrier:%'
        and status <> all ('{awaiting_payment,expired,paid,waiting_harvest,ready_for_pickup}'::text[])));
create index orders_on_delivery_idx on orders (buyer_account_id) where terms = 'on_delivery';

-- What was owed back before anything was paid is not to be paid: nobody sends it.
alter table order_refunds add column is_let_off boolean not null default false;

-- What the carrier collects.
alter table shipments drop constraint shipments_cod_check;
alter table shipments add constraint shipments_cod_check
    check (cod_vnd between 0 and 10000000 and (cod_vnd = 0 or (method = 'carrier' and booking <> 'by_hand')));

-- What is collected is collected for one order, when it comes.
alter table payments
    add column order_id uuid references orders (id),
    drop constraint payments_checkout_key,
    add constraint payments_checkout_key unique nulls not distinct (checkout_id, order_id),
    add constraint payments_order_check check (order_id is null or status = 'captured');
create index payments_order_idx on payments (order_id) where order_id is not null;
alter table payment_credits
    alter column callback_id drop not null,
    add constraint payment_credits_told_check check ((callback_id is null) = (provider = any ('{ghn,ghtk,viettel_post}'::text[])));

create or replace view invariant_captured_payments with (security_invoker = true) as
select p.id::text as object, format('captured, checkout %s', coalesce(c.status, 'none')) as detail
from payments p left join checkouts c on c.id = p.checkout_id
where p.status = 'captured' and c.status is distinct from case when p.order_id is null then 'paid' else 'confirmed' end
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
        when 'confirmed' then o.status not in ('awaiting_payment', 'expired') and o.paid_at is not null
      end, false)
   or (o.terms = 'on_delivery') <> (c.status = 'confirmed') or (o.status = 'confirmed' and o.terms <> 'on_delivery')
   or o.paid_on is distinct from (o.paid_at at time zone 'UTC' + interval '7 hours')::date;

-- What is owed back is what was booked as owed, never more than was paid, and each is on its way once, unless it was let
-- off; what waits in the queue is the same; what was paid and ended before its goods left is owed back in full.
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
where case when f.is_let_off then n.id is not null or r.id is not null
           else n.amount_vnd is distinct from f.amount_vnd or n.order_id is distinct from f.order_id
             or r.amount_vnd <> f.amount_vnd or r.order_id is distinct from (case when r.id is not null then f.order_id end) end
union all
select r.id::text, 'refund due without a reason'
from payment_reviews r where r.kind = 'refund_due' and r.refund_id is null;

-- Every order's money: captured once and in full when it is paid, and in its account until it ends; never more refunded
-- than captured. What was let off before it was paid is neither. Nothing is about an order that does not exist.
create or replace view invariant_ledger_orders with (security_invoker = true) as
select coalesce(o.id, l.order_id)::text as object,
       format('%s: total %s, refunded %s; captured %s, refunded %s, in its account %s', coalesce(o.status, 'no such order'),
              o.total_vnd, o.refunded_vnd, l.captured, l.refunded, l.standing) as detail
from orders o
left join (select order_id, sum(amount_vnd) as amount from order_refunds where is_let_off group by order_id) f on f.order_id = o.id
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
           when o.terms = 'on_delivery' and o.delivered_at is null
           then coalesce(l.captured, 0) <> 0 or coalesce(l.refunded, 0) <> 0 or coalesce(l.standing, 0) <> 0
           else coalesce(l.captured, 0) is distinct from o.total_vnd - coalesce(f.amount, 0)
             or coalesce(l.refunded, 0) <> o.refunded_vnd - coalesce(f.amount, 0) or l.refunded > l.captured
             or coalesce(l.standing, 0) <> case when o.status in ('completed', 'partially_refunded', 'refunded', 'returned',
                                                                  'cancelled', 'refused', 'auto_cancelled')
                                                then 0 else o.total_vnd - o.refunded_vnd end
      end;

create or replace view invariant_ledger_credits with (security_invoker = true) as
select k.id::text as object,
       format('%s brought %s: captured %s, odd %s', k.provider, k.amount_vnd, coalesce(c.amount, 0), coalesce(t.amount_vnd, 0)) as detail
from payment_credits k
left join (select k.id, sum(t.amount_vnd) as amount, bool_and(t.provider = k.provider) as is_same
           from payment_credits k join payments p on p.id = k.payment_id
           join orders o on o.checkout_id = p.checkout_id and (p.order_id is null or o.id = p.order_id)
           join ledger_transfers t on t.kind = 'capture' and t.subject_id = o.id group by k.id) c on c.id = k.id
left join ledger_transfers t on t.kind = 'odd_money' and t.subject_id = k.id
where case when k.payment_id is null then t.amount_vnd is distinct from k.amount_vnd or t.provider is distinct from k.provider
           else c.amount is distinct from k.amount_vnd or c.is_same is not true or t.id is not null end
union all
select t.id::text, format('%s of %s that nobody brought', t.kind, t.amount_vnd)
from ledger_transfers t
where (t.kind = 'odd_money' and not exists (select from payment_credits k where k.id = t.subject_id))
   or (t.kind = 'capture' and not exists (
           select from orders o join payments p on p.checkout_id = o.checkout_id and (p.order_id is null or p.order_id = o.id)
           join payment_credits k on k.payment_id = p.id where o.id = t.subject_id));

create or replace view invariant_ledger_refunds with (security_invoker = true) as
select coalesce(f.id, l.refund_id)::text as object,
       format('refund of %s: owed %s in %s, sent %s', f.amount_vnd, l.owed, l.times, l.sent) as detail
from (select * from order_refunds where not is_let_off) f
full join (select refund_id, coalesce(sum(amount_vnd) filter (where kind in ('refund', 'late_refund')), 0) as owed,
                  count(*) filter (where kind in ('refund', 'late_refund')) as times,
                  coalesce(sum(amount_vnd) filter (where debit = 'refunds_owed'), 0)
                    - coalesce(sum(amount_vnd) filter (where kind = 'reversal' and credit = 'refunds_owed'), 0) as sent
           from ledger_transfers where 'refunds_owed' in (debit, credit) group by refund_id) l on l.refund_id = f.id
where f.amount_vnd is distinct from l.owed or l.times > 1 or l.sent > l.owed;

-- What a carrier collected is told by its parcel, not by a callback.
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
where b.verified is not true and k.callback_id is not null;

-- Cash is collected once, when the goods are delivered, by who brought them, exactly what was left to pay and what the
-- parcel said; nothing is owed back before, and what cash may not buy was not bought so.
create view invariant_cash_orders with (security_invoker = true) as
select o.id::text as object,
       format('%s, %s to pay: collected %s in %s, captured %s in %s', o.status, o.total_vnd - coalesce(f.let_off, 0),
              coalesce(p.amount, 0), coalesce(p.payments, 0), coalesce(t.amount, 0), coalesce(t.captures, 0)) as detail
from orders o
left join (select order_id, sum(amount_vnd) filter (where is_let_off) as let_off from order_refunds group by order_id) f
    on f.order_id = o.id
left join (select p.order_id, count(*) as payments, sum(k.amount_vnd) as amount, min(k.provider) as provider
           from payments p join payment_credits k on k.payment_id = p.id where p.order_id is not null group by p.order_id) p
    on p.order_id = o.id
left join (select subject_id, count(*) as captures, sum(amount_vnd) as amount, min(provider) as provider
           from ledger_transfers where kind = 'capture' group by subject_id) t on t.subject_id = o.id
where o.terms = 'on_delivery'
  and (coalesce(p.amount, 0) <> case when o.delivered_at is null then 0 else o.total_vnd - coalesce(f.let_off, 0) end
       or coalesce(t.amount, 0) <> coalesce(p.amount, 0) or p.payments > 1 or t.captures > 1
       or 'carrier:' || p.provider <> o.delivery_code or t.provider <> p.provider)
union all
select p.id::text, 'collected for an order that is paid ahead'
from payments p left join orders o on o.id = p.order_id
where p.order_id is not null and (o.terms = 'on_delivery' and o.checkout_id = p.checkout_id) is not true
union all
select f.id::text, format('%s of an order with terms %s, delivered at %s', case when f.is_let_off then 'let off' else 'owed back' end,
                          o.terms, coalesce(o.delivered_at::text, 'no time'))
from order_refunds f join orders o on o.id = f.order_id
where f.is_let_off <> (o.terms = 'on_delivery' and (o.delivered_at is null or f.at < o.delivered_at))
union all
select s.id::text, format('collects %s of %s', s.cod_vnd, o.total_vnd - coalesce(f.amount, 0))
from shipments s join orders o on o.id = s.order_id
left join (select order_id, sum(amount_vnd) as amount from order_refunds
           where is_let_off and cause <> 'not_delivered' group by order_id) f on f.order_id = o.id
where s.cod_vnd <> case when o.terms = 'on_delivery' then o.total_vnd - coalesce(f.amount, 0) else 0 end
union all
select l.id::text, 'alcohol is not paid in cash'
from order_lines l join orders o on o.id = l.order_id
where o.terms = 'on_delivery' and l.product_set in (14, 15)
union all
select o.id::text, 'the harvest that it waits for is to come'
from orders o
where o.terms = 'on_delivery' and exists (
    select from reservations r join lots b on b.id = r.lot_id where r.order_id = o.id and b.sells_until is not null);
grant select on invariant_cash_orders to ocop_app;
