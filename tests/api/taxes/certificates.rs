//! Certificates: what they say, and their numbers.

use serde_json::{Value, json};

use super::{SELLER, Stand, words};

const PATH: &str = "/v1/producer/tax-certificates";

#[actix_web::test]
async fn a_certificate_says_what_was_declared_and_is_the_same_one_when_asked_for_again() {
    let stand = Stand::new().await;
    let due = stand.sale(1).await;
    stand.given_back(&due, 85_000).await;
    let month = stand.month();
    let asked =
        json!({"year": month.year(), "month": month.first_day().format("%-m").to_string().parse::<i64>().unwrap_or(0)});
    stand.closes().await;
    stand.seller().post(PATH, asked.clone()).await.refused(409, "taxes.not_closed");
    stand.next_month().await;
    let seller = stand.seller();
    let made = seller.post(PATH, asked.clone()).await.expect(201);
    assert_eq!((&made["span"], &made["revenue_vnd"]), (&json!(month.to_string()), &json!(185_000)));
    assert_eq!((&made["withheld_vat_vnd"], &made["returned_pit_vnd"]), (&json!(1_850), &json!(425)));
    let again = seller.post(PATH, asked).await.expect(200);
    assert_eq!(again, made);
    assert_eq!(stand.world.count("select count(*) from tax_certificates"), 1);
    let listed = seller.get(PATH).await.expect(200);
    assert_eq!(listed["data"], json!([made]));
    let own = format!("{PATH}/{}", made["id"].as_str().expect("an id"));
    assert_eq!(seller.get(&own).await.expect(200), made);
    let paper = stand.file(&seller, &format!("{own}/certificate.pdf")).await;
    let said = words(&paper);
    for word in
        ["CHỨNG TỪ KHẤU TRỪ THUẾ", made["code"].as_str().expect("a code"), "Hộ nuôi ong Mèo Vạc", "1.850", "1.000 đ"]
    {
        assert!(said.contains(word), "{word} is not in {said}");
    }
    assert_eq!(paper, stand.file(&seller, &format!("{own}/certificate.pdf")).await, "the same bytes");
    stand.another("0922222222", "Hộ chè Đồng Văn").await;
    let stranger = stand.live("0922222222", "producer");
    stranger.get(&own).await.refused(404, "not_found");
    stranger.get(&format!("{own}/certificate.pdf")).await.refused(404, "not_found");
    assert_eq!(
        stand.downloaded("tax_certificate.downloaded", made["id"].as_str().expect("an id")),
        "producer certificate.pdf, producer certificate.pdf",
        "each is on record, and none that was refused"
    );
    let nothing = json!({"year": month.year(), "month": made["span"].as_str().expect("a month")[5..].parse::<i64>().expect("a month")});
    stranger.post(PATH, nothing).await.refused(409, "taxes.nothing_withheld");
    stand.world.finish().await;
}

#[actix_web::test]
async fn numbers_follow_each_other_without_a_gap_also_when_many_ask_at_once() {
    let stand = Stand::new().await;
    let phones: Vec<String> = (0..4).map(|n| format!("092222222{n}")).collect();
    stand.sale(1).await;
    for (phone, notice) in phones.iter().zip(2..) {
        let (_, product) = stand.another(phone, &format!("Hộ chè số {notice}")).await;
        stand.sold((phone, &product), notice).await;
    }
    let month = stand.month();
    stand.next_month().await;
    let asked = json!({"year": month.year(), "month": month.to_string()[5..].parse::<i64>().expect("a month")});
    let clients: Vec<_> = phones.iter().map(String::as_str).chain([SELLER, SELLER]).collect();
    let asking = clients.iter().map(|phone| {
        let (client, asked) = (stand.live(phone, "producer"), asked.clone());
        async move { client.post(PATH, asked).await }
    });
    let mut codes: Vec<String> = Vec::new();
    for reply in futures_util::future::join_all(asking).await {
        assert!(matches!(reply.status, 200 | 201), "{}", reply.text);
        codes.push(reply.json["code"].as_str().expect("a code").to_owned());
    }
    codes.sort();
    codes.dedup();
    let year = month.next().expect("a month").year();
    let wanted: Vec<String> = (1..=5).map(|n| format!("CTKT-{year}-{n:07}")).collect();
    assert_eq!(codes, wanted, "the same seller has got the same one twice");
    stand.world.finish().await;
}

#[actix_web::test]
async fn a_year_is_certified_when_all_of_its_months_are_closed() {
    let stand = Stand::new().await;
    stand.sale(1).await;
    let year = stand.month().year();
    let asked = json!({"year": year});
    stand.closes().await;
    while stand.month().year() == year {
        stand.seller().post(PATH, asked.clone()).await.refused(409, "taxes.not_closed");
        stand.next_month().await;
    }
    let made: Value = stand.seller().post(PATH, asked).await.expect(201);
    assert_eq!((&made["span"], &made["withheld_vat_vnd"]), (&json!(year.to_string()), &json!(1_850)));
    assert_eq!(made["code"], format!("CTKT-{}-0000001", year + 1), "numbered in the year of its issue");
    stand.world.finish().await;
}
