//! The people of a test and what they usually do.

use hmac::{Hmac, KeyInit, Mac};
use ocop_market::identity::{self, GrantRole, NewGrant, Password};
use ocop_market::kernel::{Actor, PhoneNumber, Territory};
use serde_json::{Value, json};

use super::{Client, Reply, World};

pub const SEPAY_SECRET: &str = "whsec_ocop_test_0123456789abcdef";
pub const VNPAY_SECRET: &str = "OCOPHAGIANGTESTSECRET00000000001";
/// The operator's bank account in tests.
pub const ACCOUNT: &str = "0123499999";
const STAFF_PASSWORD: &str = "mot mat khau that la dai 2026";

pub struct Producer {
    pub client: Client,
    pub id: String,
}

pub struct Product {
    pub id: String,
    pub variant_id: String,
    pub price_vnd: i64,
}

impl World {
    /// Signs in by one-time code, as the person of this number would.
    pub async fn sign_in(&self, phone: &str, audience: &str) -> Client {
        let password = matches!(audience, "operator" | "official").then_some(STAFF_PASSWORD);
        let visitor = self.visitor();
        let device = format!("device-{phone}-{}", super::new_key());
        // Everybody comes from a network of his own, else the limit of codes per network would count them together.
        let number = phone.trim_start_matches('0').parse::<u32>().unwrap_or(1);
        let address = format!("10.{}.{}.1", (number >> 8) & 255, number & 255);
        let headers = [("content-type", "application/json"), ("x-forwarded-for", address.as_str())];
        let body = json!({"phone": phone, "device_id": device}).to_string();
        let asked = visitor.send(reqwest::Method::POST, "/v1/auth/otp", &headers, Some(body)).await.expect(202);
        let number = PhoneNumber::parse(phone).expect("a phone number");
        let code = self.app.code_sender.last_code(&number).expect("a code was sent");
        let mut proof = json!({"otp_request_id": asked["otp_request_id"], "phone": phone, "code": code,
                               "device_id": device, "audience": audience});
        if let Some(password) = password {
            proof["password"] = json!(password);
        }
        let tokens = visitor.post("/v1/auth/otp/verify", proof).await.expect(200);
        visitor.with_token(tokens["access_token"].as_str().expect("a token"))
    }

    async fn grant(&self, phone: &str, role: GrantRole, territory: Option<Territory>) {
        let hash =
            self.app.passwords.hash(&Password::parse(STAFF_PASSWORD).expect("a password")).await.expect("a hash");
        let phone = PhoneNumber::parse(phone).expect("a phone number");
        let new = NewGrant { phone, role, territory, password_hash: Some(hash) };
        self.app.db.write(&Actor::PLATFORM, move |tx| identity::grant(tx, &new)).await.expect("a grant");
    }

    pub async fn operator(&self) -> Client {
        self.grant("0900000001", GrantRole::Operator, None).await;
        self.sign_in("0900000001", "operator").await
    }

    /// Another operator: what needs two persons needs her as well.
    pub async fn second_operator(&self) -> Client {
        self.grant("0900000002", GrantRole::Operator, None).await;
        self.sign_in("0900000002", "operator").await
    }

    pub async fn third_operator(&self) -> Client {
        self.grant("0900000005", GrantRole::Operator, None).await;
        self.sign_in("0900000005", "operator").await
    }

    pub async fn official(&self, phone: &str, territory: Territory) -> Client {
        self.grant(phone, GrantRole::Official, Some(territory)).await;
        self.sign_in(phone, "official").await
    }

    pub async fn buyer(&self, phone: &str) -> Client {
        self.sign_in(phone, "buyer").await
    }

    /// An approved household in a commune.
    pub async fn producer(&self, operator: &Client, phone: &str, name: &str, commune: &str) -> Producer {
        let client = self.sign_in(phone, "producer").await;
        let registered = client.post("/v1/producer/registration", registration(name, commune)).await.expect(201);
        client.post("/v1/producer/profile/submit", json!({})).await.expect(200);
        let id = registered["id"].as_str().expect("an id").to_owned();
        operator.post(&format!("/v1/operator/producers/{id}/approve"), json!({})).await.expect(200);
        client.put("/v1/producer/own-delivery", brings_it_for_nothing()).await.expect(200);
        Producer { client, id }
    }

    /// A published product with one variant.
    pub async fn product(
        &self,
        operator: &Client,
        producer: &Producer,
        title: &str,
        (price, stock): (i64, i64),
    ) -> Product {
        let made = producer.client.post("/v1/producer/products", new_product(title, price, stock)).await.expect(201);
        let id = made["id"].as_str().expect("an id").to_owned();
        producer.client.post(&format!("/v1/producer/products/{id}/submit"), json!({})).await.expect(200);
        operator.post(&format!("/v1/operator/products/{id}/publish"), json!({})).await.expect(200);
        let variant_id = made["variants"][0]["id"].as_str().expect("a variant").to_owned();
        Product { id, variant_id, price_vnd: price }
    }

    /// An order of one unit that was paid by the SePay notice of this number and delivered; returns its id.
    pub async fn delivered(&self, buyer: &Client, producer: &Producer, product: &Product, notice: i64) -> String {
        let due = self.due(buyer, product, 1, "bank_transfer").await;
        self.sepay(notice, &due.reference, due.total).await.expect(200);
        for step in ["accept", "pack", "hand-over", "deliver"] {
            let path = format!("/v1/producer/orders/{}/{step}", due.order_id());
            producer.client.post(&path, json!({})).await.expect(200);
        }
        due.order_id().to_owned()
    }

    /// A notice of SePay about a transfer to our account, signed.
    pub async fn sepay(&self, id: i64, content: &str, amount: i64) -> Reply {
        let (headers, body) = sepay_notice(self.app.db.clock.now().timestamp(), id, content, amount);
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.visitor().send(reqwest::Method::POST, "/v1/callbacks/sepay", &headers, Some(body)).await
    }

    /// A notice of VNPAY, signed.
    pub async fn vnpay(
        &self,
        reference: &str,
        amount: i64,
        (response, status, transaction): (&str, &str, &str),
    ) -> Reply {
        let query = format!(
            "vnp_Amount={}&vnp_BankCode=NCB&vnp_OrderInfo=Thanh+toan&vnp_PayDate=20261124100000&vnp_ResponseCode={response}\
             &vnp_TmnCode=OCOPHG01&vnp_TransactionNo={transaction}&vnp_TransactionStatus={status}&vnp_TxnRef={reference}",
            amount * 100
        );
        let mut mac = Hmac::<sha2::Sha512>::new_from_slice(VNPAY_SECRET.as_bytes()).expect("a key");
        mac.update(query.as_bytes());
        let hash = hex::encode(mac.finalize().into_bytes());
        self.visitor().get(&format!("/v1/callbacks/vnpay/ipn?{query}&vnp_SecureHash={hash}")).await
    }
}

/// Headers and body of a genuine notice of SePay.
pub fn sepay_notice(timestamp: i64, id: i64, content: &str, amount: i64) -> (Vec<(&'static str, String)>, String) {
    let body = json!({"id": id, "gateway": "Vietcombank", "transactionDate": "2026-11-24 10:00:00",
        "accountNumber": ACCOUNT, "code": null, "content": content, "transferType": "in", "transferAmount": amount,
        "accumulated": 19_077_000, "subAccount": null, "referenceCode": format!("FT{id}"), "description": ""})
    .to_string();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SEPAY_SECRET.as_bytes()).expect("a key");
    mac.update(format!("{timestamp}.{body}").as_bytes());
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("x-sepay-timestamp", timestamp.to_string()),
        ("x-sepay-signature", signature),
    ];
    (headers, body)
}

impl Client {
    pub async fn put_in_cart(&self, variant_id: &str, quantity: i64) -> Value {
        self.put(&format!("/v1/buyer/cart/lines/{variant_id}"), json!({"quantity": quantity})).await.expect(200)
    }

    /// What the cart costs, as a buyer looks at it before buying.
    pub async fn quote(&self, body: Value) -> Reply {
        self.post("/v1/buyer/quotes", body).await
    }

    /// A checkout of the cart as it is shown now. Of a cart that cannot be shown it names a quote that nobody made.
    pub async fn checkout_body(&self, total: i64) -> Value {
        let mut body = checkout(total);
        let quote = self.quote(json!({"commune_code": "00721"})).await;
        if quote.status == 200 {
            body["quote_id"] = quote.json["id"].clone();
            body["contract_sha256"] = quote.json["contract_sha256"].clone();
        }
        body
    }

    pub async fn check_out(&self, total: i64) -> Reply {
        let body = self.checkout_body(total).await;
        self.post("/v1/buyer/checkouts", body).await
    }

    pub async fn start_attempt(&self, checkout: &Value, provider: &str) -> Value {
        let id = checkout["id"].as_str().expect("an id");
        self.post(&format!("/v1/buyer/checkouts/{id}/payment-attempts"), json!({"provider": provider}))
            .await
            .expect(201)
    }
}

pub fn registration(name: &str, commune: &str) -> Value {
    json!({"kind": "household", "name": name, "representative_name": "Vàng Thị Máy",
           "residence": {"commune_code": commune}, "production": {"commune_code": commune}, "address": "Thôn Làng Giang"})
}

pub fn new_product(title: &str, price: i64, stock: i64) -> Value {
    json!({"title": title, "description": "Mật ong hoa bạc hà của cao nguyên đá.", "product_set": 4,
           "origin": {"commune_code": "00769"},
           "variants": [{"label": "Chai 1 lít", "unit": "l", "net_weight_g": 1400, "price_vnd": price, "quantity": stock}]})
}

/// Every zone, whatever it weighs: tests that are not about delivery need not count it.
fn brings_it_for_nothing() -> Value {
    let zones = ["same_commune", "bordering_commune", "same_district", "same_province", "other_province"];
    let zone = |zone| json!({"zone": zone, "fee_vnd": 0, "weight_g_max": 10_000_000, "days_min": 0, "days_max": 3});
    json!({"zones": zones.map(zone)})
}

/// The body of a checkout whose quote nobody made.
pub fn checkout(total: i64) -> Value {
    json!({"expected_total_vnd": total, "quote_id": super::new_key(), "contract_sha256": "0".repeat(64),
           "recipient": {"name": "Nguyễn Thị Hoà", "phone": "0912345678", "commune_code": "00721", "address": "Số 1, tổ 3"}})
}

/// A tenth off or 20,000 đồng off, ten times in all, twice for one buyer.
pub fn new_voucher(kind: &str) -> Value {
    let mut voucher = json!({"kind": kind, "amount_vnd": 20_000, "starts_on": "2026-01-01", "ends_on": "2100-12-31",
        "producer_ids": [], "product_sets": [], "uses_max": 10, "uses_per_buyer_max": 2, "budget_vnd": 1_000_000});
    if kind == "percent" {
        voucher["rate_bp"] = json!(1_000);
    }
    voucher
}
