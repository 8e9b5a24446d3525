//! A carrier's interface on a free port, as GHN describes its own.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use actix_web::dev::ServerHandle;
use actix_web::web::{Data, Json};
use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::{Value, json};

#[derive(Default)]
pub struct Desk {
    /// Parcels by our reference: GHN's number, and whether it was called off.
    pub parcels: BTreeMap<String, (String, bool)>,
    pub creates: usize,
    /// What is to be collected, of each parcel as it was booked.
    pub collects: Vec<i64>,
    /// Books the next parcel, but its answer is lost on the way.
    pub loses_next_answer: bool,
    pub refuses: bool,
    /// The parcel has left: nothing is called off any more.
    pub has_left: bool,
    pub status: String,
}

pub struct FakeGhn {
    pub url: String,
    pub desk: Arc<Mutex<Desk>>,
    server: ServerHandle,
}

type Shared = Data<Mutex<Desk>>;

async fn detail(desk: Shared, body: Json<Value>) -> HttpResponse {
    let desk = desk.lock().expect("the desk");
    match desk.parcels.get(body["client_order_code"].as_str().unwrap_or("")) {
        Some((code, _)) => {
            let data = json!([{"order_code": code, "status": desk.status, "updated_date": "2026-11-24T03:52:50.158Z"}]);
            HttpResponse::Ok().json(json!({"code": 200, "message": "Success", "data": data}))
        }
        None => HttpResponse::BadRequest().json(json!({"code": 400, "message": "not found", "data": null})),
    }
}

async fn create(desk: Shared, body: Json<Value>) -> HttpResponse {
    let mut desk = desk.lock().expect("the desk");
    if desk.refuses {
        return HttpResponse::BadRequest().json(json!({"code": 400, "message": "Hàng không được nhận", "data": null}));
    }
    desk.creates += 1;
    desk.collects.push(body["cod_amount"].as_i64().unwrap_or(-1));
    let code = format!("GHN{:05}", desk.creates);
    let reference = body["client_order_code"].as_str().unwrap_or("").to_owned();
    desk.parcels.insert(reference, (code.clone(), false));
    if std::mem::take(&mut desk.loses_next_answer) {
        return HttpResponse::BadGateway().body("<html>");
    }
    HttpResponse::Ok()
        .json(json!({"code": 200, "message": "Success", "data": {"order_code": code, "total_fee": 22_000}}))
}

async fn cancel(desk: Shared, body: Json<Value>) -> HttpResponse {
    let mut desk = desk.lock().expect("the desk");
    let has_left = desk.has_left;
    for (code, is_off) in desk.parcels.values_mut() {
        if body["order_codes"][0] == code.as_str() && !has_left {
            *is_off = true;
        }
    }
    HttpResponse::Ok().json(json!({"code": 200, "data": [{"result": !has_left, "message": "Đã lấy hàng"}]}))
}

impl FakeGhn {
    pub fn start() -> FakeGhn {
        let desk: Shared = Data::new(Mutex::new(Desk { status: "ready_to_pick".to_owned(), ..Desk::default() }));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = desk.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .route("/v2/shipping-order/detail-by-client-code", web::post().to(detail))
                .route("/v2/shipping-order/create", web::post().to(create))
                .route("/v2/switch-status/cancel", web::post().to(cancel))
        })
        .workers(1)
        .listen(listener)
        .expect("the carrier")
        .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        FakeGhn { url, desk: desk.into_inner(), server: handle }
    }

    pub fn desk<T>(&self, look: impl FnOnce(&mut Desk) -> T) -> T {
        look(&mut self.desk.lock().expect("the desk"))
    }

    pub async fn stop(self) {
        self.server.stop(false).await;
    }
}
