//! What every payment provider in Vietnam agrees on: the clock, text that survives the way, and JSON in which a number
//! may be a text.

use chrono::{DateTime, FixedOffset, NaiveDateTime, Utc};
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::HttpAnswer;
use crate::kernel::money::Vnd;

/// Providers write moments in Vietnam's time without saying so; there is no summer time.
const VIETNAM: FixedOffset = FixedOffset::east_opt(7 * 60 * 60).unwrap();
/// Year to second without separators, 14 digits.
const COMPACT_MOMENT: &str = "%Y%m%d%H%M%S";
const COMPACT_MOMENT_LENGTH: usize = 14;
const SPACED_MOMENT: &str = "%Y-%m-%d %H:%M:%S";

/// Characters of a provider's words that are kept.
const WORDS_MAX: usize = 200;
/// Characters of an address that a buyer is sent to.
const URL_MAX: usize = 2048;

/// Writes a day as `yyMMdd` in Vietnam's time.
pub(super) fn compact_day(moment: DateTime<Utc>) -> String {
    moment.with_timezone(&VIETNAM).format("%y%m%d").to_string()
}

/// Writes a moment as `yyyyMMddHHmmss` in Vietnam's time.
pub(super) fn compact_moment(moment: DateTime<Utc>) -> String {
    moment.with_timezone(&VIETNAM).format(COMPACT_MOMENT).to_string()
}

/// Reads `yyyyMMddHHmmss` in Vietnam's time.
pub(super) fn read_compact_moment(text: &str) -> Option<DateTime<Utc>> {
    if text.len() != COMPACT_MOMENT_LENGTH || !is_digits(text) {
        return None;
    }
    read_moment(text, COMPACT_MOMENT)
}

/// Writes a moment as `yyyy-MM-dd HH:mm:ss` in Vietnam's time.
pub(super) fn spaced_moment(moment: DateTime<Utc>) -> String {
    moment.with_timezone(&VIETNAM).format(SPACED_MOMENT).to_string()
}

/// Reads `yyyy-MM-dd HH:mm:ss` in Vietnam's time.
pub(super) fn read_spaced_moment(text: &str) -> Option<DateTime<Utc>> {
    read_moment(text, SPACED_MOMENT)
}

fn read_moment(text: &str, format: &str) -> Option<DateTime<Utc>> {
    let local = NaiveDateTime::parse_from_str(text, format).ok()?;
    let moment = local.and_local_timezone(VIETNAM).single()?;
    Some(moment.to_utc())
}

/// Reads an object; what is none has no fields.
pub(super) fn object(body: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(body).unwrap_or_default()
}

/// A text or a whole number as it was printed; nothing and `null` are empty. Nothing else is either.
pub(super) fn plain(value: Option<&Value>) -> Option<String> {
    match value {
        None | Some(Value::Null) => Some(String::new()),
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) if !number.is_f64() => Some(number.to_string()),
        Some(_) => None,
    }
}

/// A field with something in it.
pub(super) fn text(fields: &Map<String, Value>, name: &str) -> Option<String> {
    plain(fields.get(name)).filter(|text| !text.is_empty())
}

pub(super) fn whole(fields: &Map<String, Value>, name: &str) -> Option<i64> {
    text(fields, name)?.parse().ok()
}

pub(super) fn money(fields: &Map<String, Value>, name: &str) -> Option<Vnd> {
    whole(fields, name).and_then(Vnd::new)
}

/// What a provider says of a failure, for our own logs.
pub(super) fn words(answer: &HttpAnswer, said: Option<String>) -> String {
    let said = said.unwrap_or_default();
    format!("HTTP {}: {}", answer.status, said.chars().filter(|c| !c.is_control()).take(WORDS_MAX).collect::<String>())
}

/// An address that a buyer can be sent to.
pub(super) fn page(url: &str) -> Option<String> {
    let is_sound =
        url.starts_with("https://") && url.len() <= URL_MAX && url.bytes().all(|byte| byte.is_ascii_graphic());
    is_sound.then(|| url.to_owned())
}

/// Keeps what every signing scheme and bank treats alike: ASCII letters, digits, space and
/// `.,:_#/-`. Vietnamese letters lose their marks; whatever else is left falls away.
///
/// Providers' own encoders disagree on the other characters (`*`, `~`, `!`, `'`, brackets), so a
/// text that holds one is a signature that fails at some of them.
pub(super) fn safe_text(text: &str, length_max: usize) -> String {
    text.nfd()
        .filter(|character| !is_combining_mark(*character))
        .map(without_stroke)
        .filter(|character| is_safe(*character))
        .take(length_max)
        .collect()
}

/// The one Vietnamese letter that Unicode does not take apart.
fn without_stroke(character: char) -> char {
    match character {
        'đ' => 'd',
        'Đ' => 'D',
        other => other,
    }
}

fn is_safe(character: char) -> bool {
    character.is_ascii_alphanumeric() || " .,:_#/-".contains(character)
}

/// Whether the text is a number without sign, space or separator; `i64::from_str` takes a sign.
pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn moments_are_vietnamese_even_when_utc_is_a_day_behind() {
        let moment = Utc.with_ymd_and_hms(2026, 11, 22, 17, 30, 0).unwrap();
        assert_eq!(compact_moment(moment), "20261123003000");
        assert_eq!(read_compact_moment("20261123003000"), Some(moment));
        assert_eq!(read_spaced_moment("2026-11-23 00:30:00"), Some(moment));
    }

    #[test]
    fn days_are_vietnamese_as_well() {
        let moment = Utc.with_ymd_and_hms(2026, 11, 22, 17, 30, 0).unwrap();
        assert_eq!(
            (compact_day(moment), compact_day(moment - chrono::TimeDelta::minutes(31))),
            ("261123".to_owned(), "261122".to_owned())
        );
        let leap = Utc.with_ymd_and_hms(2028, 2, 28, 17, 0, 0).unwrap();
        assert_eq!(compact_day(leap), "280229");
    }

    #[test]
    fn buyers_are_sent_to_sound_addresses_only() {
        assert!(page("https://pay.payos.vn/web/124c").is_some());
        for url in ["http://pay.payos.vn/", "javascript:alert(1)", "https://a b", "https://a\n", "momo://pay", ""] {
            assert_eq!(page(url), None, "{url}");
        }
        assert_eq!(page(&format!("https://{}", "a".repeat(URL_MAX))), None);
    }

    #[test]
    fn moments_that_do_not_exist_are_refused() {
        for text in ["", "2026112300300", "202611230030000", "20261323003000", "2026112300300x"] {
            assert_eq!(read_compact_moment(text), None, "{text}");
        }
        assert_eq!(read_spaced_moment("2026-11-31 00:30:00"), None);
    }

    #[test]
    fn vietnamese_text_keeps_its_letters_and_loses_its_marks() {
        let text = safe_text("Thanh toán đơn hàng: Mật ong & chè (50%)", 255);
        assert_eq!(text, "Thanh toan don hang: Mat ong  che 50");
        assert_eq!(safe_text("Đường", 3), "Duo");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_readers_panic(text in any::<String>()) {
            let _ = read_compact_moment(&text);
            let _ = read_spaced_moment(&text);
            let _ = page(&text);
            let safe = safe_text(&text, 25);
            prop_assert!(safe.len() <= 25 && safe.chars().all(is_safe));
        }

        #[test]
        fn any_fourteen_digits_are_read_without_panic(text in "[0-9]{14}") {
            let _ = read_compact_moment(&text);
        }
    }
}
