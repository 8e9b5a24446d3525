//! Giao Hàng Nhanh (api.ghn.vn, docs of 2026): books once per `client_order_code`; callbacks are repeated ten times,
//! in any order.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::wire::{brings, is_final, json as read, money, text, words};
use super::{
    AddressCodes, Cancelled, CarrierApi, Created, Found, HttpAnswer, HttpCall, Meaning, News, Parcel, RawMessage,
};
use crate::config::CarrierConfig;
use crate::kernel::{Secret, Vnd};
use crate::shipping::model::{Carrier, ShipmentStatus};

/// Grams from which a parcel is a heavy one to GHN.
const HEAVY_FROM_G: i32 = 20_000;
/// Đồng that GHN insures at most.
const INSURED_MAX: i64 = 5_000_000;
/// Centimetres of each side, since nobody measures; GHN corrects them at the counter.
const SIDE_CM: i32 = 20;

pub struct Ghn {
    config: CarrierConfig,
}

impl Ghn {
    pub fn new(config: CarrierConfig) -> Self {
        Self { config }
    }

    fn post(&self, path: &str, body: &Value) -> HttpCall {
        let shop = self.config.account.clone().unwrap_or_default();
        let headers = vec![("Token", self.config.token.clone()), ("ShopId", Secret::new(shop))];
        HttpCall::post(format!("{}/{path}", self.config.base_url), headers, body.to_string())
    }
}

fn service_type(weight_g: i32) -> i32 {
    if weight_g >= HEAVY_FROM_G { 5 } else { 2 }
}

/// Both places, with the district as the number that GHN wants.
fn places(parcel: &Parcel) -> Option<[(i64, &AddressCodes); 2]> {
    let of = |codes: &Option<AddressCodes>| -> Option<i64> { codes.as_ref()?.district.parse().ok() };
    let (from, to) = (&parcel.sender.spot.codes, &parcel.recipient.spot.codes);
    Some([(of(from)?, from.as_ref()?), (of(to)?, to.as_ref()?)])
}

fn insured(parcel: &Parcel) -> i64 {
    parcel.goods_vnd.amount().min(INSURED_MAX)
}

impl CarrierApi for Ghn {
    fn id(&self) -> Carrier {
        Carrier::Ghn
    }

    fn quote(&self, parcel: &Parcel) -> Option<HttpCall> {
        let [(from_district, from), (to_district, to)] = places(parcel)?;
        let body = json!({
            "service_type_id": service_type(parcel.weight_g), "from_district_id": from_district, "from_ward_code": from.ward,
            "to_district_id": to_district, "to_ward_code": to.ward, "weight": parcel.weight_g,
            "length": SIDE_CM, "width": SIDE_CM, "height": SIDE_CM, "insurance_value": insured(parcel),
        });
        Some(self.post("v2/shipping-order/fee", &body))
    }

    fn read_quote(&self, answer: &HttpAnswer) -> Option<Vnd> {
        money(&read(answer), "/data/total")
    }

    fn create(&self, parcel: &Parcel) -> Option<HttpCall> {
        let [(from_district, from), (to_district, to)] = places(parcel)?;
        let Parcel { reference, sender, recipient, weight_g, collects_vnd, .. } = parcel;
        let body = json!({
            "client_order_code": reference, "payment_type_id": 1, "required_note": "CHOXEMHANGKHONGTHU",
            "cod_amount": collects_vnd.amount(),
            "from_name": sender.name, "from_phone": sender.phone, "from_address": sender.address,
            "from_district_id": from_district, "from_ward_code": from.ward,
            "to_name": recipient.name, "to_phone": recipient.phone, "to_address": recipient.address,
            "to_district_id": to_district, "to_ward_code": to.ward,
            "weight": weight_g, "length": SIDE_CM, "width": SIDE_CM, "height": SIDE_CM,
            "service_type_id": service_type(*weight_g), "insurance_value": insured(parcel), "content": "Hàng OCOP",
            "items": [{"name": "Hàng OCOP", "quantity": 1, "weight": weight_g}],
        });
        Some(self.post("v2/shipping-order/create", &body))
    }

    fn read_created(&self, answer: &HttpAnswer) -> Created {
        let said = read(answer);
        match text(&said, "/data/order_code") {
            Some(code) if answer.status == 200 => {
                Created::Booked { code: Some(code), fee_vnd: money(&said, "/data/total_fee") }
            }
            None if (400..500).contains(&answer.status) && is_final(answer) => Created::Refused(words(answer, &said)),
            _ => Created::Unclear(words(answer, &said)),
        }
    }

    fn find(&self, reference: &str) -> Option<HttpCall> {
        Some(self.post("v2/shipping-order/detail-by-client-code", &json!({"client_order_code": reference})))
    }

    /// The data are the parcel, or a list with it.
    fn read_found(&self, answer: &HttpAnswer) -> Found {
        let said = read(answer);
        let parcel = said.pointer("/data/0").or_else(|| said.pointer("/data")).cloned().unwrap_or_default();
        match (text(&parcel, "/order_code"), text(&parcel, "/status")) {
            (Some(code), Some(raw_code)) if answer.status == 200 => {
                Found::Known { code, raw_code, at: text(&parcel, "/updated_date").and_then(|at| moment(&at)) }
            }
            (None, _) if matches!(answer.status, 400 | 404) => Found::Unknown,
            _ => Found::Unclear(words(answer, &said)),
        }
    }

    fn cancel(&self, code: &str) -> HttpCall {
        self.post("v2/switch-status/cancel", &json!({"order_codes": [code]}))
    }

    fn read_cancelled(&self, answer: &HttpAnswer) -> Cancelled {
        let said = read(answer);
        match said.pointer("/data/0/result").and_then(Value::as_bool) {
            Some(true) if answer.status == 200 => Cancelled::Done,
            Some(false) => Cancelled::TooLate(text(&said, "/data/0/message").unwrap_or_default()),
            _ if (400..500).contains(&answer.status) && is_final(answer) => Cancelled::TooLate(words(answer, &said)),
            _ => Cancelled::Unclear(words(answer, &said)),
        }
    }

    fn is_genuine(&self, message: &RawMessage<'_>) -> bool {
        brings(message, &self.config.callback_secret)
    }

    fn read_message(&self, message: &RawMessage<'_>) -> Option<News> {
        let said: Value = serde_json::from_slice(message.body).ok()?;
        let (code, raw_code) = (text(&said, "/OrderCode")?, text(&said, "/Status")?);
        let (kind, time) = (text(&said, "/Type")?.to_ascii_lowercase(), text(&said, "/Time")?);
        // Other messages repeat the status of their moment beside a new weight or fee.
        let is_move = matches!(kind.as_str(), "create" | "switch_status");
        let meaning = if is_move { self.meaning(&raw_code) } else { Meaning::Information };
        Some(News {
            reference: text(&said, "/ClientOrderCode"),
            dedup_key: format!("{code}:{kind}:{raw_code}:{time}"),
            happened_at: moment(&time)?,
            code,
            raw_code,
            meaning,
        })
    }

    fn meaning(&self, raw_code: &str) -> Meaning {
        use ShipmentStatus::{
            Cancelled, Damaged, Delivered, DeliveryFailed, Exception, InTransit, Lost, OutForDelivery, PickedUp,
            PickupScheduled, Returned, Returning,
        };
        Meaning::Status(match raw_code {
            "ready_to_pick" | "picking" | "money_collect_picking" => PickupScheduled,
            "picked" => PickedUp,
            "storing" | "transporting" | "sorting" => InTransit,
            "delivering" | "money_collect_delivering" => OutForDelivery,
            "delivered" => Delivered,
            "delivery_fail" | "waiting_to_return" => DeliveryFailed,
            "return" | "return_transporting" | "return_sorting" | "returning" | "return_fail" => Returning,
            "returned" => Returned,
            "cancel" => Cancelled,
            "damage" => Damaged,
            "lost" => Lost,
            _ => Exception,
        })
    }
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}
