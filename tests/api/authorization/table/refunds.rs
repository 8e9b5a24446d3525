//! Money on its way back.

use serde_json::json;

use super::{Names, Operation, get, op};

pub fn refunds() -> Vec<Operation> {
    let note = || json!({"note": "Đã đối chiếu"});
    vec![
        get("/v1/buyer/orders/{id}/refunds", Names::Order),
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
