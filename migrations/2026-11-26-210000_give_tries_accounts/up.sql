-- An account number that takes the money of one try alone, by what its provider knows the order of it, and what the buyer is
-- shown while it is open.
alter table payment_attempts
    add column own_account text,
    add column provider_order text,
    add column own_step jsonb,
    add constraint payment_attempts_own_account_check check (
        (own_account is null) = (provider_order is null) and (own_step is null or own_account is not null)
        and length(own_account) between 1 and 50 and length(provider_order) between 1 and 201
    );
create unique index payment_attempts_own_account_key on payment_attempts (own_account) where own_account is not null;
