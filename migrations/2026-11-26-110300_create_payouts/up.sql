-- When producers were paid: once in a week, and besides whenever an operator does it. A run is a batch of transfers.
create table payout_runs (
    id uuid primary key references outgoing_batches (id),
    -- The day in Vietnam on which the run of its week was due; none for a run by hand.
    week_on date constraint payout_runs_week_key unique,
    made_at timestamptz not null
);
comment on table payout_runs is 'Runs of payouts';

-- What a producer was to get in a run, with what he had then. A payout is one transfer, which says how far it is.
create table payouts (
    id uuid primary key references outgoing_transfers (id),
    run_id uuid not null references payout_runs (id),
    producer_id uuid not null references producers (id),
    balance_vnd bigint not null constraint payouts_balance_check check (balance_vnd > 0),
    amount_vnd bigint not null constraint payouts_amount_check check (amount_vnd between 1 and balance_vnd),
    at timestamptz not null,
    constraint payouts_once_key unique (run_id, producer_id)
);
create index payouts_producer_idx on payouts (producer_id, id);
comment on table payouts is 'What producers were to get in a run';

create trigger payout_runs_append_only before update or delete on payout_runs for each row execute function refuse_change();
create trigger payouts_append_only before update or delete on payouts for each row execute function refuse_change();

alter table payout_runs enable row level security;
create policy payout_runs_staff on payout_runs using (actor_is_staff());
grant select, insert on payout_runs to ocop_app;
alter table payouts enable row level security;
create policy payouts_own on payouts for select using (producer_id = actor_producer() and actor_role() = 'producer');
create policy payouts_staff on payouts using (actor_is_staff());
grant select, insert on payouts to ocop_app;

-- A payout and its transfer are the same money for the same producer in the same run, and neither is without the other.
create view invariant_payouts with (security_invoker = true) as
select coalesce(p.id, t.id)::text as object,
       format('payout of %s to %s, transfer of %s to %s', p.amount_vnd, p.producer_id, t.amount_vnd, t.producer_id) as detail
from payouts p
full join (select * from outgoing_transfers where purpose = 'payout') t on t.id = p.id
where p.id is null or t.id is null
   or (p.amount_vnd, p.producer_id, p.run_id) is distinct from (t.amount_vnd, t.producer_id, t.batch_id);
grant select on invariant_payouts to ocop_app;
