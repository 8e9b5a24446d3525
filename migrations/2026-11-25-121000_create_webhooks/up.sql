create table webhook_endpoints (
    id uuid primary key,
    -- None: the operator's, which is told of everything.
    producer_id uuid references producers (id),
    url text not null constraint webhook_endpoints_url_check check (length(url) between 8 and 500),
    -- None: all.
    event_types text[] not null,
    status text not null constraint webhook_endpoints_status_check check (status in ('active', 'off', 'gone')),
    -- The secret itself is made from our key, the id and this number.
    secret_generation integer not null default 1 constraint webhook_endpoints_generation_check check (secret_generation > 0),
    previous_until timestamptz,
    created_by uuid references accounts (id),
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create index webhook_endpoints_producer_id_idx on webhook_endpoints (producer_id);
create index webhook_endpoints_created_by_idx on webhook_endpoints (created_by);
comment on table webhook_endpoints is 'Where events are sent to';

create table webhook_events (
    id uuid primary key,
    producer_id uuid references producers (id),
    event_type text not null constraint webhook_events_event_type_check check (event_type in (
        'order.paid',
        'order.accepted',
        'order.refused',
        'order.cancelled',
        'order.packed',
        'order.handed_over',
        'order.delivered',
        'order.completed',
        'order.returned',
        'claim.opened',
        'claim.decided',
        'complaint.received',
        'lot.recalled',
        'product.published',
        'producer.approved')),
    object_id uuid not null,
    -- Tells apart what may happen several times to one object.
    occasion text not null constraint webhook_events_occasion_check check (length(occasion) <= 40),
    -- As it is sent, made when it happened.
    body text not null constraint webhook_events_body_check check (length(body) <= 65536),
    occurred_at timestamptz not null,
    -- Orders events as they become visible; see notices.txid.
    txid bigint not null default (pg_current_xact_id()::text::bigint),
    constraint webhook_events_once_key unique (event_type, object_id, occasion)
);
create index webhook_events_producer_idx on webhook_events (producer_id, txid, id);
create index webhook_events_producer_id_idx on webhook_events (producer_id);
create index webhook_events_txid_idx on webhook_events (txid, id);
create index webhook_events_occurred_at_idx on webhook_events (occurred_at);
comment on table webhook_events is 'What other systems are told, written with what happened; kept 90 days';

create table webhook_deliveries (
    id uuid primary key,
    event_id uuid not null references webhook_events (id) on delete cascade,
    endpoint_id uuid not null references webhook_endpoints (id) on delete cascade,
    -- The owner of the endpoint.
    producer_id uuid references producers (id),
    status text not null constraint webhook_deliveries_status_check
        check (status in ('pending', 'delivered', 'parked', 'cancelled')),
    tries integer not null default 0 constraint webhook_deliveries_tries_check check (tries between 0 and 20),
    next_at timestamptz,
    created_at timestamptz not null,
    ended_at timestamptz,
    constraint webhook_deliveries_once_key unique (event_id, endpoint_id),
    constraint webhook_deliveries_end_check check (
        (status = 'pending') = (ended_at is null) and (status = 'pending') = (next_at is not null))
);
create index webhook_deliveries_event_id_idx on webhook_deliveries (event_id);
create index webhook_deliveries_endpoint_id_idx on webhook_deliveries (endpoint_id);
create index webhook_deliveries_producer_id_idx on webhook_deliveries (producer_id);
create index webhook_deliveries_list_idx on webhook_deliveries (producer_id, id);
comment on table webhook_deliveries is 'One event on its way to one endpoint';

create table webhook_attempts (
    id uuid primary key,
    delivery_id uuid not null references webhook_deliveries (id) on delete cascade,
    at timestamptz not null,
    status smallint,
    error text constraint webhook_attempts_error_check check (length(error) <= 40),
    took_ms integer not null constraint webhook_attempts_took_ms_check check (took_ms >= 0),
    constraint webhook_attempts_answer_check check ((status is null) <> (error is null))
);
create index webhook_attempts_delivery_id_idx on webhook_attempts (delivery_id);
comment on table webhook_attempts is 'Every try of a delivery; goes with it';

create trigger webhook_events_written_once before update on webhook_events
    for each row execute function refuse_change();
create trigger webhook_attempts_written_once before update on webhook_attempts
    for each row execute function refuse_change();

alter table webhook_endpoints enable row level security;
create policy webhook_endpoints_own on webhook_endpoints using (
    producer_id = actor_producer() or actor_is_staff());
alter table webhook_events enable row level security;
create policy webhook_events_read on webhook_events for select using (producer_id = actor_producer() or actor_is_staff());
create policy webhook_events_write on webhook_events using (actor_is_platform());
alter table webhook_deliveries enable row level security;
create policy webhook_deliveries_read on webhook_deliveries for select using (
    producer_id = actor_producer() or actor_is_staff());
create policy webhook_deliveries_write on webhook_deliveries using (actor_is_platform());
alter table webhook_attempts enable row level security;
create policy webhook_attempts_read on webhook_attempts for select using (
    exists (select from webhook_deliveries d where d.id = delivery_id));
create policy webhook_attempts_write on webhook_attempts for insert with check (actor_is_platform());

grant select, insert, update, delete on webhook_endpoints to ocop_app;
grant select, insert, delete on webhook_events to ocop_app;
grant select, insert, update on webhook_deliveries to ocop_app;
grant select, insert on webhook_attempts to ocop_app;

-- What is on its way has a job that brings it there.
create view invariant_webhook_deliveries with (security_invoker = true) as
select d.id::text as object, 'pending without a job' as detail
from webhook_deliveries d
where d.status = 'pending' and not exists (
    select from jobs j where j.kind = 'deliver_webhook' and j.done_at is null and j.payload ->> 'delivery_id' = d.id::text)
union all
select e.id::text, 'on its way to an endpoint that wants nothing'
from webhook_endpoints e
where e.status = 'gone' and exists (
    select from webhook_deliveries d where d.endpoint_id = e.id and d.status = 'pending');
grant select on invariant_webhook_deliveries to ocop_app;
