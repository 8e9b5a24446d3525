drop view invariant_questions;
-- Money of the new providers is evidence: with a row of theirs this does not go back.
alter table payment_credits drop constraint payment_credits_provider_check;
alter table payment_credits add constraint payment_credits_provider_check check (provider in ('bank_transfer', 'vnpay'));
alter table payment_callbacks drop constraint payment_callbacks_provider_check;
alter table payment_callbacks add constraint payment_callbacks_provider_check check (provider in ('bank_transfer', 'vnpay'));
alter table payment_attempts drop constraint payment_attempts_provider_check;
alter table payment_attempts add constraint payment_attempts_provider_check check (provider in ('bank_transfer', 'vnpay'));
alter table payment_callbacks drop column channel;
comment on table payment_callbacks is 'Every message of a provider as it came, with what became of it';
alter table payment_attempts drop column asked_at, drop column next_poll_at, drop column opened_at;
