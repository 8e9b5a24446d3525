-- Sums of the books at the end of each month in Vietnam, of everything before that moment: what was there at any instant is the
-- last sum before it and what moved since, however many years there are. They are written once, when nothing of the month is
-- still being written.
create table ledger_checkpoints (
    at timestamptz not null,
    account text not null,
    -- Empty where a movement names none.
    provider text not null,
    debits_vnd bigint not null,
    credits_vnd bigint not null,
    transfers bigint not null,
    primary key (at, account, provider),
    constraint ledger_checkpoints_sums_check check (debits_vnd >= 0 and credits_vnd >= 0 and transfers > 0)
);
comment on table ledger_checkpoints is 'All that ever went through each account before the end of a month';

-- Of a producer only the months in which something moved.
create table ledger_producer_checkpoints (
    producer_id uuid not null references producers (id),
    at timestamptz not null,
    balance_vnd bigint not null,
    primary key (producer_id, at)
);
comment on table ledger_producer_checkpoints is 'What each producer had before the end of a month in which his balance moved';

create trigger ledger_checkpoints_append_only before update or delete on ledger_checkpoints for each row execute function refuse_change();
create trigger ledger_producer_checkpoints_append_only before update or delete on ledger_producer_checkpoints
    for each row execute function refuse_change();

alter table ledger_checkpoints enable row level security;
create policy ledger_checkpoints_read on ledger_checkpoints for select using (actor_is_staff());
create policy ledger_checkpoints_write on ledger_checkpoints for insert with check (actor_is_platform());
alter table ledger_producer_checkpoints enable row level security;
create policy ledger_producer_checkpoints_read on ledger_producer_checkpoints for select
    using (producer_id = actor_producer() or actor_is_staff());
create policy ledger_producer_checkpoints_write on ledger_producer_checkpoints for insert with check (actor_is_platform());
grant select, insert on ledger_checkpoints, ledger_producer_checkpoints to ocop_app;

-- Movements come in the order of their moments, so a month of them lies together.
create index ledger_transfers_at_idx on ledger_transfers using brin (at);

-- Each sum is what moved before its moment, and nothing that moved is in none.
create view invariant_ledger_checkpoints with (security_invoker = true) as
with moment as (
    select at, lag(at, 1, '-infinity') over (order by at) as since from (select distinct at from ledger_checkpoints) m),
moved as (
    select m.at, s.account, coalesce(l.provider, '') as provider, sum(s.debit_vnd) as debits_vnd, sum(s.credit_vnd) as credits_vnd,
           count(*) as transfers
    from moment m
    join ledger_transfers l on l.at >= m.since and l.at < m.at
    cross join lateral (values (l.debit, l.amount_vnd, 0), (l.credit, 0, l.amount_vnd)) s (account, debit_vnd, credit_vnd)
    group by m.at, s.account, coalesce(l.provider, '')),
summed as (
    select m.at, v.account, v.provider, sum(v.debits_vnd) as debits_vnd, sum(v.credits_vnd) as credits_vnd,
           sum(v.transfers) as transfers
    from moment m join moved v on v.at <= m.at group by m.at, v.account, v.provider)
select concat_ws('/', at, account, provider) as object,
       format('debits %s, credits %s of %s; moved %s, %s of %s', c.debits_vnd, c.credits_vnd, c.transfers, s.debits_vnd, s.credits_vnd,
              s.transfers) as detail
from ledger_checkpoints c full join summed s using (at, account, provider)
where (c.debits_vnd, c.credits_vnd, c.transfers) is distinct from (s.debits_vnd, s.credits_vnd, s.transfers)
union all
select concat_ws('/', producer_id, at), format('%s more than before, moved %s', c.change_vnd, v.change_vnd)
from (select producer_id, at, balance_vnd - lag(balance_vnd, 1, 0::bigint) over (partition by producer_id order by at) as change_vnd
      from ledger_producer_checkpoints) c
full join (
    select l.producer_id, m.at, sum(case when l.credit = 'producer' then l.amount_vnd else -l.amount_vnd end) as change_vnd
    from moment m join ledger_transfers l on l.at >= m.since and l.at < m.at
    where l.debit = 'producer' or l.credit = 'producer' group by l.producer_id, m.at) v using (producer_id, at)
where c.change_vnd is distinct from v.change_vnd;
grant select on invariant_ledger_checkpoints to ocop_app;
