//! Giao Hàng Tiết Kiệm (api.ghtk.vn, docs of 2026): knows places by their names of today; calls back with one
//! repetition only, so it is asked as well.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::{Map, Value, json};

use super::wire::{brings, flag, is_final, json as read, money, text, words};
use super::{Cancelled, CarrierApi, Created, Found, HttpAnswer, HttpCall, Meaning, News, Parcel, RawMessage};
use crate::config::CarrierConfig;
use crate::kernel::Vnd;
use crate::kernel::time::from_vietnam;
use crate::shipping::model::{Carrier, ShipmentStatus};

pub struct Ghtk {
    config: CarrierConfig,
}

impl Ghtk {
    pub fn new(config: CarrierConfig) -> Self {
        Self { config }
    }

    fn call(&self, path: &str, body: Option<Value>) -> HttpCall {
        let url = format!("{}/services/shipment/{path}", self.config.base_url);
        let headers = vec![("Token", self.config.token.clone())];
        match body {
            Some(body) => HttpCall::post(url, headers, body.to_string()),
            None => HttpCall::get(url, headers),
        }
    }
}

impl CarrierApi for Ghtk {
    fn id(&self) -> Carrier {
        Carrier::Ghtk
    }

    fn quote(&self, parcel: &Parcel) -> Option<HttpCall> {
        let (from, to) = (&parcel.sender.spot, &parcel.recipient.spot);
        let query: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("pick_province", &from.province_name)
            .append_pair("pick_district", &from.former_district_name)
            .append_pair("province", &to.province_name)
            .append_pair("district", &to.former_district_name)
            .append_pair("ward", &to.commune_name)
            .append_pair("weight", &parcel.weight_g.to_string())
            .append_pair("value", &parcel.goods_vnd.amount().to_string())
            .append_pair("transport", "road")
            .finish();
        Some(self.call(&format!("fee?{query}"), None))
    }

    fn read_quote(&self, answer: &HttpAnswer) -> Option<Vnd> {
        money(&read(answer), "/fee/fee")
    }

    fn create(&self, parcel: &Parcel) -> Option<HttpCall> {
        let Parcel { reference, sender, recipient, weight_g, goods_vnd, collects_vnd } = parcel;
        let body = json!({
            "products": [{"name": "Hàng OCOP", "weight": weight_g, "quantity": 1}],
            "order": {
                "id": reference, "weight_option": "gram", "transport": "road", "is_freeship": "1",
                "pick_money": collects_vnd.amount(),
                "value": goods_vnd.amount(), "pick_name": sender.name, "pick_tel": sender.phone,
                "pick_address": sender.address, "pick_province": sender.spot.province_name,
                "pick_ward": sender.spot.commune_name, "name": recipient.name, "tel": recipient.phone,
                "address": recipient.address, "province": recipient.spot.province_name,
                "ward": recipient.spot.commune_name, "hamlet": "Khác",
            },
        });
        Some(self.call("order", Some(body)))
    }

    /// A parcel that GHTK knows already is answered with an error that names it.
    fn read_created(&self, answer: &HttpAnswer) -> Created {
        let said = read(answer);
        let is_known = text(&said, "/error/code").as_deref() == Some("ORDER_ID_EXIST");
        match (text(&said, "/order/label"), flag(&said, "/success")) {
            (Some(label), Some(true)) => Created::Booked { code: Some(label), fee_vnd: money(&said, "/order/fee") },
            (_, Some(false)) if is_known => Created::Booked { code: text(&said, "/error/ghtk_label"), fee_vnd: None },
            (_, Some(false)) if is_final(answer) => Created::Refused(words(answer, &said)),
            _ => Created::Unclear(words(answer, &said)),
        }
    }

    fn find(&self, reference: &str) -> Option<HttpCall> {
        Some(self.call(&format!("v2/partner_id:{reference}"), None))
    }

    fn read_found(&self, answer: &HttpAnswer) -> Found {
        let said = read(answer);
        match (text(&said, "/order/label_id"), text(&said, "/order/status"), flag(&said, "/success")) {
            (Some(code), Some(raw_code), Some(true)) => {
                Found::Known { code, raw_code, at: text(&said, "/order/modified").and_then(|at| moment(&at)) }
            }
            (_, _, Some(false)) if is_final(answer) => Found::Unknown,
            _ => Found::Unclear(words(answer, &said)),
        }
    }

    fn cancel(&self, code: &str) -> HttpCall {
        self.call(&format!("cancel/{code}"), Some(json!({})))
    }

    /// What was cancelled before is refused with a sentence.
    fn read_cancelled(&self, answer: &HttpAnswer) -> Cancelled {
        let said = read(answer);
        let was_cancelled = text(&said, "/message").is_some_and(|message| message.contains("trạng thái hủy"));
        match flag(&said, "/success") {
            Some(true) => Cancelled::Done,
            Some(false) if was_cancelled => Cancelled::Done,
            Some(false) if is_final(answer) => Cancelled::TooLate(words(answer, &said)),
            _ => Cancelled::Unclear(words(answer, &said)),
        }
    }

    fn is_genuine(&self, message: &RawMessage<'_>) -> bool {
        brings(message, &self.config.callback_secret)
    }

    fn read_message(&self, message: &RawMessage<'_>) -> Option<News> {
        let said = fields(message)?;
        let (code, raw_code) = (text(&said, "/label_id")?, text(&said, "/status_id")?);
        let time = text(&said, "/action_time")?;
        Some(News {
            reference: text(&said, "/partner_id"),
            dedup_key: format!("{code}:{raw_code}:{time}"),
            happened_at: moment(&time)?,
            meaning: self.meaning(&raw_code),
            code,
            raw_code,
        })
    }

    fn meaning(&self, raw_code: &str) -> Meaning {
        use ShipmentStatus::{
            Cancelled, Created, Delivered, DeliveryFailed, Exception, Lost, OutForDelivery, PickedUp, PickupFailed,
            PickupScheduled, Returned, Returning,
        };
        Meaning::Status(match raw_code {
            "-1" => Cancelled,
            "1" => Created,
            "2" | "8" | "12" => PickupScheduled,
            "7" => PickupFailed,
            "3" => PickedUp,
            "4" | "10" => OutForDelivery,
            "9" => DeliveryFailed,
            // 6: delivered, and settled between GHTK and the shop.
            "5" | "6" => Delivered,
            "20" => Returning,
            "11" | "21" => Returned,
            // GHTK pays for it: the goods are gone.
            "13" => Lost,
            // What a driver reports before the office confirms it.
            "45" | "49" | "123" | "127" | "128" | "410" => return Meaning::Information,
            _ => Exception,
        })
    }
}

/// A form or JSON, as the shop's settings at GHTK say.
fn fields(message: &RawMessage<'_>) -> Option<Value> {
    if message.content_type.starts_with("application/json") {
        return serde_json::from_slice(message.body).ok();
    }
    let pairs = form_urlencoded::parse(message.body).map(|(name, value)| (name.into_owned(), Value::from(&*value)));
    Some(Value::Object(pairs.collect::<Map<String, Value>>()))
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    let with_zone = DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
    with_zone.or_else(|| from_vietnam(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?))
}
