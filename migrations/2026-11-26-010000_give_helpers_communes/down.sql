drop index role_grants_commune_codes_idx;
alter table role_grants drop constraint role_grants_territory_check;
-- The constraint of before knows no helper with communes.
update role_grants set commune_codes = '{}' where role = 'helper';
alter table role_grants add constraint role_grants_territory_check check (
    (role = 'official') = (province_code is not null or commune_codes <> '{}')
    and (province_code is null or commune_codes = '{}')
);
comment on table role_grants is 'Rights beyond buying and selling; an official has a whole province or listed communes';
