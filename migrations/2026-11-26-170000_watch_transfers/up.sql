-- When operators were called because nobody knows what became of it.
alter table outgoing_transfers add column alarmed_at timestamptz,
    add constraint outgoing_transfers_alarmed_check check (alarmed_at is null or sent_at is not null);
create index outgoing_transfers_unended_idx on outgoing_transfers (sent_at) where status in ('sent', 'unknown');

-- More topics, whatever others there are.
do $$
declare
    topics text[];
begin
    select array_agg(value[1] order by place) into topics
        from regexp_matches((select pg_get_constraintdef(oid) from pg_constraint where conname = 'notices_topic_check'),
                            '[a-z]+(?:_[a-z]+)*(?=[,}])', 'g') with ordinality as l (value, place);
    alter table notices drop constraint notices_topic_check;
    execute format('alter table notices add constraint notices_topic_check check (topic = any (%L::text[]))',
                   (topics || '{transfer_overdue,refund_overdue,fee_announced}'::text[])::text);
end;
$$;

-- Money that waits for a person or for a bank, by what it waits for: how much, since when, and for how much of it people
-- were called.
create view waiting_money with (security_invoker = true) as
select 'review' as kind, count(*) as number, coalesce(sum(amount_vnd), 0)::bigint as amount_vnd, min(created_at) as since,
       0::bigint as alarms
from payment_reviews where status = 'open'
union all
select 'exception', count(*), coalesce(sum(coalesce(theirs_vnd, ours_vnd)), 0)::bigint, min(found_at), 0
from reconciliation_exceptions where status in ('open', 'proposed')
union all
select 'decision', count(*), coalesce(sum(p.amount_vnd), 0)::bigint, min(d.proposed_at), 0
from money_decisions d
left join lateral (select sum(amount_vnd) as amount_vnd from money_decision_postings where decision_id = d.id) p on true
where d.status = 'proposed'
union all
select 'account_to_verify', count(*), 0, min(given_at), 0 from bank_accounts where status = 'given' and producer_id is not null
union all
select 'transfer_to_approve', count(*), coalesce(sum(amount_vnd), 0)::bigint, min(created_at), 0
from outgoing_transfers where status in ('requested', 'on_hold')
union all
select 'transfer_to_send', count(*), coalesce(sum(amount_vnd), 0)::bigint, min(created_at), 0
from outgoing_transfers where status = 'approved'
union all
select 'transfer_sent', count(*), coalesce(sum(amount_vnd), 0)::bigint, min(sent_at), count(alarmed_at)
from outgoing_transfers where status in ('sent', 'unknown')
union all
select 'refund_to_decide', count(*), coalesce(sum(amount_vnd), 0)::bigint, min(created_at), 0
from refunds where ended_at is null and status in ('requested', 'manual')
union all
select 'refund_to_send', count(*), coalesce(sum(amount_vnd), 0)::bigint, min(created_at), 0
from refunds where ended_at is null and status in ('approved', 'failed')
union all
select 'refund_sent', count(*), coalesce(sum(amount_vnd), 0)::bigint, min(t.asked_at),
       count(*) filter (where r.alarmed_at >= t.asked_at)
from refunds r join refund_tries t on t.refund_id = r.id and t.outcome is null
where r.ended_at is null and r.status in ('sent', 'unknown')
union all
select 'tax_payment', count(*), coalesce(sum(vat_vnd + pit_vnd), 0)::bigint, min(proposed_at), 0
from tax_payments where status = 'proposed';
grant select on waiting_money to ocop_app;
