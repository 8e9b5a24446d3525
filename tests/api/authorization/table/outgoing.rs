//! Money that leaves.

use serde_json::json;

use super::{Names, Operation, get, op};

pub fn outgoing() -> Vec<Operation> {
    vec![
        get("/v1/operator/outgoing", Names::Nothing),
        op("post", "/v1/operator/outgoing/stop", Names::Nothing, json!({"reason": "Nghi ngờ"})),
        op("post", "/v1/operator/outgoing/start", Names::Nothing, json!({})),
    ]
}
