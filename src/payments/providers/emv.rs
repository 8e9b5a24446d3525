//! The text inside a VietQR code: EMVCo's merchant-presented elements in NAPAS's dialect.
//!
//! Each element is a tag of two digits, a length of two digits and the value; tags ascend, and
//! the last one, 63, is a checksum over everything before its own value. Source: NAPAS QR
//! Switching specification 1.5.2, State Bank decision 1928/QĐ-NHNN. Such a code only fills in a
//! transfer form: it proves no payment, and some bank apps let the buyer change the amount.

use crc::{CRC_16_IBM_3740, Crc};
use thiserror::Error;

use super::wire::is_digits;
use crate::kernel::money::Vnd;

/// Also known as CRC-16/CCITT-FALSE.
static CHECKSUM: Crc<u16> = Crc::<u16>::new(&CRC_16_IBM_3740);
/// Tag and length of the checksum, which are themselves part of what it covers.
const CHECKSUM_HEADER: &str = "6304";
const CHECKSUM_LENGTH: usize = 4;
/// NAPAS's application identifier, inside tag 38.
const NAPAS: &str = "A000000727";
/// Transfer to an account, not to a card and not at a cash machine.
const TO_ACCOUNT: &str = "QRIBFTTA";
/// ISO 4217's number for the đồng.
const CURRENCY: &str = "704";
const COUNTRY: &str = "VN";
const BANK_BIN_LENGTH: usize = 6;
const ACCOUNT_LENGTH_MAX: usize = 19;
const AMOUNT_LENGTH_MAX: usize = 13;
const PURPOSE_LENGTH_MAX: usize = 25;

/// Why a text is not a VietQR code, or a fact cannot stand in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EmvFault {
    #[error("a bank's BIN is six digits")]
    BankBin,
    #[error("an account number is 1 to 19 ASCII letters and digits")]
    AccountNumber,
    #[error("a purpose is 1 to 25 printable ASCII characters")]
    Purpose,
    #[error("a QR text is ASCII")]
    NotAscii,
    #[error("an element ends before its length says")]
    Truncated,
    #[error("a tag and a length are two digits each, and no element is empty")]
    Header,
    #[error("tags ascend and none is repeated")]
    Order,
    #[error("the checksum is missing or wrong")]
    Checksum,
    #[error("the code does not ask for a transfer of đồng to a Vietnamese account")]
    NotVietQr,
    #[error("an amount is 1 to 13 digits")]
    Amount,
}

/// An account that money can be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payee {
    bank_bin: String,
    account_number: String,
}

impl Payee {
    /// # Errors
    ///
    /// Refuses a BIN that is not six digits and an account number that does not fit NAPAS's
    /// element. Letters are allowed: virtual accounts have them.
    pub fn new(bank_bin: &str, account_number: &str) -> Result<Payee, EmvFault> {
        if bank_bin.len() != BANK_BIN_LENGTH || !is_digits(bank_bin) {
            return Err(EmvFault::BankBin);
        }
        let fits = (1..=ACCOUNT_LENGTH_MAX).contains(&account_number.len());
        if !fits || !account_number.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(EmvFault::AccountNumber);
        }
        Ok(Payee { bank_bin: bank_bin.to_owned(), account_number: account_number.to_owned() })
    }

    #[must_use]
    pub fn bank_bin(&self) -> &str {
        &self.bank_bin
    }

    #[must_use]
    pub fn account_number(&self) -> &str {
        &self.account_number
    }
}

/// What the transfer is for; the buyer's bank puts it into the transfer's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose(String);

impl Purpose {
    /// # Errors
    ///
    /// Refuses an empty text, one longer than 25 characters and what is not printable ASCII.
    pub fn new(text: &str) -> Result<Purpose, EmvFault> {
        let fits = (1..=PURPOSE_LENGTH_MAX).contains(&text.len());
        let printable = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        if !fits || !printable {
            return Err(EmvFault::Purpose);
        }
        Ok(Purpose(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How often a code is meant to be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initiation {
    /// Again and again: a stall's sign.
    Static,
    /// Once: one payment.
    Dynamic,
}

/// A code that asks for a transfer to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VietQr {
    pub payee: Payee,
    pub initiation: Initiation,
    pub amount: Option<Vnd>,
    pub purpose: Option<Purpose>,
}

impl VietQr {
    /// Writes the code's text. No value can outgrow its element: the types bound them.
    #[must_use]
    pub fn text(&self) -> String {
        let account = element("00", &self.payee.bank_bin) + &element("01", &self.payee.account_number);
        let transfer = element("00", NAPAS) + &element("01", &account) + &element("02", TO_ACCOUNT);
        let initiation = match self.initiation {
            Initiation::Static => "11",
            Initiation::Dynamic => "12",
        };

        let mut text = element("00", "01");
        text += &element("01", initiation);
        text += &element("38", &transfer);
        text += &element("53", CURRENCY);
        if let Some(amount) = self.amount {
            text += &element("54", &amount.amount().to_string());
        }
        text += &element("58", COUNTRY);
        if let Some(Purpose(purpose)) = &self.purpose {
            text += &element("62", &element("08", purpose));
        }
        sealed(text)
    }

    /// Reads a code's text as strictly as we write it, and accepts elements we do not use (a
    /// merchant's name, a category).
    ///
    /// # Errors
    ///
    /// Refuses whatever is not a well-formed, intact request for a transfer to an account.
    pub fn parse(text: &str) -> Result<VietQr, EmvFault> {
        let elements = elements(opened(text)?)?;
        let constants = [("00", "01"), ("53", CURRENCY), ("58", COUNTRY)];
        if constants.iter().any(|(tag, value)| find(&elements, tag) != Some(*value)) {
            return Err(EmvFault::NotVietQr);
        }
        let initiation = match find(&elements, "01") {
            Some("11") => Initiation::Static,
            Some("12") => Initiation::Dynamic,
            _ => return Err(EmvFault::NotVietQr),
        };
        let transfer = find(&elements, "38").ok_or(EmvFault::NotVietQr)?;
        let additional = find(&elements, "62").map(self::elements).transpose()?.unwrap_or_default();
        Ok(VietQr {
            payee: read_payee(transfer)?,
            initiation,
            amount: find(&elements, "54").map(read_amount).transpose()?,
            purpose: find(&additional, "08").map(Purpose::new).transpose()?,
        })
    }
}

/// The checksum of a text, as four upper-case hexadecimal digits.
pub(super) fn checksum(text: &str) -> String {
    format!("{:04X}", CHECKSUM.checksum(text.as_bytes()))
}

/// A tag with its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'a> {
    pub tag: &'a str,
    pub value: &'a str,
}

/// Reads elements up to the end of a text, or of a value that holds elements itself.
pub(super) fn elements(text: &str) -> Result<Vec<Element<'_>>, EmvFault> {
    let mut elements: Vec<Element<'_>> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (element, after) = first_element(rest)?;
        if elements.last().is_some_and(|last| last.tag >= element.tag) {
            return Err(EmvFault::Order);
        }
        elements.push(element);
        rest = after;
    }
    Ok(elements)
}

fn first_element(text: &str) -> Result<(Element<'_>, &str), EmvFault> {
    let (tag, rest) = two_digits(text)?;
    let (length, rest) = two_digits(rest)?;
    let length = length.parse().map_err(|_| EmvFault::Header)?;
    if length == 0 {
        return Err(EmvFault::Header);
    }
    let (value, rest) = rest.split_at_checked(length).ok_or(EmvFault::Truncated)?;
    Ok((Element { tag, value }, rest))
}

fn two_digits(text: &str) -> Result<(&str, &str), EmvFault> {
    let (digits, rest) = text.split_at_checked(2).ok_or(EmvFault::Truncated)?;
    if !is_digits(digits) {
        return Err(EmvFault::Header);
    }
    Ok((digits, rest))
}

fn find<'a>(elements: &[Element<'a>], tag: &str) -> Option<&'a str> {
    elements.iter().find(|element| element.tag == tag).map(|element| element.value)
}

fn read_payee(transfer: &str) -> Result<Payee, EmvFault> {
    let transfer = elements(transfer)?;
    if find(&transfer, "00") != Some(NAPAS) || find(&transfer, "02") != Some(TO_ACCOUNT) {
        return Err(EmvFault::NotVietQr);
    }
    let account = elements(find(&transfer, "01").ok_or(EmvFault::NotVietQr)?)?;
    let bank_bin = find(&account, "00").ok_or(EmvFault::BankBin)?;
    let account_number = find(&account, "01").ok_or(EmvFault::AccountNumber)?;
    Payee::new(bank_bin, account_number)
}

fn read_amount(text: &str) -> Result<Vnd, EmvFault> {
    if text.len() > AMOUNT_LENGTH_MAX || !is_digits(text) {
        return Err(EmvFault::Amount);
    }
    text.parse().ok().and_then(Vnd::new).ok_or(EmvFault::Amount)
}

fn element(tag: &str, value: &str) -> String {
    format!("{tag}{:02}{value}", value.len())
}

fn sealed(mut text: String) -> String {
    text += CHECKSUM_HEADER;
    let checksum = checksum(&text);
    text + &checksum
}

/// The text without its checksum element, if that is right.
fn opened(text: &str) -> Result<&str, EmvFault> {
    if !text.is_ascii() {
        return Err(EmvFault::NotAscii);
    }
    let covered_length = text.len().checked_sub(CHECKSUM_LENGTH).ok_or(EmvFault::Checksum)?;
    let (covered, received) = text.split_at_checked(covered_length).ok_or(EmvFault::Checksum)?;
    let content = covered.strip_suffix(CHECKSUM_HEADER).ok_or(EmvFault::Checksum)?;
    if checksum(covered) != received {
        return Err(EmvFault::Checksum);
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::payments::providers::vectors::{self, text};

    fn vnd(amount: i64) -> Vnd {
        Vnd::new(amount).unwrap()
    }

    fn code() -> VietQr {
        VietQr {
            payee: Payee::new("970405", "8206205123456").unwrap(),
            initiation: Initiation::Dynamic,
            amount: Some(vnd(185_000)),
            purpose: Some(Purpose::new("OCOP00042").unwrap()),
        }
    }

    fn described(parsed: &Value) -> VietQr {
        VietQr {
            payee: Payee::new(text(parsed, "/bankBin"), text(parsed, "/bankNumber")).unwrap(),
            initiation: match text(parsed, "/initMethod") {
                "11" => Initiation::Static,
                _ => Initiation::Dynamic,
            },
            amount: parsed["amount"].as_str().map(|amount| vnd(amount.parse().unwrap())),
            purpose: parsed["purpose"].as_str().map(|purpose| Purpose::new(purpose).unwrap()),
        }
    }

    #[test]
    fn recorded_codes_are_written_and_read_to_the_byte() {
        for vector in vectors::of("vietqr_emvco", &["emvco"]) {
            let (id, content) = (text(&vector, "/id"), text(&vector, "/content"));
            let read = VietQr::parse(content);
            assert_eq!(vector["expected"]["valid"], read.is_ok(), "{id}: {read:?}");
            let Ok(code) = read else { continue };
            assert_eq!(code, described(&vector["parsed"]), "{id}");
            assert_eq!(code.text(), content, "{id}");

            let tlv: Vec<(String, String)> = serde_json::from_value(vector["tlv"].clone()).unwrap();
            let found: Vec<(String, String)> = elements(content)
                .unwrap()
                .into_iter()
                .map(|element| (element.tag.to_owned(), element.value.to_owned()))
                .collect();
            assert_eq!(found, tlv, "{id}");
        }
    }

    #[test]
    fn every_recorded_vector_is_of_a_kind_that_is_run() {
        assert_eq!(vectors::of("vietqr_emvco", &["emvco", "crc"]).len(), vectors::count("vietqr_emvco"));
    }

    #[test]
    fn the_checksum_is_the_one_of_the_catalogue() {
        for vector in vectors::of("vietqr_emvco", &["crc"]) {
            assert_eq!(checksum(text(&vector, "/input")), text(&vector, "/expected/crc"));
        }
    }

    #[test]
    fn a_virtual_account_may_have_letters() {
        let purpose = Some(Purpose::new("OCOP00042").unwrap());
        let payee = Payee::new("970415", "99OCOP26112300042").unwrap();
        let text = VietQr { payee, purpose, ..code() }.text();
        assert_eq!(
            text,
            "00020101021238610010A00000072701310006970415011799OCOP261123000420208QRIBFTTA\
             530370454061850005802VN62130809OCOP0004263048084"
        );
    }

    #[test]
    fn facts_that_do_not_fit_are_refused() {
        assert_eq!(Payee::new("97040", "1"), Err(EmvFault::BankBin));
        assert_eq!(Payee::new("97040x", "1"), Err(EmvFault::BankBin));
        assert_eq!(Payee::new("970405", ""), Err(EmvFault::AccountNumber));
        assert_eq!(Payee::new("970405", "12345678901234567890"), Err(EmvFault::AccountNumber));
        assert_eq!(Payee::new("970405", "1 2"), Err(EmvFault::AccountNumber));
        assert_eq!(Purpose::new(""), Err(EmvFault::Purpose));
        assert_eq!(Purpose::new("12345678901234567890123456"), Err(EmvFault::Purpose));
        assert_eq!(Purpose::new("mật ong"), Err(EmvFault::Purpose));
    }

    /// The example code with a part replaced and the checksum made right again.
    fn altered(from: &str, to: &str) -> Result<VietQr, EmvFault> {
        let text = code().text();
        let content = opened(&text).unwrap();
        assert!(content.contains(from), "{from}");
        VietQr::parse(&sealed(content.replace(from, to)))
    }

    #[test]
    fn codes_that_are_intact_but_wrong_are_refused() {
        assert_eq!(altered("5303704", "5303840"), Err(EmvFault::NotVietQr));
        assert_eq!(altered("5802VN", "5802US"), Err(EmvFault::NotVietQr));
        assert_eq!(altered("010212", "010213"), Err(EmvFault::NotVietQr));
        assert_eq!(altered("QRIBFTTA", "QRIBFTTC"), Err(EmvFault::NotVietQr));
        assert_eq!(altered("A000000727", "A000000775"), Err(EmvFault::NotVietQr));
        assert_eq!(altered("5406185000", "54061850.0"), Err(EmvFault::Amount));
        assert_eq!(altered("5406185000", "5406+18500"), Err(EmvFault::Amount));
        assert_eq!(altered("5406185000", "5400"), Err(EmvFault::Header));
        assert_eq!(altered("5406185000", "54x6185000"), Err(EmvFault::Header));
        assert_eq!(altered("5802VN", "5802VN5802VN"), Err(EmvFault::Order));
        assert_eq!(altered("62130809", "62990809"), Err(EmvFault::Truncated));
    }

    #[test]
    fn a_checksum_in_lower_case_is_wrong() {
        let text = code().text();
        assert_eq!(VietQr::parse(&text.replace("5EFC", "5efc")), Err(EmvFault::Checksum));
        assert_eq!(VietQr::parse(""), Err(EmvFault::Checksum));
        assert_eq!(VietQr::parse("đồng"), Err(EmvFault::NotAscii));
    }

    prop_compose! {
        fn any_code()(
            bank_bin in "[0-9]{6}",
            account in "[0-9A-Za-z]{1,19}",
            reused in any::<bool>(),
            amount in proptest::option::of(0..=Vnd::MAX),
            purpose in proptest::option::of("[ -~]{1,25}"),
        ) -> VietQr {
            VietQr {
                payee: Payee::new(&bank_bin, &account).unwrap(),
                initiation: if reused { Initiation::Static } else { Initiation::Dynamic },
                amount: amount.map(vnd),
                purpose: purpose.map(|purpose| Purpose::new(&purpose).unwrap()),
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(code in any_code()) {
            prop_assert_eq!(VietQr::parse(&code.text()), Ok(code));
        }

        #[test]
        fn one_changed_character_is_noticed(
            code in any_code(),
            at in any::<prop::sample::Index>(),
            new in 0x20_u8..0x7F,
        ) {
            let mut bytes = code.text().into_bytes();
            let place = at.index(bytes.len());
            prop_assume!(bytes[place] != new);
            bytes[place] = new;
            prop_assert!(VietQr::parse(&String::from_utf8(bytes).unwrap()).is_err());
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in any::<String>()) {
            let _ = VietQr::parse(&text);
            let _ = elements(&text);
        }

        #[test]
        fn no_intact_text_makes_the_parser_panic(content in "([0-9]{4}[ -~]{0,20}){0,8}") {
            let _ = VietQr::parse(&sealed(content));
        }
    }
}
