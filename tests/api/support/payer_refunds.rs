//! MoMo, ZaloPay and VNPAY paying back, as they describe it, and all that can go wrong between.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Json};
use serde_json::{Value, json};
use std::sync::Mutex;

use super::payers::{Desk, Fate, MOMO_ACCESS, MOMO_SECRET, ZALOPAY_KEY1, sha256, sha512, word};

type Shared = Data<Mutex<Desk>>;

/// How a refund stands at its provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Done,
    Processing,
    Refused,
}

/// What becomes of the next refund that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meets {
    Answered(Standing),
    /// It is done, and of its answer nothing, no JSON, 10 MB, or something with a wrong signature or about something else
    /// comes back.
    Lost,
    Garbage,
    Huge,
    Forged,
    /// It never arrives.
    Away,
}

/// A refund as a provider has it.
#[derive(Debug, Clone)]
pub struct Refund {
    pub reference: String,
    pub amount: i64,
    pub standing: Standing,
}

/// What the provider makes of a refund: nothing when the answer is lost.
enum Made {
    Known,
    New(Standing, bool),
    Broken(HttpResponse),
}

fn broken(meets: Meets) -> Option<HttpResponse> {
    match meets {
        Meets::Lost | Meets::Away => Some(HttpResponse::BadGateway().body("<html>")),
        Meets::Garbage => Some(HttpResponse::Ok().body("<html>[1,2")),
        Meets::Huge => Some(HttpResponse::Ok().body(vec![b'7'; 10_000_000])),
        Meets::Answered(_) | Meets::Forged => None,
    }
}

async fn made(desk: &Shared, number: &str, transaction: &str, amount: i64) -> Made {
    let takes = desk.lock().expect("the desk").takes;
    if !takes.is_zero() {
        actix_web::rt::time::sleep(takes).await;
    }
    let mut desk = desk.lock().expect("the desk");
    desk.refund_sends.push(number.to_owned());
    let meets = desk.next_refunds.pop_front().unwrap_or(Meets::Answered(Standing::Done));
    if desk.refunds.contains_key(number) {
        return Made::Known;
    }
    let paid =
        desk.orders.iter().find(|(_, order)| matches!(&order.fate, Fate::Paid(n) if n.to_string() == transaction));
    let (reference, captured) = paid.map(|(reference, order)| (reference.clone(), order.amount)).expect("a payment");
    let standing = if let Meets::Answered(standing) = meets { standing } else { Standing::Done };
    if meets != Meets::Away {
        desk.refunds.insert(number.to_owned(), Refund { reference: reference.clone(), amount, standing });
        let given = desk.refunds.values().filter(|one| one.reference == reference && one.standing != Standing::Refused);
        let given: i64 = given.map(|one| one.amount).sum();
        assert!(given <= captured, "{given} of {captured} paid back");
    }
    match broken(meets) {
        Some(answer) => Made::Broken(answer),
        None => Made::New(standing, meets == Meets::Forged),
    }
}

pub async fn momo(desk: Shared, body: Json<Value>) -> HttpResponse {
    let names = ["amount", "description", "orderId", "partnerCode", "requestId", "transId"];
    let pairs: Vec<String> = names.iter().map(|name| format!("{name}={}", word(&body[*name]))).collect();
    let signature = sha256(MOMO_SECRET, &format!("accessKey={MOMO_ACCESS}&{}", pairs.join("&")));
    assert_eq!(body["signature"], signature, "{body:?}");
    let (number, amount) = (word(&body["orderId"]), body["amount"].as_i64().expect("an amount"));
    let (code, is_forged) = match made(&desk, &number, &word(&body["transId"]), amount).await {
        Made::Broken(answer) => return answer,
        Made::Known => (41, false),
        Made::New(standing, is_forged) => (momo_code(standing), is_forged),
    };
    let order = if is_forged { "somebody-else" } else { number.as_str() };
    HttpResponse::Ok()
        .json(json!({"partnerCode": "MOMO", "orderId": order, "requestId": body["requestId"], "amount": amount,
        "transId": 4_088_878_700_i64, "resultCode": code, "message": "…", "responseTime": 1_795_428_983_000_i64}))
}

pub fn momo_code(standing: Standing) -> i64 {
    match standing {
        Standing::Done => 0,
        Standing::Processing => 7002,
        Standing::Refused => 1088,
    }
}

pub async fn zalopay(desk: Shared, body: Json<Value>) -> HttpResponse {
    let names = ["app_id", "zp_trans_id", "amount", "description", "timestamp"];
    let values: Vec<String> = names.iter().map(|name| word(&body[*name])).collect();
    assert_eq!(body["mac"], sha256(ZALOPAY_KEY1, &values.join("|")), "{body:?}");
    let (name, amount) = (word(&body["m_refund_id"]), body["amount"].as_i64().expect("an amount"));
    assert!(name.len() <= 45, "{name}");
    match made(&desk, &name, &word(&body["zp_trans_id"]), amount).await {
        Made::Broken(answer) => answer,
        // Its answers are not signed; one that is none of its own is none that it documents.
        Made::New(_, true) => HttpResponse::Ok().json(json!({"return_code": "x"})),
        Made::Known => {
            HttpResponse::Ok().json(json!({"return_code": 2, "sub_return_code": -68, "return_message": "…"}))
        }
        Made::New(standing, false) => zalopay_answer(standing),
    }
}

fn zalopay_answer(standing: Standing) -> HttpResponse {
    let (code, sub) = match standing {
        Standing::Done => (1, 1),
        Standing::Processing => (3, 2),
        Standing::Refused => (2, -13),
    };
    HttpResponse::Ok().json(json!({"return_code": code, "sub_return_code": sub, "return_message": "…"}))
}

pub async fn zalopay_query(desk: Shared, body: Json<Value>) -> HttpResponse {
    let (name, at) = (word(&body["m_refund_id"]), word(&body["timestamp"]));
    assert_eq!(body["mac"], sha256(ZALOPAY_KEY1, &format!("2553|{name}|{at}")));
    let mut desk = desk.lock().expect("the desk");
    desk.asked.push("zalopay/query_refund".to_owned());
    match desk.refunds.get(&name) {
        Some(refund) => zalopay_answer(refund.standing),
        None => HttpResponse::Ok().json(json!({"return_code": 2, "sub_return_code": -101, "return_message": "…"})),
    }
}

pub async fn vnpay(desk: Shared, body: Json<Value>) -> HttpResponse {
    let names = "RequestId Version Command TmnCode TransactionType TxnRef Amount TransactionNo TransactionDate CreateBy \
                 CreateDate IpAddr OrderInfo";
    let values: Vec<String> = names.split_whitespace().map(|name| word(&body[format!("vnp_{name}")])).collect();
    assert_eq!(body["vnp_SecureHash"], sha512(&values.join("|")), "{body:?}");
    let (number, amount) = (word(&body["vnp_RequestId"]), body["vnp_Amount"].as_i64().expect("an amount"));
    let (code, status, is_forged) = match made(&desk, &number, &word(&body["vnp_TransactionNo"]), amount / 100).await {
        Made::Broken(answer) => return answer,
        Made::Known => ("94", "", false),
        Made::New(Standing::Done, is_forged) => ("00", "06", is_forged),
        Made::New(Standing::Processing, is_forged) => ("00", "05", is_forged),
        Made::New(Standing::Refused, is_forged) => ("95", "", is_forged),
    };
    let (reference, kind) = (word(&body["vnp_TxnRef"]), word(&body["vnp_TransactionType"]));
    let signed = format!("r2|refund|{code}|…|OCOPHG01|{reference}|{amount}|NCB||77|{kind}|{status}|");
    let hash = if is_forged { "0".repeat(128) } else { sha512(&signed) };
    HttpResponse::Ok().json(json!({"vnp_ResponseId": "r2", "vnp_Command": "refund", "vnp_ResponseCode": code, "vnp_Message": "…",
        "vnp_TmnCode": "OCOPHG01", "vnp_TxnRef": reference, "vnp_Amount": amount.to_string(), "vnp_BankCode": "NCB",
        "vnp_TransactionNo": "77", "vnp_TransactionType": kind, "vnp_TransactionStatus": status, "vnp_SecureHash": hash}))
}

/// VNPAY's one address takes refunds and questions.
pub fn is_refund(body: &Bytes) -> Option<Value> {
    let body: Value = serde_json::from_slice(body).expect("JSON");
    (body["vnp_Command"] == "refund").then_some(body)
}

impl Desk {
    /// What VNPAY says of a payment of which something was paid back.
    pub fn vnpay_status(&self, reference: &str) -> Option<&'static str> {
        let last = self.refunds.values().rfind(|refund| refund.reference == reference)?;
        Some(match last.standing {
            Standing::Done => "06",
            Standing::Processing => "05",
            Standing::Refused => "09",
        })
    }

    /// What MoMo lists with a payment.
    pub fn momo_refunds(&self, reference: &str) -> Vec<Value> {
        let own = self.refunds.iter().filter(|(_, refund)| refund.reference == reference);
        own.map(|(number, refund)| {
            json!({"orderId": number, "amount": refund.amount, "resultCode": momo_code(refund.standing),
                   "transId": 4_088_878_700_i64, "createdTime": 1_795_428_983_000_i64})
        })
        .collect()
    }
}
