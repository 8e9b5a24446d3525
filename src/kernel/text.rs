//! Text that came from people: one form (NFC), no invisible characters, and a folded form for searching.

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::input::{FaultCode, Faults, Input};

/// More stacked marks than any language needs are an attack on whoever must display them.
const COMBINING_MARKS_MAX: usize = 4;

/// A line of text of 1 to `MAX` characters, trimmed, NFC, without control, bidirectional-override and
/// zero-width characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

impl<const MAX: usize> utoipa::PartialSchema for Text<MAX> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .min_length(Some(1))
            .max_length(Some(MAX))
            .into()
    }
}

impl<const MAX: usize> utoipa::ToSchema for Text<MAX> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Text{MAX}").into()
    }
}

impl<const MAX: usize> Input for Text<MAX> {
    fn read(value: &serde_json::Value, at: &mut Faults) -> Option<Self> {
        let Some(text) = value.as_str() else {
            at.add(FaultCode::WrongType, "string");
            return None;
        };
        let text: String = text.trim().nfc().collect();
        if text.is_empty() {
            at.add(FaultCode::Empty, "");
        } else if text.chars().count() > MAX {
            at.add(FaultCode::TooLong, &MAX.to_string());
        } else if !is_readable(&text) {
            at.add(FaultCode::ForbiddenCharacter, "");
        } else {
            return Some(Self(text));
        }
        None
    }
}

/// Whether a person sees everything that is there.
pub fn is_readable(text: &str) -> bool {
    let mut marks: usize = 0;
    for character in text.nfd() {
        marks = if is_combining_mark(character) { marks.saturating_add(1) } else { 0 };
        if marks > COMBINING_MARKS_MAX || is_hidden(character) {
            return false;
        }
    }
    true
}

fn is_hidden(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character,
            '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFD}' | '\u{00AD}' | '\u{061C}' | '\u{E0000}'..='\u{E007F}')
}

/// For searching: without diacritics, lower case, anything but letters and digits one space.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        let character = if character == 'đ' { 'd' } else { character };
        if character.is_alphanumeric() {
            folded.push(character);
        } else if !folded.ends_with(' ') && !folded.is_empty() {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// A query for `tsvector` from folded words, each as a prefix; `None` when nothing is left to look for.
pub fn search_query(text: &str) -> Option<String> {
    const WORDS_MAX: usize = 12;
    let folded = fold(text);
    let words: Vec<String> =
        folded.split(' ').filter(|w| !w.is_empty()).take(WORDS_MAX).map(|w| format!("{w}:*")).collect();
    if words.is_empty() { None } else { Some(words.join(" & ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn folding_finds_vietnamese_without_diacritics() {
        assert_eq!(fold("Mật ong bạc hà"), "mat ong bac ha");
        assert_eq!(fold("  Đồng Văn – thị trấn"), "dong van thi tran");
    }

    #[test]
    fn hidden_characters_are_refused() {
        for text in ["a\u{202E}b", "a\u{200B}b", "a\u{0}b", "a\u{1b}[31m", "a\u{2028}b"] {
            assert!(!is_readable(text), "{text:?}");
        }
        assert!(is_readable("Nguyễn Thị Hoà, thôn Làng Giang"));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
