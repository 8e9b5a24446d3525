drop index bank_accounts_forget_idx;
drop index bank_accounts_key_idx;
alter table bank_accounts drop constraint bank_accounts_forgotten_check, drop constraint bank_accounts_ended_check;

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
    return new;
end;
$$;

-- What is forgotten does not come back: it opens with no key.
update bank_accounts set number_sealed = decode(repeat('00', 40), 'hex'), key_name = repeat('0', 16) where number_sealed is null;
alter table bank_accounts
    alter column key_name set not null,
    alter column number_sealed set not null,
    drop column forgotten_at,
    drop column ended_at;
