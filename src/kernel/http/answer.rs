//! Answers: JSON with its ETag, and problem documents (RFC 9457).

use actix_web::http::{StatusCode, header};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::kernel::error::{CommonProblem, Error, Problem, Result};
use crate::kernel::input::{FAULTS_NAMED_MAX, Fault};

/// Seconds after which a client that met a busy system may come again.
pub const RETRY_AFTER_S: &str = "1";

/// What an operation answers; stored as it is when the request had an idempotency key.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub body: String,
    pub location: Option<String>,
    pub etag: Option<String>,
}

impl Answer {
    pub fn ok(body: &impl Serialize) -> Result<Self> {
        Ok(Self {
            status: 200,
            body: serde_json::to_string(body).map_err(Error::internal)?,
            location: None,
            etag: None,
        })
    }

    pub fn created(body: &impl Serialize, location: String) -> Result<Self> {
        Ok(Self { status: 201, location: Some(location), ..Self::ok(body)? })
    }

    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub fn versioned(mut self, version: i32) -> Self {
        self.etag = Some(format!("\"{version}\""));
        self
    }

    pub fn into_response(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        if let Some(etag) = self.etag {
            response.insert_header((header::ETAG, etag));
        }
        if self.body.is_empty() {
            return response.finish();
        }
        let kind = if self.status >= 400 { "application/problem+json" } else { "application/json" };
        response.insert_header((header::CONTENT_TYPE, kind)).body(self.body)
    }
}

/// A fresh answer to a GET, with 304 when the client has it.
pub fn json(request: &HttpRequest, version: Option<i32>, body: &impl Serialize) -> Result<HttpResponse> {
    let mut representation = Representation::new(body)?;
    if let Some(version) = version {
        representation.etag = format!("\"{version}\"");
    }
    Ok(representation.respond(request))
}

/// What a GET shows, as bytes that can be sent again and again.
#[derive(Debug, Clone)]
pub struct Representation {
    body: Bytes,
    etag: String,
}

impl Representation {
    pub fn new(body: &impl Serialize) -> Result<Representation> {
        let body = serde_json::to_vec(body).map_err(Error::internal)?;
        Ok(Representation { etag: weak_etag(&body), body: body.into() })
    }

    pub fn size(&self) -> usize {
        self.body.len()
    }

    /// 304 when the client has it.
    pub fn respond(&self, request: &HttpRequest) -> HttpResponse {
        let known = request.headers().get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
        let is_known = known.is_some_and(|known| known.split(',').any(|tag| tag.trim() == self.etag));
        let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header((header::ETAG, self.etag.as_str()));
        if is_known {
            return response.finish();
        }
        response.insert_header((header::CONTENT_TYPE, "application/json")).body(self.body.clone())
    }
}

fn weak_etag(body: &[u8]) -> String {
    use sha2::Digest as _;
    let digest = hex::encode(sha2::Sha256::digest(body));
    format!("W/\"{}\"", digest.chars().take(32).collect::<String>())
}

/// A problem document.
#[derive(Serialize, ToSchema)]
pub struct ProblemBody {
    /// Address of the problem's description, relative to this server.
    #[schema(example = "/v1/public/problems#not_found", max_length = 200)]
    pub r#type: String,
    /// In the language of `Accept-Language`, Vietnamese by default.
    #[schema(max_length = 300)]
    pub title: String,
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// Permanent code for programs.
    #[schema(example = "not_found", max_length = 80)]
    pub code: String,
    /// The request's id, to name when asking for help.
    #[schema(max_length = 64)]
    pub instance: String,
    /// All faults of the input at once, but at most 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub errors: Vec<Fault>,
    /// True when the input has more faults than `errors` names, else absent: mend these and send it again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub has_more_errors: bool,
    #[serde(flatten)]
    #[schema(value_type = ProblemExtra)]
    pub extra: Map<String, Value>,
}

/// What some problems say besides: each member has one meaning, whichever problem it comes with.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the members that operations add with Error::with")]
pub struct ProblemExtra {
    /// The methods that there are (405).
    #[schema(max_length = 100)]
    allow: Option<String>,
    /// What can be done instead, as the last part of a route's path.
    #[schema(max_items = 20, max_length = 40)]
    allowed_actions: Option<Vec<String>>,
    /// Where a parcel may go on to instead.
    #[schema(max_items = 20, max_length = 40)]
    allowed_statuses: Option<Vec<String>>,
    /// How far the booking of a parcel is.
    #[schema(example = "booked", max_length = 40)]
    booking: Option<String>,
    /// The communes of today to choose from, when a former one was split.
    #[schema(max_items = 20, value_type = Option<Vec<Object>>)]
    candidates: Option<Vec<Value>>,
    /// The commune that a quote was made for.
    #[schema(max_length = 5)]
    commune_code: Option<String>,
    /// The hash of the contract that was shown.
    #[schema(max_length = 64)]
    contract_sha256: Option<String>,
    /// What of the goods counts for a voucher.
    #[schema(minimum = 0)]
    counted_vnd: Option<i64>,
    /// The row as it is now, when the version was stale.
    #[schema(value_type = Option<Object>)]
    current: Option<Value>,
    /// The status in which the row is, when it does not allow what was asked.
    #[schema(example = "approved", max_length = 40)]
    current_status: Option<String>,
    /// What was wrong with the JSON.
    #[schema(max_length = 200)]
    detail: Option<String>,
    /// The first day that is possible.
    #[schema(max_length = 10, example = "2026-12-16")]
    earliest_on: Option<String>,
    /// What a voucher gives now.
    #[schema(minimum = 0)]
    discount_vnd: Option<i64>,
    /// The lines that a voucher is not for.
    #[schema(max_items = 100, value_type = Option<Vec<Object>>)]
    left_out: Option<Vec<Value>>,
    /// The lines that cannot be bought as they were asked for.
    #[schema(max_items = 100, value_type = Option<Vec<Object>>)]
    lines: Option<Vec<Value>>,
    /// What the goods must cost at least.
    #[schema(minimum = 0)]
    minimum_vnd: Option<i64>,
    /// What happened to the stock meanwhile, the newest first.
    #[schema(max_items = 20, value_type = Option<Vec<Object>>)]
    movements: Option<Vec<Value>>,
    /// Sale units that are there.
    #[schema(minimum = 0)]
    on_hand: Option<i32>,
    /// Where in the body the fault is.
    #[schema(max_length = 300)]
    pointer: Option<String>,
    /// The producers of whom the goods cannot be bought so.
    #[schema(max_items = 100, value_type = Option<Vec<Object>>)]
    producers: Option<Vec<Value>>,
    /// Every reason why not, with the orders that it is about.
    #[schema(max_items = 20, value_type = Option<Vec<Object>>)]
    reasons: Option<Vec<Value>>,
    /// Sale units that unpaid purchases hold.
    #[schema(minimum = 0)]
    reserved: Option<i32>,
    /// Seconds to wait; the same as in `Retry-After`.
    #[schema(minimum = 1)]
    retry_after_s: Option<i64>,
    /// Grams that still fit.
    #[schema(minimum = 0)]
    room_g: Option<i64>,
    /// What must leave a provider's clearing account; below zero what must come into it.
    standing_vnd: Option<i64>,
    /// The first day on which a voucher can be used.
    #[schema(max_length = 10)]
    starts_on: Option<String>,
    /// What the cart costs now.
    #[schema(minimum = 0)]
    total_vnd: Option<i64>,
}

/// An error on its way to a client whose language is known.
#[derive(Debug)]
pub struct ProblemAnswer {
    pub error: Error,
    pub english: bool,
    pub instance: String,
}

impl std::fmt::Display for ProblemAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.error)
    }
}

impl ResponseError for ProblemAnswer {
    fn error_response(&self) -> HttpResponse {
        document(&self.error, self.english, self.instance.clone())
    }
}

impl ResponseError for Error {
    fn error_response(&self) -> HttpResponse {
        document(self, false, String::new())
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Refused(problem, _) => f.write_str(problem.code),
            Error::Invalid(_) => f.write_str("invalid_input"),
            Error::Internal(_) | Error::Conflict(_) => f.write_str("internal_error"),
            Error::Unavailable(_) => f.write_str("unavailable"),
        }
    }
}

pub fn problem_answer(error: &Error, english: bool, instance: String) -> Answer {
    let (problem, extra, errors) = match error {
        Error::Refused(problem, extra) => (*problem, extra.clone(), Vec::new()),
        Error::Invalid(faults) => (CommonProblem::Invalid.problem(), Map::new(), faults.clone()),
        Error::Unavailable(_) => (CommonProblem::Unavailable.problem(), Map::new(), Vec::new()),
        Error::Internal(_) | Error::Conflict(_) => (CommonProblem::Internal.problem(), Map::new(), Vec::new()),
    };
    let body = problem_body(problem, english, instance, errors, extra);
    let body = serde_json::to_string(&body).unwrap_or_else(|_| json!({"status": 500}).to_string());
    Answer { status: problem.status, body, location: None, etag: None }
}

fn problem_body(
    problem: &Problem,
    english: bool,
    instance: String,
    mut errors: Vec<Fault>,
    extra: Map<String, Value>,
) -> ProblemBody {
    let has_more_errors = errors.len() > FAULTS_NAMED_MAX;
    errors.truncate(FAULTS_NAMED_MAX);
    ProblemBody {
        r#type: format!("/v1/public/problems#{}", problem.code),
        title: if english { problem.en } else { problem.vi }.to_owned(),
        status: problem.status,
        code: problem.code.to_owned(),
        instance,
        errors,
        has_more_errors,
        extra,
    }
}

fn document(error: &Error, english: bool, instance: String) -> HttpResponse {
    let retry_after = match error {
        Error::Refused(_, extra) => extra.get("retry_after_s").and_then(Value::as_i64).map(|s| s.to_string()),
        Error::Unavailable(_) => Some(RETRY_AFTER_S.to_owned()),
        _ => None,
    };
    let allow = match error {
        Error::Refused(problem, extra) if problem.status == 405 => {
            extra.get("allow").and_then(Value::as_str).map(str::to_owned)
        }
        _ => None,
    };
    let is_packed = matches!(error, Error::Refused(problem, _) if *problem == CommonProblem::PackedBody.problem());
    let answer = problem_answer(error, english, instance);
    let unauthorized = answer.status == 401;
    let mut response = answer.into_response();
    if let Some(seconds) = retry_after.and_then(|s| header::HeaderValue::from_str(&s).ok()) {
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    if let Some(methods) = allow.and_then(|methods| header::HeaderValue::from_str(&methods).ok()) {
        response.headers_mut().insert(header::ALLOW, methods);
    }
    if is_packed {
        response.headers_mut().insert(header::ACCEPT_ENCODING, header::HeaderValue::from_static("identity"));
    }
    if unauthorized {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer error=\"invalid_token\""));
    }
    response
}

/// The answer to an address that no route has.
pub async fn not_found() -> Result<HttpResponse> {
    Err(CommonProblem::NotFound.into())
}
