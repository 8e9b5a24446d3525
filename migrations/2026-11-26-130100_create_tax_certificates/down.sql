drop view invariant_tax_certificates;
delete from notices where topic in ('tax_threshold_near', 'tax_threshold_passed');
do $$
declare
    topics text[];
begin
    select array_agg(value[1] order by place) into topics
        from regexp_matches((select pg_get_constraintdef(oid) from pg_constraint where conname = 'notices_topic_check'),
                            '[a-z]+(?:_[a-z]+)*(?=[,}])', 'g') with ordinality as l (value, place)
        where value[1] not in ('tax_threshold_near', 'tax_threshold_passed');
    alter table notices drop constraint notices_topic_check;
    execute format('alter table notices add constraint notices_topic_check check (topic = any (%L::text[]))', topics::text);
end;
$$;
drop table tax_warnings;
drop table tax_certificates;
drop table tax_certificate_numbers;
