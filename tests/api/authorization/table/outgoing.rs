//! Money that leaves.

use serde_json::json;

use super::{Names, Operation, get, op};

pub fn outgoing() -> Vec<Operation> {
    let account = json!({"bank_bin": "970405", "account_number": "8206205123456", "holder_name": "VANG THI MAY"});
    let reason = || json!({"reason": "Đang kiểm tra"});
    vec![
        get("/v1/operator/outgoing", Names::Nothing),
        get("/v1/public/banks", Names::Nothing),
        get("/v1/producer/bank-account", Names::Nothing),
        get("/v1/producer/payouts", Names::Nothing),
        get("/v1/producer/next-payout", Names::Nothing),
        get("/v1/operator/bank-accounts", Names::Nothing),
        get("/v1/operator/outgoing-transfers", Names::Nothing),
        get("/v1/operator/outgoing-transfers/{id}", Names::OutgoingTransfer),
        get("/v1/operator/outgoing-batches", Names::Nothing),
        get("/v1/operator/outgoing-batches/{id}", Names::OutgoingBatch),
        get("/v1/operator/outgoing-files", Names::Nothing),
        get("/v1/operator/outgoing-files/{id}/transfers.csv", Names::OutgoingFile),
        get("/v1/operator/outgoing-files/{id}/transfers.xlsx", Names::OutgoingFile),
        get("/v1/operator/payout-runs", Names::Nothing),
        op("post", "/v1/operator/payout-runs", Names::Nothing, json!({})),
        op("post", "/v1/operator/outgoing-files", Names::Nothing, json!({})),
        op("post", "/v1/operator/outgoing-batches/{id}/approve", Names::OutgoingBatch, json!({})),
        op("post", "/v1/operator/outgoing-transfers/{id}/hold", Names::OutgoingTransfer, reason()),
        op("post", "/v1/operator/outgoing-transfers/{id}/release", Names::OutgoingTransfer, json!({})),
        op("post", "/v1/operator/outgoing-transfers/{id}/cancel", Names::OutgoingTransfer, reason()),
        op(
            "post",
            "/v1/operator/outgoing-transfers/{id}/confirm",
            Names::OutgoingTransfer,
            json!({"bank_reference": "FT1"}),
        ),
        op("post", "/v1/operator/outgoing-transfers/{id}/fail", Names::OutgoingTransfer, reason()),
        op("post", "/v1/operator/bank-accounts/{id}/verify", Names::BankAccount, reason()),
        op("post", "/v1/operator/bank-accounts/{id}/reject", Names::BankAccount, reason()),
        op("put", "/v1/producer/bank-account", Names::Nothing, account),
        op("post", "/v1/operator/outgoing/stop", Names::Nothing, reason()),
        op("post", "/v1/operator/outgoing/start", Names::Nothing, json!({})),
        get("/v1/operator/waiting-money", Names::Nothing),
        op("post", "/v1/operator/outgoing-transfers/{id}/reverse", Names::OutgoingTransfer, reason()),
    ]
}
