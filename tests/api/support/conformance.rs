//! Every answer that a test gets is held against the document: its status, its headers, its body, its problem's code.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use ocop_market::routes;
use serde_json::Value;

use super::Reply;

/// What an answer has that the document does not say, or lacks of what it says. `None`: no operation is asked.
pub fn faults(method: &str, path: &str, reply: &Reply) -> Option<Vec<String>> {
    let operation = operation(method, path)?;
    let mut found = Vec::new();
    let response = &operation["responses"][reply.status.to_string()];
    if response.is_null() {
        return Some(vec![format!("{} is not documented", reply.status)]);
    }
    for (name, header) in response["headers"].as_object().into_iter().flatten() {
        header_faults(name, resolved(header), reply, &mut found);
    }
    let kind = reply.header("content-type").split(';').next().unwrap_or("").trim();
    let media = response["content"].as_object().into_iter().flatten().find(|(documented, _)| {
        documented.split(';').next().is_some_and(|documented| documented.trim().eq_ignore_ascii_case(kind))
    });
    match media {
        Some((_, media)) if kind.ends_with("json") => found.extend(body_faults(&reply.json, &media["schema"])),
        Some(_) => {}
        None if response["content"].is_null() && reply.text.is_empty() => {}
        None => found.push(format!("{kind:?} is not documented for {}", reply.status)),
    }
    if kind == "application/problem+json" {
        let code = reply.json["code"].as_str().unwrap_or("");
        if !texts(&operation["x-problems"]).contains(code) {
            found.push(format!("the problem {code:?} is not among x-problems"));
        }
    }
    Some(found)
}

fn texts(list: &Value) -> BTreeSet<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The operation that a request asks; a written path is preferred to one with a parameter.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let path: Vec<&str> = path.split('?').next().unwrap_or("").split('/').collect();
    let fits = |(pattern, _): &&Template| {
        pattern.iter().zip(&path).all(|(p, s)| p == s || (p.starts_with('{') && !s.is_empty()))
    };
    let found = templates().get(&path.len())?.iter().find(fits)?;
    found.1.get(method.to_ascii_lowercase())
}

/// The parts of a path, and its operations.
type Template = (Vec<&'static str>, &'static Value);

/// All paths by the number of their parts, those without a parameter first. Every answer of every test is looked up here.
fn templates() -> &'static BTreeMap<usize, Vec<Template>> {
    static TEMPLATES: OnceLock<BTreeMap<usize, Vec<Template>>> = OnceLock::new();
    TEMPLATES.get_or_init(|| {
        let mut templates: BTreeMap<usize, Vec<Template>> = BTreeMap::new();
        let mut paths: Vec<_> = routes::document()["paths"].as_object().expect("paths").iter().collect();
        paths.sort_by_key(|(pattern, _)| pattern.contains('{'));
        for (pattern, operations) in paths {
            let parts: Vec<&str> = pattern.split('/').collect();
            templates.entry(parts.len()).or_default().push((parts, operations));
        }
        templates
    })
}

/// What a link leads to, or the value itself.
pub fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(target) => {
            routes::document().pointer(target.trim_start_matches('#')).expect("a link that leads somewhere")
        }
        None => value,
    }
}

fn header_faults(name: &str, header: &'static Value, reply: &Reply, found: &mut Vec<String>) {
    let Some(value) = reply.headers.get(name).and_then(|value| value.to_str().ok()) else {
        if header["required"] == true {
            found.push(format!("the header {name} is missing"));
        }
        return;
    };
    let value = match header["schema"]["type"].as_str() {
        Some("integer") => value.parse::<i64>().map_or_else(|_| Value::from(value), Value::from),
        _ => Value::from(value),
    };
    found.extend(body_faults(&value, &header["schema"]).into_iter().map(|fault| format!("the header {name}: {fault}")));
}

/// Where a value differs from its schema, by the part of JSON Schema that our schemas are made of.
pub fn body_faults(value: &Value, schema: &'static Value) -> Vec<String> {
    let mut found = Vec::new();
    fit(value, schema, "", &mut found);
    found
}

fn fit(value: &Value, schema: &'static Value, place: &str, found: &mut Vec<String>) {
    let known = members(schema);
    let unknown = |name: &&String| known.as_ref().is_some_and(|known| !known.contains(name.as_str()));
    for name in value.as_object().into_iter().flat_map(|object| object.keys()).filter(unknown) {
        found.push(format!("{place}/{name} is not documented"));
    }
    fit_part(value, schema, place, found);
}

/// Like [`fit`], for a schema that describes only some members.
fn fit_part(value: &Value, schema: &'static Value, place: &str, found: &mut Vec<String>) {
    let schema = resolved(schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        fit_part(value, part, place, found);
    }
    for choices in ["oneOf", "anyOf"].iter().filter_map(|key| schema[key].as_array()) {
        let fitting = choices.iter().filter(|choice| body_faults(value, choice).is_empty()).count();
        if fitting != 1 {
            found.push(format!("{place}: {value} fits {fitting} of the choices"));
        }
    }
    if schema["enum"].as_array().is_some_and(|allowed| !allowed.contains(value)) {
        found.push(format!("{place}: {value} is not among {}", schema["enum"]));
    }
    fit_kind(value, schema, place, found);
    fit_bounds(value, schema, place, found);
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        fit(item, &schema["items"], &format!("{place}/{index}"), found);
    }
    let Some(object) = value.as_object() else { return };
    for name in texts(&schema["required"]).into_iter().filter(|name| !object.contains_key(*name)) {
        found.push(format!("{place}/{name} is missing"));
    }
    for (name, inner) in object {
        let property = &schema["properties"][name];
        if !property.is_null() {
            fit(inner, property, &format!("{place}/{name}"), found);
        }
    }
}

/// The names that an object may have; `None` when any.
fn members(schema: &'static Value) -> Option<BTreeSet<&'static str>> {
    let schema = resolved(schema);
    let mut known: BTreeSet<&str> =
        schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        known.extend(members(part).unwrap_or_default());
    }
    if known.is_empty() { None } else { Some(known) }
}

fn fit_kind(value: &Value, schema: &Value, place: &str, found: &mut Vec<String>) {
    let kinds = match &schema["type"] {
        Value::String(kind) => BTreeSet::from([kind.as_str()]),
        list => texts(list),
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !kinds.is_empty() && !kinds.contains(kind) {
        found.push(format!("{place}: {value} is none of {kinds:?}"));
    }
}

fn fit_bounds(value: &Value, schema: &Value, place: &str, found: &mut Vec<String>) {
    let mut within = |size: Option<i64>, min: &str, max: &str| {
        let too_small = size.zip(schema[min].as_i64()).is_some_and(|(size, min)| size < min);
        let too_large = size.zip(schema[max].as_i64()).is_some_and(|(size, max)| size > max);
        if too_small || too_large {
            found.push(format!("{place}: {value} is beyond {min} {} or {max} {}", schema[min], schema[max]));
        }
    };
    let count = |count: usize| i64::try_from(count).ok();
    within(value.as_i64(), "minimum", "maximum");
    within(value.as_array().and_then(|items| count(items.len())), "minItems", "maxItems");
    within(value.as_str().and_then(|text| count(text.chars().count())), "minLength", "maxLength");
    let Some(text) = value.as_str() else { return };
    let is_right = match schema["format"].as_str() {
        Some("uuid") => uuid::Uuid::try_parse(text).is_ok(),
        Some("date") => text.parse::<chrono::NaiveDate>().is_ok(),
        Some("date-time") => chrono::DateTime::parse_from_rfc3339(text).is_ok(),
        _ => true,
    };
    if !is_right {
        found.push(format!("{place}: {text:?} is no {}", schema["format"]));
    }
}
