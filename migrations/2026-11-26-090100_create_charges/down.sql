drop view invariant_charges;
drop table charge_returns;
drop table tax_lines;
drop table order_charges;
drop table product_tax_categories;
drop table tax_readings;
drop table tax_rates;
drop table fee_schedules;
