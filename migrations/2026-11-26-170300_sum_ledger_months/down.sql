drop view invariant_ledger_checkpoints;
drop index ledger_transfers_at_idx;
drop table ledger_producer_checkpoints;
drop table ledger_checkpoints;
