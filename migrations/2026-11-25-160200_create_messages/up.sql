create table conversations (
    order_id uuid primary key references orders (id),
    buyer_account_id uuid not null references accounts (id),
    producer_id uuid not null references producers (id),
    -- How many messages there are; they are numbered from 1, so that a phone that asks for what is new misses none.
    messages integer not null default 0 constraint conversations_messages_check check (messages between 0 and 1000),
    buyer_read integer not null default 0,
    producer_read integer not null default 0,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint conversations_read_check check (buyer_read between 0 and messages and producer_read between 0 and messages)
);
create index conversations_buyer_idx on conversations (buyer_account_id);
create index conversations_producer_idx on conversations (producer_id);
comment on table conversations is 'What buyer and producer write to each other about an order, and how far each has read';

create table messages (
    id uuid primary key,
    order_id uuid not null references conversations (order_id),
    number integer not null constraint messages_number_check check (number between 1 and 1000),
    buyer_account_id uuid not null references accounts (id),
    producer_id uuid not null references producers (id),
    sender text not null constraint messages_sender_check check (sender in ('buyer', 'producer')),
    client_ref uuid,
    text text not null constraint messages_text_check check (length(text) between 1 and 1000),
    sent_at timestamptz not null,
    constraint messages_number_key unique (order_id, number),
    constraint messages_client_ref_key unique (order_id, sender, client_ref)
);
create index messages_order_idx on messages (order_id);
create index messages_sent_idx on messages (order_id, sender, sent_at);
create index messages_buyer_idx on messages (buyer_account_id);
create index messages_producer_idx on messages (producer_id);
create trigger messages_append_only before update or delete on messages
    for each row execute function refuse_change();

alter table conversations enable row level security;
create policy conversations_parties on conversations using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account())
    or producer_id = actor_producer() or actor_is_platform());
alter table messages enable row level security;
create policy messages_parties on messages using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account())
    or producer_id = actor_producer() or actor_is_platform());
-- The operator reads only what a complaint is open about.
create policy messages_operator on messages for select using (
    actor_role() = 'operator'
    and exists (select from complaints c where c.order_id = messages.order_id and c.due_on is not null));
grant select, insert, update on conversations to ocop_app;
grant select, insert on messages to ocop_app;

-- Messages are numbered without a gap, and belong to the parties of their conversation and its order.
create view invariant_conversations with (security_invoker = true) as
select c.order_id::text as object, format('counted %s, there are %s up to %s', c.messages, m.messages, m.last) as detail
from conversations c
cross join lateral (select count(*) as messages, coalesce(max(number), 0) as last from messages m where m.order_id = c.order_id) m
where m.messages <> c.messages or m.last <> c.messages
union all
select c.order_id::text, 'not the parties of its order'
from conversations c join orders o on o.id = c.order_id
where o.buyer_account_id <> c.buyer_account_id or o.producer_id <> c.producer_id
union all
select m.id::text, 'not the parties of its conversation'
from messages m join conversations c on c.order_id = m.order_id
where m.buyer_account_id <> c.buyer_account_id or m.producer_id <> c.producer_id;
grant select on invariant_conversations to ocop_app;
