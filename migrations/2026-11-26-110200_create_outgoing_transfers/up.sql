-- What two persons approve together.
create table outgoing_batches (
    id uuid primary key,
    purpose text not null constraint outgoing_batches_purpose_check check (purpose = any ('{payout,refund}'::text[])),
    -- The first person: who made it by hand, or who looked first at what the platform has made.
    made_by uuid references accounts (id),
    made_at timestamptz not null,
    approved_by uuid references accounts (id),
    approved_at timestamptz,
    version integer not null default 1,
    constraint outgoing_batches_approval_check check (
        (approved_at is null) = (approved_by is null) and (approved_by is null or made_by is not null)),
    constraint outgoing_batches_persons_check check (made_by <> approved_by)
);
create index outgoing_batches_made_by_idx on outgoing_batches (made_by);
create index outgoing_batches_approved_by_idx on outgoing_batches (approved_by);
comment on table outgoing_batches is 'Transfers that two persons approve together';

-- What a bank was asked to do with a file, as it was handed over.
create table outgoing_files (
    id uuid primary key,
    made_by uuid not null references accounts (id),
    made_at timestamptz not null,
    transfers integer not null constraint outgoing_files_transfers_check check (transfers between 1 and 500),
    total_vnd bigint not null constraint outgoing_files_total_check check (total_vnd > 0)
);
create index outgoing_files_made_by_idx on outgoing_files (made_by);
comment on table outgoing_files is 'Files of transfers for a bank';

-- One transfer out of our account. Its name is written before anybody is asked to make it, and it is the same for ever: it is
-- never sent under another one.
create table outgoing_transfers (
    id uuid primary key,
    purpose text not null constraint outgoing_transfers_purpose_check check (purpose = any ('{payout,refund}'::text[])),
    -- Of a payout the payout, of a refund the try to send it.
    subject_id uuid not null,
    batch_id uuid references outgoing_batches (id),
    producer_id uuid references producers (id),
    -- Of a refund, for the books.
    order_id uuid,
    refund_id uuid,
    bank_account_id uuid not null references bank_accounts (id),
    amount_vnd bigint not null constraint outgoing_transfers_amount_check check (amount_vnd between 1 and 499999999),
    reference text not null constraint outgoing_transfers_reference_key unique
        constraint outgoing_transfers_reference_check check (reference ~ '^[A-Z0-9]{10,16}$'),
    rail text not null constraint outgoing_transfers_rail_check check (rail = any ('{payos,bank_file}'::text[])),
    status text not null constraint outgoing_transfers_status_check check (
        status = any ('{requested,on_hold,approved,sent,unknown,confirmed,failed,cancelled}'::text[])),
    -- When something is to be done about it.
    next_at timestamptz,
    asked integer not null default 0 constraint outgoing_transfers_asked_check check (asked >= 0),
    -- The day in Vietnam on which it was sent.
    sent_on date,
    sent_at timestamptz,
    file_id uuid references outgoing_files (id),
    -- The rail's own name of it.
    rail_reference text constraint outgoing_transfers_rail_reference_check check (length(rail_reference) between 1 and 200),
    -- Why it is held, was cancelled or failed.
    reason text,
    ended_at timestamptz,
    created_at timestamptz not null,
    version integer not null default 1,
    constraint outgoing_transfers_subject_key unique (purpose, subject_id),
    constraint outgoing_transfers_whose_check check (
        case purpose when 'payout' then producer_id is not null and batch_id is not null and refund_id is null
                     else producer_id is null and order_id is not null and refund_id is not null end),
    constraint outgoing_transfers_sent_check check (
        (sent_at is null) = (sent_on is null)
        and (status not in ('sent', 'unknown', 'confirmed', 'failed') or sent_at is not null)
        and (status not in ('requested', 'on_hold', 'approved', 'cancelled') or sent_at is null)),
    constraint outgoing_transfers_ended_check check ((ended_at is not null) = (status in ('confirmed', 'failed', 'cancelled'))),
    constraint outgoing_transfers_file_check check (file_id is null or rail = 'bank_file'),
    constraint outgoing_transfers_reason_check check (status not in ('on_hold', 'failed', 'cancelled') or reason is not null)
);
create index outgoing_transfers_batch_idx on outgoing_transfers (batch_id) where batch_id is not null;
create index outgoing_transfers_producer_idx on outgoing_transfers (producer_id, id) where producer_id is not null;
-- A producer is paid by one transfer at a time.
create unique index outgoing_transfers_payout_key on outgoing_transfers (producer_id)
    where purpose = 'payout' and status in ('requested', 'on_hold', 'approved', 'sent', 'unknown');
create index outgoing_transfers_bank_account_idx on outgoing_transfers (bank_account_id);
create index outgoing_transfers_file_idx on outgoing_transfers (file_id) where file_id is not null;
create index outgoing_transfers_next_idx on outgoing_transfers (next_at) where next_at is not null;
create index outgoing_transfers_sent_idx on outgoing_transfers (sent_on) where sent_on is not null;
create index outgoing_transfers_status_idx on outgoing_transfers (status, id);
comment on table outgoing_transfers is 'Every transfer out of our bank account';

-- What happened to a transfer, for ever.
create table outgoing_events (
    id uuid primary key,
    transfer_id uuid not null references outgoing_transfers (id),
    event text not null constraint outgoing_events_event_check check (
        event = any ('{request,approve,hold,release,cancel,send,lose,confirm,fail,reverse}'::text[])),
    from_status text,
    to_status text not null,
    actor_account_id uuid references accounts (id),
    reason text,
    at timestamptz not null
);
create index outgoing_events_transfer_idx on outgoing_events (transfer_id, id);
create index outgoing_events_actor_idx on outgoing_events (actor_account_id);
comment on table outgoing_events is 'Every step of every outgoing transfer';

create function outgoing_transfer_must_step() returns trigger
    language plpgsql set search_path = public, pg_temp as $$
begin
    if (new.id, new.purpose, new.subject_id, new.batch_id, new.producer_id, new.order_id, new.refund_id, new.bank_account_id,
        new.amount_vnd, new.reference, new.rail, new.created_at) is distinct from
       (old.id, old.purpose, old.subject_id, old.batch_id, old.producer_id, old.order_id, old.refund_id, old.bank_account_id,
        old.amount_vnd, old.reference, old.rail, old.created_at)
       or (old.sent_at is not null and new.sent_at is distinct from old.sent_at)
       or (old.file_id is not null and new.file_id is distinct from old.file_id) then
        raise exception 'another transfer is another row'
            using errcode = 'check_violation', constraint = 'outgoing_transfers_stay_check';
    end if;
    if old.status <> new.status and (old.status, new.status) not in (
        ('requested', 'approved'), ('requested', 'on_hold'), ('approved', 'on_hold'), ('on_hold', 'requested'),
        ('requested', 'cancelled'), ('on_hold', 'cancelled'), ('approved', 'cancelled'), ('approved', 'sent'),
        ('sent', 'unknown'), ('sent', 'confirmed'), ('sent', 'failed'), ('unknown', 'confirmed'), ('unknown', 'failed'),
        ('confirmed', 'failed')) then
        raise exception 'a transfer does not go from % to %', old.status, new.status
            using errcode = 'check_violation', constraint = 'outgoing_transfers_steps_check';
    end if;
    if new.status in ('approved', 'sent') and old.status <> new.status and new.batch_id is not null
        and not exists (select from outgoing_batches b where b.id = new.batch_id and b.approved_by is not null) then
        raise exception 'nothing is sent that two persons have not approved'
            using errcode = 'check_violation', constraint = 'outgoing_transfers_approved_check';
    end if;
    return new;
end;
$$;
create trigger outgoing_transfers_step before update on outgoing_transfers for each row execute function outgoing_transfer_must_step();
create trigger outgoing_events_append_only before update or delete on outgoing_events for each row execute function refuse_change();
create trigger outgoing_files_append_only before update or delete on outgoing_files for each row execute function refuse_change();
create trigger outgoing_batches_kept before delete on outgoing_batches for each row execute function refuse_change();
create trigger outgoing_transfers_kept before delete on outgoing_transfers for each row execute function refuse_change();

alter table outgoing_batches enable row level security;
create policy outgoing_batches_staff on outgoing_batches using (actor_is_staff());
grant select, insert, update on outgoing_batches to ocop_app;
alter table outgoing_files enable row level security;
create policy outgoing_files_staff on outgoing_files using (actor_is_staff());
grant select, insert on outgoing_files to ocop_app;
alter table outgoing_transfers enable row level security;
create policy outgoing_transfers_own on outgoing_transfers for select using (producer_id = actor_producer() and actor_role() = 'producer');
create policy outgoing_transfers_staff on outgoing_transfers using (actor_is_staff());
grant select, insert, update on outgoing_transfers to ocop_app;
alter table outgoing_events enable row level security;
create policy outgoing_events_staff on outgoing_events using (actor_is_staff());
grant select, insert on outgoing_events to ocop_app;

-- Nothing leaves without two persons, under two names, or without its place in the books.
create view invariant_outgoing with (security_invoker = true) as
select t.id::text as object, format('%s without two persons', t.status) as detail
from outgoing_transfers t left join outgoing_batches b on b.id = t.batch_id
where t.status in ('approved', 'sent', 'unknown', 'confirmed', 'failed') and t.purpose = 'payout'
  and (b.made_by is null or b.approved_by is null or b.made_by = b.approved_by)
union all
select t.id::text, format('%s, and its last step led to %s', t.status, e.to_status)
from outgoing_transfers t
left join lateral (select to_status from outgoing_events where transfer_id = t.id order by id desc limit 1) e on true
where e.to_status is distinct from t.status
union all
select t.id::text, format('%s through %s and nobody asks', t.status, t.rail)
from outgoing_transfers t where t.rail = 'payos' and t.status in ('sent', 'unknown') and t.next_at is null
union all
select t.id::text, format('a payout of %s to somebody else''s account', t.amount_vnd)
from outgoing_transfers t join bank_accounts a on a.id = t.bank_account_id
where t.purpose = 'payout' and a.producer_id is distinct from t.producer_id
union all
select f.id::text, format('a file of %s with %s, in it %s with %s', f.transfers, f.total_vnd, count(t.id), coalesce(sum(t.amount_vnd), 0))
from outgoing_files f left join outgoing_transfers t on t.file_id = f.id
group by f.id having count(t.id) <> f.transfers or coalesce(sum(t.amount_vnd), 0) <> f.total_vnd;

-- Every payout is held once for its amount, and what became of it is what was posted; every refund that arrived has left.
create view invariant_outgoing_ledger with (security_invoker = true) as
select coalesce(t.id, l.subject_id)::text as object,
       format('%s %s: held %s, in transit %s, sent %s', coalesce(t.status, 'no transfer'), t.amount_vnd, l.held, l.transit, l.sent)
           as detail
from (select * from outgoing_transfers where purpose = 'payout') t
full join (
    select subject_id,
           coalesce(sum(amount_vnd) filter (where kind = 'payout'), 0) as held,
           coalesce(sum(sign * amount_vnd) filter (where account = 'payouts_in_transit'), 0) as transit,
           coalesce(sum(sign * amount_vnd) filter (where account = 'bank'), 0) as sent
    from (select l.kind, coalesce(o.subject_id, l.subject_id) as subject_id, s.account, s.sign, l.amount_vnd
          from ledger_transfers l
          left join ledger_transfers o on o.id = l.reverses
          cross join lateral (values (l.credit, 1), (l.debit, -1)) s (account, sign)
          where coalesce(o.kind, l.kind) in ('payout', 'payout_sent', 'payout_failed')
            and (l.kind <> 'payout' or s.sign = 1)) l
    group by subject_id) l on l.subject_id = t.id
where t.id is null
   or coalesce(l.held, 0) <> t.amount_vnd
   or l.transit <> case when t.status in ('confirmed', 'failed', 'cancelled') then 0 else t.amount_vnd end
   or l.sent <> case when t.status = 'confirmed' then t.amount_vnd else 0 end
union all
select t.id::text, format('a refund of %s that is %s: %s left', t.amount_vnd, t.status, coalesce(l.sent, 0))
from outgoing_transfers t
left join (select coalesce(o.subject_id, l.subject_id) as subject_id,
                  sum(case when l.credit = 'bank' then l.amount_vnd else -l.amount_vnd end) as sent
           from ledger_transfers l left join ledger_transfers o on o.id = l.reverses
           where coalesce(o.kind, l.kind) = 'refund_sent' and 'bank' in (l.credit, l.debit)
           group by 1) l on l.subject_id = t.subject_id
where t.purpose = 'refund'
  and coalesce(l.sent, 0) <> case when t.status = 'confirmed' then t.amount_vnd else 0 end;
grant select on invariant_outgoing, invariant_outgoing_ledger to ocop_app;
