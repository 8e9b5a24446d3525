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
    // Shipping
    Tariff,
    Hub,
    Stall,
    PublicPoint,
    Voucher,
    Lot,
    Shipment,
    /// Planned runs are everybody's to join.
    PublicRun,
    Run,
    Holiday,
    Complaint,
    DeliveredOrder,
    ProductReview,
    Notice,
    Endpoint,
    Delivery,
    OperatorEndpoint,
    OperatorDelivery,
    Photo,
    PublicPhoto,
    Harvest,
    Claim,
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
                    | Names::Stall
                    | Names::Voucher
                    | Names::Lot
                    | Names::Shipment
                    | Names::Run
                    | Names::Complaint
                    | Names::DeliveredOrder
                    | Names::ProductReview
                    | Names::Endpoint
                    | Names::Delivery
                    | Names::Photo
                    | Names::Harvest
                    | Names::Claim
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
    table.extend(shipping());
    table.extend(vouchers());
    table.extend(stock());
    table.extend(after_the_sale());
    table.extend(notices_and_webhooks());
    table.extend(harvests());
    table.extend(guests());
    table.extend(claims());
    table.extend(papers_and_counters());
    table.extend(books());
    table
}

fn stock() -> Vec<Operation> {
    use Names::*;
    let lot = json!({"code": "MO-2", "harvested_on": "2026-11-20"});
    vec![
        get("/v1/producer/variants/{id}/stock", Variant),
        get("/v1/producer/variants/{id}/stock-movements", Variant),
        op("post", "/v1/producer/variants/{id}/stock-counts", Variant, json!({"expected_on_hand": 1, "counted": 1})),
        op("post", "/v1/producer/products/{id}/lots", Product, lot),
        get("/v1/producer/lots", Nothing),
        get("/v1/producer/lots/{id}", Lot),
        get("/v1/producer/lots/{id}/orders", Lot),
        op("patch", "/v1/producer/lots/{id}", Lot, json!({"code": "MO-3"})),
        op("post", "/v1/producer/lots/{id}/close", Lot, json!({})),
        op("post", "/v1/producer/lots/{id}/recall", Lot, json!({"reason": "Nhãn in sai"})),
        get("/v1/operator/lots", Nothing),
        get("/v1/operator/lots/{id}", Lot),
        get("/v1/operator/lots/{id}/orders", Lot),
        op("post", "/v1/operator/lots/{id}/recall", Lot, json!({"reason": "Nhãn in sai"})),
    ]
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

fn writes_of_producers() -> Vec<Operation> {
    use Names::*;
    vec![
        op("post", "/v1/producer/registration", Nothing, crate::support::registration("Hộ mới", "00769")),
        op("patch", "/v1/producer/profile", Nothing, json!({"address": "Thôn mới"})),
        op("post", "/v1/producer/profile/submit", Nothing, json!({})),
        op("put", "/v1/producer/selling-terms", Nothing, json!({"minimum_order_vnd": 0})),
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
        op("post", "/v1/producer/orders/{id}/make-ready", Order, json!({})),
        op("post", "/v1/producer/orders/{id}/fail-delivery", Order, json!({"reason": "Không có người nhận"})),
        op("post", "/v1/producer/orders/{id}/send-back", Order, json!({"reason": "Không có người nhận"})),
        op("post", "/v1/producer/orders/{id}/receive-return", Order, json!({})),
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

fn point() -> Value {
    json!({"name": "Chợ Mèo Vạc", "place": {"commune_code": "00769"}, "address": "Tổ 2", "opening": "7 giờ đến 17 giờ",
           "keeps_cold": false})
}

pub fn run() -> Value {
    json!({"run_on": "2099-01-01", "commune": {"commune_code": "00769"}, "vehicle": "Xe tải 1,5 tấn", "capacity_kg": 1500,
           "cost_vnd": 900_000})
}

fn shipping() -> Vec<Operation> {
    use Names::*;
    let tariff = json!({"service": "ghn", "effective_from": "2099-01-01", "rows": [{"zone": "same_commune",
        "transport_classes": ["ambient"], "days_min": 1, "days_max": 2, "steps": [{"weight_g_max": 500, "fee_vnd": 15_000}]}]});
    let zone = json!({"zone": "same_commune", "fee_vnd": 10_000, "weight_g_max": 20_000, "days_min": 0, "days_max": 1});
    let question = json!({"origin": {"commune_code": "00769"}, "destination": {"commune_code": "00721"}, "weight_g": 1400,
        "transport_classes": ["ambient"]});
    vec![
        get("/v1/public/pickup-points", Nothing),
        get("/v1/public/pickup-points/{id}", PublicPoint),
        get("/v1/operator/shipping-tariffs", Nothing),
        get("/v1/operator/shipping-tariffs/{id}", Tariff),
        get("/v1/producer/own-delivery", Nothing),
        get("/v1/operator/carrier-addresses", Nothing),
        get("/v1/producer/collection-runs", Nothing),
        get("/v1/producer/collection-runs/{id}", Run),
        op("post", "/v1/producer/collection-runs", Nothing, run()),
        op("post", "/v1/producer/collection-runs/{id}/join", PublicRun, json!({"shipment_id": uuid::Uuid::now_v7()})),
        op("post", "/v1/producer/collection-runs/{id}/load", Run, json!({})),
        op("post", "/v1/producer/collection-runs/{id}/depart", Run, json!({})),
        op("post", "/v1/producer/collection-runs/{id}/finish", Run, json!({})),
        op("post", "/v1/producer/collection-runs/{id}/cancel", Run, json!({})),
        get("/v1/buyer/orders/{id}/shipments", Order),
        get("/v1/producer/orders/{id}/shipments", Order),
        op("post", "/v1/producer/shipments/{id}/note-waybill", Shipment, json!({"code": "QUAY1"})),
        op("post", "/v1/producer/shipments/{id}/rebook", Shipment, json!({})),
        op("post", "/v1/producer/shipments/{id}/report", Shipment, json!({"status": "picked_up"})),
        op("post", "/v1/producer/shipments/{id}/cancel", Shipment, json!({})),
        op(
            "post",
            "/v1/operator/carrier-addresses",
            Nothing,
            json!({"carrier": "ghn", "rows": [{"commune_code": "00769", "district_code": "2269", "ward_code": "830101"}]}),
        ),
        op("post", "/v1/callbacks/ghn", Nothing, json!({"OrderCode": "1"})),
        op("post", "/v1/callbacks/ghtk", Nothing, json!({"label_id": "1"})),
        op("post", "/v1/callbacks/viettel-post", Nothing, json!({"DATA": {}})),
        op("post", "/v1/producer/shipping-quotes", Nothing, question),
        op("put", "/v1/producer/own-delivery", Nothing, json!({"zones": [zone]})),
        op("post", "/v1/producer/pickup-points", Nothing, point()),
        op("patch", "/v1/producer/pickup-points/{id}", Stall, json!({"opening": "8 giờ đến 16 giờ"})),
        op("post", "/v1/operator/shipping-tariffs", Nothing, tariff),
        op("post", "/v1/operator/pickup-points", Nothing, point()),
        op("patch", "/v1/operator/pickup-points/{id}", Hub, json!({"opening": "8 giờ đến 16 giờ"})),
    ]
}

fn vouchers() -> Vec<Operation> {
    use Names::{Nothing, Voucher};
    vec![
        get("/v1/operator/vouchers", Nothing),
        get("/v1/operator/vouchers/{id}", Voucher),
        get("/v1/producer/vouchers", Nothing),
        get("/v1/producer/vouchers/{id}", Voucher),
        op("post", "/v1/producer/vouchers", Nothing, crate::support::new_voucher("percent")),
        op("post", "/v1/producer/vouchers/{id}/pause", Voucher, json!({})),
        op("post", "/v1/producer/vouchers/{id}/resume", Voucher, json!({})),
        op("post", "/v1/operator/vouchers", Nothing, {
            let mut voucher = crate::support::new_voucher("amount");
            voucher["payer"] = json!("province");
            voucher
        }),
        op("post", "/v1/operator/vouchers/{id}/pause", Voucher, json!({})),
        op("post", "/v1/operator/vouchers/{id}/resume", Voucher, json!({})),
        op("post", "/v1/producer/vouchers/{id}/end", Voucher, json!({})),
        op("post", "/v1/operator/vouchers/{id}/end", Voucher, json!({})),
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

/// From tomorrow on.
pub fn harvest() -> Value {
    let day = |days: i64| (chrono::Utc::now() + chrono::TimeDelta::days(days)).date_naive();
    json!({"expected": 20, "orders_from": day(1), "orders_until": day(5), "harvest_from": day(6), "harvest_until": day(8),
           "ships_from": day(7), "ships_until": day(10), "shortfall_rule": "first_paid"})
}

fn harvests() -> Vec<Operation> {
    use Names::{Harvest, Nothing, PublicProduct, Variant};
    let declared = json!({"harvested": 18, "lot": {"code": "MO-9", "harvested_on": "2026-11-20"}});
    vec![
        op("post", "/v1/producer/variants/{id}/harvests", Variant, harvest()),
        get("/v1/public/products/{id}/harvests", PublicProduct),
        get("/v1/producer/harvests", Nothing),
        get("/v1/producer/harvests/{id}", Harvest),
        op("post", "/v1/producer/harvests/{id}/close", Harvest, json!({})),
        op("post", "/v1/producer/harvests/{id}/declare", Harvest, declared),
        op("post", "/v1/producer/harvests/{id}/cancel", Harvest, json!({})),
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

fn guests() -> Vec<Operation> {
    use Names::*;
    let proof = json!({"order_code": "7K2M9QXA", "phone": "0977777771", "order_token": "x", "device_id": "d"});
    vec![
        op("post", "/v1/auth/guest", Nothing, json!({"device_id": "d"})),
        op("post", "/v1/auth/guest/orders", Nothing, proof),
    ]
}

fn claims() -> Vec<Operation> {
    use Names::*;
    let text = || json!({"text": "Chai được bọc kỹ."});
    let amount = || json!({"amount_vnd": 1_000, "text": "Hoàn tiền một phần."});
    let claim = json!({"kind": "missing", "text": "Thiếu một chai.", "wish": "refund",
                       "lines": [{"variant_id": "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b", "quantity": 1}]});
    vec![
        get("/v1/buyer/orders/{id}/claims", DeliveredOrder),
        op("post", "/v1/buyer/orders/{id}/claims", DeliveredOrder, claim),
        get("/v1/buyer/claims/{id}", Claim),
        get("/v1/producer/claims", Nothing),
        get("/v1/producer/claims/{id}", Claim),
        get("/v1/operator/claims", Nothing),
        get("/v1/operator/claims/{id}", Claim),
        op("post", "/v1/producer/claims/{id}/offer", Claim, amount()),
        op("post", "/v1/buyer/claims/{id}/reject-offer", Claim, text()),
        op("post", "/v1/producer/claims/{id}/contest", Claim, text()),
        op("post", "/v1/producer/claims/{id}/ask-return", Claim, text()),
        op("post", "/v1/producer/claims/{id}/accept", Claim, json!({})),
        op("post", "/v1/buyer/claims/{id}/accept-offer", Claim, json!({})),
        op("post", "/v1/operator/claims/{id}/decide", Claim, amount()),
        op("post", "/v1/buyer/claims/{id}/withdraw", Claim, json!({})),
    ]
}

fn papers_and_counters() -> Vec<Operation> {
    vec![
        get("/v1/producer/collection-runs/{id}/manifest.pdf", Names::Run),
        get("/v1/auth/notices/unread-count", Names::Nothing),
    ]
}

fn books() -> Vec<Operation> {
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
