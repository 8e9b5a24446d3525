-- By nothing else would be known whose money comes to such a number.
do $$
begin
    if exists (select from payment_attempts where own_account is not null) then
        raise exception 'tries have account numbers of their own';
    end if;
end;
$$;
drop index payment_attempts_own_account_key;
alter table payment_attempts
    drop constraint payment_attempts_own_account_check,
    drop column own_step,
    drop column provider_order,
    drop column own_account;
