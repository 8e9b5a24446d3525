-- Whether the key is new. A repetition that arrives while the first request still runs waits for its end, but not for
-- long: it would hold a connection that others need. The caller is then told to come again.
-- Its answer is kept for seven days: phones come back after days.
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
