//! The code a buyer's bank transfer carries, so that money finds its payment.
//!
//! `HG`, six characters of Crockford's base32 and one check character: nine characters, which is
//! what the narrowest rail (a transfer description of nine) lets through. Banks, wallets and
//! people put text around it, so [`find_all`] looks for it in anything.
//!
//! The check is a sum over GF(32), the field with exactly as many elements as the alphabet has
//! letters. The nine characters are the coefficients of a polynomial which is zero at α, a
//! generator of that field; so each character is weighted with its own power of α, from α⁸ down
//! to α⁰. Those weights are all different and none is zero. Therefore every single wrong
//! character is caught (its weight times the difference is not zero), and so is every exchange of
//! two characters, neighbours or not (the difference of two weights times the difference of the
//! two characters is not zero). The usual sums modulo 10, 11, 36 or 37 cannot promise both with
//! 32 letters, because 32 is not prime. Noise of nine characters passes once in 32 times, after
//! which the code must still be one that we gave out.

use std::fmt;

/// Crockford's base32: no I, L, O (read as digits) and no U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const PREFIX: &str = "HG";
/// Where the characters between the prefix and the check stand in a number: six times five bits,
/// about a thousand million codes.
const PAYLOAD_SHIFTS: [u32; 6] = [25, 20, 15, 10, 5, 0];
/// Characters of the whole code.
const LENGTH: usize = 9;
/// More codes than this in one text is not a buyer's doing.
const FOUND_MAX: usize = 16;

/// A code whose check character is right; whether we ever gave it out is for the database to say.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TransferCode(String);

impl TransferCode {
    /// Makes the code of a random number, of which the lower 30 bits count.
    ///
    /// Random instead of counted, so that nobody can guess the code of another buyer or read off
    /// it how much is sold. Two may be the same: the database decides, and the caller draws again.
    #[must_use]
    pub fn generate(random: u32) -> TransferCode {
        let mut code = String::from(PREFIX);
        for shift in PAYLOAD_SHIFTS {
            code.push(letter(random.wrapping_shr(shift)));
        }
        // What is left at α once a zero stands in the last place is what that place must cancel.
        let check = residue(&code).map_or(0, times_alpha);
        code.push(letter(u32::from(check)));
        TransferCode(code)
    }

    /// Reads a code that stands alone.
    ///
    /// Lower case is accepted, and so are the letters people write for digits: O for 0, I and L
    /// for 1. The result is always the code as we print it.
    #[must_use]
    pub fn parse(text: &str) -> Option<TransferCode> {
        if text.len() != LENGTH {
            return None;
        }
        let (prefix, rest) = text.split_at_checked(PREFIX.len())?;
        if !prefix.eq_ignore_ascii_case(PREFIX) {
            return None;
        }
        let mut code = String::from(PREFIX);
        code.extend(rest.chars().map(as_printed));
        (residue(&code) == Some(0)).then_some(TransferCode(code))
    }

    /// The number that the code was made of, for providers that know numbers only.
    #[must_use]
    pub fn number(&self) -> u32 {
        let payload = self.0.bytes().skip(PREFIX.len()).take(PAYLOAD_SHIFTS.len());
        payload.fold(0, |number, letter| (number << 5) | u32::from(value(letter).unwrap_or(0)))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TransferCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Finds every code in a text, in order and each once, whatever a bank did to it: spaces or
/// punctuation inside, words grown onto it, lower case.
#[must_use]
pub fn find_all(text: &str) -> Vec<TransferCode> {
    let kept: Vec<u8> = text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_uppercase()).collect();
    let mut found = Vec::new();
    for window in kept.windows(LENGTH) {
        let code = str::from_utf8(window).ok().and_then(TransferCode::parse);
        let Some(code) = code else { continue };
        if found.len() < FOUND_MAX && !found.contains(&code) {
            found.push(code);
        }
    }
    found
}

/// The value at α of the polynomial that the characters spell, highest power first; nothing if
/// one of them is not of the alphabet. In a field of characteristic two, adding is XOR.
fn residue(code: &str) -> Option<u8> {
    let mut sum = 0;
    for character in code.bytes() {
        sum = times_alpha(sum) ^ value(character)?;
    }
    Some(sum)
}

/// Multiplies with α in GF(32) = GF(2)\[x\] / (x⁵ + x² + 1), α being x. The group has 31 elements, a
/// prime, so every element but 1 generates it.
const fn times_alpha(element: u8) -> u8 {
    let shifted = element << 1;
    if shifted & 0b10_0000 == 0 { shifted } else { shifted ^ 0b10_0101 }
}

/// The letter of the lower five bits.
fn letter(bits: u32) -> char {
    let place = usize::try_from(bits & 0b1_1111).unwrap_or(0);
    ALPHABET.get(place).copied().map_or('0', char::from)
}

fn value(letter: u8) -> Option<u8> {
    let place = ALPHABET.iter().position(|known| *known == letter)?;
    u8::try_from(place).ok()
}

/// What we print for what a person may have typed instead.
fn as_printed(character: char) -> char {
    match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with_letter(code: &TransferCode, place: usize, letter: u8) -> String {
        let mut bytes = code.as_str().as_bytes().to_vec();
        bytes[place] = letter;
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn codes_are_permanent() {
        let codes: Vec<String> = [0, 1, 123_456_789, u32::MAX]
            .into_iter()
            .map(|random| TransferCode::generate(random).to_string())
            .collect();
        assert_eq!(codes, ["HG0000004", "HG0000016", "HG3NQK8N5", "HGZZZZZZX"]);
    }

    #[test]
    fn a_run_of_zeros_is_no_code() {
        assert_eq!(TransferCode::parse("HG0000000"), None);
    }

    #[test]
    fn look_alikes_are_read_as_the_digits_they_stand_for() {
        let code = TransferCode::generate(1);
        assert_eq!(TransferCode::parse("hgoooooi6"), Some(code.clone()));
        assert_eq!(TransferCode::parse("HG00O00L6"), Some(code));
    }

    #[test]
    fn texts_that_are_no_code_are_refused() {
        let texts = ["", "HG", "HG000000", "HG00000044", "XX0000004", "HG00000U4"];
        for text in texts {
            assert_eq!(TransferCode::parse(text), None, "{text}");
        }
        assert_eq!(TransferCode::parse("HG00000đ"), None);
        assert_eq!(TransferCode::parse("đđđđ4"), None);
    }

    #[test]
    fn a_code_is_found_in_what_banks_send() {
        let texts = [
            "HG3NQK8N5",
            "MBVCB.3278907687.hg3nqk8n5 thanh toan don hang.CT tu 0123",
            "CHUYEN TIEN HG3 NQK 8N5-CHUYEN TIEN-OQCH0001",
            "Mật ong HG-3NQK8N5 cảm ơn",
            "HGHG3NQK8N5HG",
            "QR - HG3NQK8N5HG3NQK8N5",
        ];
        for text in texts {
            assert_eq!(find_all(text), [TransferCode::generate(123_456_789)], "{text}");
        }
    }

    #[test]
    fn several_codes_are_found_in_their_order() {
        let found = find_all("tra HG0000016 va HG0000004");
        assert_eq!(found, [TransferCode::generate(1), TransferCode::generate(0)]);
    }

    #[test]
    fn a_code_with_a_typing_error_is_not_found() {
        assert_eq!(find_all("thanh toan HG3NQK8N6"), []);
    }

    proptest! {
        #[test]
        fn a_generated_code_parses(random in any::<u32>()) {
            let code = TransferCode::generate(random);
            prop_assert_eq!(code.as_str().len(), LENGTH);
            prop_assert_eq!(TransferCode::parse(code.as_str()), Some(code));
        }

        #[test]
        fn different_numbers_make_different_codes(one in 0_u32..1 << 30, two in 0_u32..1 << 30) {
            let same = TransferCode::generate(one) == TransferCode::generate(two);
            prop_assert_eq!(same, one == two);
        }

        #[test]
        fn every_single_wrong_character_is_caught(random in any::<u32>()) {
            let code = TransferCode::generate(random);
            for place in 0..LENGTH {
                for letter in ALPHABET.iter().filter(|l| **l != code.as_str().as_bytes()[place]) {
                    let wrong = with_letter(&code, place, *letter);
                    prop_assert_eq!(TransferCode::parse(&wrong), None, "{}", wrong);
                }
            }
        }

        #[test]
        fn every_exchange_of_two_characters_is_caught(random in any::<u32>()) {
            let code = TransferCode::generate(random);
            for one in 0..LENGTH {
                for two in (0..LENGTH).skip(one).skip(1) {
                    let mut bytes = code.as_str().as_bytes().to_vec();
                    bytes.swap(one, two);
                    let swapped = String::from_utf8(bytes).unwrap();
                    let same = swapped == code.as_str();
                    prop_assert_eq!(TransferCode::parse(&swapped).is_some(), same, "{}", swapped);
                }
            }
        }

        #[test]
        fn a_code_is_found_between_any_noise(
            before in ".{0,60}",
            random in any::<u32>(),
            gap in "[ .,_-]{0,3}",
            after in ".{0,60}",
            lower in any::<bool>(),
        ) {
            let code = TransferCode::generate(random);
            let (head, tail) = code.as_str().split_at(4);
            let mut text = format!("{before}{head}{gap}{tail}{after}");
            if lower {
                text = text.to_lowercase();
            }
            prop_assert!(find_all(&text).contains(&code), "{}", text);
        }

        #[test]
        fn no_text_makes_the_search_panic(text in any::<String>()) {
            for code in find_all(&text) {
                prop_assert!(TransferCode::parse(code.as_str()).is_some());
            }
            let _ = TransferCode::parse(&text);
        }
    }
}
