//! Faults of what is settled and corrected.

use super::Mutant;

/// A statement of the day of the paid order's money, read a day later, with one line that is that money.
macro_rules! statement {
    () => {
        "insert into settlement_files (id, provider, source, format, settled_on, reads_refunds, sha256, content, \
        lines, imported_at) \
    select '01938000-0000-7000-8000-00000000f001', provider, 'list', 'json', \
        (coalesce(moved_at, received_at) at time zone 'UTC' + interval '7 hours')::date, false, \
        decode(repeat('00', 32), 'hex'), '', 1, now() + interval '1 day' from payment_credits where payment_id is not null; \
    insert into settlement_lines (id, file_id, provider, line, kind, refs, transaction_no, amount_vnd, fee_vnd) \
    select '01938000-0000-7000-8000-00000000f002', '01938000-0000-7000-8000-00000000f001', provider, 1, 'payment', '{}', 'X', \
        amount_vnd, 100 from payment_credits where payment_id is not null; "
    };
}

/// The line is that money.
macro_rules! matched {
    () => {
        "insert into settlement_matches (line_id, credit_id, matched_at) \
    select '01938000-0000-7000-8000-00000000f002', id, now() from payment_credits where payment_id is not null; "
    };
}

/// The provider has paid it out.
macro_rules! posted {
    () => {
        "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, provider, at) \
    select gen_random_uuid(), 'provider_fee', '01938000-0000-7000-8000-00000000f002', 'provider_fees', 'clearing', 100, provider, \
        now() from payment_credits where payment_id is not null; \
    insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, provider, at) \
    select gen_random_uuid(), 'settlement', '01938000-0000-7000-8000-00000000f002', 'bank', 'clearing', amount_vnd - 100, provider, \
        now() from payment_credits where payment_id is not null; "
    };
}

/// A decision of this kind and status by two people, of 1000 đồng between bank and carriage.
macro_rules! decided {
    ($kind:literal, $status:literal, $rest:literal) => {
        concat!(
            "insert into accounts (id, phone, status, created_at, updated_at) values
                ('01938000-0000-7000-8000-00000000f0a1', '+84900000099', 'active', now(), now());
             insert into money_decisions (id, kind, reason, status, proposed_by, proposed_at, decided_by, decided_at)
             select '01938000-0000-7000-8000-00000000f003', '", $kind, "', 'x', '", $status, "', a.id, now(),
                    case when '", $status, "' <> 'proposed' then '01938000-0000-7000-8000-00000000f0a1'::uuid end,
                    case when '", $status, "' <> 'proposed' then now() end
             from accounts a where a.phone <> '+84900000099' limit 1;
             insert into money_decision_postings (id, decision_id, place, debit, credit, amount_vnd) values
                ('01938000-0000-7000-8000-00000000f004', '01938000-0000-7000-8000-00000000f003', 0, 'carriage', 'bank', 1000); ",
            $rest
        )
    };
}

/// An exception of this kind and status about a line that is nobody's.
macro_rules! exception {
    ($status:literal) => {
        concat!(
            "set local session_replication_role = replica;
             insert into settlement_files (id, provider, source, format, settled_on, reads_refunds, sha256, content, lines, imported_at)
             values ('01938000-0000-7000-8000-00000000f001', 'momo', 'list', 'json', '2026-01-01', false,
                     decode(repeat('00', 32), 'hex'), '', 1, now());
             insert into settlement_lines (id, file_id, provider, line, kind, refs, transaction_no, amount_vnd, fee_vnd)
             values ('01938000-0000-7000-8000-00000000f002', '01938000-0000-7000-8000-00000000f001', 'momo', 1, 'payment', '{}', 'X',
                     1000, 0);
             insert into reconciliation_exceptions (id, provider, kind, file_id, settled_on, line_id, theirs_vnd, status, found_at,
                                                    ended_at)
             values ('01938000-0000-7000-8000-00000000f005', 'momo', 'missing_here', '01938000-0000-7000-8000-00000000f001',
                     '2026-01-01', '01938000-0000-7000-8000-00000000f002', 1000, '", $status, "', now(),
                     case when '", $status, "' in ('resolved', 'dismissed') then now() end)"
        )
    };
}

/// Matched, and nobody has posted it.
const UNPOSTED: &str = concat!(statement!(), matched!());
const POSTED_TOO_MUCH: &str = concat!(
    statement!(),
    matched!(),
    posted!(),
    "set local session_replication_role = replica;
     update ledger_transfers set amount_vnd = amount_vnd + 1 where kind = 'settlement'"
);
const OF_ANOTHER_AMOUNT: &str = concat!(
    statement!(),
    matched!(),
    posted!(),
    "set local session_replication_role = replica;
     update settlement_lines set amount_vnd = amount_vnd + 1;
     update ledger_transfers set amount_vnd = amount_vnd + 1 where kind = 'settlement'"
);
const FORGOTTEN: &str =
    concat!(statement!(), "set local session_replication_role = replica; delete from settlement_lines");
const LINE_FORGOTTEN: &str = statement!();
const ENDED_AND_STANDING: &str = concat!(
    statement!(),
    "insert into reconciliation_exceptions (id, provider, kind, file_id, settled_on, credit_id, line_id, ours_vnd, theirs_vnd,
                                            status, found_at, ended_at)
     select gen_random_uuid(), provider, 'different_amount', '01938000-0000-7000-8000-00000000f001', '2026-01-01', id,
            '01938000-0000-7000-8000-00000000f002', amount_vnd, 1, 'resolved', now(), now()
     from payment_credits where payment_id is not null"
);

pub const MUTANTS: &[Mutant] = &[
    (
        "invariant_settlements",
        "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, provider, at)
         values (gen_random_uuid(), 'settlement', gen_random_uuid(), 'bank', 'clearing', 1, 'vnpay', now())",
    ),
    ("invariant_settlements", UNPOSTED),
    ("invariant_settlements", POSTED_TOO_MUCH),
    ("invariant_settlements", OF_ANOTHER_AMOUNT),
    ("invariant_settled_days", FORGOTTEN),
    ("invariant_settled_days", LINE_FORGOTTEN),
    ("invariant_settled_days", ENDED_AND_STANDING),
    (
        "invariant_money_decisions",
        "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, at)
         values (gen_random_uuid(), 'correction', gen_random_uuid(), 'bank', 'commission', 1, now())",
    ),
    ("invariant_money_decisions", decided!("correction", "executed", "")),
    (
        "invariant_money_decisions",
        decided!(
            "correction",
            "proposed",
            "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, at)
             values (gen_random_uuid(), 'correction', '01938000-0000-7000-8000-00000000f004', 'carriage', 'bank', 1000, now())"
        ),
    ),
    (
        "invariant_money_decisions",
        decided!(
            "correction",
            "executed",
            "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, at)
             values (gen_random_uuid(), 'correction', '01938000-0000-7000-8000-00000000f004', 'carriage', 'bank', 1001, now())"
        ),
    ),
    (
        "invariant_money_decisions",
        decided!("correction", "proposed", "set local session_replication_role = replica; delete from money_decision_postings"),
    ),
    (
        "invariant_money_decisions",
        decided!(
            "correction",
            "executed",
            "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, at)
             values (gen_random_uuid(), 'correction', '01938000-0000-7000-8000-00000000f004', 'carriage', 'bank', 1000, now());
             set local session_replication_role = replica;
             alter table money_decisions drop constraint money_decisions_two_people_check;
             update money_decisions set decided_by = proposed_by"
        ),
    ),
    (
        "invariant_money_decisions",
        "insert into money_decisions (id, kind, reverses, reason, status, proposed_by, proposed_at, decided_by, decided_at)
         select gen_random_uuid(), 'reversal', t.id, 'x', 'executed', a.id, now(), b.id, now()
         from (select id from ledger_transfers limit 1) t, (select min(id::text)::uuid as id from accounts) a,
              (select max(id::text)::uuid as id from accounts) b",
    ),
    (
        "invariant_money_decisions",
        decided!(
            "correction",
            "executed",
            "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, at)
             values ('01938000-0000-7000-8000-00000000f006', 'correction', '01938000-0000-7000-8000-00000000f004', 'carriage',
                     'bank', 1000, now());
             insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, reverses, at)
             values (gen_random_uuid(), 'reversal', '01938000-0000-7000-8000-00000000f006', 'bank', 'carriage', 1000,
                     '01938000-0000-7000-8000-00000000f006', now())"
        ),
    ),
    ("invariant_money_decisions", exception!("proposed")),
    ("invariant_money_decisions", exception!("resolved")),
    ("invariant_money_decisions", exception!("dismissed")),
];
