//! Headers that requests may carry and answers do carry, said once and linked from every operation.

use serde_json::{Map, Value, json};

/// What an operation does with an `Idempotency-Key`; its handler says so where it is not `Accepted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUse {
    Required,
    Accepted,
    /// Not looked at: a repetition is a new request.
    None,
}

impl KeyUse {
    pub fn of(method: &str, is_open: bool, operation: &Map<String, Value>) -> KeyUse {
        match operation.get("x-idempotency").and_then(Value::as_str) {
            Some("required") => KeyUse::Required,
            // A key belongs to whoever asks, so it means nothing where nobody is known.
            _ if is_open || method == "get" => KeyUse::None,
            Some("none") => KeyUse::None,
            _ => KeyUse::Accepted,
        }
    }
}

/// Whether the edge counts what comes to this path.
pub fn is_limited(path: &str) -> bool {
    path.starts_with("/v1/") && !path.starts_with("/v1/callbacks/")
}

pub fn parameters() -> Value {
    let key = |required: bool, rule: &str| {
        json!({"name": "Idempotency-Key", "in": "header", "required": required,
            "description": format!("Made once per intent and sent again with every try: the stored answer comes back. {rule}"),
            "schema": {"type": "string", "minLength": 16, "maxLength": 128, "pattern": "^[!-~]+$"},
            "example": "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b"})
    };
    json!({
        "IdempotencyKey": key(false, "Kept 7 days."),
        "IdempotencyKeyRequired": key(true, "Kept 7 days; required here."),
        "IfMatch": {"name": "If-Match", "in": "header", "required": true,
            "description": "The version last seen, as in `ETag`. Another one is answered 412 with the row as it is now.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 12, "pattern": "^(\"[0-9]{1,10}\"|[0-9]{1,10})$"},
            "example": "\"3\""},
        "IfNoneMatch": {"name": "If-None-Match", "in": "header", "required": false,
            "description": "The `ETag` of what the client has: 304 when it is still that.",
            "schema": {"type": "string", "maxLength": 1000},
            "example": "\"3\""},
        "AcceptLanguage": {"name": "Accept-Language", "in": "header", "required": false,
            "description": "`en…` for problems in English; anything else is Vietnamese.",
            "schema": {"type": "string", "maxLength": 1000},
            "example": "vi"},
    })
}

pub fn answers() -> Value {
    let header =
        |description: &str, schema: Value| json!({"description": description, "required": true, "schema": schema});
    let seconds = json!({"type": "integer", "format": "int32", "minimum": 1, "maximum": 86_400});
    let text = |max: u32, pattern: &str| json!({"type": "string", "maxLength": max, "pattern": pattern});
    json!({
        "RequestId": header("Names this request when asking for help", json!({"type": "string", "format": "uuid", "maxLength": 36})),
        "ETag": header("The version of what is shown", text(80, "^(W/)?\"[!#-~]+\"$")),
        "Location": header("Where the new row is", json!({"type": "string", "format": "uri-reference", "maxLength": 200})),
        "RateLimitPolicy": header(
            "How many requests (`q`) of this caller are allowed within so many seconds (`w`): of the account \
             (`account`) with a genuine token, else of the network (`visitor`); draft-ietf-httpapi-ratelimit-headers",
            text(100, "^\"(account|visitor)\";q=[0-9]+;w=[0-9]+$"),
        ),
        "RateLimit": header(
            "About how many requests are left (`r`); who spreads them over the next `t` seconds is not refused",
            text(100, "^\"(account|visitor)\";r=[0-9]+;t=[0-9]+$"),
        ),
        "RetryAfter": header("Seconds after which to come again", seconds.clone()),
        "RetryAfterPerhaps": {"description": "Seconds after which to come again, when that helps", "required": false,
            "schema": seconds},
        "WwwAuthenticate": header("How to sign in (RFC 6750)", text(100, "^Bearer ")),
        "IdempotentReplayed": {"description": "The answer is the stored one of the first request with this key",
            "required": false, "schema": {"type": "string", "enum": ["true"]}},
        "Version": {"description": "The version of what is shown, for `If-Match`", "required": false,
            "schema": text(12, "^\"[0-9]+\"$")},
    })
}

/// Links an operation's parameters to the headers that it reads.
pub fn add_parameters(method: &str, key: KeyUse, operation: &mut Map<String, Value>) {
    let mut wanted = Vec::new();
    match key {
        KeyUse::Required => wanted.push("IdempotencyKeyRequired"),
        KeyUse::Accepted => wanted.push("IdempotencyKey"),
        KeyUse::None => {}
    }
    if method == "patch" {
        wanted.push("IfMatch");
    }
    if shows_version(operation) {
        wanted.push("IfNoneMatch");
    }
    if operation.get("x-problems").is_some() {
        wanted.push("AcceptLanguage");
    }
    let parameters = operation.entry("parameters").or_insert(json!([]));
    for name in wanted {
        if let Some(parameters) = parameters.as_array_mut() {
            parameters.push(json!({"$ref": format!("#/components/parameters/{name}")}));
        }
    }
}

/// Whether an operation shows something with an `ETag`: what was not changed is then answered 304.
pub fn shows_version(operation: &Map<String, Value>) -> bool {
    operation.get("responses").is_some_and(|responses| responses.get("304").is_some())
}

/// Says of every answer which headers it carries.
pub fn add_to_answers(path: &str, key: KeyUse, operation: &mut Map<String, Value>) {
    let shows_version = shows_version(operation);
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    for (status, response) in responses {
        let is_problem = response.pointer("/content/application~1problem+json").is_some();
        let is_json = response.pointer("/content/application~1json").is_some();
        let is_success = status.starts_with('2');
        let mut names = vec![("X-Request-Id", "RequestId")];
        if (shows_version && status == "200") || status == "304" {
            names.push(("ETag", "ETag"));
        } else if is_success && is_json && key != KeyUse::None {
            names.push(("ETag", "Version"));
        }
        match status.as_str() {
            "201" => names.push(("Location", "Location")),
            "401" if is_problem => names.push(("WWW-Authenticate", "WwwAuthenticate")),
            "409" if key != KeyUse::None => names.push(("Retry-After", "RetryAfterPerhaps")),
            "429" | "503" => names.push(("Retry-After", "RetryAfter")),
            _ => {}
        }
        if key != KeyUse::None && (is_success || status == "409") {
            names.push(("Idempotent-Replayed", "IdempotentReplayed"));
        }
        // Other refusals carry them too; successes and 429 say it.
        if is_limited(path) && (is_success || status == "429") {
            names.extend([("RateLimit-Policy", "RateLimitPolicy"), ("RateLimit", "RateLimit")]);
        }
        let Some(response) = response.as_object_mut() else { continue };
        let headers = response.entry("headers").or_insert(json!({}));
        for (name, component) in names {
            headers[name] = json!({"$ref": format!("#/components/headers/{component}")});
        }
    }
}
