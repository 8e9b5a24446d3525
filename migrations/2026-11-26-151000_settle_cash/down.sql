drop view invariant_cash_settled;
create or replace view clearing_movements with (security_invoker = true) as
select k.provider, 'payment' as kind, k.id as credit_id, null::uuid as transfer_id, a.reference, k.provider_txn as transaction_no,
       k.provider_reference, k.amount_vnd, coalesce(k.moved_at, k.received_at) as moved_at, k.received_at as known_at,
       not exists (select from payment_reviews r where r.credit_id = k.id and r.resolution = 'no_money_received') as is_expected
from payment_credits k
left join payment_attempts a on a.id = k.attempt_id
union all
select t.provider, 'refund', null, t.id, a.reference, k.provider_txn, k.provider_reference, t.amount_vnd, t.at, t.at, true
from ledger_transfers t
left join orders o on o.id = t.order_id
left join payments p on p.checkout_id = o.checkout_id
left join payment_credits k on case when t.kind = 'odd_money_returned' then k.id = t.subject_id else k.payment_id = p.id end
left join payment_attempts a on a.id = k.attempt_id
where t.kind in ('refund_sent', 'odd_money_returned') and t.credit = 'clearing'
  and not exists (select from ledger_transfers r where r.reverses = t.id);

-- What no file says was only about cash.
do $$
begin
    if exists (select from reconciliation_exceptions where file_id is null)
        or exists (select from settlement_files where provider = any ('{ghn,ghtk,viettel_post}'::text[])) then
        raise exception 'carriers have settled, or not settled, what they collected';
    end if;
end;
$$;
alter table settlement_mappings disable trigger settlement_mappings_append_only;
delete from settlement_mappings where provider = any ('{ghn,ghtk,viettel_post}'::text[]);
alter table settlement_mappings enable trigger settlement_mappings_append_only;
alter table reconciliation_exceptions
    drop constraint reconciliation_exceptions_file_check,
    alter column file_id set not null;
alter table payments drop constraint payments_settled_check, drop column settled_at;
