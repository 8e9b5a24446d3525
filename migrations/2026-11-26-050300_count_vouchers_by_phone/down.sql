create or replace view invariant_vouchers with (security_invoker = true) as
select v.id::text as object,
       format('uses %s of at most %s, taken %s; spent %s of at most %s, shares %s',
              v.uses, v.uses_max, coalesce(u.taken, 0), v.spent_vnd, v.budget_vnd, coalesce(s.spent, 0)) as detail
from vouchers v
left join (select voucher_id, count(*) as taken from voucher_uses where given_back_at is null group by voucher_id) u
    on u.voucher_id = v.id
left join (select u.voucher_id, sum(s.goods_vnd + s.shipping_vnd) as spent
           from voucher_shares s join voucher_uses u using (checkout_id)
           where s.given_back_at is null group by u.voucher_id) s
    on s.voucher_id = v.id
where v.uses <> coalesce(u.taken, 0) or v.spent_vnd <> coalesce(s.spent, 0)
   or v.uses > v.uses_max or v.spent_vnd > v.budget_vnd
union all
select format('%s/%s', voucher_id, buyer_account_id),
       format('buyer counted %s of at most %s, taken %s', coalesce(b.uses, 0), v.uses_per_buyer_max, coalesce(u.taken, 0))
from voucher_buyers b
full join (select voucher_id, buyer_account_id, count(*) as taken from voucher_uses
           where given_back_at is null group by voucher_id, buyer_account_id) u using (voucher_id, buyer_account_id)
join vouchers v on v.id = voucher_id
where coalesce(b.uses, 0) <> coalesce(u.taken, 0) or coalesce(b.uses, 0) > v.uses_per_buyer_max;

alter table voucher_uses drop column phone;
drop table voucher_phones;
