create table payments (
    id uuid primary key,
    checkout_id uuid not null constraint payments_checkout_key unique references checkouts (id),
    buyer_account_id uuid not null references accounts (id),
    amount_vnd bigint not null constraint payments_amount_check check (amount_vnd between 1 and 100000000000),
    status text not null constraint payments_status_check check (status in ('pending', 'captured', 'expired', 'cancelled')),
    captured_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint payments_captured_check check ((status = 'captured') = (captured_at is not null))
);
create index payments_buyer_idx on payments (buyer_account_id);

create table payment_attempts (
    id uuid primary key,
    payment_id uuid not null references payments (id),
    buyer_account_id uuid not null references accounts (id),
    provider text not null constraint payment_attempts_provider_check check (provider in ('bank_transfer', 'vnpay')),
    -- Our name for the attempt at the provider and in the transfer's text; never used twice.
    reference text not null constraint payment_attempts_reference_key unique,
    amount_vnd bigint not null constraint payment_attempts_amount_check check (amount_vnd between 1 and 100000000000),
    status text not null constraint payment_attempts_status_check
        check (status in ('pending', 'captured', 'failed', 'cancelled', 'expired', 'in_review')),
    -- What the buyer needs: QR text or URL, as built when the attempt began.
    next_step jsonb not null,
    raw_code text,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    expires_at timestamptz not null
);
create index payment_attempts_payment_idx on payment_attempts (payment_id);
create unique index payment_attempts_captured_key on payment_attempts (payment_id) where status = 'captured';
create index payment_attempts_buyer_idx on payment_attempts (buyer_account_id);

create table payment_callbacks (
    id uuid primary key,
    provider text not null constraint payment_callbacks_provider_check check (provider in ('bank_transfer', 'vnpay')),
    received_at timestamptz not null,
    source text not null,
    query text not null,
    headers jsonb not null,
    body bytea not null,
    verified boolean,
    event_key text,
    outcome text constraint payment_callbacks_outcome_check check (outcome in
        ('applied', 'already_applied', 'unknown_order', 'wrong_amount', 'parked', 'unverified', 'not_for_us')),
    processed_at timestamptz,
    constraint payment_callbacks_processed_check check ((outcome is null) = (processed_at is null)),
    constraint payment_callbacks_verified_check check (outcome is null or verified is not null)
);
-- Only what was verified can be applied, so a forgery can never stand in a real message's way.
create unique index payment_callbacks_applied_key on payment_callbacks (provider, event_key) where outcome = 'applied';
create index payment_callbacks_open_idx on payment_callbacks (received_at) where processed_at is null;
create index payment_callbacks_unverified_idx on payment_callbacks (received_at) where verified is false;
comment on table payment_callbacks is 'Every message of a provider as it came, with what became of it';

create table payment_credits (
    id uuid primary key,
    provider text not null constraint payment_credits_provider_check check (provider in ('bank_transfer', 'vnpay')),
    provider_txn text not null,
    callback_id uuid not null references payment_callbacks (id),
    attempt_id uuid references payment_attempts (id),
    -- Null: the money waits in the review queue.
    payment_id uuid references payments (id),
    amount_vnd bigint not null constraint payment_credits_amount_check check (amount_vnd between 1 and 100000000000),
    received_at timestamptz not null,
    constraint payment_credits_txn_key unique (provider, provider_txn)
);
create unique index payment_credits_payment_key on payment_credits (payment_id);
create index payment_credits_callback_idx on payment_credits (callback_id);
create index payment_credits_attempt_idx on payment_credits (attempt_id);
create trigger payment_credits_append_only before update or delete on payment_credits
    for each row execute function refuse_change();
comment on table payment_credits is 'Money that arrived, once per transaction of the provider';

create table payment_reviews (
    id uuid primary key,
    kind text not null constraint payment_reviews_kind_check check (kind in
        ('late_payment', 'second_payment', 'wrong_amount', 'unknown_reference', 'suspected_fraud', 'other_account', 'refund_due')),
    credit_id uuid references payment_credits (id),
    attempt_id uuid references payment_attempts (id),
    order_id uuid references orders (id),
    callback_id uuid references payment_callbacks (id),
    amount_vnd bigint not null constraint payment_reviews_amount_check check (amount_vnd between 0 and 100000000000),
    status text not null constraint payment_reviews_status_check check (status in ('open', 'resolved')),
    resolution text constraint payment_reviews_resolution_check
        check (resolution in ('refunded_by_hand', 'kept_for_order', 'reported_to_provider', 'no_money_received')),
    note text,
    resolved_by uuid references accounts (id),
    resolved_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null,
    constraint payment_reviews_resolved_check check (
        (status = 'resolved') = (resolution is not null) and (resolution is null) = (resolved_at is null)),
    constraint payment_reviews_credit_key unique (credit_id),
    constraint payment_reviews_order_key unique (order_id)
);
create unique index payment_reviews_callback_key on payment_reviews (callback_id);
create index payment_reviews_open_idx on payment_reviews (id) where status = 'open';
create index payment_reviews_attempt_idx on payment_reviews (attempt_id);
create index payment_reviews_resolved_by_idx on payment_reviews (resolved_by);
comment on table payment_reviews is 'Odd or owed money; leaves the queue only by a person''s decision';

alter table payments enable row level security;
create policy payments_own on payments using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account()) or actor_is_staff());
alter table payment_attempts enable row level security;
create policy payment_attempts_own on payment_attempts using (
    (actor_role() = 'buyer' and buyer_account_id = actor_account()) or actor_is_staff());
alter table payment_callbacks enable row level security;
create policy payment_callbacks_platform on payment_callbacks using (actor_is_platform());
create policy payment_callbacks_read on payment_callbacks for select using (actor_is_staff());
alter table payment_credits enable row level security;
create policy payment_credits_platform on payment_credits using (actor_is_platform());
create policy payment_credits_read on payment_credits for select using (actor_is_staff());
alter table payment_reviews enable row level security;
create policy payment_reviews_staff on payment_reviews using (actor_is_staff());

grant select, insert, update on payments, payment_attempts, payment_reviews to ocop_app;
grant select, insert, update, delete on payment_callbacks to ocop_app;
grant select, insert on payment_credits to ocop_app;
