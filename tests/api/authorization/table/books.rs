//! The ledger, fees and taxes.

use serde_json::json;

use super::{Names, Operation, get, op};

pub fn books() -> Vec<Operation> {
    let fee = json!({"rate_bp": 500, "effective_on": "2099-01-01", "note": "Phí sàn 5% tiền hàng"});
    let reading = json!({"reading": "decree", "effective_on": "2099-01-01", "note": "Theo trả lời của cơ quan thuế"});
    vec![
        get("/v1/producer/balance", Names::Nothing),
        get("/v1/producer/statement", Names::Nothing),
        get("/v1/operator/ledger/accounts", Names::Nothing),
        get("/v1/operator/ledger/transfers", Names::Nothing),
        get("/v1/public/fees", Names::Nothing),
        get("/v1/producer/products/{id}/tax-category", Names::Product),
        op("put", "/v1/producer/products/{id}/tax-category", Names::Product, json!({"tax_category": "raw_own"})),
        op("put", "/v1/operator/products/{id}/tax-category", Names::Product, json!({"tax_category": "self_made"})),
        op("post", "/v1/operator/fee-schedules", Names::Nothing, fee),
        op("post", "/v1/operator/tax-readings", Names::Nothing, reading),
    ]
}
