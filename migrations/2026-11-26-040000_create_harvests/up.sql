-- Goods that are sold before they are harvested. A planned harvest is a lot of the future: it holds what is expected
-- until the producer says what came, so that orders hold, take and give back its goods as those of any other lot.

-- While a lot is planned: the days in Vietnam on which it is sold, and nothing else of its variant is.
alter table lots
    add column sells_from date,
    add column sells_until date,
    add constraint lots_sells_check check ((sells_from is null) = (sells_until is null));

alter table stock_movements
    drop constraint stock_movements_kind_check,
    add constraint stock_movements_kind_check check (kind in
        ('opening', 'harvested', 'counted', 'spoiled', 'sold_elsewhere', 'sold', 'returned', 'expired', 'recalled', 'reinstated',
         'planned', 'short'));

create table harvests (
    id uuid primary key,
    producer_id uuid not null references producers (id),
    product_id uuid not null references products (id),
    variant_id uuid not null references variants (id),
    lot_id uuid not null constraint harvests_lot_key unique references lots (id),
    -- Sale units: no more are sold.
    expected integer not null constraint harvests_expected_check check (expected between 1 and 10000),
    orders_from date not null,
    orders_until date not null,
    harvest_from date not null,
    harvest_until date not null,
    ships_from date not null,
    ships_until date not null,
    shortfall_rule text not null constraint harvests_shortfall_rule_check check (shortfall_rule in ('first_paid', 'pro_rata')),
    status text not null constraint harvests_status_check check (status in ('open', 'closed', 'harvested', 'cancelled')),
    harvested integer constraint harvests_harvested_check check (harvested between 0 and 10000000),
    -- What paid orders waited for when it was declared.
    promised integer constraint harvests_promised_check check (promised between 0 and expected),
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint harvests_days_check check (
        orders_from <= orders_until and harvest_from <= harvest_until and ships_from <= ships_until
        and orders_until <= harvest_until and harvest_from <= ships_from and harvest_until <= ships_until),
    constraint harvests_declared_check check (
        (status = 'harvested') = (harvested is not null) and (harvested is null) = (promised is null))
);
create index harvests_producer_idx on harvests (producer_id);
create index harvests_product_idx on harvests (product_id);
create index harvests_variant_idx on harvests (variant_id);
create unique index harvests_live_key on harvests (variant_id) where status in ('open', 'closed');
comment on table harvests is 'What is sold before it is harvested, up to what is expected';
alter table harvests enable row level security;
create policy harvests_read on harvests for select using (actor_role() <> 'none');
create policy harvests_plan on harvests for insert with check (producer_id = actor_producer());
create policy harvests_change on harvests for update using (producer_id = actor_producer() or actor_is_staff());
grant select, insert, update on harvests to ocop_app;

create table order_shortfalls (
    order_id uuid not null references orders (id),
    variant_id uuid not null references variants (id),
    harvest_id uuid not null references harvests (id),
    buyer_account_id uuid not null references accounts (id),
    producer_id uuid not null references producers (id),
    quantity integer not null constraint order_shortfalls_quantity_check check (quantity > 0),
    refund_vnd bigint not null constraint order_shortfalls_refund_check check (refund_vnd between 0 and 100000000000),
    at timestamptz not null,
    primary key (order_id, variant_id)
);
create index order_shortfalls_variant_idx on order_shortfalls (variant_id);
create index order_shortfalls_harvest_idx on order_shortfalls (harvest_id);
create index order_shortfalls_buyer_idx on order_shortfalls (buyer_account_id);
create index order_shortfalls_producer_idx on order_shortfalls (producer_id);
comment on table order_shortfalls is 'What a smaller harvest did not bring of an order that gets the rest, and what is owed back for it';
create trigger order_shortfalls_append_only before update or delete on order_shortfalls
    for each row execute function refuse_change();
alter table order_shortfalls enable row level security;
create policy order_shortfalls_parties on order_shortfalls for select using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account())
    or producer_id = actor_producer() or actor_is_staff());
create policy order_shortfalls_write on order_shortfalls for insert with check (actor_is_staff());
grant select, insert on order_shortfalls to ocop_app;

-- What is told of harvests.
alter table notices
    drop constraint notices_topic_check,
    add constraint notices_topic_check check (topic in (
        'order_paid', 'order_reminder', 'order_reminder_helper', 'order_reminder_officer', 'order_accepted',
        'order_refused', 'order_auto_cancelled', 'order_cancelled', 'order_packed', 'weight_question',
        'order_handed_over', 'ready_for_pickup', 'order_delivered', 'delivery_failed', 'order_returned', 'refund_owed',
        'harvest_due', 'harvest_in', 'harvest_short', 'lot_recalled', 'claim_opened', 'claim_decided',
        'complaint_received', 'complaint_answered', 'message_received', 'review_written', 'review_answered',
        'voucher_spent_out'));

alter table orders
    drop constraint orders_status_check,
    add constraint orders_status_check check (status in
        ('awaiting_payment', 'expired', 'paid', 'waiting_harvest', 'accepted', 'weight_in_question', 'packed', 'ready_for_pickup', 'handed_over',
         'in_transit', 'delivery_failed', 'returning', 'returned', 'delivered', 'disputed', 'completed', 'partially_refunded',
         'refunded', 'cancelled', 'refused', 'auto_cancelled'));

create or replace function order_steps() returns table (from_status text, to_status text)
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
        ('returning', 'returned'), ('paid', 'waiting_harvest'), ('waiting_harvest', 'auto_cancelled'),
        ('waiting_harvest', 'cancelled'), ('waiting_harvest', 'paid'), ('waiting_harvest', 'refused'),
        ('weight_in_question', 'auto_cancelled'), ('weight_in_question', 'cancelled'), ('weight_in_question', 'packed'),
        ('weight_in_question', 'refused')
$$;

create or replace view invariant_lot_levels with (security_invoker = true) as
select format('%s/%s', lot_id, variant_id) as object,
       format('on hand %s, movements %s, reserved %s, held %s',
              coalesce(l.on_hand, 0), coalesce(m.moved, 0), coalesce(l.reserved, 0), coalesce(h.held, 0)) as detail
from lot_levels l
full join (select lot_id, variant_id, sum(delta) as moved from stock_movements group by lot_id, variant_id) m
    using (lot_id, variant_id)
full join (select lot_id, variant_id, sum(quantity) as held from reservations where status = 'held'
           group by lot_id, variant_id) h using (lot_id, variant_id)
where coalesce(l.on_hand, 0) <> coalesce(m.moved, 0) or coalesce(l.reserved, 0) <> coalesce(h.held, 0)
   or l.reserved > l.on_hand or l.reserved < 0
union all
select format('%s/%s', l.lot_id, l.variant_id), 'of another product or producer than its lot'
from lot_levels l
left join lots b on b.id = l.lot_id
left join stock_levels s on s.variant_id = l.variant_id
where (b.producer_id, b.product_id) is distinct from (s.producer_id, s.product_id)
   or l.producer_id is distinct from s.producer_id
   or (b.code is null and b.id <> l.variant_id and not exists (select from harvests h where h.lot_id = b.id));

create or replace view invariant_lot_sales with (security_invoker = true) as
select format('%s/%s/%s', order_id, variant_id, lot_id) as object,
       format('%s of %s, sold %s in %s, returned %s in %s', coalesce(r.status, 'none'), coalesce(r.quantity, 0),
              coalesce(m.sold, 0), coalesce(m.sold_times, 0), coalesce(m.returned, 0), coalesce(m.returned_times, 0)) as detail
from reservations r
full join (select order_id, variant_id, lot_id,
                  -sum(delta) filter (where kind = 'sold') as sold, count(*) filter (where kind = 'sold') as sold_times,
                  sum(delta) filter (where kind = 'returned') as returned,
                  count(*) filter (where kind = 'returned') as returned_times
           from stock_movements where order_id is not null and kind in ('sold', 'returned')
           group by order_id, variant_id, lot_id) m using (order_id, variant_id, lot_id)
left join (select s.order_id, s.variant_id, h.lot_id, s.quantity as missing
           from order_shortfalls s join harvests h on h.id = s.harvest_id) s using (order_id, variant_id, lot_id)
where coalesce(m.sold, 0) <> case when r.status in ('consumed', 'returned') then r.quantity + coalesce(s.missing, 0) else 0 end
   or coalesce(m.returned, 0) <> case when r.status = 'returned' then r.quantity else 0 end
   or m.sold_times > 1 or m.returned_times > 1;

create or replace view invariant_reservations with (security_invoker = true) as
select format('%s/%s', order_id, variant_id) as object,
       format('order %s, line %s, reservation %s %s', coalesce(l.status, 'none'), coalesce(l.quantity, 0),
              coalesce(r.status, 'none'), coalesce(r.quantity, 0)) as detail
from (select ol.order_id, ol.variant_id, o.status,
             ol.quantity - coalesce((select s.quantity from order_shortfalls s
                                      where s.order_id = ol.order_id and s.variant_id = ol.variant_id), 0) as quantity,
             case when o.status = 'awaiting_payment' then 'held'
                  when o.paid_at is not null then 'consumed'
                  else 'released' end as wanted
      from order_lines ol join orders o on o.id = ol.order_id) l
full join (select order_id, variant_id, sum(quantity) as quantity, string_agg(distinct status, ' ') as status
           from reservations group by order_id, variant_id) r using (order_id, variant_id)
where l.quantity is distinct from r.quantity
   or coalesce(l.wanted <> case r.status when 'returned' then 'consumed' else r.status end, true);

create or replace view invariant_order_movements with (security_invoker = true) as
select format('%s/%s', order_id, variant_id) as object,
       format('sold %s of %s in %s, returned %s of %s in %s', -coalesce(m.sold, 0), coalesce(l.sold, 0), coalesce(m.sold_times, 0),
              coalesce(m.returned, 0), coalesce(l.returned, 0), coalesce(m.returned_times, 0)) as detail
from (select ol.order_id, ol.variant_id,
             case when o.paid_at is not null then ol.quantity else 0 end as sold,
             case when o.paid_at is not null and o.status in ('cancelled', 'refused', 'auto_cancelled') then
               ol.quantity - coalesce((select s.quantity from order_shortfalls s
                                      where s.order_id = ol.order_id and s.variant_id = ol.variant_id), 0) else 0 end as returned
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

-- What a harvest did not bring was not sold.
create or replace view invariant_sales_daily with (security_invoker = true) as
select format('%s/%s/%s/%s', producer_id, sold_on, commune_code, product_set) as object,
       format('kept %s %s %s, sold %s %s %s', d.value_vnd, d.units, d.grams, l.value_vnd, l.units, l.grams) as detail
from sales_daily d
full join (select o.producer_id, o.paid_on as sold_on, ol.origin_commune_code as commune_code, ol.product_set,
                  sum(ol.total_vnd - coalesce(s.quantity, 0) * ol.price_vnd) as value_vnd,
                  sum(ol.quantity - coalesce(s.quantity, 0)) as units,
                  sum((ol.quantity - coalesce(s.quantity, 0))::bigint * ol.net_weight_g) as grams
           from orders o join order_lines ol on ol.order_id = o.id
           left join order_shortfalls s on s.order_id = ol.order_id and s.variant_id = ol.variant_id
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

-- Of a planned harvest no more is promised than is expected, and its paid orders wait for it, with an end; no order
-- waits for one that is decided. What a smaller harvest did not bring is missing in its orders and in none besides, went
-- back once, is owed back once, and neither weighed nor claimed besides.
create view invariant_harvests with (security_invoker = true) as
select h.id::text as object, format('%s: promised %s of %s', h.status, sum(r.quantity), h.expected) as detail
from harvests h join reservations r on r.lot_id = h.lot_id and r.status in ('held', 'consumed')
where h.status in ('open', 'closed')
group by h.id having sum(r.quantity) > h.expected
union all
select o.id::text, format('%s with goods of a harvest that is %s', o.status, h.status)
from harvests h
join reservations r on r.lot_id = h.lot_id and r.status = 'consumed'
join orders o on o.id = r.order_id
where (h.status in ('open', 'closed') and o.status <> 'waiting_harvest')
   or (h.status in ('harvested', 'cancelled') and o.status = 'waiting_harvest')
union all
select o.id::text, format('waits until %s for no harvest or without an end', coalesce(o.due_at::text, 'never'))
from orders o
where o.status = 'waiting_harvest' and (o.due_at is null or not exists (
    select from reservations r join harvests h on h.lot_id = r.lot_id where r.order_id = o.id and r.status = 'consumed'))
union all
select h.id::text, format('%s, its lot sells until %s', h.status, coalesce(l.sells_until::text, 'nothing'))
from harvests h join lots l on l.id = h.lot_id
where (h.status in ('open', 'closed')) <> (l.sells_until is not null)
   or (l.producer_id, l.product_id) <> (h.producer_id, h.product_id)
union all
select l.id::text, 'planned for no harvest'
from lots l where l.sells_until is not null and not exists (select from harvests h where h.lot_id = l.id)
union all
select h.id::text, format('%s came of %s, missing %s and %s', h.harvested, h.promised, coalesce(s.missing, 0), coalesce(n.lost, 0))
from harvests h
left join (select harvest_id, sum(quantity) as missing from order_shortfalls group by harvest_id) s on s.harvest_id = h.id
left join (select r.lot_id, sum(r.quantity) as lost
           from reservations r
           where exists (select from order_refunds f where f.order_id = r.order_id and f.cause = 'harvest_short')
             and not exists (select from order_shortfalls s where s.order_id = r.order_id)
           group by r.lot_id) n on n.lot_id = h.lot_id
where h.status = 'harvested'
  and coalesce(s.missing, 0) + coalesce(n.lost, 0) <> h.promised - least(h.harvested, h.promised)
union all
select format('%s/%s', order_id, variant_id), format('missing %s, went back %s', coalesce(s.quantity, 0), coalesce(m.moved, 0))
from order_shortfalls s
full join (select order_id, variant_id, sum(delta) as moved from stock_movements where kind = 'short' group by order_id, variant_id) m
    using (order_id, variant_id)
where s.quantity is distinct from m.moved
union all
select order_id::text, format('missing for %s, owed back %s', coalesce(s.refund_vnd, 0), coalesce(f.total, 0))
from (select order_id, sum(refund_vnd) as refund_vnd from order_shortfalls group by order_id) s
full join (select order_id, sum(amount_vnd) as total from order_refunds where cause = 'harvest_short' group by order_id) f using (order_id)
left join orders o on o.id = order_id
where coalesce(f.total, 0) <> coalesce(s.refund_vnd, case when o.status = 'refused' then o.total_vnd else 0 end)
union all
select format('%s/%s', s.order_id, s.variant_id),
       format('missing %s for %s, weighed for %s, claimed %s, of %s for %s', s.quantity, s.refund_vnd, coalesce(w.refund_vnd, 0),
              coalesce(c.quantity, 0), coalesce(l.quantity, 0), coalesce(l.total_vnd - l.discount_vnd, 0))
from order_shortfalls s
left join order_lines l on l.order_id = s.order_id and l.variant_id = s.variant_id
left join order_weights w on w.order_id = s.order_id and w.variant_id = s.variant_id
left join (select c.order_id, cl.variant_id, cl.quantity, cl.amount_vnd
           from claim_lines cl join claims c on c.id = cl.claim_id) c on c.order_id = s.order_id and c.variant_id = s.variant_id
where (s.quantity < l.quantity and s.quantity + coalesce(c.quantity, 0) <= l.quantity
       and s.refund_vnd + greatest(w.refund_vnd, c.amount_vnd, 0) <= l.total_vnd - l.discount_vnd
       and (s.buyer_account_id, s.producer_id) = (l.buyer_account_id, l.producer_id)) is not true;
grant select on invariant_harvests to ocop_app;
