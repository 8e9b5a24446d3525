//! payOS, MoMo, ZaloPay and VNPAY on a free port, as they describe their own interfaces.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use std::collections::{BTreeMap, VecDeque};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::{Bytes, Data, Json, Path};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

use super::World;
use super::payer_refunds::{self, Meets as RefundMeets, Refund};
use super::people::{ACCOUNT, VNPAY_SECRET};

pub const PAYOS: &str = "/v1/callbacks/payos";
pub const MOMO: &str = "/v1/callbacks/momo/ipn";
pub const ZALOPAY: &str = "/v1/callbacks/zalopay";
pub const VIETQR_VN: &str = "/v1/callbacks/vietqr-vn/bank/api/transaction-sync";
pub const VIETQR_VN_TOKEN: &str = "/v1/callbacks/vietqr-vn/api/token_generate";
pub const RETURN: &str = "/v1/public/payment-returns/done";

/// Those of the recorded messages.
pub const PAYOS_KEY: &str = "1a54716c8f0efb2744fb28b6e38b25da7f67a925d98bc1c18bd8faaecadd7675";
pub const MOMO_ACCESS: &str = "F8BBA842ECF85";
pub const MOMO_SECRET: &str = "K951B6PE1waDMi640xX08PD3vg6EkVlz";
pub const ZALOPAY_KEY1: &str = "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL";
pub const ZALOPAY_KEY2: &str = "kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz";
pub const VIETQR_VN_BASIC: &str = "Basic Y3VzdG9tZXItb2NvcGhnOnMzY3JldA==";
pub const VIETQR_VN_ACCOUNT: &str = "8206205123456";

/// Settings under which every provider is on; nobody answers.
pub const SETTINGS: &[(&str, &str)] = &[
    ("PAYOS_CLIENT_ID", "test-client"),
    ("PAYOS_API_KEY", "test-api-key"),
    ("PAYOS_CHECKSUM_KEY", PAYOS_KEY),
    ("PAYOS_BASE_URL", "http://127.0.0.1:9"),
    ("MOMO_PARTNER_CODE", "MOMO"),
    ("MOMO_ACCESS_KEY", MOMO_ACCESS),
    ("MOMO_SECRET_KEY", MOMO_SECRET),
    ("MOMO_BASE_URL", "http://127.0.0.1:9"),
    ("ZALOPAY_APP_ID", "2553"),
    ("ZALOPAY_KEY1", ZALOPAY_KEY1),
    ("ZALOPAY_KEY2", ZALOPAY_KEY2),
    ("ZALOPAY_BASE_URL", "http://127.0.0.1:9"),
    ("VIETQRVN_USERNAME", "customer-ocophg"),
    ("VIETQRVN_PASSWORD", "s3cret"),
    ("VIETQRVN_BANK_BIN", "970405"),
    ("VIETQRVN_ACCOUNT", VIETQR_VN_ACCOUNT),
    ("VIETQRVN_ACCOUNT_NAME", "SAN OCOP (THU NGHIEM)"),
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    Waiting,
    /// With the provider's number of it.
    Paid(i64),
    Failed,
}

/// An order as a provider has it.
#[derive(Debug, Clone)]
pub struct Order {
    pub amount: i64,
    pub fate: Fate,
    /// Transfers beside that of the fate; payOS only.
    pub parts: Vec<(String, i64)>,
}

/// An order at SePay.
#[derive(Debug, Clone)]
pub struct OwnAccount {
    pub reference: String,
    /// As SePay has it: `Pending`, `Paid` or `Cancelled`.
    pub status: &'static str,
}

#[derive(Default)]
pub struct Desk {
    pub orders: BTreeMap<String, Order>,
    /// What was asked, by its path.
    pub asked: Vec<String>,
    /// Opens the next order, but its answer is lost on the way.
    pub loses_next_answer: bool,
    pub refuses: bool,
    /// Answers nothing that can be read.
    pub is_down: bool,
    /// What SePay lists, and the queries by which it was asked for that.
    pub transfers: Vec<Value>,
    pub lists: Vec<String>,
    /// Orders at SePay, each with an account number, by its own numbers.
    pub accounts: BTreeMap<String, OwnAccount>,
    /// They belong to another account than ours.
    pub account_of_orders: Option<&'static str>,
    /// SePay wants to be left alone for so many seconds.
    pub retry_after_s: Option<u32>,
    /// Somebody pays an order at the moment at which it is called off, with this number.
    pub pays_when_called_off: Option<i64>,
    /// How long an order takes to be opened, or a refund to be done.
    pub takes: Duration,
    /// By their names, in the order of those.
    pub refunds: BTreeMap<String, Refund>,
    /// What was sent, by its name, as often as it was.
    pub refund_sends: Vec<String>,
    /// What becomes of the next refunds; of those beyond: they are done.
    pub next_refunds: VecDeque<RefundMeets>,
}

impl Desk {
    /// How often something was asked, by the end of its path.
    pub fn asked_for(&self, end: &str) -> usize {
        self.asked.iter().filter(|path| path.ends_with(end)).count()
    }
}

pub struct FakePayers {
    pub url: String,
    desk: Arc<Mutex<Desk>>,
    server: ServerHandle,
}

type Shared = Data<Mutex<Desk>>;

pub fn sha256(key: &str, text: &str) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).expect("a key");
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

pub fn sha512(text: &str) -> String {
    let mut mac = Hmac::<sha2::Sha512>::new_from_slice(VNPAY_SECRET.as_bytes()).expect("a key");
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// What a new order meets.
enum Meets {
    Known,
    Lost,
    Refusal,
    Opened,
}

async fn meets(desk: &Shared, path: &str, reference: &str, amount: i64) -> Meets {
    let takes = desk.lock().expect("the desk").takes;
    if !takes.is_zero() {
        actix_web::rt::time::sleep(takes).await;
    }
    let mut desk = desk.lock().expect("the desk");
    desk.asked.push(path.to_owned());
    if desk.is_down {
        return Meets::Lost;
    }
    if desk.refuses {
        return Meets::Refusal;
    }
    if desk.orders.contains_key(reference) {
        return Meets::Known;
    }
    desk.orders.insert(reference.to_owned(), Order { amount, fate: Fate::Waiting, parts: Vec::new() });
    if std::mem::take(&mut desk.loses_next_answer) { Meets::Lost } else { Meets::Opened }
}

/// The order that is asked for; nothing when the provider is down.
fn asked(desk: &Shared, path: &str, reference: &str) -> Option<Option<Order>> {
    let mut desk = desk.lock().expect("the desk");
    desk.asked.push(path.to_owned());
    (!desk.is_down).then(|| desk.orders.get(reference).cloned())
}

fn lost() -> HttpResponse {
    HttpResponse::BadGateway().body("<html>")
}

pub fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

async fn momo_create(desk: Shared, body: Json<Value>) -> HttpResponse {
    let names = [
        "amount",
        "extraData",
        "ipnUrl",
        "orderId",
        "orderInfo",
        "partnerCode",
        "redirectUrl",
        "requestId",
        "requestType",
    ];
    let pairs: Vec<String> = names.iter().map(|name| format!("{name}={}", word(&body[*name]))).collect();
    let signature = sha256(MOMO_SECRET, &format!("accessKey={MOMO_ACCESS}&{}", pairs.join("&")));
    assert_eq!(body["signature"], signature, "{body:?}");
    let reference = word(&body["orderId"]);
    let code = match meets(&desk, "momo/create", &reference, body["amount"].as_i64().expect("an amount")).await {
        Meets::Lost => return lost(),
        Meets::Known => 41,
        Meets::Refusal => 13,
        Meets::Opened => 0,
    };
    HttpResponse::Ok().json(
        json!({"partnerCode": "MOMO", "orderId": reference, "requestId": body["requestId"], "amount": body["amount"],
        "resultCode": code, "message": "…", "payUrl": format!("https://pay.example.vn/momo/{reference}")}),
    )
}

async fn momo_query(desk: Shared, body: Json<Value>) -> HttpResponse {
    let reference = word(&body["orderId"]);
    let Some(order) = asked(&desk, "momo/query", &reference) else { return lost() };
    let (code, transaction) = match order.as_ref().map(|order| &order.fate) {
        None => (42, 0),
        Some(Fate::Waiting) => (1000, 0),
        Some(Fate::Failed) => (1006, 0),
        Some(Fate::Paid(number)) => (0, *number),
    };
    HttpResponse::Ok().json(
        json!({"partnerCode": "MOMO", "orderId": reference, "requestId": body["requestId"], "extraData": "",
        "amount": order.map_or(0, |order| order.amount), "transId": transaction, "payType": "qr", "resultCode": code,
        "refundTrans": desk.lock().expect("the desk").momo_refunds(&reference), "message": "…", "responseTime": 1_795_428_983_000_i64}),
    )
}

async fn zalopay_create(desk: Shared, body: Json<Value>) -> HttpResponse {
    let names = ["app_id", "app_trans_id", "app_user", "amount", "app_time", "embed_data", "item"];
    let values: Vec<String> = names.iter().map(|name| word(&body[*name])).collect();
    assert_eq!(body["mac"], sha256(ZALOPAY_KEY1, &values.join("|")), "{body:?}");
    let reference = word(&body["app_trans_id"]);
    let (code, sub) =
        match meets(&desk, "zalopay/create", &reference, body["amount"].as_i64().expect("an amount")).await {
            Meets::Lost => return lost(),
            Meets::Known => (2, -68),
            Meets::Refusal => (2, -402),
            Meets::Opened => (1, 1),
        };
    let url = format!("https://pay.example.vn/zalopay/{reference}");
    HttpResponse::Ok()
        .json(json!({"return_code": code, "sub_return_code": sub, "return_message": "…", "order_url": url}))
}

async fn zalopay_query(desk: Shared, body: Json<Value>) -> HttpResponse {
    let reference = word(&body["app_trans_id"]);
    assert_eq!(body["mac"], sha256(ZALOPAY_KEY1, &format!("2553|{reference}|{ZALOPAY_KEY1}")));
    let Some(order) = asked(&desk, "zalopay/query", &reference) else { return lost() };
    let answer = match order.as_ref().map(|order| &order.fate) {
        None => json!({"return_code": 2, "sub_return_code": -101}),
        Some(Fate::Waiting) => json!({"return_code": 3, "is_processing": true}),
        Some(Fate::Failed) => json!({"return_code": 2, "sub_return_code": -54, "amount": 0}),
        Some(Fate::Paid(number)) => json!({"return_code": 1, "sub_return_code": 1, "zp_trans_id": number,
            "amount": order.map_or(0, |order| order.amount)}),
    };
    HttpResponse::Ok().json(answer)
}

/// payOS's signature over flat data and lists of flat objects.
pub fn payos_signature(data: &Value) -> String {
    let sorted: BTreeMap<&String, &Value> = data.as_object().expect("an object").iter().collect();
    let shown = |value: &Value| if value.is_null() { String::new() } else { word(value) };
    let pairs: Vec<String> = sorted.into_iter().map(|(name, value)| format!("{name}={}", shown(value))).collect();
    sha256(PAYOS_KEY, &pairs.join("&"))
}

fn payos_answer(data: Value) -> HttpResponse {
    let signature = payos_signature(&data);
    HttpResponse::Ok().json(json!({"code": "00", "desc": "success", "data": data, "signature": signature}))
}

pub fn payos_link(reference: &str) -> String {
    format!("link{reference}")
}

async fn payos_create(desk: Shared, body: Json<Value>) -> HttpResponse {
    let names = ["amount", "cancelUrl", "description", "orderCode", "returnUrl"];
    let pairs: Vec<String> = names.iter().map(|name| format!("{name}={}", word(&body[*name]))).collect();
    assert_eq!(body["signature"], sha256(PAYOS_KEY, &pairs.join("&")), "{body:?}");
    let reference = word(&body["orderCode"]);
    match meets(&desk, "payos/create", &reference, body["amount"].as_i64().expect("an amount")).await {
        Meets::Lost => lost(),
        Meets::Known => {
            HttpResponse::Ok().json(json!({"code": "231", "desc": "Đơn thanh toán đã tồn tại", "data": null}))
        }
        Meets::Refusal => HttpResponse::Ok().json(json!({"code": "20", "desc": "Sai dữ liệu", "data": null})),
        Meets::Opened => payos_answer(
            json!({"orderCode": body["orderCode"], "amount": body["amount"], "currency": "VND", "status": "PENDING",
            "paymentLinkId": payos_link(&reference), "checkoutUrl": format!("https://pay.example.vn/payos/{reference}")}),
        ),
    }
}

async fn payos_query(desk: Shared, reference: Path<String>) -> HttpResponse {
    match asked(&desk, "payos/query", &reference) {
        Some(_) => payos_shown(&desk, &reference),
        None => lost(),
    }
}

fn payos_shown(desk: &Shared, reference: &str) -> HttpResponse {
    let Some(order) = desk.lock().expect("the desk").orders.get(reference).cloned() else {
        return HttpResponse::Ok().json(json!({"code": "101", "desc": "Không tìm thấy", "data": null}));
    };
    let mut parts = order.parts.clone();
    let status = match order.fate {
        Fate::Waiting if parts.is_empty() => "PENDING",
        Fate::Waiting => "UNDERPAID",
        Fate::Failed => "CANCELLED",
        Fate::Paid(number) => {
            parts.push((format!("FT{number}"), order.amount));
            "PAID"
        }
    };
    // Names in the order in which they are signed.
    let transfers: Vec<Value> =
        parts.iter().map(|(number, amount)| json!({"amount": amount, "reference": number})).collect();
    let code: i64 = reference.parse().expect("a number");
    payos_answer(
        json!({"id": payos_link(reference), "orderCode": code, "amount": order.amount, "status": status, "transactions": transfers}),
    )
}

/// What has ended is not called off.
async fn payos_cancel(desk: Shared, reference: Path<String>, body: Json<Value>) -> HttpResponse {
    assert!(body["cancellationReason"].is_string(), "{body:?}");
    {
        let mut desk = desk.lock().expect("the desk");
        let paid = desk.pays_when_called_off.take();
        if let Some(order) = desk.orders.get_mut(reference.as_str()).filter(|order| order.fate == Fate::Waiting) {
            order.fate = paid.map_or(Fate::Failed, Fate::Paid);
        }
    }
    let Some(order) = asked(&desk, "payos/cancel", &reference) else { return lost() };
    match order.map(|order| order.fate) {
        Some(Fate::Failed) => payos_shown(&desk, &reference),
        _ => HttpResponse::Ok().json(json!({"code": "20", "desc": "…", "data": null})),
    }
}

async fn sepay_list(desk: Shared, request: HttpRequest) -> HttpResponse {
    let mut desk = desk.lock().expect("the desk");
    desk.lists.push(request.query_string().to_owned());
    if desk.is_down {
        return lost();
    }
    match desk.retry_after_s.take() {
        Some(seconds) => {
            HttpResponse::TooManyRequests().insert_header(("retry-after", seconds.to_string())).json(json!({}))
        }
        None => HttpResponse::Ok().json(json!({"status": "success", "data": desk.transfers})),
    }
}

/// A name is taken once.
async fn sepay_open(desk: Shared, request: HttpRequest, body: Json<Value>) -> HttpResponse {
    assert_eq!(request.headers().get("authorization").expect("a token"), "Bearer token");
    let (reference, amount) = (word(&body["order_code"]), body["amount"].as_i64().expect("an amount"));
    assert!((1..=900).contains(&body["duration"].as_i64().expect("a time")), "{body:?}");
    let loses = match meets(&desk, "sepay/create", &reference, amount).await {
        Meets::Known | Meets::Refusal => {
            return HttpResponse::UnprocessableEntity()
                .json(json!({"status": "error", "error_code": "order_code_exists"}));
        }
        Meets::Lost if !desk.lock().expect("the desk").orders.contains_key(&reference) => return lost(),
        Meets::Lost => true,
        Meets::Opened => false,
    };
    let mut desk = desk.lock().expect("the desk");
    let (id, number) = (format!("order-{}", desk.accounts.len() + 1), format!("963NQD{reference}"));
    let order = json!({"id": id, "order_code": reference, "va_number": number, "va_holder_name": "SAN OCOP",
                       "amount": amount, "status": "Pending", "account_number": desk.account_of_orders.unwrap_or(ACCOUNT)});
    desk.accounts.insert(id, OwnAccount { reference, status: "Pending" });
    if loses { lost() } else { HttpResponse::Created().json(json!({"status": "success", "data": order})) }
}

async fn sepay_show(desk: Shared, path: Path<(String, String)>) -> HttpResponse {
    let mut desk = desk.lock().expect("the desk");
    desk.asked.push("sepay/query".to_owned());
    if desk.is_down {
        return lost();
    }
    match desk.accounts.get(&path.1) {
        Some(account) => HttpResponse::Ok()
            .json(json!({"status": "success", "data": {"id": path.1, "order_code": account.reference, "status": account.status}})),
        None => HttpResponse::NotFound().json(json!({"status": "error", "error_code": "not_found"})),
    }
}

async fn sepay_call_off(desk: Shared, path: Path<(String, String)>) -> HttpResponse {
    let mut desk = desk.lock().expect("the desk");
    desk.asked.push("sepay/cancel".to_owned());
    if desk.is_down {
        return lost();
    }
    match desk.accounts.get_mut(&path.1) {
        Some(account) if account.status == "Pending" => {
            account.status = "Cancelled";
            HttpResponse::NoContent().finish()
        }
        Some(_) => HttpResponse::UnprocessableEntity().json(json!({"status": "error", "error_code": "invalid_state"})),
        None => HttpResponse::NotFound().json(json!({"status": "error", "error_code": "not_found"})),
    }
}

async fn vnpay(desk: Shared, body: Bytes) -> HttpResponse {
    match payer_refunds::is_refund(&body) {
        Some(refund) => payer_refunds::vnpay(desk, Json(refund)).await,
        None => vnpay_query(desk, Json(serde_json::from_slice(&body).expect("JSON"))).await,
    }
}

async fn vnpay_query(desk: Shared, body: Json<Value>) -> HttpResponse {
    let reference = word(&body["vnp_TxnRef"]);
    let Some(order) = asked(&desk, "vnpay/query", &reference) else { return lost() };
    let (code, status, transaction) = match order.as_ref().map(|order| &order.fate) {
        None => ("91", "", 0),
        Some(Fate::Waiting) => ("00", "01", 0),
        Some(Fate::Failed) => ("00", "02", 0),
        Some(Fate::Paid(number)) => {
            ("00", desk.lock().expect("the desk").vnpay_status(&reference).unwrap_or("00"), *number)
        }
    };
    let (amount, transaction) = (order.map_or(0, |order| order.amount) * 100, transaction.to_string());
    let signed = format!("r1|querydr|{code}|…|OCOPHG01|{reference}|{amount}|NCB||{transaction}|01|{status}|||");
    HttpResponse::Ok().json(json!({"vnp_ResponseId": "r1", "vnp_Command": "querydr", "vnp_ResponseCode": code, "vnp_Message": "…",
        "vnp_TmnCode": "OCOPHG01", "vnp_TxnRef": reference, "vnp_Amount": amount.to_string(), "vnp_BankCode": "NCB",
        "vnp_TransactionNo": transaction, "vnp_TransactionType": "01", "vnp_TransactionStatus": status, "vnp_SecureHash": sha512(&signed)}))
}

impl FakePayers {
    pub fn start() -> FakePayers {
        let desk: Shared = Data::new(Mutex::new(Desk::default()));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = desk.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .route("/v2/gateway/api/create", web::post().to(momo_create))
                .route("/v2/gateway/api/query", web::post().to(momo_query))
                .route("/v2/create", web::post().to(zalopay_create))
                .route("/v2/query", web::post().to(zalopay_query))
                .route("/v2/payment-requests", web::post().to(payos_create))
                .route("/v2/payment-requests/{id}", web::get().to(payos_query))
                .route("/v2/payment-requests/{id}/cancel", web::post().to(payos_cancel))
                .route("/transactions", web::get().to(sepay_list))
                .route("/bank-accounts/{account}/orders", web::post().to(sepay_open))
                .route("/bank-accounts/{account}/orders/{id}", web::get().to(sepay_show))
                .route("/bank-accounts/{account}/orders/{id}", web::delete().to(sepay_call_off))
                .route("/vnpay", web::post().to(vnpay))
                .route("/v2/gateway/api/refund", web::post().to(payer_refunds::momo))
                .route("/v2/refund", web::post().to(payer_refunds::zalopay))
                .route("/v2/query_refund", web::post().to(payer_refunds::zalopay_query))
        })
        .workers(1)
        .listen(listener)
        .expect("the providers")
        .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        FakePayers { url, desk: desk.into_inner(), server: handle }
    }

    /// Under these settings providers are these.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let of = |name| (name, self.url.clone());
        vec![
            of("PAYOS_BASE_URL"),
            of("MOMO_BASE_URL"),
            of("ZALOPAY_BASE_URL"),
            ("VNPAY_API_URL", format!("{}/vnpay", self.url)),
        ]
    }

    /// A world whose providers are these.
    pub async fn world(&self) -> World {
        self.world_with(&[]).await
    }

    pub async fn world_with(&self, more: &[(&str, &str)]) -> World {
        let own = self.settings();
        let mut settings: Vec<(&str, &str)> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
        settings.extend(more);
        World::with(&settings).await
    }

    pub fn desk<T>(&self, look: impl FnOnce(&mut Desk) -> T) -> T {
        look(&mut self.desk.lock().expect("the desk"))
    }

    /// What became of an order; VNPAY, which opens none before, hears of it now.
    pub fn set(&self, reference: &str, amount: i64, fate: Fate) {
        let order = Order { amount, fate, parts: Vec::new() };
        self.desk(|desk| desk.orders.insert(reference.to_owned(), order));
    }

    pub async fn stop(self) {
        self.server.stop(false).await;
    }
}
