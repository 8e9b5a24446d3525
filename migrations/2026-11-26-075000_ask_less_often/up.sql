-- A request's first statement says, with everything else about its session, whether a guest asks.
drop function begin_session;
create function begin_session(
    wanted_session uuid, wanted_account uuid, wanted_audience text, wanted_version integer, at timestamptz,
    out is_live boolean, out is_guest boolean, out producer uuid, out province text, out communes text[]
) language plpgsql as $$
declare
    right_held record;
begin
    perform set_config('app.account', wanted_account::text, true);
    select a.is_guest into is_guest from sessions s join accounts a on a.id = s.account_id
        where s.id = wanted_session and s.account_id = wanted_account and s.audience = wanted_audience
          and s.revoked_at is null and s.expires_at > at
          and a.status = 'active' and a.authorisation_version = wanted_version;
    is_live := found;
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

-- What a contract says of sellers, in one statement: their telephone is in a row that only they and the platform may
-- read. The owner's rights, for these columns alone.
create function seller_parties(wanted uuid[])
    returns table (id uuid, name text, representative_name text, registration_number text, tax_code text, phone text,
                   address text)
    language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
    return query select p.id, p.name, p.representative_name, p.registration_number, p.tax_code, a.phone,
            concat_ws(', ', p.address, c.name, v.name)
        from producers p join accounts a on a.id = p.account_id
            join communes c on c.code = p.residence_commune_code join provinces v on v.code = c.province_code
        where p.id = any(wanted);
end;
$$;
revoke execute on function seller_parties(uuid[]) from public;
grant execute on function seller_parties(uuid[]) to ocop_app;
