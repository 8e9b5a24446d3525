//! Complaints, claims, messages, reviews, and who is told of what.

use serde_json::json;

use super::{Names, Operation, get, op};

pub fn after_the_sale() -> Vec<Operation> {
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

pub fn claims() -> Vec<Operation> {
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

pub fn notices_and_webhooks() -> Vec<Operation> {
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
