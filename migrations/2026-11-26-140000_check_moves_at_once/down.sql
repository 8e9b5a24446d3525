alter table orders drop constraint orders_paid_check;
alter table orders add constraint orders_paid_check check (
    (paid_at is null) = (paid_on is null)
    and (status in ('awaiting_payment', 'expired', 'cancelled') or paid_at is not null)
    and (status not in ('awaiting_payment', 'expired') or paid_at is null));
alter table ledger_transfers drop constraint ledger_transfers_through_check;
alter table ledger_transfers add constraint ledger_transfers_through_check check (provider is not null or (
    debit not in ('clearing', 'suspense', 'set_aside', 'provider_fees')
    and credit not in ('clearing', 'suspense', 'set_aside', 'provider_fees')));
alter table ledger_transfers drop constraint ledger_transfers_moves_check;
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
        ('settlement', 'clearing', 'bank'),
        ('provider_fee', 'provider_fees', 'clearing'))
        or (kind = 'vat_paid' and debit = 'vat' and credit = 'bank')
        or (kind = 'pit_paid' and debit = 'pit' and credit = 'bank'));
