//! The people of the demo. They sign in as everybody does, with a one-time code.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tracing::instrument::WithSubscriber as _;
use tracing::subscriber::NoSubscriber;

use super::input;
use crate::app::Shared;
use crate::identity::{self, CodeProof, CodeWish, GrantRole, NewGrant, Password, Signed, Wish};
use crate::kernel::actor::SessionClaim;
use crate::kernel::{Actor, Audience, Error, PhoneNumber, Result, Territory};

/// Somebody whom a visitor of the demo can be.
pub struct SignIn {
    pub audience: Audience,
    pub phone: &'static str,
    pub password: &'static str,
}

pub const SIGN_INS: [SignIn; 4] = [
    SignIn { audience: Audience::Buyer, phone: "0900000003", password: "ban moi nguoi mua" },
    SignIn { audience: Audience::Producer, phone: "0900002000", password: "ban moi nguoi ban" },
    SignIn { audience: Audience::Official, phone: "0900000002", password: "ban moi can bo so cong thuong" },
    SignIn { audience: Audience::Operator, phone: "0900000001", password: "ban moi nguoi van hanh san" },
];

/// Tuyên Quang, which took in Hà Giang.
const PROVINCE: &str = "08";
const BUYERS: usize = 24;
const SURNAMES: [&str; 8] = ["Nguyễn", "Trần", "Lê", "Phạm", "Vàng", "Giàng", "Lù", "Hoàng"];
const GIVEN_NAMES: [&str; 6] = ["Thị Hoà", "Văn Nam", "Thị Mai", "Minh Đức", "Thị Lan", "Văn Sơn"];

/// A person with the session they use now.
pub struct Person {
    pub name: String,
    pub phone: PhoneNumber,
    audience: Audience,
    password: Option<&'static str>,
    /// Whether the account already has the password.
    has_password: bool,
    signed: Option<(DateTime<Utc>, Actor)>,
}

impl Person {
    pub fn new(name: &str, number: &str, audience: Audience) -> Result<Person> {
        let known = SIGN_INS.iter().find(|known| known.phone == number);
        let password = known.map(|known| known.password);
        Ok(Person {
            name: name.to_owned(),
            phone: phone(number)?,
            audience,
            password,
            has_password: false,
            signed: None,
        })
    }

    /// As whom transactions run: signs in when the last session may have ended.
    pub async fn actor(&mut self, app: &Shared) -> Result<Actor> {
        let now = app.db.clock.now();
        let lasts = match self.audience {
            Audience::Official | Audience::Operator => TimeDelta::minutes(20),
            Audience::Buyer | Audience::Producer | Audience::Helper => TimeDelta::days(20),
        };
        if let Some((since, actor)) = &self.signed
            && *since + lasts > now
        {
            return Ok(actor.clone());
        }
        // The codes of the demo would bury what the log has to say.
        let mut actor = self.sign_in(app).with_subscriber(NoSubscriber::default()).await?;
        if let Some(text) = self.password.filter(|_| !self.has_password) {
            actor = self.claim(identity::set_password(app, &actor, password(text)?, None).await?);
            self.has_password = true;
        }
        self.signed = Some((now, actor.clone()));
        Ok(actor)
    }

    async fn sign_in(&self, app: &Shared) -> Result<Actor> {
        let device_id = format!("demo-{}", self.phone.as_str());
        let wish = CodeWish { phone: self.phone.clone(), device_id: device_id.clone(), source: device_id.clone() };
        let id = identity::request_code(app, &Actor::PLATFORM, wish).await?;
        let code = app.code_sender.last_code(&self.phone).ok_or_else(|| Error::internal("no code was sent"))?;
        let wish = Wish { phone: self.phone.clone(), device_id, audience: self.audience };
        let password = self.password.filter(|_| self.has_password).map(password).transpose()?;
        let proof = CodeProof { id, code: input(&json!(code))?, password, wish };
        Ok(self.claim(identity::verify_code(app, &Actor::PLATFORM, proof).await?))
    }

    fn claim(&self, signed: Signed) -> Actor {
        Actor::Session(SessionClaim {
            session_id: signed.session.id,
            account_id: signed.account.id,
            audience: self.audience,
            authorisation_version: signed.account.authorisation_version,
            request_id: None,
        })
    }
}

pub struct Staff {
    pub operator: Person,
}

impl Staff {
    /// Grants the two roles that nobody can ask for.
    pub async fn appoint(app: &Shared) -> Result<Staff> {
        let mut operator = None;
        for known in SIGN_INS.iter().filter(|known| matches!(known.audience, Audience::Official | Audience::Operator)) {
            let (role, territory) = match known.audience {
                Audience::Official => (GrantRole::Official, Some(Territory::Province(PROVINCE.to_owned()))),
                _ => (GrantRole::Operator, None),
            };
            let password_hash = Some(app.passwords.hash(&password(known.password)?).await?);
            let new = NewGrant { phone: phone(known.phone)?, role, territory, password_hash };
            app.db.write(&Actor::PLATFORM, move |tx| identity::grant(tx, &new)).await?;
            if role == GrantRole::Operator {
                operator = Some(Person { has_password: true, ..Person::new("", known.phone, known.audience)? });
            }
        }
        let operator = operator.ok_or_else(|| Error::internal("the demo has no operator"))?;
        Ok(Staff { operator })
    }
}

/// The buyer of the list above and some more.
pub fn buyers() -> Result<Vec<Person>> {
    let mut buyers = Vec::with_capacity(BUYERS);
    for (place, (surname, given)) in
        SURNAMES.iter().flat_map(|s| GIVEN_NAMES.iter().map(move |g| (s, g))).enumerate().step_by(2)
    {
        let number =
            if buyers.is_empty() { "0900000003".to_owned() } else { format!("09000{:05}", place.saturating_add(1000)) };
        buyers.push(Person::new(&format!("{surname} {given}"), &number, Audience::Buyer)?);
    }
    buyers.truncate(BUYERS);
    Ok(buyers)
}

pub fn phone(text: &str) -> Result<PhoneNumber> {
    PhoneNumber::parse(text).ok_or_else(|| Error::internal("no phone number"))
}

fn password(text: &str) -> Result<Password> {
    Password::parse(text).ok_or_else(|| Error::internal("no password"))
}
