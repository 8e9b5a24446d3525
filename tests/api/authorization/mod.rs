//! Who may do what: every operation of the document, asked by everybody (A-matrix, BOLA and BFLA of reliability.md).

mod scene;
mod table;

use chrono::TimeDelta;
use diesel::Connection;
use diesel::connection::SimpleConnection;
use ocop_market::kernel::Territory;
use ocop_market::routes;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::principals::{Watch, texts};
use crate::support::{Client, Reply, World, new_key};
use scene::{Scene, text};
use table::{Names, Operation, table};

const OPERATOR: &str = "0900000001";
const BUYER_A: &str = "0933333333";
const BUYER_B: &str = "0933333334";
const PRODUCER_A: &str = "0911111111";
const PRODUCER_B: &str = "0922222222";
const HELPER: &str = "0955555551";
const OFFICIAL_COMMUNE: &str = "0944444441";
const OFFICIAL_PROVINCE: &str = "0944444442";
/// The account that is suspended, the person whose role is withdrawn, and the owner of foreign sessions.
const SPARE: &str = "0966666661";

/// What only the buyer, the producer of the order and the operator may read: parts of the order's address and numbers.
const CANARIES: &[&str] = &["Nguyễn Thị Hoà", "912345678", "Số 1, tổ 3", "933333333", "911111111"];

async fn call(client: &Client, operation: &Operation, id: &str) -> Reply {
    let path = operation.path.replace("{id}", id).replace("{code}", id);
    let method = Method::from_bytes(operation.method.to_uppercase().as_bytes()).expect("a method");
    let key = new_key();
    let mut headers = vec![("content-type", "application/json")];
    if operation.method != "get" {
        headers.push(("idempotency-key", key.as_str()));
    }
    if operation.method == "patch" {
        headers.push(("if-match", "\"1\""));
    }
    client.send(method, &path, &headers, operation.body.as_ref().map(Value::to_string)).await
}

/// The roles of an operation; empty when it is for anybody.
fn roles(operation: &Operation) -> Vec<String> {
    let described = &routes::document()["paths"][operation.path][operation.method];
    let roles = described["x-roles"].as_array().cloned().unwrap_or_default();
    roles.iter().filter_map(Value::as_str).filter(|role| *role != "anonymous").map(str::to_owned).collect()
}

fn absent(operation: &Operation) -> String {
    if operation.path.contains("{code}") { "99999".to_owned() } else { uuid::Uuid::now_v7().to_string() }
}

const PEOPLE: &[(&str, &str, &str)] = &[
    ("buyer A", BUYER_A, "buyer"),
    ("buyer B", BUYER_B, "buyer"),
    ("producer A", PRODUCER_A, "producer"),
    ("producer B", PRODUCER_B, "producer"),
    ("helper", HELPER, "helper"),
    ("official of a commune", OFFICIAL_COMMUNE, "official"),
    ("official of the province", OFFICIAL_PROVINCE, "official"),
    ("operator", OPERATOR, "operator"),
];

fn leaks(reply: &Reply) -> Option<&'static &'static str> {
    CANARIES.iter().find(|canary| reply.text.contains(**canary))
}

/// People whose own rows hold the canaries, and the operator, who sees everything.
fn may_read_canaries(who: &str) -> bool {
    matches!(who, "buyer A" | "producer A" | "operator")
}

#[test]
fn every_operation_of_the_document_stands_in_the_matrix_and_no_other() {
    let paths = routes::document()["paths"].as_object().expect("paths");
    let mut described: Vec<String> = paths
        .iter()
        .flat_map(|(path, item)| item.as_object().expect("methods").keys().map(move |m| format!("{m} {path}")))
        .collect();
    let mut tabled: Vec<String> = table().iter().map(|o| format!("{} {}", o.method, o.path)).collect();
    described.sort();
    tabled.sort();
    assert_eq!(described, tabled);
}

#[test]
fn the_document_asks_for_a_token_exactly_where_a_role_is_named() {
    for operation in table() {
        let described = &routes::document()["paths"][operation.path][operation.method];
        let what = format!("{} {}", operation.method, operation.path);
        assert_eq!(described["security"] != json!([]), !roles(&operation).is_empty(), "{what}");
        let is_silent = described["x-roles"] == json!([]) || described["x-roles"].is_null();
        assert!(!is_silent, "{what} says for whom it is");
    }
}

#[actix_web::test]
async fn the_watch_over_rows_notices_whatever_is_kept() {
    let world = World::start().await;
    let shop = world.shop(50_000, 5).await;
    let (_, buyer) = world.session(BUYER_A, "buyer", TimeDelta::zero());
    let line = format!("/v1/buyer/cart/lines/{}", shop.product.variant_id);
    let mut watch = Watch::new(&world);
    let mut seen = watch.digest();
    for quantity in [1, 2, 0] {
        buyer.put(&line, json!({"quantity": quantity})).await.expect(200);
        let now = watch.digest();
        let lines = |digest: &[String]| digest.iter().find(|table| table.starts_with("cart_lines:")).cloned();
        assert_ne!(lines(&now), lines(&seen), "{quantity}: {now:?}");
        seen = now;
    }
    world.database.execute("begin; update variants set version = version + 1; rollback");
    assert_eq!(watch.digest(), seen, "what is not kept has not happened");
    world.database.execute("set session_replication_role = replica; update variants set version = version + 1");
    assert_ne!(watch.digest(), seen);
    world.finish().await;
}

#[actix_web::test]
async fn without_a_live_token_of_the_right_audience_nothing_is_told_and_nothing_changes() {
    let scene = Scene::new().await;
    let signed_out = scene.live(BUYER_A, "buyer");
    signed_out.post("/v1/auth/sign-out", json!({})).await.expect(204);
    let visitor = scene.world.visitor();
    let mut callers: Vec<(&str, &str, Client)> = vec![
        ("nobody", "", visitor.clone()),
        ("garbage", "", visitor.with_token("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.")),
        ("signed out", "", signed_out),
    ];
    for (who, phone, audience) in PEOPLE {
        let (_, old) = scene.world.session(phone, audience, TimeDelta::minutes(11));
        callers.push(("expired", "", old));
        callers.push((who, audience, scene.live(phone, audience)));
    }
    let mut watch = Watch::new(&scene.world);
    let before = watch.digest();
    let mut faults = Vec::new();
    let mut asked = 0;
    for operation in table() {
        let roles = roles(&operation);
        if roles.is_empty() {
            continue;
        }
        for (who, audience, client) in
            callers.iter().filter(|(_, audience, _)| !roles.iter().any(|role| role == audience))
        {
            for id in [scene.id(operation.names).to_owned(), absent(&operation)] {
                let reply = call(client, &operation, &id).await;
                asked += 1;
                if reply.status != 401 || leaks(&reply).is_some() || reply.header("www-authenticate").is_empty() {
                    faults.push(format!(
                        "{who} ({audience}): {} {} → {} {}",
                        operation.method, operation.path, reply.status, reply.text
                    ));
                }
            }
        }
        assert!(watch.digest() == before, "{} {} changed rows for somebody", operation.method, operation.path);
    }
    assert!(faults.is_empty(), "{asked} asked: {faults:#?}");
    assert!(asked > 800, "{asked}");
    scene.world.finish().await;
}

#[actix_web::test]
async fn what_belongs_to_somebody_else_or_to_nobody_is_not_found_and_stays_as_it_is() {
    let scene = Scene::new().await;
    let callers: Vec<(&str, &str, Client)> =
        PEOPLE.iter().map(|(who, phone, audience)| (*who, *audience, scene.live(phone, audience))).collect();
    let mut watch = Watch::new(&scene.world);
    let before = watch.digest();
    let mut faults = Vec::new();
    for operation in table().iter().filter(|operation| operation.names != Names::Nothing) {
        // Taking out a line that is not in the cart is no error, so that a second try is safe.
        if (operation.method, operation.path) == ("delete", "/v1/buyer/cart/lines/{id}") {
            continue;
        }
        let roles = roles(operation);
        for (who, audience, client) in &callers {
            if !roles.is_empty() && !roles.iter().any(|role| role == audience) {
                continue;
            }
            let mut ids = vec![absent(operation)];
            let is_owner = who.ends_with(" A") && !matches!(operation.names, Names::Session | Names::Notice);
            if operation.names.has_owner(audience) && !is_owner {
                ids.push(scene.id(operation.names).to_owned());
            }
            for id in ids {
                let reply = call(client, operation, &id).await;
                if reply.status != 404 || leaks(&reply).is_some() {
                    faults.push(format!(
                        "{who}: {} {} → {} {}",
                        operation.method, operation.path, reply.status, reply.text
                    ));
                }
                if watch.digest() != before {
                    panic!("{who}: {} {} changed rows", operation.method, operation.path);
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    scene.world.finish().await;
}

/// Files of money and tax: who takes one away is on record, which is all that reading them writes.
const ON_RECORD: [&str; 8] = [
    "/v1/operator/outgoing-files/{id}/transfers.csv",
    "/v1/operator/outgoing-files/{id}/transfers.xlsx",
    "/v1/operator/settlement-files/{id}/content",
    "/v1/operator/tax-periods/{id}/declaration.xlsx",
    "/v1/operator/tax-periods/{id}/annex.csv",
    "/v1/producer/tax-certificates/{id}/certificate.pdf",
    "/v1/producer/tax-refund-pack.pdf",
    "/v1/producer/tax-refund-pack.xlsx",
];

#[actix_web::test]
async fn reading_changes_no_row_but_the_record_of_it_and_tells_nothing_of_others() {
    let scene = Scene::new().await;
    let mut callers: Vec<(&str, &str, Client)> =
        PEOPLE.iter().map(|(who, phone, audience)| (*who, *audience, scene.live(phone, audience))).collect();
    callers.push(("nobody", "", scene.world.visitor()));
    callers.push(("garbage", "", scene.world.visitor().with_token("x")));
    let mut watch = Watch::new(&scene.world);
    let mut before = watch.digest();
    let mut faults = Vec::new();
    for operation in table().iter().filter(|o| o.method == "get" && o.path != "/v1/callbacks/vnpay/ipn") {
        let roles = roles(operation);
        for (who, audience, client) in &callers {
            let is_foreign = operation.names.has_owner(audience) && !who.ends_with(" A");
            if (!roles.is_empty() && !roles.iter().any(|role| role == audience)) || is_foreign {
                continue;
            }
            let reply = call(client, operation, scene.id(operation.names)).await;
            let leak = leaks(&reply).filter(|_| !may_read_canaries(who));
            if reply.status != 200 || leak.is_some() {
                faults.push(format!("{who}: {} → {} {leak:?} {}", operation.path, reply.status, reply.text));
            }
            let after = watch.digest();
            let changed: Vec<&String> = after.iter().filter(|line| !before.contains(line)).collect();
            let is_the_record = |line: &&String| line.starts_with("audit_events");
            if ON_RECORD.contains(&operation.path) {
                assert!(
                    changed.len() == 1 && changed.iter().all(is_the_record),
                    "{who}: {}: {changed:?}",
                    operation.path
                );
                let last = "select actor_account_id is not null and action like '%.downloaded' from audit_events \
                    order by at desc, id desc limit 1";
                assert_eq!(scene.world.text(last), "true", "{who}: {} is on record", operation.path);
                before = after;
            } else if !changed.is_empty() || after.len() != before.len() {
                panic!("{who}: get {} changed rows: {changed:?}", operation.path);
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    scene.world.finish().await;
}

#[actix_web::test]
async fn the_right_person_is_let_through_everywhere() {
    let mut scene = Scene::new().await;
    let mut faults = Vec::new();
    for operation in table().iter().filter(|o| o.method != "get") {
        let roles = roles(operation);
        for (who, phone, audience) in PEOPLE.iter().filter(|(who, _, _)| !who.ends_with(" B")) {
            if !roles.iter().any(|role| role == audience) {
                continue;
            }
            let (session, client) = scene.world.session(phone, audience, TimeDelta::zero());
            scene.ids.insert(Names::Session, session);
            let own = scene.notice_of(phone).await;
            scene.ids.insert(Names::Notice, own);
            let reply = call(&client, operation, scene.id(operation.names)).await;
            // The wrong current password is a 403 of its own; here only whether the person may come so far.
            let may_ask = (operation.path, reply.json["code"].as_str())
                == ("/v1/auth/password", Some("identity.credentials_wrong"));
            if !may_ask && (matches!(reply.status, 401 | 403 | 404) || reply.status >= 500) {
                faults
                    .push(format!("{who}: {} {} → {} {}", operation.method, operation.path, reply.status, reply.text));
            }
            let described = &routes::document()["paths"][operation.path][operation.method]["responses"];
            if described.get(reply.status.to_string()).is_none() {
                faults.push(format!(
                    "{who}: {} {} → {} is not described",
                    operation.method, operation.path, reply.status
                ));
            }
        }
        if roles.is_empty() {
            let reply = call(&scene.world.visitor(), operation, "").await;
            if reply.status >= 500 || reply.status == 404 {
                faults.push(format!(
                    "anybody: {} {} → {} {}",
                    operation.method, operation.path, reply.status, reply.text
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    scene.world.finish().await;
}

#[actix_web::test]
async fn a_token_ends_with_its_time_its_session_its_role_and_its_account() {
    let world = World::start().await;
    let operator = world.operator().await;
    let helper = "0955555552";
    let grant = operator.post("/v1/operator/role-grants", json!({"phone": helper, "role": "helper"})).await.expect(201);
    let (_, as_helper) = world.session(helper, "helper", TimeDelta::zero());
    let (_, as_buyer) = world.session(helper, "buyer", TimeDelta::zero());
    as_helper.get("/v1/auth/me").await.expect(200);
    operator.delete(&format!("/v1/operator/role-grants/{}", text(&grant["id"]))).await.expect(204);
    as_helper.get("/v1/auth/me").await.refused(401, "session_ended");
    as_buyer.get("/v1/auth/me").await.refused(401, "session_ended");

    let (_, suspended) = world.session(SPARE, "buyer", TimeDelta::zero());
    suspended.get("/v1/buyer/cart").await.expect(200);
    operator.post(&format!("/v1/operator/accounts/{}/suspend", world.account(SPARE)), json!({})).await.expect(200);
    suspended.get("/v1/buyer/cart").await.refused(401, "session_ended");
    let (_, new) = world.session(SPARE, "buyer", TimeDelta::zero());
    new.get("/v1/buyer/cart").await.refused(401, "session_ended");

    let (_, waiting) = world.session(BUYER_B, "buyer", TimeDelta::zero());
    waiting.get("/v1/buyer/cart").await.expect(200);
    world.pass(TimeDelta::minutes(12));
    waiting.get("/v1/buyer/cart").await.refused(401, "unauthenticated");
    world.finish().await;
}

#[actix_web::test]
async fn an_official_of_a_commune_sees_only_its_sales_however_they_are_grouped() {
    let world = World::start().await;
    let operator = world.operator().await;
    let honey_maker = world.producer(&operator, PRODUCER_A, "Hộ nuôi ong Mèo Vạc", "00769").await;
    let honey = world.product(&operator, &honey_maker, "Mật ong bạc hà", (450_000, 20)).await;
    let tea_maker = world.producer(&operator, PRODUCER_B, "HTX chè Đồng Văn", "00721").await;
    let mut tea = crate::support::new_product("Chè Shan tuyết", 120_000, 10);
    tea["origin"]["commune_code"] = json!("00721");
    tea["product_set"] = json!(7);
    let tea = tea_maker.client.post("/v1/producer/products", tea).await.expect(201);
    let (tea_id, tea_variant) = (text(&tea["id"]), text(&tea["variants"][0]["id"]));
    tea_maker.client.post(&format!("/v1/producer/products/{tea_id}/submit"), json!({})).await.expect(200);
    operator.post(&format!("/v1/operator/products/{tea_id}/publish"), json!({})).await.expect(200);
    let buyer = world.buyer(BUYER_A).await;
    buyer.put_in_cart(&honey.variant_id, 2).await;
    buyer.put_in_cart(&tea_variant, 1).await;
    let checkout = buyer.check_out(1_020_000).await.expect(201);
    let attempt = buyer.start_attempt(&checkout, "bank_transfer").await;
    world.sepay(1, attempt["reference"].as_str().expect("a reference"), 1_020_000).await.expect(200);
    world.run_jobs().await;

    let official = world.official(OFFICIAL_COMMUNE, Territory::Communes(vec!["00769".to_owned()])).await;
    for group_by in ["day", "commune", "former_district", "product_set", "producer"] {
        let path = format!("/v1/official/sales?group_by={group_by}");
        let seen = official.get(&path).await.expect(200);
        assert_eq!(seen["total"]["value_vnd"], 900_000, "{group_by}: {seen}");
        assert_eq!(seen["total"]["orders"], 1, "{group_by}: {seen}");
        assert_eq!(seen["rows"].as_array().map(Vec::len), Some(1), "{group_by}: {seen}");
        for foreign in ["00721", "Đồng Văn", tea_maker.id.as_str(), "120000"] {
            assert!(!seen.to_string().contains(foreign), "{group_by} tells {foreign}: {seen}");
        }
        for filter in
            [format!("producer_id={}", tea_maker.id), "product_set=7".to_owned(), "commune_code=00721".to_owned()]
        {
            let reply = official.get(&format!("{path}&{filter}")).await;
            assert!(matches!(reply.status, 200 | 404 | 422), "{filter}: {}", reply.text);
            assert!(
                reply.status != 200 || reply.json["total"]["value_vnd"] == 0,
                "{group_by}, {filter}: {}",
                reply.text
            );
        }
    }
    operator.get("/v1/official/sales").await.refused(401, "unauthenticated");
    world.finish().await;
}

#[actix_web::test]
async fn the_database_itself_shows_nothing_without_a_context() {
    let scene = Scene::new().await;
    let mut owner = scene.world.database.owner();
    let guarded = texts(
        &mut owner,
        "select distinct c.relname from pg_class c join pg_policy p on p.polrelid = c.oid where c.relkind in ('r', 'p') order by 1",
    );
    let open = texts(
        &mut owner,
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition and not c.relrowsecurity order by 1",
    );
    let reference = [
        "__diesel_schema_migrations",
        "catalogue_version",
        "commune_borders",
        "commune_successions",
        "communes",
        "former_communes",
        "former_districts",
        "offers",
        "product_sets",
        "provinces",
    ];
    assert_eq!(open, reference, "tables without row-level security are those that are nobody's or public");
    let mut app =
        diesel::PgConnection::establish(&scene.world.database.app_url).expect("a connection as the application");
    let mut seen = Vec::new();
    for table in &guarded {
        let rows = texts(&mut app, &format!("select count(*) from {table}"));
        if rows != ["0"] {
            seen.push(format!("{table}: {rows:?}"));
        }
    }
    assert!(guarded.len() > 20, "{guarded:?}");
    assert!(seen.is_empty(), "seen without a context: {seen:#?}");
    let partitions = texts(&mut owner, "select relname from pg_class where relispartition and relkind = 'r'");
    for partition in partitions {
        let count = app.batch_execute(&format!("select count(*) from {partition}"));
        assert!(count.is_err(), "the application reads {partition} past the policy of its parent");
    }
    scene.world.finish().await;
}

#[actix_web::test]
async fn the_application_owns_nothing_and_cannot_rewrite_what_is_evidence() {
    let world = World::start().await;
    let mut owner = world.database.owner();
    let owned = texts(
        &mut owner,
        "select c.relname from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = 'ocop_app'
         union all select p.proname from pg_proc p join pg_roles r on r.oid = p.proowner where r.rolname = 'ocop_app'
         union all select n.nspname from pg_namespace n join pg_roles r on r.oid = n.nspowner where r.rolname = 'ocop_app'
         union all select 'the role itself' from pg_roles where rolname = 'ocop_app' and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)
         union all select 'may create in public' where has_schema_privilege('ocop_app', 'public', 'create')",
    );
    assert!(owned.is_empty(), "{owned:?}");
    let mut app = diesel::PgConnection::establish(&world.database.app_url).expect("a connection as the application");
    for table in [
        "audit_events",
        "claim_events",
        "deliveries",
        "order_events",
        "order_refunds",
        "outgoing_events",
        "money_decision_postings",
        "payment_credits",
        "settlement_files",
        "settlement_lines",
        "settlement_mappings",
        "shipment_events",
        "stock_movements",
        "tax_declarations",
        "webhook_attempts",
    ] {
        for sql in [
            format!("delete from {table}"),
            format!("truncate {table}"),
            format!("truncate {table} cascade"),
            format!("update {table} set id = id"),
            format!("drop table {table}"),
            format!("alter table {table} disable row level security"),
            format!("alter table {table} disable trigger all"),
        ] {
            let refused = app.batch_execute(&format!("select set_config('app.role', 'system', false); {sql}"));
            let why = refused.expect_err(&sql).to_string();
            assert!(why.contains("permission denied") || why.contains("must be owner"), "{sql}: {why}");
        }
    }
    world.finish().await;
}
