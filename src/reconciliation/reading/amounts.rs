//! Amounts as people and machines write them in Vietnam: whole đồng, in groups of three or not.

use crate::kernel::Vnd;

/// Digits of the largest amount with all its separators, and some room.
const LENGTH_MAX: usize = 40;
const CURRENCIES: &[&str] = &["vnd", "vnđ", "đồng", "dong", "₫", "đ", "d"];

/// The amount, below zero for money that went out; `None` when it is not one, or has a fraction.
pub fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LENGTH_MAX {
        return None;
    }
    let lower = text.to_lowercase();
    let bare = CURRENCIES.iter().find_map(|word| lower.strip_suffix(word)).unwrap_or(&lower).trim_end();
    let (sign, digits) = match bare.chars().next()? {
        '-' | '−' => (-1, bare.trim_start_matches(['-', '−']).trim_start()),
        '+' => (1, bare.trim_start_matches('+').trim_start()),
        '(' if bare.ends_with(')') => (-1, bare.trim_start_matches('(').trim_end_matches(')').trim()),
        _ => (1, bare),
    };
    let signs = bare.chars().filter(|c| matches!(c, '-' | '−' | '+' | '(' | ')')).count();
    if signs > 2 || (signs == 2 && !bare.starts_with('(')) {
        return None;
    }
    let amount = whole(digits)?;
    Vnd::new(amount / HUNDREDTHS).map(|_| amount.saturating_mul(sign))
}

/// Amounts in hundredths have two digits more.
const HUNDREDTHS: i64 = 100;

/// Digits alone, or in groups of three with one kind of separator, and perhaps a fraction of nothing.
fn whole(text: &str) -> Option<i64> {
    let is_space = |c: char| c == ' ' || c == '\u{a0}' || c == '\u{202f}';
    let separators: Vec<char> = text.chars().filter(|c| !c.is_ascii_digit()).collect();
    let (groups, fraction) = match separators.last() {
        None => (text, None),
        Some(last) if matches!(last, '.' | ',') => {
            let (groups, end) = text.rsplit_once(*last)?;
            let is_alone = separators.iter().filter(|c| *c == last).count() == 1;
            // One group of three behind the only separator is a group: đồng have no parts.
            if is_alone && end.len() != 3 { (groups, Some(end)) } else { (text, None) }
        }
        Some(last) if is_space(*last) => (text, None),
        Some(_) => return None,
    };
    if fraction.is_some_and(|digits| digits.is_empty() || digits.len() > 2 || digits.bytes().any(|b| b != b'0')) {
        return None;
    }
    let separator = groups.chars().find(|c| !c.is_ascii_digit());
    let Some(separator) = separator else { return number(groups) };
    if !(matches!(separator, '.' | ',') || is_space(separator))
        || Some(separator) == fraction.and(separators.last()).copied()
    {
        return None;
    }
    let mut parts = groups.split(separator);
    let first = parts.next().filter(|part| (1..=3).contains(&part.len()))?;
    let mut digits = first.to_owned();
    for part in parts {
        if part.len() != 3 {
            return None;
        }
        digits.push_str(part);
    }
    number(&digits)
}

fn number(digits: &str) -> Option<i64> {
    let is_plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    is_plain.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_as_they_are_written_in_vietnam() {
        for (text, amount) in [
            ("185000", 185_000),
            ("185.000", 185_000),
            ("1.234.567", 1_234_567),
            ("1,234,567", 1_234_567),
            ("1 234 567 đ", 1_234_567),
            ("25000.00", 25_000),
            ("25.000,00", 25_000),
            ("25,000.0 VND", 25_000),
            ("-85.000", -85_000),
            ("(85.000)", -85_000),
            ("+ 185.000₫", 185_000),
            ("0", 0),
            ("100000000000", 100_000_000_000),
        ] {
            assert_eq!(parse(text), Some(amount), "{text}");
        }
    }

    #[test]
    fn what_could_be_two_amounts_or_none_is_refused() {
        for text in [
            "",
            " ",
            "abc",
            "1.5",
            "1,5",
            "25000.50",
            "1.23.456",
            "12.34",
            "1.234,567.00",
            "1.234,567",
            "1..234",
            ".500",
            "500.",
            "1.234.56",
            "--5",
            "-+5",
            "(5",
            "5-",
            "1e5",
            "１２３",
            "99999999999999999999",
            "10000000000100",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_amount_survives_its_separators(amount in 0..=Vnd::MAX, separator in prop::sample::select(vec!['.', ',', ' '])) {
            let plain = amount.to_string();
            let mut grouped = String::new();
            for (place, digit) in plain.chars().enumerate() {
                if place > 0 && (plain.len() - place) % 3 == 0 {
                    grouped.push(separator);
                }
                grouped.push(digit);
            }
            prop_assert_eq!(parse(&plain), Some(amount));
            prop_assert_eq!(parse(&grouped), Some(amount));
            prop_assert_eq!(parse(&format!("-{grouped} đ")), Some(-amount));
        }

        #[test]
        fn no_text_makes_it_panic_or_give_more_than_any_amount(text in any::<String>(), numeric in "[-+(]?[0-9., ]{0,30}[)đ]?") {
            for text in [text, numeric] {
                if let Some(amount) = parse(&text) {
                    prop_assert!(amount.abs() / 100 <= Vnd::MAX);
                }
            }
        }
    }
}
