-- The server reads a table's checks anew at every statement that writes to it. A list written as `in ('a', 'b', …)` is kept
-- as one expression for each value; as one array it is a fifth of that, and a purchase writes to ten tables with such lists.
do $$
declare
    found record;
    listed text[];
begin
    for found in
        select c.conrelid::regclass as holder, c.conname, a.attname, pg_get_constraintdef(c.oid) as definition
        from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
        where c.contype = 'c' and c.connamespace = 'public'::regnamespace and c.coninhcount = 0 and cardinality(c.conkey) = 1
            and pg_get_constraintdef(c.oid) ~ '^CHECK \(\(\w+ = ANY \(ARRAY\[(''[a-z0-9_.]+''::text(, )?)+\]\)\)\)$'
    loop
        select array_agg(value[1] order by place) into listed
            from regexp_matches(found.definition, '''([a-z0-9_.]+)''::text', 'g') with ordinality as l (value, place);
        execute format('alter table %s drop constraint %I', found.holder, found.conname);
        execute format('alter table %s add constraint %I check (%I = any (%L::text[]))',
                       found.holder, found.conname, found.attname, listed::text);
    end loop;
end;
$$;

-- An order's events are read by their steps.
drop index order_events_order_idx;
