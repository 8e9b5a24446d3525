-- A transfer to our account is told by a notice and by a list, which number it otherwise: it is one by the bank's number,
-- its amount and its moment.
create view invariant_listed_money with (security_invoker = true) as
select n.id::text as object, 'told by a notice and by a list, and credited by both' as detail
from payment_credits n
join payment_credits l on l.provider = n.provider and l.provider_reference = n.provider_reference
    and l.amount_vnd = n.amount_vnd and l.moved_at = n.moved_at
where n.provider = 'bank_transfer' and l.provider_txn like 'list:%' and n.provider_txn not like 'list:%';
grant select on invariant_listed_money to ocop_app;
