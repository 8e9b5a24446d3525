//! Our codes in whatever banks and people write around them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocop_market::payments::transfer_code::{TransferCode, find_all};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let found = find_all(&text);
    assert!(found.len() <= 16);
    for code in &found {
        assert_eq!(TransferCode::parse(code.as_str()).as_ref(), Some(code), "as we print it");
        assert_eq!(TransferCode::generate(code.number()), *code);
    }
    let mut sorted = found.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted.len(), found.len(), "each once");
    if let Some(code) = TransferCode::parse(&text) {
        assert!(found.contains(&code), "what stands alone is found");
    }

    let number = bytes.iter().fold(0_u32, |number, byte| number.wrapping_mul(31).wrapping_add(u32::from(*byte)));
    let code = TransferCode::generate(number);
    assert_eq!(find_all(code.as_str()), [code.clone()]);
    // What ends with no letter or digit of ours cannot make another code with it.
    let spaced: Vec<String> = code
        .as_str()
        .chars()
        .map(|c| format!("{c}{}", char::from(bytes.first().copied().unwrap_or(b' ') & 15 | 32)))
        .collect();
    assert!(find_all(&spaced.concat().to_lowercase()).contains(&code), "signs between do not matter");
});
