drop view invariant_payouts;
drop table payouts, payout_runs;
delete from jobs where kind = 'run_payouts';
