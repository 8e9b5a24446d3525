create or replace view invariant_refund_steps with (security_invoker = true) as
select id::text as object, format('%s since %s, not looked at since %s', status, updated_at, next_at) as detail
from refunds where next_at < now() - interval '1 hour'
union all
select r.id::text, format('%s with %s of %s approvals', r.status, coalesce(a.persons, 0), r.approvals_needed)
from refunds r left join (select refund_id, count(*) as persons from refund_approvals group by refund_id) a on a.refund_id = r.id
where r.tries > 0 and coalesce(a.persons, 0) < r.approvals_needed;

create or replace view invariant_refund_books with (security_invoker = true) as
select coalesce(r.id, l.refund_id)::text as object,
       format('%s of %s: in the books %s', coalesce(r.status, 'no refund'), r.amount_vnd, coalesce(l.sent, 0)) as detail
from refunds r
full join (select refund_id, sum(case when debit = 'refunds_owed' then amount_vnd else -amount_vnd end) as sent
           from ledger_transfers
           where kind = 'refund_sent' or (kind = 'reversal' and credit = 'refunds_owed' and reverses in (
               select id from ledger_transfers where kind = 'refund_sent'))
           group by refund_id) l on l.refund_id = r.id
where coalesce(l.sent, 0) <> case when r.status in ('succeeded', 'returned_by_hand') then r.amount_vnd else 0 end
union all
select r.id::text, format('%s, and still in the queue', r.status)
from refunds r join payment_reviews q on q.refund_id = r.id
where q.status = 'open' and r.status in ('succeeded', 'returned_by_hand');

-- From here on a person does what was to go by a transfer.
update refund_tries t set outcome = 'failed', ended_at = now()
from refunds r where r.id = t.refund_id and r.rail = 'transfer' and t.outcome is null;
alter table refunds drop constraint refunds_bank_account_check;
alter table refunds drop constraint refunds_rail_check;
update refunds set rail = case when tries > 0 then 'provider' else 'hand' end, approvals_needed = 0,
    status = case when ended_at is null then 'manual' else status end, next_at = null
where rail = 'transfer';
alter table refunds add constraint refunds_rail_check check (rail = any ('{provider,hand}'::text[]));
-- Who approved both the first and a later one has approved.
alter table refund_approvals disable trigger refund_approvals_append_only;
delete from refund_approvals a where exists (
    select from refund_approvals b where b.refund_id = a.refund_id and b.account_id = a.account_id and b.round < a.round);
alter table refund_approvals enable trigger refund_approvals_append_only;
alter table refund_approvals drop constraint refund_approvals_pkey;
alter table refund_approvals drop column round;
alter table refund_approvals add primary key (refund_id, account_id);
revoke update (approvals_needed) on refunds from ocop_app;
revoke update (rail) on refunds from ocop_app;
alter table refunds drop column round;
alter table refunds drop column bank_account_id;
