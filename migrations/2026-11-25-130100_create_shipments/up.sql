-- A carrier's own numbers of the communes of today; carriers still count districts.
create table carrier_addresses (
    carrier text not null constraint carrier_addresses_carrier_check check (carrier in ('ghn', 'ghtk', 'viettel_post')),
    commune_code text not null references communes (code),
    province_code text,
    district_code text not null,
    ward_code text not null,
    updated_at timestamptz not null,
    primary key (carrier, commune_code)
);
create index carrier_addresses_commune_code_idx on carrier_addresses (commune_code);

create table shipments (
    -- Also our reference at the carrier, which books it at most once.
    id uuid primary key,
    order_id uuid not null references orders (id),
    producer_id uuid not null references producers (id),
    buyer_account_id uuid not null references accounts (id),
    method text not null constraint shipments_method_check check (method in ('carrier', 'own', 'pooled', 'pickup')),
    carrier text constraint shipments_carrier_check check (carrier in ('ghn', 'ghtk', 'viettel_post')),
    pickup_point_id uuid references pickup_points (id),
    -- The carrier's number of the parcel.
    code text,
    booking text not null constraint shipments_booking_check check (booking in
        ('none', 'pending', 'booked', 'by_hand', 'refused', 'cancelling', 'cancelled')),
    booking_fault text,
    -- What all events together say.
    status text not null constraint shipments_status_check check (status in
        ('created', 'pickup_scheduled', 'pickup_failed', 'picked_up', 'in_transit', 'out_for_delivery', 'delivery_failed',
         'delivered', 'returning', 'returned', 'cancelled', 'lost', 'damaged', 'exception')),
    weight_g integer not null constraint shipments_weight_check check (weight_g between 1 and 10000000),
    goods_vnd bigint not null constraint shipments_goods_check check (goods_vnd between 0 and 100000000000),
    fee_vnd bigint not null constraint shipments_fee_check check (fee_vnd between 0 and 100000000000),
    carrier_fee_vnd bigint constraint shipments_carrier_fee_check check (carrier_fee_vnd between 0 and 100000000000),
    -- Everything is paid before it leaves.
    cod_vnd bigint not null default 0 constraint shipments_cod_check check (cod_vnd = 0),
    sender_name text not null,
    sender_phone text not null,
    sender_commune_code text not null references communes (code),
    sender_address text not null,
    recipient_name text not null,
    recipient_phone text not null,
    recipient_commune_code text not null references communes (code),
    recipient_address text not null,
    -- When the carrier was last asked.
    asked_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint shipments_method_carrier_check check ((method = 'carrier') = (carrier is not null)),
    constraint shipments_method_point_check check ((method = 'pickup') = (pickup_point_id is not null)),
    constraint shipments_booking_method_check check ((booking = 'none') = (carrier is null))
);
-- One parcel at a time is on its way for an order.
create unique index shipments_live_key on shipments (order_id)
    where status not in ('returned', 'cancelled', 'lost', 'damaged');
create index shipments_order_id_idx on shipments (order_id);
create unique index shipments_code_key on shipments (carrier, code) where code is not null;
create index shipments_producer_id_idx on shipments (producer_id, id);
create index shipments_buyer_account_id_idx on shipments (buyer_account_id);
create index shipments_pickup_point_id_idx on shipments (pickup_point_id);
create index shipments_sender_commune_code_idx on shipments (sender_commune_code);
create index shipments_recipient_commune_code_idx on shipments (recipient_commune_code);
create index shipments_asked_idx on shipments (updated_at) where booking = 'booked';

create table shipment_events (
    id uuid primary key,
    shipment_id uuid not null references shipments (id),
    producer_id uuid not null references producers (id),
    buyer_account_id uuid not null references accounts (id),
    source text not null constraint shipment_events_source_check check (source in
        ('platform', 'carrier', 'poll', 'producer', 'run')),
    -- The carrier's code as it came.
    raw_code text,
    -- Null: worth knowing, but the parcel did not move.
    status text constraint shipment_events_status_check check (status in
        ('created', 'pickup_scheduled', 'pickup_failed', 'picked_up', 'in_transit', 'out_for_delivery', 'delivery_failed',
         'delivered', 'returning', 'returned', 'cancelled', 'lost', 'damaged', 'exception')),
    note text,
    -- By the clock of whoever says it; what is said late counts where it belongs.
    happened_at timestamptz not null,
    received_at timestamptz not null,
    dedup_key text not null,
    constraint shipment_events_dedup_key unique (shipment_id, dedup_key)
);
create index shipment_events_shipment_id_idx on shipment_events (shipment_id);
create index shipment_events_producer_id_idx on shipment_events (producer_id);
create index shipment_events_buyer_account_id_idx on shipment_events (buyer_account_id);
create trigger shipment_events_append_only before update or delete on shipment_events
    for each row execute function refuse_change();
comment on table shipment_events is 'What was said of a parcel, once each, in whatever order it came';

create table carrier_messages (
    id uuid primary key,
    carrier text not null constraint carrier_messages_carrier_check check (carrier in ('ghn', 'ghtk', 'viettel_post')),
    received_at timestamptz not null,
    source text not null,
    content_type text not null,
    body bytea not null,
    shipment_id uuid references shipments (id),
    outcome text constraint carrier_messages_outcome_check check (outcome in
        ('applied', 'repeated', 'unknown_shipment', 'malformed')),
    processed_at timestamptz,
    constraint carrier_messages_processed_check check ((outcome is null) = (processed_at is null))
);
create index carrier_messages_open_idx on carrier_messages (received_at) where processed_at is null;
create index carrier_messages_received_idx on carrier_messages (received_at);
create index carrier_messages_shipment_id_idx on carrier_messages (shipment_id);
comment on table carrier_messages is 'Every genuine message of a carrier as it came, with what became of it';

alter table carrier_addresses enable row level security;
create policy carrier_addresses_staff on carrier_addresses using (actor_is_staff());
alter table shipments enable row level security;
create policy shipments_producer on shipments using (producer_id = actor_producer());
create policy shipments_buyer on shipments for select
    using (actor_role() = 'buyer' and buyer_account_id = actor_account());
create policy shipments_staff on shipments using (actor_is_staff());
alter table shipment_events enable row level security;
create policy shipment_events_producer on shipment_events using (producer_id = actor_producer());
create policy shipment_events_buyer on shipment_events for select
    using (actor_role() = 'buyer' and buyer_account_id = actor_account());
create policy shipment_events_staff on shipment_events using (actor_is_staff());
alter table carrier_messages enable row level security;
create policy carrier_messages_platform on carrier_messages using (actor_is_platform());
create policy carrier_messages_read on carrier_messages for select using (actor_is_staff());

grant select, insert, update on carrier_addresses, shipments to ocop_app;
grant select, insert on shipment_events to ocop_app;
grant select, insert, update, delete on carrier_messages to ocop_app;

-- A parcel has its history, its status is one that its events say, and what cannot be undone was not undone.
create view invariant_shipments with (security_invoker = true) as
select s.id::text as object, format('%s, which no event says', s.status) as detail
from shipments s
where not exists (select from shipment_events e where e.shipment_id = s.id and e.status = s.status)
union all
select s.id::text, format('%s after it was delivered or returned', s.status)
from shipments s
where s.status not in ('delivered', 'returned')
  and exists (select from shipment_events e where e.shipment_id = s.id and e.status in ('delivered', 'returned'))
union all
select s.id::text, format('at %s without its number', s.carrier)
from shipments s where s.booking = 'booked' and s.carrier <> 'viettel_post' and s.code is null
union all
select s.id::text, 'parties differ from those of its order'
from shipments s join orders o on o.id = s.order_id
where (s.producer_id, s.buyer_account_id) is distinct from (o.producer_id, o.buyer_account_id);
grant select on invariant_shipments to ocop_app;

-- What a carrier said is taken up soon.
create view invariant_carrier_messages with (security_invoker = true) as
select id::text as object, 'unprocessed for more than 2 hours' as detail
from carrier_messages where processed_at is null and received_at < now() - interval '2 hours';
grant select on invariant_carrier_messages to ocop_app;
