//! Settlement files as CSV: the first line may be rules in JSON, as an operator would send them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocop_market::reconciliation::FileFormat;
use ocop_market::reconciliation::fuzzing::tables;
use ocop_market_fuzz::settlement::{must_be_sound, rules};

fuzz_target!(|bytes: &[u8]| {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (first, rest) = bytes.split_at(end);
    let (given, file) = match rules(first) {
        Some(given) => (given, rest),
        None => (rules(b"{}").expect("plain rules"), bytes),
    };
    if let Ok(tables) = tables(FileFormat::Csv, file) {
        must_be_sound(&tables, &given);
    }
});
