//! What is read, and what people do with their accounts, carts and orders.

use serde_json::json;

use super::{Names, Operation, get, op};

pub fn reads() -> Vec<Operation> {
    use Names::*;
    vec![
        get("/healthz", Nothing),
        get("/readyz", Nothing),
        get("/metrics", Nothing),
        get("/v1/public/problems", Nothing),
        get("/v1/public/provinces", Nothing),
        get("/v1/public/communes", Nothing),
        get("/v1/public/communes/{code}", Commune),
        get("/v1/public/former-communes", Nothing),
        get("/v1/public/former-communes/{code}", FormerCommune),
        get("/v1/public/product-sets", Nothing),
        get("/v1/public/products", Nothing),
        get("/v1/public/products/{id}", PublicProduct),
        get("/v1/public/producers/{id}", PublicProducer),
        get("/v1/public/payment-returns/vnpay", Nothing),
        get("/v1/public/payment-returns/done", Nothing),
        get("/v1/auth/me", Nothing),
        get("/v1/auth/sessions", Nothing),
        get("/v1/buyer/cart", Nothing),
        get("/v1/buyer/checkouts/{id}", Checkout),
        get("/v1/buyer/orders", Nothing),
        get("/v1/buyer/orders/{id}", Order),
        get("/v1/buyer/orders/{id}/events", Order),
        get("/v1/buyer/orders/{id}/contract", Order),
        get("/v1/buyer/orders/{id}/contract.pdf", Order),
        get("/v1/buyer/orders/{id}/confirmation.pdf", Order),
        get("/v1/producer/orders/{id}/packing-list.pdf", Order),
        get("/v1/producer/orders/{id}/contract", Order),
        get("/v1/buyer/payment-attempts/{id}", Attempt),
        get("/v1/buyer/payment-attempts/{id}/qr.png", Attempt),
        get("/v1/producer/orders", Nothing),
        get("/v1/producer/orders/{id}", Order),
        get("/v1/producer/products", Nothing),
        get("/v1/producer/products/{id}", Product),
        get("/v1/producer/profile", Nothing),
        get("/v1/official/sales", Nothing),
        get("/v1/operator/sales", Nothing),
        get("/v1/operator/payment-reviews", Nothing),
        get("/v1/operator/producers", Nothing),
        get("/v1/operator/producers/{id}", Producer),
        get("/v1/operator/products", Nothing),
        get("/v1/operator/products/{id}", Product),
        get("/v1/operator/role-grants", Nothing),
        get("/v1/operator/role-grants/{id}", Grant),
    ]
}

pub fn writes_of_people() -> Vec<Operation> {
    use Names::*;
    let phone = "0977777771";
    vec![
        op("post", "/v1/auth/otp", Nothing, json!({"phone": phone, "device_id": "d"})),
        op(
            "post",
            "/v1/auth/otp/verify",
            Nothing,
            json!({"otp_request_id": uuid::Uuid::now_v7(), "phone": phone, "code": "123456",
            "device_id": "d", "audience": "buyer"}),
        ),
        op(
            "post",
            "/v1/auth/password/sign-in",
            Nothing,
            json!({"phone": phone, "password": "mot mat khau dai", "device_id": "d", "audience": "buyer"}),
        ),
        op("post", "/v1/auth/refresh", Nothing, json!({"refresh_token": "x", "device_id": "d"})),
        op("patch", "/v1/auth/me", Nothing, json!({"display_name": "Vàng Thị Mai"})),
        op(
            "put",
            "/v1/auth/password",
            Nothing,
            json!({"new_password": "mot mat khau that la dai 2027", "current_password": "mot mat khau that la dai 2026"}),
        ),
        op("delete", "/v1/auth/sessions/{id}", Session, json!({})),
        op("post", "/v1/auth/sign-out", Nothing, json!({})),
        op("put", "/v1/buyer/cart", Nothing, json!({"lines": []})),
        op("put", "/v1/buyer/cart/lines/{id}", PublicVariant, json!({"quantity": 1})),
        Operation { method: "delete", path: "/v1/buyer/cart/lines/{id}", names: PublicVariant, body: None },
        op("post", "/v1/buyer/quotes", Nothing, json!({"commune_code": "00721"})),
        op("post", "/v1/buyer/checkouts", Nothing, crate::support::checkout(450_000)),
        op("post", "/v1/buyer/checkouts/{id}/payment-attempts", Checkout, json!({"provider": "bank_transfer"})),
        op("post", "/v1/buyer/checkouts/{id}/cancel", Checkout, json!({})),
        op("post", "/v1/buyer/orders/{id}/confirm-receipt", Order, json!({})),
        op("post", "/v1/buyer/orders/{id}/accept-weight", Order, json!({})),
        op("post", "/v1/buyer/orders/{id}/cancel", Order, json!({"reason": "Đặt nhầm"})),
        op("post", "/v1/callbacks/sepay", Nothing, json!({"id": 1})),
        get("/v1/callbacks/vnpay/ipn", Nothing),
        op("post", "/v1/callbacks/payos", Nothing, json!({"id": 1})),
        op("post", "/v1/callbacks/momo/ipn", Nothing, json!({"id": 1})),
        op("post", "/v1/callbacks/zalopay", Nothing, json!({"id": 1})),
        op("post", "/v1/callbacks/vietqr-vn/api/token_generate", Nothing, json!({})),
        op("post", "/v1/callbacks/vietqr-vn/bank/api/transaction-sync", Nothing, json!({"id": 1})),
    ]
}

pub fn on_delivery() -> Vec<Operation> {
    vec![
        get("/v1/buyer/checkouts/{id}/payment-ways", Names::Checkout),
        op("post", "/v1/buyer/checkouts/{id}/pay-on-delivery", Names::Checkout, json!({})),
    ]
}

pub fn guests() -> Vec<Operation> {
    use Names::*;
    let proof = json!({"order_code": "7K2M9QXA", "phone": "0977777771", "order_token": "x", "device_id": "d"});
    vec![
        op("post", "/v1/auth/guest", Nothing, json!({"device_id": "d"})),
        op("post", "/v1/auth/guest/orders", Nothing, proof),
    ]
}

pub fn papers_and_counters() -> Vec<Operation> {
    vec![
        get("/v1/producer/collection-runs/{id}/manifest.pdf", Names::Run),
        get("/v1/auth/notices/unread-count", Names::Nothing),
    ]
}
