//! Text that came from people: one form (NFC), no invisible characters, and a folded form for searching.

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::input::{FaultCode, Faults, Input};

/// More stacked marks than any language needs are an attack on whoever must display them.
const COMBINING_MARKS_MAX: usize = 4;

/// [`is_readable`] and not only spaces, as a regular expression that means the same in every language. Three rules are
/// beyond it: a joiner (U+200D) stands only between pictures, and tag characters (U+E0000 to U+E007F) and more than four
/// marks on one letter are refused too.
pub const READABLE_PATTERN: &str = concat!(
    r"^[^\u0000-\u0009\u000B-\u001F\u007F-\u009F\u00AD\u061C\u200B\u200C\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFD]*",
    r"[^\u0000-\u0020\u007F-\u00A0\u00AD\u061C\u1680\u2000-\u200C\u200E\u200F\u2028-\u202F\u205F-\u206F\u3000\uFEFF\uFFF9-\uFFFD]",
    r"[^\u0000-\u0009\u000B-\u001F\u007F-\u009F\u00AD\u061C\u200B\u200C\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFD]*$",
);

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
            .pattern(Some(READABLE_PATTERN))
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
        // What is hidden is refused wherever it stands; trimming would let some of it pass.
        if !is_readable(text) {
            at.add(FaultCode::ForbiddenCharacter, "");
            return None;
        }
        let text: String = text.trim().nfc().collect();
        if text.is_empty() {
            at.add(FaultCode::Empty, "");
        } else if text.chars().count() > MAX {
            at.add(FaultCode::TooLong, &MAX.to_string());
        } else {
            return Some(Self(text));
        }
        None
    }
}

/// What people and goods are called: a text whose letters are Latin and whose digits are 0 to 9, so that no name is
/// written with letters of another script that only look like it. Names of businesses and of goods on labels are in
/// Latin letters by law, and so are the languages of the highlands; pictures and signs may stand beside them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Name<const MAX: usize>(Text<MAX>);

impl<const MAX: usize> Name<MAX> {
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub fn into_string(self) -> String {
        self.0.into_string()
    }
}

impl<const MAX: usize> utoipa::PartialSchema for Name<MAX> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("Letters are Latin and digits 0 to 9; other signs may stand beside them."))
            .min_length(Some(1))
            .max_length(Some(MAX))
            .pattern(Some(READABLE_PATTERN))
            .into()
    }
}

impl<const MAX: usize> utoipa::ToSchema for Name<MAX> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Name{MAX}").into()
    }
}

impl<const MAX: usize> Input for Name<MAX> {
    fn read(value: &serde_json::Value, at: &mut Faults) -> Option<Self> {
        let text = Text::read(value, at)?;
        if text.as_str().nfd().all(is_latin_if_letter) {
            return Some(Self(text));
        }
        at.add(FaultCode::ForbiddenCharacter, "a–z, đ, 0–9");
        None
    }
}

/// Of decomposed text: every letter is one of ASCII, đ or ƀ (of Ê Đê and Ba Na), with whatever marks.
fn is_latin_if_letter(character: char) -> bool {
    const LETTERS: &str = "đĐƀɃ";
    /// As people write diameters, degrees and parts.
    const SIGNS: &str = "Øøº²³¹¼½¾";
    let is_known = character.is_ascii() || LETTERS.contains(character) || SIGNS.contains(character);
    is_known || is_latin_mark(character) || !(character.is_alphanumeric() || is_combining_mark(character))
}

/// Marks on Latin letters, and what chooses between the forms of a picture.
fn is_latin_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36F}' | '\u{FE0E}' | '\u{FE0F}' | '\u{20E3}')
}

/// Whether a person sees everything that is there.
pub fn is_readable(text: &str) -> bool {
    let mut marks: usize = 0;
    let mut before = None;
    let mut characters = text.nfd().peekable();
    while let Some(character) = characters.next() {
        marks = if is_combining_mark(character) { marks.saturating_add(1) } else { 0 };
        let joins = character == JOINER
            && before.is_some_and(is_pictorial)
            && characters.peek().is_some_and(|c| is_pictorial(*c));
        if marks > COMBINING_MARKS_MAX || (is_hidden(character) && !joins) {
            return false;
        }
        before = Some(character);
    }
    true
}

/// Between two pictures it makes one of them (a farmer is a person and a plant); anywhere else it hides.
const JOINER: char = '\u{200D}';

fn is_pictorial(character: char) -> bool {
    matches!(character, '\u{1F000}'..='\u{1FAFF}' | '\u{2190}'..='\u{21FF}' | '\u{2600}'..='\u{27BF}'
        | '\u{2B00}'..='\u{2BFF}' | '\u{FE0F}')
}

/// Whether nobody sees it: controls but the end of a line, marks of direction, nothing's width, tags.
pub fn is_hidden(character: char) -> bool {
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
    fn what_is_hidden_is_refused_also_where_it_would_be_trimmed() {
        let read = |text: &str| Text::<20>::read(&text.into(), &mut Faults::default()).map(Text::into_string);
        assert_eq!(read("  Mật ong \n").as_deref(), Some("Mật ong"));
        for text in ["\tMật ong", "Mật ong\r\n", "Mật ong\u{2028}", " \u{a0}\n"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn hidden_characters_are_refused() {
        for text in ["a\u{202E}b", "a\u{200B}b", "a\u{0}b", "a\u{1b}[31m", "a\u{2028}b"] {
            assert!(!is_readable(text), "{text:?}");
        }
        assert!(is_readable("Nguyễn Thị Hoà, thôn Làng Giang"));
    }

    #[test]
    fn a_joiner_stands_between_two_pictures_only() {
        for text in ["👩‍🌾", "👨🏽‍🌾", "👨‍👩‍👧‍👦", "🏳️‍🌈", "❤️‍🔥"] {
            assert!(text.contains(JOINER) && is_readable(text), "{text:?}");
        }
        for text in ["\u{200D}", "a\u{200D}b", "🍯\u{200D}", "\u{200D}🍯", "🍯\u{200D}\u{200D}🍯", "a\u{200D}🍯"]
        {
            assert!(!is_readable(text), "{text:?}");
        }
    }

    fn name(text: &str) -> Option<Name<20>> {
        Name::read(&serde_json::Value::from(text), &mut Faults::default())
    }

    #[test]
    fn names_are_latin_with_any_sign() {
        for text in ["HTX Phìn Hồ", "Čư̆ M’gar ƀuôn", "Rượu 30° ½ lít", "Mật ong 🍯 №1", "Ơ̆ ŭ ñ Ø20 30º"]
        {
            assert!(name(text).is_some(), "{text}");
        }
        for text in
            ["НTX", "HTХ", "Αn", "ａn", "ıt", "ﬁ", "ſa", "Ⅳ", "１", "٣", "合", "𝐇", "🅷", "ка\u{301}", "a\u{488}"]
        {
            assert_eq!(name(text), None, "{text}");
        }
        assert_eq!(name("Ho\u{302}\u{300}").unwrap().as_str(), "Hồ");
        assert_eq!(name(&"x".repeat(21)), None);
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
