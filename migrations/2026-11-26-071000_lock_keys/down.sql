alter table quote_contracts alter column text set compression default;
alter table idempotency_keys alter column body set compression default;
drop function find_answer;
alter table idempotency_keys
    alter column body drop not null,
    alter column status drop not null,
    add constraint idempotency_keys_answer_check check ((status is null) = (body is null));
create function claim_idempotency_key(actor text, route text, key text, fingerprint bytea, claimed_at timestamptz)
    returns boolean
    language plpgsql
    set lock_timeout = '300ms' as $$
begin
    insert into idempotency_keys (actor, route, key, fingerprint, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $5 + interval '7 days') on conflict do nothing;
    return found;
end;
$$;
