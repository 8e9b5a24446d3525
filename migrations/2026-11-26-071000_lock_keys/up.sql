-- A request locks its key, looks whether it was answered before, and writes the whole row with its answer: one row
-- written once, where it was first written without an answer and then anew with it. The lock ends with the transaction,
-- so that the row and the effect still commit together or not at all, and the primary key still refuses a second row.
drop function claim_idempotency_key;
delete from idempotency_keys where status is null;
alter table idempotency_keys
    drop constraint idempotency_keys_answer_check,
    alter column status set not null,
    alter column body set not null;

-- The answer that was given to a key. A repetition that arrives while the first request still runs waits for its end,
-- but not for long: it would hold a connection that others need. The caller is then told to come again.
create function find_answer(actor text, route text, key text)
    returns table (fingerprint bytea, status smallint, body text, location text, etag text)
    language plpgsql
    set lock_timeout = '300ms' as $$
begin
    perform pg_advisory_xact_lock(hashtextextended(concat_ws(' ', $1, $2, $3), 0));
    return query select k.fingerprint, k.status, k.body, k.location, k.etag from idempotency_keys k
        where k.actor = $1 and k.route = $2 and k.key = $3;
end;
$$;

-- Answers and contracts are long and are read rarely: packing them must cost little. A server without lz4 packs them as
-- it always did.
do $$
begin
    alter table idempotency_keys alter column body set compression lz4;
    alter table quote_contracts alter column text set compression lz4;
exception when feature_not_supported then
    null;
end;
$$;
