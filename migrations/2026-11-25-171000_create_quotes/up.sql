-- What a buyer is shown before buying: every line, delivery, voucher and total, with the contract of each producer.
create table quotes (
    id uuid primary key,
    buyer_account_id uuid not null references accounts (id),
    commune_code text not null references communes (code),
    voucher_code text,
    -- One part per producer, as the program wrote it; see orders::quotes::Quote.
    parts jsonb not null,
    total_vnd bigint not null constraint quotes_total_check check (total_vnd between 1 and 100000000000),
    -- Of the contracts of all parts together: what the buyer confirms.
    contract_sha256 text not null constraint quotes_contract_check check (contract_sha256 ~ '^[0-9a-f]{64}$'),
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index quotes_buyer_idx on quotes (buyer_account_id);
create index quotes_commune_idx on quotes (commune_code);
create index quotes_expires_idx on quotes (expires_at);
comment on table quotes is 'Good for 15 minutes; kept as long as an order was made from it';

create table quote_contracts (
    quote_id uuid not null references quotes (id) on delete cascade,
    producer_id uuid not null references producers (id),
    buyer_account_id uuid not null references accounts (id),
    sha256 text not null constraint quote_contracts_sha256_check check (sha256 ~ '^[0-9a-f]{64}$'),
    text text not null,
    primary key (quote_id, producer_id),
    constraint quote_contracts_hash_check check (sha256 = encode(sha256(convert_to(text, 'UTF8')), 'hex'))
);
create index quote_contracts_producer_idx on quote_contracts (producer_id);
create index quote_contracts_buyer_idx on quote_contracts (buyer_account_id);
create trigger quote_contracts_never_changed before update on quote_contracts
    for each row execute function refuse_change();
comment on table quote_contracts is 'What was agreed with one producer, word for word (Law 19/2023, articles 37 and 38)';

alter table orders
    add column quote_id uuid references quotes (id),
    add column contract_sha256 text constraint orders_contract_check check (contract_sha256 ~ '^[0-9a-f]{64}$'),
    add column delivery_code text not null default 'own',
    add column pickup_code text,
    -- A voucher may leave one of several orders without anything to pay.
    drop constraint orders_total_check,
    add constraint orders_total_check check (total_vnd between 0 and 100000000000);
create index orders_quote_idx on orders (quote_id);

alter table order_lines
    add column discount_vnd bigint not null default 0,
    add column transport_class text not null default 'ambient'
        constraint order_lines_transport_class_check check (transport_class in
            ('ambient', 'fragile', 'fresh_short', 'chilled', 'frozen', 'live', 'liquid_flammable')),
    add column is_weighed boolean not null default false,
    add constraint order_lines_discount_check check (discount_vnd between 0 and total_vnd);

alter table variants add column is_weighed boolean not null default false;
comment on column variants.is_weighed is 'The price follows the weight that is really packed';

alter table producers
    add column minimum_order_vnd bigint not null default 0
        constraint producers_minimum_order_check check (minimum_order_vnd between 0 and 100000000);
comment on column producers.minimum_order_vnd is 'Goods for less are not sold to one buyer at once';

alter table quotes enable row level security;
create policy quotes_own on quotes using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account()) or actor_is_staff());
alter table quote_contracts enable row level security;
create policy quote_contracts_parties on quote_contracts for select using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account())
    or producer_id = actor_producer() or actor_is_staff());
create policy quote_contracts_write on quote_contracts for insert with check (
    (actor_role() = 'buyer' and buyer_account_id = actor_account()) or actor_is_staff());
create policy quote_contracts_purge on quote_contracts for delete using (actor_is_platform());
grant select, insert, delete on quotes, quote_contracts to ocop_app;

-- Totals are sums of their parts, and an order agrees with what was shown.
create or replace view invariant_totals with (security_invoker = true) as
select o.id::text as object,
       format('order %s: goods %s, shipping %s, discount %s, lines %s less %s', o.total_vnd, o.goods_vnd, o.shipping_vnd,
              o.discount_vnd, coalesce(l.total, 0), coalesce(l.discount, 0)) as detail
from orders o
left join (select order_id, sum(quantity::bigint * price_vnd) as total, sum(discount_vnd) as discount
           from order_lines group by order_id) l on l.order_id = o.id
where o.goods_vnd <> coalesce(l.total, 0) or o.total_vnd <> o.goods_vnd + o.shipping_vnd - o.discount_vnd
   or o.discount_vnd - coalesce(l.discount, 0) not between 0 and o.shipping_vnd
union all
select c.id::text, format('checkout %s, orders %s', c.total_vnd, coalesce(o.total, 0))
from checkouts c
left join (select checkout_id, sum(total_vnd) as total from orders group by checkout_id) o on o.checkout_id = c.id
where c.total_vnd <> coalesce(o.total, 0)
union all
select o.id::text, format('contract %s, shown %s', o.contract_sha256, coalesce(c.sha256, 'nothing'))
from orders o left join quote_contracts c on c.quote_id = o.quote_id and c.producer_id = o.producer_id
where o.quote_id is not null and o.contract_sha256 is distinct from c.sha256;
