drop view invariant_voucher_uses;
drop view invariant_vouchers;
drop table voucher_share_lines;
drop table voucher_shares;
drop table voucher_uses;
drop table voucher_buyers;
drop table vouchers;
