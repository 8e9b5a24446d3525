create table sales_daily (
    sold_on date not null,
    province_code text not null references provinces (code),
    commune_code text not null references communes (code),
    product_set smallint not null references product_sets (number),
    producer_id uuid not null references producers (id),
    value_vnd bigint not null,
    units bigint not null,
    grams bigint not null,
    primary key (producer_id, sold_on, commune_code, product_set),
    constraint sales_daily_figures_check check (value_vnd >= 0 and units >= 0 and grams >= 0)
);
create index sales_daily_commune_idx on sales_daily (commune_code, sold_on);
create index sales_daily_sold_on_idx on sales_daily (sold_on);
create index sales_daily_province_idx on sales_daily (province_code, sold_on);
create index sales_daily_product_set_idx on sales_daily (product_set);
comment on table sales_daily is 'Paid and not cancelled sales by Vietnamese day of payment, kept in the transaction of each change';

-- How many orders held exactly this set of (commune, product set) cells. Orders cannot be added up
-- over cells without counting one twice; over baskets they can, for every filter and grouping.
create table sales_baskets (
    sold_on date not null,
    producer_id uuid not null references producers (id),
    -- 'commune/set' cells, sorted by commune, then by number of the set: {00721/4,00721/11,00769/4}.
    cells text[] not null,
    orders bigint not null constraint sales_baskets_orders_check check (orders >= 0),
    primary key (producer_id, sold_on, cells)
);
create index sales_baskets_sold_on_idx on sales_baskets (sold_on);

alter table sales_daily enable row level security;
create policy sales_daily_platform on sales_daily using (actor_is_staff());
create policy sales_daily_territory on sales_daily for select using (
    actor_role() = 'official' and (province_code = actor_province() or commune_code = any (actor_communes())));
alter table sales_baskets enable row level security;
create policy sales_baskets_platform on sales_baskets using (actor_is_staff());
-- Cells outside the territory are cut away by the query (see sales_basket_cells).
create policy sales_baskets_official on sales_baskets for select using (actor_role() = 'official');

create view sales_basket_cells with (security_invoker = true) as
select b.sold_on, b.producer_id, b.cells, b.orders,
       split_part(cell, '/', 1) as commune_code,
       split_part(cell, '/', 2)::smallint as product_set
from sales_baskets b cross join unnest(b.cells) as cell;

grant select, insert, update on sales_daily, sales_baskets to ocop_app;
grant select on sales_basket_cells to ocop_app;
