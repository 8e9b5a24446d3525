-- What buyers find: one row for each published product of an approved producer that has something to sell, kept by triggers in the transaction
-- of every change, whoever makes it. A list reads it in the order of an index, however many products there are.
--
-- It repeats only what everybody may see, so no row-level policy stands between a search and its index: PostgreSQL does
-- not use an index for a full text match below a policy.
create table offers (
    product_id uuid primary key references products (id),
    producer_id uuid not null references producers (id),
    product_set smallint not null references product_sets (number),
    commune_code text not null references communes (code),
    published_at timestamptz not null,
    -- Of the cheapest and of the dearest variant.
    price_vnd bigint not null,
    price_max_vnd bigint not null,
    words tsvector not null,
    constraint offers_price_check check (price_vnd <= price_max_vnd)
);
create index offers_newest_idx on offers (published_at desc, product_id);
create index offers_price_idx on offers (price_vnd, product_id);
create index offers_producer_idx on offers (producer_id, published_at desc, product_id);
create index offers_product_set_idx on offers (product_set, published_at desc, product_id);
create index offers_commune_idx on offers (commune_code, published_at desc, product_id);
create index offers_words_idx on offers using gin (words);
comment on table offers is 'Published products with something to sell, as lists and searches read them; kept by triggers';

-- What the offer of a product should be now; the trigger and the invariant ask the same.
create view offers_wanted with (security_invoker = true) as
select p.id as product_id, p.producer_id, p.product_set, p.origin_commune_code as commune_code, p.published_at,
       v.price_vnd, v.price_max_vnd,
       setweight(to_tsvector('simple', p.title_key), 'A') || setweight(to_tsvector('simple', p.place_key), 'B') as words
from products p
join producers s on s.id = p.producer_id and s.status = 'approved'
cross join lateral (
    select min(v.price_vnd) as price_vnd, max(v.price_vnd) as price_max_vnd
    from variants v where v.product_id = p.id and v.archived_at is null) v
where p.status = 'published' and v.price_vnd is not null;

-- Two changes of one product wait for each other, so that the second sees the first.
create function refresh_offer(changed uuid) returns void
    language plpgsql security definer set search_path = public as $$
begin
    perform from products where id = changed for no key update;
    delete from offers where product_id = changed
        and not exists (select from offers_wanted w where w.product_id = changed);
    insert into offers select * from offers_wanted where product_id = changed
        on conflict (product_id) do update set
            product_set = excluded.product_set, commune_code = excluded.commune_code,
            published_at = excluded.published_at, price_vnd = excluded.price_vnd,
            price_max_vnd = excluded.price_max_vnd, words = excluded.words;
end;
$$;

create function product_changes_offer() returns trigger
    language plpgsql security definer set search_path = public as $$
begin
    perform refresh_offer(new.id);
    return null;
end;
$$;

create function variant_changes_offer() returns trigger
    language plpgsql security definer set search_path = public as $$
begin
    perform refresh_offer(new.product_id);
    return null;
end;
$$;

create function producer_changes_offers() returns trigger
    language plpgsql security definer set search_path = public as $$
begin
    perform refresh_offer(p.id) from products p where p.producer_id = new.id order by p.id;
    return null;
end;
$$;

create trigger producers_offers
    after update of status on producers
    for each row when (old.status <> new.status) execute function producer_changes_offers();
create trigger products_offer
    after insert or update of status, title_key, place_key, product_set, origin_commune_code, published_at on products
    for each row execute function product_changes_offer();
create trigger variants_offer
    after insert or update of price_vnd, archived_at on variants
    for each row execute function variant_changes_offer();

insert into offers select * from offers_wanted;

drop index products_product_set_idx;
drop index products_origin_idx;
drop index products_public_idx;
drop index products_search_idx;
alter table products drop column search_words;

create view invariant_offers with (security_invoker = true) as
select coalesce(o.product_id, w.product_id)::text as object,
       case when o.product_id is null then 'offered nowhere' when w.product_id is null then 'offered, but not to be had'
            else format('offered as %s, is %s', to_jsonb(o) - 'words', to_jsonb(w) - 'words') end as detail
from offers o full join offers_wanted w using (product_id)
where o is distinct from w;

-- Raised in the transaction of whatever changes what everybody sees of the catalogue, except the stock. Who has read it
-- and finds it unchanged knows that what was read afterwards is unchanged too.
create table catalogue_version (
    is_only boolean primary key default true constraint catalogue_version_only_check check (is_only),
    version bigint not null
);
insert into catalogue_version (version) values (1);
comment on table catalogue_version is 'One row: raised by every change of what the public catalogue shows, stock apart';

-- At the end of the transaction, so that this one row is held only while it commits; once, however much it changed.
create function raise_catalogue_version() returns trigger
    language plpgsql security definer set search_path = public as $$
begin
    if current_setting('app.catalogue_raised', true) is distinct from pg_current_xact_id()::text then
        update catalogue_version set version = version + 1;
        perform set_config('app.catalogue_raised', pg_current_xact_id()::text, true);
    end if;
    return null;
end;
$$;

create constraint trigger products_seen_anew after update on products deferrable initially deferred
    for each row when (old.status = 'published' or new.status = 'published') execute function raise_catalogue_version();
create constraint trigger products_seen_first after insert on products deferrable initially deferred
    for each row when (new.status = 'published') execute function raise_catalogue_version();
create constraint trigger variants_seen after insert or update on variants deferrable initially deferred
    for each row execute function raise_catalogue_version();
create constraint trigger producers_seen after update on producers deferrable initially deferred
    for each row when (old.status = 'approved' or new.status = 'approved') execute function raise_catalogue_version();

-- All that decides whether a page of the catalogue is still true, in one statement: the version, and what is available
-- of these variants. Everybody may know both, so it needs no context; without variants there is one row with nulls.
create function see_offers(wanted uuid[])
    returns table (version bigint, variant_id uuid, available integer)
    language plpgsql stable security definer set search_path = public as $$
begin
    return query select v.version, s.variant_id, s.on_hand - s.reserved
        from catalogue_version v left join stock_levels s on s.variant_id = any (wanted);
end;
$$;
grant execute on function see_offers to ocop_app;

grant select on offers, offers_wanted, catalogue_version, invariant_offers to ocop_app;
