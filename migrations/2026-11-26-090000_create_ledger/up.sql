-- Double entry: every movement of money is one row with one debited and one credited account, so that the books balance by
-- construction. An account is a kind with the dimension that belongs to it: a provider, a producer, an order.
--
-- Not partitioned by month: a transfer is unique by what it is about over all time, and so is a reversal.
-- No foreign keys to orders and producers: the books outlive what they tell of, and every capture would pay for them;
-- invariant_ledger_orders looks for what is about nothing.
create table ledger_transfers (
    id uuid primary key,
    kind text not null constraint ledger_transfers_kind_check check (kind in
        ('capture', 'odd_money', 'odd_money_returned', 'odd_money_missing', 'odd_money_set_aside', 'refund', 'late_refund',
         'refund_sent', 'sale', 'carriage', 'carriage_short', 'voucher', 'voucher_taken_back', 'fee', 'fee_returned', 'vat',
         'vat_returned', 'pit', 'pit_returned', 'payout', 'payout_sent', 'payout_failed', 'settlement', 'provider_fee',
         'correction', 'reversal')),
    -- What it is about: an order, a credit, a refund, a payout. With the kind it names the transfer, so that a retry cannot
    -- move money twice.
    subject_id uuid not null,
    debit text not null constraint ledger_transfers_debit_check check (debit in
        ('clearing', 'bank', 'orders', 'producer', 'refunds_owed', 'payouts_in_transit', 'carriage', 'vat', 'pit', 'commission',
         'provider_fees', 'vouchers', 'province', 'suspense', 'set_aside')),
    credit text not null constraint ledger_transfers_credit_check check (credit in
        ('clearing', 'bank', 'orders', 'producer', 'refunds_owed', 'payouts_in_transit', 'carriage', 'vat', 'pit', 'commission',
         'provider_fees', 'vouchers', 'province', 'suspense', 'set_aside')),
    amount_vnd bigint not null constraint ledger_transfers_amount_check check (amount_vnd between 1 and 100000000000),
    provider text constraint ledger_transfers_provider_check check (provider ~ '^[a-z][a-z0-9_]{1,31}$'),
    producer_id uuid,
    order_id uuid,
    refund_id uuid,
    reverses uuid references ledger_transfers (id),
    at timestamptz not null,
    constraint ledger_transfers_subject_key unique (kind, subject_id),
    constraint ledger_transfers_sides_check check (debit <> credit),
    -- What each kind may move.
    constraint ledger_transfers_moves_check check (kind in ('correction', 'reversal') or (kind, debit, credit) in (
        ('capture', 'clearing', 'orders'),
        ('odd_money', 'clearing', 'suspense'),
        ('odd_money_returned', 'suspense', 'clearing'),
        ('odd_money_missing', 'suspense', 'clearing'),
        ('odd_money_set_aside', 'suspense', 'set_aside'),
        ('refund', 'orders', 'refunds_owed'),
        ('late_refund', 'producer', 'refunds_owed'),
        ('refund_sent', 'refunds_owed', 'clearing'),
        ('refund_sent', 'refunds_owed', 'bank'),
        ('sale', 'orders', 'producer'),
        ('carriage', 'orders', 'carriage'),
        ('carriage_short', 'producer', 'carriage'),
        ('voucher', 'vouchers', 'producer'),
        ('voucher', 'province', 'producer'),
        ('voucher_taken_back', 'producer', 'vouchers'),
        ('voucher_taken_back', 'producer', 'province'),
        ('fee', 'producer', 'commission'),
        ('fee_returned', 'commission', 'producer'),
        ('vat', 'producer', 'vat'),
        ('vat_returned', 'vat', 'producer'),
        ('pit', 'producer', 'pit'),
        ('pit_returned', 'pit', 'producer'),
        ('payout', 'producer', 'payouts_in_transit'),
        ('payout_sent', 'payouts_in_transit', 'bank'),
        ('payout_failed', 'payouts_in_transit', 'producer'),
        ('settlement', 'bank', 'clearing'),
        ('provider_fee', 'provider_fees', 'clearing'))),
    -- An account has its dimension.
    constraint ledger_transfers_through_check check (provider is not null or (
        debit not in ('clearing', 'suspense', 'set_aside', 'provider_fees')
        and credit not in ('clearing', 'suspense', 'set_aside', 'provider_fees'))),
    constraint ledger_transfers_whose_check check (producer_id is not null or 'producer' not in (debit, credit)),
    constraint ledger_transfers_order_check check (order_id is not null or 'orders' not in (debit, credit)),
    constraint ledger_transfers_refund_check check (refund_id is not null or 'refunds_owed' not in (debit, credit)),
    constraint ledger_transfers_reversal_check check (
        (kind = 'reversal') = (reverses is not null) and (reverses is null or reverses = subject_id))
);
create unique index ledger_transfers_reverses_key on ledger_transfers (reverses) where reverses is not null;
create index ledger_transfers_order_idx on ledger_transfers (order_id, id) where order_id is not null;
create index ledger_transfers_refund_idx on ledger_transfers (refund_id) where refund_id is not null;
create index ledger_transfers_statement_idx on ledger_transfers (producer_id, id) where debit = 'producer' or credit = 'producer';
comment on table ledger_transfers is 'Every movement of money, once, for ever';

-- Only producers' balances are kept: many read and bound them, while a kept balance of the platform's own accounts would
-- make one row of all sales.
create table ledger_balances (
    producer_id uuid primary key references producers (id),
    -- What he has with us. Below zero he owes.
    balance_vnd bigint not null,
    moved_at timestamptz not null
);
comment on table ledger_balances is 'Sums of ledger_transfers, kept by its trigger';

create trigger ledger_transfers_append_only before update or delete on ledger_transfers
    for each row execute function refuse_change();
create trigger ledger_transfers_never_emptied before truncate on ledger_transfers
    for each statement execute function refuse_change();

-- A correction of a mistake is its mirror.
create function ledger_must_mirror() returns trigger
    language plpgsql set search_path = public, pg_temp as $$
begin
    if not exists (
        select from ledger_transfers t
        where t.id = new.reverses and t.kind <> 'reversal' and t.debit = new.credit and t.credit = new.debit
          and t.amount_vnd = new.amount_vnd
          and (t.provider, t.producer_id, t.order_id, t.refund_id)
              is not distinct from (new.provider, new.producer_id, new.order_id, new.refund_id)) then
        raise exception 'a reversal is the mirror of its transfer'
            using errcode = 'check_violation', constraint = 'ledger_transfers_mirror_check';
    end if;
    return new;
end;
$$;
create trigger ledger_transfers_mirror before insert on ledger_transfers
    for each row when (new.reverses is not null) execute function ledger_must_mirror();

-- Runs as its owner: the application's role cannot set a balance. Late refunds, fees and taxes may leave a debt, but what
-- goes out of the door is bounded by what is there.
create function ledger_move_balance() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    left_vnd bigint;
begin
    insert into ledger_balances as b (producer_id, balance_vnd, moved_at)
    values (new.producer_id, case when new.credit = 'producer' then new.amount_vnd else -new.amount_vnd end, new.at)
    on conflict (producer_id) do update
        set balance_vnd = b.balance_vnd + excluded.balance_vnd, moved_at = greatest(b.moved_at, excluded.moved_at)
    returning balance_vnd into left_vnd;
    if new.kind = 'payout' and left_vnd < 0 then
        raise exception 'a payout of more than there is'
            using errcode = 'check_violation', constraint = 'ledger_balances_payout_check';
    end if;
    return null;
end;
$$;
create trigger ledger_transfers_balance after insert on ledger_transfers
    for each row when (new.debit = 'producer' or new.credit = 'producer') execute function ledger_move_balance();

alter table ledger_transfers enable row level security;
create policy ledger_transfers_parties on ledger_transfers for select using (
    producer_id = actor_producer() or actor_is_staff());
create policy ledger_transfers_write on ledger_transfers for insert with check (actor_is_platform());
grant select, insert on ledger_transfers to ocop_app;
alter table ledger_balances enable row level security;
create policy ledger_balances_own on ledger_balances for select using (producer_id = actor_producer() or actor_is_staff());
grant select on ledger_balances to ocop_app;

-- What happened before there were books. Ids are born at their moment, as all ids are.
create function pg_temp.id_of(at timestamptz) returns uuid language sql volatile as $$
    select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(r, 1, 3) || '8' || substr(r, 4, 15))::uuid
    from (select md5(random()::text || clock_timestamp()::text) as r) x
$$;
with sold as (
    -- Paid orders with what is left of their money, and who carried them.
    select o.*, k.provider, o.total_vnd - o.refunded_vnd as rest_vnd,
           case when o.delivery_code = 'pooled' or o.delivery_code like 'carrier:%' then o.shipping_vnd else 0 end as way_vnd,
           case when v.payer = 'platform' then 'vouchers' when v.payer = 'province' then 'province' end as payer,
           coalesce(s.goods_vnd, 0) as share_goods_vnd, coalesce(s.shipping_vnd, 0) as share_shipping_vnd,
           (select max(e.at) from order_events e where e.order_id = o.id and e.to_status = o.status) as ended_at
    from orders o
    join payments p on p.checkout_id = o.checkout_id
    join payment_credits k on k.payment_id = p.id
    left join voucher_uses u on u.checkout_id = o.checkout_id
    left join vouchers v on v.id = u.voucher_id
    left join voucher_shares s on s.checkout_id = o.checkout_id and s.producer_id = o.producer_id
    where o.paid_at is not null
), odd as (
    select k.*, r.resolution, r.resolved_at
    from payment_credits k join payment_reviews r on r.credit_id = k.id where k.payment_id is null
), movement (kind, subject_id, debit, credit, amount_vnd, provider, producer_id, order_id, refund_id, at, place) as (
    select 'capture', id, 'clearing', 'orders', total_vnd, provider, producer_id, id, null::uuid, paid_at, 1 from sold
    union all
    select 'odd_money', id, 'clearing', 'suspense', amount_vnd, provider, null, null, null, received_at, 1 from odd
    union all
    select case resolution when 'refunded_by_hand' then 'odd_money_returned' when 'no_money_received' then 'odd_money_missing'
                           else 'odd_money_set_aside' end,
           id, 'suspense', case when resolution in ('refunded_by_hand', 'no_money_received') then 'clearing' else 'set_aside' end,
           amount_vnd, provider, null, null, null, resolved_at, 2
    from odd where resolution is not null
    union all
    select 'refund', f.id, 'orders', 'refunds_owed', f.amount_vnd, null, f.producer_id, f.order_id, f.id, f.at, 2
    from order_refunds f
    union all
    select 'refund_sent', f.id, 'refunds_owed', 'clearing', f.amount_vnd, s.provider, null, f.order_id, f.id, r.resolved_at, 3
    from payment_reviews r join order_refunds f on f.id = r.refund_id join sold s on s.id = f.order_id
    where r.resolution = 'refunded_by_hand'
    union all
    select 'sale', id, 'orders', 'producer', rest_vnd - least(rest_vnd, way_vnd), null, producer_id, id, null, ended_at, 4
    from sold where status in ('completed', 'partially_refunded', 'refunded', 'returned')
    union all
    select 'carriage', id, 'orders', 'carriage', least(rest_vnd, way_vnd), null, producer_id, id, null, ended_at, 4
    from sold where status in ('completed', 'partially_refunded', 'refunded', 'returned')
    union all
    select 'carriage_short', id, 'producer', 'carriage', way_vnd - least(rest_vnd, way_vnd), null, producer_id, id, null, ended_at, 5
    from sold where status in ('completed', 'partially_refunded', 'refunded', 'returned')
    union all
    select 'voucher', id, payer, 'producer',
           -- What was refunded of the goods takes its part of the discount along.
           share_goods_vnd + share_shipping_vnd
             - case when goods_vnd = share_goods_vnd then 0
                    else div(share_goods_vnd::numeric * least(refunded_vnd, goods_vnd - share_goods_vnd), goods_vnd - share_goods_vnd) end,
           null, producer_id, id, null, ended_at, 4
    from sold where payer is not null and status in ('completed', 'partially_refunded')
)
insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, provider, producer_id, order_id, refund_id, at)
select pg_temp.id_of(at), kind, subject_id, debit, credit, amount_vnd, provider, producer_id, order_id, refund_id, at
from movement where amount_vnd > 0 order by at, place;
drop function pg_temp.id_of(timestamptz);

-- Every order's money: captured once and in full when it is paid, and in its account until it ends; never more refunded
-- than captured. Nothing is about an order that does not exist.
create view invariant_ledger_orders with (security_invoker = true) as
select coalesce(o.id, l.order_id)::text as object,
       format('%s: total %s, refunded %s; captured %s, refunded %s, in its account %s', coalesce(o.status, 'no such order'),
              o.total_vnd, o.refunded_vnd, l.captured, l.refunded, l.standing) as detail
from orders o
full join (select order_id,
                  coalesce(sum(amount_vnd) filter (where kind = 'capture'), 0) as captured,
                  coalesce(sum(amount_vnd) filter (where kind in ('refund', 'late_refund')), 0) as refunded,
                  coalesce(sum(amount_vnd) filter (where credit = 'orders'), 0)
                    - coalesce(sum(amount_vnd) filter (where debit = 'orders'), 0) as standing,
                  count(distinct producer_id) as producers, min(producer_id::text) as producer
           from ledger_transfers where order_id is not null group by order_id) l on l.order_id = o.id
where o.id is null
   or l.producers > 1 or l.producer <> o.producer_id::text
   or case when o.paid_at is null then l.order_id is not null
           else l.captured is distinct from o.total_vnd
             or l.refunded <> o.refunded_vnd or l.refunded > l.captured
             or l.standing <> case when o.status in ('completed', 'partially_refunded', 'refunded', 'returned', 'cancelled',
                                                     'refused', 'auto_cancelled')
                                   then 0 else o.total_vnd - o.refunded_vnd end
      end;

-- Money that came in is in the books once, as what it was for, in the name of who brought it.
create view invariant_ledger_credits with (security_invoker = true) as
select k.id::text as object,
       format('%s brought %s: captured %s, odd %s', k.provider, k.amount_vnd, coalesce(c.amount, 0), coalesce(t.amount_vnd, 0)) as detail
from payment_credits k
left join (select k.id, sum(t.amount_vnd) as amount, bool_and(t.provider = k.provider) as is_same
           from payment_credits k join payments p on p.id = k.payment_id join orders o on o.checkout_id = p.checkout_id
           join ledger_transfers t on t.kind = 'capture' and t.subject_id = o.id group by k.id) c on c.id = k.id
left join ledger_transfers t on t.kind = 'odd_money' and t.subject_id = k.id
where case when k.payment_id is null then t.amount_vnd is distinct from k.amount_vnd or t.provider is distinct from k.provider
           else c.amount is distinct from k.amount_vnd or c.is_same is not true or t.id is not null end
union all
select t.id::text, format('%s of %s that nobody brought', t.kind, t.amount_vnd)
from ledger_transfers t
where (t.kind = 'odd_money' and not exists (select from payment_credits k where k.id = t.subject_id))
   or (t.kind = 'capture' and not exists (
           select from orders o join payments p on p.checkout_id = o.checkout_id join payment_credits k on k.payment_id = p.id
           where o.id = t.subject_id));

-- Odd money stands in suspense exactly while it waits for a person.
create view invariant_ledger_suspense with (security_invoker = true) as
select s.subject_id::text as object, format('in suspense %s, review %s of %s', s.standing, coalesce(r.status, 'none'), r.amount_vnd) as detail
from (select coalesce(m.subject_id, t.subject_id) as subject_id, t.provider,
             sum(case when t.credit = 'suspense' then t.amount_vnd else -t.amount_vnd end) as standing
      from ledger_transfers t left join ledger_transfers m on m.id = t.reverses
      where 'suspense' in (t.debit, t.credit) group by 1, 2) s
left join payment_reviews r on r.credit_id = s.subject_id
where s.standing is distinct from case when r.status = 'open' then r.amount_vnd else 0 end;

-- What is owed back is in the books once; no more is sent than is owed.
create view invariant_ledger_refunds with (security_invoker = true) as
select coalesce(f.id, l.refund_id)::text as object,
       format('refund of %s: owed %s in %s, sent %s', f.amount_vnd, l.owed, l.times, l.sent) as detail
from order_refunds f
full join (select refund_id, coalesce(sum(amount_vnd) filter (where kind in ('refund', 'late_refund')), 0) as owed,
                  count(*) filter (where kind in ('refund', 'late_refund')) as times,
                  coalesce(sum(amount_vnd) filter (where debit = 'refunds_owed'), 0)
                    - coalesce(sum(amount_vnd) filter (where kind = 'reversal' and credit = 'refunds_owed'), 0) as sent
           from ledger_transfers where 'refunds_owed' in (debit, credit) group by refund_id) l on l.refund_id = f.id
where f.amount_vnd is distinct from l.owed or l.times > 1 or l.sent > l.owed;

-- A kept balance is the sum of its transfers.
create view invariant_ledger_balances with (security_invoker = true) as
select producer_id::text as object, format('kept %s, moved %s', b.balance_vnd, t.moved) as detail
from ledger_balances b
full join (select producer_id, sum(case when credit = 'producer' then amount_vnd else -amount_vnd end) as moved
           from ledger_transfers where debit = 'producer' or credit = 'producer' group by producer_id) t using (producer_id)
where coalesce(b.balance_vnd, 0) <> coalesce(t.moved, 0);

-- A reversal is the mirror of one transfer that is none itself.
create view invariant_ledger_reversals with (security_invoker = true) as
select r.id::text as object, format('%s of %s reverses %s', r.kind, r.amount_vnd, coalesce(t.kind, 'nothing')) as detail
from ledger_transfers r left join ledger_transfers t on t.id = r.reverses
where (r.kind = 'reversal' or r.reverses is not null)
  and (r.kind = 'reversal' and t.kind <> 'reversal' and t.debit = r.credit and t.credit = r.debit
       and t.amount_vnd = r.amount_vnd) is not true
union all
select reverses::text, format('reversed %s times', count(*))
from ledger_transfers where reverses is not null group by reverses having count(*) > 1;

-- Whoever pays a voucher owes its producer what the voucher took off of what he sold, once the sale stands.
create view invariant_ledger_vouchers with (security_invoker = true) as
select coalesce(o.id, t.order_id)::text as object,
       format('%s: share %s of %s, paid %s', o.status, s.amount, s.payer, coalesce(t.paid, 0)) as detail
from orders o
join (select s.checkout_id, s.producer_id, s.goods_vnd + s.shipping_vnd as amount,
             case v.payer when 'platform' then 'vouchers' when 'province' then 'province' end as payer
      from voucher_shares s join voucher_uses u using (checkout_id) join vouchers v on v.id = u.voucher_id) s
    on s.checkout_id = o.checkout_id and s.producer_id = o.producer_id
full join (select order_id, string_agg(distinct case when credit = 'producer' then debit else credit end, ',') as payer,
                  sum(case when credit = 'producer' then amount_vnd else -amount_vnd end) as paid
           from ledger_transfers where kind in ('voucher', 'voucher_taken_back') group by order_id) t on t.order_id = o.id
where case when s.payer is not null and o.status in ('completed', 'partially_refunded')
           then coalesce(t.paid, 0) > s.amount or (o.refunded_vnd = 0 and coalesce(t.paid, 0) <> s.amount) or t.payer <> s.payer
           else t.order_id is not null end;

grant select on
    invariant_ledger_orders, invariant_ledger_credits, invariant_ledger_suspense, invariant_ledger_refunds,
    invariant_ledger_balances, invariant_ledger_reversals, invariant_ledger_vouchers
to ocop_app;
