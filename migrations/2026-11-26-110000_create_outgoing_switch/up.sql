-- Whether money leaves our bank account. One row: whoever sends holds it, so that whoever stops the money knows that nothing
-- leaves any more once the stop is written.
create table outgoing_switch (
    id smallint primary key constraint outgoing_switch_is_one_check check (id = 1),
    -- Set while money is stopped.
    stopped_at timestamptz,
    stopped_by uuid references accounts (id),
    reason text,
    -- Who let it flow again after the last stop.
    started_at timestamptz,
    started_by uuid references accounts (id),
    version integer not null default 1,
    constraint outgoing_switch_stop_check check (
        (stopped_at is null) = (stopped_by is null) and (stopped_at is null) = (reason is null)),
    constraint outgoing_switch_start_check check ((started_at is null) = (started_by is null)),
    -- A stop needs one person, a start another.
    constraint outgoing_switch_persons_check check (started_by <> stopped_by),
    constraint outgoing_switch_order_check check (started_at >= stopped_at)
);
create index outgoing_switch_stopped_by_idx on outgoing_switch (stopped_by);
create index outgoing_switch_started_by_idx on outgoing_switch (started_by);
comment on table outgoing_switch is 'Whether money leaves our bank account';
insert into outgoing_switch (id) values (1);

alter table outgoing_switch enable row level security;
create policy outgoing_switch_staff on outgoing_switch using (actor_is_staff());
grant select, update on outgoing_switch to ocop_app;
