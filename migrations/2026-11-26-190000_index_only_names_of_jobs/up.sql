-- Most jobs have no name of their own: an entry for each of them says nothing.
drop index jobs_dedup_key;
create unique index jobs_dedup_key on jobs (dedup_key) where done_at is null and dead_at is null and dedup_key is not null;
