drop table payment_reviews;
drop table payment_credits;
drop table payment_callbacks;
drop table payment_attempts;
drop table payments;
