-- A number is kept as long as what it was paid with: then it is forgotten, and bank, name and last digits stay as what the
-- transfers to it are told by.
alter table bank_accounts
    -- When another one took its place, or it was refused.
    add column ended_at timestamptz,
    add column forgotten_at timestamptz,
    alter column number_sealed drop not null,
    alter column key_name drop not null;
update bank_accounts set ended_at = coalesce(decided_at, now()) where status in ('rejected', 'replaced');
alter table bank_accounts
    add constraint bank_accounts_ended_check check ((ended_at is not null) = (status in ('rejected', 'replaced'))),
    add constraint bank_accounts_forgotten_check check (
        (forgotten_at is null) = (number_sealed is not null) and (number_sealed is null) = (key_name is null));
-- What is sealed with which key, and what may be forgotten.
create index bank_accounts_key_idx on bank_accounts (key_name, id) where key_name is not null;
create index bank_accounts_forget_idx on bank_accounts (coalesce(ended_at, given_at))
    where number_sealed is not null and (ended_at is not null or buyer_account_id is not null);

create or replace function bank_account_must_stay() returns trigger
    language plpgsql set search_path = public, pg_temp as $$
begin
    if (new.id, new.producer_id, new.buyer_account_id, new.bank_bin, new.holder_name, new.last_digits, new.usable_from, new.given_by,
        new.given_at) is distinct from (old.id, old.producer_id, old.buyer_account_id, old.bank_bin, old.holder_name, old.last_digits,
        old.usable_from, old.given_by, old.given_at) then
        raise exception 'another account is another row'
            using errcode = 'check_violation', constraint = 'bank_accounts_stay_check';
    end if;
    if (old.status, new.status) not in (('given', 'given'), ('given', 'verified'), ('given', 'rejected'), ('given', 'replaced'),
        ('verified', 'verified'), ('verified', 'replaced'), ('verified', 'rejected'), ('rejected', 'rejected'),
        ('replaced', 'replaced')) then
        raise exception 'an account does not go from % to %', old.status, new.status
            using errcode = 'check_violation', constraint = 'bank_accounts_steps_check';
    end if;
    if old.forgotten_at is not null and (new.forgotten_at, new.number_sealed) is distinct from (old.forgotten_at, null::bytea) then
        raise exception 'what is forgotten does not come back'
            using errcode = 'check_violation', constraint = 'bank_accounts_forgotten_stay_check';
    end if;
    return new;
end;
$$;
