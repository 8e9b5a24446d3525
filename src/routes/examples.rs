//! Examples for bodies, made from what their schemas say of each field.

use serde_json::{Map, Value, json};

/// Deeper than any schema is.
const DEPTH_MAX: usize = 16;

/// Texts for fields whose schema has no example of its own, by the field's name.
const TEXTS: &[(&str, &str)] = &[
    ("access_token", "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMTkzOGQ2ZSJ9.c2lnbmF0dXJl"),
    ("address", "Thôn Làng Giang"),
    ("description", "Mật ong hoa bạc hà của cao nguyên đá."),
    ("device_id", "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b"),
    ("instance", "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b"),
    ("label", "Chai 1 lít"),
    ("name", "Hộ nuôi ong Mèo Vạc"),
    ("current_password", "mot mat khau that la dai"),
    ("new_password", "mot mat khau con dai hon"),
    ("note", "Gọi trước khi giao"),
    ("password", "mot mat khau that la dai"),
    ("pickup_code", "4F7K 2M9Q"),
    ("producer_name", "Hộ nuôi ong Mèo Vạc"),
    ("reason", "Hết hàng"),
    ("recipient_name", "Nguyễn Thị Hoà"),
    ("representative_name", "Vàng Thị Máy"),
    ("status_reason", "Hết hàng"),
    ("title", "Mật ong bạc hà"),
];

/// Gives every JSON body of the document an example that fits its schema.
pub fn add(document: &mut Value) {
    let components = document.get("components").cloned().unwrap_or_default();
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for operation in paths.values_mut().filter_map(Value::as_object_mut).flat_map(|item| item.values_mut()) {
        if let Some(content) = operation.pointer_mut("/requestBody/content") {
            add_to_content(content, &components);
        }
        let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
        for content in responses.into_iter().flat_map(|r| r.values_mut()).filter_map(|r| r.get_mut("content")) {
            add_to_content(content, &components);
        }
    }
}

fn add_to_content(content: &mut Value, components: &Value) {
    let is_text = |kind: &str| kind == "application/json" || kind.starts_with("text/");
    let kinds = content.as_object_mut().into_iter().flatten().filter(|(kind, _)| is_text(kind));
    for media in kinds.filter_map(|(_, media)| media.as_object_mut()) {
        if media.contains_key("example") || media.contains_key("examples") {
            continue;
        }
        if let Some(schema) = media.get("schema") {
            let example = of(schema, "", components, 0);
            media.insert("example".to_owned(), example);
        }
    }
}

fn of(schema: &Value, name: &str, components: &Value, depth: usize) -> Value {
    if depth > DEPTH_MAX {
        return Value::Null;
    }
    let nested = |inner: &Value| of(inner, name, components, depth + 1);
    if let Some(example) =
        schema.get("example").or_else(|| schema.pointer("/examples/0")).or_else(|| schema.pointer("/enum/0"))
    {
        return example.clone();
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let found = target.strip_prefix("#/components").and_then(|pointer| components.pointer(pointer));
        return found.map_or(Value::Null, nested);
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(choices) = schema.get(choice).and_then(Value::as_array) {
            return choices.iter().find(|c| c.get("type") != Some(&json!("null"))).map_or(Value::Null, nested);
        }
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        let parts = parts.iter().map(nested);
        return parts.filter_map(|part| part.as_object().cloned()).flatten().collect::<Map<String, Value>>().into();
    }
    match type_of(schema) {
        "object" => object(schema, components, depth),
        "array" => schema.get("items").map_or(json!([]), |items| json!([nested(items)])),
        "integer" | "number" => schema.get("minimum").cloned().filter(|n| n.as_i64() > Some(1)).unwrap_or(json!(1)),
        "boolean" => json!(true),
        "string" => text(schema, name),
        _ => Value::Null,
    }
}

fn type_of(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or(""),
        _ => "",
    }
}

fn object(schema: &Value, components: &Value, depth: usize) -> Value {
    let properties = schema.get("properties").and_then(Value::as_object);
    let field = |(name, inner): (&String, &Value)| (name.clone(), of(inner, name, components, depth + 1));
    properties.into_iter().flatten().map(field).collect::<Map<String, Value>>().into()
}

fn text(schema: &Value, name: &str) -> Value {
    match schema.get("format").and_then(Value::as_str) {
        Some("date") => json!("2026-11-24"),
        Some("date-time") => json!("2026-11-24T02:00:00Z"),
        Some("uuid") => json!("01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b"),
        Some("uri") => json!("https://example.vn/"),
        _ => {
            let known = TEXTS.iter().find(|(field, _)| *field == name).map_or("text", |(_, text)| text);
            let longest = schema.get("maxLength").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
            json!(known.chars().take(longest.unwrap_or(usize::MAX)).collect::<String>())
        }
    }
}
