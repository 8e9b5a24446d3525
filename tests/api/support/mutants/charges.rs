//! Faults of fees and taxes.

use super::Mutant;

pub const MUTANTS: &[Mutant] = &[
    (
        "invariant_charges",
        "insert into order_charges (order_id, producer_id, schedule_id, earned_vnd, fee_base_vnd, fee_vnd, at)
         select o.id, o.producer_id, f.id, 1000, 1000, 1, now() from orders o, fee_schedules f where o.status = 'paid'",
    ),
    (
        "invariant_charges",
        "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, producer_id, order_id, at)
         select gen_random_uuid(), 'fee', id, 'producer', 'commission', 1, producer_id, id, now() from orders where status = 'paid'",
    ),
    (
        "invariant_charges",
        "insert into tax_lines (id, order_id, variant_id, producer_id, tax_category, applied_category, reason, rate_id, base_vnd, vat_vnd,
             pit_vnd, at)
         select gen_random_uuid(), l.order_id, l.variant_id, l.producer_id, 'self_made', 'self_made', 'rate', r.id, 1000, 10, 5, now()
         from order_lines l join orders o on o.id = l.order_id and o.status = 'paid', tax_rates r
         where r.tax_category = 'self_made' and r.producer_kind = 'household' and r.reading = 'practice'",
    ),
    (
        "invariant_charges",
        "insert into tax_lines (id, order_id, variant_id, producer_id, tax_category, applied_category, reason, rate_id, base_vnd, vat_vnd,
             pit_vnd, at)
         select gen_random_uuid(), l.order_id, l.variant_id, l.producer_id, 'self_made', 'self_made', 'rate', r.id, 1000, 11, 5, now()
         from order_lines l join orders o on o.id = l.order_id and o.status = 'paid', tax_rates r
         where r.tax_category = 'self_made' and r.producer_kind = 'household' and r.reading = 'practice';
         insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, producer_id, order_id, at)
         select gen_random_uuid(), 'vat', id, 'producer', 'vat', 11, producer_id, id, now() from orders where status = 'paid';
         insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, producer_id, order_id, at)
         select gen_random_uuid(), 'pit', id, 'producer', 'pit', 5, producer_id, id, now() from orders where status = 'paid'",
    ),
    (
        "invariant_charges",
        "insert into order_charges (order_id, producer_id, schedule_id, earned_vnd, fee_base_vnd, fee_vnd, at)
         select o.id, o.producer_id, f.id, 1000, 1000, 1, now() from orders o, fee_schedules f where o.status = 'paid';
         insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, producer_id, order_id, at)
         select gen_random_uuid(), 'fee', id, 'producer', 'commission', 1, producer_id, id, now() from orders where status = 'paid'",
    ),
    (
        "invariant_charges",
        "insert into order_charges (order_id, producer_id, schedule_id, earned_vnd, fee_base_vnd, fee_vnd, at)
         select o.id, o.producer_id, f.id, 1000, 1000, 0, now() from orders o, fee_schedules f where o.status = 'paid';
         insert into charge_returns select gen_random_uuid(), order_id, producer_id, 1000, 1, now() from order_charges;
         insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, producer_id, order_id, at)
         select gen_random_uuid(), 'fee_returned', id, 'commission', 'producer', 1, producer_id, id, now() from orders where status = 'paid'",
    ),
    (
        "invariant_charges",
        "insert into order_charges (order_id, producer_id, schedule_id, earned_vnd, fee_base_vnd, fee_vnd, at)
         select o.id, o.producer_id, f.id, 1000, 1000, 0, now() from orders o, fee_schedules f where o.status = 'paid';
         insert into fee_schedules values (gen_random_uuid(), 0, '2026-02-01', 'mutant', null, '2026-01-01')",
    ),
    (
        "invariant_charges",
        "set local session_replication_role = replica;
         insert into order_charges (order_id, producer_id, schedule_id, earned_vnd, fee_base_vnd, fee_vnd, at)
         select o.id, o.producer_id, f.id, 1000, 1000, 0, now() from orders o, fee_schedules f where o.status = 'paid';
         update orders set status = 'completed', paid_at = created_at, paid_on = created_at::date where status = 'awaiting_payment';
         insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, producer_id, order_id, at)
         select gen_random_uuid(), 'sale', id, 'orders', 'producer', 1, producer_id, id, now() from orders where status = 'completed'",
    ),
];
