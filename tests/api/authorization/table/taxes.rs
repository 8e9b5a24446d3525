//! Months of tax, certificates, the threshold, invoices and statements.

use serde_json::json;

use super::{Names, Operation, get, op};

pub fn taxes() -> Vec<Operation> {
    let filing = json!({"reference": "11020260001", "filed_on": "2026-11-20"});
    let payment = json!({"reference": "FT26351000123", "paid_on": "2026-11-20"});
    let amendment = json!({"reason": "Giao dịch ghi nhận sau khi khóa sổ"});
    vec![
        get("/v1/operator/tax-periods", Names::Nothing),
        get("/v1/operator/tax-periods/{id}", Names::TaxPeriod),
        get("/v1/operator/tax-periods/{id}/sellers", Names::TaxPeriod),
        get("/v1/operator/tax-periods/{id}/declaration.xlsx", Names::TaxPeriod),
        get("/v1/operator/tax-periods/{id}/annex.csv", Names::TaxPeriod),
        op("post", "/v1/operator/tax-periods/{id}/declare", Names::TaxPeriod, filing),
        op("post", "/v1/operator/tax-periods/{id}/amend", Names::TaxPeriod, amendment),
        op("post", "/v1/operator/tax-periods/{id}/payments", Names::TaxPeriod, payment),
        op("post", "/v1/operator/tax-payments/{id}/approve", Names::TaxPayment, json!({})),
        op("post", "/v1/operator/tax-payments/{id}/reject", Names::TaxPayment, json!({})),
        get("/v1/producer/tax-certificates", Names::Nothing),
        op("post", "/v1/producer/tax-certificates", Names::Nothing, json!({"year": 2026, "month": 1})),
        get("/v1/producer/tax-certificates/{id}", Names::TaxCertificate),
        get("/v1/producer/tax-certificates/{id}/certificate.pdf", Names::TaxCertificate),
        get("/v1/producer/tax-gauge", Names::Nothing),
        get("/v1/producer/tax-refund-pack", Names::Nothing),
        get("/v1/producer/tax-refund-pack.pdf", Names::Nothing),
        get("/v1/producer/tax-refund-pack.xlsx", Names::Nothing),
        get("/v1/producer/invoice-data", Names::Nothing),
        get("/v1/producer/invoice-data.xlsx", Names::Nothing),
        get("/v1/producer/invoice-data.csv", Names::Nothing),
        get("/v1/producer/statement.pdf", Names::Nothing),
        get("/v1/producer/statement.xlsx", Names::Nothing),
    ]
}
