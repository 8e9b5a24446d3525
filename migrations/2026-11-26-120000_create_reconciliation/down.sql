drop view invariant_money_decisions;
drop view invariant_settled_days;
drop view invariant_settlements;
drop view clearing_movements;
drop table provider_calls;
drop table money_decision_postings;
drop table money_decisions;
drop function money_decision_stays();
drop table reconciliation_exceptions;
drop table settlement_matches;
drop table settlement_lines;
drop table settlement_files;
drop table settlement_mappings;
drop index ledger_transfers_sent_idx;
alter table ledger_transfers drop constraint ledger_transfers_moves_check;
-- What was settled of refunds stays in the books.
alter table ledger_transfers add constraint ledger_transfers_moves_check
    check (kind in ('correction', 'reversal') or (kind, debit, credit) in (
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
        ('provider_fee', 'provider_fees', 'clearing'))) not valid;
drop index payment_attempts_created_idx;
drop index payment_credits_reference_idx;
drop index payment_credits_moved_idx;
alter table payment_credits drop column moved_at, drop column provider_reference;
