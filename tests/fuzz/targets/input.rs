//! What clients send: bodies and queries are read, or each of their faults has a place; what was read reads as itself.
#![no_main]

use chrono::NaiveDate;
use libfuzzer_sys::fuzz_target;
use ocop_market::kernel::http::{Cursor, read_query};
use ocop_market::kernel::input::{FAULTS_NAMED_MAX, Fault, Faults, Input, List, Moment, Opaque, Sha256Hex, Whole};
use ocop_market::kernel::text::is_readable;
use ocop_market::kernel::{EmailAddress, Error, Name, PhoneNumber, Secret, Text, Vnd};
use ocop_market::reconciliation::fuzzing::SettlementRules;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    texts(&text);
    match read_query::<SettlementRules>(&text) {
        Ok(_) => {}
        Err(Error::Invalid(faults)) => must_have_places(&faults),
        Err(other) => panic!("{other:?}"),
    }
    let key = Secret::new("key".to_owned());
    assert!(Cursor::new(&key, "list".to_owned()).read::<i64>(Some(&text)).is_err(), "nobody signed it");

    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
    body::<SettlementRules>(&value);
    body::<List<Text<20>, 3>>(&value);
    body::<Vec<Vnd>>(&value);
    body::<Vec<NaiveDate>>(&value);
    body::<Vec<Moment>>(&value);
    body::<Vec<Whole<-5, 100>>>(&value);
    body::<Vec<bool>>(&value);
    body::<Vec<Opaque<64>>>(&value);
    body::<Vec<Sha256Hex>>(&value);
});

/// Either it was read and nothing is wrong, or something is.
fn body<T: Input>(value: &Value) {
    let mut faults = Faults::default();
    let read = T::read(value, &mut faults);
    let found = faults.into_found();
    if read.is_none() {
        must_have_places(&found);
    }
}

fn must_have_places(faults: &[Fault]) {
    assert!((1..=FAULTS_NAMED_MAX + 1).contains(&faults.len()), "{faults:?}");
    assert!(faults.iter().all(|fault| fault.pointer.is_empty() || fault.pointer.starts_with('/')), "{faults:?}");
}

fn texts(text: &str) {
    let value = Value::from(text);
    let read = |text: &str| Text::<200>::read(&Value::from(text), &mut Faults::default());
    if let Some(line) = read(text) {
        assert!(is_readable(line.as_str()) && !line.as_str().is_empty() && line.as_str().chars().count() <= 200);
        assert_eq!(read(line.as_str()).as_ref(), Some(&line), "once is enough");
    }
    if let Some(name) = Name::<200>::read(&value, &mut Faults::default()) {
        assert!(read(name.as_str()).is_some(), "a name is a text");
    }
    if let Some(phone) = PhoneNumber::parse(text) {
        assert_eq!(PhoneNumber::parse(phone.as_str()).as_ref(), Some(&phone), "once is enough");
    }
    if let Some(address) = EmailAddress::parse(text) {
        assert_eq!(EmailAddress::parse(&address.clone().into_string()), Some(address), "once is enough");
    }
}
