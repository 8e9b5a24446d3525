create index order_events_order_idx on order_events (order_id, at, id);
do $$
declare
    found record;
    listed text;
begin
    for found in
        select c.conrelid::regclass as holder, c.conname, a.attname, pg_get_constraintdef(c.oid) as definition
        from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
        where c.contype = 'c' and c.connamespace = 'public'::regnamespace and c.coninhcount = 0 and cardinality(c.conkey) = 1
            and pg_get_constraintdef(c.oid) ~ '^CHECK \(\(\w+ = ANY \(''\{[a-z0-9_.,]+\}''::text\[\]\)\)\)$'
    loop
        select string_agg(quote_literal(value), ', ' order by place) into listed
            from string_to_table(substring(found.definition from '''\{([a-z0-9_.,]+)\}'''), ',') with ordinality as l (value, place);
        execute format('alter table %s drop constraint %I', found.holder, found.conname);
        execute format('alter table %s add constraint %I check (%I in (%s))', found.holder, found.conname, found.attname, listed);
    end loop;
end;
$$;
