//! Text as papers show it.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use unicode_normalization::UnicodeNormalization;

use crate::kernel::Vnd;
use crate::kernel::text::is_hidden;
use crate::kernel::time::vietnam;

/// One line in composed letters, without what nobody sees. What was typed as several lines becomes one.
pub fn clean(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.nfc() {
        if letter.is_whitespace() {
            if !shown.ends_with(' ') && !shown.is_empty() {
                shown.push(' ');
            }
        } else if !is_hidden(letter) {
            shown.push(letter);
        }
    }
    shown.truncate(shown.trim_end().len());
    shown
}

/// `1.250.000 đ`
pub fn dong(amount: Vnd) -> String {
    format!("{} đ", grouped(amount.amount()))
}

/// `1.250.000`
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "−" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && digits.len().saturating_sub(place).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

/// `1,4 kg`, `350 g`
pub fn weight(grams: i64) -> String {
    if grams < 1_000 {
        return format!("{grams} g");
    }
    let rest = format!("{:03}", grams.wrapping_rem(1_000));
    let rest = rest.trim_end_matches('0');
    let whole = grouped(grams.wrapping_div(1_000));
    if rest.is_empty() { format!("{whole} kg") } else { format!("{whole},{rest} kg") }
}

/// `25/11/2026`
pub fn day(on: NaiveDate) -> String {
    format!("{:02}/{:02}/{}", on.day(), on.month(), on.year())
}

/// `25/11/2026 14:05`, in Vietnam.
pub fn moment(at: DateTime<Utc>) -> String {
    let at = vietnam(at);
    format!("{} {:02}:{:02}", day(at.date_naive()), at.hour(), at.minute())
}

/// `ngày 25 tháng 11 năm 2026`, in Vietnam.
pub fn long_day(at: DateTime<Utc>) -> String {
    let on = vietnam(at).date_naive();
    format!("ngày {:02} tháng {:02} năm {}", on.day(), on.month(), on.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_in_vietnam() {
        assert_eq!(dong(Vnd::new(1_250_000).unwrap()), "1.250.000 đ");
        assert_eq!(
            ["0", "999", "1.000", "12.345.678"],
            [0, 999, 1_000, 12_345_678].map(grouped).each_ref().map(String::as_str)
        );
        assert_eq!(
            ["999 g", "1 kg", "1,4 kg", "1.000,025 kg"],
            [999, 1_000, 1_400, 1_000_025].map(weight).each_ref().map(String::as_str)
        );
        let at = "2026-11-24T17:05:00Z".parse().unwrap();
        assert_eq!((moment(at), long_day(at)), ("25/11/2026 00:05".to_owned(), "ngày 25 tháng 11 năm 2026".to_owned()));
    }

    #[test]
    fn what_nobody_sees_does_not_reach_a_paper() {
        assert_eq!(clean(" a\u{0}\u{7}b\u{202E}c\r\n\t d\u{200B}\u{FEFF}e\u{1b}[31m \n"), "abc de[31m");
        assert_eq!(clean("Mo\u{302}\u{323}t e\u{302}\u{301}ch"), "Một ếch");
        assert_eq!(clean("\u{0}\n"), "");
    }
}
