//! The address for e-mail, believed once a code that was sent there came back.

use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::model::NotificationRefusal;
use super::store;
use crate::app::App;
use crate::identity::Code;
use crate::kernel::{AccountId, Actor, Error, RequestId, Result, Secret, Tx};
use crate::senders::{Address, Channel, Message, Outcome};

/// How long a code lives.
pub const CODE_LIVES: TimeDelta = TimeDelta::minutes(30);
/// Wrong codes for one address.
pub const TRIES_MAX: i16 = 5;
/// Codes that one account may have sent, and within which time.
pub const CODES_MAX: i16 = 5;
pub const CODES_WITHIN: TimeDelta = TimeDelta::days(1);

/// Keeps what the code must be and sends it after the commit. The address that is in force stays so until the new one
/// is confirmed.
pub async fn request(app: &App, actor: &Actor, email: String) -> Result<()> {
    let is_on = app.senders.carries(Channel::Email, "");
    let (code, pepper) = (Code::generate(), app.config.otp_pepper.clone());
    let (kept, address) = (code.clone(), email.clone());
    app.db
        .write(actor, move |tx| {
            let account_id = tx.who.signed_in()?;
            if !is_on {
                return Err(NotificationRefusal::EmailOff.into());
            }
            let hash = hash(&pepper, account_id, &address, &kept)?;
            if store::keep_email_code(tx, account_id, &address, &hash)? {
                return Ok(());
            }
            let wait = CODES_WITHIN.num_seconds();
            Err(Error::from(NotificationRefusal::TooManyEmailCodes).with("retry_after_s", wait))
        })
        .await?;
    let message = Message {
        id: RequestId::generate().0,
        to: Address::Email(email),
        title: "Mã xác nhận thư điện tử".to_owned(),
        text: format!(
            "Mã xác nhận của bạn là {}. Mã có hiệu lực 30 phút. Nếu bạn không yêu cầu, hãy bỏ qua thư này.",
            code.expose()
        ),
        template: String::new(),
        gaps: Vec::new(),
    };
    let sent = app.senders.send(Channel::Email, &message).await;
    match sent.outcome {
        Outcome::Accepted => Ok(()),
        Outcome::Refused | Outcome::Failed => Err(Error::Unavailable(format!("e-mail was not taken: {:?}", sent.code))),
    }
}

/// The address is one's own from now on. A wrong code costs a try, so what was done is committed with the refusal.
pub fn confirm(tx: &mut Tx<'_>, pepper: &Secret, code: &Code) -> Result<Result<()>> {
    let account_id = tx.who.signed_in()?;
    let Some((email, expected)) = store::claim_email_try(tx, account_id)? else {
        return Ok(Err(NotificationRefusal::EmailCodeWrong.into()));
    };
    let told = hash(pepper, account_id, &email, code)?;
    if !bool::from(subtle::ConstantTimeEq::ct_eq(expected.as_slice(), told.as_slice())) {
        return Ok(Err(NotificationRefusal::EmailCodeWrong.into()));
    }
    store::confirm_email(tx, account_id)?;
    Ok(Ok(()))
}

/// Bound to account and address, so that a code for one address confirms no other.
fn hash(pepper: &Secret, account_id: AccountId, email: &str, code: &Code) -> Result<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(pepper.expose().as_bytes()).map_err(Error::internal)?;
    mac.update(format!("email:{account_id}:{email}:{}", code.expose()).as_bytes());
    Ok(mac.finalize().into_bytes().to_vec())
}
