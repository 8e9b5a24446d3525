//! Every slice's routes in one list, and the document that is made from them.

mod examples;
mod headers;
mod links;
mod pages;
mod problems;
mod schemas;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::kernel::Audience;
use crate::kernel::error::{CommonProblem, Error, Problem, Result};
use crate::{
    calendar, carts, catalog, charges, complaints, identity, insights, ledger, messages, notifications, ops, orders,
    outgoing, payments, payouts, places, producers, reconciliation, refunds, reviews, shipping, statements, stock,
    storage, taxes, vouchers, webhooks,
};

use headers::KeyUse;
pub use pages::configure as configure_pages;
pub use problems::catalogue;

pub fn configure(cfg: &mut ServiceConfig) {
    // Paths are tried one after the other, so those that are asked for most come first: looking, buying, and the notices
    // of providers.
    catalog::public_routes(cfg);
    carts::routes(cfg);
    payments::routes(cfg);
    orders::routes(cfg);
    catalog::routes(cfg);
    refunds::routes(cfg);
    cfg.service(problems::list_problems);
    ops::routes(cfg);
    places::routes(cfg);
    identity::routes(cfg);
    producers::routes(cfg);
    shipping::routes(cfg);
    notifications::routes(cfg);
    webhooks::routes(cfg);
    stock::routes(cfg);
    calendar::routes(cfg);
    complaints::routes(cfg);
    messages::routes(cfg);
    reviews::routes(cfg);
    storage::routes(cfg);
    insights::routes(cfg);
    vouchers::routes(cfg);
    ledger::routes(cfg);
    charges::routes(cfg);
    outgoing::routes(cfg);
    payouts::routes(cfg);
    reconciliation::routes(cfg);
    taxes::routes(cfg);
    statements::routes(cfg);
}

/// Every problem that any route can answer with.
pub fn problems() -> Vec<&'static Problem> {
    let slices = [
        &[CommonProblem::PROBLEMS][..],
        places::PROBLEMS,
        identity::PROBLEMS,
        producers::PROBLEMS,
        shipping::PROBLEMS,
        notifications::PROBLEMS,
        webhooks::PROBLEMS,
        catalog::PROBLEMS,
        stock::PROBLEMS,
        carts::PROBLEMS,
        orders::PROBLEMS,
        payments::PROBLEMS,
        refunds::PROBLEMS,
        insights::PROBLEMS,
        vouchers::PROBLEMS,
        vouchers::PROBLEMS_OF_USE,
        calendar::PROBLEMS,
        complaints::PROBLEMS,
        messages::PROBLEMS,
        reviews::PROBLEMS,
        storage::PROBLEMS,
        charges::PROBLEMS,
        outgoing::PROBLEMS,
        payouts::PROBLEMS,
        ledger::PROBLEMS,
        reconciliation::PROBLEMS,
        taxes::PROBLEMS,
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
        root.insert("servers".to_owned(), servers());
        root.insert("tags".to_owned(), tags());
    }
    if let Some(components) = document.pointer_mut("/components").and_then(Value::as_object_mut) {
        components.insert("securitySchemes".to_owned(), security_schemes());
        components.insert("parameters".to_owned(), headers::parameters());
        components.insert("headers".to_owned(), headers::answers());
        components.insert("examples".to_owned(), problem_examples());
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
    schemas::complete(document);
    links::add(document);
    examples::add(document);
}

/// The document does not know where it is served.
fn servers() -> Value {
    json!([{"url": "/", "description": "The server that this document came from: in production, for tests or local",
            "x-internal": false}])
}

/// A token opens one surface, so each surface has a scheme.
fn security_schemes() -> Value {
    let scheme = |audience: &Audience| {
        let description = format!(
            "Access token of the audience `{audience}` from /v1/auth, good for 10 minutes; an EdDSA JWT by the rules of RFC8725"
        );
        let scheme = json!({"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": description});
        (audience.as_str().to_owned(), scheme)
    };
    Audience::ALL.iter().map(scheme).collect::<Map<String, Value>>().into()
}

fn info() -> Value {
    json!({
        "title": "ocop-market",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Marketplace for OCOP products of the Vietnamese highlands. Money is whole đồng, times are UTC, \
                        farm and business days are days in Vietnam. Errors are problem documents (RFC 9457). Bodies of requests are \
                        JSON of at most 256 KiB, except photos and settlement files, and not packed: a `Content-Encoding` is refused with 415.",
        "license": {"name": "MIT", "identifier": "MIT"},
        "contact": {"name": "ocop-market", "url": "https://example.vn"},
    })
}

fn tags() -> Value {
    let tags = [
        ("Account", "One's own account and sessions"),
        ("Buying", "Cart, purchases and orders of a buyer"),
        ("Callbacks", "Messages of payment providers and carriers"),
        ("Catalogue", "Products, their variants and their moderation"),
        ("Claims", "What buyers claim of what was delivered: refunds and returns"),
        ("Complaints", "Complaints with their legal clocks, and the calendar of working days"),
        ("Insights", "Sales figures for officials and operators"),
        ("Messages", "What buyer and producer write to each other about an order"),
        ("Money", "The operator's view of payments"),
        ("Notices", "What people are told, and how"),
        ("Operations", "Health and meta data"),
        ("Operator: people", "Accounts and rights of others"),
        ("Paying", "Tries to pay"),
        ("Photos", "Photos of claims, complaints and reviews"),
        ("Places", "Communes of today and before July 2025"),
        ("Producers", "Who sells, and their approval"),
        ("Reviews", "What buyers think of what was delivered, and lawful moderation"),
        ("Selling", "A producer's inbox"),
        ("Shipping", "Tariffs, pick-up points, parcels and shared runs"),
        ("Sign-in", "One-time codes, passwords and tokens"),
        ("Stock", "What is there to sell"),
        ("Vouchers", "Discounts, and who pays for them"),
        ("Webhooks", "Events for other systems"),
    ];
    tags.iter().map(|(name, description)| json!({"name": name, "description": description})).collect()
}

/// Problems that follow from what kind of operation it is.
fn implied(
    (path, method): (&str, &str),
    is_open: bool,
    key: KeyUse,
    operation: &Map<String, Value>,
) -> Vec<&'static str> {
    let mut codes = vec!["internal_error", "unavailable", "packed_body"];
    let has = |word: &str| operation.get("parameters").is_some_and(|p| p.to_string().contains(word));
    if headers::is_limited(path) {
        codes.push("too_many_requests");
    }
    if is_callback(operation) {
        codes.push("body_too_large");
        return codes;
    }
    if !is_open {
        codes.extend(["unauthenticated", "session_ended", "forbidden"]);
    }
    if method != "get" {
        codes.extend(["body_malformed", "body_too_large", "unsupported_media_type", "invalid_input"]);
        codes.push("idempotency_key_malformed");
    }
    if key != KeyUse::None {
        codes.extend(["request_in_progress", "idempotency_key_reused"]);
    }
    if key == KeyUse::Required {
        codes.push("idempotency_key_missing");
    }
    if has("\"query\"") {
        codes.push("invalid_input");
    }
    if has("\"cursor\"") {
        codes.push("cursor_mismatch");
    }
    if has("\"path\"") {
        codes.push("not_found");
    }
    if method == "patch" {
        codes.extend(["version_missing", "version_stale"]);
    }
    codes
}

/// Providers write and read their messages in their own way.
fn is_callback(operation: &Map<String, Value>) -> bool {
    operation.get("tags").is_some_and(|tags| tags == &json!(["Callbacks"]))
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
    let schemes: Vec<Value> = match roles.as_array() {
        Some(roles) if !is_open => roles.iter().filter_map(Value::as_str).map(|role| json!({role: []})).collect(),
        _ => Vec::new(),
    };
    operation.insert("security".to_owned(), schemes.into());
    let key = KeyUse::of(method, is_open, operation);
    let mut codes: Vec<String> =
        implied((path, method), is_open, key, operation).into_iter().map(str::to_owned).collect();
    let own = operation.get("x-problems").and_then(Value::as_array).cloned().unwrap_or_default();
    codes.extend(own.iter().filter_map(Value::as_str).map(str::to_owned));
    codes.sort();
    codes.dedup();
    let mut by_status: BTreeMap<u16, Vec<&Problem>> = BTreeMap::new();
    for problem in codes.iter().filter_map(|code| by_code.get(code.as_str())) {
        by_status.entry(problem.status).or_default().push(problem);
    }
    operation.insert("x-problems".to_owned(), json!(codes));
    operation.remove("x-idempotency");
    let has_version = method == "get" && !is_callback(operation) && shows_json(operation);
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    describe_successes(responses, bodies);
    for (status, problems) in by_status {
        let mut response = problem_response(&problems);
        // A provider's answer in its own words may have the same status.
        let known = responses.get(&status.to_string()).and_then(|known| known.pointer("/content/application~1json"));
        if let Some((known, content)) = known.zip(response.get_mut("content").and_then(Value::as_object_mut)) {
            content.insert("application/json".to_owned(), known.clone());
        }
        responses.insert(status.to_string(), response);
    }
    if has_version {
        responses.insert("304".to_owned(), json!({"description": "The client has the current version"}));
    }
    headers::add_parameters(method, key, operation);
    headers::add_to_answers(path, key, operation);
}

/// What is shown as JSON has an ETag.
fn shows_json(operation: &Map<String, Value>) -> bool {
    operation.get("responses").is_some_and(|r| r.pointer("/200/content/application~1json").is_some())
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

fn example_name(problem: &Problem) -> String {
    problem.code.replace('.', "_")
}

/// Every problem as it is answered.
fn problem_examples() -> Value {
    let example = |problem: &Problem| {
        let value = json!({"type": format!("/v1/public/problems#{}", problem.code), "title": problem.vi,
                           "status": problem.status, "code": problem.code, "instance": "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b"});
        (example_name(problem), json!({"summary": problem.en, "value": value}))
    };
    problems().into_iter().map(example).collect::<Map<String, Value>>().into()
}

fn problem_response(problems: &[&Problem]) -> Value {
    let example = |problem: &&Problem| {
        let name = example_name(problem);
        let link = json!({"$ref": format!("#/components/examples/{name}")});
        (name, link)
    };
    let examples: Map<String, Value> = problems.iter().map(example).collect();
    let described: Vec<&str> = problems.iter().map(|problem| problem.en).collect();
    json!({
        "description": described.join("; "),
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemBody"}, "examples": examples}},
    })
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
