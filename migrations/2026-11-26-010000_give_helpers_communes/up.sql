-- A helper may be given communes: of the households there he hears when they need a hand.
alter table role_grants drop constraint role_grants_territory_check;
alter table role_grants add constraint role_grants_territory_check check (
    case role
        when 'official' then (province_code is not null) <> (commune_codes <> '{}')
        when 'helper' then province_code is null
        else province_code is null and commune_codes = '{}'
    end
);
create index role_grants_commune_codes_idx on role_grants using gin (commune_codes) where revoked_at is null;
comment on table role_grants is
    'Rights beyond buying and selling; an official has a whole province or listed communes, a helper may have communes';
