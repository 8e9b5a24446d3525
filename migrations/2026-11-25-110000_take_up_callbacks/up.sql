-- When a message that its own request did not finish was given to a job; the job then tries until it succeeds or is dead.
alter table payment_callbacks add column handed_over_at timestamptz;

-- Only what was verified has an effect, once; and whatever comes is finished soon.
create or replace view invariant_callbacks with (security_invoker = true) as
select id::text as object, 'applied without being verified' as detail
from payment_callbacks where outcome = 'applied' and verified is not true
union all
select id::text, 'unprocessed for more than 5 minutes'
from payment_callbacks where processed_at is null and received_at < now() - interval '5 minutes'
union all
select min(id::text), format('applied %s times', count(*))
from payment_callbacks where outcome = 'applied' group by provider, event_key having count(*) > 1
union all
select k.id::text, 'credited by an unverified callback'
from payment_credits k left join payment_callbacks b on b.id = k.callback_id
where b.verified is not true;
