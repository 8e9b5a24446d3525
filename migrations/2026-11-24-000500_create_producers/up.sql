create table producers (
    id uuid primary key,
    account_id uuid not null constraint producers_account_key unique references accounts (id),
    kind text not null constraint producers_kind_check
        check (kind in ('household', 'cooperative_group', 'cooperative', 'company', 'farm')),
    name text not null,
    representative_name text not null,
    registration_number text,
    tax_code text,
    residence_commune_code text not null references communes (code),
    production_commune_code text not null references communes (code),
    address text not null,
    status text not null constraint producers_status_check
        check (status in ('draft', 'submitted', 'needs_changes', 'approved', 'rejected')),
    status_reason text,
    submitted_at timestamptz,
    decided_at timestamptz,
    decided_by uuid references accounts (id),
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint producers_reason_check check (status not in ('needs_changes', 'rejected') or status_reason is not null),
    -- Decree 68/2026: a cooperative or company is known by its registration.
    constraint producers_registration_check check (kind not in ('cooperative', 'company') or registration_number is not null)
);
create index producers_residence_commune_code_idx on producers (residence_commune_code);
create index producers_production_commune_code_idx on producers (production_commune_code);
create index producers_decided_by_idx on producers (decided_by);
create index producers_status_idx on producers (status, id);
comment on table producers is 'Who sells: household, cooperative group, cooperative, company or farm';

alter table producers enable row level security;
create policy producers_read on producers for select
    using ((status = 'approved' and actor_role() <> 'none') or account_id = actor_account() or actor_is_staff());
create policy producers_own on producers for all
    using ((actor_role() = 'producer' and account_id = actor_account()) or actor_is_staff());
grant select, insert, update on producers to ocop_app;
