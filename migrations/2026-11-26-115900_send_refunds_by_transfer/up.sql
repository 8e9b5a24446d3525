-- Where no provider pays back, a refund goes to the bank account that its buyer names, by a transfer out of ours.
alter table refunds drop constraint refunds_rail_check;
alter table refunds add constraint refunds_rail_check check (rail = any ('{provider,hand,transfer}'::text[]));
alter table refunds add column bank_account_id uuid references bank_accounts (id);
alter table refunds add constraint refunds_bank_account_check check ((rail = 'transfer') = (bank_account_id is not null));
create index refunds_bank_account_idx on refunds (bank_account_id) where bank_account_id is not null;
-- What was approved for one account is not approved for the next.
alter table refunds add column round integer not null default 1 constraint refunds_round_check check (round between 1 and 100);
alter table refund_approvals add column round integer not null default 1;
alter table refund_approvals drop constraint refund_approvals_pkey;
alter table refund_approvals add primary key (refund_id, round, account_id);
grant update (rail, bank_account_id, round, approvals_needed) on refunds to ocop_app;

-- What is paid back is in the books once, and what is in the books is paid back; what a person settled has left the queue.
-- A transfer is booked when the bank has made it, a moment before its refund hears of it.
create or replace view invariant_refund_books with (security_invoker = true) as
select coalesce(r.id, l.refund_id)::text as object,
       format('%s of %s: in the books %s', coalesce(r.status, 'no refund'), r.amount_vnd, coalesce(l.sent, 0)) as detail
from refunds r
full join (select refund_id, sum(case when debit = 'refunds_owed' then amount_vnd else -amount_vnd end) as sent
           from ledger_transfers
           where kind = 'refund_sent' or (kind = 'reversal' and credit = 'refunds_owed' and reverses in (
               select id from ledger_transfers where kind = 'refund_sent'))
           group by refund_id) l on l.refund_id = r.id
left join (select refund_id, count(*) as made from outgoing_transfers where status = 'confirmed' group by refund_id) o
    on o.refund_id = r.id
where coalesce(l.sent, 0) <> case when r.status = 'returned_by_hand' or coalesce(o.made, 0) > 0 then r.amount_vnd
                                  when r.rail <> 'transfer' and r.status = 'succeeded' then r.amount_vnd else 0 end
   or (r.rail = 'transfer' and r.status = 'returned_by_hand' and coalesce(o.made, 0) > 0)
union all
select r.id::text, format('%s, and still in the queue', r.status)
from refunds r join payment_reviews q on q.refund_id = r.id
where q.status = 'open' and r.status in ('succeeded', 'returned_by_hand');

-- No refund is forgotten, and none was sent that nobody approved.
create or replace view invariant_refund_steps with (security_invoker = true) as
select id::text as object, format('%s since %s, not looked at since %s', status, updated_at, next_at) as detail
from refunds where next_at < now() - interval '1 hour'
union all
select r.id::text, format('%s with %s of %s approvals', r.status, coalesce(a.persons, 0), r.approvals_needed)
from refunds r
left join (select refund_id, round, count(*) as persons from refund_approvals group by refund_id, round) a
    on a.refund_id = r.id and a.round = r.round
where r.status in ('approved', 'sent', 'unknown', 'failed', 'succeeded') and coalesce(a.persons, 0) < r.approvals_needed
union all
select r.id::text, format('%s by a transfer that is not there', r.status)
from refunds r
where r.rail = 'transfer' and r.status in ('sent', 'succeeded') and not exists (
    select from outgoing_transfers o join refund_tries t on t.id = o.subject_id
    where o.purpose = 'refund' and t.refund_id = r.id and o.refund_id = r.id and o.amount_vnd = r.amount_vnd
        and o.bank_account_id = r.bank_account_id and t.outcome is distinct from 'failed');
