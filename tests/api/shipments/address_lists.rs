//! A carrier's list of communes as a file.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::support::{World, new_key};

/// Runs the command on a file with this text; whether it did well, and what it said.
fn import(world: &World, carrier: &str, text: &str) -> (bool, String) {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.csv", new_key()));
    std::fs::write(&file, text).expect("a file");
    let output = Command::new(env!("CARGO_BIN_EXE_ocop-market"))
        .args(["import-carrier-addresses", "--carrier", carrier, "--file"])
        .arg(&file)
        .env_clear()
        .env("DATABASE_URL", &world.database.app_url)
        .env("DATA_FOLDER", concat!(env!("CARGO_TARGET_TMPDIR"), "/keys"))
        .output()
        .expect("the process");
    std::fs::remove_file(&file).expect("its file");
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
    (output.status.success(), said.concat())
}

#[actix_web::test]
async fn a_carriers_whole_list_is_imported_from_a_file_and_again_over_it() {
    let world = World::start().await;
    let operator = world.operator().await;
    let codes = world.text("select string_agg(code, ' ' order by code) from communes");
    let lines = |ward: usize| {
        let line = |(place, code): (usize, &str)| format!("{code};61;{};{}\n", 3000 + place, ward + place);
        codes.split(' ').enumerate().map(line).collect::<String>()
    };
    let header = "\u{feff}commune_code;province_code;district_code;ward_code\n";
    let count = codes.split(' ').count();
    assert!(count > 50, "the communes of a province");
    for ward in [520_000, 530_000] {
        let (is_done, said) = import(&world, "viettel_post", &format!("{header}{}", lines(ward)));
        assert!(is_done && said.contains(&format!("{count} communes")), "{said}");
        let seen = operator.get("/v1/operator/carrier-addresses?carrier=viettel_post").await.expect(200);
        assert_eq!((seen["mapped"].as_array().map(Vec::len), &seen["unmapped"]), (Some(count), &json!([])));
        assert_eq!(seen["mapped"][1]["ward_code"], (ward + 1).to_string());
    }
    world.finish().await;
}

#[actix_web::test]
async fn a_list_with_faults_changes_nothing_and_names_every_faulty_line() {
    let world = World::start().await;
    let header = "commune_code,province_code,district_code,ward_code\n";
    let (is_done, said) =
        import(&world, "viettel_post", &format!("{header}00769,61,3440,520101\n99999,61,3440,1\n00769,,x,\n"));
    assert!(!is_done);
    assert!(said.contains("line 4: ward_code: missing"), "{said}");
    let text = format!("{header}00769,61,3440,520101\n99999,61,3440,1\n00769,,x,1\n");
    let (is_done, said) = import(&world, "viettel_post", &text);
    assert!(!is_done);
    for fault in [
        "line 3: commune_code: unknown",
        "line 4: commune_code: duplicate",
        "line 4: district_code: malformed",
        "line 4: province_code: missing",
    ] {
        assert!(said.contains(fault), "no {fault}: {said}");
    }
    let (is_done, said) = import(&world, "dhl", &text);
    assert!(!is_done && said.contains("ghn, ghtk or viettel_post"), "{said}");
    assert_eq!(world.count("select count(*) from carrier_addresses"), 0);
    world.finish().await;
}
