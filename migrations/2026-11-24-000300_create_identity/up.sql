create table accounts (
    id uuid primary key,
    phone text not null constraint accounts_phone_key unique
        constraint accounts_phone_check check (phone ~ '^\+84[35789][0-9]{8}$'),
    display_name text constraint accounts_display_name_check check (length(display_name) between 1 and 120),
    password_hash text,
    status text not null constraint accounts_status_check check (status in ('active', 'suspended')),
    -- Raised by every change of rights or password: older access tokens end at once.
    authorisation_version integer not null default 1,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
comment on table accounts is 'A person, known by one Vietnamese mobile number in the form +84…';

create table role_grants (
    id uuid primary key,
    account_id uuid not null references accounts (id),
    role text not null constraint role_grants_role_check check (role in ('helper', 'official', 'operator')),
    province_code text references provinces (code),
    commune_codes text[] not null default '{}',
    granted_by uuid references accounts (id),
    granted_at timestamptz not null,
    revoked_at timestamptz,
    constraint role_grants_territory_check check (
        (role = 'official') = (province_code is not null or commune_codes <> '{}')
        and (province_code is null or commune_codes = '{}')
    )
);
create unique index role_grants_live_key on role_grants (account_id, role) where revoked_at is null;
create index role_grants_account_id_idx on role_grants (account_id);
create index role_grants_granted_by_idx on role_grants (granted_by);
create index role_grants_province_code_idx on role_grants (province_code);
comment on table role_grants is 'Rights beyond buying and selling; an official has a whole province or listed communes';

create table sessions (
    id uuid primary key,
    account_id uuid not null references accounts (id),
    audience text not null constraint sessions_audience_check
        check (audience in ('buyer', 'producer', 'helper', 'official', 'operator')),
    device_id text not null constraint sessions_device_id_check check (length(device_id) between 1 and 128),
    -- Which refresh token of the family is live; see identity::tokens.
    generation integer not null default 1,
    rotated_at timestamptz not null,
    created_at timestamptz not null,
    idle_expires_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    revoked_because text constraint sessions_revoked_because_check
        check (revoked_because in ('signed_out', 'reused', 'password_changed', 'rights_changed', 'suspended')),
    constraint sessions_revoked_check check ((revoked_at is null) = (revoked_because is null))
);
create index sessions_account_id_idx on sessions (account_id);
create index sessions_expires_at_idx on sessions (expires_at);

create table otp_requests (
    id uuid primary key,
    phone text not null,
    purpose text not null constraint otp_requests_purpose_check check (purpose in ('sign_in')),
    device_id text not null,
    source text not null,
    code_hash bytea not null,
    tries integer not null default 0 constraint otp_requests_tries_check check (tries between 0 and 5),
    sent_at timestamptz not null,
    expires_at timestamptz not null,
    consumed_at timestamptz
);
create index otp_requests_phone_idx on otp_requests (phone, sent_at);
create index otp_requests_device_idx on otp_requests (device_id, sent_at);
create index otp_requests_source_idx on otp_requests (source, sent_at);
create index otp_requests_sent_at_idx on otp_requests (sent_at);
comment on table otp_requests is 'One-time codes sent; also the truth of the sending limits';

create table sign_in_failures (
    id uuid primary key,
    phone text not null,
    failed_at timestamptz not null
);
create index sign_in_failures_phone_idx on sign_in_failures (phone, failed_at);
create index sign_in_failures_failed_at_idx on sign_in_failures (failed_at);

alter table accounts enable row level security;
create policy accounts_own on accounts using (id = actor_account() or actor_is_staff());
alter table role_grants enable row level security;
create policy role_grants_own on role_grants for select using (account_id = actor_account() or actor_is_staff());
create policy role_grants_staff on role_grants for all using (actor_is_staff());
alter table sessions enable row level security;
create policy sessions_own on sessions using (account_id = actor_account() or actor_is_staff());
alter table otp_requests enable row level security;
create policy otp_requests_platform on otp_requests using (actor_is_platform());
alter table sign_in_failures enable row level security;
create policy sign_in_failures_platform on sign_in_failures using (actor_is_platform());

grant select, insert, update on accounts, role_grants, sessions to ocop_app;
grant select, insert, update, delete on otp_requests, sign_in_failures to ocop_app;
grant delete on sessions to ocop_app;

-- The first statement of every transaction of a signed-in person: checks the session by primary
-- key and sets the context, in one round trip. A refusal leaves no context behind.
create function begin_session(
    wanted_session uuid, wanted_account uuid, wanted_audience text, wanted_version integer, at timestamptz,
    out is_live boolean, out producer uuid, out province text, out communes text[]
) language plpgsql as $$
declare
    right_held record;
begin
    perform set_config('app.account', wanted_account::text, true);
    select exists (
        select 1 from sessions s join accounts a on a.id = s.account_id
        where s.id = wanted_session and s.account_id = wanted_account and s.audience = wanted_audience
          and s.revoked_at is null and s.expires_at > at
          and a.status = 'active' and a.authorisation_version = wanted_version
    ) into is_live;
    if not is_live then
        perform set_config('app.account', '', true);
        return;
    end if;
    if wanted_audience in ('helper', 'official', 'operator') then
        select g.province_code, g.commune_codes into right_held from role_grants g
        where g.account_id = wanted_account and g.role = wanted_audience and g.revoked_at is null;
        if not found then
            is_live := false;
            perform set_config('app.account', '', true);
            return;
        end if;
        province := right_held.province_code;
        communes := right_held.commune_codes;
        perform set_config('app.province', coalesce(province, ''), true),
                set_config('app.communes', array_to_string(communes, ','), true);
    end if;
    if wanted_audience = 'producer' then
        select p.id into producer from producers p where p.account_id = wanted_account;
        perform set_config('app.producer', coalesce(producer::text, ''), true);
    end if;
    perform set_config('app.role', wanted_audience, true);
end;
$$;
grant execute on function begin_session to ocop_app;
