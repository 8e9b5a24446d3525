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
    Holiday,
    Complaint,
    DeliveredOrder,
    ProductReview,
    Photo,
    PublicPhoto,
}

impl Names {
    /// Whether this row belongs to somebody of the role, so that another of the same role must not find it.
    pub fn has_owner(self, audience: &str) -> bool {
        audience != "operator"
            && (matches!(self, Names::Product | Names::Variant | Names::Order | Names::Checkout | Names::Attempt)
                || matches!(self, Names::Complaint | Names::DeliveredOrder | Names::ProductReview | Names::Photo))
            || self == Names::Session
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
    table.extend(after_the_sale());
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

fn after_the_sale() -> Vec<Operation> {
    use Names::*;
    let text = json!({"text": "Chai mật ong bị vỡ."});
    vec![
        get("/v1/operator/holidays", Nothing),
        get("/v1/operator/holidays/{id}", Holiday),
        op(
            "post",
            "/v1/operator/holidays",
            Nothing,
            json!({"day": "2028-01-03", "name": "Nghỉ bù", "kind": "compensation"}),
        ),
        op("delete", "/v1/operator/holidays/{id}", Holiday, json!({})),
        op("post", "/v1/buyer/orders/{id}/complaints", Order, json!({"kind": "quality", "text": "Mật ong bị chua."})),
        get("/v1/buyer/complaints", Nothing),
        get("/v1/buyer/complaints/{id}", Complaint),
        get("/v1/buyer/complaints/{id}/events", Complaint),
        op("post", "/v1/buyer/complaints/{id}/answer", Complaint, text.clone()),
        op("post", "/v1/buyer/complaints/{id}/settle", Complaint, text.clone()),
        get("/v1/producer/complaints", Nothing),
        get("/v1/producer/complaints/{id}", Complaint),
        get("/v1/producer/complaints/{id}/events", Complaint),
        op("post", "/v1/producer/complaints/{id}/answer", Complaint, text.clone()),
        get("/v1/operator/complaints", Nothing),
        get("/v1/operator/complaints/{id}", Complaint),
        get("/v1/operator/complaints/{id}/events", Complaint),
        op("post", "/v1/operator/complaints/{id}/acknowledge", Complaint, json!({})),
        op("post", "/v1/operator/complaints/{id}/negotiate", Complaint, json!({})),
        op("post", "/v1/operator/complaints/{id}/answer", Complaint, text.clone()),
        op("post", "/v1/operator/complaints/{id}/refer", Complaint, text.clone()),
        op("post", "/v1/operator/complaints/{id}/settle", Complaint, text.clone()),
        op("post", "/v1/operator/complaints/{id}/refuse", Complaint, text.clone()),
        op("post", "/v1/buyer/complaints/{id}/escalate", Complaint, text.clone()),
        op("post", "/v1/buyer/complaints/{id}/withdraw", Complaint, json!({})),
        op("post", "/v1/operator/complaints/{id}/close", Complaint, text),
        get("/v1/buyer/orders/{id}/messages", Order),
        op("post", "/v1/buyer/orders/{id}/messages", Order, json!({"text": "Khi nào gửi hàng?"})),
        op("post", "/v1/buyer/orders/{id}/read-messages", Order, json!({"number": 1})),
        get("/v1/producer/orders/{id}/messages", Order),
        op("post", "/v1/producer/orders/{id}/messages", Order, json!({"text": "Chiều mai."})),
        op("post", "/v1/producer/orders/{id}/read-messages", Order, json!({"number": 1})),
        op("post", "/v1/operator/complaints/{id}/open-messages", Complaint, json!({})),
        get("/v1/public/products/{id}/reviews", PublicProduct),
        get("/v1/public/producers/{id}/reviews", PublicProducer),
        op(
            "post",
            "/v1/buyer/orders/{id}/reviews",
            DeliveredOrder,
            json!({"product_id": uuid::Uuid::now_v7(), "stars": 4, "text": "Ngon."}),
        ),
        get("/v1/buyer/reviews", Nothing),
        get("/v1/buyer/reviews/{id}", ProductReview),
        op("patch", "/v1/buyer/reviews/{id}", ProductReview, json!({"stars": 3})),
        get("/v1/producer/reviews", Nothing),
        op("post", "/v1/producer/reviews/{id}/answer", ProductReview, json!({"text": "Cảm ơn."})),
        get("/v1/operator/reviews", Nothing),
        get("/v1/operator/reviews/{id}", ProductReview),
        op("post", "/v1/operator/reviews/{id}/hide", ProductReview, json!({"reason": "insult", "note": "Xúc phạm."})),
        op("post", "/v1/buyer/reviews/{id}/appeal", ProductReview, json!({"text": "Không xúc phạm ai."})),
        op("post", "/v1/operator/reviews/{id}/uphold", ProductReview, json!({"note": "Vẫn xúc phạm."})),
        op("post", "/v1/operator/reviews/{id}/restore", ProductReview, json!({"note": "Nhầm."})),
        op("post", "/v1/buyer/photos", Nothing, json!({})),
        get("/v1/buyer/photos/{id}", Photo),
        get("/v1/producer/photos/{id}", Photo),
        get("/v1/operator/photos/{id}", Photo),
        get("/v1/public/photos/{id}", PublicPhoto),
    ]
}
