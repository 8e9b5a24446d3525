drop view invariant_outgoing_ledger;
drop view invariant_outgoing;
drop table outgoing_events, outgoing_transfers, outgoing_files, outgoing_batches;
drop function outgoing_transfer_must_step();
delete from jobs where kind in ('send_transfer', 'outgoing_ended', 'look_after_outgoing');
