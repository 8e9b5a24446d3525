//! The database is what the program believes it is, and every migration can be taken back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may fail where it stands"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_migrations::MigrationHarness;
use ocop_market::ops::MIGRATIONS;
use ocop_market::{
    calendar, catalog, charges, cli, complaints, identity, kernel, ledger, messages, notifications, orders, outgoing,
    payments, places, producers, reconciliation, refunds, reviews, senders, shipping, stock, storage, taxes, vouchers,
    webhooks,
};
use serde_json::json;

use crate::support::money::Shop;
use crate::support::{TestDatabase, World};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(conn: &mut PgConnection, sql: &str) -> Vec<String> {
    let rows: Vec<Line> = diesel::sql_query(format!("select line from ({sql}) x order by 1")).load(conn).expect(sql);
    rows.into_iter().map(|row| row.line).collect()
}

/// Everything that migrations make, one line each, with who may use it.
const SCHEMA: &str = "
    select format('column %s.%s %s %s %s %s', c.relname, row_number() over (partition by c.oid order by a.attnum), a.attname,
                  format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)) as line
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum where c.relnamespace = 'public'::regnamespace
    union all select format('relation %s %s %s %s %s %s', relname, relkind, relrowsecurity, relforcerowsecurity, relacl, reloptions)
        from pg_class where relnamespace = 'public'::regnamespace
    union all select format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) from pg_constraint
        where connamespace = 'public'::regnamespace
    union all select format('index %s', indexdef) from pg_indexes where schemaname = 'public'
    union all select format('view %s %s', viewname, definition) from pg_views where schemaname = 'public'
    union all select format('function %s %s %s', proname, proacl, pg_get_functiondef(p.oid)) from pg_proc p
        where pronamespace = 'public'::regnamespace and prokind in ('f', 'p')
        and not exists (select from pg_depend e where e.objid = p.oid and e.deptype = 'e')
    union all select format('policy %s %s %s %s %s %s', tablename, policyname, roles, cmd, qual, with_check) from pg_policies
    union all select format('trigger %s', pg_get_triggerdef(oid)) from pg_trigger where not tgisinternal
    union all select format('extension %s', extname) from pg_extension";

/// Of [`SCHEMA`], what a database has that was never migrated.
fn is_bare(line: &str) -> bool {
    line.contains("__diesel_schema_migrations") || line.starts_with("extension")
}

fn up(database: &TestDatabase) -> Vec<String> {
    cli::migrate(&database.owner_url, &database.app_url).expect("up");
    lines(&mut database.owner(), SCHEMA)
}

#[actix_web::test]
async fn every_migration_can_be_taken_back_and_run_again() {
    let database = TestDatabase::empty();
    let first = up(&database);
    database.owner().revert_all_migrations(MIGRATIONS).expect("down");
    let left: Vec<String> = lines(&mut database.owner(), SCHEMA).into_iter().filter(|line| !is_bare(line)).collect();
    assert!(left.is_empty(), "left behind: {left:#?}");
    assert_same(&first, &up(&database));
}

/// From so many steps down, and twice as many, the whole way up is gone; else only the step itself, since all ways from
/// everywhere are thousands of steps.
const WHOLE_WAY_EVERY: usize = 5;

#[actix_web::test]
async fn a_database_in_use_can_be_taken_back_step_by_step() {
    let world = World::start().await;
    let operator = world.operator().await;
    let producer = world.producer(&operator, "0911111111", "Hộ nuôi ong Mèo Vạc", "00769").await;
    let product = world.product(&operator, &producer, "Mật ong bạc hà", (450_000, 20)).await;
    let adjustments = format!("/v1/producer/variants/{}/stock-adjustments", product.variant_id);
    let lot = json!({"code": "MO-1", "harvested_on": "2026-11-20"});
    let harvest = |delta: i64| json!({"reason": "harvested", "delta": delta, "lot": lot});
    producer.client.post(&adjustments, harvest(1)).await.expect(200);
    let buyer = world.buyer("0933333333").await;
    buyer.put_in_cart(&product.variant_id, 2).await;
    let checkout = buyer.check_out(900_000).await.expect(201);
    let attempt = buyer.start_attempt(&checkout, "bank_transfer").await;
    world.sepay(1, attempt["reference"].as_str().unwrap(), 900_000).await.expect(200);
    // A guest with an order, who must stay, and one without.
    let guest = || async {
        let made = world.visitor().post("/v1/auth/guest", json!({"device_id": "d"})).await.expect(200);
        world.visitor().with_token(made["access_token"].as_str().unwrap())
    };
    let (guest, idle) = (guest().await, guest().await);
    for client in [&guest, &idle] {
        client.put_in_cart(&product.variant_id, 1).await;
    }
    guest.check_out(450_000).await.expect(201);
    // A line of two lots, and goods that must not be sold.
    let lot = producer.client.post(&adjustments, harvest(4)).await.expect(200)["lot_id"].clone();
    let recall = format!("/v1/producer/lots/{}/recall", lot.as_str().unwrap());
    producer.client.post(&recall, json!({"reason": "Nhãn in sai"})).await.expect(200);
    // An order that waits for a harvest.
    crate::harvests::waiting(&world, &Shop { operator, producer, product }, (&buyer, 2)).await;
    let seeded = ["provinces", "communes", "former_communes", "commune_successions", "commune_borders", "product_sets"];
    let rows = |world: &World| seeded.map(|table| world.count(&format!("select count(*) from {table}")));
    let before = rows(&world);
    assert!(before.iter().all(|n| *n > 0), "{before:?}");

    let first = lines(&mut world.database.owner(), SCHEMA);
    let known = diesel::migration::MigrationSource::<diesel::pg::Pg>::migrations(&MIGRATIONS).unwrap();
    let names: Vec<String> = known.iter().map(|migration| migration.name().to_string()).collect();
    let steps = names.len();
    let without_guests = steps - names.iter().position(|name| name.contains("create_guests")).unwrap();
    let mut owner = world.database.owner();
    let down = |owner: &mut PgConnection| owner.revert_last_migration(MIGRATIONS).map(drop).expect("down");
    for step in 1..=steps {
        // Its own step with the data that are left, twice: what it leaves below does not depend on where it came from.
        down(&mut owner);
        let below = lines(&mut owner, SCHEMA);
        owner.run_next_migration(MIGRATIONS).expect("up");
        down(&mut owner);
        assert_same(&below, &lines(&mut owner, SCHEMA));
        if step % WHOLE_WAY_EVERY != 0 && step != without_guests && step != steps {
            continue;
        }
        assert_same(&first, &up(&world.database));
        if step == without_guests {
            let kept = "select string_agg(phone, ',') from accounts where phone like '+8430%' or is_guest";
            assert_eq!(world.text(kept), "+84300000000", "the guest who bought has a number that nobody has");
            assert_eq!(world.count("select count(*) from accounts where is_guest"), 0);
        }
        if step < steps {
            (0..step).for_each(|_| down(&mut owner));
            assert_same(&below, &lines(&mut owner, SCHEMA));
        }
    }
    assert_eq!(rows(&world), before);
    world.finish().await;
}

/// Everything that is owed back, with its review, and what the orders know of it.
const OWED: &str = "
    select format('refund %s %s %s %s %s', f.id, f.order_id, f.cause, f.amount_vnd, f.at) as line from order_refunds f
    union all select format('review %s %s %s %s %s %s %s', r.id, r.order_id, r.refund_id, r.amount_vnd, r.status, r.resolution, r.note)
        from payment_reviews r
    union all select format('order %s %s %s %s %s %s %s', o.id, replace(o.status, 'waiting_harvest', 'paid'), o.refunded_vnd,
                            o.goods_vnd, o.shipping_vnd, o.discount_vnd, o.delivered_at) from orders o";

#[actix_web::test]
async fn what_is_owed_back_of_a_part_of_an_order_outlives_its_migration() {
    let world = World::start().await;
    let shop = world.shop(120_000, 20).await;
    let buyer = world.buyer("0944444444").await;
    crate::harvests::short_and_waiting(&world, &shop, 1).await;
    // Delivered and then claimed for: a part is owed back, and somebody has returned it.
    let rest = world.product(&shop.operator, &shop.producer, "Chè Shan tuyết", (100_000, 10)).await;
    let order_id = world.delivered(&buyer, &shop.producer, &rest, 50).await;
    let claim = json!({"kind": "missing", "text": "Thiếu một phần.", "wish": "refund",
                       "lines": [{"variant_id": rest.variant_id, "quantity": 1}]});
    let made = buyer.post(&format!("/v1/buyer/orders/{order_id}/claims"), claim).await.expect(201);
    let claim = |side: &str, verb: &str| format!("/v1/{side}/claims/{}/{verb}", made["id"].as_str().unwrap());
    let offer = json!({"amount_vnd": 30_000, "text": "Hoàn một phần."});
    shop.producer.client.post(&claim("producer", "offer"), offer).await.expect(200);
    buyer.post(&claim("buyer", "accept-offer"), json!({})).await.expect(200);
    world.run_jobs().await;
    let review = world.text(&format!("select id from payment_reviews where order_id = '{order_id}'"));
    let resolve = json!({"resolution": "refunded_by_hand", "note": "Đã trả lại [30 nghìn]."});
    shop.operator.post(&format!("/v1/operator/payment-reviews/{review}/resolve"), resolve).await.expect(200);
    // A whole refund whose review is not written yet.
    let due = world.due(&buyer, &rest, 1, "bank_transfer").await;
    world.sepay(51, &due.reference, due.total).await.expect(200);
    buyer.post(&format!("/v1/buyer/orders/{}/cancel", due.order_id()), json!({"reason": "Thôi"})).await.expect(200);
    // Two refunds of one order.
    world.database.execute(
        "insert into order_refunds (id, order_id, buyer_account_id, producer_id, cause, amount_vnd, at)
         select gen_random_uuid(), order_id, buyer_account_id, producer_id, 'claim', 1000, at + interval '1 second'
             from order_refunds where cause = 'claim';
         update orders set refunded_vnd = refunded_vnd + 1000 where id = (select order_id from order_refunds where amount_vnd = 1000);
         insert into payment_reviews (id, kind, order_id, refund_id, amount_vnd, status, created_at)
         select gen_random_uuid(), 'refund_due', order_id, id, amount_vnd, 'open', now() from order_refunds where amount_vnd = 1000",
    );
    let owed = |world: &World| lines(&mut world.database.owner(), OWED);
    let before = owed(&world);
    assert!(before.iter().filter(|line| line.starts_with("refund")).count() >= 4, "{before:#?}");
    let unwritten = before.iter().filter(|line| line.starts_with("refund")).count();
    let known = diesel::migration::MigrationSource::<diesel::pg::Pg>::migrations(&MIGRATIONS).unwrap();
    let names: Vec<String> = known.iter().map(|migration| migration.name().to_string()).collect();
    let first = names.iter().position(|name| name.contains("extend_orders")).unwrap();
    for _ in 0..2 {
        let mut owner = world.database.owner();
        for _ in first..names.len() {
            owner.revert_last_migration(MIGRATIONS).expect("down");
        }
        drop(owner);
        up(&world.database);
        let after = owed(&world);
        let lost: Vec<&String> = before.iter().filter(|line| !after.contains(line)).collect();
        assert!(lost.is_empty(), "lost: {lost:#?} of {after:#?}");
        // Each refund has its review now, also the one whose job had not run.
        let reviews = after.iter().filter(|line| line.starts_with("review")).count();
        assert_eq!((reviews, after.len()), (unwritten, before.len() + 1));
    }
    world.close().await;
}

#[track_caller]
fn assert_same(first: &[String], second: &[String]) {
    let (one, two): (BTreeSet<_>, BTreeSet<_>) = (first.iter().collect(), second.iter().collect());
    let gone: Vec<_> = one.difference(&two).collect();
    let new: Vec<_> = two.difference(&one).collect();
    assert!(gone.is_empty() && new.is_empty(), "gone: {gone:#?}\nnew: {new:#?}");
}

#[actix_web::test]
async fn every_foreign_key_has_an_index() {
    let database = TestDatabase::create();
    let without = lines(
        &mut database.owner(),
        "
        select format('%s %s', c.conrelid::regclass, c.conname) as line from pg_constraint c
        where c.contype = 'f' and c.connamespace = 'public'::regnamespace and c.conparentid = 0 and not exists (
            select from pg_index i where i.indrelid = c.conrelid
            and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) ~ '^\\([a-z_]+ IS NOT NULL\\)$')
            and i.indkey[0] = c.conkey[1])",
    );
    assert!(without.is_empty(), "{without:#?}");
}

macro_rules! texts {
    ($enum:ty) => {
        <$enum>::ALL.iter().map(|value| value.as_str()).collect::<BTreeSet<&str>>()
    };
}

/// Lists of the database that the program has no enum for, and why.
const WITHOUT_ENUM: &[(&str, &str)] = &[
    ("former_districts_kind_check", "seeded, never written; shown as it is"),
    ("communes_kind_check", "seeded, never written; shown as it is"),
    ("former_communes_kind_check", "seeded, never written; shown as it is"),
    ("product_sets_group_number_check", "seeded, never written; shown as it is"),
    ("otp_requests_purpose_check", "one value"),
    ("tax_warnings_percent_check", "numbers: the steps to the threshold"),
];

#[actix_web::test]
async fn every_list_of_the_database_is_an_enum_of_the_program() {
    let enums: BTreeMap<&str, BTreeSet<&str>> = [
        ("accounts_status_check", texts!(identity::AccountStatus)),
        ("role_grants_role_check", texts!(identity::GrantRole)),
        ("sessions_audience_check", texts!(kernel::Audience)),
        ("sessions_revoked_because_check", texts!(identity::EndReason)),
        ("commune_successions_coverage_check", texts!(places::Coverage)),
        ("notices_topic_check", texts!(notifications::Topic)),
        ("notice_preferences_language_check", texts!(notifications::Language)),
        ("deliveries_channel_check", texts!(senders::Channel)),
        ("deliveries_outcome_check", texts!(senders::Outcome)),
        ("webhook_endpoints_status_check", texts!(webhooks::EndpointStatus)),
        ("webhook_events_event_type_check", texts!(webhooks::EventType)),
        ("webhook_deliveries_status_check", texts!(webhooks::DeliveryStatus)),
        ("producers_kind_check", texts!(producers::ProducerKind)),
        ("producers_status_check", texts!(producers::ProducerStatus)),
        ("products_status_check", texts!(catalog::ProductStatus)),
        ("variants_unit_check", texts!(catalog::Unit)),
        ("stock_movements_kind_check", texts!(stock::MovementKind)),
        ("reservations_status_check", texts!(stock::ReservationStatus)),
        ("lots_status_check", texts!(stock::LotStatus)),
        ("harvests_status_check", texts!(orders::HarvestStatus)),
        ("harvests_shortfall_rule_check", texts!(orders::ShortfallRule)),
        ("checkouts_status_check", texts!(orders::CheckoutStatus)),
        ("orders_status_check", texts!(orders::OrderStatus)),
        ("order_refunds_cause_check", texts!(orders::RefundCause)),
        ("orders_terms_check", texts!(orders::Terms)),
        ("products_transport_class_check", texts!(shipping::TransportClass)),
        ("order_lines_transport_class_check", texts!(shipping::TransportClass)),
        ("carrier_addresses_carrier_check", texts!(shipping::Carrier)),
        ("shipments_method_check", texts!(shipping::Method)),
        ("shipments_carrier_check", texts!(shipping::Carrier)),
        ("shipments_booking_check", texts!(shipping::BookingStatus)),
        ("shipments_status_check", texts!(shipping::ShipmentStatus)),
        ("shipment_events_source_check", texts!(shipping::Source)),
        ("shipment_events_status_check", texts!(shipping::ShipmentStatus)),
        ("carrier_messages_carrier_check", texts!(shipping::Carrier)),
        ("carrier_messages_outcome_check", texts!(shipping::MessageOutcome)),
        ("collection_runs_status_check", texts!(shipping::RunStatus)),
        ("shipping_tariffs_service_check", texts!(shipping::Service)),
        ("shipping_tariff_steps_zone_check", texts!(shipping::Zone)),
        ("shipping_tariff_steps_transport_class_check", texts!(shipping::TransportClass)),
        ("own_deliveries_zone_check", texts!(shipping::Zone)),
        ("pickup_points_kind_check", texts!(shipping::PointKind)),
        ("payments_status_check", texts!(payments::PaymentStatus)),
        ("payment_attempts_provider_check", texts!(payments::providers::ProviderId)),
        ("payment_attempts_status_check", texts!(payments::AttemptStatus)),
        ("payment_callbacks_provider_check", texts!(payments::providers::ProviderId)),
        ("payment_callbacks_outcome_check", texts!(payments::CallbackOutcome)),
        ("payment_callbacks_channel_check", texts!(payments::Channel)),
        ("payment_credits_provider_check", texts!(payments::providers::ProviderId)),
        ("payment_reviews_kind_check", texts!(payments::ReviewKind)),
        ("payment_reviews_status_check", texts!(payments::ReviewStatus)),
        ("payment_reviews_resolution_check", texts!(payments::Resolution)),
        ("vouchers_payer_check", texts!(vouchers::VoucherPayer)),
        ("vouchers_kind_check", texts!(vouchers::VoucherKind)),
        ("vouchers_status_check", texts!(vouchers::VoucherStatus)),
        ("holidays_kind_check", texts!(calendar::HolidayKind)),
        ("complaints_kind_check", texts!(complaints::ComplaintKind)),
        ("complaints_status_check", texts!(complaints::ComplaintStatus)),
        ("complaint_vulnerabilities_reason_check", texts!(complaints::VulnerableReason)),
        ("messages_sender_check", texts!(messages::Sender)),
        ("reviews_status_check", texts!(reviews::ProductReviewStatus)),
        ("reviews_hidden_reason_check", texts!(reviews::HideReason)),
        ("review_events_event_check", texts!(reviews::ProductReviewEvent)),
        ("photos_used_by_kind_check", texts!(storage::ThingKind)),
        ("complaint_events_event_check", texts!(complaints::ComplaintEvent)),
        ("claims_kind_check", texts!(orders::ClaimKind)),
        ("claims_wish_check", texts!(orders::ClaimWish)),
        ("claims_status_check", texts!(orders::ClaimStatus)),
        ("claim_events_event_check", texts!(orders::ClaimEvent)),
        ("tax_rates_tax_category_check", texts!(charges::TaxCategory)),
        ("tax_rates_producer_kind_check", texts!(producers::ProducerKind)),
        ("tax_rates_reading_check", texts!(charges::Reading)),
        ("tax_readings_reading_check", texts!(charges::Reading)),
        ("product_tax_categories_tax_category_check", texts!(charges::TaxCategory)),
        ("tax_lines_tax_category_check", texts!(charges::TaxCategory)),
        ("tax_lines_applied_category_check", texts!(charges::TaxCategory)),
        ("tax_lines_reason_check", texts!(charges::TaxReason)),
        ("bank_accounts_status_check", texts!(outgoing::BankAccountStatus)),
        ("outgoing_batches_purpose_check", texts!(outgoing::Purpose)),
        ("outgoing_transfers_purpose_check", texts!(outgoing::Purpose)),
        ("outgoing_transfers_rail_check", texts!(outgoing::Rail)),
        ("outgoing_transfers_status_check", texts!(outgoing::TransferStatus)),
        ("outgoing_events_event_check", texts!(outgoing::TransferEvent)),
        ("tax_periods_status_check", texts!(taxes::PeriodStatus)),
        ("tax_payments_status_check", texts!(taxes::TaxPaymentStatus)),
        ("tax_declaration_sellers_kind_check", texts!(producers::ProducerKind)),
        ("ledger_transfers_kind_check", texts!(ledger::TransferKind)),
        ("ledger_transfers_debit_check", texts!(ledger::LedgerAccount)),
        ("ledger_transfers_credit_check", texts!(ledger::LedgerAccount)),
        ("refunds_provider_check", texts!(payments::providers::ProviderId)),
        ("refunds_rail_check", texts!(refunds::RefundRail)),
        ("refunds_status_check", texts!(refunds::RefundStatus)),
        ("refund_tries_outcome_check", texts!(refunds::TryOutcome)),
        ("refund_answers_purpose_check", texts!(refunds::RefundPurpose)),
        ("refund_answers_said_check", texts!(refunds::RefundSaid)),
        ("settlement_mappings_provider_check", texts!(payments::providers::ProviderId)),
        ("settlement_files_provider_check", texts!(payments::providers::ProviderId)),
        ("settlement_files_source_check", texts!(reconciliation::SettlementSource)),
        ("settlement_files_format_check", texts!(reconciliation::FileFormat)),
        ("settlement_lines_kind_check", texts!(reconciliation::LineKind)),
        ("reconciliation_exceptions_kind_check", texts!(reconciliation::ExceptionKind)),
        ("reconciliation_exceptions_status_check", texts!(reconciliation::ExceptionStatus)),
        ("money_decisions_kind_check", texts!(reconciliation::DecisionKind)),
        ("money_decisions_status_check", texts!(reconciliation::DecisionStatus)),
        ("money_decision_postings_debit_check", texts!(reconciliation::CorrectableAccount)),
        ("money_decision_postings_credit_check", texts!(reconciliation::CorrectableAccount)),
        ("money_decision_postings_provider_check", texts!(payments::providers::ProviderId)),
        ("provider_calls_provider_check", texts!(payments::providers::ProviderId)),
    ]
    .into();
    let database = TestDatabase::create();
    // Only whole constraints on one column: `CHECK ((status = ANY ('{a,b}'::text[])))`.
    let found = lines(
        &mut database.owner(),
        r"
        select distinct conname || '|' || pg_get_constraintdef(oid) as line from pg_constraint
        where contype = 'c' and connamespace = 'public'::regnamespace and conparentid = 0
        and pg_get_constraintdef(oid) ~ '^CHECK \(\(([a-z_]+) = ANY \((ARRAY\[[^\]]*\]|''\{[^}]*\}''::text\[\])\)\)\)$'",
    );
    let mut seen = BTreeSet::new();
    for line in &found {
        let (name, definition) = line.split_once('|').unwrap();
        let texts: BTreeSet<&str> = crate::support::listed_in(definition).collect();
        seen.insert(name);
        match enums.get(name) {
            Some(wanted) => assert_eq!(&texts, wanted, "{name}"),
            None => assert!(WITHOUT_ENUM.iter().any(|(known, _)| *known == name), "{name} has no enum: {definition}"),
        }
    }
    let missing: Vec<_> = enums.keys().filter(|name| !seen.contains(**name)).collect();
    assert!(missing.is_empty(), "no such constraint: {missing:?}; there are {seen:?}");
}

#[actix_web::test]
async fn the_tables_of_the_program_are_those_of_the_database() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/schema/lib.rs")).unwrap();
    let mut declared = BTreeSet::new();
    let mut table = "";
    for line in text.lines() {
        match line.trim().split_once(" -> ") {
            Some((column, kind)) if line.starts_with("        ") => {
                let is_null = kind.starts_with("Nullable");
                declared.insert(format!("{table}.{column} {is_null}"));
            }
            _ if line.ends_with(") {") => table = line.trim().split(' ').next().unwrap(),
            _ => {}
        }
    }
    let database = TestDatabase::create();
    let found: BTreeSet<String> = lines(&mut database.owner(), "
        select format('%s.%s %s', c.table_name, c.column_name, case c.is_nullable when 'YES' then 'true' else 'false' end) as line
        from information_schema.columns c join pg_class r on r.relname = c.table_name and r.relnamespace = 'public'::regnamespace
        where c.table_schema = 'public' and r.relkind in ('r', 'p') and not r.relispartition
        and c.table_name <> '__diesel_schema_migrations'").into_iter().collect();
    let one: Vec<_> = declared.difference(&found).collect();
    let two: Vec<_> = found.difference(&declared).collect();
    assert!(one.is_empty() && two.is_empty(), "only in the program: {one:?}; only in the database: {two:?}");
}

#[actix_web::test]
async fn the_database_knows_the_steps_of_an_order_that_the_program_knows() {
    let mut known: Vec<String> = Vec::new();
    for status in orders::OrderStatus::ALL {
        for event in orders::OrderEvent::ALL {
            if let Some(next) = status.after(*event) {
                known.push(format!("{status} {next}"));
            }
        }
    }
    known.sort();
    known.dedup();
    let database = TestDatabase::create();
    let steps = "select from_status || ' ' || to_status as line from order_steps()";
    assert_eq!(lines(&mut database.owner(), steps), known);
}
