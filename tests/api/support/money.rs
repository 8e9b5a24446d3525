//! A shop with one product, and the messages of payment providers in every shape.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};

use super::people::{ACCOUNT, SEPAY_SECRET, VNPAY_SECRET};
use super::{Client, Producer, Product, Reply, World};

pub const SEPAY: &str = "/v1/callbacks/sepay";
pub const VNPAY: &str = "/v1/callbacks/vnpay/ipn";
pub const VNPAY_RETURN: &str = "/v1/public/payment-returns/vnpay";
/// What [`World::state`] says of a purchase that waits, and of one that is paid.
pub const WAITING: &str = "awaiting_payment awaiting_payment pending pending";
pub const PAID: &str = "paid paid captured captured";
/// Nobody was ever given this reference.
pub const NOBODY: &str = "HG0000004";
/// Answers in VNPAY's words.
pub const CONFIRMED: &str = r#"{"RspCode":"00","Message":"Confirm Success"}"#;
pub const ALREADY: &str = r#"{"RspCode":"02","Message":"Order already confirmed"}"#;
pub const WRONG_AMOUNT: &str = r#"{"RspCode":"04","Message":"invalid amount"}"#;
pub const NOT_FOUND: &str = r#"{"RspCode":"01","Message":"Order not found"}"#;

/// An operator, a household and one product of it.
pub struct Shop {
    pub operator: Client,
    pub producer: Producer,
    pub product: Product,
}

/// A checkout that waits, with the reference of its attempt.
pub struct Due {
    pub checkout: Value,
    pub attempt: Value,
    pub reference: String,
    pub total: i64,
}

impl Due {
    pub fn id(&self) -> &str {
        self.checkout["id"].as_str().expect("an id")
    }

    pub fn order_id(&self) -> &str {
        self.checkout["orders"][0]["id"].as_str().expect("an id")
    }
}

/// A notice of SePay as a fresh transfer into our account.
pub fn transfer(id: i64, content: &str, amount: i64) -> Value {
    json!({"id": id, "gateway": "Vietcombank", "transactionDate": "2026-11-24 10:00:00", "accountNumber": ACCOUNT,
           "code": null, "content": content, "transferType": "in", "transferAmount": amount, "accumulated": 19_077_000,
           "subAccount": null, "referenceCode": format!("FT{id}"), "description": ""})
}

/// The query of VNPAY's notice, signed.
pub fn vnpay_query(reference: &str, amount: i64, (response, status, transaction): (&str, &str, &str)) -> String {
    let query = format!(
        "vnp_Amount={}&vnp_BankCode=NCB&vnp_OrderInfo=Thanh+toan&vnp_PayDate=20261124100000&vnp_ResponseCode={response}\
         &vnp_TmnCode=OCOPHG01&vnp_TransactionNo={transaction}&vnp_TransactionStatus={status}&vnp_TxnRef={reference}",
        amount * 100
    );
    let mut mac = Hmac::<sha2::Sha512>::new_from_slice(VNPAY_SECRET.as_bytes()).expect("a key");
    mac.update(query.as_bytes());
    format!("{query}&vnp_SecureHash={}", hex::encode(mac.finalize().into_bytes()))
}

impl World {
    pub async fn shop(&self, price: i64, stock: i64) -> Shop {
        let operator = self.operator().await;
        let producer = self.producer(&operator, "0911111111", "Hộ nuôi ong Mèo Vạc", "00769").await;
        let product = self.product(&operator, &producer, "Mật ong bạc hà", (price, stock)).await;
        Shop { operator, producer, product }
    }

    /// A checkout of so many units with an attempt to pay it.
    pub async fn due(&self, buyer: &Client, product: &Product, quantity: i64, provider: &str) -> Due {
        buyer.put_in_cart(&product.variant_id, quantity).await;
        let total = product.price_vnd * quantity;
        let checkout = buyer.check_out(total).await.expect(201);
        let attempt = buyer.start_attempt(&checkout, provider).await;
        let reference = attempt["reference"].as_str().expect("a reference").to_owned();
        Due { checkout, attempt, reference, total }
    }

    /// A body to SePay's address, signed with this secret now.
    pub async fn sepay_signed(&self, body: &Value, secret: &str) -> Reply {
        let (body, timestamp) = (body.to_string(), self.app.db.clock.now().timestamp().to_string());
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
        mac.update(format!("{timestamp}.{body}").as_bytes());
        let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        let headers = [
            ("content-type", "application/json"),
            ("x-sepay-timestamp", timestamp.as_str()),
            ("x-sepay-signature", signature.as_str()),
        ];
        self.visitor().send(Method::POST, SEPAY, &headers, Some(body)).await
    }

    pub async fn sepay_notice(&self, body: &Value) -> Reply {
        self.sepay_signed(body, SEPAY_SECRET).await
    }

    /// One text from the database, asked as its owner.
    pub fn text(&self, sql: &str) -> String {
        self.database.text(sql)
    }

    /// Checkout, order, payment and attempt of a purchase, as the database has them.
    pub fn state(&self, due: &Due) -> String {
        self.text(&format!(
            "select concat_ws(' ', c.status, o.status, p.status, a.status) from checkouts c \
             join orders o on o.checkout_id = c.id join payments p on p.checkout_id = c.id \
             join payment_attempts a on a.payment_id = p.id \
             where c.id = '{}' and a.id = '{}'",
            due.id(),
            due.attempt["id"].as_str().expect("an id")
        ))
    }

    /// The review queue, as `kind amount` in the order of arrival.
    pub fn reviews(&self) -> Vec<String> {
        let text = self.text(
            "select string_agg(kind || ' ' || amount_vnd, ',' order by id) from payment_reviews where status = 'open'",
        );
        text.split(',').filter(|entry| !entry.is_empty()).map(str::to_owned).collect()
    }

    /// On hand and reserved.
    pub fn stock(&self, product: &Product) -> (i64, i64) {
        let of = |column: &str| {
            self.count(&format!("select {column} from stock_levels where variant_id = '{}'", product.variant_id))
        };
        (of("on_hand"), of("reserved"))
    }
}
