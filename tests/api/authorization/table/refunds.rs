//! Money on its way back.

use serde_json::json;

use super::{Names, Operation, get, op};

pub fn refunds() -> Vec<Operation> {
    let account = json!({"bank_bin": "970405", "account_number": "8206205123456", "holder_name": "NGUYEN THI HOA"});
    let note = || json!({"note": "Đã đối chiếu"});
    vec![
        get("/v1/buyer/orders/{id}/refunds", Names::Order),
        op("post", "/v1/buyer/refunds/{id}/bank-account", Names::Refund, account),
        get("/v1/operator/refunds", Names::Nothing),
        get("/v1/operator/refunds/{id}", Names::Refund),
        op("post", "/v1/operator/refunds/{id}/approve", Names::Refund, json!({})),
        op("post", "/v1/operator/refunds/{id}/reject", Names::Refund, note()),
        op("post", "/v1/operator/refunds/{id}/retry", Names::Refund, json!({})),
        op("post", "/v1/operator/refunds/{id}/by-hand", Names::Refund, note()),
        op("post", "/v1/operator/refunds/{id}/found-done", Names::Refund, note()),
        op("post", "/v1/operator/refunds/{id}/found-failed", Names::Refund, note()),
        op("post", "/v1/operator/refunds/{id}/take-back", Names::Refund, note()),
    ]
}
