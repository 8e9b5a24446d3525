-- Certificates of what was withheld, and who was told how near the threshold is.

-- The last number of a year: numbers follow each other without a gap.
create table tax_certificate_numbers (
    year integer primary key,
    last_number integer not null constraint tax_certificate_numbers_check check (last_number >= 0)
);

create table tax_certificates (
    id uuid primary key,
    -- In Vietnam, of its issue.
    year integer not null,
    number integer not null,
    producer_id uuid not null,
    -- `2026` or `2026-11`.
    span text not null constraint tax_certificates_span_check check (span ~ '^[0-9]{4}(-(0[1-9]|1[0-2]))?$'),
    -- Up to which declaration it tells. What is declared of the span later is told by another one.
    until_seq integer not null references tax_declarations (seq),
    name text not null,
    tax_code text,
    address text not null,
    revenue_vnd bigint not null,
    withheld_vat_vnd bigint not null,
    withheld_pit_vnd bigint not null,
    returned_revenue_vnd bigint not null,
    returned_vat_vnd bigint not null,
    returned_pit_vnd bigint not null,
    issued_at timestamptz not null,
    constraint tax_certificates_number_key unique (year, number),
    constraint tax_certificates_span_key unique (producer_id, span, until_seq)
);
create index tax_certificates_until_seq_idx on tax_certificates (until_seq);

-- Who was told, once for each step of a year.
create table tax_warnings (
    producer_id uuid not null,
    year integer not null,
    percent integer not null constraint tax_warnings_percent_check check (percent in (70, 90, 100)),
    revenue_vnd bigint not null,
    threshold_vnd bigint not null,
    at timestamptz not null,
    primary key (producer_id, year, percent)
);

create trigger tax_certificates_append_only before update or delete on tax_certificates for each row execute function refuse_change();
create trigger tax_warnings_append_only before update or delete on tax_warnings for each row execute function refuse_change();

alter table tax_certificate_numbers enable row level security;
create policy tax_certificate_numbers_platform on tax_certificate_numbers using (actor_is_platform());
grant select, insert, update on tax_certificate_numbers to ocop_app;
alter table tax_certificates enable row level security;
create policy tax_certificates_read on tax_certificates for select using (producer_id = actor_producer() or actor_is_staff());
create policy tax_certificates_write on tax_certificates for insert with check (actor_is_platform());
alter table tax_warnings enable row level security;
create policy tax_warnings_read on tax_warnings for select using (producer_id = actor_producer() or actor_is_staff());
create policy tax_warnings_write on tax_warnings for insert with check (actor_is_platform());
grant select, insert on tax_certificates, tax_warnings to ocop_app;

-- One more topic, whatever others there are.
do $$
declare
    topics text[];
begin
    select array_agg(value[1] order by place) into topics
        from regexp_matches((select pg_get_constraintdef(oid) from pg_constraint where conname = 'notices_topic_check'),
                            '[a-z]+(?:_[a-z]+)*(?=[,}])', 'g') with ordinality as l (value, place);
    alter table notices drop constraint notices_topic_check;
    execute format('alter table notices add constraint notices_topic_check check (topic = any (%L::text[]))',
                   (topics || '{tax_threshold_near,tax_threshold_passed}'::text[])::text);
end;
$$;

-- Certificates are numbered without a gap, and say what was declared.
create view invariant_tax_certificates with (security_invoker = true) as
select coalesce(n.year, c.year)::text as object,
       format('the last number is %s; there are %s from %s to %s', n.last_number, c.certificates, c.first, c.last) as detail
from tax_certificate_numbers n
full join (select year, count(*) as certificates, min(number) as first, max(number) as last
           from tax_certificates group by year) c on c.year = n.year
where coalesce(n.last_number, 0) <> coalesce(c.certificates, 0) or c.last <> c.certificates or c.first <> 1
union all
select c.id::text, format('certifies %s and %s, less %s and %s; declared were %s and %s, less %s and %s', c.withheld_vat_vnd,
                          c.withheld_pit_vnd, c.returned_vat_vnd, c.returned_pit_vnd, s.vat, s.pit, s.vat_back, s.pit_back)
from tax_certificates c
cross join lateral (
    select coalesce(sum(a.revenue_vnd), 0) as revenue, coalesce(sum(a.withheld_vat_vnd), 0) as vat,
           coalesce(sum(a.withheld_pit_vnd), 0) as pit, coalesce(sum(a.returned_revenue_vnd), 0) as revenue_back,
           coalesce(sum(a.returned_vat_vnd), 0) as vat_back, coalesce(sum(a.returned_pit_vnd), 0) as pit_back
    from tax_declaration_sellers a join tax_declarations d on d.id = a.declaration_id join tax_periods p on p.id = d.period_id
    where a.producer_id = c.producer_id and d.seq <= c.until_seq and starts_with(p.month::text, c.span)) s
where (c.revenue_vnd, c.withheld_vat_vnd, c.withheld_pit_vnd, c.returned_revenue_vnd, c.returned_vat_vnd, c.returned_pit_vnd)
      <> (s.revenue, s.vat, s.pit, s.revenue_back, s.vat_back, s.pit_back);

grant select on invariant_tax_certificates to ocop_app;
