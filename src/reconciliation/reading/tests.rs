use chrono::NaiveDate;
use proptest::prelude::*;
use rust_xlsxwriter::{Format, Formula, Workbook};
use serde_json::json;

use super::*;
use crate::kernel::Vnd;
use crate::kernel::input::{Fault, Faults, Input as _};
use crate::reconciliation::mappings::{AmountUnit, SettlementRules, plain_rules};
use crate::reconciliation::model::{FileFormat, Line, LineKind};

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 24).unwrap()
}

fn read(format: FileFormat, bytes: &[u8], rules: &SettlementRules) -> Result<Vec<Line>, Vec<Fault>> {
    let faults = |error| match error {
        Error::Invalid(faults) => faults,
        other => panic!("{other:?}"),
    };
    let tables = tables(format, bytes).map_err(faults)?;
    lines(&tables, rules, day()).map_err(faults)
}

fn csv(text: &str) -> Result<Vec<Line>, Vec<Fault>> {
    read(FileFormat::Csv, text.as_bytes(), &plain_rules())
}

fn named(faults: &[Fault]) -> Vec<(&str, FaultCode)> {
    faults.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect()
}

fn with(rules: serde_json::Value) -> SettlementRules {
    let mut all = serde_json::to_value(plain_rules()).unwrap();
    all.as_object_mut().unwrap().extend(rules.as_object().unwrap().clone());
    SettlementRules::read(&all, &mut Faults::default()).unwrap()
}

const TWO: &str = "Ref,Txn,Amount,Fee,Time\nHG1,14226112,185000,1850,2026-11-24 10:00:00\nHG2,14226113,\"90.000\",,2026-11-24 23:59:59\n";

#[test]
fn every_separator_and_a_mark_are_read_alike() {
    let plain = csv(TWO).unwrap();
    assert_eq!((plain[0].amount.amount(), plain[0].fee.amount(), plain[0].line), (185_000, 1_850, 2));
    assert_eq!((plain[1].amount.amount(), plain[1].fee, plain[1].kind), (90_000, Vnd::ZERO, LineKind::Payment));
    assert_eq!(plain[1].moved_at.unwrap().to_rfc3339(), "2026-11-24T16:59:59+00:00");
    for separator in [";", "\t"] {
        assert_eq!(csv(&TWO.replace(',', separator)).as_ref(), Ok(&plain), "{separator:?}");
    }
    assert_eq!(csv(&format!("\u{feff}{TWO}")).as_ref(), Ok(&plain));
    assert_eq!(csv(&TWO.replace('\n', "\r\n")).as_ref(), Ok(&plain));
    let faults = csv("\n\nRef,Txn,Amount,Fee,Time\n\n\n\"HG\n1\",1,5,0,x\n\nHG2,2,5,0,x").unwrap_err();
    assert_eq!(faults.iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>(), ["/rows/6/Time", "/rows/9/Time"]);
    // Names in either case, with spaces, after a title, and sums at the end.
    let dressed =
        format!("Đối soát ngày 24/11,,,,\n\n{}Tổng cộng,,275.000,1.850,\n", TWO.replace("Amount", " AMOUNT "));
    let dressed = csv(&dressed).unwrap();
    assert_eq!(dressed.iter().map(|line| line.amount).collect::<Vec<_>>(), [plain[0].amount, plain[1].amount]);
}

#[test]
fn what_is_no_utf_8_no_table_or_no_movement_is_refused_whole() {
    let utf_16: Vec<u8> = TWO.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [&b"\xff\xfe\x00"[..], &utf_16, b"Ref,Txn\xe9", b"", b"  \n"] {
        let faults = read(FileFormat::Csv, bytes, &plain_rules()).unwrap_err();
        assert_eq!(faults[0].pointer, "/file", "{faults:?}");
    }
    for bytes in [&b""[..], TWO.as_bytes(), b"PK\x03\x04"] {
        let faults = read(FileFormat::Xlsx, bytes, &plain_rules()).unwrap_err();
        assert_eq!(named(&faults), [("/file", FaultCode::Malformed)]);
    }
    let long = TWO.to_owned() + &"x\n".repeat(ROWS_MAX);
    assert_eq!(named(&csv(&long).unwrap_err()), [("/file", FaultCode::TooLong)]);
    let unclosed = TWO.replace("90.000\"", "90.000");
    assert_eq!(named(&csv(&unclosed).unwrap_err()), [("/file", FaultCode::Malformed)], "the rest is no cell");
    let faults = csv("Ref,Txn,Money\nHG1,1,5\n").unwrap_err();
    let missing = ["/columns/Amount", "/columns/Fee", "/columns/Time"];
    assert_eq!(named(&faults), missing.map(|pointer| (pointer, FaultCode::Missing)));
}

#[test]
fn every_fault_is_named_by_row_and_column() {
    let text = "Ref,Txn,Amount,Fee,Time\n\
        HG1,1,1.5,0,2026-11-24 10:00:00\n\
        HG2,2,=1+1,0,2026-11-24 10:00:00\n\
        HG3,3,100,200,2026-11-24 10:00:00\n\
        ,,100,0,2026-11-24 10:00:00\n\
        HG5,5,,0,24/11/2026\n\
        HG6,6,100,-5,2026-13-24 10:00:00\n\
        HG7,7,100,0,2025-11-24 10:00:00\n\
        HG8,8,100000000001,0,2026-11-24 10:00:00\n\
        H\u{202e}G,9,100,0,2026-11-24 10:00:00\n";
    let expected = [
        ("/rows/2/Amount", FaultCode::Malformed),
        ("/rows/3/Amount", FaultCode::ForbiddenCharacter),
        ("/rows/4/Fee", FaultCode::OutOfRange),
        ("/rows/5/Txn", FaultCode::Missing),
        ("/rows/6/Amount", FaultCode::Missing),
        ("/rows/6/Time", FaultCode::Malformed),
        ("/rows/7/Fee", FaultCode::OutOfRange),
        ("/rows/7/Time", FaultCode::Malformed),
        ("/rows/8/Time", FaultCode::OutOfRange),
        ("/rows/9/Amount", FaultCode::OutOfRange),
        ("/rows/10/Ref", FaultCode::ForbiddenCharacter),
    ];
    assert_eq!(named(&csv(text).unwrap_err()), expected);
}

#[test]
fn rules_say_what_counts_and_which_way_it_went() {
    let rules =
        with(json!({"status": "St", "counting": ["Thành công", "00"], "kind": "Kind", "refunding": ["Hoàn tiền"],
                            "amount_unit": "hundredth", "time": null}));
    let text = "Ref,Txn,Amount,Fee,St,Kind\nHG1,1,18500000,0,THÀNH  CÔNG,Thanh toán\nHG2,2,100,0,Thất bại,Thanh toán\n\
                HG3,3,8500000,0,00,hoàn tiền\nHG4,4,-100,0,00,\n";
    let read_so = read(FileFormat::Csv, text.as_bytes(), &rules).unwrap();
    let moved: Vec<_> = read_so.iter().map(|line| (line.kind, line.amount.amount(), line.line)).collect();
    assert_eq!(moved, [(LineKind::Payment, 185_000, 2), (LineKind::Refund, 85_000, 4), (LineKind::Refund, 1, 5)]);
    let faults = read(FileFormat::Csv, text.replace("8500000", "8500050").as_bytes(), &rules).unwrap_err();
    assert_eq!(named(&faults), [("/rows/2/Amount", FaultCode::OutOfRange), ("/rows/4/Amount", FaultCode::OutOfRange)]);
    assert_eq!(rules.amount_unit, AmountUnit::Hundredth);

    // A bank's statement: the code stands in a text, money that went out in a column of its own.
    let statement = "#;Số;Nội dung;Nợ;Có\n1;FT1;CK HG0000004 mua hang;;185.000\n2;FT2;Phi;5.500;\n3;FT3;Lai;;12\n";
    let bank = json!({"reference": "Nội dung", "reference_is_text": true, "transaction": "Số", "amount": "Có", "fee": null,
                      "time": null, "skips_without_amount": true});
    let told = read(FileFormat::Csv, statement.as_bytes(), &with(bank.clone())).unwrap();
    assert_eq!(told.iter().map(|line| line.refs.clone()).collect::<Vec<_>>(), [vec!["HG0000004".to_owned()], vec![]]);
    // Of a row that is none of ours nothing else is looked at.
    let mut timed = bank.clone();
    timed["time"] = json!("#");
    let faults = read(FileFormat::Csv, statement.as_bytes(), &with(timed)).unwrap_err();
    assert_eq!(named(&faults), [("/rows/2/#", FaultCode::Malformed), ("/rows/4/#", FaultCode::Malformed)]);
    let mut both = bank;
    both["outgoing"] = json!("Nợ");
    assert_eq!(read(FileFormat::Csv, statement.as_bytes(), &with(both)).unwrap()[1].kind, LineKind::Refund);

    // By their numbers, without a row of names.
    let numbered =
        json!({"reference": "#2", "transaction": "#1", "amount": "#3", "fee": null, "time": null, "rows_skipped": 1});
    let told = read(FileFormat::Csv, b"title\n7,HG1,5000\n8,HG2,6000\n", &with(numbered)).unwrap();
    assert_eq!(told.iter().map(|line| line.amount.amount()).collect::<Vec<_>>(), [5_000, 6_000]);
}

/// The table of [`TWO`] as a sheet, with a way to spoil it.
fn sheet(spoil: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (column, name) in (0..).zip(["Ref", "Txn", "Amount", "Fee", "Time"]) {
        page.write(0, column, name).unwrap();
    }
    let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    for (row, reference, number, amount) in [(1, "HG1", 14_226_112.0, 185_000.0), (2, "HG2", 14_226_113.0, 90_000.0)] {
        page.write(row, 0, reference).unwrap();
        page.write(row, 1, number).unwrap();
        page.write(row, 2, amount).unwrap();
        let at = day().and_hms_opt(10, 0, 0).unwrap();
        page.write_datetime_with_format(row, 4, at, &moment).unwrap();
    }
    page.write(1, 3, 1_850).unwrap();
    spoil(page);
    book.save_to_buffer().unwrap()
}

fn xlsx(bytes: &[u8]) -> Result<Vec<Line>, Vec<Fault>> {
    read(FileFormat::Xlsx, bytes, &plain_rules())
}

#[test]
fn a_sheet_says_what_the_text_says() {
    let told = xlsx(&sheet(|_| ())).unwrap();
    let text = csv(&TWO.replace("23:59:59", "10:00:00")).unwrap();
    assert_eq!(told, text);
    // A cell far away is no table of all that is between, and nothing outside of the columns is looked at.
    let far = xlsx(&sheet(|page| {
        page.write(1_048_575, 0, "x").unwrap();
    }))
    .unwrap_err();
    assert!(far.iter().all(|fault| fault.pointer.starts_with("/rows/1048576/")), "{far:?}");
    let wide = xlsx(&sheet(|page| {
        page.write(5, 16_383, "x").unwrap();
    }))
    .unwrap_err();
    assert_eq!(named(&wide), [("/file", FaultCode::OutOfRange)]);
}

#[test]
fn a_cell_that_is_calculated_broken_or_half_a_dong_is_refused_where_it_stands() {
    let spoilt: [(&str, FaultCode, Vec<u8>); 4] = [
        (
            "/rows/2/Amount",
            FaultCode::ForbiddenCharacter,
            sheet(|page| {
                page.write_formula(1, 2, Formula::new("=100+85").set_result("185000")).unwrap();
            }),
        ),
        (
            "/rows/3/Amount",
            FaultCode::WrongType,
            sheet(|page| {
                page.write(2, 2, 90_000.5).unwrap();
            }),
        ),
        (
            "/rows/3/Txn",
            FaultCode::WrongType,
            sheet(|page| {
                page.write(2, 1, 1e17).unwrap();
            }),
        ),
        (
            "/rows/2/Fee",
            FaultCode::WrongType,
            sheet(|page| {
                page.write(1, 3, true).unwrap();
            }),
        ),
    ];
    for (pointer, code, bytes) in spoilt {
        assert_eq!(named(&xlsx(&bytes).unwrap_err()), [(pointer, code)]);
    }
}

/// 80 MB of nothing in 80 kB: what is measured is what it unpacks to.
#[test]
fn a_file_that_unpacks_to_more_than_is_read_is_refused() {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("xl/worksheets/sheet1.xml", zip::write::SimpleFileOptions::default()).unwrap();
    for _ in 0..80 {
        archive.write_all(&vec![b' '; 1024 * 1024]).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    assert!(bytes.len() < 200_000);
    assert_eq!(named(&xlsx(&bytes).unwrap_err()), [("/file", FaultCode::TooLong)]);
}

/// The seeds of the migration are rules that can be read.
#[test]
fn rules_are_read_as_they_are_written() {
    let rules = plain_rules();
    let kept = serde_json::to_value(&rules).unwrap();
    let again = SettlementRules::read(&kept, &mut Faults::default()).unwrap();
    assert_eq!(serde_json::to_value(&again).unwrap(), kept);
}

fn any_cell() -> impl Strategy<Value = Cell> {
    let moment = chrono::DateTime::from_timestamp(1_795_000_000, 0).unwrap().naive_utc();
    prop_oneof![
        Just(Cell::Empty),
        any::<String>().prop_map(Cell::Text),
        prop::sample::select(vec![
            "Ref",
            "Txn",
            "Amount",
            "Fee",
            "Time",
            "HG1",
            "1.000",
            "-5",
            "2026-11-24 10:00:00",
            "Tổng"
        ])
        .prop_map(|text| Cell::Text(text.to_owned())),
        any::<i64>().prop_map(Cell::Number),
        Just(Cell::Moment(moment)),
        Just(Cell::Refused(FaultCode::WrongType, "integer")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_make_the_readers_panic(bytes in any::<Vec<u8>>(), text in any::<String>(), separated in "[a,;\t\"\n=0-9.-]{0,200}") {
        for bytes in [bytes, text.into_bytes(), separated.into_bytes()] {
            for format in [FileFormat::Csv, FileFormat::Xlsx, FileFormat::Json] {
                let _ = read(format, &bytes, &plain_rules());
            }
            let after_names = [b"Ref,Txn,Amount,Fee,Time\n".to_vec(), bytes].concat();
            let _ = read(FileFormat::Csv, &after_names, &plain_rules());
        }
    }

    #[test]
    fn no_damage_makes_the_reader_of_sheets_panic(places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
                                                  end in any::<prop::sample::Index>()) {
        let mut bytes = sheet(|_| ());
        for (place, byte) in places {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _ = xlsx(&bytes);
        let _ = xlsx(&bytes[..end.index(bytes.len())]);
    }

    #[test]
    fn no_rules_over_no_table_panic_and_what_is_read_is_money(
        rows in prop::collection::vec(prop::collection::vec(any_cell(), 0..7), 0..12),
        columns in prop::collection::vec(prop::sample::select(vec!["Ref", "Txn", "Amount", "Fee", "Time", "#1", "#3", "#0", "#x"]), 6),
        flags in any::<(bool, bool, bool)>(), skipped in 0..100,
    ) {
        let rules = with(json!({"reference": columns[0], "transaction": columns[1], "amount": columns[2], "fee": columns[3],
            "outgoing": flags.0.then_some(columns[4]), "time": flags.1.then_some(columns[5]), "reference_is_text": flags.2,
            "amount_unit": if flags.0 { "dong" } else { "hundredth" }, "rows_skipped": skipped}));
        let rows: Vec<Row> = (1..).zip(rows).map(|(number, cells)| Row { number, cells }).collect();
        if let Ok(found) = lines(std::slice::from_ref(&rows), &rules, day()) {
            prop_assert!(found.len() <= rows.len());
            for line in found {
                prop_assert!(line.amount > Vnd::ZERO && (line.kind == LineKind::Refund || line.fee <= line.amount));
                prop_assert!(line.transaction.is_some() || !line.refs.is_empty() || flags.2);
            }
        }
    }

    #[test]
    fn no_json_makes_the_rules_panic(text in any::<String>(), number in any::<i64>()) {
        for value in [json!(text), json!(number), json!({"reference": text, "amount": text, "rows_skipped": number}), json!([text])] {
            let mut faults = Faults::default();
            if let Some(rules) = SettlementRules::read(&value, &mut faults) {
                rules.look(&mut faults);
            }
        }
    }
}
