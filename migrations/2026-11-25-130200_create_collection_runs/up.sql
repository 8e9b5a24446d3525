-- A vehicle that collects the goods of several producers of a commune and its neighbours, and what that costs each.
create table collection_runs (
    id uuid primary key,
    organizer_id uuid not null references producers (id),
    commune_code text not null references communes (code),
    run_on date not null,
    vehicle text not null,
    capacity_kg integer not null constraint collection_runs_capacity_check check (capacity_kg between 1 and 20000),
    cost_vnd bigint not null constraint collection_runs_cost_check check (cost_vnd between 0 and 100000000),
    status text not null constraint collection_runs_status_check
        check (status in ('planned', 'loading', 'on_the_way', 'done', 'cancelled')),
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create index collection_runs_organizer_id_idx on collection_runs (organizer_id, id);
create index collection_runs_commune_code_idx on collection_runs (commune_code, run_on);

create table collection_stops (
    id uuid primary key,
    run_id uuid not null references collection_runs (id),
    shipment_id uuid not null references shipments (id),
    producer_id uuid not null references producers (id),
    sequence integer not null,
    weight_g integer not null constraint collection_stops_weight_check check (weight_g between 1 and 10000000),
    -- Its share of what the run costs, from the departure on.
    cost_vnd bigint constraint collection_stops_cost_check check (cost_vnd between 0 and 100000000),
    created_at timestamptz not null,
    constraint collection_stops_sequence_key unique (run_id, sequence),
    constraint collection_stops_shipment_key unique (shipment_id)
);
create index collection_stops_run_id_idx on collection_stops (run_id);
create index collection_stops_producer_id_idx on collection_stops (producer_id);

alter table collection_runs enable row level security;
create policy collection_runs_read on collection_runs for select using (actor_role() = 'producer' or actor_is_staff());
create policy collection_runs_own on collection_runs using (organizer_id = actor_producer() or actor_is_staff());
-- The organizer sees whom he visits; a producer his own stops.
alter table collection_stops enable row level security;
create policy collection_stops_own on collection_stops using (producer_id = actor_producer() or actor_is_staff());

grant select, insert, update on collection_runs, collection_stops to ocop_app;
grant delete on collection_stops to ocop_app;

-- A run that left carries what it can, and what it costs is shared to the đồng.
create view invariant_collection_runs with (security_invoker = true) as
select r.id::text as object, format('%s g on a vehicle for %s kg', sum(s.weight_g), r.capacity_kg) as detail
from collection_runs r join collection_stops s on s.run_id = r.id
where r.status <> 'cancelled'
group by r.id, r.capacity_kg having sum(s.weight_g::bigint) > r.capacity_kg * 1000::bigint
union all
select r.id::text, format('costs %s, shared %s', r.cost_vnd, coalesce(sum(s.cost_vnd), 0))
from collection_runs r join collection_stops s on s.run_id = r.id
where r.status in ('on_the_way', 'done')
group by r.id, r.cost_vnd having coalesce(sum(s.cost_vnd), 0) <> r.cost_vnd or count(*) <> count(s.cost_vnd);
grant select on invariant_collection_runs to ocop_app;
