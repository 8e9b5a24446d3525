//! Settlement files, exceptions, corrections, and how providers are.

use serde_json::json;

use super::{Names, Operation, get, op};

pub fn reconciling() -> Vec<Operation> {
    let rules = json!({"reference": "Mã tham chiếu", "reference_is_text": false, "transaction": "Mã giao dịch",
        "amount": "Số tiền", "amount_unit": "dong", "outgoing": null, "skips_without_amount": false, "fee": null, "time": null,
        "time_format": "d/m/y", "status": null, "counting": [], "kind": null, "refunding": [], "rows_skipped": 0,
        "ending": []});
    let mapping = json!({"provider": "momo", "rules": rules, "note": "Theo phụ lục hợp đồng"});
    let posting = json!({"debit": "carriage", "credit": "bank", "amount_vnd": 1000});
    let correction = json!({"postings": [posting], "reason": "Trả tiền vận chuyển"});
    let reason = json!({"reason": "Theo biên bản"});
    vec![
        get("/v1/operator/payment-providers", Names::Nothing),
        get("/v1/operator/settlement-mappings", Names::Nothing),
        op("post", "/v1/operator/settlement-mappings", Names::Nothing, mapping),
        op("post", "/v1/operator/settlement-files", Names::Nothing, json!({})),
        get("/v1/operator/settlement-files", Names::Nothing),
        get("/v1/operator/settlement-files/{id}", Names::SettlementFile),
        get("/v1/operator/settlement-files/{id}/content", Names::SettlementFile),
        get("/v1/operator/reconciliation-exceptions", Names::Nothing),
        get("/v1/operator/reconciliation-exceptions/{id}", Names::Exception),
        op("post", "/v1/operator/reconciliation-exceptions/{id}/propose-dismissal", Names::Exception, reason.clone()),
        op("post", "/v1/operator/ledger/transfers/{id}/propose-reversal", Names::Transfer, reason),
        op("post", "/v1/operator/money-decisions", Names::Nothing, correction),
        get("/v1/operator/money-decisions", Names::Nothing),
        get("/v1/operator/money-decisions/{id}", Names::Decision),
        op("post", "/v1/operator/money-decisions/{id}/approve", Names::Decision, json!({})),
        op("post", "/v1/operator/money-decisions/{id}/decline", Names::Decision, json!({"note": "Chưa có chứng từ"})),
    ]
}
