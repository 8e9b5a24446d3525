-- One view per promise that must hold at every moment; each returns no row while it does. A row names the
-- object that breaks it and says how. They are read as the platform, so that row-level security hides nothing.

-- Nothing is promised that is not there, and what is promised is what is held.
create view invariant_stock_reserved with (security_invoker = true) as
select s.variant_id::text as object,
       format('on hand %s, reserved %s, held %s', s.on_hand, s.reserved, coalesce(h.held, 0)) as detail
from stock_levels s
left join (select variant_id, sum(quantity) as held from reservations where status = 'held' group by variant_id) h
    using (variant_id)
where s.on_hand < 0 or s.reserved < 0 or s.reserved > s.on_hand or s.reserved <> coalesce(h.held, 0)
union all
select r.variant_id::text, 'held without a stock level'
from reservations r
where r.status = 'held' and not exists (select from stock_levels s where s.variant_id = r.variant_id);

-- The stock on hand is the sum of what happened to it.
create view invariant_stock_on_hand with (security_invoker = true) as
select variant_id::text as object,
       format('on hand %s, movements %s', coalesce(s.on_hand, 0), coalesce(m.moved, 0)) as detail
from stock_levels s
full join (select variant_id, sum(delta) as moved from stock_movements group by variant_id) m using (variant_id)
where coalesce(s.on_hand, 0) <> coalesce(m.moved, 0);

-- An unpaid order holds its lines, a paid one has consumed them, one that ended unpaid has released them.
create view invariant_reservations with (security_invoker = true) as
select format('%s/%s', order_id, variant_id) as object,
       format('order %s, line %s, reservation %s %s', coalesce(l.status, 'none'), coalesce(l.quantity, 0),
              coalesce(r.status, 'none'), coalesce(r.quantity, 0)) as detail
from (select ol.order_id, ol.variant_id, ol.quantity, o.status,
             case when o.status = 'awaiting_payment' then 'held'
                  when o.paid_at is not null then 'consumed'
                  else 'released' end as wanted
      from order_lines ol join orders o on o.id = ol.order_id) l
full join reservations r using (order_id, variant_id)
where l.quantity is distinct from r.quantity or l.wanted is distinct from r.status;

-- A paid line left the stock once; it came back once if the order was cancelled or refused afterwards.
create view invariant_order_movements with (security_invoker = true) as
select format('%s/%s', order_id, variant_id) as object,
       format('sold %s of %s in %s, returned %s of %s in %s', -coalesce(m.sold, 0), coalesce(l.sold, 0), coalesce(m.sold_times, 0),
              coalesce(m.returned, 0), coalesce(l.returned, 0), coalesce(m.returned_times, 0)) as detail
from (select ol.order_id, ol.variant_id,
             case when o.paid_at is not null then ol.quantity else 0 end as sold,
             case when o.paid_at is not null and o.status in ('cancelled', 'refused') then ol.quantity else 0 end as returned
      from order_lines ol join orders o on o.id = ol.order_id) l
full join (select order_id, variant_id,
                  sum(delta) filter (where kind = 'sold') as sold,
                  count(*) filter (where kind = 'sold') as sold_times,
                  sum(delta) filter (where kind = 'returned') as returned,
                  count(*) filter (where kind = 'returned') as returned_times
           from stock_movements where order_id is not null and kind in ('sold', 'returned')
           group by order_id, variant_id) m using (order_id, variant_id)
where -coalesce(m.sold, 0) <> coalesce(l.sold, 0) or coalesce(m.sold_times, 0) > 1
   or coalesce(m.returned, 0) <> coalesce(l.returned, 0) or coalesce(m.returned_times, 0) > 1
union all
select id::text, format('%s without an order', kind)
from stock_movements where order_id is null and kind = 'sold';

-- Totals are sums of their parts.
create view invariant_totals with (security_invoker = true) as
select o.id::text as object, format('order %s, lines %s', o.total_vnd, coalesce(l.total, 0)) as detail
from orders o
left join (select order_id, sum(quantity::bigint * price_vnd) as total from order_lines group by order_id) l on l.order_id = o.id
where o.total_vnd <> coalesce(l.total, 0)
union all
select c.id::text, format('checkout %s, orders %s', c.total_vnd, coalesce(o.total, 0))
from checkouts c
left join (select checkout_id, sum(total_vnd) as total from orders group by checkout_id) o on o.checkout_id = c.id
where c.total_vnd <> coalesce(o.total, 0);

-- A paid checkout has one captured payment and one credit, each of exactly its total.
create view invariant_paid_checkouts with (security_invoker = true) as
select c.id::text as object,
       format('total %s, captured %s in %s, credited %s in %s', c.total_vnd, p.captured, p.payments, p.credited, p.credits) as detail
from checkouts c
cross join lateral (
    select count(distinct p.id) as payments, coalesce(max(p.amount_vnd), 0) as captured,
           count(k.id) as credits, coalesce(sum(k.amount_vnd), 0) as credited
    from payments p left join payment_credits k on k.payment_id = p.id
    where p.checkout_id = c.id and p.status = 'captured') p
where c.status = 'paid'
  and (p.payments <> 1 or p.captured <> c.total_vnd or p.credits <> 1 or p.credited <> c.total_vnd);

-- No money is captured for what is not paid.
create view invariant_captured_payments with (security_invoker = true) as
select p.id::text as object, format('captured, checkout %s', coalesce(c.status, 'none')) as detail
from payments p left join checkouts c on c.id = p.checkout_id
where p.status = 'captured' and c.status is distinct from 'paid'
union all
select a.id::text, format('attempt captured, payment %s', coalesce(p.status, 'none'))
from payment_attempts a left join payments p on p.id = a.payment_id
where a.status = 'captured' and p.status is distinct from 'captured';

-- Money that arrived is booked to one captured payment or waits in the review queue, never both, never neither.
create view invariant_credits with (security_invoker = true) as
select p.id::text as object, format('captured %s, credits %s of %s', p.amount_vnd, count(k.id), coalesce(sum(k.amount_vnd), 0)) as detail
from payments p left join payment_credits k on k.payment_id = p.id
where p.status = 'captured'
group by p.id, p.amount_vnd
having count(k.id) <> 1 or sum(k.amount_vnd) <> p.amount_vnd
union all
select k.id::text,
       case when k.payment_id is null then 'neither booked nor in review'
            when r.id is not null then 'booked and in review'
            else format('booked to a payment that is %s', coalesce(p.status, 'none')) end
from payment_credits k
left join payment_reviews r on r.credit_id = k.id
left join payments p on p.id = k.payment_id
where (k.payment_id is null) = (r.id is null)
   or (k.payment_id is not null and p.status is distinct from 'captured');

-- One transaction of a provider is credited once.
create view invariant_provider_transactions with (security_invoker = true) as
select format('%s/%s', provider, provider_txn) as object, format('credited %s times', count(*)) as detail
from payment_credits group by provider, provider_txn having count(*) > 1;

-- Only what was verified has an effect, once, and soon.
create view invariant_callbacks with (security_invoker = true) as
select id::text as object, 'applied without being verified' as detail
from payment_callbacks where outcome = 'applied' and verified is not true
union all
select id::text, 'verified and unprocessed for more than 5 minutes'
from payment_callbacks where verified and processed_at is null and received_at < now() - interval '5 minutes'
union all
select min(id::text), format('applied %s times', count(*))
from payment_callbacks where outcome = 'applied' group by provider, event_key having count(*) > 1
union all
select k.id::text, 'credited by an unverified callback'
from payment_credits k left join payment_callbacks b on b.id = k.callback_id
where b.verified is not true;

-- An order's events are legal steps that form one path from its placing to its status. Steps are joined by
-- their statuses, not by their times: of two transactions that met, the one that began first may act last.
create view invariant_order_events with (security_invoker = true) as
with step as (
    select order_id, from_status, to_status from order_events where from_status is distinct from to_status
)
select o.id::text as object, format('status %s, events end at %s', o.status, coalesce(e.ends, 'nothing')) as detail
from orders o
left join (select s.order_id, string_agg(s.to_status, ',' order by s.to_status) as ends
           from step s
           where not exists (select from step n where n.order_id = s.order_id and n.from_status = s.to_status)
           group by s.order_id) e on e.order_id = o.id
where e.ends is distinct from o.status
union all
select order_id::text, format('%s times from %s', count(*), coalesce(from_status, 'nothing'))
from step group by order_id, from_status having count(*) > 1
union all
select order_id::text, format('%s times to %s', count(*), to_status)
from step group by order_id, to_status having count(*) > 1
union all
select s.order_id::text, format('from %s, which no event led to', s.from_status)
from step s
where s.from_status is not null
  and not exists (select from step p where p.order_id = s.order_id and p.to_status = s.from_status)
union all
select s.order_id::text, format('illegal step from %s to %s', coalesce(s.from_status, 'nothing'), s.to_status)
from step s
where (coalesce(s.from_status, ''), s.to_status) not in (
    ('', 'awaiting_payment'),
    ('awaiting_payment', 'paid'), ('awaiting_payment', 'expired'), ('awaiting_payment', 'cancelled'),
    ('paid', 'accepted'), ('paid', 'refused'), ('paid', 'cancelled'),
    ('accepted', 'packed'), ('accepted', 'refused'), ('accepted', 'cancelled'),
    ('packed', 'handed_over'), ('packed', 'refused'), ('packed', 'cancelled'),
    ('handed_over', 'delivered'), ('delivered', 'completed'));

-- Orders share the fate of their checkout until it is paid, and are sold on the Vietnamese day of payment.
create view invariant_order_checkouts with (security_invoker = true) as
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

-- What was paid and will not be delivered is owed back, once and in full.
create view invariant_refunds with (security_invoker = true) as
select o.id::text as object, format('%s after payment of %s, refunds due %s', o.status, o.total_vnd, coalesce(r.total, 0)) as detail
from orders o
left join (select order_id, count(*) as times, sum(amount_vnd) as total from payment_reviews where kind = 'refund_due' group by order_id) r
    on r.order_id = o.id
where o.status in ('cancelled', 'refused') and o.paid_at is not null
  and (r.times is distinct from 1 or r.total is distinct from o.total_vnd)
union all
select r.id::text, format('refund due for an order that is %s', coalesce(o.status, 'none'))
from payment_reviews r left join orders o on o.id = r.order_id
where r.kind = 'refund_due' and (o.status in ('cancelled', 'refused') and o.paid_at is not null) is not true;

-- Work is taken when it is due, and given back when its worker dies.
create view invariant_jobs with (security_invoker = true) as
select id::text as object,
       case when dead_at is not null then format('%s is dead: %s', kind, last_error)
            when leased_until < now() - interval '5 minutes' then format('%s was left by its worker', kind)
            else format('%s has been ready for more than 10 minutes', kind) end as detail
from jobs
where done_at is null
  and (dead_at is not null
       or leased_until < now() - interval '5 minutes'
       or (run_at < now() - interval '10 minutes' and (leased_until is null or leased_until < now())));

-- An idempotency key is committed with its answer or not at all.
create view invariant_idempotency_keys with (security_invoker = true) as
select format('%s %s %s', actor, route, key) as object, 'without a whole answer' as detail
from idempotency_keys where status is null or body is null;

-- A session that was ended says why.
create view invariant_sessions with (security_invoker = true) as
select id::text as object, format('revoked at %s because %s', revoked_at, coalesce(revoked_because, 'nothing')) as detail
from sessions where (revoked_at is null) <> (revoked_because is null);

-- The figures of the officials are the lines of the orders that are paid and not cancelled.
create view invariant_sales_daily with (security_invoker = true) as
select format('%s/%s/%s/%s', producer_id, sold_on, commune_code, product_set) as object,
       format('kept %s %s %s, sold %s %s %s', d.value_vnd, d.units, d.grams, l.value_vnd, l.units, l.grams) as detail
from sales_daily d
full join (select o.producer_id, o.paid_on as sold_on, ol.origin_commune_code as commune_code, ol.product_set,
                  sum(ol.total_vnd) as value_vnd, sum(ol.quantity) as units, sum(ol.quantity::bigint * ol.net_weight_g) as grams
           from orders o join order_lines ol on ol.order_id = o.id
           where o.paid_on is not null
             and o.status in ('paid', 'accepted', 'packed', 'handed_over', 'delivered', 'completed')
           group by o.producer_id, o.paid_on, ol.origin_commune_code, ol.product_set) l
    using (producer_id, sold_on, commune_code, product_set)
where coalesce(d.value_vnd, 0) <> coalesce(l.value_vnd, 0)
   or coalesce(d.units, 0) <> coalesce(l.units, 0)
   or coalesce(d.grams, 0) <> coalesce(l.grams, 0)
union all
select format('%s/%s/%s/%s', d.producer_id, d.sold_on, d.commune_code, d.product_set), format('in province %s', d.province_code)
from sales_daily d left join communes c on c.code = d.commune_code
where c.province_code is distinct from d.province_code;

create view invariant_sales_baskets with (security_invoker = true) as
select format('%s/%s/%s', producer_id, sold_on, cells) as object,
       format('kept %s, sold %s', coalesce(b.orders, 0), coalesce(l.orders, 0)) as detail
from sales_baskets b
full join (select producer_id, sold_on, cells, count(*) as orders
           from (select o.producer_id, o.paid_on as sold_on,
                        (select array_agg(c.commune_code || '/' || c.product_set order by c.commune_code, c.product_set)
                         from (select distinct ol.origin_commune_code collate "C" as commune_code, ol.product_set
                               from order_lines ol where ol.order_id = o.id) c) as cells
                 from orders o
                 where o.paid_on is not null
                   and o.status in ('paid', 'accepted', 'packed', 'handed_over', 'delivered', 'completed')) baskets
           group by producer_id, sold_on, cells) l using (producer_id, sold_on, cells)
where coalesce(b.orders, 0) <> coalesce(l.orders, 0);

grant select on
    invariant_stock_reserved, invariant_stock_on_hand, invariant_reservations, invariant_order_movements,
    invariant_totals, invariant_paid_checkouts, invariant_captured_payments, invariant_credits,
    invariant_provider_transactions, invariant_callbacks, invariant_order_events, invariant_order_checkouts,
    invariant_refunds, invariant_jobs, invariant_idempotency_keys, invariant_sessions,
    invariant_sales_daily, invariant_sales_baskets
to ocop_app;

-- Whether the migrations are up to date is a question of the readiness check. The table is made by whoever runs them.
do $$
begin
    if to_regclass('__diesel_schema_migrations') is not null then
        grant select on __diesel_schema_migrations to ocop_app;
    end if;
end;
$$;
