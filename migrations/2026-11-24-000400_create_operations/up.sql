create table idempotency_keys (
    actor text not null,
    key text not null constraint idempotency_keys_key_check check (key ~ '^[\x21-\x7e]{16,128}$'),
    route text not null,
    fingerprint bytea not null,
    status smallint,
    body text,
    location text,
    etag text,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (actor, route, key),
    constraint idempotency_keys_answer_check check ((status is null) = (body is null))
);
create index idempotency_keys_expires_at_idx on idempotency_keys (expires_at);
comment on table idempotency_keys is 'The answer given to a key, stored in the transaction of its effect; kept 7 days';

create table jobs (
    id uuid primary key,
    kind text not null,
    payload jsonb not null,
    dedup_key text,
    run_at timestamptz not null,
    attempts integer not null default 0 constraint jobs_attempts_check check (attempts between 0 and 20),
    lease_token uuid,
    leased_until timestamptz,
    last_error text,
    done_at timestamptz,
    dead_at timestamptz,
    created_at timestamptz not null,
    constraint jobs_lease_check check ((lease_token is null) = (leased_until is null)),
    constraint jobs_end_check check (done_at is null or dead_at is null)
);
create unique index jobs_dedup_key on jobs (dedup_key) where done_at is null and dead_at is null;
create index jobs_ready_idx on jobs (run_at) where done_at is null and dead_at is null;
create index jobs_done_at_idx on jobs (done_at) where done_at is not null;
comment on table jobs is 'Work to do later, enqueued in the transaction that causes it: the outbox';

create table audit_events (
    id uuid not null,
    at timestamptz not null,
    actor_account_id uuid,
    actor_role text not null,
    action text not null constraint audit_events_action_check check (length(action) between 3 and 80),
    object_kind text not null,
    object_id uuid not null,
    detail jsonb not null,
    request_id uuid,
    primary key (at, id)
) partition by range (at);
create index audit_events_object_idx on audit_events (object_kind, object_id, at);
comment on table audit_events is 'Who did what, when; ids and statuses only, never names or numbers of people';

-- Months ahead are made by a job; the default partition only catches what a stopped job missed.
create table audit_events_default partition of audit_events default;

create function ensure_audit_partitions(first_day date, months integer) returns void
    language plpgsql security definer set search_path = public as $$
declare
    month date;
begin
    for month in select generate_series(date_trunc('month', first_day), date_trunc('month', first_day) + make_interval(months => months), '1 month')::date loop
        if to_regclass('audit_events_' || to_char(month, 'YYYYMM')) is null
           and not exists (select 1 from audit_events_default where at >= month and at < month + interval '1 month') then
            execute format(
                'create table %I partition of audit_events for values from (%L) to (%L)',
                'audit_events_' || to_char(month, 'YYYYMM'), month, (month + interval '1 month')::date);
        end if;
    end loop;
end;
$$;
revoke execute on function ensure_audit_partitions from public;
grant execute on function ensure_audit_partitions to ocop_app;

create trigger audit_events_append_only before update or delete on audit_events
    for each row execute function refuse_change();
create trigger audit_events_no_truncate before truncate on audit_events
    for each statement execute function refuse_change();

alter table idempotency_keys enable row level security;
create policy idempotency_keys_own on idempotency_keys
    using (actor = coalesce(actor_account()::text, actor_role()) or actor_is_platform());
alter table jobs enable row level security;
create policy jobs_enqueue on jobs for insert with check (actor_role() <> 'none');
create policy jobs_platform on jobs using (actor_is_platform());
alter table audit_events enable row level security;
create policy audit_events_write on audit_events for insert with check (actor_role() <> 'none');
create policy audit_events_read on audit_events for select using (actor_is_staff());

grant select, insert, update, delete on idempotency_keys, jobs to ocop_app;
grant select, insert on audit_events to ocop_app;
