//! A write: its body read strictly, its idempotency key, and its answer stored with its effect.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use serde_json::Value;
use sha2::Digest as _;

use super::answer::{Answer, problem_answer};
use super::store;
use crate::app::App;
use crate::kernel::actor::Actor;
use crate::kernel::claim::Claim;
use crate::kernel::db::Tx;
use crate::kernel::error::{CommonProblem, Error, Result};
use crate::kernel::ids::{self, RequestId};
use crate::kernel::input::{FaultCode, Faults, Input};

/// Bytes of a body, inflated.
pub const BODY_MAX: usize = 256 * 1024;
/// How deep arrays and objects may nest.
const DEPTH_MAX: usize = 32;
/// Whether a route insists on an idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRule {
    Required,
    Accepted,
}

/// The body of a command that needs none: empty, or `{}`.
#[derive(Debug, Clone, utoipa::ToSchema)]
pub struct NoBody {}

impl Input for NoBody {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        match value.as_object() {
            Some(object) if object.is_empty() => Some(Self {}),
            _ => {
                at.add(FaultCode::UnknownField, "{}");
                None
            }
        }
    }
}

/// The id in a path. What is no id names no row: 404.
#[derive(Debug, Clone, Copy)]
pub struct PathId<T>(pub T);

impl<T: From<uuid::Uuid>> FromRequest for PathId<T> {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").and_then(ids::parse);
        std::future::ready(id.map(|id| PathId(id.into())).ok_or_else(|| CommonProblem::NotFound.into()))
    }
}

/// The version that the client last saw; required where it is asked for. What is no version is the version of no row,
/// so that the operation answers with the current one.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(pub i32);

/// Versions begin at 1.
const NO_VERSION: i32 = 0;

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(value) = request.headers().get(header::IF_MATCH) else {
            return std::future::ready(Err(CommonProblem::VersionMissing.into()));
        };
        let version = value.to_str().ok().and_then(|text| text.trim().trim_matches('"').parse().ok());
        std::future::ready(Ok(IfMatch(version.unwrap_or(NO_VERSION))))
    }
}

/// A parsed body with what makes its repetition safe.
pub struct Command<T> {
    pub input: T,
    key: Option<String>,
    route: String,
    fingerprint: Vec<u8>,
    english: bool,
    instance: String,
}

impl<T: Input> FromRequest for Command<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = Bytes::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let body = body.await.map_err(|error| match error.as_response_error().status_code() {
                StatusCode::PAYLOAD_TOO_LARGE => CommonProblem::BodyTooLarge,
                _ => CommonProblem::BodyMalformed,
            })?;
            read_command(&request, &body)
        })
    }
}

fn read_command<T: Input>(request: &HttpRequest, body: &[u8]) -> Result<Command<T>> {
    if body.len() > BODY_MAX {
        return Err(CommonProblem::BodyTooLarge.into());
    }
    if !body.is_empty() && !is_json(request) {
        return Err(CommonProblem::MediaType.into());
    }
    let value = strict_value(if body.is_empty() { b"{}" } else { body })?;
    let mut faults = Faults::default();
    let input = T::read(&value, &mut faults);
    let faults = faults.into_found();
    let input = input.filter(|_| faults.is_empty()).ok_or(Error::Invalid(faults))?;
    let route = format!("{} {}", request.method(), request.match_pattern().unwrap_or_default());
    let mut hash = sha2::Sha256::new();
    hash.update(request.method().as_str());
    hash.update(request.path());
    hash.update(value.to_string());
    Ok(Command {
        input,
        key: key_of(request)?,
        route,
        fingerprint: hash.finalize().to_vec(),
        english: super::edge::wants_english(request),
        instance: request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default(),
    })
}

fn is_json(request: &HttpRequest) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    let mut parts = kind.split(';').map(str::trim);
    let essence = parts.next().unwrap_or("");
    essence.eq_ignore_ascii_case("application/json")
        && parts.all(|p| !p.to_ascii_lowercase().starts_with("charset=") || p.eq_ignore_ascii_case("charset=utf-8"))
}

/// Refuses a key that is none, also where a repetition needs no key.
pub fn must_have_sound_key(request: &HttpRequest) -> Result<()> {
    key_of(request).map(drop)
}

fn key_of(request: &HttpRequest) -> Result<Option<String>> {
    let Some(value) = request.headers().get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().map_err(|_| CommonProblem::KeyMalformed)?.trim().trim_matches('"');
    let is_well_formed = (16..=128).contains(&key.len()) && key.bytes().all(|b| (0x21..=0x7e).contains(&b));
    if is_well_formed { Ok(Some(key.to_owned())) } else { Err(CommonProblem::KeyMalformed.into()) }
}

/// JSON without duplicate keys, hidden characters or deep nesting.
fn strict_value(body: &[u8]) -> Result<Value> {
    let value: Strict = serde_json::from_slice(body).map_err(|e| {
        Error::from(CommonProblem::BodyMalformed).with("detail", format!("{e}").chars().take(200).collect::<String>())
    })?;
    Ok(value.0)
}

struct Strict(Value);

impl<'de> serde::Deserialize<'de> for Strict {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::DeserializeSeed::deserialize(StrictAt(0), deserializer).map(Strict)
    }
}

struct StrictAt(usize);

impl<'de> serde::de::DeserializeSeed<'de> for StrictAt {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.0 > DEPTH_MAX {
            return Err(serde::de::Error::custom("nested deeper than 32 levels"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> serde::de::Visitor<'de> for StrictAt {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(StrictAt(self.0.saturating_add(1)))? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = serde_json::Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(StrictAt(self.0.saturating_add(1)))?;
            if object.insert(key, value).is_some() {
                return Err(serde::de::Error::custom("a key stands twice in one object"));
            }
        }
        Ok(Value::Object(object))
    }
}

impl Claim {
    /// The answer that was given before, or that of the work, kept in the transaction of its effect.
    fn once(&self, tx: &mut Tx<'_>, work: impl FnOnce(&mut Tx<'_>) -> Result<Answer>) -> Result<(Answer, Repetition)> {
        let actor = tx.who.account_id.map_or_else(|| tx.who.role.as_str().to_owned(), |id| id.to_string());
        if let Some(answer) = store::find_answer(tx, &actor, self)? {
            return Ok((answer, Repetition::Replayed));
        }
        let answer = work(tx)?;
        store::keep_answer(tx, &actor, self, &answer)?;
        Ok((answer, Repetition::First))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Repetition {
    First,
    Replayed,
}

impl<T: Clone + Send + 'static> Command<T> {
    /// Runs the operation once for its key: the key's row, the effect and the answer commit together. A repetition
    /// gets the stored answer with `Idempotent-Replayed: true`. Refusals of state (409) are stored too, since the
    /// buyer was told; faults of input and of ours are not.
    pub async fn once<F>(self, app: &Data<App>, actor: &Actor, rule: KeyRule, work: F) -> Result<HttpResponse>
    where
        F: FnMut(&mut Tx<'_>, T) -> Result<Answer> + Send + 'static,
    {
        self.once_then((app, actor), rule, work, Ok).await
    }

    /// As [`Command::once`]; `finish` adds to the answer, fresh or stored, what must not be stored.
    pub async fn once_then<F>(
        self,
        (app, actor): (&Data<App>, &Actor),
        rule: KeyRule,
        mut work: F,
        finish: impl FnOnce(Answer) -> Result<Answer>,
    ) -> Result<HttpResponse>
    where
        F: FnMut(&mut Tx<'_>, T) -> Result<Answer> + Send + 'static,
    {
        let Command { input, key, route, fingerprint, english, instance } = self;
        let Some(key) = key else {
            if rule == KeyRule::Required {
                return Err(CommonProblem::KeyMissing.into());
            }
            let answer = app.db.write(actor, move |tx| work(tx, input.clone())).await?;
            return Ok(finish(answer)?.into_response());
        };
        let claim = Claim { key, route, fingerprint };
        let (same, refused) = (claim.clone(), claim.clone());
        let done = app.db.write_once(actor, &same, move |tx| claim.once(tx, |tx| work(tx, input.clone()))).await;
        let (answer, repetition) = match done {
            // What the work had begun is rolled back, so the refusal is kept by itself.
            Err(error) if is_refusal_of_state(&error) => {
                let answer = problem_answer(&error, english, instance);
                app.db.write_once(actor, &same, move |tx| refused.once(tx, |_| Ok(answer.clone()))).await?
            }
            outcome => outcome?,
        };
        let mut response = finish(answer)?.into_response();
        if repetition == Repetition::Replayed {
            response.headers_mut().insert(
                header::HeaderName::from_static("idempotent-replayed"),
                header::HeaderValue::from_static("true"),
            );
        }
        Ok(response)
    }
}

/// Not that the same is still at work, which says nothing of what will come of it.
fn is_refusal_of_state(error: &Error) -> bool {
    let in_progress = CommonProblem::RequestInProgress.problem().code;
    matches!(error, Error::Refused(problem, _) if problem.status == 409 && problem.code != in_progress)
}
