-- Who is asking. Every transaction sets these with set_config(…, true), so they end with it.
-- Without a context the role is 'none' and every row-level policy refuses.
create function actor_role() returns text
    language sql stable parallel safe
    return coalesce(nullif(current_setting('app.role', true), ''), 'none');

create function actor_account() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('app.account', true), '')::uuid;

create function actor_producer() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('app.producer', true), '')::uuid;

-- An official of a whole province has a province; one of communes has their codes.
create function actor_province() returns text
    language sql stable parallel safe
    return nullif(current_setting('app.province', true), '');

create function actor_communes() returns text[]
    language sql stable parallel safe
    return string_to_array(coalesce(nullif(current_setting('app.communes', true), ''), '-'), ',');

-- The platform itself: jobs, callbacks of providers, sign-in before anybody is known.
create function actor_is_platform() returns boolean
    language sql stable parallel safe
    return actor_role() = 'system';

create function actor_is_staff() returns boolean
    language sql stable parallel safe
    return actor_role() in ('system', 'operator');

-- Rows that are evidence are never changed or removed, whoever asks.
create function refuse_change() returns trigger
    language plpgsql as $$
begin
    raise exception 'table % is append-only', tg_table_name using errcode = 'integrity_constraint_violation';
end;
$$;

grant execute on all functions in schema public to ocop_app;
