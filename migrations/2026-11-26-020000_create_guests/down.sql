drop view invariant_guests;
drop function purge_guests;
drop table guest_order_tries;
drop table guest_openings;

-- Guests without anything that must stay are removed. The others stay, as accounts of numbers under 030, which no
-- network of Vietnam has: nobody can be sent a code there, and their open sessions go on.
do $$
declare
    guest uuid;
    place integer := 0;
    placeholder text;
begin
    for guest in select id from accounts where phone is null order by id loop
        begin
            delete from sessions where account_id = guest;
            delete from cart_lines where account_id = guest;
            delete from carts where account_id = guest;
            delete from quotes where buyer_account_id = guest;
            delete from notice_preferences where account_id = guest;
            delete from accounts where id = guest;
        exception when foreign_key_violation then
            loop
                placeholder := '+8430' || lpad(place::text, 7, '0');
                place := place + 1;
                exit when not exists (select from accounts where phone = placeholder);
            end loop;
            update accounts set phone = placeholder where id = guest;
        end;
    end loop;
end;
$$;

drop index accounts_guests_idx;
alter table accounts
    drop constraint accounts_guest_check,
    drop column is_guest,
    alter column phone set not null;
comment on table accounts is 'A person, known by one Vietnamese mobile number in the form +84…';
