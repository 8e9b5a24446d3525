-- What waits for a harvest becomes paid; what was planned becomes a lot like any other.
drop view invariant_harvests;
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
   or (b.code is null and b.id <> l.variant_id);

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
where coalesce(m.sold, 0) <> case when r.status in ('consumed', 'returned') then r.quantity else 0 end
   or coalesce(m.returned, 0) <> case when r.status = 'returned' then r.quantity else 0 end
   or m.sold_times > 1 or m.returned_times > 1;

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
        ('returning', 'returned'), ('weight_in_question', 'auto_cancelled'), ('weight_in_question', 'cancelled'),
        ('weight_in_question', 'packed'), ('weight_in_question', 'refused')
$$;

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

delete from jobs where kind = 'mind_harvest';
delete from notices where topic in ('harvest_due', 'harvest_in');
alter table notices
    drop constraint notices_topic_check,
    add constraint notices_topic_check check (topic in (
        'order_paid', 'order_reminder', 'order_reminder_helper', 'order_reminder_officer', 'order_accepted',
        'order_refused', 'order_auto_cancelled', 'order_cancelled', 'order_packed', 'weight_question',
        'order_handed_over', 'ready_for_pickup', 'order_delivered', 'delivery_failed', 'order_returned', 'refund_owed',
        'harvest_short', 'lot_recalled', 'claim_opened', 'claim_decided', 'complaint_received', 'complaint_answered',
        'message_received', 'review_written', 'review_answered', 'voucher_spent_out'));

alter table order_events disable trigger order_events_append_only;
update order_events set from_status = case from_status when 'waiting_harvest' then 'paid' else from_status end,
    to_status = case to_status when 'waiting_harvest' then 'paid' else to_status end
where 'waiting_harvest' in (from_status, to_status);
alter table order_events enable trigger order_events_append_only;
update orders set status = 'paid' where status = 'waiting_harvest';
alter table orders
    drop constraint orders_status_check,
    add constraint orders_status_check check (status in
        ('awaiting_payment', 'expired', 'paid', 'accepted', 'weight_in_question', 'packed', 'ready_for_pickup', 'handed_over',
         'in_transit', 'delivery_failed', 'returning', 'returned', 'delivered', 'disputed', 'completed', 'partially_refunded',
         'refunded', 'cancelled', 'refused', 'auto_cancelled'));

update reservations r set quantity = r.quantity + s.quantity
from order_shortfalls s join harvests h on h.id = s.harvest_id
where r.order_id = s.order_id and r.variant_id = s.variant_id and r.lot_id = h.lot_id;
update sales_daily d
set value_vnd = d.value_vnd + l.value_vnd, units = d.units + l.units, grams = d.grams + l.grams
from (select o.producer_id, o.paid_on, ol.origin_commune_code, ol.product_set, sum(s.quantity * ol.price_vnd) as value_vnd,
             sum(s.quantity) as units, sum(s.quantity::bigint * ol.net_weight_g) as grams
      from order_shortfalls s
      join order_lines ol on ol.order_id = s.order_id and ol.variant_id = s.variant_id
      join orders o on o.id = s.order_id
      where o.status not in ('cancelled', 'refused', 'auto_cancelled', 'returned', 'refunded')
      group by o.producer_id, o.paid_on, ol.origin_commune_code, ol.product_set) l
where (d.producer_id, d.sold_on, d.commune_code, d.product_set) =
      (l.producer_id, l.paid_on, l.origin_commune_code, l.product_set);
drop table order_shortfalls;

update lots l set code = 'VU-' || upper(left(l.id::text, 8)) || upper(right(l.id::text, 12)),
    harvested_on = (l.created_at at time zone 'UTC')::date
from harvests h where h.lot_id = l.id and l.code is null;
drop table harvests;
alter table stock_movements disable trigger stock_movements_append_only;
update stock_movements set kind = 'counted' where kind in ('planned', 'short');
alter table stock_movements enable trigger stock_movements_append_only;
alter table stock_movements
    drop constraint stock_movements_kind_check,
    add constraint stock_movements_kind_check check (kind in
        ('opening', 'harvested', 'counted', 'spoiled', 'sold_elsewhere', 'sold', 'returned', 'expired', 'recalled', 'reinstated'));
alter table lots drop column sells_from, drop column sells_until;
