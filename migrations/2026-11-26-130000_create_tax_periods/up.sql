-- What was withheld goes to the state: by month, declared, paid, and certified to whom it was withheld from.

-- Below it a household owes no tax for the year (and gets back what was withheld). A rule of the state comes with a migration.
create table tax_thresholds (
    effective_on date primary key,
    amount_vnd bigint not null constraint tax_thresholds_amount_check check (amount_vnd between 1 and 100000000000),
    source text not null
);
insert into tax_thresholds values
    ('2026-01-01', 1000000000, 'NĐ 141/2026/NĐ-CP ngày 29/4/2026 (sửa đổi NĐ 68/2026/NĐ-CP), áp dụng từ ngày 01/01/2026');

-- The month of a moment in Vietnam.
create function tax_month(at timestamptz) returns date
    language sql immutable set search_path = public, pg_temp as $$
    select date_trunc('month', at at time zone 'UTC' + interval '7 hours')::date
$$;

create table tax_periods (
    id uuid primary key,
    -- The first day of a month in Vietnam.
    month date not null constraint tax_periods_month_key unique
        constraint tax_periods_month_check check (extract(day from month) = 1),
    status text not null constraint tax_periods_status_check
        check (status = any ('{open,locked,declared,paid,amended}'::text[])),
    due_on date not null,
    opened_at timestamptz not null,
    locked_at timestamptz,
    version integer not null default 1,
    constraint tax_periods_locked_check check ((status = 'open') = (locked_at is null))
);
comment on table tax_periods is 'Months for which withheld tax is declared';

-- What is declared of a month, frozen: the first when the month is locked, and what later ones differ by. Sums may be larger
-- than one movement of money.
create table tax_declarations (
    id uuid primary key,
    period_id uuid not null references tax_periods (id),
    revision integer not null constraint tax_declarations_revision_check check (revision between 0 and 99),
    -- Of all declarations, in their order and without a gap: what one carries out the next carries in.
    seq integer not null constraint tax_declarations_seq_key unique constraint tax_declarations_seq_check check (seq >= 1),
    revenue_vnd bigint not null,
    withheld_vat_vnd bigint not null,
    withheld_pit_vnd bigint not null,
    returned_revenue_vnd bigint not null,
    returned_vat_vnd bigint not null,
    returned_pit_vnd bigint not null,
    carried_in_vat_vnd bigint not null,
    carried_in_pit_vnd bigint not null,
    declared_vat_vnd bigint not null,
    declared_pit_vnd bigint not null,
    carried_out_vat_vnd bigint not null,
    carried_out_pit_vnd bigint not null,
    -- Why it differs from the one before.
    reason text,
    made_by uuid references accounts (id),
    at timestamptz not null,
    constraint tax_declarations_revision_key unique (period_id, revision),
    constraint tax_declarations_reason_check check ((revision = 0) = (reason is null) and (revision = 0) = (made_by is null)),
    constraint tax_declarations_sign_check check (least(
        revenue_vnd, withheld_vat_vnd, withheld_pit_vnd, returned_revenue_vnd, returned_vat_vnd, returned_pit_vnd, carried_in_vat_vnd,
        carried_in_pit_vnd, declared_vat_vnd, declared_pit_vnd, carried_out_vat_vnd, carried_out_pit_vnd) >= 0),
    -- What was withheld less what went back is declared; what went back beyond it is carried into the next declaration.
    constraint tax_declarations_vat_check check (
        declared_vat_vnd - carried_out_vat_vnd = withheld_vat_vnd - returned_vat_vnd - carried_in_vat_vnd
        and (declared_vat_vnd = 0 or carried_out_vat_vnd = 0)),
    constraint tax_declarations_pit_check check (
        declared_pit_vnd - carried_out_pit_vnd = withheld_pit_vnd - returned_pit_vnd - carried_in_pit_vnd
        and (declared_pit_vnd = 0 or carried_out_pit_vnd = 0))
);
create index tax_declarations_made_by_idx on tax_declarations (made_by);

-- Which lines a declaration froze. A line is declared once.
create table tax_declaration_lines (
    line_id uuid primary key references tax_lines (id),
    -- The lines are frozen first: their sums are what is declared.
    declaration_id uuid not null references tax_declarations (id) deferrable initially deferred
);
create index tax_declaration_lines_declaration_idx on tax_declaration_lines (declaration_id);

-- Its annex: of whom it was withheld, as they were called and where they lived then.
create table tax_declaration_sellers (
    declaration_id uuid not null references tax_declarations (id),
    producer_id uuid not null,
    name text not null,
    kind text not null constraint tax_declaration_sellers_kind_check
        check (kind = any ('{household,cooperative_group,cooperative,company,farm}'::text[])),
    tax_code text,
    registration_number text,
    address text not null,
    commune_code text not null,
    commune_name text not null,
    province_code text not null,
    province_name text not null,
    revenue_vnd bigint not null,
    withheld_vat_vnd bigint not null,
    withheld_pit_vnd bigint not null,
    returned_revenue_vnd bigint not null,
    returned_vat_vnd bigint not null,
    returned_pit_vnd bigint not null,
    primary key (declaration_id, producer_id),
    constraint tax_declaration_sellers_sign_check check (least(
        revenue_vnd, withheld_vat_vnd, withheld_pit_vnd, returned_revenue_vnd, returned_vat_vnd, returned_pit_vnd) >= 0)
);
create index tax_declaration_sellers_producer_idx on tax_declaration_sellers (producer_id);

-- That a declaration was handed to the tax office, under the number that it gave.
create table tax_filings (
    declaration_id uuid primary key references tax_declarations (id),
    reference text not null,
    filed_on date not null,
    filed_by uuid not null references accounts (id),
    at timestamptz not null
);
create index tax_filings_filed_by_idx on tax_filings (filed_by);

-- What goes to the state, said by one person and confirmed by another.
create table tax_payments (
    id uuid primary key,
    declaration_id uuid not null references tax_declarations (id),
    vat_vnd bigint not null constraint tax_payments_vat_check check (vat_vnd between 0 and 100000000000),
    pit_vnd bigint not null constraint tax_payments_pit_check check (pit_vnd between 0 and 100000000000),
    reference text not null,
    paid_on date not null,
    status text not null constraint tax_payments_status_check check (status = any ('{proposed,approved,rejected}'::text[])),
    proposed_by uuid not null references accounts (id),
    proposed_at timestamptz not null,
    decided_by uuid references accounts (id),
    decided_at timestamptz,
    constraint tax_payments_two_people_check check (status <> 'approved' or decided_by <> proposed_by),
    constraint tax_payments_decided_check check (
        (status = 'proposed') = (decided_by is null) and (decided_by is null) = (decided_at is null))
);
create unique index tax_payments_declaration_key on tax_payments (declaration_id) where status <> 'rejected';
create index tax_payments_declaration_idx on tax_payments (declaration_id);
create index tax_payments_proposed_by_idx on tax_payments (proposed_by);
create index tax_payments_decided_by_idx on tax_payments (decided_by);

create trigger tax_thresholds_append_only before update or delete on tax_thresholds for each row execute function refuse_change();
create trigger tax_declarations_append_only before update or delete on tax_declarations for each row execute function refuse_change();
create trigger tax_declaration_lines_append_only before update or delete on tax_declaration_lines
    for each row execute function refuse_change();
create trigger tax_declaration_sellers_append_only before update or delete on tax_declaration_sellers
    for each row execute function refuse_change();
create trigger tax_filings_append_only before update or delete on tax_filings for each row execute function refuse_change();

alter table tax_thresholds enable row level security;
create policy tax_thresholds_read on tax_thresholds for select using (actor_role() <> 'none');
grant select on tax_thresholds to ocop_app;
alter table tax_periods enable row level security;
create policy tax_periods_read on tax_periods for select using (actor_role() <> 'none');
create policy tax_periods_write on tax_periods for all using (actor_is_staff());
grant select, insert, update on tax_periods to ocop_app;
alter table tax_declarations enable row level security;
create policy tax_declarations_read on tax_declarations for select using (actor_is_staff());
create policy tax_declarations_write on tax_declarations for insert with check (actor_is_platform());
alter table tax_declaration_lines enable row level security;
create policy tax_declaration_lines_read on tax_declaration_lines for select using (actor_is_staff());
create policy tax_declaration_lines_write on tax_declaration_lines for insert with check (actor_is_platform());
alter table tax_declaration_sellers enable row level security;
create policy tax_declaration_sellers_read on tax_declaration_sellers for select using (
    producer_id = actor_producer() or actor_is_staff());
create policy tax_declaration_sellers_write on tax_declaration_sellers for insert with check (actor_is_platform());
alter table tax_filings enable row level security;
create policy tax_filings_staff on tax_filings using (actor_is_staff());
grant select, insert on tax_declarations, tax_declaration_lines, tax_declaration_sellers, tax_filings to ocop_app;
alter table tax_payments enable row level security;
create policy tax_payments_staff on tax_payments using (actor_is_staff());
grant select, insert, update on tax_payments to ocop_app;

-- Two more movements of the books, whatever others there are.
do $$
declare
    kinds text[];
    moves text;
begin
    select array_agg(value[1] order by place) into kinds
        from regexp_matches((select pg_get_constraintdef(oid) from pg_constraint where conname = 'ledger_transfers_kind_check'),
                            '[a-z]+(?:_[a-z]+)*(?=[,}])', 'g') with ordinality as l (value, place);
    select pg_get_expr(conbin, conrelid) into moves from pg_constraint where conname = 'ledger_transfers_moves_check';
    alter table ledger_transfers drop constraint ledger_transfers_kind_check, drop constraint ledger_transfers_moves_check;
    execute format('alter table ledger_transfers add constraint ledger_transfers_kind_check check (kind = any (%L::text[]))',
                   (kinds || '{vat_paid,pit_paid}'::text[])::text);
    execute format('alter table ledger_transfers add constraint ledger_transfers_moves_check check (%s or %s or %s)', moves,
                   $m$(kind = 'vat_paid' and debit = 'vat' and credit = 'bank')$m$,
                   $m$(kind = 'pit_paid' and debit = 'pit' and credit = 'bank')$m$);
end;
$$;

-- A declaration says what its lines and its annex say, carries on what the one before it carried out, and no line is left
-- behind or declared before its month.
create view invariant_tax_declarations with (security_invoker = true) as
select d.id::text as object,
       format('declared of %s and %s, less %s and %s; its lines say %s, its annex says %s', d.withheld_vat_vnd, d.withheld_pit_vnd,
              d.returned_vat_vnd, d.returned_pit_vnd, l, s) as detail
from tax_declarations d
cross join lateral (
    select coalesce(sum(t.base_vnd) filter (where t.refund_id is null), 0) as revenue,
           coalesce(sum(t.vat_vnd) filter (where t.refund_id is null), 0) as vat,
           coalesce(sum(t.pit_vnd) filter (where t.refund_id is null), 0) as pit,
           coalesce(sum(t.base_vnd) filter (where t.refund_id is not null), 0) as revenue_back,
           coalesce(sum(t.vat_vnd) filter (where t.refund_id is not null), 0) as vat_back,
           coalesce(sum(t.pit_vnd) filter (where t.refund_id is not null), 0) as pit_back
    from tax_declaration_lines m join tax_lines t on t.id = m.line_id where m.declaration_id = d.id) l
cross join lateral (
    select coalesce(sum(a.revenue_vnd), 0) as revenue, coalesce(sum(a.withheld_vat_vnd), 0) as vat,
           coalesce(sum(a.withheld_pit_vnd), 0) as pit, coalesce(sum(a.returned_revenue_vnd), 0) as revenue_back,
           coalesce(sum(a.returned_vat_vnd), 0) as vat_back, coalesce(sum(a.returned_pit_vnd), 0) as pit_back
    from tax_declaration_sellers a where a.declaration_id = d.id) s
where (d.revenue_vnd, d.withheld_vat_vnd, d.withheld_pit_vnd, d.returned_revenue_vnd, d.returned_vat_vnd, d.returned_pit_vnd)
      <> (l.revenue, l.vat, l.pit, l.revenue_back, l.vat_back, l.pit_back)
   or (d.revenue_vnd, d.withheld_vat_vnd, d.withheld_pit_vnd, d.returned_revenue_vnd, d.returned_vat_vnd, d.returned_pit_vnd)
      <> (s.revenue, s.vat, s.pit, s.revenue_back, s.vat_back, s.pit_back)
union all
select d.id::text, format('number %s carries in %s and %s, but %s and %s was carried out', d.seq, d.carried_in_vat_vnd,
                          d.carried_in_pit_vnd, p.carried_out_vat_vnd, p.carried_out_pit_vnd)
from tax_declarations d left join tax_declarations p on p.seq = d.seq - 1
where (d.carried_in_vat_vnd, d.carried_in_pit_vnd) <> (coalesce(p.carried_out_vat_vnd, 0), coalesce(p.carried_out_pit_vnd, 0))
   or (d.seq > 1 and p.id is null)
union all
select l.id::text, format('a line of %s was left out', tax_month(l.at))
from tax_lines l
where l.reason <> 'declares_itself' and not exists (select from tax_declaration_lines m where m.line_id = l.id)
  and tax_month(l.at) < (select max(p.month) from tax_periods p where p.status <> 'open')
union all
select l.id::text, format('a line of %s was declared for %s', tax_month(l.at), p.month)
from tax_declaration_lines m join tax_lines l on l.id = m.line_id join tax_declarations d on d.id = m.declaration_id
join tax_periods p on p.id = d.period_id
where p.month < tax_month(l.at)
union all
select p.id::text, format('%s is %s with %s declarations', p.month, p.status, d.declarations)
from tax_periods p
cross join lateral (select count(*) as declarations, coalesce(max(d.revision), -1) as newest
                    from tax_declarations d where d.period_id = p.id) d
where d.declarations <> d.newest + 1
   or case p.status when 'open' then d.declarations <> 0 when 'locked' then d.declarations <> 1
                    when 'amended' then d.declarations < 2 else d.declarations < 1 end;

-- What went to the state is what was declared, once, and the months say so.
create view invariant_tax_payments with (security_invoker = true) as
select coalesce(p.id, t.subject_id)::text as object,
       format('approved %s and %s, moved %s and %s', p.vat_vnd, p.pit_vnd, t.vat, t.pit) as detail
from (select id, vat_vnd, pit_vnd from tax_payments where status = 'approved') p
full join (select subject_id, coalesce(sum(amount_vnd) filter (where kind = 'vat_paid'), 0) as vat,
                  coalesce(sum(amount_vnd) filter (where kind = 'pit_paid'), 0) as pit
           from ledger_transfers where kind in ('vat_paid', 'pit_paid') group by subject_id) t on t.subject_id = p.id
where (coalesce(p.vat_vnd, 0), coalesce(p.pit_vnd, 0)) <> (coalesce(t.vat, 0), coalesce(t.pit, 0))
union all
select p.id::text, format('pays %s and %s of %s and %s', p.vat_vnd, p.pit_vnd, d.declared_vat_vnd, d.declared_pit_vnd)
from tax_payments p join tax_declarations d on d.id = p.declaration_id
where (p.vat_vnd, p.pit_vnd) <> (d.declared_vat_vnd, d.declared_pit_vnd)
union all
select d.id::text, format('revision %s of %s, which is %s: filed %s, paid %s', d.revision, s.month, s.status, f.is_filed, f.is_paid)
from tax_declarations d join tax_periods s on s.id = d.period_id
cross join lateral (select exists (select from tax_filings x where x.declaration_id = d.id) as is_filed,
                           exists (select from tax_payments x where x.declaration_id = d.id and x.status = 'approved') as is_paid,
                           d.revision < (select max(x.revision) from tax_declarations x where x.period_id = d.period_id) as is_old) f
where f.is_filed <> (f.is_old or s.status in ('declared', 'paid')) or f.is_paid <> (f.is_old or s.status = 'paid');

grant select on invariant_tax_declarations, invariant_tax_payments to ocop_app;
