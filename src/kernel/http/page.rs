//! Pages by keyset, and query strings read as strictly as bodies.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::kernel::error::{CommonProblem, Error, Result};
use crate::kernel::input::{Fault, FaultCode, Faults, Input};
use crate::kernel::secret::Secret;

/// More parameters than any route has.
const PARAMETERS_MAX: usize = 40;

/// One page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Page<T: ToSchema> {
    #[schema(max_items = 100)]
    pub data: Vec<T>,
    pub page: PageLinks,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PageLinks {
    /// Send it as `cursor` with the same filters for the next page; `null` on the last one.
    #[schema(max_length = 500)]
    pub next_cursor: Option<String>,
}

/// Signs where a page ended, bound to the list and its filters.
pub struct Cursor<'a> {
    key: &'a Secret,
    list: String,
}

impl<'a> Cursor<'a> {
    /// `list` names the list and every filter and sort in force.
    pub fn new(key: &'a Secret, list: String) -> Self {
        Self { key, list }
    }

    fn mac(&self, payload: &[u8]) -> Result<Vec<u8>> {
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(self.key.expose().as_bytes()).map_err(Error::internal)?;
        mac.update(b"cursor:");
        mac.update(self.list.as_bytes());
        mac.update(b"\0");
        mac.update(payload);
        Ok(mac.finalize().into_bytes().to_vec())
    }

    pub fn write(&self, place: &impl Serialize) -> Result<String> {
        let payload = serde_json::to_vec(place).map_err(Error::internal)?;
        let mac = self.mac(&payload)?;
        Ok(format!("{}.{}", URL_SAFE_NO_PAD.encode(payload), URL_SAFE_NO_PAD.encode(mac)))
    }

    pub fn read<T: DeserializeOwned>(&self, text: Option<&str>) -> Result<Option<T>> {
        let Some(text) = text else { return Ok(None) };
        self.opened(text)?.map(Some).ok_or_else(|| CommonProblem::CursorMismatch.into())
    }

    fn opened<T: DeserializeOwned>(&self, text: &str) -> Result<Option<T>> {
        let Some((payload, mac)) = text.split_once('.') else { return Ok(None) };
        let (Ok(payload), Ok(mac)) = (URL_SAFE_NO_PAD.decode(payload), URL_SAFE_NO_PAD.decode(mac)) else {
            return Ok(None);
        };
        let expected = self.mac(&payload)?;
        if !bool::from(subtle::ConstantTimeEq::ct_eq(expected.as_slice(), mac.as_slice())) {
            return Ok(None);
        }
        Ok(serde_json::from_slice(&payload).ok())
    }

    /// Cuts a list that was read with one row more than the page holds.
    pub fn page<T: ToSchema, P: Serialize>(
        &self,
        mut rows: Vec<T>,
        limit: usize,
        place: impl Fn(&T) -> P,
    ) -> Result<Page<T>> {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = match rows.last() {
            Some(last) if more => Some(self.write(&place(last))?),
            _ => None,
        };
        Ok(Page { data: rows, page: PageLinks { next_cursor } })
    }
}

/// The query string: each parameter once, none unknown, every fault named.
pub struct Query<T>(pub T);

impl<T: Input> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read_query(request.query_string()).map(Query))
    }
}

/// Reads a query string outside an extractor, where a handler first looks whether it must.
pub fn read_query<T: Input>(query: &str) -> Result<T> {
    let mut parameters = Map::new();
    let mut faults = Faults::of_query();
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        let fault = if value.contains('\u{FFFD}') || !crate::kernel::text::is_readable(&value) {
            Some(FaultCode::ForbiddenCharacter)
        } else if parameters.contains_key(key.as_ref()) || parameters.len() >= PARAMETERS_MAX {
            Some(FaultCode::Duplicate)
        } else {
            None
        };
        match fault {
            Some(code) => faults.inside(&key, |at| at.add(code, "")),
            None => {
                parameters.insert(key.into_owned(), Value::from(value.into_owned()));
            }
        }
    }
    let read = T::read(&Value::Object(parameters), &mut faults);
    let found: Vec<Fault> = faults.into_found();
    read.filter(|_| found.is_empty()).ok_or(Error::Invalid(found))
}
