//! Who buys in the bench, and the bank that tells of it.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

use super::replay::Particulars;
use super::world::{self, BUYERS, Server, World};
use crate::config::Config;
use crate::identity::Tokens;
use crate::kernel::actor::SessionClaim;
use crate::kernel::db::Clock;
use crate::kernel::{AccountId, Audience, EventId, SessionId, ids};

const CODE_SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LENGTH: usize = 8;
/// Variant, product and producer.
const FACTS_OF_LINE: usize = 3;

pub struct Buyer {
    token: String,
    pub account_id: String,
    session_id: String,
    /// Variants, products and producers of the cart, in the order of its wishes.
    goods: Vec<String>,
}

/// Everybody, signed in.
pub fn buyers(world: &mut World) -> Result<Vec<Buyer>, String> {
    let rows = world.texts(
        "select concat_ws(' ', md5('buyer' || w.buyer)::uuid, md5('session' || w.buyer)::uuid, \
           string_agg(concat_ws(' ', md5('variant' || w.product || '/1')::uuid, md5('product' || w.product)::uuid, \
                                md5('producer' || w.product % 300)::uuid), ' ' order by w.line)) as value \
         from bench_wishes w group by w.buyer order by w.buyer",
    )?;
    let tokens = Tokens::new(None, world.config.refresh_key.clone(), &world.config.data_folder)?;
    let buyers: Result<Vec<Buyer>, String> = rows.iter().map(|row| buyer(row, &tokens)).collect();
    buyers.and_then(|buyers| if buyers.len() == BUYERS { Ok(buyers) } else { Err("buyers are missing".to_owned()) })
}

fn buyer(row: &str, tokens: &Tokens) -> Result<Buyer, String> {
    let parts: Vec<&str> = row.split(' ').collect();
    let [account, session, goods @ ..] = parts.as_slice() else { return Err(format!("no buyer: {row}")) };
    let id = |text: &str| ids::parse(text).ok_or_else(|| format!("no id: {text}"));
    let claim = SessionClaim {
        session_id: SessionId(id(session)?),
        account_id: AccountId(id(account)?),
        audience: Audience::Buyer,
        authorisation_version: 1,
        request_id: None,
    };
    Ok(Buyer {
        token: tokens.access(&claim, Clock::default().now()).map_err(|e| format!("{e:?}"))?,
        account_id: (*account).to_owned(),
        session_id: (*session).to_owned(),
        goods: goods.iter().map(|part| (*part).to_owned()).collect(),
    })
}

impl Buyer {
    /// `what` is `POST /path`.
    pub fn request(&self, server: &Server, what: &str, (key, body): (&str, &Value)) -> Vec<u8> {
        let headers = format!("Authorization: Bearer {}\r\nIdempotency-Key: {key}\r\n", self.token);
        world::with_body(server.address, what, &headers, &body.to_string())
    }

    pub fn variants(&self) -> impl Iterator<Item = &str> {
        self.goods.iter().step_by(FACTS_OF_LINE).map(String::as_str)
    }

    /// Where something of this buyer was recorded, something of the others stands in the repetitions.
    pub fn name_particulars(&self, others: &[&Buyer], particulars: &mut Particulars) {
        particulars.replace(&self.account_id, others.iter().map(|other| other.account_id.clone()).collect());
        particulars.replace(&self.session_id, others.iter().map(|other| other.session_id.clone()).collect());
        for (place, own) in self.goods.iter().enumerate() {
            particulars.replace(own, others.iter().filter_map(|other| other.goods.get(place).cloned()).collect());
        }
    }
}

/// An idempotency key.
pub fn new_key() -> String {
    EventId::generate().to_string()
}

/// An order's code.
pub fn new_code() -> String {
    let symbols = (0..CODE_LENGTH).map(|_| CODE_SYMBOLS.get(usize::from(rand::random::<u8>() & 31)).copied());
    symbols.map(|symbol| char::from(symbol.unwrap_or(b'0'))).collect()
}

/// A transfer with this number and reference, as SePay tells of it.
pub fn sepay_notice(
    config: &Config,
    server: &Server,
    (number, reference, amount_vnd): (usize, &str, i64),
) -> Result<Vec<u8>, String> {
    let secret = config.bank.hmac_secret.as_ref().ok_or("SePay has no secret")?;
    let signed_at = Clock::default().now().timestamp();
    let body = json!({
        "id": number, "gateway": "Bench", "transactionDate": "2026-11-24 10:00:00",
        "accountNumber": config.bank.account_number, "subAccount": null, "code": null,
        "content": format!("{reference} thanh toan"), "transferType": "in", "transferAmount": amount_vnd,
        "accumulated": 0, "referenceCode": format!("FT{number}"), "description": "",
    })
    .to_string();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.expose().as_bytes()).map_err(|e| e.to_string())?;
    mac.update(format!("{signed_at}.{body}").as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    let headers = format!("X-SePay-Timestamp: {signed_at}\r\nX-SePay-Signature: sha256={signature}\r\n");
    Ok(world::with_body(server.address, "POST /v1/callbacks/sepay", &headers, &body))
}
