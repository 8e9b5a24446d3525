create table complaints (
    id uuid primary key,
    -- To say on the telephone.
    code text not null constraint complaints_code_key unique,
    order_id uuid not null references orders (id),
    buyer_account_id uuid not null references accounts (id),
    -- Null when the order was never paid: then it is no business of the producer.
    producer_id uuid references producers (id),
    kind text not null constraint complaints_kind_check check (kind in
        ('not_delivered', 'damaged', 'wrong_goods', 'quality', 'quantity', 'misleading_information', 'refund', 'conduct', 'other')),
    text text not null,
    status text not null constraint complaints_status_check check (status in
        ('received', 'acknowledged', 'negotiating', 'settled', 'refused', 'escalated', 'closed')),
    received_on date not null,
    -- Until when the next step is due, counted in working days when the step began.
    due_on date,
    answers integer not null default 0 constraint complaints_answers_check check (answers between 0 and 50),
    client_ref uuid,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint complaints_client_ref_key unique (buyer_account_id, client_ref),
    constraint complaints_due_check check ((due_on is null) = (status in ('settled', 'refused', 'closed')))
);
create index complaints_order_idx on complaints (order_id);
create index complaints_buyer_idx on complaints (buyer_account_id, id);
create index complaints_buyer_account_idx on complaints (buyer_account_id);
create index complaints_producer_idx on complaints (producer_id, id);
create index complaints_producer_id_idx on complaints (producer_id);
create index complaints_due_idx on complaints (due_on, id) where due_on is not null;
create unique index complaints_open_key on complaints (order_id, kind) where due_on is not null;
comment on table complaints is 'What a buyer complains about, with its legal clock (Law 19/2023, articles 31 and 57)';

-- Law 19/2023, article 8: sensitive, so it stands apart, where no policy lets a producer read it.
create table complaint_vulnerabilities (
    complaint_id uuid primary key references complaints (id),
    buyer_account_id uuid not null references accounts (id),
    reason text not null constraint complaint_vulnerabilities_reason_check check (reason in
        ('elderly', 'disabled', 'child', 'ethnic_minority', 'mountain_or_poor_area', 'pregnant_or_nursing',
         'serious_illness', 'poor_household')),
    declared_at timestamptz not null
);
create index complaint_vulnerabilities_buyer_idx on complaint_vulnerabilities (buyer_account_id);
comment on table complaint_vulnerabilities is 'Why a complaint has priority, as the buyer declared it; for nobody but the buyer and the operator';

create table complaint_events (
    id uuid primary key,
    complaint_id uuid not null references complaints (id),
    buyer_account_id uuid not null references accounts (id),
    producer_id uuid references producers (id),
    event text not null constraint complaint_events_event_check check (event in
        ('open', 'acknowledge', 'negotiate', 'answer', 'refer', 'settle', 'refuse', 'escalate', 'withdraw', 'close')),
    from_status text,
    to_status text not null,
    actor_role text not null,
    text text,
    at timestamptz not null,
    constraint complaint_events_text_check check (text is not null or event in ('acknowledge', 'negotiate', 'withdraw'))
);
create index complaint_events_complaint_idx on complaint_events (complaint_id, at, id);
create index complaint_events_complaint_id_idx on complaint_events (complaint_id);
create index complaint_events_buyer_idx on complaint_events (buyer_account_id);
create index complaint_events_producer_idx on complaint_events (producer_id);
create trigger complaint_events_append_only before update or delete on complaint_events
    for each row execute function refuse_change();
comment on table complaint_events is 'Every step and every written answer of a complaint, never changed';

alter table complaints enable row level security;
create policy complaints_parties on complaints using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account())
    or producer_id = actor_producer() or actor_is_staff());
alter table complaint_vulnerabilities enable row level security;
create policy complaint_vulnerabilities_own on complaint_vulnerabilities using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account()) or actor_is_staff());
alter table complaint_events enable row level security;
create policy complaint_events_parties on complaint_events using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account())
    or producer_id = actor_producer() or actor_is_staff());

grant select, insert, update on complaints to ocop_app;
grant select, insert on complaint_vulnerabilities, complaint_events to ocop_app;

-- A complaint is where its last event left it, its events follow each other, and what belongs to it has its parties.
create view invariant_complaints with (security_invoker = true) as
select c.id::text as object, format('status %s, last event %s', c.status, coalesce(e.to_status, 'none')) as detail
from complaints c
left join lateral (select to_status from complaint_events e where e.complaint_id = c.id order by at desc, id desc limit 1) e on true
where e.to_status is distinct from c.status
union all
select e.id::text, format('from %s after %s', coalesce(e.from_status, 'none'), coalesce(e.before, 'none'))
from (select id, from_status, lag(to_status) over (partition by complaint_id order by at, id) as before from complaint_events) e
where e.from_status is distinct from e.before
union all
select c.id::text, format('answers %s, counted %s', c.answers, e.answers)
from complaints c
cross join lateral (select count(*) as answers from complaint_events e where e.complaint_id = c.id and e.event = 'answer') e
where e.answers <> c.answers
union all
select c.id::text, 'not the parties of its order'
from complaints c join orders o on o.id = c.order_id
where o.buyer_account_id <> c.buyer_account_id or o.producer_id <> c.producer_id
union all
select c.id::text, 'its events or its vulnerability belong to others'
from complaints c
where exists (select from complaint_events e where e.complaint_id = c.id
              and (e.buyer_account_id <> c.buyer_account_id or e.producer_id is distinct from c.producer_id))
   or exists (select from complaint_vulnerabilities v where v.complaint_id = c.id and v.buyer_account_id <> c.buyer_account_id);
grant select on invariant_complaints to ocop_app;
