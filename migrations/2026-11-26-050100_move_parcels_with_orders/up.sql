-- A parcel that people bring and its order say the same. Where only the order was told so far, its parcel is now.
with last as (
    select distinct on (s.order_id) s.* from shipments s order by s.order_id, s.created_at desc, s.id desc
), behind as (
    select s.id, s.producer_id, s.buyer_account_id, o.updated_at,
           case when o.status in ('delivery_failed', 'returning', 'returned') then o.status else 'delivered' end as status
    from last s join orders o on o.id = s.order_id
    where s.booking in ('none', 'by_hand') and s.status not in ('delivered', 'returned', 'cancelled', 'lost', 'damaged')
      and o.status in ('delivery_failed', 'returning', 'returned', 'delivered', 'disputed', 'completed',
                       'partially_refunded', 'refunded')
      and not exists (select from jobs j where j.kind = 'shipment_moved' and j.done_at is null
                      and j.payload ->> 'shipment_id' = s.id::text)
), told as (
    insert into shipment_events (id, shipment_id, producer_id, buyer_account_id, source, status, happened_at, received_at, dedup_key)
    select gen_random_uuid(), id, producer_id, buyer_account_id, 'platform', status, updated_at, now(), 'with_order' from behind
)
update shipments s set status = b.status, version = s.version + 1, updated_at = now()
from behind b where b.id = s.id and s.status <> b.status;

-- An order and a parcel that people bring say the same, as soon as the order has followed.
create view invariant_parcels_by_hand with (security_invoker = true) as
select o.id::text as object, format('order %s, parcel %s', o.status, s.status) as detail
from orders o
join lateral (select s.id, s.booking, s.status from shipments s where s.order_id = o.id
              order by s.created_at desc, s.id desc limit 1) s on s.booking in ('none', 'by_hand')
where s.status not in ('cancelled', 'lost', 'damaged')
  and case
      when o.status in ('handed_over', 'in_transit') then s.status in ('delivered', 'delivery_failed', 'returning', 'returned')
      when o.status = 'delivery_failed' then s.status not in ('delivery_failed', 'exception')
      -- What a buyer claimed of was delivered, and comes back without a parcel of ours.
      when o.status = 'returning' then s.status not in ('returning', 'delivered')
      when o.status = 'returned' then s.status not in ('returned', 'delivered')
      when o.status in ('delivered', 'disputed', 'completed', 'partially_refunded', 'refunded') then s.status <> 'delivered'
      else false
  end
  and not exists (select from jobs j where j.kind = 'shipment_moved' and j.done_at is null and j.dead_at is null
                  and j.payload ->> 'shipment_id' = s.id::text);
grant select on invariant_parcels_by_hand to ocop_app;
