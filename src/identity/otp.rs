//! Sign-in with a one-time code sent to the phone.
//!
//! The answer to a request is the same for known and unknown numbers. All limits are counted in the database, one
//! transaction after the other, so that parallel requests cannot pass them.

use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use super::model::{Account, Code, Committed, IdentityRefusal, Password, Signed, Wish, admit, needs_password};
use super::password_sign_in::{self, Attempt};
use super::store::{self, CodesOf, NewCode};
use crate::app::App;
use crate::audit;
use crate::kernel::{Actor, Error, OtpRequestId, PhoneNumber, Result, Secret, Tx};

/// How long a code lives.
pub const CODE_LIVES: TimeDelta = TimeDelta::minutes(5);

/// At most so many codes within a time.
struct Limit {
    codes: i64,
    within: TimeDelta,
}

const PER_PHONE: &[Limit] = &[
    Limit { codes: 1, within: TimeDelta::seconds(60) },
    Limit { codes: 5, within: TimeDelta::hours(1) },
    Limit { codes: 10, within: TimeDelta::days(1) },
];
const PER_DEVICE: &[Limit] = &[Limit { codes: 5, within: TimeDelta::hours(1) }];
const PER_SOURCE: &[Limit] = &[Limit { codes: 30, within: TimeDelta::hours(1) }];

/// Who wants a code, and from where.
#[derive(Clone)]
pub struct CodeWish {
    pub phone: PhoneNumber,
    pub device_id: String,
    /// Network of the client's address.
    pub source: String,
}

/// Keeps a code within the limits and sends it after the commit.
pub async fn request_code(app: &App, actor: &Actor, wish: CodeWish) -> Result<OtpRequestId> {
    let (id, code) = (OtpRequestId::generate(), Code::generate());
    let hash = code_hash(&app.config.otp_pepper, id, &wish.phone, &wish.device_id, &code)?;
    let phone = wish.phone.clone();
    app.db.write(actor, move |tx| keep_code(tx, id, &wish, &hash)).await?;
    app.code_sender.send(id, &phone, &code).await?;
    Ok(id)
}

/// Locks in the order phone, device, source, everywhere.
fn keep_code(tx: &mut Tx<'_>, id: OtpRequestId, wish: &CodeWish, hash: &[u8]) -> Result<()> {
    tx.who.must_be_platform()?;
    let CodeWish { phone, device_id, source } = wish;
    let limits = [
        ("phone", CodesOf::Phone(phone.as_str()), phone.as_str(), PER_PHONE),
        ("device", CodesOf::Device(device_id), device_id, PER_DEVICE),
        ("source", CodesOf::Source(source), source, PER_SOURCE),
    ];
    for (kind, codes_of, value, limits) in limits {
        store::lock(tx, &format!("otp:{kind}:{value}"))?;
        for limit in limits {
            within(tx, codes_of, limit)?;
        }
    }
    store::insert_code(tx, &NewCode { id, phone: phone.as_str(), device_id, source, hash }, CODE_LIVES)?;
    audit::write(tx, "identity.code_requested", "otp_request", id.0, json!({}))
}

fn within(tx: &mut Tx<'_>, codes_of: CodesOf<'_>, limit: &Limit) -> Result<()> {
    let after = tx.now - limit.within;
    match store::nth_code_sent(tx, codes_of, limit.codes, after)? {
        None => Ok(()),
        Some(sent_at) => Err(Error::from(IdentityRefusal::TooManyCodes)
            .with("retry_after_s", password_sign_in::whole_seconds(sent_at + limit.within - tx.now))),
    }
}

/// Bound to request, phone and device, so that a hash fits nowhere else.
fn code_hash(pepper: &Secret, id: OtpRequestId, phone: &PhoneNumber, device_id: &str, code: &Code) -> Result<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(pepper.expose().as_bytes()).map_err(Error::internal)?;
    mac.update(format!("otp:sign_in:{id}:{}:{}:{device_id}", phone.as_str(), code.expose()).as_bytes());
    Ok(mac.finalize().into_bytes().to_vec())
}

/// A code with what it is to open.
pub struct CodeProof {
    pub id: OtpRequestId,
    pub code: Code,
    pub password: Option<Password>,
    pub wish: Wish,
}

/// Opens a session for the right code; officials and operators need their password too. A password that comes
/// with another surface is not looked at.
pub async fn verify_code(app: &App, actor: &Actor, proof: CodeProof) -> Result<Signed> {
    let CodeProof { id, code, password, wish } = proof;
    let hash = code_hash(&app.config.otp_pepper, id, &wish.phone, &wish.device_id, &code)?;
    let factor = if needs_password(wish.audience) {
        let password = password.ok_or(IdentityRefusal::SecondFactorRequired)?;
        Some(password_sign_in::attempt(app, actor, &wish.phone, password).await?)
    } else {
        None
    };
    app.db.write(actor, move |tx| open(tx, id, &hash, &wish, factor.as_ref())).await?
}

/// A code is used up by success alone; every other outcome costs one of its tries.
fn open(
    tx: &mut Tx<'_>,
    id: OtpRequestId,
    hash: &[u8],
    wish: &Wish,
    factor: Option<&Attempt>,
) -> Result<Committed<Signed>> {
    tx.who.must_be_platform()?;
    let Some(expected) = store::claim_try(tx, id, wish)? else {
        return Ok(Err(IdentityRefusal::CodeWrong.into()));
    };
    if !bool::from(subtle::ConstantTimeEq::ct_eq(expected.as_slice(), hash)) {
        return Ok(Err(IdentityRefusal::CodeWrong.into()));
    }
    let known = store::account_by_phone(tx, wish.phone.as_str())?;
    let roles = match &known {
        Some(account) => store::live_roles(tx, account.id)?,
        None => Vec::new(),
    };
    if let Err(refusal) =
        admit(known.as_ref(), &roles, wish.audience).and_then(|()| second_factor(known.as_ref(), factor))
    {
        return Ok(Err(refusal.into()));
    }
    if !store::consume_code(tx, id)? {
        return Ok(Err(IdentityRefusal::CodeWrong.into()));
    }
    let account = store::ensure_account(tx, wish.phone.as_str())?;
    if let Some(attempt) = factor {
        store::delete_failures(tx, wish.phone.as_str(), attempt.failure_id)?;
    }
    password_sign_in::start_session(tx, account, roles, (wish.audience, &wish.device_id), "code").map(Ok)
}

fn second_factor(account: Option<&Account>, factor: Option<&Attempt>) -> Result<(), IdentityRefusal> {
    let Some(attempt) = factor else { return Ok(()) };
    if account.is_some_and(|account| account.password_hash.is_none()) {
        return Err(IdentityRefusal::PasswordNotSet);
    }
    if !attempt.is_right_for(account) {
        return Err(IdentityRefusal::CredentialsWrong);
    }
    if attempt.is_long { Ok(()) } else { Err(IdentityRefusal::PasswordTooShort) }
}
