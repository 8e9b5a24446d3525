//! Viettel Post (partner.viettelpost.vn, v2): refuses a reference that it knows (`CHECK_UNIQUE`), has no question for a
//! parcel, and puts our token into each message.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::{Value, json};

use super::wire::{brings, flag, is_final, is_same, json as read, money, text, words};
use super::{
    AddressCodes, Cancelled, CarrierApi, Created, Found, HttpAnswer, HttpCall, Meaning, News, Parcel, Party, RawMessage,
};
use crate::config::CarrierConfig;
use crate::kernel::Vnd;
use crate::kernel::time::from_vietnam;
use crate::shipping::model::{Carrier, ShipmentStatus};

/// Express, the service that every account has.
const SERVICE: &str = "VCN";
/// What is collected from the recipient; the way is ours to pay in any case.
const COLLECTS_NOTHING: i32 = 1;
const COLLECTS_THE_PRICE: i32 = 3;
/// A change of an order: to cancel it.
const CANCEL: i32 = 4;

pub struct ViettelPost {
    config: CarrierConfig,
}

impl ViettelPost {
    pub fn new(config: CarrierConfig) -> Self {
        Self { config }
    }

    fn post(&self, path: &str, body: &Value) -> HttpCall {
        let url = format!("{}/v2/order/{path}", self.config.base_url);
        HttpCall::post(url, vec![("Token", self.config.token.clone())], body.to_string())
    }
}

/// Province, district and ward as numbers.
fn numbers(party: &Party) -> Option<[i64; 3]> {
    let AddressCodes { province, district, ward } = party.spot.codes.as_ref()?;
    Some([province.as_ref()?.parse().ok()?, district.parse().ok()?, ward.parse().ok()?])
}

impl CarrierApi for ViettelPost {
    fn id(&self) -> Carrier {
        Carrier::ViettelPost
    }

    fn quote(&self, parcel: &Parcel) -> Option<HttpCall> {
        let ([from_province, from_district, _], [to_province, to_district, _]) =
            (numbers(&parcel.sender)?, numbers(&parcel.recipient)?);
        let body = json!({
            "SENDER_PROVINCE": from_province, "SENDER_DISTRICT": from_district, "RECEIVER_PROVINCE": to_province,
            "RECEIVER_DISTRICT": to_district, "PRODUCT_TYPE": "HH", "NATIONAL_TYPE": 1, "ORDER_SERVICE": SERVICE,
            "PRODUCT_WEIGHT": parcel.weight_g, "PRODUCT_PRICE": parcel.goods_vnd.amount(), "MONEY_COLLECTION": 0,
        });
        Some(self.post("getPrice", &body))
    }

    fn read_quote(&self, answer: &HttpAnswer) -> Option<Vnd> {
        money(&read(answer), "/data/MONEY_TOTAL")
    }

    fn create(&self, parcel: &Parcel) -> Option<HttpCall> {
        let Parcel { reference, sender, recipient, weight_g, goods_vnd, collects_vnd } = parcel;
        let ([from_province, from_district, from_ward], [to_province, to_district, to_ward]) =
            (numbers(sender)?, numbers(recipient)?);
        let payment = if *collects_vnd == Vnd::ZERO { COLLECTS_NOTHING } else { COLLECTS_THE_PRICE };
        let body = json!({
            "ORDER_NUMBER": reference, "CHECK_UNIQUE": true, "ORDER_PAYMENT": payment, "ORDER_SERVICE": SERVICE,
            "SENDER_FULLNAME": sender.name, "SENDER_PHONE": sender.phone, "SENDER_ADDRESS": sender.address,
            "SENDER_PROVINCE": from_province, "SENDER_DISTRICT": from_district, "SENDER_WARD": from_ward,
            "RECEIVER_FULLNAME": recipient.name, "RECEIVER_PHONE": recipient.phone, "RECEIVER_ADDRESS": recipient.address,
            "RECEIVER_PROVINCE": to_province, "RECEIVER_DISTRICT": to_district, "RECEIVER_WARD": to_ward,
            "PRODUCT_NAME": "Hàng OCOP", "PRODUCT_TYPE": "HH", "PRODUCT_QUANTITY": 1, "PRODUCT_WEIGHT": weight_g,
            "PRODUCT_PRICE": goods_vnd.amount(), "MONEY_COLLECTION": collects_vnd.amount(),
        });
        Some(self.post("createOrder", &body))
    }

    fn read_created(&self, answer: &HttpAnswer) -> Created {
        let said = read(answer);
        let is_known = text(&said, "/message").is_some_and(|m| {
            let message = m.to_lowercase();
            message.contains("đã tồn tại") || message.contains("trùng mã") || message.contains("exist")
        });
        match (flag(&said, "/error"), text(&said, "/data/ORDER_NUMBER")) {
            (Some(false), Some(code)) => {
                Created::Booked { code: Some(code), fee_vnd: money(&said, "/data/MONEY_TOTAL") }
            }
            // Its number comes with the first message about it.
            (Some(true), _) if is_known => Created::Booked { code: None, fee_vnd: None },
            (Some(true), _) if is_final(answer) => Created::Refused(words(answer, &said)),
            _ => Created::Unclear(words(answer, &said)),
        }
    }

    fn find(&self, _: &str) -> Option<HttpCall> {
        None
    }

    fn read_found(&self, answer: &HttpAnswer) -> Found {
        Found::Unclear(words(answer, &read(answer)))
    }

    fn cancel(&self, code: &str) -> HttpCall {
        self.post("UpdateOrder", &json!({"TYPE": CANCEL, "ORDER_NUMBER": code, "NOTE": "Huỷ đơn"}))
    }

    fn read_cancelled(&self, answer: &HttpAnswer) -> Cancelled {
        let said = read(answer);
        match flag(&said, "/error") {
            Some(false) => Cancelled::Done,
            Some(true) if is_final(answer) => Cancelled::TooLate(words(answer, &said)),
            _ => Cancelled::Unclear(words(answer, &said)),
        }
    }

    fn is_genuine(&self, message: &RawMessage<'_>) -> bool {
        let said: Value = serde_json::from_slice(message.body).unwrap_or_default();
        let token = text(&said, "/TOKEN");
        token.is_some_and(|token| is_same(&token, &self.config.callback_secret))
            || brings(message, &self.config.callback_secret)
    }

    fn read_message(&self, message: &RawMessage<'_>) -> Option<News> {
        let said: Value = serde_json::from_slice(message.body).ok()?;
        let (code, raw_code) = (text(&said, "/DATA/ORDER_NUMBER")?, text(&said, "/DATA/ORDER_STATUS")?);
        let time = text(&said, "/DATA/ORDER_STATUSDATE")?;
        let at = NaiveDateTime::parse_from_str(&time, "%d/%m/%Y %H:%M:%S").ok()?;
        let happened_at: DateTime<Utc> = from_vietnam(at)?;
        Some(News {
            reference: text(&said, "/DATA/ORDER_REFERENCE"),
            dedup_key: format!("{code}:{raw_code}:{time}"),
            happened_at,
            meaning: self.meaning(&raw_code),
            code,
            raw_code,
        })
    }

    fn meaning(&self, raw_code: &str) -> Meaning {
        use ShipmentStatus::{
            Cancelled, Created, Delivered, DeliveryFailed, Exception, InTransit, PickedUp, PickupScheduled, Returned,
            Returning,
        };
        Meaning::Status(match raw_code {
            "-100" | "100" => Created,
            "101" | "102" | "103" | "104" | "-108" | "-109" | "-110" => PickupScheduled,
            "105" => PickedUp,
            "200" | "202" | "300" | "320" | "400" | "500" | "506" | "508" | "509" | "550" | "570" => InTransit,
            "501" => Delivered,
            "507" => DeliveryFailed,
            "502" | "505" | "515" => Returning,
            "504" => Returned,
            "107" | "201" | "503" => Cancelled,
            _ => Exception,
        })
    }
}
