delete from notices where topic = any (
    '{bank_account_given,bank_account_verified,bank_account_rejected,payout_waits,payout_paid,payout_failed}'::text[]);
do $$
declare
    listed text[];
begin
    select array_agg(distinct value[1]) into listed from pg_constraint,
        regexp_matches(substring(pg_get_constraintdef(oid) from '''\{([^}]*)\}'''), '[a-z0-9_]+', 'g') value
    where conname = 'notices_topic_check'
      and value[1] <> all ('{bank_account_given,bank_account_verified,bank_account_rejected,payout_waits,payout_paid,payout_failed}'::text[]);
    alter table notices drop constraint notices_topic_check;
    execute format('alter table notices add constraint notices_topic_check check (topic = any (%L::text[]))', listed::text);
end;
$$;
drop table bank_accounts;
drop function bank_account_must_stay();
