-- How goods must be carried. Spirits (product sets 14 and 15) burn, whatever else is said of them.
alter table products add column transport_class text not null default 'ambient' constraint products_transport_class_check
    check (transport_class in ('ambient', 'fragile', 'fresh_short', 'chilled', 'frozen', 'live', 'liquid_flammable'));
update products set transport_class = 'liquid_flammable' where product_set in (14, 15);
alter table products add constraint products_spirits_check
    check (product_set not in (14, 15) or transport_class = 'liquid_flammable');

-- What carriage costs: versions that begin on a day and are never changed, so that every fee can be explained later.
create table shipping_tariffs (
    id uuid primary key,
    service text not null constraint shipping_tariffs_service_check check (service in ('ghn', 'ghtk', 'viettel_post', 'pooled')),
    effective_from date not null,
    note text,
    created_by uuid references accounts (id),
    created_at timestamptz not null,
    constraint shipping_tariffs_day_key unique (service, effective_from)
);
create index shipping_tariffs_created_by_idx on shipping_tariffs (created_by);
create trigger shipping_tariffs_append_only before update or delete on shipping_tariffs
    for each row execute function refuse_change();
comment on table shipping_tariffs is 'Versions of what carriers and pooled runs cost; the newest that has begun is in force';

create table shipping_tariff_steps (
    tariff_id uuid not null references shipping_tariffs (id),
    zone text not null constraint shipping_tariff_steps_zone_check check (zone in
        ('same_commune', 'bordering_commune', 'same_district', 'same_province', 'other_province')),
    transport_class text not null constraint shipping_tariff_steps_transport_class_check check (transport_class in
        ('ambient', 'fragile', 'fresh_short', 'chilled', 'frozen', 'live', 'liquid_flammable')),
    -- The fee is for parcels up to this weight and beyond the step before.
    weight_g_max integer not null constraint shipping_tariff_steps_weight_check check (weight_g_max between 1 and 10000000),
    fee_vnd bigint not null constraint shipping_tariff_steps_fee_check check (fee_vnd between 0 and 100000000),
    days_min integer not null,
    days_max integer not null,
    primary key (tariff_id, zone, transport_class, weight_g_max),
    constraint shipping_tariff_steps_days_check check (days_min between 0 and days_max and days_max <= 60)
);
create trigger shipping_tariff_steps_append_only before update or delete on shipping_tariff_steps
    for each row execute function refuse_change();
comment on table shipping_tariff_steps is 'Fees by zone, transport class and weight; a class without a step is not carried';

-- Where a producer brings goods himself, and for what.
create table own_deliveries (
    producer_id uuid not null references producers (id),
    zone text not null constraint own_deliveries_zone_check check (zone in
        ('same_commune', 'bordering_commune', 'same_district', 'same_province', 'other_province')),
    fee_vnd bigint not null constraint own_deliveries_fee_check check (fee_vnd between 0 and 100000000),
    -- Goods worth at least this much are brought for nothing.
    free_from_vnd bigint constraint own_deliveries_free_check check (free_from_vnd between 0 and 100000000000),
    weight_g_max integer not null constraint own_deliveries_weight_check check (weight_g_max between 1 and 10000000),
    days_min integer not null,
    days_max integer not null,
    updated_at timestamptz not null,
    primary key (producer_id, zone),
    constraint own_deliveries_days_check check (days_min between 0 and days_max and days_max <= 60)
);

create table pickup_points (
    id uuid primary key,
    kind text not null constraint pickup_points_kind_check check (kind in ('hub', 'stall')),
    -- A stall is its producer's; a hub is the operator's and serves everybody.
    producer_id uuid references producers (id),
    name text not null,
    commune_code text not null references communes (code),
    address text not null,
    opening text not null,
    keeps_cold boolean not null,
    closed_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint pickup_points_owner_check check ((kind = 'stall') = (producer_id is not null))
);
create index pickup_points_producer_id_idx on pickup_points (producer_id);
create index pickup_points_commune_code_idx on pickup_points (commune_code, id);
comment on table pickup_points is 'Stalls and hubs where buyers fetch what they bought';

alter table shipping_tariffs enable row level security;
create policy shipping_tariffs_read on shipping_tariffs for select using (actor_role() <> 'none');
create policy shipping_tariffs_new on shipping_tariffs for insert with check (actor_role() = 'operator');
alter table shipping_tariff_steps enable row level security;
create policy shipping_tariff_steps_read on shipping_tariff_steps for select using (actor_role() <> 'none');
create policy shipping_tariff_steps_new on shipping_tariff_steps for insert with check (actor_role() = 'operator');
alter table own_deliveries enable row level security;
create policy own_deliveries_read on own_deliveries for select using (actor_role() <> 'none');
create policy own_deliveries_own on own_deliveries for all using (producer_id = actor_producer() or actor_is_staff());
alter table pickup_points enable row level security;
create policy pickup_points_read on pickup_points for select using (actor_role() <> 'none');
create policy pickup_points_stalls on pickup_points for all
    using (producer_id = actor_producer()) with check (producer_id = actor_producer());
create policy pickup_points_staff on pickup_points for all using (actor_is_staff());

grant select, insert on shipping_tariffs, shipping_tariff_steps to ocop_app;
grant select, insert, update, delete on own_deliveries to ocop_app;
grant select, insert, update on pickup_points to ocop_app;

-- Starting values, to be replaced by the operator with what his contracts say: a new version with its day.
insert into shipping_tariffs (id, service, effective_from, note, created_at) values
    ('01938d6e-0000-7000-8000-000000000001', 'ghn', '2025-07-01', 'Giá khởi đầu', '2026-11-25T00:00:00Z'),
    ('01938d6e-0000-7000-8000-000000000002', 'ghtk', '2025-07-01', 'Giá khởi đầu', '2026-11-25T00:00:00Z'),
    ('01938d6e-0000-7000-8000-000000000003', 'viettel_post', '2025-07-01', 'Giá khởi đầu', '2026-11-25T00:00:00Z'),
    ('01938d6e-0000-7000-8000-000000000004', 'pooled', '2025-07-01', 'Giá khởi đầu', '2026-11-25T00:00:00Z');

-- The fee of the zone for the first 2 kg, more for each further kilogram, times what the class asks for, rounded up
-- to 500 đồng.
insert into shipping_tariff_steps (tariff_id, zone, transport_class, weight_g_max, fee_vnd, days_min, days_max)
select t.id, z.zone, c.transport_class, w.weight_g_max,
       (((z.base_vnd + z.kg_vnd * greatest(0, (w.weight_g_max - 1001) / 1000)) * c.percent + 49999) / 50000) * 500,
       z.days_min, z.days_max
from shipping_tariffs t
join (values
    ('ghn', 'same_commune', 16500, 3000, 1, 2), ('ghn', 'bordering_commune', 18500, 3000, 1, 2),
    ('ghn', 'same_district', 20500, 3500, 1, 3), ('ghn', 'same_province', 22000, 4000, 2, 4),
    ('ghn', 'other_province', 32000, 6000, 3, 6),
    ('ghtk', 'same_commune', 17000, 2500, 1, 2), ('ghtk', 'bordering_commune', 19000, 2500, 1, 2),
    ('ghtk', 'same_district', 21000, 3000, 1, 3), ('ghtk', 'same_province', 23000, 4000, 2, 4),
    ('ghtk', 'other_province', 33000, 5500, 3, 6),
    ('viettel_post', 'same_commune', 16000, 3000, 1, 2), ('viettel_post', 'bordering_commune', 18000, 3000, 1, 2),
    ('viettel_post', 'same_district', 20000, 3500, 1, 3), ('viettel_post', 'same_province', 23500, 4500, 2, 4),
    ('viettel_post', 'other_province', 34000, 6500, 3, 6),
    ('pooled', 'same_commune', 8000, 500, 1, 3), ('pooled', 'bordering_commune', 10000, 800, 1, 3),
    ('pooled', 'same_district', 12000, 1000, 1, 4), ('pooled', 'same_province', 18000, 1500, 2, 5)
) as z (service, zone, base_vnd, kg_vnd, days_min, days_max) on z.service = t.service
join (values
    ('ghn', 'ambient', 100), ('ghn', 'fragile', 120),
    ('ghtk', 'ambient', 100), ('ghtk', 'fragile', 120),
    ('viettel_post', 'ambient', 100), ('viettel_post', 'fragile', 120), ('viettel_post', 'fresh_short', 130),
    ('pooled', 'ambient', 100), ('pooled', 'fragile', 110), ('pooled', 'fresh_short', 100), ('pooled', 'chilled', 130),
    ('pooled', 'live', 150), ('pooled', 'liquid_flammable', 120)
) as c (service, transport_class, percent) on c.service = t.service
join (values
    ('ghn', 500), ('ghn', 1000), ('ghn', 2000), ('ghn', 3000), ('ghn', 5000), ('ghn', 10000), ('ghn', 20000), ('ghn', 30000),
    ('ghtk', 500), ('ghtk', 1000), ('ghtk', 2000), ('ghtk', 3000), ('ghtk', 5000), ('ghtk', 10000), ('ghtk', 19999),
    ('viettel_post', 500), ('viettel_post', 1000), ('viettel_post', 2000), ('viettel_post', 3000), ('viettel_post', 5000),
    ('viettel_post', 10000), ('viettel_post', 20000), ('viettel_post', 30000),
    ('pooled', 1000), ('pooled', 5000), ('pooled', 10000), ('pooled', 20000), ('pooled', 50000), ('pooled', 100000),
    ('pooled', 300000)
) as w (service, weight_g_max) on w.service = t.service;
