//! Accounts, sessions, rights, and the rules of passwords and lifetimes.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use schema::{accounts, role_grants, sessions};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

use crate::kernel::error::Error;
use crate::kernel::input::{FaultCode, Faults, Input};
use crate::kernel::text::is_readable;
use crate::kernel::{AccountId, Audience, GrantId, PhoneNumber, Result, SessionId};

crate::refusals! {
    /// Why identity says no.
    pub enum IdentityRefusal {
        CodeWrong = 401 "identity.code_wrong" "Mã xác thực không đúng hoặc đã hết hạn" "The code is wrong or has expired",
        GuestOrderWrong = 401 "identity.guest_order_wrong" "Mã đơn hàng, số điện thoại hoặc mã tra cứu không đúng" "The order code, the phone number or the order token is wrong",
        CredentialsWrong = 401 "identity.credentials_wrong" "Số điện thoại hoặc mật khẩu không đúng" "The phone number or the password is wrong",
        SecondFactorRequired = 401 "identity.second_factor_required" "Vai trò này cần cả mã xác thực và mật khẩu" "This role needs a one-time code and the password",
        RefreshInvalid = 401 "identity.refresh_invalid" "Mã gia hạn phiên không hợp lệ, hãy đăng nhập lại" "The refresh token is not valid, sign in again",
        RoleMissing = 403 "identity.role_missing" "Tài khoản chưa được cấp vai trò này" "The account does not hold this role",
        AccountSuspended = 403 "identity.account_suspended" "Tài khoản đang bị tạm khoá" "The account is suspended",
        GuestNotAllowed = 403 "identity.guest_not_allowed" "Khách mua không đăng nhập không dùng được chức năng này; hãy đăng nhập bằng số điện thoại" "A guest cannot do this; sign in with a phone number",
        PasswordNotSet = 403 "identity.password_not_set" "Tài khoản chưa đặt mật khẩu; hãy đăng nhập với vai trò người mua và đặt mật khẩu" "The account has no password yet; sign in as a buyer and set one",
        PasswordTooShort = 403 "identity.password_too_short" "Vai trò này cần mật khẩu dài ít nhất 15 ký tự; hãy đổi mật khẩu" "This role needs a password of at least 15 characters; change it first",
        PasswordCommon = 422 "identity.password_common" "Mật khẩu này quá dễ đoán" "This password is too easy to guess",
        PasswordChanged = 409 "identity.password_changed" "Mật khẩu vừa được đổi ở nơi khác" "The password has just been changed elsewhere",
        RoleAlreadyGranted = 409 "identity.role_already_granted" "Tài khoản đã có vai trò này" "The account already holds this role",
        NotYourself = 409 "identity.not_yourself" "Không thể tự tạm khoá hoặc tự thu hồi quyền của mình" "You cannot suspend yourself or withdraw your own role",
        ActionNotAllowed = 409 "identity.action_not_allowed" "Trạng thái hiện tại của tài khoản không cho phép thao tác này" "The account's status does not allow this",
        TooManyCodes = 429 "identity.too_many_codes" "Bạn đã yêu cầu quá nhiều mã, hãy chờ" "Too many codes were requested, wait",
        TooManyGuests = 429 "identity.too_many_guests" "Mạng này vừa tạo quá nhiều khách, hãy chờ" "Too many guests came from this network, wait",
        TooManyFailures = 429 "identity.too_many_failures" "Đăng nhập sai quá nhiều lần, hãy chờ" "Too many failed sign-ins, wait",
    }
}

crate::text_enum! {
    /// Whether an account may be used.
    pub enum AccountStatus {
        Active = "active",
        Suspended = "suspended",
    }
}

crate::text_enum! {
    /// What an operator does to an account.
    pub enum AccountEvent {
        Suspend = "suspend",
        Reinstate = "reinstate",
    }
}

impl AccountStatus {
    pub fn after(self, event: AccountEvent) -> Option<Self> {
        match (self, event) {
            (AccountStatus::Active, AccountEvent::Suspend) => Some(AccountStatus::Suspended),
            (AccountStatus::Suspended, AccountEvent::Reinstate) => Some(AccountStatus::Active),
            (AccountStatus::Active, AccountEvent::Reinstate) | (AccountStatus::Suspended, AccountEvent::Suspend) => {
                None
            }
        }
    }

    pub fn allowed_actions(self) -> Vec<AccountEvent> {
        AccountEvent::ALL.iter().copied().filter(|event| self.after(*event).is_some()).collect()
    }
}

crate::text_enum! {
    /// A role that somebody grants; buying and selling need no grant.
    pub enum GrantRole {
        Helper = "helper",
        Official = "official",
        Operator = "operator",
    }
}

impl GrantRole {
    pub fn audience(self) -> Audience {
        match self {
            GrantRole::Helper => Audience::Helper,
            GrantRole::Official => Audience::Official,
            GrantRole::Operator => Audience::Operator,
        }
    }

    /// The role that a surface asks for, if it asks for one.
    pub fn needed_for(audience: Audience) -> Option<Self> {
        match audience {
            Audience::Buyer | Audience::Producer => None,
            Audience::Helper => Some(GrantRole::Helper),
            Audience::Official => Some(GrantRole::Official),
            Audience::Operator => Some(GrantRole::Operator),
        }
    }
}

crate::text_enum! {
    /// Why a session ended before its time.
    pub enum EndReason {
        SignedOut = "signed_out",
        Reused = "reused",
        PasswordChanged = "password_changed",
        RightsChanged = "rights_changed",
        Suspended = "suspended",
    }
}

/// An account as stored. No `Debug`: it holds the password's hash.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = accounts, check_for_backend(diesel::pg::Pg))]
pub struct Account {
    pub id: AccountId,
    /// A guest has none.
    pub phone: Option<String>,
    pub is_guest: bool,
    pub display_name: Option<String>,
    pub password_hash: Option<String>,
    pub status: AccountStatus,
    pub authorisation_version: i32,
    pub version: i32,
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sessions, check_for_backend(diesel::pg::Pg))]
pub struct Session {
    pub id: SessionId,
    pub account_id: AccountId,
    pub audience: Audience,
    pub device_id: String,
    pub generation: i32,
    pub rotated_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub idle_expires_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Session {
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at > now && self.idle_expires_at > now
    }
}

/// A live right.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = role_grants, check_for_backend(diesel::pg::Pg))]
pub struct RoleGrant {
    pub id: GrantId,
    pub account_id: AccountId,
    pub role: GrantRole,
    pub province_code: Option<String>,
    pub commune_codes: Vec<Option<String>>,
    pub granted_by: Option<Uuid>,
    pub granted_at: DateTime<Utc>,
}

/// A person with an open session, from which the token answer is made.
#[derive(Clone)]
pub struct Signed {
    pub account: Account,
    pub session: Session,
    pub roles: Vec<GrantRole>,
}

/// What a transaction answers although it commits: a counted failure must not be rolled back with its refusal.
pub type Committed<T> = std::result::Result<T, Error>;

/// How long a session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// From sign-in to its end, whatever happens.
    pub absolute: TimeDelta,
    /// Without a refresh.
    pub idle: TimeDelta,
}

impl Lifetime {
    pub fn of(audience: Audience) -> Self {
        match audience {
            Audience::Buyer | Audience::Producer | Audience::Helper => {
                Self { absolute: TimeDelta::days(90), idle: TimeDelta::days(30) }
            }
            Audience::Official => Self { absolute: TimeDelta::hours(12), idle: TimeDelta::hours(1) },
            Audience::Operator => Self { absolute: TimeDelta::hours(12), idle: TimeDelta::minutes(30) },
        }
    }
}

/// Officials and operators prove phone and password, everybody else one of them.
pub fn needs_password(audience: Audience) -> bool {
    matches!(audience, Audience::Official | Audience::Operator)
}

/// Characters that a password must at least have (NIST SP 800-63B-4: 15 where it must stand for much).
pub fn password_chars_min(roles: &[GrantRole]) -> usize {
    if roles.iter().any(|role| needs_password(role.audience())) { STAFF_PASSWORD_CHARS_MIN } else { PASSWORD_CHARS_MIN }
}

const PASSWORD_CHARS_MIN: usize = 8;
const STAFF_PASSWORD_CHARS_MIN: usize = 15;
const PASSWORD_CHARS_MAX: usize = 128;

/// What everybody tries first. Compared without case and without anything but letters and digits.
const COMMON: &[&str] = &[
    "12345678",
    "123456789",
    "1234567890",
    "0123456789",
    "87654321",
    "987654321",
    "11111111",
    "00000000",
    "88888888",
    "66666666",
    "99999999",
    "123123123",
    "12341234",
    "11223344",
    "1q2w3e4r",
    "1qaz2wsx",
    "qwertyui",
    "qwertyuiop",
    "qwerty123",
    "asdfghjk",
    "asdfghjkl",
    "abcd1234",
    "abc12345",
    "abcdefgh",
    "a1234567",
    "aa123456",
    "password",
    "password1",
    "password123",
    "passw0rd",
    "iloveyou",
    "anhyeuem",
    "emyeuanh",
    "matkhau1",
    "matkhau123",
    "vietnam1",
    "vietnam123",
    "hagiang1",
    "hagiang123",
    "tuyenquang",
    "dongvan123",
    "ocop1234",
    "ocophagiang",
    "admin123",
    "123456789012345",
    "111111111111111",
    "000000000000000",
    "passwordpassword",
    "matkhaumatkhau",
    "qwertyuiopasdfg",
    "1234567812345678",
    "abcdefghijklmno",
];

/// A password as typed, in Unicode NFC, 1 to 128 characters. No `Debug`, no `Serialize`.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.nfc().collect();
        let fits = (1..=PASSWORD_CHARS_MAX).contains(&text.chars().count());
        (fits && is_readable(&text)).then_some(Self(text))
    }

    pub fn expose(&self) -> &str {
        &self.0
    }

    fn chars(&self) -> usize {
        self.0.chars().count()
    }

    /// Whether it may open the surfaces of officials and operators.
    pub fn is_long(&self) -> bool {
        self.chars() >= STAFF_PASSWORD_CHARS_MIN
    }

    /// Whether an account with these roles may choose it.
    pub fn check(&self, roles: &[GrantRole], phone: &str) -> Result<()> {
        let min = password_chars_min(roles);
        if self.chars() < min {
            let expected = format!("{min}–{PASSWORD_CHARS_MAX}");
            return Err(Error::invalid("/new_password", FaultCode::OutOfRange, &expected));
        }
        let plain: String = self.0.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let national: String = phone.chars().skip("+84".len()).collect();
        let one_letter = plain.chars().all(|c| plain.starts_with(c));
        if one_letter
            || COMMON.contains(&plain.as_str())
            || plain.trim_start_matches("84").trim_start_matches('0') == national
        {
            return Err(IdentityRefusal::PasswordCommon.into());
        }
        Ok(())
    }
}

impl Input for Password {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        let Some(text) = value.as_str() else {
            at.add(FaultCode::WrongType, "string");
            return None;
        };
        let password = Self::parse(text);
        if password.is_none() {
            at.add(FaultCode::Malformed, &format!("1–{PASSWORD_CHARS_MAX}"));
        }
        password
    }
}

impl utoipa::PartialSchema for Password {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        <crate::kernel::Text<PASSWORD_CHARS_MAX> as utoipa::PartialSchema>::schema()
    }
}

impl utoipa::ToSchema for Password {
    fn name() -> std::borrow::Cow<'static, str> {
        "Password".into()
    }
}

/// A one-time code: six digits.
#[derive(Clone, utoipa::ToSchema)]
#[schema(value_type = String, example = "123456", min_length = 6, max_length = 6, pattern = "^[0-9]{6}$")]
pub struct Code(String);

impl Code {
    pub const DIGITS: usize = 6;

    /// Uniform, from the operating system's generator.
    pub fn generate() -> Self {
        let number: u32 = rand::RngExt::random_range(&mut rand::rng(), 0..1_000_000);
        Self(format!("{number:06}"))
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Input for Code {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        let digits =
            value.as_str().filter(|text| text.len() == Self::DIGITS && text.chars().all(|c| c.is_ascii_digit()));
        if digits.is_none() {
            at.add(FaultCode::Malformed, "123456");
        }
        digits.map(|text| Self(text.to_owned()))
    }
}

/// What a person asks for who proves a phone number.
#[derive(Clone)]
pub struct Wish {
    pub phone: PhoneNumber,
    pub device_id: String,
    pub audience: Audience,
}

/// Whether an account may open a surface. `None`: nobody has signed in with this number yet.
pub fn admit(account: Option<&Account>, roles: &[GrantRole], audience: Audience) -> Result<(), IdentityRefusal> {
    if account.is_some_and(|account| account.status == AccountStatus::Suspended) {
        return Err(IdentityRefusal::AccountSuspended);
    }
    match GrantRole::needed_for(audience) {
        Some(role) if !roles.contains(&role) => Err(IdentityRefusal::RoleMissing),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_suspended_and_reinstated_and_nothing_else() {
        let mut table = String::new();
        for status in AccountStatus::ALL {
            for event in AccountEvent::ALL {
                table += &format!("{status} {event} {}\n", status.after(*event).map_or("-", AccountStatus::as_str));
            }
        }
        assert_eq!(
            table,
            "active suspend suspended\nactive reinstate -\nsuspended suspend -\nsuspended reinstate active\n"
        );
    }

    #[test]
    fn surfaces_of_staff_and_helpers_need_a_grant() {
        assert_eq!(admit(None, &[], Audience::Buyer), Ok(()));
        assert_eq!(admit(None, &[], Audience::Producer), Ok(()));
        for role in GrantRole::ALL {
            assert_eq!(admit(None, &[], role.audience()), Err(IdentityRefusal::RoleMissing));
            assert_eq!(admit(None, &[*role], role.audience()), Ok(()));
        }
    }

    #[test]
    fn passwords_follow_length_and_the_list_of_common_ones() {
        let phone = "+84912345678";
        let check = |text: &str, roles: &[GrantRole]| Password::parse(text).unwrap().check(roles, phone).is_ok();
        assert!(check("nương chè 7", &[]));
        assert!(!check("chè núi", &[]), "seven characters");
        assert!(!check("nương chè 7", &[GrantRole::Official]), "officials need fifteen");
        assert!(check("nương chè 7 nương ngô", &[GrantRole::Operator]));
        for common in ["12345678", "Password-123", "aaaaaaaaaaaa", "0912345678", "+84 912 345 678"] {
            assert!(!check(common, &[]), "{common}");
        }
        assert!(Password::parse(&"ă".repeat(128)).is_some());
        assert!(Password::parse(&"ă".repeat(129)).is_none());
    }

    #[test]
    fn codes_have_six_digits() {
        for _ in 0..100 {
            let code = Code::generate();
            assert!(code.expose().len() == 6 && code.expose().chars().all(|c| c.is_ascii_digit()));
        }
    }
}
