//! Shipping.

use serde_json::{Value, json};

use super::{Names, Operation, get, op};

pub fn point() -> Value {
    json!({"name": "Chợ Mèo Vạc", "place": {"commune_code": "00769"}, "address": "Tổ 2", "opening": "7 giờ đến 17 giờ",
           "keeps_cold": false})
}

pub fn run() -> Value {
    json!({"run_on": "2099-01-01", "commune": {"commune_code": "00769"}, "vehicle": "Xe tải 1,5 tấn", "capacity_kg": 1500,
           "cost_vnd": 900_000})
}

pub fn shipping() -> Vec<Operation> {
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
