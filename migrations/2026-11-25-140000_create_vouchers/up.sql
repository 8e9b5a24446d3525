-- A voucher is a promise of somebody who pays: so many uses, so much money, never more.
create table vouchers (
    id uuid primary key,
    -- As it is compared: Crockford's symbols in upper case, without what people type between them.
    code text not null
        constraint vouchers_code_key unique
        constraint vouchers_code_check check (code ~ '^[0-9A-HJKMNP-TV-Z]{6,16}$'),
    payer text not null constraint vouchers_payer_check check (payer in ('platform', 'producer', 'province')),
    -- The producer who pays. His voucher is for his own goods.
    producer_id uuid references producers (id),
    kind text not null constraint vouchers_kind_check check (kind in ('percent', 'amount', 'free_shipping')),
    rate_bp integer constraint vouchers_rate_check check (rate_bp between 1 and 10000),
    -- The amount, or the most that a rate or free shipping gives.
    amount_vnd bigint not null constraint vouchers_amount_check check (amount_vnd between 1 and 100000000000),
    minimum_vnd bigint not null constraint vouchers_minimum_check check (minimum_vnd between 0 and 100000000000),
    -- Days in Vietnam, both included.
    starts_on date not null,
    ends_on date not null,
    -- Empty: all.
    producer_ids uuid[] not null constraint vouchers_producer_ids_check
        check (cardinality(producer_ids) <= 20 and array_position(producer_ids, null) is null),
    -- Empty: all but spirits, which may not be promoted (Law 44/2019, article 5).
    product_sets smallint[] not null constraint vouchers_product_sets_check
        check (cardinality(product_sets) <= 26 and array_position(product_sets, null) is null
               and not product_sets && '{14,15}'),
    uses_max integer not null constraint vouchers_uses_max_check check (uses_max between 1 and 1000000),
    uses_per_buyer_max integer not null constraint vouchers_uses_per_buyer_max_check
        check (uses_per_buyer_max between 1 and 1000),
    budget_vnd bigint not null constraint vouchers_budget_check check (budget_vnd between 1 and 100000000000),
    uses integer not null default 0,
    spent_vnd bigint not null default 0,
    status text not null constraint vouchers_status_check check (status in ('active', 'paused', 'ended')),
    created_by uuid not null references accounts (id),
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint vouchers_payer_producer_check check ((payer = 'producer') = (producer_id is not null)),
    constraint vouchers_own_goods_check check (producer_id is null or producer_ids = array[producer_id]),
    constraint vouchers_kind_rate_check check ((kind = 'percent') = (rate_bp is not null)),
    constraint vouchers_days_check check (starts_on <= ends_on),
    constraint vouchers_uses_check check (uses between 0 and uses_max),
    constraint vouchers_spent_check check (spent_vnd between 0 and budget_vnd)
);
create index vouchers_producer_idx on vouchers (producer_id, id) where producer_id is not null;
create index vouchers_created_by_idx on vouchers (created_by);

-- How often each buyer has a use of a voucher.
create table voucher_buyers (
    voucher_id uuid not null references vouchers (id),
    buyer_account_id uuid not null references accounts (id),
    uses integer not null constraint voucher_buyers_uses_check check (uses >= 0),
    primary key (voucher_id, buyer_account_id)
);
create index voucher_buyers_buyer_idx on voucher_buyers (buyer_account_id);

-- One voucher in one checkout. The checkout may be written later in the same transaction.
create table voucher_uses (
    checkout_id uuid primary key references checkouts (id) deferrable initially deferred,
    voucher_id uuid not null references vouchers (id),
    buyer_account_id uuid not null references accounts (id),
    taken_at timestamptz not null,
    -- The checkout ended unpaid, or every share was given back.
    given_back_at timestamptz
);
create index voucher_uses_voucher_idx on voucher_uses (voucher_id);
create index voucher_uses_buyer_idx on voucher_uses (buyer_account_id);

-- What of a use falls on one producer's order: what the payer owes for it.
create table voucher_shares (
    checkout_id uuid not null references voucher_uses (checkout_id),
    producer_id uuid not null references producers (id),
    buyer_account_id uuid not null references accounts (id),
    goods_vnd bigint not null constraint voucher_shares_goods_check check (goods_vnd between 0 and 100000000000),
    shipping_vnd bigint not null constraint voucher_shares_shipping_check check (shipping_vnd between 0 and 100000000000),
    given_back_at timestamptz,
    primary key (checkout_id, producer_id),
    constraint voucher_shares_something_check check (goods_vnd + shipping_vnd > 0)
);
create index voucher_shares_producer_idx on voucher_shares (producer_id);
create index voucher_shares_buyer_idx on voucher_shares (buyer_account_id);

create table voucher_share_lines (
    checkout_id uuid not null,
    producer_id uuid not null,
    variant_id uuid not null references variants (id),
    buyer_account_id uuid not null references accounts (id),
    discount_vnd bigint not null constraint voucher_share_lines_discount_check
        check (discount_vnd between 1 and 100000000000),
    primary key (checkout_id, variant_id),
    constraint voucher_share_lines_share_fkey foreign key (checkout_id, producer_id)
        references voucher_shares (checkout_id, producer_id)
);
create index voucher_share_lines_share_idx on voucher_share_lines (checkout_id, producer_id);
create index voucher_share_lines_variant_idx on voucher_share_lines (variant_id);
create index voucher_share_lines_buyer_idx on voucher_share_lines (buyer_account_id);
create trigger voucher_share_lines_append_only before update or delete on voucher_share_lines
    for each row execute function refuse_change();

-- Buyers never read vouchers: whoever could list them would know every code.
alter table vouchers enable row level security;
create policy vouchers_owner on vouchers using (producer_id = actor_producer() or actor_is_staff());
alter table voucher_buyers enable row level security;
create policy voucher_buyers_staff on voucher_buyers using (actor_is_staff());
alter table voucher_uses enable row level security;
create policy voucher_uses_parties on voucher_uses using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account()) or actor_is_staff());
alter table voucher_shares enable row level security;
create policy voucher_shares_parties on voucher_shares using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account())
    or producer_id = actor_producer() or actor_is_staff());
alter table voucher_share_lines enable row level security;
create policy voucher_share_lines_parties on voucher_share_lines using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account())
    or producer_id = actor_producer() or actor_is_staff());

grant select, insert on vouchers, voucher_buyers, voucher_uses, voucher_shares, voucher_share_lines to ocop_app;
grant update (uses, spent_vnd, status, version, updated_at) on vouchers to ocop_app;
grant update (uses) on voucher_buyers to ocop_app;
grant update (given_back_at) on voucher_uses, voucher_shares to ocop_app;

-- What is counted is what was taken, within the promise.
create view invariant_vouchers with (security_invoker = true) as
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

-- A use is the sum of its shares, and counts while one of them does.
create view invariant_voucher_uses with (security_invoker = true) as
select u.checkout_id::text as object, format('given back %s, shares that count %s', u.given_back_at, count(s.*)) as detail
from voucher_uses u
left join voucher_shares s on s.checkout_id = u.checkout_id and s.given_back_at is null
group by u.checkout_id
having (u.given_back_at is null) <> (count(s.*) > 0)
union all
select format('%s/%s', s.checkout_id, s.producer_id), format('goods %s, lines %s', s.goods_vnd, coalesce(sum(l.discount_vnd), 0))
from voucher_shares s
left join voucher_share_lines l using (checkout_id, producer_id)
group by s.checkout_id, s.producer_id, s.goods_vnd
having s.goods_vnd <> coalesce(sum(l.discount_vnd), 0)
union all
select format('%s/%s', s.checkout_id, s.producer_id), 'not of the buyer or the payer of the use'
from voucher_shares s
join voucher_uses u using (checkout_id)
join vouchers v on v.id = u.voucher_id
where s.buyer_account_id <> u.buyer_account_id
   or (cardinality(v.producer_ids) > 0 and s.producer_id <> all (v.producer_ids))
union all
select u.checkout_id::text, format('counts though the checkout is %s', c.status)
from voucher_uses u
join checkouts c on c.id = u.checkout_id
where u.given_back_at is null and c.status in ('expired', 'cancelled');

grant select on invariant_vouchers, invariant_voucher_uses to ocop_app;
