alter table payment_attempts drop column withdrawn_at;
