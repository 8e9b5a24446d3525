//! payOS's channel for paying out on a free port, as payOS describes it.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use actix_web::dev::ServerHandle;
use actix_web::web::{Data, Json, Path};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

use super::World;

const KEY: &str = "2b54716c8f0efb2744fb28b6e38b25da7f67a925d98bc1c18bd8faaecadd7675";

/// What payOS was asked to pay, by the key under which it pays once.
#[derive(Debug, Clone)]
pub struct Paid {
    pub id: String,
    pub reference: String,
    pub amount: i64,
    pub to: String,
    pub state: &'static str,
}

#[derive(Default)]
pub struct Desk {
    pub paid: BTreeMap<String, Paid>,
    /// How often it was asked to pay, and how a transfer stands.
    pub orders: usize,
    pub questions: usize,
    /// What becomes of a new transfer at once; `PROCESSING` unless set.
    pub state: Option<&'static str>,
    /// Pays the next transfer, but the answer is lost on the way.
    pub loses_next_answer: bool,
    /// Answers nothing that can be read, and does nothing.
    pub is_down: bool,
}

pub struct PayoutDesk {
    pub url: String,
    desk: Arc<Mutex<Desk>>,
    server: ServerHandle,
}

type Shared = Data<Mutex<Desk>>;

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn signature(data: &Value) -> String {
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let fields: BTreeMap<&String, &Value> = data.as_object().expect("an object").iter().collect();
    let pairs: Vec<String> =
        fields.into_iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(&shown(value)))).collect();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(KEY.as_bytes()).expect("a key");
    mac.update(pairs.join("&").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

fn answer(paid: &Paid) -> HttpResponse {
    let transfer = json!({"amount": paid.amount, "id": "t1", "referenceId": paid.reference, "state": paid.state});
    let data = json!({"id": paid.id, "referenceId": paid.reference, "transactions": [transfer]});
    let signature = signature(&data);
    HttpResponse::Ok()
        .insert_header(("x-signature", signature))
        .json(json!({"code": "00", "desc": "success", "data": data}))
}

fn lost() -> HttpResponse {
    HttpResponse::BadGateway().body("<html>")
}

async fn create(desk: Shared, request: HttpRequest, body: Json<Value>) -> HttpResponse {
    let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
    assert_eq!(header("x-signature"), signature(&body), "{body:?}");
    let text = |name: &str| body[name].as_str().expect(name).to_owned();
    let mut desk = desk.lock().expect("the desk");
    desk.orders += 1;
    if desk.is_down {
        return lost();
    }
    let (number, state) = (desk.paid.len() + 1, desk.state.unwrap_or("PROCESSING"));
    let new = Paid {
        id: format!("batch_{number}"),
        reference: text("referenceId"),
        amount: body["amount"].as_i64().expect("an amount"),
        to: format!("{} {}", text("toBin"), text("toAccountNumber")),
        state,
    };
    let paid = desk.paid.entry(header("x-idempotency-key")).or_insert(new).clone();
    if std::mem::take(&mut desk.loses_next_answer) { lost() } else { answer(&paid) }
}

async fn find(desk: Shared, id: Path<String>) -> HttpResponse {
    let mut desk = desk.lock().expect("the desk");
    desk.questions += 1;
    if desk.is_down {
        return lost();
    }
    match desk.paid.values().find(|paid| paid.id == *id) {
        Some(paid) => answer(paid),
        None => HttpResponse::Ok().json(json!({"code": "101", "desc": "Không tìm thấy", "data": null})),
    }
}

impl PayoutDesk {
    pub fn start() -> PayoutDesk {
        let desk: Shared = Data::new(Mutex::new(Desk::default()));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = desk.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .route("/v1/payouts/", web::post().to(create))
                .route("/v1/payouts/{id}", web::get().to(find))
        })
        .workers(1)
        .listen(listener)
        .expect("payOS")
        .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        PayoutDesk { url, desk: desk.into_inner(), server: handle }
    }

    /// Settings under which money goes out by this desk.
    pub fn settings(&self) -> Vec<(&str, &str)> {
        vec![
            ("PAYOS_PAYOUT_CLIENT_ID", "payout-client"),
            ("PAYOS_PAYOUT_API_KEY", "payout-api-key"),
            ("PAYOS_PAYOUT_CHECKSUM_KEY", KEY),
            ("PAYOS_PAYOUT_BASE_URL", &self.url),
        ]
    }

    pub async fn world(&self, more: &[(&str, &str)]) -> World {
        let mut settings = self.settings();
        settings.extend(more);
        World::with(&settings).await
    }

    pub fn desk<T>(&self, look: impl FnOnce(&mut Desk) -> T) -> T {
        look(&mut self.desk.lock().expect("the desk"))
    }

    /// What becomes of everything that it was asked to pay.
    pub fn settle(&self, state: &'static str) {
        self.desk(|desk| desk.paid.values_mut().for_each(|paid| paid.state = state));
    }

    /// How many transfers it has, and how often it was asked to make one.
    pub fn effects(&self) -> (usize, usize) {
        self.desk(|desk| (desk.paid.len(), desk.orders))
    }

    pub async fn stop(self) {
        self.server.stop(false).await;
    }
}
