alter table payment_reviews drop column story;
-- The older program knows no better word for them.
update payment_reviews set kind = 'wrong_amount' where kind = 'contradiction';
alter table payment_reviews drop constraint payment_reviews_kind_check;
alter table payment_reviews add constraint payment_reviews_kind_check check (kind in
    ('late_payment', 'second_payment', 'wrong_amount', 'unknown_reference', 'suspected_fraud', 'other_account', 'refund_due'));
