//! What the database itself refuses to the application's own role, whatever the program would say: money that moved,
//! what was done, and what providers told.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use ocop_market::kernel::{Actor, ProducerId, Vnd};
use ocop_market::ledger::{self, LedgerAccount, Transfer, TransferKind};
use serde_json::json;

use crate::support::World;

/// As whom, what is tried, and what the database says of it. `{order}`, `{producer}`, `{transfer}`, `{reversed}` and
/// `{credit}` are those of the scene; `{columns}` are those of a transfer.
const ATTACKS: &[(&str, &str, &str)] = &[
    ("system", "update ledger_transfers set amount_vnd = amount_vnd + 1", "permission denied"),
    ("system", "delete from ledger_transfers", "permission denied"),
    ("system", "truncate ledger_transfers", "permission denied"),
    ("system", "update ledger_balances set balance_vnd = 1000000", "permission denied"),
    ("system", "insert into ledger_balances values ('{producer}', 1000000, now())", "permission denied"),
    ("system", "alter table ledger_transfers disable trigger all", "must be owner"),
    ("system", "drop trigger ledger_transfers_balance on ledger_transfers", "must be owner"),
    ("system", "alter table ledger_transfers drop constraint ledger_transfers_moves_check", "must be owner"),
    ("system", "alter table ledger_transfers disable row level security", "must be owner"),
    ("system", "set session_replication_role = replica", "permission denied"),
    ("system", "set role ocop_owner", "permission denied"),
    (
        "system",
        "create or replace function refuse_change() returns trigger language plpgsql as 'begin return new; end'",
        "denied|must be owner",
    ),
    // Movements that are none.
    (
        "system",
        "{insert} 'correction', gen_random_uuid(), 'bank', 'commission', 0, null, null, null, null, null, now())",
        "amount_check",
    ),
    (
        "system",
        "{insert} 'correction', gen_random_uuid(), 'bank', 'commission', -1, null, null, null, null, null, now())",
        "amount_check",
    ),
    (
        "system",
        "{insert} 'correction', gen_random_uuid(), 'bank', 'commission', 100000000001, null, null, null, null, null, now())",
        "amount_check",
    ),
    (
        "system",
        "{insert} 'correction', gen_random_uuid(), 'bank', 'bank', 1, null, null, null, null, null, now())",
        "sides_check",
    ),
    (
        "system",
        "{insert} 'capture', gen_random_uuid(), 'bank', 'commission', 1, null, null, null, null, null, now())",
        "moves_check",
    ),
    (
        "system",
        "{insert} 'sale', gen_random_uuid(), 'orders', 'producer', 1, null, null, '{order}', null, null, now())",
        "whose_check",
    ),
    (
        "system",
        "{insert} 'odd_money', gen_random_uuid(), 'clearing', 'suspense', 1, null, null, null, null, null, now())",
        "through_check",
    ),
    // Once is enough.
    (
        "system",
        "{insert} 'capture', '{order}', 'clearing', 'orders', 1, 'vnpay', '{producer}', '{order}', null, null, now())",
        "subject_key",
    ),
    (
        "system",
        "{insert} 'sale', '{order}', 'orders', 'producer', 1, null, '{producer}', '{order}', null, null, now())",
        "subject_key",
    ),
    (
        "system",
        "{insert} 'reversal', '{reversed}', 'payouts_in_transit', 'producer', 50000, null, '{producer}', null, null, '{reversed}', now())",
        "subject_key|reverses_key",
    ),
    // A reversal that is no mirror.
    (
        "system",
        "{insert} 'reversal', '{transfer}', 'producer', 'orders', 1, null, '{producer}', '{order}', null, '{transfer}', now())",
        "mirror",
    ),
    (
        "system",
        "{insert} 'reversal', '{transfer}', 'bank', 'commission', 120000, null, null, null, null, '{transfer}', now())",
        "mirror",
    ),
    (
        "system",
        "{insert} 'payout', gen_random_uuid(), 'producer', 'payouts_in_transit', 1000000000, null, '{producer}', null, null, null, now())",
        "more than there is",
    ),
    // Nobody but the platform posts.
    (
        "producer",
        "{insert} 'sale', gen_random_uuid(), 'orders', 'producer', 1, null, '{producer}', '{order}', null, null, now())",
        "row-level security",
    ),
    (
        "operator",
        "{insert} 'correction', gen_random_uuid(), 'bank', 'commission', 1, null, null, null, null, null, now())",
        "row-level security",
    ),
    (
        "none",
        "{insert} 'correction', gen_random_uuid(), 'bank', 'commission', 1, null, null, null, null, null, now())",
        "row-level security",
    ),
    // What was done.
    ("system", "update audit_events set detail = '{}'", "permission denied"),
    ("system", "delete from audit_events", "permission denied"),
    ("system", "truncate audit_events", "permission denied"),
    // What providers brought and told, and what is owed.
    ("system", "update payment_credits set amount_vnd = amount_vnd + 1", "permission denied"),
    ("system", "delete from payment_credits", "permission denied"),
    ("system", "truncate payment_credits cascade", "permission denied"),
    (
        "system",
        "insert into payment_credits select gen_random_uuid(), provider, provider_txn, callback_id, attempt_id, null, amount_vnd, \
             received_at from payment_credits",
        "payment_credits_txn_key",
    ),
    (
        "system",
        "insert into payment_credits select gen_random_uuid(), provider, 'another', callback_id, attempt_id, payment_id, amount_vnd, \
             received_at from payment_credits where payment_id is not null",
        "payment_credits_payment_key",
    ),
    ("system", "update order_refunds set amount_vnd = 1", "permission denied"),
    ("system", "delete from order_refunds", "permission denied"),
    ("system", "update orders set refunded_vnd = total_vnd + 1 where paid_at is not null", "orders_refunded_check"),
    ("system", "update payments set status = 'captured' where status <> 'captured'", "payments_captured_check"),
    (
        "system",
        "insert into payments select gen_random_uuid(), checkout_id, buyer_account_id, amount_vnd, 'pending', null, 1, now(), now() \
             from payments limit 1",
        "payments_checkout_key",
    ),
    // The server itself.
    ("system", "select * from pg_authid", "permission denied"),
    ("system", "copy ledger_transfers to program 'cat'", "must be superuser"),
    ("system", "select pg_read_file('/etc/passwd')", "permission denied"),
];

const INSERT: &str = "insert into ledger_transfers (id, kind, subject_id, debit, credit, amount_vnd, provider, producer_id, order_id, \
     refund_id, reverses, at) values (gen_random_uuid(),";

#[actix_web::test]
async fn the_database_refuses_what_the_program_would_never_do() {
    let world = World::start().await;
    let shop = world.shop(120_000, 20).await;
    let buyer = world.buyer("0933333333").await;
    let order = world.delivered(&buyer, &shop.producer, &shop.product, 1).await;
    buyer.post(&format!("/v1/buyer/orders/{order}/confirm-receipt"), json!({})).await.expect(200);
    let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
    world.sepay(2, &due.reference, due.total).await.expect(200);
    buyer.post(&format!("/v1/buyer/orders/{}/cancel", due.order_id()), json!({"reason": "Đổi ý"})).await.expect(200);
    world.sepay(3, &due.reference, due.total).await.expect(200);
    world.due(&buyer, &shop.product, 1, "vnpay").await;
    let producer = ProducerId(shop.producer.id.parse().expect("an id"));
    let sides = (LedgerAccount::Producer, LedgerAccount::PayoutsInTransit);
    let payout = Transfer::new(TransferKind::Payout, uuid::Uuid::now_v7(), sides, Vnd::new(50_000).expect("money"));
    let payout = payout.of_producer(producer);
    world.app.db.write(&Actor::PLATFORM, move |tx| ledger::post(tx, vec![payout.clone()])).await.expect("a payout");
    let reversed = world.text("select id from ledger_transfers where kind = 'payout'");
    let id = reversed.parse().map(ocop_market::kernel::TransferId).expect("an id");
    world.app.db.write(&Actor::PLATFORM, move |tx| ledger::reverse(tx, id)).await.expect("a reversal");

    let names = [
        ("{insert}", INSERT.to_owned()),
        ("{order}", order),
        ("{producer}", shop.producer.id.clone()),
        ("{transfer}", world.text("select id from ledger_transfers where kind = 'sale'")),
        ("{reversed}", reversed),
    ];
    let books = "select md5(string_agg(t::text, '' order by id)) from ledger_transfers t";
    let before = (world.text(books), world.text("select string_agg(b::text, '') from ledger_balances b"));
    let mut conn = PgConnection::establish(&world.database.app_url).expect("a connection as the application");
    let mut missed = Vec::new();
    for (role, attack, said) in ATTACKS {
        let attack = names.iter().fold((*attack).to_owned(), |text, (name, value)| text.replace(name, value));
        let producer = if *role == "producer" { &shop.producer.id } else { "" };
        let context = format!(
            "begin; select set_config('app.role', '{role}', true), set_config('app.producer', '{producer}', true);"
        );
        conn.batch_execute(&context).expect("a transaction");
        let outcome = conn.batch_execute(&attack);
        conn.batch_execute("rollback").expect("a rollback");
        match outcome {
            Err(error) if said.split('|').any(|part| error.to_string().contains(part)) => {}
            outcome => missed.push(format!("{role}: {attack}: {outcome:?}")),
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
    assert!(ATTACKS.len() >= 40);
    let after = (world.text(books), world.text("select string_agg(b::text, '') from ledger_balances b"));
    assert_eq!(after, before);
    world.database.execute(crate::payouts::TRANSFERS_OF_POSTINGS);
    world.finish().await;
}

/// The books are append-only to their owner, too.
#[actix_web::test]
async fn the_owner_of_the_tables_is_refused_as_well() {
    let world = World::start().await;
    let shop = world.shop(120_000, 20).await;
    let buyer = world.buyer("0933333333").await;
    world.delivered(&buyer, &shop.producer, &shop.product, 1).await;
    let mut owner = world.database.owner();
    for (attack, said) in [
        ("update ledger_transfers set amount_vnd = 1", "append-only"),
        ("delete from ledger_transfers", "append-only"),
        // Decisions of two people name it.
        ("truncate ledger_transfers", "foreign key"),
        ("truncate ledger_transfers cascade", "append-only"),
    ] {
        let outcome = owner.batch_execute(attack);
        assert!(outcome.is_err_and(|error| error.to_string().contains(said)), "{attack}");
    }
    world.finish().await;
}
