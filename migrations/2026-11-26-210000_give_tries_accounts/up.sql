-- An account number that takes the money of one try alone, and by what its provider knows the order of it.
alter table payment_attempts
    add column own_account text,
    add column provider_order text,
    add constraint payment_attempts_own_account_check check (
        (own_account is null) = (provider_order is null)
        and length(own_account) between 1 and 50 and length(provider_order) between 1 and 100
    );
create unique index payment_attempts_own_account_key on payment_attempts (own_account) where own_account is not null;
