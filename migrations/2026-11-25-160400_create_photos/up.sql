create table photos (
    id uuid primary key,
    owner_account_id uuid not null references accounts (id),
    -- Of what was sent.
    sha256 bytea not null constraint photos_sha256_check check (length(sha256) = 32),
    width integer not null constraint photos_width_check check (width between 1 and 1600),
    height integer not null constraint photos_height_check check (height between 1 and 1600),
    -- Of its files together.
    bytes integer not null constraint photos_bytes_check check (bytes > 0),
    -- Null until its files are written.
    stored_at timestamptz,
    used_by_kind text constraint photos_used_by_kind_check check (used_by_kind in ('complaint', 'review', 'claim')),
    used_by_id uuid,
    used_at timestamptz,
    -- Who may see it besides its owner and the operator, once it is used.
    producer_id uuid references producers (id),
    is_public boolean not null default false,
    -- Nobody sees it any more; its files are deleted after that, and then the row.
    removed_at timestamptz,
    created_at timestamptz not null,
    constraint photos_used_check check (
        (used_by_kind is null) = (used_by_id is null) and (used_by_kind is null) = (used_at is null)
        and (used_at is null or (stored_at is not null and removed_at is null))
        and (used_at is not null or (producer_id is null and not is_public)))
);
create unique index photos_unused_key on photos (owner_account_id, sha256) where used_at is null and removed_at is null;
create index photos_owner_idx on photos (owner_account_id);
create index photos_owner_created_idx on photos (owner_account_id, created_at);
create index photos_producer_idx on photos (producer_id);
create index photos_used_by_idx on photos (used_by_kind, used_by_id) where used_at is not null;
create index photos_unused_idx on photos (created_at) where used_at is null;
comment on table photos is 'Photos of complaints and reviews; unused ones are deleted with their files after a day';

alter table photos enable row level security;
create policy photos_owner on photos using (owner_account_id = actor_account() or actor_is_platform());
create policy photos_read on photos for select using (
    (used_at is not null and (producer_id = actor_producer() or actor_is_staff())) or (is_public and actor_role() <> 'none'));
grant select, insert, update, delete on photos to ocop_app;

-- A photo is used by something of its owner that is there, and shown to everybody only with a review that is.
create view invariant_photos with (security_invoker = true) as
select p.id::text as object, format('used by a %s that is not its owner''s', p.used_by_kind) as detail
from photos p
where p.used_by_kind = 'complaint' and not exists (
        select from complaints c where c.id = p.used_by_id and c.buyer_account_id = p.owner_account_id)
   or p.used_by_kind = 'review' and not exists (
        select from reviews r where r.id = p.used_by_id and r.buyer_account_id = p.owner_account_id)
union all
select p.id::text, format('public %s', p.is_public)
from photos p left join reviews r on r.id = p.used_by_id and p.used_by_kind = 'review'
where p.used_at is not null and p.is_public <> coalesce(r.status = 'visible', false)
union all
select min(p.id::text), format('%s photos of one %s', count(*), p.used_by_kind)
from photos p where p.used_at is not null group by p.used_by_kind, p.used_by_id having count(*) > 5;
grant select on invariant_photos to ocop_app;
