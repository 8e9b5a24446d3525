-- Every unit of stock belongs to a lot. A lot is what was harvested or packed together and may be packed as several
-- variants of its product. What comes without a word about its lot goes to the undated lot of its variant, whose id is
-- the variant's, so that nobody has to look for it.
alter table stock_levels add column product_id uuid references products (id);
update stock_levels s set product_id = v.product_id from variants v where v.id = s.variant_id;
alter table stock_levels alter column product_id set not null;
create index stock_levels_product_id_idx on stock_levels (product_id);
comment on table stock_levels is
    'The sums of a variant''s lots that can be sold; its lock guards their levels, so whoever changes those holds it';

create table lots (
    id uuid primary key,
    producer_id uuid not null references producers (id),
    product_id uuid not null references products (id),
    -- As printed on the label; an undated lot has none.
    code text constraint lots_code_check check (code ~ '^[A-Z0-9][A-Z0-9./_-]{0,39}$'),
    harvested_on date,
    packed_on date,
    -- The last day on which it may be sold.
    expires_on date,
    origin_commune_code text references communes (code),
    status text not null constraint lots_status_check check (status in ('open', 'closed', 'expired', 'recalled')),
    status_reason text,
    -- What it holds counts in stock_levels.
    is_saleable boolean not null generated always as (status in ('open', 'closed')) stored,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint lots_code_key unique (producer_id, code),
    constraint lots_dates_check check (packed_on >= harvested_on and expires_on >= coalesce(packed_on, harvested_on)),
    constraint lots_undated_check check (
        (code is null) = (harvested_on is null)
        and (code is not null or (packed_on is null and expires_on is null and status = 'open'))),
    constraint lots_recalled_check check ((status = 'recalled') = (status_reason is not null))
);
create index lots_product_id_idx on lots (product_id);
create index lots_origin_idx on lots (origin_commune_code);
create index lots_expiring_idx on lots (expires_on) where is_saleable;

create table lot_levels (
    lot_id uuid not null references lots (id),
    variant_id uuid not null references stock_levels (variant_id),
    producer_id uuid not null references producers (id),
    on_hand integer not null,
    reserved integer not null default 0,
    primary key (lot_id, variant_id),
    -- Behind every conditional update: what is promised of a lot never exceeds what is there.
    constraint lot_levels_reserved_check check (reserved between 0 and on_hand)
) with (fillfactor = 70);
create index lot_levels_variant_id_idx on lot_levels (variant_id);
create index lot_levels_producer_id_idx on lot_levels (producer_id);

insert into lots (id, producer_id, product_id, status, created_at, updated_at)
    select variant_id, producer_id, product_id, 'open', now(), now() from stock_levels;
insert into lot_levels (lot_id, variant_id, producer_id, on_hand, reserved)
    select variant_id, variant_id, producer_id, on_hand, reserved from stock_levels;

-- `delta` is what changed in the lot, `saleable_delta` what changed in what can be sold: both for goods of a lot that
-- can be sold, only the first for goods of one that cannot, only the second when a lot becomes the one or the other.
alter table stock_movements disable trigger stock_movements_append_only;
alter table stock_movements add column lot_id uuid, add column saleable_delta integer;
update stock_movements set lot_id = variant_id, saleable_delta = delta;
alter table stock_movements enable trigger stock_movements_append_only;
alter table stock_movements
    alter column lot_id set not null,
    alter column saleable_delta set not null,
    drop constraint stock_movements_kind_check,
    add constraint stock_movements_kind_check check (kind in
        ('opening', 'harvested', 'counted', 'spoiled', 'sold_elsewhere', 'sold', 'returned', 'expired', 'recalled', 'reinstated')),
    drop constraint stock_movements_delta_check,
    -- A count that finds what was thought to be there is worth knowing, too.
    add constraint stock_movements_delta_check check (delta <> 0 or saleable_delta <> 0 or kind = 'counted');
drop index stock_movements_variant_id_idx;
create index stock_movements_variant_id_idx on stock_movements (variant_id, at, id);
create index stock_movements_lot_id_idx on stock_movements (lot_id);
comment on table stock_movements is
    'Why stock is what it is: per lot the sum of delta is its on_hand, per variant that of saleable_delta the level''s';

alter table reservations add column lot_id uuid;
update reservations set lot_id = variant_id;
alter table reservations
    drop constraint reservations_pkey,
    add primary key (order_id, variant_id, lot_id),
    drop constraint reservations_variant_id_fkey,
    add constraint reservations_lot_fkey foreign key (lot_id, variant_id) references lot_levels (lot_id, variant_id),
    drop constraint reservations_status_check,
    add constraint reservations_status_check check (status in ('held', 'consumed', 'released', 'returned'));
drop index reservations_held_idx;
drop index reservations_variant_id_idx;
create index reservations_lot_idx on reservations (lot_id, variant_id);
update reservations r set status = 'returned'
    where status = 'consumed' and exists (
        select from stock_movements m where m.order_id = r.order_id and m.variant_id = r.variant_id and m.kind = 'returned');

-- Which orders hold or got goods of a lot, for whoever must call them back. Orders stand above the stock in the
-- program, so it reads them here.
create view lot_orders with (security_invoker = true) as
select r.lot_id, r.variant_id, r.producer_id, r.buyer_account_id, r.quantity,
       o.id as order_id, o.code as order_code, o.status as order_status, o.paid_at
from reservations r join orders o on o.id = r.order_id
where r.status in ('held', 'consumed');

alter table lots enable row level security;
create policy lots_read on lots for select using (actor_role() <> 'none');
create policy lots_open on lots for insert with check (producer_id = actor_producer() or actor_is_staff());
create policy lots_change on lots for update using (producer_id = actor_producer() or actor_is_staff());
alter table lot_levels enable row level security;
create policy lot_levels_read on lot_levels for select using (actor_role() <> 'none');
create policy lot_levels_open on lot_levels for insert with check (producer_id = actor_producer() or actor_is_staff());
create policy lot_levels_change on lot_levels for update
    using (producer_id = actor_producer() or actor_role() = 'buyer' or actor_is_staff());
grant select, insert, update on lots, lot_levels to ocop_app;
grant select on lot_orders to ocop_app;

-- A level is the sum of its lots that can be sold.
create or replace view invariant_stock_reserved with (security_invoker = true) as
select s.variant_id::text as object,
       format('on hand %s, reserved %s, in saleable lots %s and %s',
              s.on_hand, s.reserved, coalesce(t.on_hand, 0), coalesce(t.reserved, 0)) as detail
from stock_levels s
left join (select l.variant_id, sum(l.on_hand) as on_hand, sum(l.reserved) as reserved
           from lot_levels l join lots b on b.id = l.lot_id where b.is_saleable group by l.variant_id) t using (variant_id)
where s.on_hand < 0 or s.reserved < 0 or s.reserved > s.on_hand
   or s.on_hand <> coalesce(t.on_hand, 0) or s.reserved <> coalesce(t.reserved, 0)
union all
select l.variant_id::text, 'in lots without a stock level'
from lot_levels l where not exists (select from stock_levels s where s.variant_id = l.variant_id);

create or replace view invariant_stock_on_hand with (security_invoker = true) as
select variant_id::text as object,
       format('on hand %s, movements %s', coalesce(s.on_hand, 0), coalesce(m.moved, 0)) as detail
from stock_levels s
full join (select variant_id, sum(saleable_delta) as moved from stock_movements group by variant_id) m using (variant_id)
where coalesce(s.on_hand, 0) <> coalesce(m.moved, 0);

-- What is in a lot is the sum of what happened to it; what is promised of it is what is held; it is of one product.
create view invariant_lot_levels with (security_invoker = true) as
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
   or (b.code is null and b.id <> l.variant_id);

-- What left a lot for an order is what the order has of it, once, and what came back is what it gave back, once.
create view invariant_lot_sales with (security_invoker = true) as
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
where coalesce(m.sold, 0) <> case when r.status in ('consumed', 'returned') then r.quantity else 0 end
   or coalesce(m.returned, 0) <> case when r.status = 'returned' then r.quantity else 0 end
   or m.sold_times > 1 or m.returned_times > 1;

-- An hour after its last day nothing of a lot is for sale.
create view invariant_expired_lots with (security_invoker = true) as
select id::text as object, format('for sale after %s', expires_on) as detail
from lots
where is_saleable and expires_on < ((now() - interval '1 hour') at time zone 'UTC' + interval '7 hours')::date;

-- An unpaid order holds its lines, a paid one has consumed them, one that ended unpaid has released them.
create or replace view invariant_reservations with (security_invoker = true) as
select format('%s/%s', order_id, variant_id) as object,
       format('order %s, line %s, reservation %s %s', coalesce(l.status, 'none'), coalesce(l.quantity, 0),
              coalesce(r.status, 'none'), coalesce(r.quantity, 0)) as detail
from (select ol.order_id, ol.variant_id, ol.quantity, o.status,
             case when o.status = 'awaiting_payment' then 'held'
                  when o.paid_at is not null then 'consumed'
                  else 'released' end as wanted
      from order_lines ol join orders o on o.id = ol.order_id) l
full join (select order_id, variant_id, sum(quantity) as quantity, string_agg(distinct status, ' ') as status
           from reservations group by order_id, variant_id) r using (order_id, variant_id)
where l.quantity is distinct from r.quantity
   or coalesce(l.wanted <> case r.status when 'returned' then 'consumed' else r.status end, true);

-- A paid line left the stock; it came back if the order was cancelled or refused afterwards.
create or replace view invariant_order_movements with (security_invoker = true) as
select format('%s/%s', order_id, variant_id) as object,
       format('sold %s of %s in %s, returned %s of %s in %s', -coalesce(m.sold, 0), coalesce(l.sold, 0), coalesce(m.sold_times, 0),
              coalesce(m.returned, 0), coalesce(l.returned, 0), coalesce(m.returned_times, 0)) as detail
from (select ol.order_id, ol.variant_id,
             case when o.paid_at is not null then ol.quantity else 0 end as sold,
             case when o.paid_at is not null and o.status in ('cancelled', 'refused') then ol.quantity else 0 end as returned
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

grant select on invariant_lot_levels, invariant_lot_sales, invariant_expired_lots to ocop_app;
