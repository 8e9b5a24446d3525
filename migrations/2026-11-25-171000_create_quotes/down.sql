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

alter table producers drop column minimum_order_vnd;
alter table variants drop column is_weighed;
alter table order_lines drop column discount_vnd, drop column transport_class, drop column is_weighed;
update orders set total_vnd = 1 where total_vnd = 0;
alter table orders
    drop constraint orders_total_check,
    add constraint orders_total_check check (total_vnd between 1 and 100000000000),
    drop column quote_id, drop column contract_sha256, drop column delivery_code, drop column pickup_code;
drop table quote_contracts;
drop table quotes;
