drop view invariant_expired_lots;
drop view invariant_lot_sales;
drop view invariant_lot_levels;

-- The older program knows one stock per variant and would sell all of it: what must not be sold is written off, except
-- what is held for buyers.
alter table stock_movements disable trigger stock_movements_append_only;
delete from stock_movements where delta = 0;
insert into stock_movements (id, variant_id, lot_id, producer_id, kind, delta, saleable_delta, at)
    select gen_random_uuid(), l.variant_id, l.lot_id, l.producer_id, 'spoiled', l.reserved - l.on_hand, 0, now()
    from lot_levels l join lots b on b.id = l.lot_id where not b.is_saleable and l.on_hand > l.reserved;
update stock_levels s set on_hand = s.on_hand + t.reserved, reserved = s.reserved + t.reserved
    from (select l.variant_id, sum(l.reserved)::int as reserved from lot_levels l join lots b on b.id = l.lot_id
          where not b.is_saleable group by l.variant_id) t where t.variant_id = s.variant_id;
-- Of a line that came from several lots it knows one sale.
create temporary table joined on commit drop as
    select order_id, variant_id, kind, sum(delta) as delta, (array_agg(id order by id))[1] as kept
    from stock_movements where kind in ('sold', 'returned') group by order_id, variant_id, kind having count(*) > 1;
update stock_movements m set delta = j.delta from joined j where j.kept = m.id;
delete from stock_movements m using joined j
    where m.order_id = j.order_id and m.variant_id = j.variant_id and m.kind = j.kind and m.id <> j.kept;
alter table stock_movements enable trigger stock_movements_append_only;

create temporary table reserved on commit drop as
    select order_id, variant_id, sum(quantity)::int as quantity, (array_agg(lot_id order by lot_id))[1] as lot_id
    from reservations group by order_id, variant_id;
delete from reservations r using reserved k
    where r.order_id = k.order_id and r.variant_id = k.variant_id and r.lot_id <> k.lot_id;
update reservations r set quantity = k.quantity, status = case status when 'returned' then 'consumed' else status end
    from reserved k where r.order_id = k.order_id and r.variant_id = k.variant_id;
delete from jobs where kind = 'expire_lots';

create or replace view invariant_stock_reserved with (security_invoker = true) as
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
create or replace view invariant_stock_on_hand with (security_invoker = true) as
select variant_id::text as object,
       format('on hand %s, movements %s', coalesce(s.on_hand, 0), coalesce(m.moved, 0)) as detail
from stock_levels s
full join (select variant_id, sum(delta) as moved from stock_movements group by variant_id) m using (variant_id)
where coalesce(s.on_hand, 0) <> coalesce(m.moved, 0);
create or replace view invariant_reservations with (security_invoker = true) as
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

drop view lot_orders;
drop index reservations_lot_idx;
alter table reservations
    drop constraint reservations_pkey,
    drop constraint reservations_lot_fkey,
    drop constraint reservations_status_check,
    drop column lot_id,
    add primary key (order_id, variant_id),
    add constraint reservations_variant_id_fkey foreign key (variant_id) references variants (id),
    add constraint reservations_status_check check (status in ('held', 'consumed', 'released'));
create index reservations_held_idx on reservations (variant_id) where status = 'held';
create index reservations_variant_id_idx on reservations (variant_id);

drop index stock_movements_lot_id_idx;
drop index stock_movements_variant_id_idx;
alter table stock_movements
    drop constraint stock_movements_kind_check,
    drop constraint stock_movements_delta_check,
    drop column lot_id,
    drop column saleable_delta,
    add constraint stock_movements_kind_check
        check (kind in ('opening', 'harvested', 'counted', 'spoiled', 'sold_elsewhere', 'sold', 'returned')),
    add constraint stock_movements_delta_check check (delta <> 0);
create index stock_movements_variant_id_idx on stock_movements (variant_id, at);
comment on table stock_movements is 'Why the stock on hand is what it is; its sum per variant equals on_hand';

drop table lot_levels;
drop table lots;
comment on table stock_levels is null;
alter table stock_levels drop column product_id;
