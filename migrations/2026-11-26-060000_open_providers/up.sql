-- Providers that must open an order before the buyer can pay, and that can be asked what became of it.
alter table payment_attempts drop constraint payment_attempts_provider_check;
alter table payment_attempts add constraint payment_attempts_provider_check
    check (provider in ('bank_transfer', 'vnpay', 'payos', 'momo', 'zalopay', 'vietqr_vn'));
alter table payment_callbacks drop constraint payment_callbacks_provider_check;
alter table payment_callbacks add constraint payment_callbacks_provider_check
    check (provider in ('bank_transfer', 'vnpay', 'payos', 'momo', 'zalopay', 'vietqr_vn'));
alter table payment_credits drop constraint payment_credits_provider_check;
alter table payment_credits add constraint payment_credits_provider_check
    check (provider in ('bank_transfer', 'vnpay', 'payos', 'momo', 'zalopay', 'vietqr_vn'));

-- Null while nobody knows whether the provider has the order: it is asked under the same reference.
alter table payment_attempts add column opened_at timestamptz;
update payment_attempts set opened_at = created_at;
-- When the provider is asked next; null when it is not, or has said how the attempt ended.
alter table payment_attempts add column next_poll_at timestamptz;
-- When the provider last said how the attempt stands.
alter table payment_attempts add column asked_at timestamptz;
create index payment_attempts_poll_idx on payment_attempts (next_poll_at) where next_poll_at is not null;

-- Whether the provider came with it, or said it when it was asked.
alter table payment_callbacks add column channel text not null default 'notice'
    constraint payment_callbacks_channel_check check (channel in ('notice', 'question'));
comment on table payment_callbacks is 'Every word of a provider as it came, with what became of it';

-- Whoever may have paid is asked for: the planner has not stopped, and no attempt whose order may be open is forgotten.
create view invariant_questions with (security_invoker = true) as
select id::text as object, 'not asked for more than 10 minutes past its time' as detail
from payment_attempts where next_poll_at < now() - interval '10 minutes'
union all
select id::text, 'nobody knows whether its provider has the order, and nobody asks'
from payment_attempts where opened_at is null and status = 'pending' and next_poll_at is null;
grant select on invariant_questions to ocop_app;
