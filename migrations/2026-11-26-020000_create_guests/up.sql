-- Who buys without a number of his own: an account that nobody signs in to, known by its sessions and its orders.
alter table accounts
    alter column phone drop not null,
    add column is_guest boolean not null generated always as (phone is null) stored,
    add constraint accounts_guest_check check (phone is not null or password_hash is null);
comment on table accounts is
    'A person, known by one Vietnamese mobile number in the form +84…; or a guest, who has proved none';
create index accounts_guests_idx on accounts (updated_at) where is_guest;

create table guest_openings (
    id uuid primary key,
    source text not null,
    opened_at timestamptz not null
);
create index guest_openings_source_idx on guest_openings (source, opened_at);
create index guest_openings_opened_at_idx on guest_openings (opened_at);
comment on table guest_openings is 'Guests made, by network: the truth of their limit';

create table guest_order_tries (
    id uuid primary key,
    source text not null,
    order_code text not null,
    tried_at timestamptz not null
);
create index guest_order_tries_source_idx on guest_order_tries (source, tried_at);
create index guest_order_tries_order_code_idx on guest_order_tries (order_code, tried_at);
create index guest_order_tries_tried_at_idx on guest_order_tries (tried_at);
comment on table guest_order_tries is 'Failed tries to open a guest''s order, whether or not there is one with this code';

alter table guest_openings enable row level security;
create policy guest_openings_platform on guest_openings using (actor_is_platform());
alter table guest_order_tries enable row level security;
create policy guest_order_tries_platform on guest_order_tries using (actor_is_platform());
grant select, insert, delete on guest_openings, guest_order_tries to ocop_app;

-- Removes guests who never bought and can never come back, the longest unused first, with all that was theirs alone.
-- What else refers to one keeps him: he is looked at again as late as a new one. Returns how many are gone.
create function purge_guests(unused_since timestamptz, at timestamptz, at_most integer) returns integer
    language plpgsql security definer set search_path = public as $$
declare
    guest uuid;
    gone integer := 0;
begin
    if not actor_is_platform() then
        raise exception 'only the platform purges guests' using errcode = 'insufficient_privilege';
    end if;
    for guest in
        select a.id from accounts a
        where a.is_guest and a.updated_at < unused_since
          and not exists (select from checkouts c where c.buyer_account_id = a.id)
          and not exists (select from sessions s where s.account_id = a.id and s.revoked_at is null
                          and s.expires_at > at and s.idle_expires_at > at)
        order by a.updated_at limit at_most for update skip locked
    loop
        begin
            delete from sessions where account_id = guest;
            delete from cart_lines where account_id = guest;
            delete from carts where account_id = guest;
            delete from quotes where buyer_account_id = guest;
            delete from notice_preferences where account_id = guest;
            delete from accounts where id = guest;
            gone := gone + 1;
        exception when foreign_key_violation then
            update accounts set updated_at = at where id = guest;
        end;
    end loop;
    return gone;
end;
$$;
revoke all on function purge_guests from public;
grant execute on function purge_guests to ocop_app;

-- A guest buys and nothing else.
create view invariant_guests with (security_invoker = true) as
select a.id::text as object, format('a guest with a session for the surface %s', s.audience) as detail
from accounts a join sessions s on s.account_id = a.id where a.is_guest and s.audience <> 'buyer'
union all
select a.id::text, format('a guest with the role %s', g.role)
from accounts a join role_grants g on g.account_id = a.id where a.is_guest
union all
select a.id::text, 'a guest who sells'
from accounts a join producers p on p.account_id = a.id where a.is_guest;
grant select on invariant_guests to ocop_app;
