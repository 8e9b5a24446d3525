//! What the handlers' types leave open in the document's schemas, closed by rules that hold everywhere.

use serde_json::{Map, Value, json};

use crate::kernel::input::DAY_PATTERN;
use crate::kernel::text::READABLE_PATTERN;

/// Whole numbers of 64 bits end where every client's JSON still counts exactly (2^53 − 1).
const EXACT_MAX: i64 = 9_007_199_254_740_991;

pub fn complete(document: &mut Value) {
    close_inputs(document);
    name_rows(document);
    drop_unused(document);
    bound(document);
    for operation in operations(document) {
        tidy_parameters(operation);
        relax_empty_body(operation);
    }
}

/// Every operation of the document.
pub fn operations(document: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(|paths| paths.values_mut()).filter_map(Value::as_object_mut);
    items.flat_map(|item| item.values_mut()).filter_map(Value::as_object_mut)
}

/// What a client may send is exactly what is described: request types take no other fields, and text that has no
/// rule of its own is readable text.
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
            close(schema);
        }
        closed.push(name);
    }
}

fn close(schema: &mut Value) {
    each_schema(schema, &mut |schema| {
        if is_of(schema, "object") {
            schema.insert("additionalProperties".to_owned(), json!(false));
        }
        if is_of(schema, "string") {
            let is_day = schema.get("format") == Some(&json!("date"));
            let has_rule = ["pattern", "format", "enum", "const"].iter().any(|key| schema.contains_key(*key));
            if is_day || !has_rule {
                schema.insert("pattern".to_owned(), json!(if is_day { DAY_PATTERN } else { READABLE_PATTERN }));
            }
        }
    });
}

/// Pages come with their rows' schemas within themselves; clients want one type for a row, wherever it stands.
fn name_rows(document: &mut Value) {
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else { return };
    let names: Vec<String> = schemas.keys().cloned().collect();
    for (page, row) in names.iter().filter_map(|name| Some((name, name.strip_prefix("Page_")?))) {
        let is_known = names.iter().any(|name| name == row);
        let items = schemas.get_mut(page).and_then(|page| page.pointer_mut("/properties/data/items"));
        if let Some(items) = items.filter(|_| is_known) {
            *items = json!({"$ref": format!("#/components/schemas/{row}")});
        }
    }
}

/// Leaves out examples and schemas that nothing links to.
fn drop_unused(document: &mut Value) {
    let paths = document.get("paths").map(ToString::to_string).unwrap_or_default();
    let examples = document.pointer_mut("/components/examples").and_then(Value::as_object_mut);
    examples.into_iter().for_each(|all| all.retain(|name, _| paths.contains(&format!("/examples/{name}\""))));
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

/// Numbers and texts end where their type ends, unless they say so themselves.
fn bound(document: &mut Value) {
    each_schema(document, &mut |schema| {
        let format = schema.get("format").and_then(Value::as_str).unwrap_or("").to_owned();
        if is_of(schema, "integer") {
            let (min, max) = match format.as_str() {
                "int32" => (i64::from(i32::MIN), i64::from(i32::MAX)),
                _ => (-EXACT_MAX, EXACT_MAX),
            };
            schema.entry("minimum").or_insert(json!(min));
            schema.entry("maximum").or_insert(json!(max));
        }
        if is_of(schema, "string") {
            let characters = match format.as_str() {
                "uuid" => (36, 36),
                "date" => (10, 10),
                "date-time" => (20, 35),
                _ => return,
            };
            schema.entry("minLength").or_insert(json!(characters.0));
            schema.entry("maxLength").or_insert(json!(characters.1));
        }
    });
}

/// A parameter is there or not; it is never `null`.
fn tidy_parameters(operation: &mut Map<String, Value>) {
    for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(schema) = parameter.get_mut("schema").and_then(Value::as_object_mut) else { continue };
        if let Some(Value::Array(kinds)) = schema.get("type") {
            let kind = kinds.iter().find(|kind| *kind != "null").cloned();
            schema.insert("type".to_owned(), kind.unwrap_or_default());
        }
        if let Some(choices) = schema.get("oneOf").and_then(Value::as_array)
            && let Some(choice) = choices.iter().find(|choice| choice.get("type") != Some(&json!("null"))).cloned()
        {
            parameter["schema"] = choice;
        }
        if let Some(schema) = parameter.get_mut("schema") {
            close(schema);
        }
    }
}

/// A command that needs no body takes an empty one.
fn relax_empty_body(operation: &mut Map<String, Value>) {
    let Some(body) = operation.get_mut("requestBody").and_then(Value::as_object_mut) else { return };
    let content = body.get("content").map(ToString::to_string).unwrap_or_default();
    if content.contains("/schemas/NoBody\"") {
        body.insert("required".to_owned(), json!(false));
    }
}

fn is_of(schema: &Map<String, Value>, kind: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(found)) => found == kind,
        Some(Value::Array(found)) => found.iter().any(|found| found == kind),
        _ => false,
    }
}

/// Visits every object that is a schema with a type; examples are values, not schemas.
fn each_schema(value: &mut Value, visit: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            if object.get("type").is_some_and(|kind| kind.is_string() || kind.is_array()) {
                visit(object);
            }
            let inner = object.iter_mut().filter(|(key, _)| !matches!(key.as_str(), "example" | "examples" | "enum"));
            inner.for_each(|(_, inner)| each_schema(inner, visit));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_schema(item, visit)),
        _ => {}
    }
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
