//! What producers and operators do with profiles, goods, stock, vouchers and harvests.

use serde_json::{Value, json};

use super::{Names, Operation, get, op};

pub fn writes_of_producers() -> Vec<Operation> {
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

pub fn writes_of_operators() -> Vec<Operation> {
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

pub fn stock() -> Vec<Operation> {
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

pub fn vouchers() -> Vec<Operation> {
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

/// From tomorrow on.
pub fn harvest() -> Value {
    let day = |days: i64| (chrono::Utc::now() + chrono::TimeDelta::days(days)).date_naive();
    json!({"expected": 20, "orders_from": day(1), "orders_until": day(5), "harvest_from": day(6), "harvest_until": day(8),
           "ships_from": day(7), "ships_until": day(10), "shortfall_rule": "first_paid"})
}

pub fn harvests() -> Vec<Operation> {
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

pub fn variant() -> Value {
    json!({"label": "Chai nửa lít", "unit": "l", "net_weight_g": 700, "price_vnd": 250_000, "quantity": 3})
}
