//! Every slice's routes in one list, and the document that is made from them.

mod examples;
mod headers;
mod pages;
mod problems;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::error::{CommonProblem, Error, Problem, Result};
use crate::{carts, catalog, identity, insights, ops, orders, payments, places, producers, stock};

pub use pages::configure as configure_pages;
pub use problems::catalogue;

pub fn configure(cfg: &mut ServiceConfig) {
    // Paths are tried one after the other, so the one that is asked for most comes first.
    catalog::routes(cfg);
    cfg.service(problems::list_problems);
    ops::routes(cfg);
    places::routes(cfg);
    identity::routes(cfg);
    producers::routes(cfg);
    stock::routes(cfg);
    carts::routes(cfg);
    orders::routes(cfg);
    payments::routes(cfg);
    insights::routes(cfg);
}

/// Every problem that any route can answer with.
pub fn problems() -> Vec<&'static Problem> {
    let slices = [
        &[CommonProblem::PROBLEMS][..],
        places::PROBLEMS,
        identity::PROBLEMS,
        producers::PROBLEMS,
        catalog::PROBLEMS,
        stock::PROBLEMS,
        carts::PROBLEMS,
        orders::PROBLEMS,
        payments::PROBLEMS,
        insights::PROBLEMS,
    ];
    slices.into_iter().flatten().flat_map(|problems| problems.iter()).collect()
}

/// The OpenAPI 3.1 document: what the handlers say, with each operation's roles, security and problems written out.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let (_, openapi) = actix_web::App::new().into_utoipa_app().configure(configure).split_for_parts();
        let mut document = serde_json::to_value(openapi).unwrap_or_default();
        complete(&mut document);
        document
    })
}

fn complete(document: &mut Value) {
    let by_code: BTreeMap<&str, &Problem> = problems().into_iter().map(|problem| (problem.code, problem)).collect();
    if let Some(root) = document.as_object_mut() {
        root.insert("info".to_owned(), info());
        root.insert("servers".to_owned(), json!([{"url": "http://127.0.0.1:8080", "description": "This machine"}]));
        root.insert("tags".to_owned(), tags());
    }
    if let Some(components) = document.pointer_mut("/components").and_then(Value::as_object_mut) {
        components.insert(
            "securitySchemes".to_owned(),
            json!({"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "Access token of the surface, 10 minutes"}}),
        );
        components.insert("headers".to_owned(), headers::components());
    }
    let bodies = document.pointer("/components/schemas").and_then(Value::as_object).cloned().unwrap_or_default();
    let Some(paths) = document.pointer_mut("/paths").and_then(Value::as_object_mut) else { return };
    for (path, item) in paths.iter_mut() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if let Some(operation) = operation.as_object_mut() {
                if path.starts_with("/v1/public/") {
                    operation.entry("x-roles").or_insert(json!(["anonymous"]));
                }
                complete_operation((path, method), operation, &by_code, &bodies);
            }
        }
    }
    close_inputs(document);
    drop_unused(document);
    examples::add(document);
}

fn info() -> Value {
    json!({
        "title": "ocop-market",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Marketplace for OCOP products of the Vietnamese highlands. Money is whole đồng, times are UTC, \
                        farm and business days are days in Vietnam. Errors are problem documents (RFC 9457). Bodies of requests are \
                        JSON of at most 256 KiB and not packed: a `Content-Encoding` is refused with 415.",
        "license": {"name": "MIT", "identifier": "MIT"},
        "contact": {"name": "ocop-market", "url": "https://example.vn"},
    })
}

fn tags() -> Value {
    let tags = [
        ("Account", "One's own account and sessions"),
        ("Buying", "Cart, purchases and orders of a buyer"),
        ("Callbacks", "Messages of payment providers"),
        ("Catalogue", "Products, their variants and their moderation"),
        ("Insights", "Sales figures for officials and operators"),
        ("Money", "The operator's view of payments"),
        ("Operations", "Health and meta data"),
        ("Operator: people", "Accounts and rights of others"),
        ("Paying", "Tries to pay"),
        ("Places", "Communes of today and before July 2025"),
        ("Producers", "Who sells, and their approval"),
        ("Selling", "A producer's inbox"),
        ("Sign-in", "One-time codes, passwords and tokens"),
        ("Stock", "What is there to sell"),
    ];
    tags.iter().map(|(name, description)| json!({"name": name, "description": description})).collect()
}

/// Problems that follow from what kind of operation it is.
fn implied((path, method): (&str, &str), is_open: bool, operation: &Map<String, Value>) -> Vec<&'static str> {
    let mut codes = vec!["internal_error", "unavailable"];
    if headers::is_limited(path) {
        codes.push("too_many_requests");
    }
    if !is_open {
        codes.extend(["unauthenticated", "session_ended", "forbidden"]);
    }
    if method != "get" && operation.contains_key("requestBody") {
        codes.extend([
            "body_malformed",
            "idempotency_key_missing",
            "idempotency_key_malformed",
            "request_in_progress",
            "body_too_large",
            "unsupported_media_type",
            "packed_body",
            "invalid_input",
            "idempotency_key_reused",
        ]);
    } else if method != "get" {
        codes.extend([
            "body_malformed",
            "idempotency_key_malformed",
            "request_in_progress",
            "unsupported_media_type",
            "packed_body",
            "invalid_input",
            "idempotency_key_reused",
        ]);
    }
    if operation.get("parameters").is_some_and(|p| p.to_string().contains("\"query\"")) {
        codes.push("invalid_input");
    }
    if operation.get("parameters").is_some_and(|p| p.to_string().contains("\"cursor\"")) {
        codes.push("cursor_mismatch");
    }
    if operation.get("parameters").is_some_and(|p| p.to_string().contains("\"path\"")) {
        codes.push("not_found");
    }
    if method == "patch" {
        codes.extend(["version_missing", "version_stale"]);
    }
    codes
}

fn complete_operation(
    (path, method): (&str, &str),
    operation: &mut Map<String, Value>,
    by_code: &BTreeMap<&str, &Problem>,
    bodies: &Map<String, Value>,
) {
    let roles = operation.entry("x-roles").or_insert_with(|| json!([]));
    if roles == &json!([]) {
        *roles = json!(["anonymous"]);
    }
    let is_open = roles == &json!(["anonymous"]);
    operation.insert("security".to_owned(), if is_open { json!([]) } else { json!([{"bearer": []}]) });
    let mut codes: Vec<String> = implied((path, method), is_open, operation).into_iter().map(str::to_owned).collect();
    let own = operation.get("x-problems").and_then(Value::as_array).cloned().unwrap_or_default();
    codes.extend(own.iter().filter_map(Value::as_str).map(str::to_owned));
    codes.sort();
    codes.dedup();
    let mut by_status: BTreeMap<u16, Vec<&Problem>> = BTreeMap::new();
    for problem in codes.iter().filter_map(|code| by_code.get(code.as_str())) {
        by_status.entry(problem.status).or_default().push(problem);
    }
    operation.insert("x-problems".to_owned(), json!(codes));
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    describe_successes(responses, bodies);
    for (status, problems) in by_status {
        let known = responses.get(&status.to_string());
        if known.is_none_or(|r| r.pointer("/content/application~1problem+json").is_some()) {
            responses.insert(status.to_string(), problem_response(&problems));
        }
    }
    if method == "get" {
        responses.insert("304".to_owned(), json!({"description": "The client has the current version"}));
    }
    headers::add(path, responses);
}

/// A success that its handler does not describe is what its body is.
fn describe_successes(responses: &mut Map<String, Value>, bodies: &Map<String, Value>) {
    for response in responses.values_mut().filter_map(Value::as_object_mut) {
        if response.get("description").and_then(Value::as_str).is_none_or(str::is_empty) {
            let body = response
                .get("content")
                .and_then(|c| c.pointer("/application~1json/schema/$ref"))
                .and_then(Value::as_str);
            let schema = body.and_then(|b| b.strip_prefix("#/components/schemas/")).and_then(|name| bodies.get(name));
            let described = schema.and_then(|s| s.get("description")).cloned();
            response.insert("description".to_owned(), described.unwrap_or_else(|| json!("As it is now")));
        }
    }
}

fn problem_response(problems: &[&Problem]) -> Value {
    let examples: Map<String, Value> = problems
        .iter()
        .map(|problem| {
            let value = json!({"type": format!("/v1/public/problems#{}", problem.code), "title": problem.vi,
                               "status": problem.status, "code": problem.code, "instance": "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b"});
            (problem.code.replace('.', "_"), json!({"summary": problem.en, "value": value}))
        })
        .collect();
    let described: Vec<&str> = problems.iter().map(|problem| problem.en).collect();
    json!({
        "description": described.join("; "),
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemBody"}, "examples": examples}},
    })
}

/// What a client may send is exactly what is described: request types take no other fields.
fn close_inputs(document: &mut Value) {
    let mut wanted: Vec<String> = Vec::new();
    if let Some(paths) = document.get("paths") {
        collect_bodies(paths, &mut wanted);
    }
    let mut closed: Vec<String> = Vec::new();
    while let Some(name) = wanted.pop() {
        if closed.contains(&name) {
            continue;
        }
        if let Some(schema) = document.pointer_mut(&format!("/components/schemas/{name}")) {
            collect_references(schema, &mut wanted);
            if let Some(object) = schema.as_object_mut().filter(|object| object.contains_key("properties")) {
                object.insert("additionalProperties".to_owned(), json!(false));
            }
        }
        closed.push(name);
    }
}

/// Pages hold their rows' schemas within themselves, which leaves schemas that nothing links to.
fn drop_unused(document: &mut Value) {
    let mut wanted: Vec<String> = Vec::new();
    collect_references(document.get("paths").unwrap_or(&Value::Null), &mut wanted);
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else { return };
    let mut used: Vec<String> = Vec::new();
    while let Some(name) = wanted.pop() {
        if !used.contains(&name) {
            collect_references(schemas.get(&name).unwrap_or(&Value::Null), &mut wanted);
            used.push(name);
        }
    }
    schemas.retain(|name, _| used.contains(name));
}

fn collect_bodies(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                if key == "requestBody" { collect_references(inner, into) } else { collect_bodies(inner, into) }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_bodies(item, into)),
        _ => {}
    }
}

fn collect_references(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                match inner.as_str().and_then(|text| text.strip_prefix("#/components/schemas/")) {
                    Some(name) if key == "$ref" => into.push(name.to_owned()),
                    _ => collect_references(inner, into),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, into)),
        _ => {}
    }
}

/// The methods that the document has for a path.
fn methods_of(path: &str) -> Vec<String> {
    let matches = |pattern: &str| {
        let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
        loop {
            match (pattern.next(), path.next()) {
                (None, None) => return true,
                (Some(p), Some(s)) if p == s || (p.starts_with('{') && !s.is_empty()) => {}
                _ => return false,
            }
        }
    };
    let paths = document().get("paths").and_then(Value::as_object);
    let methods = paths.into_iter().flatten().filter(|(pattern, _)| matches(pattern));
    methods.filter_map(|(_, item)| item.as_object()).flat_map(|item| item.keys().map(|m| m.to_uppercase())).collect()
}

/// The answer where no route is: 405 with `Allow` when only the method is wrong, else 404.
pub async fn nowhere(request: HttpRequest) -> Result<HttpResponse> {
    let methods = methods_of(request.path());
    if methods.is_empty() {
        return Err(CommonProblem::NotFound.into());
    }
    Err(Error::from(CommonProblem::MethodNotAllowed).with("allow", methods.join(", ")))
}
