create or replace view invariant_cash_settled with (security_invoker = true) as
select coalesce(l.provider, k.provider) as object,
       format('%s stand with it, of %s that it collected and %s that left', coalesce(l.standing, 0), coalesce(k.collected, 0),
              coalesce(s.left_vnd, 0)) as detail
from (select provider, sum(case when debit = 'clearing' then amount_vnd else -amount_vnd end) as standing
      from ledger_transfers where 'clearing' in (debit, credit) and provider in ('ghn', 'ghtk', 'viettel_post') group by provider) l
full join (select provider, sum(amount_vnd) as collected from payment_credits
           where provider in ('ghn', 'ghtk', 'viettel_post') group by provider) k on k.provider = l.provider
left join (select provider, sum(case when credit = 'clearing' then amount_vnd else -amount_vnd end) as left_vnd
           from ledger_transfers
           where 'clearing' in (debit, credit) and kind in ('settlement', 'provider_fee', 'correction', 'reversal') group by provider) s
    on s.provider = coalesce(l.provider, k.provider)
where coalesce(l.standing, 0) <> coalesce(k.collected, 0) - coalesce(s.left_vnd, 0)
union all
select p.id::text, format('settled at %s', coalesce(p.settled_at::text, 'no time'))
from payments p join payment_credits k on k.payment_id = p.id
where p.order_id is not null
  and (p.settled_at is not null) <> (
      exists (select from settlement_matches m where m.credit_id = k.id and not exists (
                  select from ledger_transfers s join ledger_transfers r on r.reverses = s.id
                  where s.kind = 'settlement' and s.subject_id = m.line_id))
      or exists (select from reconciliation_exceptions e
                 where e.credit_id = k.id and e.status in ('resolved', 'dismissed') and not exists (
                     select from money_decisions d join money_decision_postings c on c.decision_id = d.id
                     join ledger_transfers s on s.kind = 'correction' and s.subject_id = c.id
                     join ledger_transfers r on r.reverses = s.id where d.exception_id = e.id)))
union all
select e.id::text, format('%s without a file, of %s', e.kind, e.provider)
from reconciliation_exceptions e where e.file_id is null and e.provider not in ('ghn', 'ghtk', 'viettel_post');
