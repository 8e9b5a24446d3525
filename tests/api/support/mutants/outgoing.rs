//! Faults of money that leaves.

use super::Mutant;

/// A payout that was made, approved by two persons, sent and confirmed, and then a fault.
macro_rules! after_a_payout {
    ($fault:literal) => {
        concat!(
            "set local session_replication_role = replica;
             insert into bank_accounts (id, producer_id, bank_bin, holder_name, number_sealed, key_name, last_digits, status,
                 usable_from, given_by, given_at, decided_by, decided_at, reason)
             select '00000000-0000-7000-8000-0000000000b1', p.id, '970405', 'X', decode(repeat('00', 40), 'hex'),
                 repeat('0', 16), '3456', 'verified', now(), p.account_id, now(),
                 (select id from accounts where id <> p.account_id limit 1), now(), 'x' from producers p limit 1;
             insert into outgoing_batches (id, purpose, made_by, made_at, approved_by, approved_at)
             select '00000000-0000-7000-8000-0000000000ba', 'payout', given_by, now(), decided_by, now() from bank_accounts;
             insert into payout_runs (id, made_at) select id, now() from outgoing_batches;
             insert into outgoing_transfers (id, purpose, subject_id, batch_id, producer_id, bank_account_id, amount_vnd, reference,
                 rail, status, sent_on, sent_at, ended_at, created_at)
             select '00000000-0000-7000-8000-0000000000aa', 'payout', '00000000-0000-7000-8000-0000000000aa', b.id,
                 a.producer_id, a.id, 1000, 'OC00000000', 'payos', 'confirmed', current_date, now(), now(), now()
             from outgoing_batches b, bank_accounts a;
             insert into outgoing_events (id, transfer_id, event, from_status, to_status, at)
             select gen_random_uuid(), id, 'confirm', 'sent', 'confirmed', now() from outgoing_transfers;
             insert into payouts (id, run_id, producer_id, balance_vnd, amount_vnd, at)
             select id, batch_id, producer_id, 1000, 1000, now() from outgoing_transfers;
             insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, producer_id, at)
             select gen_random_uuid(), 'payout', id, 'producer', 'payouts_in_transit', 1000, producer_id, now() from outgoing_transfers;
             insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, producer_id, at)
             select gen_random_uuid(), 'payout_sent', id, 'payouts_in_transit', 'bank', 1000, producer_id, now()
             from outgoing_transfers;",
            $fault
        )
    };
}

/// Its promises are kept.
pub const HEALTHY_PAYOUT: &str = after_a_payout!("select 1");

pub const MUTANTS: &[Mutant] = &[
    ("invariant_outgoing", after_a_payout!("update outgoing_batches set approved_by = null, approved_at = null")),
    ("invariant_outgoing", after_a_payout!("delete from outgoing_events")),
    (
        "invariant_outgoing",
        after_a_payout!(
            "update outgoing_transfers set status = 'unknown', ended_at = null;
             update outgoing_events set to_status = 'unknown'"
        ),
    ),
    ("invariant_outgoing", after_a_payout!("update bank_accounts set producer_id = null, buyer_account_id = given_by")),
    (
        "invariant_outgoing",
        after_a_payout!(
            "insert into outgoing_files (id, made_by, made_at, transfers, total_vnd)
             select gen_random_uuid(), given_by, now(), 1, 1000 from bank_accounts"
        ),
    ),
    ("invariant_outgoing_ledger", after_a_payout!("delete from ledger_transfers where kind = 'payout_sent'")),
    ("invariant_outgoing_ledger", after_a_payout!("delete from ledger_transfers where kind = 'payout'")),
    (
        "invariant_outgoing_ledger",
        after_a_payout!("update ledger_transfers set amount_vnd = amount_vnd - 1 where kind like 'payout%'"),
    ),
    ("invariant_outgoing_ledger", after_a_payout!("delete from outgoing_transfers")),
    ("invariant_outgoing_ledger", after_a_payout!("update outgoing_transfers set status = 'failed', reason = 'x'")),
    (
        "invariant_outgoing_ledger",
        after_a_payout!(
            "delete from ledger_transfers where kind like 'payout%';
             update outgoing_transfers set purpose = 'refund', producer_id = null, order_id = id, refund_id = id"
        ),
    ),
    ("invariant_payouts", after_a_payout!("update payouts set amount_vnd = amount_vnd - 1")),
    ("invariant_payouts", after_a_payout!("update payouts set run_id = gen_random_uuid()")),
    ("invariant_payouts", after_a_payout!("delete from payouts")),
    ("invariant_payouts", after_a_payout!("delete from outgoing_transfers")),
];
