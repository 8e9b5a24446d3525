-- The whole way of an order: deadlines, delivery, return and dispute; what it costs in parts; what is owed back.

alter table orders
    add column goods_vnd bigint constraint orders_goods_check check (goods_vnd between 1 and 100000000000),
    add column shipping_vnd bigint not null default 0 constraint orders_shipping_check check (shipping_vnd between 0 and 100000000000),
    add column discount_vnd bigint not null default 0 constraint orders_discount_check check (discount_vnd between 0 and 100000000000),
    -- What is owed back to the buyer so far: the sum of order_refunds.
    add column refunded_vnd bigint not null default 0,
    -- When the present status ends by itself: the answer to the order, the buyer's decision, the claim window.
    add column due_at timestamptz,
    add column delivered_at timestamptz;
-- Of an order that was here before, the parts are what its lines leave.
update orders o
set goods_vnd = l.goods, shipping_vnd = greatest(o.total_vnd - l.goods, 0), discount_vnd = greatest(l.goods - o.total_vnd, 0),
    delivered_at = (select max(e.at) from order_events e where e.order_id = o.id and e.to_status = 'delivered')
from (select order_id, sum(quantity::bigint * price_vnd) as goods from order_lines group by order_id) l
where l.order_id = o.id;
alter table orders
    alter column goods_vnd set not null,
    add constraint orders_refunded_check check (refunded_vnd between 0 and total_vnd),
    drop constraint orders_status_check,
    add constraint orders_status_check check (status in
        ('awaiting_payment', 'expired', 'paid', 'accepted', 'weight_in_question', 'packed', 'ready_for_pickup', 'handed_over',
         'in_transit', 'delivery_failed', 'returning', 'returned', 'delivered', 'disputed', 'completed', 'partially_refunded',
         'refunded', 'cancelled', 'refused', 'auto_cancelled')),
    drop constraint orders_paid_check,
    add constraint orders_paid_check check (
        (paid_at is null) = (paid_on is null)
        and (status in ('awaiting_payment', 'expired', 'cancelled') or paid_at is not null)
        and (status not in ('awaiting_payment', 'expired') or paid_at is null)
    );
create index orders_due_idx on orders (due_at) where due_at is not null;

-- The version of the order after the event: events of one order in their one order.
alter table order_events add column step integer;
alter table order_events disable trigger order_events_append_only;
update order_events e set step = n.step
from (select id, row_number() over (partition by order_id order by at, id) as step from order_events) n where n.id = e.id;
alter table order_events enable trigger order_events_append_only;
alter table order_events alter column step set not null;
alter table order_events add constraint order_events_step_key unique (order_id, step);
-- An order that was further when this was taken back is there again.
update orders o set status = e.to_status
from (select distinct on (order_id) order_id, to_status from order_events order by order_id, step desc) e
where e.order_id = o.id and (e.to_status, o.status) in (
    ('weight_in_question', 'accepted'), ('ready_for_pickup', 'packed'), ('in_transit', 'handed_over'),
    ('delivery_failed', 'handed_over'), ('returning', 'handed_over'), ('returned', 'refused'), ('disputed', 'delivered'),
    ('partially_refunded', 'completed'), ('refunded', 'refused'), ('auto_cancelled', 'refused'));
update orders o set version = greatest(version, (select max(step) from order_events e where e.order_id = o.id));

create table order_refunds (
    id uuid primary key,
    order_id uuid not null references orders (id),
    buyer_account_id uuid not null references accounts (id),
    producer_id uuid not null references producers (id),
    cause text not null constraint order_refunds_cause_check check (cause in
        ('cancelled', 'refused', 'not_answered', 'weight', 'weight_not_decided', 'not_delivered', 'harvest_short', 'claim')),
    amount_vnd bigint not null constraint order_refunds_amount_check check (amount_vnd between 1 and 100000000000),
    at timestamptz not null
);
create index order_refunds_order_idx on order_refunds (order_id);
create index order_refunds_buyer_idx on order_refunds (buyer_account_id);
create index order_refunds_producer_idx on order_refunds (producer_id);
comment on table order_refunds is 'What is owed back to a buyer of a paid order, and why; never more than was paid';
-- What was owed back when this was taken back stands at the end of its review's note: see `down`.
create temporary table kept_refunds on commit drop as
select r.id as review_id, r.amount_vnd, (k.part)[1]::uuid as refund_id, (k.part)[2]::uuid as order_id, (k.part)[3] as cause,
       (k.part)[4]::timestamptz as at
from payment_reviews r
cross join lateral (select regexp_match(r.note, '\[order_refund (\S+) (\S+) (\S+) ([^]]+)\]$') as part) k
where r.kind = 'refund_due' and k.part is not null;
insert into order_refunds (id, order_id, buyer_account_id, producer_id, cause, amount_vnd, at)
select k.refund_id, o.id, o.buyer_account_id, o.producer_id, k.cause, k.amount_vnd, k.at
from kept_refunds k join orders o on o.id = k.order_id;
insert into order_refunds (id, order_id, buyer_account_id, producer_id, cause, amount_vnd, at)
select gen_random_uuid(), id, buyer_account_id, producer_id, status, total_vnd, updated_at
from orders o where status in ('cancelled', 'refused') and paid_at is not null
    and not exists (select from order_refunds f where f.order_id = o.id);
update orders o set refunded_vnd = f.owed
from (select order_id, sum(amount_vnd) as owed from order_refunds group by order_id) f where f.order_id = o.id;
create trigger order_refunds_append_only before update or delete on order_refunds
    for each row execute function refuse_change();
alter table order_refunds enable row level security;
create policy order_refunds_parties on order_refunds for select using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account())
    or producer_id = actor_producer() or actor_is_staff());
create policy order_refunds_write on order_refunds for insert with check (actor_is_staff());
grant select, insert on order_refunds to ocop_app;

alter table payment_reviews drop constraint payment_reviews_order_key;
create index payment_reviews_order_idx on payment_reviews (order_id);
alter table payment_reviews add column refund_id uuid constraint payment_reviews_refund_key unique references order_refunds (id);
update payment_reviews r
set refund_id = k.refund_id, order_id = k.order_id,
    note = nullif(regexp_replace(r.note, '\n?\[order_refund [^]]+\]$', ''), '')
from kept_refunds k where k.review_id = r.id;
drop table kept_refunds;
update payment_reviews r set refund_id = f.id from order_refunds f
where r.kind = 'refund_due' and r.refund_id is null and f.order_id = r.order_id;
alter table payment_reviews add constraint payment_reviews_refund_check check ((kind = 'refund_due') = (refund_id is not null));

-- Every step that an order may take; the program's own table is compared with it.
create function order_steps() returns table (from_status text, to_status text)
    language sql immutable parallel safe as $$
    values
        ('accepted', 'cancelled'), ('accepted', 'packed'), ('accepted', 'refused'),
        ('accepted', 'weight_in_question'), ('awaiting_payment', 'cancelled'), ('awaiting_payment', 'expired'),
        ('awaiting_payment', 'paid'), ('delivered', 'completed'), ('delivered', 'disputed'),
        ('delivery_failed', 'delivered'), ('delivery_failed', 'in_transit'), ('delivery_failed', 'returning'),
        ('disputed', 'completed'), ('disputed', 'partially_refunded'), ('disputed', 'refunded'),
        ('disputed', 'returning'), ('handed_over', 'completed'), ('handed_over', 'delivered'),
        ('handed_over', 'delivery_failed'), ('handed_over', 'in_transit'), ('handed_over', 'returning'),
        ('in_transit', 'completed'), ('in_transit', 'delivered'), ('in_transit', 'delivery_failed'),
        ('in_transit', 'returning'), ('packed', 'cancelled'), ('packed', 'handed_over'),
        ('packed', 'ready_for_pickup'), ('packed', 'refused'), ('paid', 'accepted'),
        ('paid', 'auto_cancelled'), ('paid', 'cancelled'), ('paid', 'refused'),
        ('ready_for_pickup', 'cancelled'), ('ready_for_pickup', 'delivered'), ('ready_for_pickup', 'refused'),
        ('returning', 'returned'), ('weight_in_question', 'auto_cancelled'), ('weight_in_question', 'cancelled'),
        ('weight_in_question', 'packed'), ('weight_in_question', 'refused')
$$;
grant execute on function order_steps() to ocop_app;

-- Totals are sums of their parts.
create or replace view invariant_totals with (security_invoker = true) as
select o.id::text as object,
       format('order %s: goods %s, shipping %s, discount %s, lines %s', o.total_vnd, o.goods_vnd, o.shipping_vnd, o.discount_vnd,
              coalesce(l.total, 0)) as detail
from orders o
left join (select order_id, sum(quantity::bigint * price_vnd) as total from order_lines group by order_id) l on l.order_id = o.id
where o.goods_vnd <> coalesce(l.total, 0) or o.total_vnd <> o.goods_vnd + o.shipping_vnd - o.discount_vnd
union all
select c.id::text, format('checkout %s, orders %s', c.total_vnd, coalesce(o.total, 0))
from checkouts c
left join (select checkout_id, sum(total_vnd) as total from orders group by checkout_id) o on o.checkout_id = c.id
where c.total_vnd <> coalesce(o.total, 0);

-- An order's events are legal steps in one line from its placing to its status. They are joined by the order's
-- version, not by their times: of two transactions that met, the one that began first may act last.
create or replace view invariant_order_events with (security_invoker = true) as
with line as (
    select order_id, step, from_status, to_status,
           lag(to_status) over (partition by order_id order by step) as before,
           row_number() over (partition by order_id order by step desc) as from_end
    from order_events
)
select o.id::text as object, format('status %s at %s, events end at %s at %s', o.status, o.version, coalesce(e.to_status, 'nothing'), e.step) as detail
from orders o
left join line e on e.order_id = o.id and e.from_end = 1
where e.to_status is distinct from o.status or e.step > o.version
union all
select order_id::text, format('step %s begins at %s after %s', step, coalesce(from_status, 'nothing'), coalesce(before, 'nothing'))
from line where from_status is distinct from before
union all
select order_id::text, format('illegal step %s from %s to %s', step, coalesce(from_status, 'nothing'), to_status)
from line
where (from_status is null and to_status <> 'awaiting_payment')
   or (from_status is not null and from_status <> to_status
       and (from_status, to_status) not in (select s.from_status, s.to_status from order_steps() s));

-- What is owed back is what was booked as owed, never more than was paid, each once in the queue; what was paid and
-- ended before its goods left is owed back in full.
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

create or replace view invariant_order_movements with (security_invoker = true) as
select format('%s/%s', order_id, variant_id) as object,
       format('sold %s of %s in %s, returned %s of %s in %s', -coalesce(m.sold, 0), coalesce(l.sold, 0), coalesce(m.sold_times, 0),
              coalesce(m.returned, 0), coalesce(l.returned, 0), coalesce(m.returned_times, 0)) as detail
from (select ol.order_id, ol.variant_id,
             case when o.paid_at is not null then ol.quantity else 0 end as sold,
             case when o.paid_at is not null and o.status in ('cancelled', 'refused', 'auto_cancelled') then ol.quantity else 0 end as returned
      from order_lines ol join orders o on o.id = ol.order_id) l
full join (select order_id, variant_id,
                  sum(delta) filter (where kind = 'sold') as sold,
                  count(*) filter (where kind = 'sold') - count(distinct lot_id) filter (where kind = 'sold') + 1 as sold_times,
                  sum(delta) filter (where kind = 'returned') as returned,
                  count(*) filter (where kind = 'returned')
                    - count(distinct lot_id) filter (where kind = 'returned') + 1 as returned_times
           from stock_movements where order_id is not null and kind in ('sold', 'returned')
           group by order_id, variant_id) m using (order_id, variant_id)
where -coalesce(m.sold, 0) <> coalesce(l.sold, 0) or coalesce(m.sold_times, 0) > 1
   or coalesce(m.returned, 0) <> coalesce(l.returned, 0) or coalesce(m.returned_times, 0) > 1
union all
select id::text, format('%s without an order', kind)
from stock_movements where order_id is null and kind = 'sold';

create or replace view invariant_sales_daily with (security_invoker = true) as
select format('%s/%s/%s/%s', producer_id, sold_on, commune_code, product_set) as object,
       format('kept %s %s %s, sold %s %s %s', d.value_vnd, d.units, d.grams, l.value_vnd, l.units, l.grams) as detail
from sales_daily d
full join (select o.producer_id, o.paid_on as sold_on, ol.origin_commune_code as commune_code, ol.product_set,
                  sum(ol.total_vnd) as value_vnd, sum(ol.quantity) as units, sum(ol.quantity::bigint * ol.net_weight_g) as grams
           from orders o join order_lines ol on ol.order_id = o.id
           where o.paid_on is not null
             and o.status not in ('cancelled', 'refused', 'auto_cancelled', 'returned', 'refunded')
           group by o.producer_id, o.paid_on, ol.origin_commune_code, ol.product_set) l
    using (producer_id, sold_on, commune_code, product_set)
where coalesce(d.value_vnd, 0) <> coalesce(l.value_vnd, 0)
   or coalesce(d.units, 0) <> coalesce(l.units, 0)
   or coalesce(d.grams, 0) <> coalesce(l.grams, 0)
union all
select format('%s/%s/%s/%s', d.producer_id, d.sold_on, d.commune_code, d.product_set), format('in province %s', d.province_code)
from sales_daily d left join communes c on c.code = d.commune_code
where c.province_code is distinct from d.province_code;

create or replace view invariant_sales_baskets with (security_invoker = true) as
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
                   and o.status not in ('cancelled', 'refused', 'auto_cancelled', 'returned', 'refunded')) baskets
           group by producer_id, sold_on, cells) l using (producer_id, sold_on, cells)
where coalesce(b.orders, 0) <> coalesce(l.orders, 0);
