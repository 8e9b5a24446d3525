-- What was really packed of lines whose price follows the weight, and what is owed back for what is missing of it.
create table order_weights (
    order_id uuid not null references orders (id),
    variant_id uuid not null references variants (id),
    buyer_account_id uuid not null references accounts (id),
    producer_id uuid not null references producers (id),
    -- Grams of the whole line: ordered, and packed.
    ordered_g bigint not null constraint order_weights_ordered_check check (ordered_g > 0),
    packed_g bigint not null constraint order_weights_packed_check check (packed_g >= 0),
    refund_vnd bigint not null constraint order_weights_refund_check check (refund_vnd between 0 and 100000000000),
    at timestamptz not null,
    primary key (order_id, variant_id)
);
create index order_weights_variant_idx on order_weights (variant_id);
create index order_weights_buyer_idx on order_weights (buyer_account_id);
create index order_weights_producer_idx on order_weights (producer_id);
create trigger order_weights_append_only before update or delete on order_weights
    for each row execute function refuse_change();
alter table order_weights enable row level security;
create policy order_weights_parties on order_weights for select using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account())
    or producer_id = actor_producer() or actor_is_staff());
create policy order_weights_write on order_weights for insert with check (producer_id = actor_producer());
grant select, insert on order_weights to ocop_app;

-- A weighed order owes for its missing weight exactly once it is packed, and nothing of more than was paid for a line.
create view invariant_order_weights with (security_invoker = true) as
select o.id::text as object,
       format('%s: owed for weight %s, weighed %s', o.status, coalesce(f.owed, 0), coalesce(w.refund, 0)) as detail
from orders o
join (select order_id, sum(refund_vnd) as refund from order_weights group by order_id) w on w.order_id = o.id
left join (select order_id, sum(amount_vnd) as owed from order_refunds where cause = 'weight' group by order_id) f on f.order_id = o.id
where case when exists (select from order_events e where e.order_id = o.id and e.to_status = 'packed')
           then coalesce(f.owed, 0) <> w.refund else coalesce(f.owed, 0) <> 0 end
union all
select w.order_id::text || '/' || w.variant_id, format('refund %s of %s', w.refund_vnd, coalesce(l.total_vnd - l.discount_vnd, 0))
from order_weights w left join order_lines l on l.order_id = w.order_id and l.variant_id = w.variant_id
where l.id is null or not l.is_weighed or w.refund_vnd > l.total_vnd - l.discount_vnd
   or (w.packed_g >= w.ordered_g and w.refund_vnd <> 0)
union all
select order_id::text, 'owed for weight without being weighed'
from order_refunds f where cause = 'weight' and not exists (select from order_weights w where w.order_id = f.order_id);
grant select on invariant_order_weights to ocop_app;
