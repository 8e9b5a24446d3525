//! A world in which every kind of row exists once. A slice adds its rows here.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use ocop_market::kernel::Actor;
use ocop_market::kernel::{AccountId, ProducerId};
use ocop_market::notifications::{self, News, Notice, Recipient};
use ocop_market::shipping;
use ocop_market::webhooks::{self, Event, EventType};
use serde_json::{Value, json};

use super::table::Names;
use super::{BUYER_A, HELPER, OFFICIAL_COMMUNE, OFFICIAL_PROVINCE, PRODUCER_A, PRODUCER_B, SPARE};
use crate::support::{Client, Producer, Product, World, new_voucher};

/// A world with one row of every kind, and which ids they have.
pub struct Scene {
    pub world: World,
    pub ids: BTreeMap<Names, String>,
}

impl Scene {
    pub async fn new() -> Scene {
        let world = World::start().await;
        let operator = world.operator().await;
        let producer = world.producer(&operator, PRODUCER_A, "Hộ nuôi ong Mèo Vạc", "00769").await;
        let other = world.producer(&operator, PRODUCER_B, "HTX chè Đồng Văn", "00721").await;
        let honey = world.product(&operator, &producer, "Mật ong bạc hà", (450_000, 20)).await;
        let tea = world.product(&operator, &other, "Chè Shan tuyết", (120_000, 10)).await;
        let buyer = world.buyer(BUYER_A).await;
        let (paid, open, open_attempt) = purchases(&world, &buyer, &honey).await;
        let grant = grants(&world, &operator).await;
        // Before there is a stall, where goods would be fetched for nothing.
        let after = after_the_sale(&world, (&buyer, &producer, &honey), &text(&paid["orders"][0]["id"])).await;
        let out = money_out(&world, (&operator, &producer, &honey), &buyer).await;
        let point = json!({"name": "Chợ", "place": {"commune_code": "00769"}, "address": "Tổ 2", "opening": "7–17 giờ",
            "keeps_cold": false});
        let stall = producer.client.post("/v1/producer/pickup-points", point.clone()).await.expect(201);
        let hub = operator.post("/v1/operator/pickup-points", point).await.expect(201);
        let voucher = producer.client.post("/v1/producer/vouchers", new_voucher("percent")).await.expect(201);
        let lots = format!("/v1/producer/products/{}/lots", honey.id);
        let lot = json!({"code": "MO-1", "harvested_on": "2026-11-20"});
        let lot = producer.client.post(&lots, lot).await.expect(201);
        let new = crate::shipments::new_shipment(&world, paid["orders"][0]["id"].as_str().expect("an id"), "own").await;
        let shipment =
            world.app.db.write(&Actor::PLATFORM, move |tx| shipping::open(tx, &new)).await.expect("a parcel");
        let run = producer.client.post("/v1/producer/collection-runs", super::table::run()).await.expect(201);
        let rice = world.product(&operator, &producer, "Gạo nếp nương", (40_000, 0)).await;
        let harvests = format!("/v1/producer/variants/{}/harvests", rice.variant_id);
        let harvest = producer.client.post(&harvests, super::table::harvest()).await.expect(201);
        let endpoints = endpoints(&producer.client, &operator).await;
        emit(&world, &producer.id).await;
        let reconciled = reconciled(&world, &operator).await;
        let ids = [
            (Names::PublicProduct, tea.id),
            (Names::PublicVariant, tea.variant_id),
            (Names::PublicProducer, other.id),
            (Names::Commune, "00769".to_owned()),
            (Names::FormerCommune, world.text("select min(code) from former_communes")),
            (Names::Product, honey.id),
            (Names::Variant, honey.variant_id),
            (Names::Order, text(&paid["orders"][0]["id"])),
            (Names::Checkout, text(&open["id"])),
            (Names::Attempt, text(&open_attempt["id"])),
            (Names::Account, world.account(SPARE)),
            (Names::Grant, text(&grant["id"])),
            (Names::Producer, producer.id),
            (Names::Review, world.text("select min(id::text) from payment_reviews")),
            (Names::Shipment, shipment.id.to_string()),
            (Names::Run, text(&run["id"])),
            (Names::PublicRun, text(&run["id"])),
            (Names::Tariff, world.text("select min(id::text) from shipping_tariffs")),
            (Names::Stall, text(&stall["id"])),
            (Names::Hub, text(&hub["id"])),
            (Names::PublicPoint, text(&hub["id"])),
            (Names::Voucher, text(&voucher["id"])),
            (Names::Lot, text(&lot["id"])),
            (Names::Harvest, text(&harvest["id"])),
            (Names::Session, world.session(SPARE, "buyer", TimeDelta::zero()).0),
            (Names::Endpoint, endpoints[0].clone()),
            (Names::Delivery, delivery_to(&world, &endpoints[0])),
            (Names::OperatorEndpoint, endpoints[1].clone()),
            (Names::OperatorDelivery, delivery_to(&world, &endpoints[1])),
        ];
        let mut scene = Scene { world, ids: ids.into_iter().chain(after).chain(out).chain(reconciled).collect() };
        scene.ids.extend(tax_rows(&scene));
        let told = scene.notice_of(SPARE).await;
        scene.ids.insert(Names::Notice, told);
        scene
    }

    /// A notice to somebody, told once.
    pub async fn notice_of(&self, phone: &str) -> String {
        let account = self.world.account(phone);
        let account_id = AccountId(account.parse().expect("an id"));
        let notice = Notice {
            to: Recipient::Account(account_id),
            news: News::OrderCancelled { order_code: "HG-1".to_owned() },
            object_id: account_id.0,
            occasion: "",
        };
        self.world.app.db.job(move |tx| notifications::tell(tx, &notice)).await.expect("told");
        self.world.text(&format!("select id from notices where account_id = '{account}' and object_id = '{account}'"))
    }

    pub fn id(&self, names: Names) -> &str {
        self.ids.get(&names).map_or("", String::as_str)
    }

    pub fn live(&self, phone: &str, audience: &str) -> Client {
        self.world.session(phone, audience, TimeDelta::zero()).1
    }
}

/// A purchase that was paid, twice, and one that waits for payment with an attempt to pay it.
async fn purchases(world: &World, buyer: &Client, honey: &Product) -> (Value, Value, Value) {
    buyer.put_in_cart(&honey.variant_id, 2).await;
    let paid = buyer.check_out(900_000).await.expect(201);
    let attempt = buyer.start_attempt(&paid, "bank_transfer").await;
    let content = attempt["reference"].as_str().expect("a reference").to_owned();
    world.sepay(1, &content, 900_000).await.expect(200);
    world.sepay(2, &content, 900_000).await.expect(200);
    world.run_jobs().await;
    buyer.put_in_cart(&honey.variant_id, 1).await;
    let open = buyer.check_out(450_000).await.expect(201);
    let open_attempt = buyer.start_attempt(&open, "bank_transfer").await;
    (paid, open, open_attempt)
}

/// A right for everybody who is to have one; the last is the one that is looked at.
async fn grants(world: &World, operator: &Client) -> Value {
    for (phone, body) in [
        (HELPER, json!({"phone": HELPER, "role": "helper"})),
        (OFFICIAL_COMMUNE, json!({"phone": OFFICIAL_COMMUNE, "role": "official", "commune_codes": ["00769"]})),
        (OFFICIAL_PROVINCE, json!({"phone": OFFICIAL_PROVINCE, "role": "official", "province_code": "08"})),
    ] {
        operator.post("/v1/operator/role-grants", body).await.expect(201);
        world.account(phone);
    }
    operator.post("/v1/operator/role-grants", json!({"phone": SPARE, "role": "helper"})).await.expect(201)
}

/// What can follow a paid order.
async fn after_the_sale(
    world: &World,
    (buyer, producer, honey): (&Client, &Producer, &Product),
    order_id: &str,
) -> Vec<(Names, String)> {
    let (photo, public_photo) = (world.photo(buyer, 1).await, world.photo(buyer, 2).await);
    let grievance = json!({"kind": "damaged", "text": "Chai mật ong bị vỡ.", "vulnerable_reason": "elderly",
                           "photo_ids": [photo]});
    let complaint = buyer.post(&format!("/v1/buyer/orders/{order_id}/complaints"), grievance).await.expect(201);
    let delivered = world.delivered(buyer, producer, honey, 3).await;
    let opinion = json!({"product_id": honey.id, "stars": 5, "text": "Mật thơm.", "photo_ids": [public_photo]});
    let review = buyer.post(&format!("/v1/buyer/orders/{delivered}/reviews"), opinion).await.expect(201);
    let claimed = world.delivered(buyer, producer, honey, 4).await;
    let demand = json!({"kind": "missing", "text": "Thiếu một chai.", "wish": "refund",
                        "lines": [{"variant_id": honey.variant_id, "quantity": 1}]});
    let claim = buyer.post(&format!("/v1/buyer/orders/{claimed}/claims"), demand).await.expect(201);
    vec![
        (Names::Claim, text(&claim["id"])),
        (Names::Photo, photo),
        (Names::PublicPhoto, public_photo),
        (Names::DeliveredOrder, delivered),
        (Names::ProductReview, text(&review["id"])),
        (Names::Holiday, world.text("select min(id::text) from holidays")),
        (Names::Complaint, text(&complaint["id"])),
    ]
}

/// What is owed back of an order that was cancelled.
async fn refund(world: &World, buyer: &Client, honey: &Product) -> String {
    let due = world.due(buyer, honey, 1, "bank_transfer").await;
    world.sepay(6, &due.reference, due.total).await.expect(200);
    let cancel = format!("/v1/buyer/orders/{}/cancel", due.order_id());
    buyer.post(&cancel, json!({"reason": "Đặt nhầm"})).await.expect(200);
    world.run_jobs().await;
    world.text(&format!("select id from refunds where order_id = '{}'", due.order_id()))
}

/// A producer's account, and a payout that stands in a file.
async fn money_out(
    world: &World,
    (operator, producer, product): (&Client, &Producer, &Product),
    buyer: &Client,
) -> Vec<(Names, String)> {
    let order_id = world.delivered(buyer, producer, product, 5).await;
    buyer.post(&format!("/v1/buyer/orders/{order_id}/confirm-receipt"), json!({})).await.expect(200);
    let account = crate::payouts::ready_account(world, operator, producer).await;
    let run = operator.post("/v1/operator/payout-runs", json!({})).await.expect(201);
    let second = world.second_operator().await;
    second.post(&crate::payouts::approval(&text(&run["id"])), json!({})).await.expect(200);
    let file = second.post("/v1/operator/outgoing-files", json!({})).await.expect(201);
    vec![
        (Names::BankAccount, account),
        (Names::OutgoingBatch, text(&run["id"])),
        (Names::OutgoingFile, text(&file["id"])),
        (Names::OutgoingTransfer, world.text("select id from outgoing_transfers")),
        (Names::Refund, refund(world, buyer, product).await),
    ]
}

/// An event of the producer, for every endpoint that there is.
async fn emit(world: &World, producer_id: &str) {
    let producer_id = ProducerId(producer_id.parse().expect("an id"));
    let event = Event {
        producer_id: Some(producer_id),
        kind: EventType::OrderPaid,
        object_id: producer_id.0,
        occasion: String::new(),
        data: json!({}),
    };
    world.app.db.job(move |tx| webhooks::emit(tx, &event)).await.expect("emitted");
}

fn delivery_to(world: &World, endpoint_id: &str) -> String {
    world.text(&format!("select min(id::text) from webhook_deliveries where endpoint_id = '{endpoint_id}'"))
}

pub fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// A settlement file with an exception, a decision that waits, and a transfer.
async fn reconciled(world: &World, operator: &Client) -> Vec<(Names, String)> {
    let one = crate::reconciliation::one_of_each(world, operator).await;
    vec![
        (Names::SettlementFile, one.file),
        (Names::Exception, one.exception),
        (Names::Decision, one.decision),
        (Names::Transfer, world.text("select min(id::text) from ledger_transfers")),
    ]
}

/// Where the producer's and the operator's events go.
async fn endpoints(producer: &Client, operator: &Client) -> Vec<String> {
    let mut endpoints = Vec::new();
    for (client, base) in [(producer, "/v1/producer"), (operator, "/v1/operator")] {
        let path = format!("{base}/webhook-endpoints");
        let made = client.post(&path, json!({"url": "http://127.0.0.1:9/"})).await.expect(201);
        endpoints.push(text(&made["id"]));
    }
    endpoints
}

/// A closed month, one that was declared and whose payment waits for a second person, and a certificate.
fn tax_rows(scene: &Scene) -> Vec<(Names, String)> {
    let (month, payment, certificate) = (
        "0193a000-0000-7000-8000-000000000001",
        "0193a000-0000-7000-8000-000000000002",
        "0193a000-0000-7000-8000-000000000003",
    );
    let (spare, producer) = (scene.world.account(SPARE), scene.id(Names::Producer));
    scene.world.database.execute(&format!(
        "insert into tax_periods (id, month, status, due_on, opened_at, locked_at) values
             ('{month}', '2026-02-01', 'locked', '2026-03-20', now(), now()),
             ('0193a000-0000-7000-8000-000000000004', '2026-01-01', 'declared', '2026-02-20', now(), now());
         insert into tax_declarations select gen_random_uuid(), id, 0, row_number() over (order by month), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                null, null, now() from tax_periods;
         insert into tax_filings select d.id, '1', '2026-02-20', '{spare}', now() from tax_declarations d where d.seq = 1;
         insert into tax_payments (id, declaration_id, vat_vnd, pit_vnd, reference, paid_on, status, proposed_by, proposed_at)
             select '{payment}', id, 0, 0, 'FT1', '2026-02-20', 'proposed', '{spare}', now() from tax_declarations where seq = 1;
         insert into tax_certificate_numbers values (2026, 1);
         insert into tax_certificates values ('{certificate}', 2026, 1, '{producer}', '2026-01', 1, 'Hộ', null, 'Tổ 2', 0, 0, 0, 0, 0, 0, now())"
    ));
    vec![
        (Names::TaxPeriod, month.to_owned()),
        (Names::TaxPayment, payment.to_owned()),
        (Names::TaxCertificate, certificate.to_owned()),
    ]
}
