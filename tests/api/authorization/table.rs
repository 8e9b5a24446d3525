//! Every operation, which row its path names, and a body that it takes. A slice adds its operations here.

use serde_json::{Value, json};

/// Which row the `{id}` or `{code}` of a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Names {
    Nothing,
    /// A published thing: it is nobody's own.
    PublicProduct,
    PublicVariant,
    PublicProducer,
    Commune,
    FormerCommune,
    Product,
    Variant,
    Order,
    Checkout,
    Attempt,
    Session,
    Account,
    Grant,
    Producer,
    Review,
    Notice,
    Endpoint,
    Delivery,
    OperatorEndpoint,
    OperatorDelivery,
}

impl Names {
    /// Whether this row belongs to somebody of the role, so that another of the same role must not find it.
    pub fn has_owner(self, audience: &str) -> bool {
        audience != "operator"
            && matches!(
                self,
                Names::Product
                    | Names::Variant
                    | Names::Order
                    | Names::Checkout
                    | Names::Attempt
                    | Names::Endpoint
                    | Names::Delivery
            )
            || matches!(self, Names::Session | Names::Notice)
    }
}

pub struct Operation {
    pub method: &'static str,
    pub path: &'static str,
    pub names: Names,
    pub body: Option<Value>,
}

pub const fn get(path: &'static str, names: Names) -> Operation {
    Operation { method: "get", path, names, body: None }
}

pub fn op(method: &'static str, path: &'static str, names: Names, body: Value) -> Operation {
    Operation { method, path, names, body: Some(body) }
}

fn variant() -> Value {
    json!({"label": "Chai nửa lít", "unit": "l", "net_weight_g": 700, "price_vnd": 250_000, "quantity": 3})
}

pub fn table() -> Vec<Operation> {
    let mut table = reads();
    table.extend(writes_of_people());
    table.extend(writes_of_producers());
    table.extend(writes_of_operators());
    table.extend(notices_and_webhooks());
    table
}

fn reads() -> Vec<Operation> {
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
        get("/v1/auth/me", Nothing),
        get("/v1/auth/sessions", Nothing),
        get("/v1/buyer/cart", Nothing),
        get("/v1/buyer/checkouts/{id}", Checkout),
        get("/v1/buyer/orders", Nothing),
        get("/v1/buyer/orders/{id}", Order),
        get("/v1/buyer/orders/{id}/events", Order),
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

fn writes_of_people() -> Vec<Operation> {
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
        op("put", "/v1/buyer/cart/lines/{id}", PublicVariant, json!({"quantity": 1})),
        Operation { method: "delete", path: "/v1/buyer/cart/lines/{id}", names: PublicVariant, body: None },
        op("post", "/v1/buyer/checkouts", Nothing, crate::support::checkout(450_000)),
        op("post", "/v1/buyer/checkouts/{id}/payment-attempts", Checkout, json!({"provider": "bank_transfer"})),
        op("post", "/v1/buyer/checkouts/{id}/cancel", Checkout, json!({})),
        op("post", "/v1/buyer/orders/{id}/confirm-receipt", Order, json!({})),
        op("post", "/v1/buyer/orders/{id}/cancel", Order, json!({"reason": "Đặt nhầm"})),
        op("post", "/v1/callbacks/sepay", Nothing, json!({"id": 1})),
        get("/v1/callbacks/vnpay/ipn", Nothing),
    ]
}

fn writes_of_producers() -> Vec<Operation> {
    use Names::*;
    vec![
        op("post", "/v1/producer/registration", Nothing, crate::support::registration("Hộ mới", "00769")),
        op("patch", "/v1/producer/profile", Nothing, json!({"address": "Thôn mới"})),
        op("post", "/v1/producer/profile/submit", Nothing, json!({})),
        op("post", "/v1/producer/products", Nothing, crate::support::new_product("Mật ong rừng", 300_000, 4)),
        op("patch", "/v1/producer/products/{id}", Product, json!({"title": "Mật ong khác"})),
        op("post", "/v1/producer/products/{id}/variants", Product, variant()),
        op("post", "/v1/producer/products/{id}/pause", Product, json!({})),
        op("post", "/v1/producer/products/{id}/resume", Product, json!({})),
        op("post", "/v1/producer/products/{id}/submit", Product, json!({})),
        op("patch", "/v1/producer/variants/{id}", Variant, json!({"label": "Chai khác"})),
        op("post", "/v1/producer/variants/{id}/stock-adjustments", Variant, json!({"reason": "harvested", "delta": 1})),
        op("post", "/v1/producer/orders/{id}/accept", Order, json!({})),
        op("post", "/v1/producer/orders/{id}/pack", Order, json!({})),
        op("post", "/v1/producer/orders/{id}/refuse", Order, json!({"reason": "Hết hàng"})),
        op("post", "/v1/producer/orders/{id}/hand-over", Order, json!({})),
        op("post", "/v1/producer/orders/{id}/deliver", Order, json!({})),
        op("post", "/v1/producer/products/{id}/archive", Product, json!({})),
    ]
}

fn writes_of_operators() -> Vec<Operation> {
    use Names::*;
    vec![
        op("post", "/v1/operator/producers/{id}/approve", Producer, json!({})),
        op("post", "/v1/operator/producers/{id}/reject", Producer, json!({"reason": "Thiếu giấy"})),
        op("post", "/v1/operator/producers/{id}/request-changes", Producer, json!({"reason": "Thiếu giấy"})),
        op("post", "/v1/operator/products/{id}/publish", Product, json!({})),
        op("post", "/v1/operator/products/{id}/reject", Product, json!({"reason": "Sai tên"})),
        op("post", "/v1/operator/products/{id}/request-changes", Product, json!({"reason": "Sai tên"})),
        op(
            "post",
            "/v1/operator/payment-reviews/{id}/resolve",
            Review,
            json!({"resolution": "refunded_by_hand", "note": "Đã trả"}),
        ),
        op("post", "/v1/operator/role-grants", Nothing, json!({"phone": "0966666669", "role": "helper"})),
        op("delete", "/v1/operator/role-grants/{id}", Grant, json!({})),
        op("post", "/v1/operator/accounts/{id}/suspend", Account, json!({})),
        op("post", "/v1/operator/accounts/{id}/reinstate", Account, json!({})),
    ]
}

fn notices_and_webhooks() -> Vec<Operation> {
    use Names::*;
    let endpoint = || json!({"url": "http://127.0.0.1:9/", "event_types": ["order.paid"]});
    let since = || json!({"since": "2026-11-24T00:00:00Z"});
    let mut table = vec![
        get("/v1/auth/notices", Nothing),
        get("/v1/auth/notices/stream", Nothing),
        get("/v1/auth/notice-preferences", Nothing),
        get("/v1/operator/notice-deliveries", Nothing),
        op("post", "/v1/auth/notices/{id}/read", Notice, json!({})),
        op("post", "/v1/auth/notices/read", Nothing, json!({"up_to": "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b"})),
        op("patch", "/v1/auth/notice-preferences", Nothing, json!({"quiet_from": "22:00"})),
        op("post", "/v1/auth/notice-preferences/email", Nothing, json!({"email": "hoa@example.org"})),
        op("post", "/v1/auth/notice-preferences/confirm-email", Nothing, json!({"code": "123456"})),
        op("delete", "/v1/auth/notice-preferences/email", Nothing, json!({})),
    ];
    macro_rules! surface {
        ($base:literal, $endpoint:expr, $delivery:expr) => {
            table.extend([
                get(concat!($base, "/webhook-endpoints"), Nothing),
                get(concat!($base, "/webhook-endpoints/{id}"), $endpoint),
                get(concat!($base, "/webhook-endpoints/{id}/secrets"), $endpoint),
                get(concat!($base, "/webhook-deliveries"), Nothing),
                get(concat!($base, "/webhook-deliveries/{id}"), $delivery),
                get(concat!($base, "/webhook-events"), Nothing),
                op("post", concat!($base, "/webhook-endpoints"), Nothing, endpoint()),
                op("patch", concat!($base, "/webhook-endpoints/{id}"), $endpoint, json!({"status": "active"})),
                op("post", concat!($base, "/webhook-endpoints/{id}/rotate-secret"), $endpoint, json!({})),
                op("post", concat!($base, "/webhook-endpoints/{id}/replay"), $endpoint, since()),
                op("post", concat!($base, "/webhook-deliveries/{id}/replay"), $delivery, json!({})),
                op("delete", concat!($base, "/webhook-endpoints/{id}"), $endpoint, json!({})),
            ]);
        };
    }
    surface!("/v1/producer", Endpoint, Delivery);
    surface!("/v1/operator", OperatorEndpoint, OperatorDelivery);
    table
}
