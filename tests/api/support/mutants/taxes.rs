//! Faults of months of tax, their payments and certificates.

use super::Mutant;

pub const MUTANTS: &[Mutant] = &[
    // A month without its declaration.
    (
        "invariant_tax_declarations",
        "insert into tax_periods (id, month, status, due_on, opened_at, locked_at)
             values (gen_random_uuid(), '2026-02-01', 'locked', '2026-03-20', now(), now());",
    ),
    // It says more than its lines.
    (
        "invariant_tax_declarations",
        "insert into tax_periods (id, month, status, due_on, opened_at, locked_at)
             values (gen_random_uuid(), '2026-02-01', 'locked', '2026-03-20', now(), now());
         insert into tax_declarations select gen_random_uuid(), id, 0, 1, 0, 10, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, null, null, now() from tax_periods",
    ),
    // A number is left out.
    (
        "invariant_tax_declarations",
        "insert into tax_periods (id, month, status, due_on, opened_at, locked_at)
             values (gen_random_uuid(), '2026-02-01', 'locked', '2026-03-20', now(), now());
         insert into tax_declarations select gen_random_uuid(), id, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null, null, now() from tax_periods",
    ),
    // It forgets what was left over.
    (
        "invariant_tax_declarations",
        "insert into tax_periods (id, month, status, due_on, opened_at, locked_at)
             values (gen_random_uuid(), '2026-02-01', 'locked', '2026-03-20', now(), now());
         insert into tax_declarations select gen_random_uuid(), id, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null, null, now() from tax_periods;
         insert into tax_declarations select gen_random_uuid(), id, 1, 2, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 5, 0, 'mutant',
                (select min(id::text)::uuid from accounts), now() from tax_periods",
    ),
    // A line is left out.
    (
        "invariant_tax_declarations",
        "insert into tax_periods (id, month, status, due_on, opened_at, locked_at)
             values (gen_random_uuid(), '2026-02-01', 'locked', '2026-03-20', now(), now());
         insert into tax_declarations select gen_random_uuid(), id, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null, null, now() from tax_periods;
         insert into tax_lines (id, order_id, variant_id, producer_id, tax_category, applied_category, reason, rate_id, base_vnd, vat_vnd,
             pit_vnd, at)
         select gen_random_uuid(), l.order_id, l.variant_id, l.producer_id, 'self_made', 'self_made', 'rate', r.id, 0, 0, 0, '2026-01-10'
         from order_lines l join orders o on o.id = l.order_id and o.status = 'paid', tax_rates r
         where r.tax_category = 'self_made' and r.producer_kind = 'household' and r.reading = 'practice'",
    ),
    // A line is declared before its month.
    (
        "invariant_tax_declarations",
        "insert into tax_periods (id, month, status, due_on, opened_at, locked_at)
             values (gen_random_uuid(), '2026-02-01', 'locked', '2026-03-20', now(), now());
         insert into tax_declarations select gen_random_uuid(), id, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null, null, now() from tax_periods;
         insert into tax_lines (id, order_id, variant_id, producer_id, tax_category, applied_category, reason, rate_id, base_vnd, vat_vnd,
             pit_vnd, at)
         select gen_random_uuid(), l.order_id, l.variant_id, l.producer_id, 'self_made', 'self_made', 'rate', r.id, 0, 0, 0, '2026-03-10'
         from order_lines l join orders o on o.id = l.order_id and o.status = 'paid', tax_rates r
         where r.tax_category = 'self_made' and r.producer_kind = 'household' and r.reading = 'practice';
         insert into tax_declaration_lines select l.id, d.id from tax_lines l, tax_declarations d",
    ),
    // It moves what nobody approved.
    (
        "invariant_tax_payments",
        "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, at)
         values (gen_random_uuid(), 'vat_paid', gen_random_uuid(), 'vat', 'bank', 1, now())",
    ),
    // It pays another sum than was declared.
    (
        "invariant_tax_payments",
        "insert into tax_periods (id, month, status, due_on, opened_at, locked_at)
             values (gen_random_uuid(), '2026-02-01', 'paid', '2026-03-20', now(), now());
         insert into tax_declarations select gen_random_uuid(), id, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null, null, now() from tax_periods;
         insert into tax_filings select d.id, '1', '2026-03-20', (select min(id::text)::uuid from accounts), now() from tax_declarations d;
         insert into tax_payments select gen_random_uuid(), d.id, 5, 0, 'FT1', '2026-03-20', 'approved', a.id, now(), b.id, now()
         from tax_declarations d, (select min(id::text)::uuid as id from accounts) a, (select max(id::text)::uuid as id from accounts) b;
         insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, at)
         select gen_random_uuid(), 'vat_paid', id, 'vat', 'bank', 5, now() from tax_payments",
    ),
    // A month is paid that nobody paid.
    (
        "invariant_tax_payments",
        "insert into tax_periods (id, month, status, due_on, opened_at, locked_at)
             values (gen_random_uuid(), '2026-02-01', 'paid', '2026-03-20', now(), now());
         insert into tax_declarations select gen_random_uuid(), id, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null, null, now() from tax_periods;
         insert into tax_filings select d.id, '1', '2026-03-20', (select min(id::text)::uuid from accounts), now() from tax_declarations d",
    ),
    // A number is left out.
    (
        "invariant_tax_certificates",
        "insert into tax_periods (id, month, status, due_on, opened_at, locked_at)
             values (gen_random_uuid(), '2026-02-01', 'locked', '2026-03-20', now(), now());
         insert into tax_declarations select gen_random_uuid(), id, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null, null, now() from tax_periods;
         insert into tax_certificate_numbers values (2026, 2);
         insert into tax_certificates select gen_random_uuid(), 2026, 2, id, '2026-02', 1, 'Hộ', null, 'Tổ 2', 0, 0, 0, 0, 0, 0, now()
         from producers",
    ),
    // It says what nobody declared.
    (
        "invariant_tax_certificates",
        "insert into tax_periods (id, month, status, due_on, opened_at, locked_at)
             values (gen_random_uuid(), '2026-02-01', 'locked', '2026-03-20', now(), now());
         insert into tax_declarations select gen_random_uuid(), id, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null, null, now() from tax_periods;
         insert into tax_certificate_numbers values (2026, 1);
         insert into tax_certificates select gen_random_uuid(), 2026, 1, id, '2026-02', 1, 'Hộ', null, 'Tổ 2', 0, 7, 0, 0, 0, 0, now()
         from producers",
    ),
];
