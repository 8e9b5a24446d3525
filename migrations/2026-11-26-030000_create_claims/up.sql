-- What buyers claim of delivered orders, and what comes of it. An order is claimed at most once: when the claim ends, the
-- order has ended or comes back.
create table claims (
    id uuid primary key,
    order_id uuid not null references orders (id),
    buyer_account_id uuid not null references accounts (id),
    producer_id uuid not null references producers (id),
    kind text not null constraint claims_kind_check check (kind in
        ('damaged', 'spoiled', 'wrong_goods', 'missing', 'underweight', 'unsafe', 'other')),
    text text not null,
    wish text not null constraint claims_wish_check check (wish in ('refund', 'return')),
    status text not null constraint claims_status_check check (status in
        ('open', 'offered', 'in_review', 'returning', 'settled', 'decided', 'withdrawn')),
    -- Whether all goods of its lines keep, so that they can come back.
    keeps boolean not null,
    -- The way, when everything is claimed.
    shipping_vnd bigint not null constraint claims_shipping_check check (shipping_vnd between 0 and 100000000000),
    claimed_vnd bigint not null constraint claims_claimed_check check (claimed_vnd between 1 and 100000000000),
    offered_vnd bigint constraint claims_offered_check check (offered_vnd between 1 and claimed_vnd - 1),
    granted_vnd bigint constraint claims_granted_check check (granted_vnd between 0 and claimed_vnd),
    -- Until when whoever is to act must have acted.
    due_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint claims_order_key unique (order_id),
    constraint claims_due_check check ((due_at is not null) = (status in ('open', 'offered', 'in_review'))),
    constraint claims_ended_check check ((granted_vnd is not null) = (status in ('settled', 'decided'))),
    constraint claims_settled_check check (status <> 'settled' or granted_vnd > 0),
    constraint claims_return_check check (keeps or status <> 'returning'),
    constraint claims_offer_check check (status <> 'offered' or offered_vnd is not null)
);
create index claims_buyer_idx on claims (buyer_account_id);
create index claims_producer_idx on claims (producer_id, id);
create index claims_producer_id_idx on claims (producer_id);
create index claims_due_idx on claims (due_at, id) where status = 'in_review';
comment on table claims is 'What a buyer claims of a delivered order: how much, what was offered and what was granted';

create table claim_lines (
    claim_id uuid not null references claims (id),
    variant_id uuid not null references variants (id),
    buyer_account_id uuid not null references accounts (id),
    producer_id uuid not null references producers (id),
    quantity integer not null constraint claim_lines_quantity_check check (quantity between 1 and 10000),
    amount_vnd bigint not null constraint claim_lines_amount_check check (amount_vnd between 0 and 100000000000),
    primary key (claim_id, variant_id)
);
create index claim_lines_variant_idx on claim_lines (variant_id);
create index claim_lines_buyer_idx on claim_lines (buyer_account_id);
create index claim_lines_producer_idx on claim_lines (producer_id);
create trigger claim_lines_append_only before update or delete on claim_lines
    for each row execute function refuse_change();
comment on table claim_lines is 'Which goods a claim is about, and what was paid for them';

create table claim_events (
    id uuid primary key,
    claim_id uuid not null references claims (id),
    buyer_account_id uuid not null references accounts (id),
    producer_id uuid not null references producers (id),
    event text not null constraint claim_events_event_check check (event in
        ('open', 'accept', 'offer', 'accept-offer', 'reject-offer', 'ask-return', 'receive-return', 'contest', 'time-out',
         'withdraw', 'decide')),
    from_status text,
    to_status text not null,
    -- The version of the claim after the event.
    step integer not null,
    actor_role text not null,
    text text,
    amount_vnd bigint constraint claim_events_amount_check check (amount_vnd between 0 and 100000000000),
    at timestamptz not null,
    constraint claim_events_step_key unique (claim_id, step),
    constraint claim_events_text_check check (text is not null or event not in ('open', 'contest', 'ask-return', 'decide'))
);
create index claim_events_claim_idx on claim_events (claim_id);
create index claim_events_buyer_idx on claim_events (buyer_account_id);
create index claim_events_producer_idx on claim_events (producer_id);
create trigger claim_events_append_only before update or delete on claim_events
    for each row execute function refuse_change();
comment on table claim_events is 'Every step of a claim with what was written and which amount was named, never changed';

alter table claims enable row level security;
create policy claims_parties on claims using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account())
    or producer_id = actor_producer() or actor_is_staff());
alter table claim_lines enable row level security;
create policy claim_lines_parties on claim_lines using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account())
    or producer_id = actor_producer() or actor_is_staff());
alter table claim_events enable row level security;
create policy claim_events_parties on claim_events using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account())
    or producer_id = actor_producer() or actor_is_staff());
grant select, insert, update on claims to ocop_app;
grant select, insert on claim_lines, claim_events to ocop_app;

-- A claim is where its last event left it, its events follow each other, it claims what was paid for its goods and what
-- was left to owe, and what belongs to it has the parties of its order.
create view invariant_claims with (security_invoker = true) as
select c.id::text as object, format('status %s at %s, last event to %s at %s', c.status, c.version, coalesce(e.to_status, 'none'), e.step) as detail
from claims c
left join lateral (select to_status, step from claim_events e where e.claim_id = c.id order by step desc limit 1) e on true
where e.to_status is distinct from c.status or e.step is distinct from c.version
union all
select e.claim_id::text, format('step %s from %s after %s', e.step, coalesce(e.from_status, 'none'), coalesce(e.before, 'none'))
from (select claim_id, step, from_status, lag(to_status) over (partition by claim_id order by step) as before from claim_events) e
where e.from_status is distinct from e.before
union all
select c.id::text, format('claimed %s, lines %s, way %s', c.claimed_vnd, coalesce(l.total, 0), c.shipping_vnd)
from claims c
join orders o on o.id = c.order_id
left join (select claim_id, sum(amount_vnd) as total from claim_lines group by claim_id) l on l.claim_id = c.id
left join (select order_id, sum(amount_vnd) as total from order_refunds where cause <> 'claim' group by order_id) r on r.order_id = o.id
where c.claimed_vnd <> least(coalesce(l.total, 0) + c.shipping_vnd, o.total_vnd - coalesce(r.total, 0))
   or c.shipping_vnd not in (0, o.shipping_vnd)
union all
select c.id::text, format('%s of %s for %s of %s', l.quantity, coalesce(ol.quantity, 0), l.amount_vnd, coalesce(ol.total_vnd - ol.discount_vnd, 0))
from claim_lines l
join claims c on c.id = l.claim_id
left join order_lines ol on ol.order_id = c.order_id and ol.variant_id = l.variant_id
where (l.quantity <= ol.quantity and l.amount_vnd <= ol.total_vnd - ol.discount_vnd) is not true
union all
select c.id::text, 'it, its lines or its events belong to others than its order'
from claims c join orders o on o.id = c.order_id
where (o.buyer_account_id, o.producer_id) <> (c.buyer_account_id, c.producer_id)
   or exists (select from claim_lines l where l.claim_id = c.id
              and (l.buyer_account_id, l.producer_id) <> (o.buyer_account_id, o.producer_id))
   or exists (select from claim_events e where e.claim_id = c.id
              and (e.buyer_account_id, e.producer_id) <> (o.buyer_account_id, o.producer_id));

-- An order is disputed exactly while a claim about it waits for somebody, comes back while its claim waits for the goods,
-- and is owed for claims exactly what they were granted.
create view invariant_claimed_orders with (security_invoker = true) as
select o.id::text as object, format('order %s, claim %s', o.status, coalesce(c.status, 'none')) as detail
from orders o left join claims c on c.order_id = o.id
where (o.status = 'disputed') <> coalesce(c.status in ('open', 'offered', 'in_review'), false)
   or (c.status = 'returning' and o.status <> 'returning')
   or (c.status = 'withdrawn' and o.status <> 'completed')
   or (c.status = 'decided' and c.granted_vnd = 0 and o.status <> 'completed')
   or (c.granted_vnd > 0 and o.status not in ('refunded', 'partially_refunded', 'returned'))
union all
select o.id::text, format('granted %s, owed %s', coalesce(c.granted_vnd, 0), coalesce(r.total, 0))
from orders o
left join claims c on c.order_id = o.id
left join (select order_id, sum(amount_vnd) as total from order_refunds where cause = 'claim' group by order_id) r on r.order_id = o.id
where coalesce(c.granted_vnd, 0) <> coalesce(r.total, 0);
grant select on invariant_claims, invariant_claimed_orders to ocop_app;

-- A photo is used by something of its owner that is there, and shown to everybody only with a review that is.
create or replace view invariant_photos with (security_invoker = true) as
select p.id::text as object, format('used by a %s that is not its owner''s', p.used_by_kind) as detail
from photos p
where p.used_by_kind = 'complaint' and not exists (
        select from complaints c where c.id = p.used_by_id and c.buyer_account_id = p.owner_account_id)
   or p.used_by_kind = 'review' and not exists (
        select from reviews r where r.id = p.used_by_id and r.buyer_account_id = p.owner_account_id)
   or p.used_by_kind = 'claim' and not exists (
        select from claims c where c.id = p.used_by_id and c.buyer_account_id = p.owner_account_id
        and c.producer_id is not distinct from p.producer_id)
union all
select p.id::text, format('public %s', p.is_public)
from photos p left join reviews r on r.id = p.used_by_id and p.used_by_kind = 'review'
where p.used_at is not null and p.is_public <> coalesce(r.status = 'visible', false)
union all
select min(p.id::text), format('%s photos of one %s', count(*), p.used_by_kind)
from photos p where p.used_at is not null group by p.used_by_kind, p.used_by_id having count(*) > 5;
