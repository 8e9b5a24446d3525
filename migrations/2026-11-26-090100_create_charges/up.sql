-- What the platform takes and what it withholds for the state.

-- A fee is announced at least twenty days ahead and never changed (Decree 248/2026), so what was in force on the day on which
-- an order was placed is what it is charged, whatever is announced later.
create table fee_schedules (
    id uuid primary key,
    -- Of what a producer gets for goods, without the way.
    rate_bp integer not null constraint fee_schedules_rate_check check (rate_bp between 0 and 3000),
    -- A day in Vietnam.
    effective_on date not null constraint fee_schedules_day_key unique,
    note text not null,
    announced_by uuid references accounts (id),
    announced_at timestamptz not null,
    constraint fee_schedules_notice_check check (effective_on >= (announced_at at time zone 'UTC' + interval '7 hours')::date + 20)
);
create index fee_schedules_announced_by_idx on fee_schedules (announced_by);
insert into fee_schedules values
    ('01938000-0000-7000-8000-000000000001', 0, '2026-01-01', 'Chưa thu phí sàn', null, '2025-12-01T00:00:00Z');

-- Rates by what a product is for the tax office and by who sells it. Where the texts contradict each other, both readings
-- stand here, and tax_readings says which is in force.
create table tax_rates (
    id uuid primary key,
    tax_category text not null constraint tax_rates_tax_category_check check (tax_category in
        ('raw_own', 'traded_raw', 'traded_goods', 'self_made', 'service', 'transport_food', 'other')),
    producer_kind text not null constraint tax_rates_producer_kind_check
        check (producer_kind in ('household', 'cooperative_group', 'cooperative', 'company', 'farm')),
    reading text not null constraint tax_rates_reading_check check (reading in ('settled', 'practice', 'decree')),
    effective_on date not null,
    vat_bp integer not null constraint tax_rates_vat_check check (vat_bp between 0 and 10000),
    pit_bp integer not null constraint tax_rates_pit_check check (pit_bp between 0 and 10000),
    source text not null,
    constraint tax_rates_rule_key unique (tax_category, producer_kind, reading, effective_on)
);
insert into tax_rates (id, tax_category, producer_kind, reading, effective_on, vat_bp, pit_bp, source)
select gen_random_uuid(), r.tax_category, k.kind, r.reading, date '2026-07-01', r.vat_bp, r.pit_bp, r.source
from (values
    ('raw_own', 'settled', 0, 0, 'Luật Thuế GTGT 48/2024/QH15 (không chịu thuế); NĐ 253/2026/NĐ-CP Điều 21 (miễn thuế TNCN)'),
    ('traded_raw', 'settled', 0, 50, 'Luật Thuế GTGT 48/2024/QH15 (không chịu thuế); NĐ 253/2026/NĐ-CP (0,5%)'),
    ('traded_goods', 'settled', 100, 50, 'NĐ 253/2026/NĐ-CP (TNCN 0,5%); GTGT 1%'),
    ('self_made', 'practice', 100, 50, 'Cách khấu trừ theo NĐ 117/2025/NĐ-CP: hàng hoá bán trên sàn 1% và 0,5%'),
    ('self_made', 'decree', 300, 150, 'NĐ 253/2026/NĐ-CP: sản xuất, gia công, chế biến sản phẩm hàng hoá 1,5%; GTGT 3%'),
    ('service', 'settled', 500, 200, 'NĐ 253/2026/NĐ-CP (TNCN 2%); GTGT 5%'),
    ('transport_food', 'settled', 300, 150, 'NĐ 253/2026/NĐ-CP (TNCN 1,5%); GTGT 3%'),
    ('other', 'settled', 200, 100, 'NĐ 253/2026/NĐ-CP (TNCN 1%); GTGT 2%')
) r (tax_category, reading, vat_bp, pit_bp, source)
cross join (values ('household'), ('cooperative_group'), ('farm')) k (kind)
union all
select gen_random_uuid(), c.tax_category, k.kind, 'settled', date '2026-07-01', 0, 0,
       'Luật Quản lý thuế 108/2025/QH15 Điều 43: hợp tác xã, doanh nghiệp tự khai'
from (values ('raw_own'), ('traded_raw'), ('traded_goods'), ('self_made'), ('service'), ('transport_food'), ('other')) c (tax_category)
cross join (values ('cooperative'), ('company')) k (kind);

-- Which reading of contradicting texts is in force from a day on.
create table tax_readings (
    effective_on date primary key,
    reading text not null constraint tax_readings_reading_check check (reading in ('settled', 'practice', 'decree')),
    note text not null,
    decided_by uuid references accounts (id),
    decided_at timestamptz not null,
    constraint tax_readings_is_one_check check (reading <> 'settled')
);
create index tax_readings_decided_by_idx on tax_readings (decided_by);
insert into tax_readings values
    ('2026-07-01', 'practice', 'Theo cách các sàn đang khấu trừ, chờ cơ quan thuế trả lời', null, '2026-06-30T00:00:00Z');

-- What a product is for the tax office, from a moment on: what was said when an order was placed is what counts for it.
create table product_tax_categories (
    product_id uuid not null references products (id),
    since timestamptz not null,
    producer_id uuid not null references producers (id),
    tax_category text not null constraint product_tax_categories_tax_category_check check (tax_category in
        ('raw_own', 'traded_raw', 'traded_goods', 'self_made', 'service', 'transport_food', 'other')),
    declared_by uuid not null references accounts (id),
    primary key (product_id, since)
);
create index product_tax_categories_producer_idx on product_tax_categories (producer_id);
create index product_tax_categories_declared_by_idx on product_tax_categories (declared_by);

-- What an order was charged when it ended as sold. As the books, it outlives what it tells of.
create table order_charges (
    order_id uuid primary key,
    producer_id uuid not null,
    schedule_id uuid not null references fee_schedules (id),
    -- What the producer got of the order, which is what is taxed; and the part for goods, which is what is charged.
    earned_vnd bigint not null constraint order_charges_earned_check check (earned_vnd between 0 and 100000000000),
    fee_base_vnd bigint not null constraint order_charges_fee_base_check check (fee_base_vnd between 0 and earned_vnd),
    fee_vnd bigint not null constraint order_charges_fee_check check (fee_vnd between 0 and fee_base_vnd),
    at timestamptz not null
);
create index order_charges_schedule_idx on order_charges (schedule_id);
create index order_charges_producer_idx on order_charges (producer_id);

-- Tax by line of an order; with a refund, what it takes back of it.
create table tax_lines (
    id uuid primary key,
    order_id uuid not null,
    variant_id uuid not null,
    refund_id uuid,
    producer_id uuid not null,
    -- As it was declared, and as it was taxed.
    tax_category text not null constraint tax_lines_tax_category_check check (tax_category in
        ('raw_own', 'traded_raw', 'traded_goods', 'self_made', 'service', 'transport_food', 'other')),
    applied_category text not null constraint tax_lines_applied_category_check check (applied_category in
        ('raw_own', 'traded_raw', 'traded_goods', 'self_made', 'service', 'transport_food', 'other')),
    reason text not null constraint tax_lines_reason_check check (reason in
        ('rate', 'own_produce', 'lives_elsewhere', 'declares_itself')),
    rate_id uuid not null references tax_rates (id),
    base_vnd bigint not null constraint tax_lines_base_check check (base_vnd between 0 and 100000000000),
    vat_vnd bigint not null constraint tax_lines_vat_check check (vat_vnd between 0 and base_vnd),
    pit_vnd bigint not null constraint tax_lines_pit_check check (pit_vnd between 0 and base_vnd),
    at timestamptz not null
);
create unique index tax_lines_line_key on tax_lines (order_id, variant_id) where refund_id is null;
create unique index tax_lines_return_key on tax_lines (order_id, variant_id, refund_id) where refund_id is not null;
create index tax_lines_rate_idx on tax_lines (rate_id);
create index tax_lines_producer_idx on tax_lines (producer_id, at);

-- What a refund after the end of an order took back of its charges.
create table charge_returns (
    refund_id uuid primary key,
    order_id uuid not null references order_charges (order_id),
    producer_id uuid not null,
    -- What the producer has less of the order.
    less_vnd bigint not null constraint charge_returns_less_check check (less_vnd between 0 and 100000000000),
    fee_vnd bigint not null constraint charge_returns_fee_check check (fee_vnd between 0 and 100000000000),
    at timestamptz not null
);
create index charge_returns_order_idx on charge_returns (order_id);

create trigger fee_schedules_append_only before update or delete on fee_schedules for each row execute function refuse_change();
create trigger tax_rates_append_only before update or delete on tax_rates for each row execute function refuse_change();
create trigger tax_readings_append_only before update or delete on tax_readings for each row execute function refuse_change();
create trigger product_tax_categories_append_only before update or delete on product_tax_categories
    for each row execute function refuse_change();
create trigger order_charges_append_only before update or delete on order_charges for each row execute function refuse_change();
create trigger tax_lines_append_only before update or delete on tax_lines for each row execute function refuse_change();
create trigger charge_returns_append_only before update or delete on charge_returns for each row execute function refuse_change();

alter table fee_schedules enable row level security;
create policy fee_schedules_read on fee_schedules for select using (actor_role() <> 'none');
create policy fee_schedules_write on fee_schedules for insert with check (actor_is_staff());
grant select, insert on fee_schedules to ocop_app;
-- Rules of the state come with a migration.
alter table tax_rates enable row level security;
create policy tax_rates_read on tax_rates for select using (actor_role() <> 'none');
grant select on tax_rates to ocop_app;
alter table tax_readings enable row level security;
create policy tax_readings_read on tax_readings for select using (actor_role() <> 'none');
create policy tax_readings_write on tax_readings for insert with check (actor_is_staff());
grant select, insert on tax_readings to ocop_app;
alter table product_tax_categories enable row level security;
create policy product_tax_categories_own on product_tax_categories using (producer_id = actor_producer() or actor_is_staff());
grant select, insert on product_tax_categories to ocop_app;
alter table order_charges enable row level security;
create policy order_charges_read on order_charges for select using (producer_id = actor_producer() or actor_is_staff());
create policy order_charges_write on order_charges for insert with check (actor_is_platform());
alter table tax_lines enable row level security;
create policy tax_lines_read on tax_lines for select using (producer_id = actor_producer() or actor_is_staff());
create policy tax_lines_write on tax_lines for insert with check (actor_is_platform());
alter table charge_returns enable row level security;
create policy charge_returns_read on charge_returns for select using (producer_id = actor_producer() or actor_is_staff());
create policy charge_returns_write on charge_returns for insert with check (actor_is_platform());
grant select, insert on order_charges, tax_lines, charge_returns to ocop_app;

-- What was charged and withheld is what moved, by the rules that it names, and no more was taken back than taken.
create view invariant_charges with (security_invoker = true) as
select coalesce(c.order_id, t.order_id)::text as object,
       format('charged %s, moved %s; returned %s, moved %s', c.fee_vnd, t.fee, c.fee_returned, t.fee_returned) as detail
from (select c.order_id, c.fee_vnd, coalesce((select sum(r.fee_vnd) from charge_returns r where r.order_id = c.order_id), 0) as fee_returned
      from order_charges c) c
full join (select order_id, coalesce(sum(amount_vnd) filter (where kind = 'fee'), 0) as fee,
                  coalesce(sum(amount_vnd) filter (where kind = 'fee_returned'), 0) as fee_returned
           from ledger_transfers where kind in ('fee', 'fee_returned') group by order_id) t on t.order_id = c.order_id
where coalesce(c.fee_vnd, 0) <> coalesce(t.fee, 0) or coalesce(c.fee_returned, 0) <> coalesce(t.fee_returned, 0)
   or c.fee_returned > c.fee_vnd
union all
select coalesce(l.order_id, t.order_id)::text,
       format('withheld %s and %s, moved %s and %s; returned %s and %s, moved %s and %s', l.vat, l.pit, t.vat, t.pit,
              l.vat_returned, l.pit_returned, t.vat_returned, t.pit_returned)
from (select order_id,
             coalesce(sum(vat_vnd) filter (where refund_id is null), 0) as vat,
             coalesce(sum(pit_vnd) filter (where refund_id is null), 0) as pit,
             coalesce(sum(vat_vnd) filter (where refund_id is not null), 0) as vat_returned,
             coalesce(sum(pit_vnd) filter (where refund_id is not null), 0) as pit_returned
      from tax_lines group by order_id) l
full join (select order_id,
                  coalesce(sum(amount_vnd) filter (where kind = 'vat'), 0) as vat,
                  coalesce(sum(amount_vnd) filter (where kind = 'pit'), 0) as pit,
                  coalesce(sum(amount_vnd) filter (where kind = 'vat_returned'), 0) as vat_returned,
                  coalesce(sum(amount_vnd) filter (where kind = 'pit_returned'), 0) as pit_returned
           from ledger_transfers where kind in ('vat', 'pit', 'vat_returned', 'pit_returned') group by order_id) t
    on t.order_id = l.order_id
where (coalesce(l.vat, 0), coalesce(l.pit, 0), coalesce(l.vat_returned, 0), coalesce(l.pit_returned, 0))
      <> (coalesce(t.vat, 0), coalesce(t.pit, 0), coalesce(t.vat_returned, 0), coalesce(t.pit_returned, 0))
   or l.vat_returned > l.vat or l.pit_returned > l.pit
union all
select l.id::text, format('%s and %s of %s by a rule of %s and %s', l.vat_vnd, l.pit_vnd, l.base_vnd, r.vat_bp, r.pit_bp)
from tax_lines l join tax_rates r on r.id = l.rate_id
where l.refund_id is null
  and (l.vat_vnd <> div(l.base_vnd::numeric * r.vat_bp + 5000, 10000) or l.pit_vnd <> div(l.base_vnd::numeric * r.pit_bp + 5000, 10000)
       or r.tax_category <> l.applied_category)
union all
select c.order_id::text, format('fee %s of %s at %s', c.fee_vnd, c.fee_base_vnd, s.rate_bp)
from order_charges c join fee_schedules s on s.id = c.schedule_id join orders o on o.id = c.order_id
where c.fee_vnd <> div(c.fee_base_vnd::numeric * s.rate_bp + 5000, 10000)
   or s.effective_on <> (select max(f.effective_on) from fee_schedules f
                         where f.effective_on <= (o.created_at at time zone 'UTC' + interval '7 hours')::date)
union all
select t.order_id::text, 'sold without charges'
from ledger_transfers t join orders o on o.id = t.order_id and o.status in ('completed', 'partially_refunded')
where t.kind = 'sale' and t.at >= (select min(c.at) from order_charges c)
  and not exists (select from order_charges c where c.order_id = t.order_id);
grant select on invariant_charges to ocop_app;
