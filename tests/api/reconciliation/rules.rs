//! How files are read is said by an operator, version by version.

use serde_json::{Value, json};

use super::{send_of, today};
use crate::support::World;

const MAPPINGS: &str = "/v1/operator/settlement-mappings";

fn rules() -> Value {
    json!({"reference": "Order", "reference_is_text": false, "transaction": "Id", "amount": "Cents", "amount_unit": "hundredth",
           "outgoing": null, "skips_without_amount": false, "fee": "Fee", "time": null, "time_format": "y-m-d",
           "status": "State", "counting": ["ok"], "kind": null, "refunding": [], "rows_skipped": 0, "ending": []})
}

#[actix_web::test]
async fn every_provider_can_be_read_from_the_beginning_and_as_its_contract_says() {
    let world = World::start().await;
    let operator = world.operator().await;
    let seeds = operator.get(MAPPINGS).await.expect(200);
    let seeds: Vec<(Value, Value)> = seeds["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| (row["provider"].clone(), row["version"].clone()))
        .collect();
    assert_eq!(seeds.len(), 9);
    assert!(seeds.iter().all(|(_, version)| version == &json!(1)), "{seeds:?}");
    let day = today(&world);
    let file = "Order;Id;Cents;Fee;State\nHG1;1;500000;1000;ok\nHG2;2;700000;;failed\n";
    send_of(&operator, "momo", &day, file).await.refused(422, "invalid_input");
    let mapping = json!({"provider": "momo", "rules": rules(), "note": "Phụ lục 3"});
    let made = operator.post(MAPPINGS, mapping).await.expect(201);
    assert_eq!((&made["version"], &made["rules"]["amount"]), (&json!(2), &json!("Cents")));
    let read = send_of(&operator, "momo", &day, file).await.expect(201);
    assert_eq!((&read["lines"], &read["mapping_id"]), (&json!(1), &made["id"]), "{read}");
    assert_eq!(world.text("select amount_vnd || ' ' || fee_vnd from settlement_lines"), "5000 10");
    world.finish().await;
}

#[actix_web::test]
async fn rules_that_find_nothing_are_refused_with_every_fault() {
    let world = World::start().await;
    let operator = world.operator().await;
    let mut wrong = rules();
    wrong["reference"] = Value::Null;
    wrong["transaction"] = Value::Null;
    wrong["counting"] = json!([]);
    wrong["kind"] = json!("Kind");
    let fault = operator.post(MAPPINGS, json!({"provider": "momo", "rules": wrong, "note": "x"})).await;
    let fault = fault.refused(422, "invalid_input");
    let named: Vec<&str> =
        fault["errors"].as_array().expect("faults").iter().filter_map(|f| f["pointer"].as_str()).collect();
    assert_eq!(named, ["/rules/reference", "/rules/counting", "/rules/refunding"]);
    assert_eq!(world.count("select count(*) from settlement_mappings"), 9);
    world.finish().await;
}
