//! Faults of what runs underneath: jobs, kept answers, sessions, photos and what is sent.

use super::Mutant;

pub const MUTANTS: &[Mutant] = &[
    (
        "invariant_jobs",
        "insert into jobs (id, kind, payload, run_at, attempts, dead_at, created_at)
         values (gen_random_uuid(), 'mutant', '{}', now(), 20, now(), now())",
    ),
    (
        "invariant_jobs",
        "insert into jobs (id, kind, payload, run_at, lease_token, leased_until, created_at)
         values (gen_random_uuid(), 'mutant', '{}', now() - interval '7 minutes', gen_random_uuid(), now() - interval '6 minutes', now())",
    ),
    (
        "invariant_jobs",
        "insert into jobs (id, kind, payload, run_at, created_at)
         values (gen_random_uuid(), 'mutant', '{}', now() - interval '11 minutes', now())",
    ),
    (
        "invariant_idempotency_keys",
        "alter table idempotency_keys alter column status drop not null, alter column body drop not null;
         insert into idempotency_keys (actor, key, route, fingerprint, created_at, expires_at)
         values ('mutant', 'mutant-mutant-mutant', 'POST /mutant', '', now(), now() + interval '7 days')",
    ),
    (
        "invariant_idempotency_keys",
        "alter table idempotency_keys alter column body drop not null;
         insert into idempotency_keys (actor, key, route, fingerprint, status, created_at, expires_at)
         values ('mutant', 'mutant-mutant-mutant', 'POST /mutant', '', 200, now(), now() + interval '7 days')",
    ),
    (
        "invariant_sessions",
        "alter table sessions drop constraint sessions_revoked_check;
         insert into sessions
           (id, account_id, audience, device_id, rotated_at, created_at, idle_expires_at, expires_at, revoked_at)
         select gen_random_uuid(), id, 'buyer', 'mutant', now(), now(), now(), now(), now() from accounts limit 1",
    ),
    (
        "invariant_photos",
        "insert into photos (id, owner_account_id, sha256, width, height, bytes, stored_at, used_by_kind, used_by_id, used_at, is_public, created_at)
         select gen_random_uuid(), account_id, sha256('mutant'), 1, 1, 1, now(), 'complaint', gen_random_uuid(), now(), false, now() from producers",
    ),
    (
        "invariant_photos",
        "insert into photos (id, owner_account_id, sha256, width, height, bytes, stored_at, used_by_kind, used_by_id, used_at, is_public, created_at)
         select gen_random_uuid(), account_id, sha256('mutant'), 1, 1, 1, now(), 'review', gen_random_uuid(), now(), false, now() from producers",
    ),
    (
        "invariant_photos",
        "insert into photos (id, owner_account_id, sha256, width, height, bytes, stored_at, used_by_kind, used_by_id, used_at, is_public, created_at)
         select gen_random_uuid(), account_id, sha256('mutant'), 1, 1, 1, now(), 'claim', gen_random_uuid(), now(), true, now() from producers",
    ),
    (
        "invariant_photos",
        "insert into reviews (id, order_id, product_id, producer_id, buyer_account_id, product_title, stars, text, status, created_at)
         select gen_random_uuid(), order_id, product_id, producer_id, buyer_account_id, product_title, 4, 'mutant', 'visible', now()
         from order_lines limit 1;
         insert into photos (id, owner_account_id, sha256, width, height, bytes, stored_at, used_by_kind, used_by_id, used_at, is_public, created_at)
         select gen_random_uuid(), buyer_account_id, sha256('mutant'), 1, 1, 1, now(), 'review', id, now(), false, now() from reviews",
    ),
    (
        "invariant_photos",
        "insert into photos (id, owner_account_id, sha256, width, height, bytes, stored_at, used_by_kind, used_by_id, used_at, is_public, created_at)
         select gen_random_uuid(), account_id, sha256('mutant'), 1, 1, 1, now(), 'claim', '00000000-0000-7000-8000-000000000000', now(), false, now() from producers cross join generate_series(1, 6)",
    ),
    (
        "invariant_webhook_deliveries",
        "insert into webhook_endpoints (id, url, event_types, status, created_at, updated_at)
         values ('01938d6e-7a3c-7c4e-9f00-000000000001', 'https://hooks.example.vn/', '{}', 'active', now(), now());
         insert into webhook_events (id, event_type, object_id, occasion, body, occurred_at)
         values ('01938d6e-7a3c-7c4e-9f00-000000000002', 'order.paid', gen_random_uuid(), '', '{}', now());
         insert into webhook_deliveries (id, event_id, endpoint_id, status, next_at, created_at)
         values (gen_random_uuid(), '01938d6e-7a3c-7c4e-9f00-000000000002', '01938d6e-7a3c-7c4e-9f00-000000000001',
                 'pending', now(), now())",
    ),
    (
        "invariant_webhook_deliveries",
        "insert into webhook_endpoints (id, url, event_types, status, created_at, updated_at)
         values ('01938d6e-7a3c-7c4e-9f00-000000000001', 'https://hooks.example.vn/', '{}', 'gone', now(), now());
         insert into webhook_events (id, event_type, object_id, occasion, body, occurred_at)
         values ('01938d6e-7a3c-7c4e-9f00-000000000002', 'order.paid', gen_random_uuid(), '', '{}', now());
         insert into webhook_deliveries (id, event_id, endpoint_id, status, next_at, created_at)
         values ('01938d6e-7a3c-7c4e-9f00-000000000003', '01938d6e-7a3c-7c4e-9f00-000000000002',
                 '01938d6e-7a3c-7c4e-9f00-000000000001', 'pending', now(), now());
         insert into jobs (id, kind, payload, run_at, created_at)
         values (gen_random_uuid(), 'deliver_webhook', '{\"delivery_id\": \"01938d6e-7a3c-7c4e-9f00-000000000003\"}', now(), now())",
    ),
    (
        "invariant_photos",
        "insert into photos (id, owner_account_id, sha256, width, height, bytes, stored_at, used_by_kind, used_by_id, used_at, is_public, created_at)
         select gen_random_uuid(), account_id, sha256('mutant'), 1, 1, 1, now(), 'claim', gen_random_uuid(), now(), false, now() from producers",
    ),
];
