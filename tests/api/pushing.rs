//! Notices on their way outwards: channels, quiet hours, tries, and codes that prove an address.
#![allow(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

use chrono::{TimeDelta, Timelike as _};
use ocop_market::notifications::Notice;
use serde_json::{Value, json};

use crate::notices::news;
use crate::support::receiver::{Answer, MailServer, Receiver};
use crate::support::{Client, World, new_key};

const HOA: &str = "0933333333";
const TAKEN_BY_ZALO: Answer = Answer::Body(200, r#"{"error":0,"message":"Success","data":{"msg_id":"z1"}}"#);
const NO_ZALO: Answer = Answer::Body(200, r#"{"error":-118,"message":"Zalo account not existed"}"#);
const TAKEN_BY_ESMS: Answer = Answer::Body(200, r#"{"CodeResult":"100","SMSID":"s1"}"#);

struct Gateways {
    zalo: Receiver,
    sms: Receiver,
    mail: MailServer,
}

impl Gateways {
    fn start(zalo: Answer, sms: &[Answer]) -> Gateways {
        Gateways { zalo: Receiver::start(&[zalo]), sms: Receiver::start(sms), mail: MailServer::start() }
    }

    async fn world(&self) -> World {
        let port = self.mail.port.to_string();
        World::with(&[
            ("ZALO_ACCESS_TOKEN", "a token"),
            ("ZALO_TEMPLATES", "order_accepted=1, lot_recalled=2"),
            ("ZALO_URL", &self.zalo.url),
            ("ESMS_API_KEY", "a key"),
            ("ESMS_SECRET_KEY", "a secret"),
            ("ESMS_BRANDNAME", "OCOP"),
            ("ESMS_URL", &self.sms.url),
            ("SMTP_HOST", "127.0.0.1"),
            ("SMTP_PORT", &port),
            ("SMTP_TLS", "none"),
            ("SMTP_FROM", "Sàn OCOP <khong-tra-loi@example.vn>"),
        ])
        .await
    }

    async fn end(self, world: World) {
        world.finish().await;
        self.zalo.stop().await;
        self.sms.stop().await;
    }
}

/// Moves the clock on to an hour of Vietnam's day.
fn at_hour(world: &World, hour: u32) {
    let now = world.app.db.clock.now();
    let seconds = (i64::from(hour) - 7) * 3600 - i64::from(now.num_seconds_from_midnight());
    world.pass(TimeDelta::seconds(seconds.rem_euclid(86_400)));
}

fn person(world: &World) -> Client {
    world.session(HOA, "buyer", TimeDelta::zero()).1
}

fn tries(world: &World) -> String {
    world.text("select coalesce(string_agg(channel || ' ' || outcome || ' ' || coalesce(code, ''), ', ' order by id), '') from deliveries")
}

async fn change(client: &Client, version: i32, body: Value) -> Value {
    let version = format!("\"{version}\"");
    let headers =
        [("content-type", "application/json"), ("if-match", version.as_str()), ("idempotency-key", &new_key())];
    client
        .send(reqwest::Method::PATCH, "/v1/auth/notice-preferences", &headers, Some(body.to_string()))
        .await
        .expect(200)
}

#[actix_web::test]
async fn a_notice_goes_by_the_first_channel_that_takes_it_and_each_try_is_kept() {
    let gateways = Gateways::start(NO_ZALO, &[TAKEN_BY_ESMS]);
    let world = gateways.world().await;
    at_hour(&world, 12);
    let notice = news(&world, HOA, 1);
    world.tell(&notice).await;
    world.run_jobs().await;
    assert_eq!(tries(&world), "zalo refused -118, sms accepted ");
    let zalo = gateways.zalo.seen().remove(0);
    assert_eq!(zalo.headers["access_token"], "a token");
    assert_eq!(zalo.json()["phone"], "84933333333");
    assert_eq!(zalo.json()["template_data"], json!({"order_code": "HG-1", "producer_name": "HTX Phìn Hồ"}));
    let sms = gateways.sms.seen().remove(0).json();
    assert_eq!(sms["Content"], "HTX Phìn Hồ đã nhận đơn HG-1 và đang chuẩn bị hàng.");
    assert_eq!((&sms["Phone"], &sms["RequestId"]), (&json!("0933333333"), &zalo.json()["tracking_id"]));
    world.pass(TimeDelta::days(1));
    world.run_jobs().await;
    assert_eq!(gateways.sms.seen().len(), 1, "it was told");

    let account = world.account("0900000001");
    world.database.execute(&format!(
        "insert into role_grants (id, account_id, role, granted_at) values (gen_random_uuid(), '{account}', 'operator', now())"
    ));
    let operator = world.session("0900000001", "operator", TimeDelta::zero()).1;
    let log = operator.get("/v1/operator/notice-deliveries").await.expect(200);
    assert_eq!((&log["data"][0]["channel"], &log["data"][0]["provider_id"]), (&json!("sms"), &json!("s1")));
    assert!(!log.to_string().contains("33333333"), "no number: {log}");
    gateways.end(world).await;
}

#[actix_web::test]
async fn a_gateway_that_fails_is_asked_again_and_then_the_next_one() {
    let gateways = Gateways::start(Answer::Status(500), &[Answer::Status(503), TAKEN_BY_ESMS]);
    let world = gateways.world().await;
    at_hour(&world, 8);
    world.tell(&news(&world, HOA, 1)).await;
    for minutes in [0, 1, 5, 30, 0, 1] {
        world.pass(TimeDelta::minutes(minutes) + TimeDelta::seconds(1));
        world.run_jobs().await;
    }
    let zalo = "zalo failed http_500, ".repeat(4);
    assert_eq!(tries(&world), format!("{zalo}sms failed http_503, sms accepted "));
    let ids: Vec<Value> = gateways.sms.seen().iter().map(|seen| seen.json()["RequestId"].clone()).collect();
    assert_eq!(ids[0], ids[1], "the gateway knows the repetition");
    gateways.end(world).await;
}

#[actix_web::test]
async fn at_night_only_what_is_urgent_is_pushed_and_the_rest_in_the_morning() {
    let gateways = Gateways::start(TAKEN_BY_ZALO, &[TAKEN_BY_ESMS]);
    let world = gateways.world().await;
    at_hour(&world, 22);
    let harmless = news(&world, HOA, 1);
    let recall = Notice {
        news: ocop_market::notifications::News::LotRecalled {
            order_code: "HG-1".to_owned(),
            product_title: "Mật ong".to_owned(),
            lot_code: "L-7".to_owned(),
            reason: "nhiễm khuẩn".to_owned(),
        },
        ..harmless.clone()
    };
    world.tell(&harmless).await;
    world.tell(&recall).await;
    world.run_jobs().await;
    assert_eq!(gateways.zalo.seen().iter().map(|s| s.json()["template_id"].clone()).collect::<Vec<_>>(), [json!("2")]);
    world.pass(TimeDelta::hours(8));
    world.run_jobs().await;
    assert_eq!(gateways.zalo.seen().len(), 1, "06:00");
    world.pass(TimeDelta::minutes(61));
    world.run_jobs().await;
    assert_eq!(gateways.zalo.seen().len(), 2, "07:01");
    gateways.end(world).await;
}

#[actix_web::test]
async fn people_choose_their_channels_and_hours_and_what_was_read_is_not_pushed() {
    let gateways = Gateways::start(TAKEN_BY_ZALO, &[TAKEN_BY_ESMS]);
    let world = gateways.world().await;
    at_hour(&world, 12);
    let hoa = person(&world);
    let standard = hoa.get("/v1/auth/notice-preferences").await.expect(200);
    assert_eq!((&standard["quiet_from"], &standard["version"]), (&json!("21:00"), &json!(1)));
    let changed = change(
        &hoa,
        1,
        json!({"groups": [{"group": "buying", "channels": ["sms"]}], "quiet_from": "11:00", "quiet_until": "13:00"}),
    )
    .await;
    assert_eq!(
        (&changed["version"], &changed["groups"][1]),
        (&json!(2), &json!({"group": "buying", "channels": ["sms"]}))
    );
    world.tell(&news(&world, HOA, 1)).await;
    world.run_jobs().await;
    assert_eq!(tries(&world), "", "noon is quiet");
    world.pass(TimeDelta::minutes(61));
    world.run_jobs().await;
    assert_eq!(tries(&world), "sms accepted ");

    let hoa = person(&world);
    change(&hoa, 2, json!({"groups": [{"group": "buying", "channels": []}]})).await;
    world.tell(&news(&world, HOA, 2)).await;
    world.run_jobs().await;
    assert_eq!(gateways.sms.seen().len(), 1, "the inbox alone");
    change(&hoa, 3, json!({"groups": [{"group": "buying", "channels": ["zalo"]}]})).await;
    world.tell(&news(&world, HOA, 3)).await;
    let newest = hoa.get("/v1/auth/notices?limit=1").await.expect(200)["data"][0]["id"].clone();
    hoa.post("/v1/auth/notices/read", json!({"up_to": newest})).await.expect(200);
    world.run_jobs().await;
    assert_eq!(gateways.zalo.seen().len(), 0, "read before it was pushed");
    gateways.end(world).await;
}

#[actix_web::test]
async fn an_address_for_mail_is_used_once_its_code_came_back() {
    let gateways = Gateways::start(NO_ZALO, &[Answer::Body(200, r#"{"CodeResult":"99"}"#)]);
    let world = gateways.world().await;
    at_hour(&world, 12);
    let hoa = person(&world);
    let ask = async |address: &str| hoa.post("/v1/auth/notice-preferences/email", json!({"email": address})).await;
    ask("no address").await.refused(422, "invalid_input");
    ask("hoa@example.org").await.expect(202);
    let code = code_in(&gateways.mail);
    let confirm = async |code: &str| hoa.post("/v1/auth/notice-preferences/confirm-email", json!({"code": code})).await;
    confirm(if code == "000000" { "000001" } else { "000000" }).await.refused(422, "notifications.email_code_wrong");
    assert_eq!(hoa.get("/v1/auth/notice-preferences").await.expect(200)["email"], Value::Null);
    world.tell(&news(&world, HOA, 1)).await;
    world.run_jobs().await;
    assert_eq!(tries(&world), "zalo refused -118, sms refused 99", "no address yet");
    assert_eq!(confirm(&code).await.expect(200)["email"], "hoa@example.org");
    confirm(&code).await.refused(422, "notifications.email_code_wrong");
    world.tell(&news(&world, HOA, 2)).await;
    world.run_jobs().await;
    assert!(tries(&world).ends_with("zalo refused -118, sms refused 99, email accepted "), "{}", tries(&world));
    assert!(gateways.mail.mails.lock().unwrap().last().unwrap().contains("To: hoa@example.org"));
    for _ in 0..4 {
        ask("may@example.org").await.expect(202);
    }
    ask("may@example.org").await.refused(429, "notifications.too_many_email_codes");
    hoa.delete("/v1/auth/notice-preferences/email").await.expect(204);
    assert_eq!(hoa.get("/v1/auth/notice-preferences").await.expect(200)["email"], Value::Null);
    gateways.end(world).await;
}

/// The six digits of the last mail, whose body is packed as mail packs what is not ASCII.
fn code_in(mail: &MailServer) -> String {
    use base64::Engine as _;
    let mails = mail.mails.lock().unwrap();
    let (head, body) = mails.last().expect("a mail").split_once("\n\n").expect("a body");
    let text = if head.contains("base64") {
        let packed: String = body.split_whitespace().collect();
        String::from_utf8(base64::engine::general_purpose::STANDARD.decode(packed).unwrap()).unwrap()
    } else {
        body.replace("=\n", "")
    };
    let digits: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|part| part.len() == 6).collect();
    digits.first().expect("a code").to_string()
}

#[actix_web::test]
async fn codes_for_signing_in_go_by_the_gateway_that_is_set_up() {
    let gateways = Gateways::start(TAKEN_BY_ZALO, &[Answer::Status(500), TAKEN_BY_ESMS]);
    let world = gateways.world().await;
    let ask = json!({"phone": HOA, "device_id": "a phone"});
    world.visitor().post("/v1/auth/otp", ask.clone()).await.refused(503, "unavailable");
    world.pass(TimeDelta::seconds(61));
    let sent = world.visitor().post("/v1/auth/otp", ask).await.expect(202);
    let message = gateways.sms.seen().pop().expect("a message").json();
    let code: String = message["Content"].as_str().unwrap().chars().take(6).collect();
    assert_eq!(message["RequestId"], sent["otp_request_id"]);
    let proof = json!({"otp_request_id": sent["otp_request_id"], "phone": HOA, "code": code, "device_id": "a phone", "audience": "buyer"});
    world.visitor().post("/v1/auth/otp/verify", proof).await.expect(200);
    assert!(gateways.zalo.seen().is_empty(), "no template for codes is registered there");
    gateways.end(world).await;
}
