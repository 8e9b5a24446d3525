create table notices (
    id uuid primary key,
    account_id uuid not null references accounts (id),
    topic text not null constraint notices_topic_check check (topic in (
        'order_paid',
        'order_reminder',
        'order_reminder_helper',
        'order_reminder_officer',
        'order_accepted',
        'order_refused',
        'order_auto_cancelled',
        'order_cancelled',
        'order_packed',
        'weight_question',
        'order_handed_over',
        'ready_for_pickup',
        'order_delivered',
        'delivery_failed',
        'order_returned',
        'refund_owed',
        'harvest_short',
        'lot_recalled',
        'claim_opened',
        'claim_decided',
        'complaint_received',
        'complaint_answered',
        'message_received',
        'review_written',
        'review_answered',
        'voucher_spent_out')),
    -- What it is about: an order, a lot, a complaint.
    object_id uuid not null,
    -- Tells apart what may be told several times of one object, as the first and the second reminder.
    occasion text not null constraint notices_occasion_check check (length(occasion) <= 40),
    facts jsonb not null constraint notices_facts_check check (jsonb_typeof(facts) = 'object' and pg_column_size(facts) < 8192),
    -- Orders notices as they become visible: everything of a transaction that is older than all that still run is
    -- there. After a restore into another cluster, whose numbers begin anew, it must be set to 0 everywhere.
    txid bigint not null default (pg_current_xact_id()::text::bigint),
    created_at timestamptz not null,
    read_at timestamptz,
    constraint notices_once_key unique (account_id, topic, object_id, occasion)
);
create index notices_account_idx on notices (account_id, id);
create index notices_unread_idx on notices (account_id, id) where read_at is null;
create index notices_stream_idx on notices (account_id, txid, id);
create index notices_created_at_idx on notices (created_at);
comment on table notices is 'What accounts were told, once for each topic, object and occasion';

create table notice_preferences (
    account_id uuid primary key references accounts (id),
    language text not null constraint notice_preferences_language_check check (language in ('vi', 'en')),
    -- Of Vietnam's day.
    quiet_from time not null,
    quiet_until time not null,
    -- Groups of topics with the channels that were chosen for them; those that are not here have all.
    channels jsonb not null constraint notice_preferences_channels_check check (jsonb_typeof(channels) = 'object'),
    email text constraint notice_preferences_email_check check (length(email) between 6 and 254),
    -- Not believed until its code came back.
    email_wanted text constraint notice_preferences_email_wanted_check check (length(email_wanted) between 6 and 254),
    email_code_hash bytea,
    email_code_expires_at timestamptz,
    email_tries smallint not null default 0 constraint notice_preferences_email_tries_check check (email_tries between 0 and 5),
    email_codes smallint not null default 0 constraint notice_preferences_email_codes_check check (email_codes between 0 and 5),
    email_codes_since timestamptz not null default '-infinity',
    version integer not null default 1,
    updated_at timestamptz not null,
    constraint notice_preferences_wanted_check check (
        (email_wanted is null) = (email_code_hash is null) and (email_wanted is null) = (email_code_expires_at is null))
);
comment on table notice_preferences is 'How and when a person wants to be told outside the app; no row is the standard';

create table deliveries (
    id uuid primary key,
    notice_id uuid not null references notices (id) on delete cascade,
    account_id uuid not null references accounts (id),
    channel text not null constraint deliveries_channel_check check (channel in ('zalo', 'sms', 'email')),
    outcome text not null constraint deliveries_outcome_check check (outcome in ('accepted', 'refused', 'failed')),
    provider_id text,
    code text constraint deliveries_code_check check (length(code) <= 40),
    at timestamptz not null,
    constraint deliveries_why_check check ((outcome = 'accepted') = (code is null))
);
create index deliveries_notice_idx on deliveries (notice_id);
create index deliveries_account_idx on deliveries (account_id, id);
comment on table deliveries is 'Every try to bring a notice outwards; goes with its notice';

create trigger deliveries_written_once before update on deliveries
    for each row execute function refuse_change();

alter table notices enable row level security;
create policy notices_tell on notices for insert with check (actor_role() <> 'none');
create policy notices_read on notices for select using (
    account_id = actor_account() or actor_is_platform() or actor_role() = 'operator');
create policy notices_mark on notices for update using (account_id = actor_account());
create policy notices_purge on notices for delete using (actor_is_platform());
alter table notice_preferences enable row level security;
create policy notice_preferences_own on notice_preferences using (account_id = actor_account() or actor_is_platform());
alter table deliveries enable row level security;
create policy deliveries_write on deliveries for insert with check (actor_is_platform());
create policy deliveries_read on deliveries for select using (account_id = actor_account() or actor_is_staff());

grant select, insert, delete on notices to ocop_app;
grant update (read_at) on notices to ocop_app;
grant select, insert, update on notice_preferences to ocop_app;
grant select, insert on deliveries to ocop_app;
