//! Recorded requests, answers and messages of the carriers.

use serde_json::{Value, json};

use super::*;
use crate::kernel::Secret;

fn config() -> CarrierConfig {
    CarrierConfig {
        token: Secret::new("our token".to_owned()),
        account: Some("81558".to_owned()),
        base_url: "https://carrier.example".to_owned(),
        callback_secret: Secret::new("a secret of ours".to_owned()),
    }
}

use crate::config::CarrierConfig;

fn spot(code: &str, name: &str, codes: [&str; 3]) -> Spot {
    let [province, district, ward] = codes.map(str::to_owned);
    Spot {
        commune_code: CommuneCode::parse(code).unwrap(),
        commune_name: name.to_owned(),
        former_district_name: "Mèo Vạc".to_owned(),
        province_name: "Tuyên Quang".to_owned(),
        codes: Some(AddressCodes { province: Some(province), district, ward }),
    }
}

fn parcel() -> Parcel {
    let party = |name: &str, spot: Spot| Party {
        name: name.to_owned(),
        phone: "+84911111111".to_owned(),
        address: "Tổ 2".to_owned(),
        spot,
    };
    Parcel {
        reference: "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b".to_owned(),
        sender: party("Hộ nuôi ong", spot("00769", "Xã Mèo Vạc", ["61", "2269", "830"])),
        recipient: party("Nguyễn Thị Hoà", spot("00691", "Phường Hà Giang 2", ["61", "1500", "831"])),
        weight_g: 1400,
        goods_vnd: Vnd::new(9_000_000).unwrap(),
        collects_vnd: Vnd::ZERO,
    }
}

/// What is collected is asked of each carrier in its own words, to the đồng.
#[test]
fn a_carrier_is_told_what_it_collects() {
    let paid_in_cash = Parcel { collects_vnd: Vnd::new(231_428).unwrap(), ..parcel() };
    let said = all().map(|api| body(&api.create(&paid_in_cash).unwrap()));
    assert_eq!((&said[0]["cod_amount"], &said[0]["payment_type_id"]), (&json!(231_428), &json!(1)));
    assert_eq!((&said[1]["order"]["pick_money"], &said[1]["order"]["is_freeship"]), (&json!(231_428), &json!("1")));
    assert_eq!((&said[2]["MONEY_COLLECTION"], &said[2]["ORDER_PAYMENT"]), (&json!(231_428), &json!(3)));
    let ahead = body(&ViettelPost::new(config()).create(&parcel()).unwrap());
    assert_eq!((&ahead["MONEY_COLLECTION"], &ahead["ORDER_PAYMENT"]), (&json!(0), &json!(1)));
}

fn answer(status: u16, body: &Value) -> HttpAnswer {
    HttpAnswer { status, signature: None, retry_after_s: None, body: body.to_string().into_bytes() }
}

fn body(call: &HttpCall) -> Value {
    serde_json::from_str(call.body.as_deref().unwrap()).unwrap()
}

fn all() -> [Box<dyn CarrierApi>; 3] {
    [Box::new(Ghn::new(config())), Box::new(Ghtk::new(config())), Box::new(ViettelPost::new(config()))]
}

/// Every documented code with what it means, one line a meaning; `information` moves nothing.
fn meanings(api: &dyn CarrierApi, codes: &[&str]) -> Vec<String> {
    let mut by_meaning: std::collections::BTreeMap<String, Vec<&str>> = std::collections::BTreeMap::new();
    for code in codes {
        let meaning = match api.meaning(code) {
            Meaning::Status(status) => status.to_string(),
            Meaning::Information => "information".to_owned(),
        };
        by_meaning.entry(meaning).or_default().push(code);
    }
    by_meaning.into_iter().map(|(meaning, codes)| format!("{meaning}: {}", codes.join(" "))).collect()
}

#[test]
fn every_documented_status_of_ghn_is_mapped() {
    let codes = [
        "ready_to_pick",
        "picking",
        "money_collect_picking",
        "picked",
        "storing",
        "transporting",
        "sorting",
        "delivering",
        "money_collect_delivering",
        "delivered",
        "delivery_fail",
        "waiting_to_return",
        "return",
        "return_transporting",
        "return_sorting",
        "returning",
        "return_fail",
        "returned",
        "cancel",
        "exception",
        "damage",
        "lost",
    ];
    assert_eq!(
        meanings(&Ghn::new(config()), &codes),
        [
            "cancelled: cancel",
            "damaged: damage",
            "delivered: delivered",
            "delivery_failed: delivery_fail waiting_to_return",
            "exception: exception",
            "in_transit: storing transporting sorting",
            "lost: lost",
            "out_for_delivery: delivering money_collect_delivering",
            "picked_up: picked",
            "pickup_scheduled: ready_to_pick picking money_collect_picking",
            "returned: returned",
            "returning: return return_transporting return_sorting returning return_fail",
        ]
    );
}

#[test]
fn every_documented_status_of_ghtk_is_mapped() {
    let codes = [
        "-1", "1", "2", "3", "12", "7", "8", "4", "10", "9", "5", "6", "20", "21", "11", "13", "45", "49", "123",
        "127", "128", "410",
    ];
    assert_eq!(
        meanings(&Ghtk::new(config()), &codes),
        [
            "cancelled: -1",
            "created: 1",
            "delivered: 5 6",
            "delivery_failed: 9",
            "information: 45 49 123 127 128 410",
            "lost: 13",
            "out_for_delivery: 4 10",
            "picked_up: 3",
            "pickup_failed: 7",
            "pickup_scheduled: 2 12 8",
            "returned: 21 11",
            "returning: 20",
        ]
    );
}

#[test]
fn every_documented_status_of_viettel_post_is_mapped() {
    let codes = [
        "-100", "100", "101", "102", "103", "104", "-108", "-109", "-110", "105", "200", "202", "300", "320", "400",
        "500", "506", "508", "509", "550", "570", "501", "507", "502", "505", "515", "504", "107", "201", "503",
    ];
    assert_eq!(
        meanings(&ViettelPost::new(config()), &codes),
        [
            "cancelled: 107 201 503",
            "created: -100 100",
            "delivered: 501",
            "delivery_failed: 507",
            "in_transit: 200 202 300 320 400 500 506 508 509 550 570",
            "picked_up: 105",
            "pickup_scheduled: 101 102 103 104 -108 -109 -110",
            "returned: 504",
            "returning: 502 505 515",
        ]
    );
}

#[test]
fn what_no_page_describes_is_an_exception() {
    for api in all() {
        for code in ["", "999", "teleported", "DELIVERED", "-2", "5.0"] {
            assert_eq!(api.meaning(code), Meaning::Status(ShipmentStatus::Exception), "{} {code}", api.id());
        }
    }
}

#[test]
fn a_parcel_is_booked_under_our_reference_without_money_to_collect() {
    let [ghn, ghtk, viettel] = all();
    let call = ghn.create(&parcel()).unwrap();
    assert_eq!(call.url, "https://carrier.example/v2/shipping-order/create");
    let sent: Vec<(&str, &str)> = call.headers.iter().map(|(name, value)| (*name, value.expose())).collect();
    assert_eq!(sent, [("Token", "our token"), ("ShopId", "81558")]);
    let said = body(&call);
    assert_eq!(said["client_order_code"], "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b");
    assert_eq!((&said["to_district_id"], &said["to_ward_code"]), (&json!(1500), &json!("831")));
    assert_eq!(
        (&said["cod_amount"], &said["insurance_value"], &said["service_type_id"]),
        (&json!(0), &json!(5_000_000), &json!(2))
    );
    let said = body(&ghtk.create(&parcel()).unwrap());
    assert_eq!(said["order"]["id"], "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b");
    assert_eq!(
        (&said["order"]["province"], &said["order"]["ward"]),
        (&json!("Tuyên Quang"), &json!("Phường Hà Giang 2"))
    );
    assert_eq!((&said["order"]["pick_money"], &said["products"][0]["weight"]), (&json!(0), &json!(1400)));
    let said = body(&viettel.create(&parcel()).unwrap());
    assert_eq!(
        (&said["ORDER_NUMBER"], &said["CHECK_UNIQUE"]),
        (&json!("01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b"), &json!(true))
    );
    assert_eq!((&said["RECEIVER_DISTRICT"], &said["MONEY_COLLECTION"]), (&json!(1500), &json!(0)));
    let mut unknown = parcel();
    unknown.recipient.spot.codes = None;
    assert!(ghn.create(&unknown).is_none() && viettel.create(&unknown).is_none(), "a place without numbers");
    assert!(ghtk.create(&unknown).is_some(), "GHTK goes by names");
    for api in all() {
        assert!(api.quote(&parcel()).is_some(), "{}", api.id());
    }
}

#[test]
fn what_a_carrier_answers_to_a_booking_is_read_for_what_it_is() {
    let [ghn, ghtk, viettel] = all();
    let booked = |code: &str, fee: i64| Created::Booked { code: Some(code.to_owned()), fee_vnd: Vnd::new(fee) };
    let ok = json!({"code": 200, "message": "Success", "data": {"order_code": "FFFNL9HH", "total_fee": 33_000}});
    assert_eq!(ghn.read_created(&answer(200, &ok)), booked("FFFNL9HH", 33_000));
    let bad = json!({"code": 400, "message": "Sai thông tin ward_code", "data": null});
    assert_eq!(ghn.read_created(&answer(400, &bad)), Created::Refused("Sai thông tin ward_code".to_owned()));
    let ok = json!({"success": true, "order": {"partner_id": "x", "label": "S1.A1.2", "fee": "30400"}});
    assert_eq!(ghtk.read_created(&answer(200, &ok)), booked("S1.A1.2", 30_400));
    let known = json!({"success": false, "message": "…", "error": {"code": "ORDER_ID_EXIST", "ghtk_label": "S1.A1.2"}});
    assert_eq!(
        ghtk.read_created(&answer(200, &known)),
        Created::Booked { code: Some("S1.A1.2".to_owned()), fee_vnd: None }
    );
    let bad = json!({"success": false, "message": "Địa chỉ sai"});
    assert_eq!(ghtk.read_created(&answer(200, &bad)), Created::Refused("Địa chỉ sai".to_owned()));
    let ok = json!({"status": 200, "error": false, "message": "OK", "data": {"ORDER_NUMBER": "10345381626", "MONEY_TOTAL": 32_500}});
    assert_eq!(viettel.read_created(&answer(200, &ok)), booked("10345381626", 32_500));
    let known = json!({"status": 204, "error": true, "message": "Mã đơn hàng đã tồn tại"});
    assert_eq!(viettel.read_created(&answer(200, &known)), Created::Booked { code: None, fee_vnd: None });
    let bad = json!({"status": 204, "error": true, "message": "Price does not apply to this itinerary!"});
    assert!(matches!(viettel.read_created(&answer(200, &bad)), Created::Refused(_)));
    // What says nothing of the parcel leaves everything open.
    for api in all() {
        for (status, said) in [
            (500, json!({})),
            (502, json!("<html>")),
            (429, json!({"message": "slow"})),
            (401, json!({"success": false, "error": true})),
        ] {
            let read = api.read_created(&answer(status, &said));
            assert!(matches!(read, Created::Unclear(_)), "{} {status}: {read:?}", api.id());
        }
        assert!(matches!(
            api.read_created(&HttpAnswer {
                status: 200,
                signature: None,
                retry_after_s: None,
                body: b"<html>".to_vec()
            }),
            Created::Unclear(_)
        ));
    }
}

#[test]
fn fees_questions_and_cancellations_are_read() {
    let [ghn, ghtk, viettel] = all();
    assert_eq!(ghn.read_quote(&answer(200, &json!({"code": 200, "data": {"total": 36_300}}))), Vnd::new(36_300));
    assert_eq!(ghtk.read_quote(&answer(200, &json!({"success": true, "fee": {"fee": 30_400}}))), Vnd::new(30_400));
    assert_eq!(
        viettel.read_quote(&answer(200, &json!({"error": false, "data": {"MONEY_TOTAL": 28_000}}))),
        Vnd::new(28_000)
    );
    let found = json!({"code": 200, "data": [{"order_code": "FFFNL9HH", "status": "picked", "updated_date": "2026-11-24T03:52:50.158Z"}]});
    assert!(
        matches!(ghn.read_found(&answer(200, &found)), Found::Known { code, raw_code, at: Some(_) } if code == "FFFNL9HH" && raw_code == "picked")
    );
    assert_eq!(ghn.read_found(&answer(400, &json!({"code": 400, "data": null}))), Found::Unknown);
    let found =
        json!({"success": true, "order": {"label_id": "S1.A1.2", "status": "5", "modified": "2026-11-24 10:52:50"}});
    let Found::Known { at: Some(at), .. } = ghtk.read_found(&answer(200, &found)) else { panic!("known") };
    assert_eq!(at.to_rfc3339(), "2026-11-24T03:52:50+00:00");
    assert_eq!(ghtk.read_found(&answer(200, &json!({"success": false}))), Found::Unknown);
    assert!(viettel.find("x").is_none());
    for api in [&ghn, &ghtk] {
        assert!(matches!(api.read_found(&answer(503, &json!({}))), Found::Unclear(_)));
        assert!(api.find("ref").unwrap().url.starts_with("https://carrier.example/"));
    }
    assert_eq!(
        ghn.read_cancelled(&answer(200, &json!({"data": [{"order_code": "F", "result": true}]}))),
        Cancelled::Done
    );
    assert!(matches!(
        ghn.read_cancelled(&answer(200, &json!({"data": [{"result": false, "message": "Đã lấy hàng"}]}))),
        Cancelled::TooLate(why) if why == "Đã lấy hàng"
    ));
    assert_eq!(ghtk.read_cancelled(&answer(200, &json!({"success": true}))), Cancelled::Done);
    let again = json!({"success": false, "message": "Đơn hàng đã đã ở trạng thái hủy"});
    assert_eq!(ghtk.read_cancelled(&answer(200, &again)), Cancelled::Done);
    let late = json!({"success": false, "message": "Đơn đã lấy hàng, không thể hủy đơn."});
    assert!(matches!(ghtk.read_cancelled(&answer(200, &late)), Cancelled::TooLate(_)));
    assert_eq!(viettel.read_cancelled(&answer(200, &json!({"error": false}))), Cancelled::Done);
    for api in all() {
        assert!(matches!(api.read_cancelled(&answer(500, &json!({}))), Cancelled::Unclear(_)), "{}", api.id());
        assert!(api.cancel("F").url.starts_with("https://carrier.example/"));
    }
}

fn message<'a>(query: &'a str, content_type: &'a str, body: &'a [u8]) -> RawMessage<'a> {
    RawMessage { query, token: None, content_type, body }
}

#[test]
fn a_recorded_message_of_each_carrier_is_read() {
    let [ghn, ghtk, viettel] = all();
    let said = json!({"OrderCode": "Z82BS", "ClientOrderCode": "ref", "Type": "Switch_status", "Status": "delivering",
                      "Time": "2021-11-11T03:52:50.158Z", "CODAmount": 0, "Weight": 10})
    .to_string();
    let news = ghn.read_message(&message("", "application/json", said.as_bytes())).unwrap();
    assert_eq!((news.code.as_str(), news.reference.as_deref()), ("Z82BS", Some("ref")));
    assert_eq!(news.meaning, Meaning::Status(ShipmentStatus::OutForDelivery));
    assert_eq!(news.dedup_key, "Z82BS:switch_status:delivering:2021-11-11T03:52:50.158Z");
    let weighed = said.replace("Switch_status", "Update_weight");
    let news = ghn.read_message(&message("", "application/json", weighed.as_bytes())).unwrap();
    assert_eq!(news.meaning, Meaning::Information, "a new weight moves nothing");

    let form = "label_id=S1.A1.17373471&partner_id=1234567&action_time=2016-11-02T12:18:39%2B07:00&status_id=5&reason_code=&weight=2.4&fee=1500";
    let json_said = json!({"partner_id": "1234567", "label_id": "S1.A1.17373471", "status_id": 5,
                           "action_time": "2016-11-02T12:18:39+07:00", "weight": 2.4})
    .to_string();
    let of_form = ghtk.read_message(&message("", "application/x-www-form-urlencoded", form.as_bytes())).unwrap();
    let of_json = ghtk.read_message(&message("", "application/json", json_said.as_bytes())).unwrap();
    assert_eq!(of_form, of_json);
    assert_eq!(of_form.happened_at.to_rfc3339(), "2016-11-02T05:18:39+00:00");
    assert_eq!(of_form.meaning, Meaning::Status(ShipmentStatus::Delivered));

    let said = json!({"DATA": {"ORDER_NUMBER": "10345381626", "ORDER_REFERENCE": "ref", "ORDER_STATUSDATE": "13/12/2018 17:34:05",
                      "ORDER_STATUS": 501, "STATUS_NAME": "Giao thành công"}, "TOKEN": "a secret of ours"}).to_string();
    let raw = message("", "application/json", said.as_bytes());
    let news = viettel.read_message(&raw).unwrap();
    assert_eq!(
        (news.happened_at.to_rfc3339().as_str(), news.meaning),
        ("2018-12-13T10:34:05+00:00", Meaning::Status(ShipmentStatus::Delivered))
    );
    assert!(viettel.is_genuine(&raw));
    for api in all() {
        for bad in [
            &b""[..],
            b"{}",
            b"[]",
            b"\xff",
            b"{\"OrderCode\":1}",
            br#"{"OrderCode":"A","Status":"picked","Type":"create","Time":"yesterday"}"#,
            // What could not be kept would be read again and again.
            br#"{"OrderCode":"A\u0000","Status":"picked","Type":"create","Time":"2026-11-24T03:52:50.158Z"}"#,
            br#"{"label_id":"A\u0000","status_id":5,"action_time":"2026-11-24 10:52:50"}"#,
            br#"{"DATA":{"ORDER_NUMBER":"A\u0000","ORDER_STATUSDATE":"13/12/2018 17:34:05","ORDER_STATUS":501}}"#,
        ] {
            assert_eq!(api.read_message(&message("", "application/json", bad)), None, "{}", api.id());
        }
    }
}

#[test]
fn a_message_is_believed_only_with_our_secret() {
    for api in all() {
        let genuine = |query: &str, token: Option<&str>| {
            api.is_genuine(&RawMessage {
                query,
                token,
                content_type: "application/json",
                body: br#"{"TOKEN":"guess"}"#,
            })
        };
        assert!(genuine("hash=a+secret+of+ours", None) && genuine("", Some("a secret of ours")), "{}", api.id());
        for (query, token) in [
            ("", None),
            ("hash=", None),
            ("hash=a", None),
            ("token=a+secret+of+ours", None),
            ("", Some("")),
            ("hash=a+secret+of+ours", Some("x")),
        ] {
            assert!(!genuine(query, token), "{} {query} {token:?}", api.id());
        }
    }
}
