create or replace view invariant_callbacks with (security_invoker = true) as
select id::text as object, 'applied without being verified' as detail
from payment_callbacks where outcome = 'applied' and verified is not true
union all
select id::text, 'verified and unprocessed for more than 5 minutes'
from payment_callbacks where verified and processed_at is null and received_at < now() - interval '5 minutes'
union all
select min(id::text), format('applied %s times', count(*))
from payment_callbacks where outcome = 'applied' group by provider, event_key having count(*) > 1
union all
select k.id::text, 'credited by an unverified callback'
from payment_credits k left join payment_callbacks b on b.id = k.callback_id
where b.verified is not true;

alter table payment_callbacks drop column handed_over_at;
