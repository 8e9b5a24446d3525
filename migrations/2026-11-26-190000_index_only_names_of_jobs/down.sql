drop index jobs_dedup_key;
create unique index jobs_dedup_key on jobs (dedup_key) where done_at is null and dead_at is null;
