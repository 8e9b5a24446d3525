create table products (
    id uuid primary key,
    producer_id uuid not null references producers (id),
    product_set smallint not null references product_sets (number),
    title text not null,
    description text not null,
    origin_commune_code text not null references communes (code),
    status text not null constraint products_status_check check (status in
        ('draft', 'pending_review', 'needs_changes', 'rejected', 'published', 'paused', 'archived')),
    status_reason text,
    published_at timestamptz,
    -- Folded title; and folded producer, commune, former commune and district names.
    title_key text not null,
    place_key text not null,
    search_words tsvector not null generated always as
        (setweight(to_tsvector('simple', title_key), 'A') || setweight(to_tsvector('simple', place_key), 'B')) stored,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint products_published_check check (status <> 'published' or published_at is not null)
);
create index products_producer_id_idx on products (producer_id, id);
create index products_product_set_idx on products (product_set, published_at desc, id) where status = 'published';
create index products_all_product_sets_idx on products (product_set);
create index products_origin_idx on products (origin_commune_code, published_at desc, id) where status = 'published';
create index products_all_origins_idx on products (origin_commune_code);
create index products_public_idx on products (published_at desc, id) where status = 'published';
create index products_review_idx on products (updated_at, id) where status = 'pending_review';
create index products_search_idx on products using gin (search_words) where status = 'published';

create table variants (
    id uuid primary key,
    product_id uuid not null references products (id),
    producer_id uuid not null references producers (id),
    label text not null,
    unit text not null constraint variants_unit_check check (unit in
        ('kg', 'g', 'l', 'ml', 'box', 'bag', 'bottle', 'jar', 'bunch', 'piece', 'metre', 'visit')),
    -- Grams of one sale unit; 0 only for a service.
    net_weight_g integer not null constraint variants_net_weight_check
        check (net_weight_g between 0 and 1000000 and (net_weight_g > 0 or unit = 'visit')),
    price_vnd bigint not null constraint variants_price_check check (price_vnd between 1000 and 1000000000),
    archived_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create index variants_product_id_idx on variants (product_id, id);
create index variants_producer_id_idx on variants (producer_id);
create index variants_price_idx on variants (price_vnd) where archived_at is null;

create table stock_levels (
    variant_id uuid primary key references variants (id),
    producer_id uuid not null references producers (id),
    on_hand integer not null,
    reserved integer not null default 0,
    -- Behind every conditional update: what is promised never exceeds what is there.
    constraint stock_levels_reserved_check check (reserved between 0 and on_hand),
    constraint stock_levels_on_hand_check check (on_hand between 0 and 10000000)
) with (fillfactor = 70);
create index stock_levels_producer_id_idx on stock_levels (producer_id);

create table stock_movements (
    id uuid primary key,
    variant_id uuid not null references variants (id),
    producer_id uuid not null references producers (id),
    kind text not null constraint stock_movements_kind_check
        check (kind in ('opening', 'harvested', 'counted', 'spoiled', 'sold_elsewhere', 'sold', 'returned')),
    delta integer not null constraint stock_movements_delta_check check (delta <> 0),
    order_id uuid,
    actor_account_id uuid,
    note text,
    at timestamptz not null
);
create index stock_movements_variant_id_idx on stock_movements (variant_id, at);
create index stock_movements_producer_id_idx on stock_movements (producer_id);
create trigger stock_movements_append_only before update or delete on stock_movements
    for each row execute function refuse_change();
comment on table stock_movements is 'Why the stock on hand is what it is; its sum per variant equals on_hand';

alter table products enable row level security;
-- Everybody who says who asks sees what is published.
create policy products_read on products for select
    using ((status = 'published' and actor_role() <> 'none') or producer_id = actor_producer() or actor_is_staff());
create policy products_own on products for all
    using (producer_id = actor_producer() or actor_is_staff());
alter table variants enable row level security;
create policy variants_read on variants for select using (actor_role() <> 'none');
create policy variants_own on variants for insert with check (producer_id = actor_producer() or actor_is_staff());
create policy variants_change on variants for update using (producer_id = actor_producer() or actor_is_staff());
alter table stock_levels enable row level security;
create policy stock_levels_read on stock_levels for select using (actor_role() <> 'none');
create policy stock_levels_open on stock_levels for insert with check (producer_id = actor_producer() or actor_is_staff());
create policy stock_levels_change on stock_levels for update
    using (producer_id = actor_producer() or actor_role() = 'buyer' or actor_is_staff());
alter table stock_movements enable row level security;
create policy stock_movements_own on stock_movements for select using (producer_id = actor_producer() or actor_is_staff());
create policy stock_movements_write on stock_movements for insert
    with check (producer_id = actor_producer() or actor_is_staff());

grant select, insert, update on products, variants, stock_levels to ocop_app;
grant select, insert on stock_movements to ocop_app;
