drop view waiting_money;
delete from notices where topic in ('transfer_overdue', 'refund_overdue', 'fee_announced');
do $$
declare
    topics text[];
begin
    select array_agg(value[1] order by place) into topics
        from regexp_matches((select pg_get_constraintdef(oid) from pg_constraint where conname = 'notices_topic_check'),
                            '[a-z]+(?:_[a-z]+)*(?=[,}])', 'g') with ordinality as l (value, place)
        where value[1] not in ('transfer_overdue', 'refund_overdue', 'fee_announced');
    alter table notices drop constraint notices_topic_check;
    execute format('alter table notices add constraint notices_topic_check check (topic = any (%L::text[]))', topics::text);
end;
$$;
drop index outgoing_transfers_unended_idx;
alter table outgoing_transfers drop column alarmed_at;
