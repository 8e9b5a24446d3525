-- Bank accounts to which we send money. The number is encrypted by the program, whose key the database does not know. What an
-- account is never changes: another number is another row, so whoever was paid to a row was paid to that account.
create table bank_accounts (
    id uuid primary key,
    -- Whose it is: a producer's, for payouts, or a buyer's, for a refund.
    producer_id uuid references producers (id),
    buyer_account_id uuid references accounts (id),
    bank_bin text not null constraint bank_accounts_bin_check check (bank_bin ~ '^[0-9]{6}$'),
    holder_name text not null,
    -- Nonce, text and tag of AES-256-GCM, and the name of the key.
    number_sealed bytea not null constraint bank_accounts_sealed_check check (length(number_sealed) between 30 and 100),
    key_name text not null constraint bank_accounts_key_check check (key_name ~ '^[0-9a-f]{16}$'),
    last_digits text not null constraint bank_accounts_last_digits_check check (length(last_digits) = 4),
    status text not null constraint bank_accounts_status_check check (status = any ('{given,verified,rejected,replaced}'::text[])),
    -- Nothing is paid to it before.
    usable_from timestamptz not null,
    given_by uuid not null references accounts (id),
    given_at timestamptz not null,
    decided_by uuid references accounts (id),
    decided_at timestamptz,
    -- What the name was compared with, or why it is refused.
    reason text,
    version integer not null default 1,
    constraint bank_accounts_owner_check check (num_nonnulls(producer_id, buyer_account_id) = 1),
    constraint bank_accounts_decision_check check (
        (decided_at is null) = (decided_by is null)
        and (status not in ('verified', 'rejected') or (decided_at is not null and reason is not null))),
    -- Nobody says of his own account that it is his.
    constraint bank_accounts_persons_check check (decided_by <> given_by),
    constraint bank_accounts_wait_check check (usable_from >= given_at)
);
-- A producer is paid to one account.
create unique index bank_accounts_producer_key on bank_accounts (producer_id) where status in ('given', 'verified');
create index bank_accounts_producer_idx on bank_accounts (producer_id) where producer_id is not null;
create index bank_accounts_buyer_idx on bank_accounts (buyer_account_id) where buyer_account_id is not null;
create index bank_accounts_given_by_idx on bank_accounts (given_by);
create index bank_accounts_decided_by_idx on bank_accounts (decided_by);
create index bank_accounts_status_idx on bank_accounts (status, id);
comment on table bank_accounts is 'Where producers and buyers are paid to, their numbers encrypted';

create function bank_account_must_stay() returns trigger
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
create trigger bank_accounts_stay before update on bank_accounts for each row execute function bank_account_must_stay();

alter table bank_accounts enable row level security;
create policy bank_accounts_producer on bank_accounts using (producer_id = actor_producer() and actor_role() = 'producer');
create policy bank_accounts_buyer on bank_accounts using (buyer_account_id = actor_account() and actor_role() = 'buyer');
create policy bank_accounts_staff on bank_accounts using (actor_is_staff());
grant select, insert, update on bank_accounts to ocop_app;

-- Households hear of what happens to their account and their money.
do $$
declare
    listed text[];
begin
    select array_agg(distinct value[1]) into listed from pg_constraint,
        regexp_matches(substring(pg_get_constraintdef(oid) from '''\{([^}]*)\}'''), '[a-z0-9_]+', 'g') value
    where conname = 'notices_topic_check';
    listed := listed || '{bank_account_given,bank_account_verified,bank_account_rejected,payout_waits,payout_paid,payout_failed}'::text[];
    alter table notices drop constraint notices_topic_check;
    execute format('alter table notices add constraint notices_topic_check check (topic = any (%L::text[]))', listed::text);
end;
$$;
