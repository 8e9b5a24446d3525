-- A provider that tells one transaction in two ways: the first way counts, every other waits for a person, once.
alter table payment_reviews drop constraint payment_reviews_kind_check;
alter table payment_reviews add constraint payment_reviews_kind_check check (kind in
    ('late_payment', 'second_payment', 'wrong_amount', 'unknown_reference', 'suspected_fraud', 'other_account', 'refund_due',
     'contradiction'));
-- What is told, for entries without money of their own: told again, it is no new entry.
alter table payment_reviews add column story text constraint payment_reviews_story_key unique;
