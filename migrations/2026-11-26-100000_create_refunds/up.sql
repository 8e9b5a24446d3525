-- How what is owed back gets to its buyer: asked for at the provider that was paid, followed to its end, and done by a
-- person where no provider does it.
create table refunds (
    id uuid primary key references order_refunds (id),
    order_id uuid not null references orders (id),
    buyer_account_id uuid not null references accounts (id),
    payment_id uuid not null references payments (id),
    -- The money that it is taken from.
    credit_id uuid not null references payment_credits (id),
    provider text not null constraint refunds_provider_check
        check (provider = any ('{bank_transfer,vnpay,payos,momo,zalopay,vietqr_vn}'::text[])),
    rail text not null constraint refunds_rail_check check (rail = any ('{provider,hand}'::text[])),
    amount_vnd bigint not null constraint refunds_amount_check check (amount_vnd between 1 and 100000000000),
    status text not null constraint refunds_status_check check (status =
        any ('{requested,approved,rejected,sent,unknown,failed,manual,succeeded,returned_by_hand}'::text[])),
    -- Why it was rejected, failed or given up, or what a person says of having done it.
    reason text constraint refunds_reason_check check (length(reason) between 1 and 500),
    approvals_needed smallint not null constraint refunds_approvals_check check (approvals_needed between 0 and 2),
    tries integer not null default 0 constraint refunds_tries_check check (tries between 0 and 100),
    -- When the worker looks at it next.
    next_at timestamptz,
    -- When it had gone on for so long that people were called.
    alarmed_at timestamptz,
    -- The last day that the law leaves.
    due_on date not null,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    ended_at timestamptz,
    constraint refunds_wait_check check (
        (status = any ('{approved,sent,unknown,failed}'::text[])) = (next_at is not null)),
    constraint refunds_end_check check (
        (status = any ('{rejected,succeeded,returned_by_hand}'::text[])) = (ended_at is not null))
);
create index refunds_order_idx on refunds (order_id);
create index refunds_buyer_idx on refunds (buyer_account_id);
create index refunds_payment_idx on refunds (payment_id);
create index refunds_credit_idx on refunds (credit_id);
create index refunds_next_idx on refunds (next_at) where next_at is not null;
create index refunds_open_idx on refunds (due_on, id) where ended_at is null;
comment on table refunds is 'What is owed back, on its way; one for each of order_refunds';

-- What of a payment is paid back or may be: never more than came in, whoever sends and however many at once.
create table refund_totals (
    payment_id uuid primary key references payments (id),
    captured_vnd bigint not null,
    refunded_vnd bigint not null,
    constraint refund_totals_refunded_check check (refunded_vnd between 0 and captured_vnd)
);
comment on table refund_totals is 'Sums of refunds that were not rejected, kept by their trigger';

-- Runs as its owner: the application's role cannot set a total. Two refunds of one payment wait here for one another.
create function refund_move_total() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    before_vnd bigint := 0;
    after_vnd bigint := 0;
begin
    if tg_op = 'UPDATE' then
        if (new.id, new.payment_id, new.amount_vnd) is distinct from (old.id, old.payment_id, old.amount_vnd) then
            raise exception 'a refund stays one of its payment and its amount' using errcode = 'integrity_constraint_violation';
        end if;
        before_vnd := case when old.status = 'rejected' then 0 else old.amount_vnd end;
    end if;
    after_vnd := case when new.status = 'rejected' then 0 else new.amount_vnd end;
    if before_vnd <> after_vnd then
        insert into refund_totals (payment_id, captured_vnd, refunded_vnd)
        select id, amount_vnd, 0 from payments where id = new.payment_id and status = 'captured'
        on conflict (payment_id) do nothing;
        update refund_totals set refunded_vnd = refunded_vnd - before_vnd + after_vnd where payment_id = new.payment_id;
        if not found then
            raise exception 'a refund of what was not paid'
                using errcode = 'check_violation', constraint = 'refund_totals_refunded_check';
        end if;
    end if;
    return null;
end;
$$;
create trigger refunds_total after insert or update on refunds for each row execute function refund_move_total();
create trigger refunds_stay before delete on refunds for each row execute function refuse_change();

create table refund_approvals (
    refund_id uuid not null references refunds (id),
    account_id uuid not null references accounts (id),
    at timestamptz not null,
    -- Nobody is two persons.
    primary key (refund_id, account_id)
);
create index refund_approvals_account_idx on refund_approvals (account_id);
create trigger refund_approvals_append_only before update or delete on refund_approvals
    for each row execute function refuse_change();
comment on table refund_approvals is 'Who approved a refund';

-- A try has its own reference, written before anybody hears of it.
create table refund_tries (
    id uuid primary key,
    refund_id uuid not null references refunds (id),
    try_no integer not null constraint refund_tries_try_no_check check (try_no between 1 and 100),
    number text not null constraint refund_tries_number_check check (number ~ '^[A-Za-z0-9]{1,32}$'),
    asked_at timestamptz not null,
    -- How often it was sent under this reference: again only when the provider says that it has none of this name.
    sends integer not null default 1 constraint refund_tries_sends_check check (sends between 1 and 1000),
    is_absent boolean not null default false,
    outcome text constraint refund_tries_outcome_check check (outcome = any ('{succeeded,failed}'::text[])),
    code text constraint refund_tries_code_check check (length(code) <= 200),
    ended_at timestamptz,
    constraint refund_tries_number_key unique (number),
    constraint refund_tries_try_key unique (refund_id, try_no),
    constraint refund_tries_end_check check ((outcome is null) = (ended_at is null))
);
-- As long as nobody knows what became of one, there is no other.
create unique index refund_tries_live_key on refund_tries (refund_id) where outcome is distinct from 'failed';
create trigger refund_tries_stay before delete on refund_tries for each row execute function refuse_change();
comment on table refund_tries is 'One try to pay back, under one reference';

create table refund_answers (
    id uuid primary key,
    try_id uuid not null references refund_tries (id),
    purpose text not null constraint refund_answers_purpose_check check (purpose = any ('{send,ask}'::text[])),
    said text not null constraint refund_answers_said_check
        check (said = any ('{done,processing,refused,absent,unclear}'::text[])),
    detail text constraint refund_answers_detail_check check (length(detail) <= 500),
    -- None when nothing came back.
    http_status smallint,
    body bytea constraint refund_answers_body_check check (length(body) <= 65536),
    at timestamptz not null
);
create index refund_answers_try_idx on refund_answers (try_id, id);
create trigger refund_answers_append_only before update or delete on refund_answers
    for each row execute function refuse_change();
comment on table refund_answers is 'What providers said of refunds, as it came';

alter table refunds enable row level security;
create policy refunds_parties on refunds for select using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account()) or actor_is_staff());
create policy refunds_new on refunds for insert with check (actor_is_platform());
create policy refunds_moves on refunds for update using (actor_is_staff());
grant select, insert on refunds to ocop_app;
grant update (status, reason, tries, next_at, alarmed_at, version, updated_at, ended_at) on refunds to ocop_app;
alter table refund_totals enable row level security;
create policy refund_totals_staff on refund_totals for select using (actor_is_staff());
grant select on refund_totals to ocop_app;
alter table refund_approvals enable row level security;
create policy refund_approvals_staff on refund_approvals using (actor_is_staff());
grant select, insert on refund_approvals to ocop_app;
alter table refund_tries enable row level security;
create policy refund_tries_staff on refund_tries using (actor_is_staff());
grant select, insert on refund_tries to ocop_app;
grant update (sends, is_absent, outcome, code, ended_at) on refund_tries to ocop_app;
alter table refund_answers enable row level security;
create policy refund_answers_staff on refund_answers using (actor_is_staff());
grant select, insert on refund_answers to ocop_app;

-- What was in people's hands stays there.
insert into refunds (id, order_id, buyer_account_id, payment_id, credit_id, provider, rail, amount_vnd, status, reason,
                     approvals_needed, due_on, created_at, updated_at, ended_at)
select f.id, f.order_id, f.buyer_account_id, p.id, k.id, k.provider, 'hand', f.amount_vnd,
       case when r.status = 'open' then 'manual' when r.resolution = 'refunded_by_hand' then 'returned_by_hand' else 'rejected' end,
       nullif(r.note, ''), 0, (f.at at time zone '+07')::date + 30, f.at, coalesce(r.resolved_at, f.at), r.resolved_at
from order_refunds f
join payment_reviews r on r.refund_id = f.id
join orders o on o.id = f.order_id
join payments p on p.checkout_id = o.checkout_id
join payment_credits k on k.payment_id = p.id;

do $$
declare
    listed text;
begin
    select pg_get_constraintdef(oid) into listed from pg_constraint where conname = 'notices_topic_check';
    alter table notices drop constraint notices_topic_check;
    execute 'alter table notices add constraint notices_topic_check ' || replace(listed, 'refund_owed,', 'refund_owed,refund_sent,');
    select pg_get_constraintdef(oid) into listed from pg_constraint where conname = 'payment_reviews_resolution_check';
    alter table payment_reviews drop constraint payment_reviews_resolution_check;
    execute 'alter table payment_reviews add constraint payment_reviews_resolution_check '
        || replace(listed, 'refunded_by_hand,', 'refunded_by_hand,refunded_by_provider,');
end;
$$;

-- What is owed back is what was booked as owed, never more than was paid, and each is on its way once; what waits in the
-- queue is the same; what was paid and ended before its goods left is owed back in full.
create or replace view invariant_refunds with (security_invoker = true) as
select o.id::text as object, format('%s: total %s, owed %s, booked %s', o.status, o.total_vnd, o.refunded_vnd, coalesce(f.total, 0)) as detail
from orders o
left join (select order_id, sum(amount_vnd) as total from order_refunds group by order_id) f on f.order_id = o.id
where o.refunded_vnd <> coalesce(f.total, 0) or o.refunded_vnd > o.total_vnd
   or (o.paid_at is null and o.refunded_vnd <> 0)
   or (o.status in ('cancelled', 'refused', 'auto_cancelled', 'refunded') and o.paid_at is not null and o.refunded_vnd <> o.total_vnd)
   or (o.status = 'partially_refunded' and o.refunded_vnd = 0)
union all
select f.id::text, format('owed %s, on its way %s, in the queue %s', f.amount_vnd, coalesce(n.amount_vnd::text, 'nothing'),
                          coalesce(r.amount_vnd::text, 'nothing'))
from order_refunds f left join refunds n on n.id = f.id left join payment_reviews r on r.refund_id = f.id
where n.amount_vnd is distinct from f.amount_vnd or n.order_id is distinct from f.order_id
   or r.amount_vnd <> f.amount_vnd or r.order_id is distinct from (case when r.id is not null then f.order_id end)
union all
select r.id::text, 'refund due without a reason'
from payment_reviews r where r.kind = 'refund_due' and r.refund_id is null;

-- No more of a payment is paid back, or on its way, than came in; the kept sum is the sum.
create view invariant_refund_totals with (security_invoker = true) as
select coalesce(t.payment_id, r.payment_id)::text as object,
       format('captured %s, kept %s, refunds of %s', t.captured_vnd, coalesce(t.refunded_vnd, 0), coalesce(r.amount, 0)) as detail
from refund_totals t
full join (select payment_id, sum(amount_vnd) filter (where status <> 'rejected') as amount from refunds group by payment_id) r
    on r.payment_id = t.payment_id
left join payments p on p.id = coalesce(t.payment_id, r.payment_id)
left join (select payment_id, sum(amount_vnd) as amount from payment_credits group by payment_id) k on k.payment_id = p.id
where coalesce(t.refunded_vnd, 0) <> coalesce(r.amount, 0)
   or coalesce(r.amount, 0) > coalesce(k.amount, 0)
   or (t.payment_id is not null and t.captured_vnd is distinct from p.amount_vnd);

-- What is paid back is in the books once, and what is in the books is paid back; what a person settled has left the queue.
create view invariant_refund_books with (security_invoker = true) as
select coalesce(r.id, l.refund_id)::text as object,
       format('%s of %s: in the books %s', coalesce(r.status, 'no refund'), r.amount_vnd, coalesce(l.sent, 0)) as detail
from refunds r
full join (select refund_id, sum(case when debit = 'refunds_owed' then amount_vnd else -amount_vnd end) as sent
           from ledger_transfers
           where kind = 'refund_sent' or (kind = 'reversal' and credit = 'refunds_owed' and reverses in (
               select id from ledger_transfers where kind = 'refund_sent'))
           group by refund_id) l on l.refund_id = r.id
where coalesce(l.sent, 0) <> case when r.status in ('succeeded', 'returned_by_hand') then r.amount_vnd else 0 end
union all
select r.id::text, format('%s, and still in the queue', r.status)
from refunds r join payment_reviews q on q.refund_id = r.id
where q.status = 'open' and r.status in ('succeeded', 'returned_by_hand');

-- While nobody knows what became of a try there is no other, and what is said of a refund is said of its try.
create view invariant_refund_tries with (security_invoker = true) as
select r.id::text as object,
       format('%s after %s tries: %s open, %s succeeded, of %s', r.status, r.tries, coalesce(t.open, 0), coalesce(t.succeeded, 0),
              coalesce(t.all, 0)) as detail
from refunds r
left join (select refund_id, count(*) as all, count(*) filter (where outcome is null) as open,
                  count(*) filter (where outcome = 'succeeded') as succeeded
           from refund_tries group by refund_id) t on t.refund_id = r.id
where r.tries <> coalesce(t.all, 0)
   or coalesce(t.open, 0) <> case when r.status in ('sent', 'unknown') then 1 else 0 end
   or coalesce(t.succeeded, 0) <> case when r.status = 'succeeded' then 1 else 0 end
   or (r.rail = 'hand' and coalesce(t.all, 0) > 0);

-- No refund is forgotten, and none was sent that nobody approved.
create view invariant_refund_steps with (security_invoker = true) as
select id::text as object, format('%s since %s, not looked at since %s', status, updated_at, next_at) as detail
from refunds where next_at < now() - interval '1 hour'
union all
select r.id::text, format('%s with %s of %s approvals', r.status, coalesce(a.persons, 0), r.approvals_needed)
from refunds r left join (select refund_id, count(*) as persons from refund_approvals group by refund_id) a on a.refund_id = r.id
where r.tries > 0 and coalesce(a.persons, 0) < r.approvals_needed;

grant select on invariant_refund_totals, invariant_refund_books, invariant_refund_tries, invariant_refund_steps to ocop_app;
