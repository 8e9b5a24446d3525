drop table audit_events;
drop function ensure_audit_partitions;
drop table jobs;
drop table idempotency_keys;
