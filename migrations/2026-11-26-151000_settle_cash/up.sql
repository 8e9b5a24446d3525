-- Carriers settle what they collected by files like those of providers, days after it: nothing of a day is missing in its
-- file, and what is not settled for long is an exception that no file says.
create or replace view clearing_movements with (security_invoker = true) as
select k.provider, 'payment' as kind, k.id as credit_id, null::uuid as transfer_id,
       case when k.callback_id is null then k.provider_reference else a.reference end as reference, k.provider_txn as transaction_no,
       k.provider_reference, k.amount_vnd, coalesce(k.moved_at, k.received_at) as moved_at, k.received_at as known_at,
       k.callback_id is not null and not exists (
           select from payment_reviews r where r.credit_id = k.id and r.resolution = 'no_money_received') as is_expected
from payment_credits k
left join payment_attempts a on a.id = k.attempt_id
union all
select t.provider, 'refund', null, t.id, a.reference, k.provider_txn, k.provider_reference, t.amount_vnd, t.at, t.at, true
from ledger_transfers t
left join orders o on o.id = t.order_id
left join payments p on p.checkout_id = o.checkout_id and (p.order_id is null or p.order_id = o.id)
left join payment_credits k on case when t.kind = 'odd_money_returned' then k.id = t.subject_id else k.payment_id = p.id end
left join payment_attempts a on a.id = k.attempt_id
where t.kind in ('refund_sent', 'odd_money_returned') and t.credit = 'clearing'
  and not exists (select from ledger_transfers r where r.reverses = t.id);

-- Until then the producer's part is not paid out.
alter table payments
    add column settled_at timestamptz,
    add constraint payments_settled_check check (settled_at is null or order_id is not null);
create index payments_unsettled_idx on payments (captured_at) where order_id is not null and settled_at is null;

alter table reconciliation_exceptions
    alter column file_id drop not null,
    add constraint reconciliation_exceptions_file_check check (file_id is not null or kind = 'missing_there');

insert into settlement_mappings (id, provider, version, rules, note, configured_by, configured_at)
select ('01938000-0000-7000-8000-0000000002' || lpad(row_number() over ()::text, 2, '0'))::uuid, provider, 1,
       jsonb_build_object('reference', reference, 'reference_is_text', false, 'transaction', transaction, 'amount', 'Tiền thu hộ',
           'amount_unit', 'dong', 'outgoing', null, 'skips_without_amount', true, 'fee', 'Phí thu hộ', 'time', null,
           'time_format', 'd/m/y h:m:s', 'status', null, 'counting', '[]'::jsonb, 'kind', null,
           'refunding', '[]'::jsonb, 'rows_skipped', 0, 'ending', '["Tổng cộng", "Tổng"]'::jsonb),
       'Mẫu ban đầu; hãy đối chiếu với bảng đối soát thu hộ của hãng', null, '2026-11-26T00:00:00Z'
from (values
    ('ghn', 'Mã đơn khách hàng', 'Mã đơn GHN'),
    ('ghtk', 'Mã đơn khách hàng', 'Mã đơn GHTK'),
    ('viettel_post', 'Mã đơn hàng', 'Mã vận đơn')
) s (provider, reference, transaction);

-- What a carrier owes us is what it collected less what it settled and what two people decided, and it is said of each parcel
-- whether it is still owed.
create view invariant_cash_settled with (security_invoker = true) as
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
      exists (select from settlement_matches m where m.credit_id = k.id)
      or exists (select from reconciliation_exceptions e where e.credit_id = k.id and e.status in ('resolved', 'dismissed')))
union all
select e.id::text, format('%s without a file, of %s', e.kind, e.provider)
from reconciliation_exceptions e where e.file_id is null and e.provider not in ('ghn', 'ghtk', 'viettel_post');
grant select on invariant_cash_settled to ocop_app;
