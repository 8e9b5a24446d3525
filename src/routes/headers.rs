//! Headers of answers in the document: how much more may be asked, and when to come again.

use serde_json::{Map, Value, json};

/// Whether the edge counts what comes to this path.
pub fn is_limited(path: &str) -> bool {
    path.starts_with("/v1/") && !path.starts_with("/v1/callbacks/")
}

/// For `/components/headers`.
pub fn components() -> Value {
    json!({
        "RateLimit-Policy": {
            "description": "How many requests (`q`) of this caller are allowed within so many seconds (`w`): of the \
                            account (`account`) with a genuine token, else of the network (`visitor`); \
                            draft-ietf-httpapi-ratelimit-headers",
            "schema": {"type": "string", "maxLength": 100},
            "example": "\"account\";q=150;w=15",
        },
        "RateLimit": {
            "description": "About how many requests are left (`r`); who spreads them over the next `t` seconds is \
                            not refused",
            "schema": {"type": "string", "maxLength": 100},
            "example": "\"account\";r=149;t=15",
        },
        "Retry-After": {
            "description": "Seconds after which to come again",
            "schema": {"type": "integer", "minimum": 1, "maximum": 86400},
            "example": 1,
        },
    })
}

/// Adds the headers to the answers of an operation. Other refusals carry them too; successes and 429 say it.
pub fn add(path: &str, responses: &mut Map<String, Value>) {
    for (status, response) in responses.iter_mut() {
        let mut names = Vec::new();
        if is_limited(path) && (status.starts_with('2') || status == "429") {
            names.extend(["RateLimit-Policy", "RateLimit"]);
        }
        if matches!(status.as_str(), "429" | "503") {
            names.push("Retry-After");
        }
        let Some(response) = response.as_object_mut().filter(|_| !names.is_empty()) else { continue };
        let headers = response.entry("headers").or_insert_with(|| json!({}));
        if let Some(headers) = headers.as_object_mut() {
            headers.extend(names.iter().map(|name| {
                let component = json!({"$ref": format!("#/components/headers/{name}")});
                ((*name).to_owned(), component)
            }));
        }
    }
}
