drop view invariant_tax_payments;
drop view invariant_tax_declarations;
drop table tax_payments;
drop table tax_filings;
drop table tax_declaration_sellers;
drop table tax_declaration_lines;
drop table tax_declarations;
drop table tax_periods;
drop function tax_month(timestamptz);
drop table tax_thresholds;

-- Without these kinds there is no tax that was paid.
alter table ledger_transfers disable trigger ledger_transfers_append_only;
delete from ledger_transfers where kind = 'reversal' and reverses in (
    select id from ledger_transfers where kind in ('vat_paid', 'pit_paid'));
delete from ledger_transfers where kind in ('vat_paid', 'pit_paid');
alter table ledger_transfers enable trigger ledger_transfers_append_only;
do $$
declare
    kinds text[];
    moves text;
begin
    select array_agg(value[1] order by place) into kinds
        from regexp_matches((select pg_get_constraintdef(oid) from pg_constraint where conname = 'ledger_transfers_kind_check'),
                            '[a-z]+(?:_[a-z]+)*(?=[,}])', 'g') with ordinality as l (value, place)
        where value[1] not in ('vat_paid', 'pit_paid');
    select pg_get_expr(conbin, conrelid) into moves from pg_constraint where conname = 'ledger_transfers_moves_check';
    moves := regexp_replace(moves, ' OR \(\(kind = ''(vat|pit)_paid''::text\) AND \(debit = ''(vat|pit)''::text\) AND \(credit = ''bank''::text\)\)',
                            '', 'g');
    if moves like '%\_paid%' then
        raise exception 'the movements cannot be taken back: %', moves;
    end if;
    alter table ledger_transfers drop constraint ledger_transfers_kind_check, drop constraint ledger_transfers_moves_check;
    execute format('alter table ledger_transfers add constraint ledger_transfers_kind_check check (kind = any (%L::text[]))', kinds::text);
    execute format('alter table ledger_transfers add constraint ledger_transfers_moves_check check (%s)', moves);
end;
$$;
