//! Links from answers to the operations that take an id from them. Ids have types, so the links follow from the
//! schemas: wherever an answer shows a `ProductId`, the routes of that product can be followed by the same role.

use serde_json::{Map, Value, json};

/// How deep ids are looked for in an answer.
const DEPTH_MAX: usize = 3;
const SCHEMAS: &str = "#/components/schemas/";

/// An operation whose path names one row.
struct Target {
    operation: String,
    parameter: String,
    /// The schema of its parameter.
    kind: String,
    roles: Vec<Value>,
    is_read: bool,
    changes_version: bool,
}

/// An id in an answer.
struct Source {
    pointer: String,
    kind: String,
}

pub fn add(document: &mut Value) {
    link_own(document);
    let targets = targets(document);
    let components = document.get("components").cloned().unwrap_or_default();
    for operation in super::schemas::operations(document) {
        let roles = roles_of(operation);
        let own = operation.get("operationId").cloned().unwrap_or_default();
        let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { continue };
        for (_, response) in responses.iter_mut().filter(|(status, _)| status.starts_with('2')) {
            let Some(schema) = response.pointer("/content/application~1json/schema") else { continue };
            let mut sources = Vec::new();
            collect(schema, &components, "", 0, &mut sources);
            let mut links = links(&sources, &targets, &roles, &own);
            if schema.get("$ref") == Some(&json!("#/components/schemas/CartView")) {
                links.insert("place_checkout".to_owned(), checkout_of_cart());
            }
            if let Some(response) = response.as_object_mut().filter(|_| !links.is_empty()) {
                let known = response.entry("links").or_insert(json!({}));
                known.as_object_mut().into_iter().for_each(|known| known.append(&mut links));
            }
        }
    }
}

/// What is one's own has no id: who has seen it can change it.
fn link_own(document: &mut Value) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (_, item) in paths.into_iter().flatten().filter(|(path, _)| !path.contains('{')) {
        let Some(change) = item.pointer("/patch/operationId").and_then(Value::as_str).map(str::to_owned) else {
            continue;
        };
        let Some(seen) = item.pointer_mut("/get/responses/200").and_then(Value::as_object_mut) else { continue };
        let link = json!({"operationId": change, "parameters": {"If-Match": "$response.header.ETag"}});
        if let Some(links) = seen.entry("links").or_insert(json!({})).as_object_mut() {
            links.insert(change, link);
        }
    }
}

/// The one link that is more than an id: who buys the cart says what it cost.
fn checkout_of_cart() -> Value {
    json!({"operationId": "place_checkout", "requestBody": {
        "expected_total_vnd": "$response.body#/total_vnd",
        "recipient": {"name": "Nguyễn Thị Hoà", "phone": "0912345678", "commune_code": "00721", "address": "Thôn Làng Giang"},
    }})
}

fn roles_of(operation: &Map<String, Value>) -> Vec<Value> {
    operation.get("x-roles").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn targets(document: &mut Value) -> Vec<Target> {
    let mut targets = Vec::new();
    for operation in super::schemas::operations(document) {
        let parameters = operation.get("parameters").and_then(Value::as_array);
        let Some(named) = parameters.into_iter().flatten().find(|p| p.get("in") == Some(&json!("path"))) else {
            continue;
        };
        let kind = named.pointer("/schema/$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix(SCHEMAS));
        let (Some(kind), Some(parameter)) = (kind, named.get("name").and_then(Value::as_str)) else { continue };
        targets.push(Target {
            operation: operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned(),
            parameter: parameter.to_owned(),
            kind: kind.to_owned(),
            roles: roles_of(operation),
            is_read: operation.get("requestBody").is_none() && super::headers::shows_version(operation),
            changes_version: operation
                .get("parameters")
                .is_some_and(|p| p.to_string().contains("parameters/IfMatch\"")),
        });
    }
    targets
}

fn links(sources: &[Source], targets: &[Target], roles: &[Value], own: &Value) -> Map<String, Value> {
    let mut links = Map::new();
    for target in targets.iter().filter(|target| *own != json!(target.operation) && target.is_for(roles)) {
        let fitting = sources.iter().filter(|source| source.kind == target.kind && target.takes(source));
        let Some(source) = fitting.min_by_key(|source| source.pointer.len()) else { continue };
        let mut parameters = Map::new();
        parameters.insert(target.parameter.clone(), json!(format!("$response.body#{}", source.pointer)));
        if target.changes_version {
            parameters.insert("If-Match".to_owned(), json!("$response.header.ETag"));
        }
        links.insert(target.operation.clone(), json!({"operationId": target.operation, "parameters": parameters}));
    }
    links
}

impl Target {
    /// Whether everybody who gets the answer may go on here. What anybody sees is there to be bought.
    fn is_for(&self, roles: &[Value]) -> bool {
        let anybody = [json!("anonymous")];
        let buyers = [json!("buyer")];
        self.roles == anybody
            || roles.iter().all(|role| self.roles.contains(role))
            || (roles == anybody && self.roles == buyers)
    }

    /// Every id can be looked up; what changes a row takes the row's own id, and a new version the row's ETag.
    fn takes(&self, source: &Source) -> bool {
        match (self.is_read, self.changes_version) {
            (true, _) => true,
            (false, false) => source.pointer.ends_with("/id"),
            (false, true) => source.pointer == "/id",
        }
    }
}

/// Every id of an answer, with the first row standing for all rows of a list.
fn collect(schema: &Value, components: &Value, pointer: &str, depth: usize, into: &mut Vec<Source>) {
    if let Some(kind) = schema.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix(SCHEMAS)) {
        let Some(found) = components.get("schemas").and_then(|schemas| schemas.get(kind)) else { return };
        if found.get("type") == Some(&json!("string")) {
            into.push(Source { pointer: pointer.to_owned(), kind: kind.to_owned() });
        } else {
            collect(found, components, pointer, depth, into);
        }
        return;
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        collect(part, components, pointer, depth, into);
    }
    if depth >= DEPTH_MAX {
        return;
    }
    let next = depth.saturating_add(1);
    for (name, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        collect(inner, components, &format!("{pointer}/{name}"), next, into);
    }
    if let Some(items) = schema.get("items") {
        collect(items, components, &format!("{pointer}/0"), depth, into);
    }
}
