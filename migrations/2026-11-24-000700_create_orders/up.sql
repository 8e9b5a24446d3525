create table carts (
    account_id uuid primary key references accounts (id),
    version integer not null default 1,
    updated_at timestamptz not null
);
create table cart_lines (
    account_id uuid not null references carts (account_id),
    variant_id uuid not null references variants (id),
    quantity integer not null constraint cart_lines_quantity_check check (quantity between 1 and 10000),
    added_at timestamptz not null,
    primary key (account_id, variant_id)
);
create index cart_lines_variant_id_idx on cart_lines (variant_id);

create table checkouts (
    id uuid primary key,
    buyer_account_id uuid not null references accounts (id),
    client_ref uuid,
    status text not null constraint checkouts_status_check
        check (status in ('awaiting_payment', 'paid', 'expired', 'cancelled')),
    total_vnd bigint not null constraint checkouts_total_check check (total_vnd between 1 and 100000000000),
    expires_at timestamptz not null,
    paid_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint checkouts_client_ref_key unique (buyer_account_id, client_ref),
    constraint checkouts_paid_check check ((status = 'paid') = (paid_at is not null))
);
create index checkouts_buyer_idx on checkouts (buyer_account_id, id);

create table orders (
    id uuid primary key,
    -- Eight characters to say on the telephone.
    code text not null constraint orders_code_key unique,
    checkout_id uuid not null references checkouts (id),
    buyer_account_id uuid not null references accounts (id),
    producer_id uuid not null references producers (id),
    status text not null constraint orders_status_check check (status in
        ('awaiting_payment', 'paid', 'accepted', 'packed', 'handed_over', 'delivered', 'completed',
         'expired', 'cancelled', 'refused')),
    status_reason text,
    total_vnd bigint not null constraint orders_total_check check (total_vnd between 1 and 100000000000),
    recipient_name text not null,
    recipient_phone text not null,
    recipient_commune_code text not null,
    recipient_address text not null,
    note text,
    paid_at timestamptz,
    -- The day of the sale in Vietnam; figures by day count by it.
    paid_on date,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint orders_paid_check check (
        (paid_at is null) = (paid_on is null)
        and (status not in ('paid', 'accepted', 'packed', 'handed_over', 'delivered', 'completed', 'refused') or paid_at is not null)
        and (status not in ('awaiting_payment', 'expired') or paid_at is null)
    ),
    constraint orders_checkout_producer_key unique (checkout_id, producer_id)
);
create index orders_buyer_idx on orders (buyer_account_id, id);
create index orders_producer_idx on orders (producer_id, status, id);

create table order_lines (
    id uuid primary key,
    order_id uuid not null references orders (id),
    buyer_account_id uuid not null references accounts (id),
    producer_id uuid not null references producers (id),
    product_id uuid not null references products (id),
    variant_id uuid not null references variants (id),
    product_title text not null,
    variant_label text not null,
    unit text not null,
    net_weight_g integer not null,
    product_set smallint not null,
    origin_commune_code text not null,
    quantity integer not null constraint order_lines_quantity_check check (quantity between 1 and 10000),
    price_vnd bigint not null constraint order_lines_price_check check (price_vnd between 1000 and 1000000000),
    total_vnd bigint not null constraint order_lines_total_check check (total_vnd = quantity * price_vnd),
    constraint order_lines_variant_key unique (order_id, variant_id)
);
create index order_lines_buyer_idx on order_lines (buyer_account_id);
create index order_lines_producer_idx on order_lines (producer_id);
create index order_lines_product_idx on order_lines (product_id);
create index order_lines_variant_idx on order_lines (variant_id);

create table order_events (
    id uuid primary key,
    order_id uuid not null references orders (id),
    buyer_account_id uuid not null references accounts (id),
    producer_id uuid not null references producers (id),
    event text not null,
    from_status text,
    to_status text not null,
    actor_role text not null,
    reason text,
    at timestamptz not null
);
create index order_events_order_idx on order_events (order_id, at, id);
create index order_events_buyer_idx on order_events (buyer_account_id);
create index order_events_producer_idx on order_events (producer_id);
create trigger order_events_append_only before update or delete on order_events
    for each row execute function refuse_change();

create table reservations (
    order_id uuid not null references orders (id),
    variant_id uuid not null references variants (id),
    buyer_account_id uuid not null references accounts (id),
    producer_id uuid not null references producers (id),
    quantity integer not null constraint reservations_quantity_check check (quantity between 1 and 10000),
    status text not null constraint reservations_status_check check (status in ('held', 'consumed', 'released')),
    created_at timestamptz not null,
    ended_at timestamptz,
    primary key (order_id, variant_id),
    constraint reservations_ended_check check ((status = 'held') = (ended_at is null))
);
create index reservations_held_idx on reservations (variant_id) where status = 'held';
create index reservations_variant_id_idx on reservations (variant_id);
create index reservations_buyer_idx on reservations (buyer_account_id);
create index reservations_producer_idx on reservations (producer_id);

alter table carts enable row level security;
create policy carts_own on carts using (account_id = actor_account() or actor_is_platform());
alter table cart_lines enable row level security;
create policy cart_lines_own on cart_lines using (account_id = actor_account() or actor_is_platform());
alter table checkouts enable row level security;
create policy checkouts_own on checkouts using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account()) or actor_is_staff());
alter table orders enable row level security;
create policy orders_parties on orders using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account())
    or producer_id = actor_producer() or actor_is_staff());
alter table order_lines enable row level security;
create policy order_lines_parties on order_lines using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account())
    or producer_id = actor_producer() or actor_is_staff());
alter table order_events enable row level security;
create policy order_events_parties on order_events using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account())
    or producer_id = actor_producer() or actor_is_staff());
alter table reservations enable row level security;
create policy reservations_parties on reservations using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account())
    or producer_id = actor_producer() or actor_is_staff());

grant select, insert, update on carts, checkouts, orders, reservations to ocop_app;
grant select, insert, update, delete on cart_lines to ocop_app;
grant select, insert on order_lines, order_events to ocop_app;
