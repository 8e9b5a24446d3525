//! The main job, end to end.

use ocop_market::kernel::Territory;
use serde_json::json;

use crate::support::World;

#[actix_web::test]
async fn a_buyer_pays_two_producers_by_transfer_and_the_official_sees_it() {
    let world = World::start().await;
    let operator = world.operator().await;
    let honey_maker = world.producer(&operator, "0911111111", "Hộ nuôi ong Mèo Vạc", "00769").await;
    let tea_maker = world.producer(&operator, "0922222222", "HTX chè Đồng Văn", "00721").await;
    let honey = world.product(&operator, &honey_maker, "Mật ong bạc hà", (450_000, 20)).await;
    let tea = world.product(&operator, &tea_maker, "Chè Shan tuyết", (120_000, 10)).await;

    let found = world.visitor().get("/v1/public/products?q=mat%20ong%20bac%20ha").await.expect(200);
    assert_eq!(found["data"][0]["id"], json!(honey.id));
    let found = world.visitor().get("/v1/public/products?q=dong%20van").await.expect(200);
    assert_eq!(found["data"][0]["id"], json!(tea.id), "found by the producer's commune: {found}");

    let buyer = world.buyer("0933333333").await;
    buyer.put_in_cart(&honey.variant_id, 2).await;
    let cart = buyer.put_in_cart(&tea.variant_id, 1).await;
    assert_eq!((cart["total_vnd"].as_i64(), cart["producers"].as_array().map(Vec::len)), (Some(1_020_000), Some(2)));
    let checkout = buyer.check_out(1_020_000).await.expect(201);
    assert_eq!(checkout["orders"].as_array().map(Vec::len), Some(2));

    let attempt = buyer.start_attempt(&checkout, "bank_transfer").await;
    assert_eq!(attempt["next_step"]["kind"], "transfer");
    let reference = attempt["reference"].as_str().unwrap();
    let answer = world.sepay(1, &format!("{} thanh toan don hang", reference.to_lowercase()), 1_020_000).await;
    assert_eq!(answer.expect(200), json!({"success": true}));

    let path = format!("/v1/buyer/checkouts/{}", checkout["id"].as_str().unwrap());
    assert_eq!(buyer.get(&path).await.expect(200)["status"], "paid");
    let inbox = honey_maker.client.get("/v1/producer/orders?status=paid").await.expect(200);
    assert_eq!(inbox["data"][0]["allowed_actions"], json!(["accept", "refuse"]));

    let official = world.official("0944444444", Territory::Province("08".to_owned())).await;
    let sales = official.get("/v1/official/sales?group_by=commune").await.expect(200);
    assert_eq!(sales["total"]["value_vnd"], 1_020_000, "{sales}");
    assert_eq!(sales["total"]["orders"], 2, "{sales}");
    world.finish().await;
}
