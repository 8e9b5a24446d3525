//! Faults of complaints, conversations and reviews.

use super::Mutant;

pub const MUTANTS: &[Mutant] = &[
    (
        "invariant_complaints",
        "insert into complaints (id, code, order_id, buyer_account_id, producer_id, kind, text, status, received_on, due_on, created_at, updated_at)
         select gen_random_uuid(), 'KNMUTANT', id, buyer_account_id, producer_id, 'other', 'mutant', 'received', '2026-01-05', '2026-01-08', now(), now()
         from orders where status = 'paid'",
    ),
    (
        "invariant_complaints",
        "insert into complaints (id, code, order_id, buyer_account_id, producer_id, kind, text, status, received_on, due_on, created_at, updated_at)
         select gen_random_uuid(), 'KNMUTANT', id, buyer_account_id, producer_id, 'other', 'mutant', 'received', '2026-01-05', '2026-01-08', now(), now()
         from orders where status = 'paid';
         insert into complaint_events (id, complaint_id, buyer_account_id, producer_id, event, from_status, to_status, actor_role, text, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'open', null, 'received', 'buyer', 'mutant', now()  from complaints;
         insert into complaint_events (id, complaint_id, buyer_account_id, producer_id, event, from_status, to_status, actor_role, text, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'answer', 'received', 'received', 'buyer', 'mutant', now() + interval '1 second' from complaints",
    ),
    (
        "invariant_complaints",
        "insert into complaints (id, code, order_id, buyer_account_id, producer_id, kind, text, status, received_on, due_on, created_at, updated_at)
         select gen_random_uuid(), 'KNMUTANT', id, buyer_account_id, producer_id, 'other', 'mutant', 'received', '2026-01-05', '2026-01-08', now(), now()
         from orders where status = 'paid';
         insert into complaint_events (id, complaint_id, buyer_account_id, producer_id, event, from_status, to_status, actor_role, text, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'open', 'closed', 'received', 'buyer', 'mutant', now()  from complaints",
    ),
    (
        "invariant_complaints",
        "insert into complaints (id, code, order_id, buyer_account_id, producer_id, kind, text, status, received_on, due_on, created_at, updated_at)
         select gen_random_uuid(), 'KNMUTANT', id, buyer_account_id, producer_id, 'other', 'mutant', 'received', '2026-01-05', '2026-01-08', now(), now()
         from orders where status = 'paid';
         insert into complaint_events (id, complaint_id, buyer_account_id, producer_id, event, from_status, to_status, actor_role, text, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'open', null, 'received', 'buyer', 'mutant', now()  from complaints;
         update complaints set status = 'acknowledged'",
    ),
    (
        "invariant_complaints",
        "insert into complaints (id, code, order_id, buyer_account_id, producer_id, kind, text, status, received_on, due_on, created_at, updated_at)
         select gen_random_uuid(), 'KNMUTANT', id, buyer_account_id, producer_id, 'other', 'mutant', 'received', '2026-01-05', '2026-01-08', now(), now()
         from orders where status = 'paid';
         insert into complaint_events (id, complaint_id, buyer_account_id, producer_id, event, from_status, to_status, actor_role, text, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'open', null, 'received', 'buyer', 'mutant', now()  from complaints;
         update complaints set buyer_account_id = (select p.account_id from producers p limit 1)",
    ),
    (
        "invariant_complaints",
        "insert into complaints (id, code, order_id, buyer_account_id, producer_id, kind, text, status, received_on, due_on, created_at, updated_at)
         select gen_random_uuid(), 'KNMUTANT', id, buyer_account_id, producer_id, 'other', 'mutant', 'received', '2026-01-05', '2026-01-08', now(), now()
         from orders where status = 'paid';
         insert into complaint_events (id, complaint_id, buyer_account_id, producer_id, event, from_status, to_status, actor_role, text, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'open', null, 'received', 'buyer', 'mutant', now()  from complaints;
         insert into complaint_vulnerabilities (complaint_id, buyer_account_id, reason, declared_at)
         select id, (select p.account_id from producers p limit 1), 'elderly', now() from complaints",
    ),
    (
        "invariant_conversations",
        "insert into conversations (order_id, buyer_account_id, producer_id, messages, created_at, updated_at)
         select id, buyer_account_id, producer_id, 1, now(), now() from orders where status = 'paid'",
    ),
    (
        "invariant_conversations",
        "insert into conversations (order_id, buyer_account_id, producer_id, messages, created_at, updated_at)
         select id, buyer_account_id, producer_id, 2, now(), now() from orders where status = 'paid';
         insert into messages (id, order_id, number, buyer_account_id, producer_id, sender, text, sent_at)
         select gen_random_uuid(), order_id, 1, buyer_account_id, producer_id, 'buyer', 'mutant', now() from conversations",
    ),
    (
        "invariant_conversations",
        "insert into conversations (order_id, buyer_account_id, producer_id, messages, created_at, updated_at)
         select id, buyer_account_id, producer_id, 1, now(), now() from orders where status = 'paid';
         insert into messages (id, order_id, number, buyer_account_id, producer_id, sender, text, sent_at)
         select gen_random_uuid(), order_id, 2, buyer_account_id, producer_id, 'buyer', 'mutant', now() from conversations",
    ),
    (
        "invariant_conversations",
        "insert into conversations (order_id, buyer_account_id, producer_id, messages, created_at, updated_at)
         select id, buyer_account_id, producer_id, 0, now(), now() from orders where status = 'paid';
         update conversations set buyer_account_id = (select account_id from producers limit 1)",
    ),
    (
        "invariant_conversations",
        "insert into conversations (order_id, buyer_account_id, producer_id, messages, created_at, updated_at)
         select id, buyer_account_id, producer_id, 1, now(), now() from orders where status = 'paid';
         insert into messages (id, order_id, number, buyer_account_id, producer_id, sender, text, sent_at)
         select gen_random_uuid(), order_id, 1, buyer_account_id, producer_id, 'buyer', 'mutant', now() from conversations;
         set local session_replication_role = replica;
         update messages set buyer_account_id = (select account_id from producers limit 1)",
    ),
    (
        "invariant_review_figures",
        "insert into reviews (id, order_id, product_id, producer_id, buyer_account_id, product_title, stars, text, status, created_at)
         select gen_random_uuid(), order_id, product_id, producer_id, buyer_account_id, product_title, 4, 'mutant', 'visible', now()
         from order_lines limit 1",
    ),
    (
        "invariant_review_figures",
        "insert into reviews (id, order_id, product_id, producer_id, buyer_account_id, product_title, stars, text, status, created_at)
         select gen_random_uuid(), order_id, product_id, producer_id, buyer_account_id, product_title, 4, 'mutant', 'visible', now()
         from order_lines limit 1;
         insert into review_figures (product_id, producer_id, reviews, stars) select product_id, producer_id, 1, 5 from reviews",
    ),
    (
        "invariant_review_figures",
        "insert into review_figures (product_id, producer_id, reviews, stars) select id, producer_id, 1, 5 from products limit 1",
    ),
    (
        "invariant_review_figures",
        "insert into review_hidden_figures (product_id, reason, producer_id, reviews) select id, 'insult', producer_id, 1 from products limit 1",
    ),
    (
        "invariant_reviews",
        "insert into reviews (id, order_id, product_id, producer_id, buyer_account_id, product_title, stars, text, status, created_at)
         select gen_random_uuid(), order_id, product_id, producer_id, buyer_account_id, product_title, 4, 'mutant', 'visible', now()
         from order_lines limit 1",
    ),
    (
        "invariant_reviews",
        "insert into reviews (id, order_id, product_id, producer_id, buyer_account_id, product_title, stars, text, status, created_at)
         select gen_random_uuid(), order_id, product_id, producer_id, buyer_account_id, product_title, 4, 'mutant', 'visible', now()
         from order_lines limit 1;
         insert into review_events (id, review_id, buyer_account_id, producer_id, event, stars, text, actor_role, at)
         select gen_random_uuid(), id, buyer_account_id, producer_id, 'write', 5, text, 'buyer', now() from reviews",
    ),
    (
        "invariant_reviews",
        "insert into reviews (id, order_id, product_id, producer_id, buyer_account_id, product_title, stars, text, status, created_at)
         select gen_random_uuid(), order_id, product_id, producer_id, buyer_account_id, product_title, 4, 'mutant', 'visible', now()
         from order_lines limit 1;
         update reviews set buyer_account_id = (select account_id from producers limit 1)",
    ),
];
