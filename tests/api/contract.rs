//! The interface as a document: complete, true to the binary, and the same as the one that is committed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may fail where it stands"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use ocop_market::routes;
use serde_json::{Value, json};

use crate::support::World;
use crate::support::conformance::{body_faults, resolved};

struct Operation {
    method: String,
    path: String,
    content: &'static Value,
}

impl Operation {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn texts(&self, field: &str) -> Vec<&str> {
        self.content[field].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }
}

fn operations() -> Vec<Operation> {
    let paths = routes::document()["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &'static Value)| -> Vec<Operation> {
        let item = item.as_object().expect("an item");
        item.iter().map(|(method, content)| Operation { method: method.clone(), path: path.clone(), content }).collect()
    };
    paths.iter().flat_map(of_path).collect()
}

fn committed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi").join(name)
}

fn printed(command: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_ocop-market")).arg(command).output().expect("the binary runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn the_committed_documents_are_what_the_binary_prints() {
    for (command, name) in [("openapi", "openapi.json"), ("problems", "problems.json")] {
        let kept = std::fs::read_to_string(committed(name)).expect(name);
        assert!(
            printed(command) == kept,
            "openapi/{name} is old: run `make openapi` and say in the commit who is affected"
        );
    }
}

#[test]
fn every_operation_says_what_it_is_and_for_whom() {
    let mut names = BTreeSet::new();
    let tags: BTreeSet<&str> =
        routes::document()["tags"].as_array().unwrap().iter().filter_map(|t| t["name"].as_str()).collect();
    for operation in operations() {
        let name = operation.name();
        for field in ["operationId", "summary", "description"] {
            assert!(
                operation.content[field].as_str().is_some_and(|text| !text.trim().is_empty()),
                "{name} has no {field}"
            );
        }
        let id = operation.content["operationId"].as_str().unwrap().to_owned();
        assert!(names.insert(id.clone()), "{id} is used twice");
        assert_eq!(operation.texts("tags").len(), 1, "{name} has one tag");
        assert!(
            operation.texts("tags").iter().all(|tag| tags.contains(tag)),
            "{name} has a tag that the document does not explain"
        );
        assert!(!operation.texts("x-roles").is_empty(), "{name} has no x-roles");
        let responses = operation.content["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{name} never succeeds");
        for (status, response) in responses {
            let described = response["description"].as_str().is_some_and(|text| !text.trim().is_empty());
            assert!(described, "{name} does not describe {status}");
        }
    }
}

#[test]
fn a_path_begins_with_the_surface_that_may_call_it() {
    const PEOPLE: &[&str] = &["buyer", "producer", "helper", "official", "operator"];
    for operation in operations() {
        let (name, roles) = (operation.name(), operation.texts("x-roles"));
        match operation.path.trim_start_matches("/v1/").split('/').next().unwrap() {
            surface if PEOPLE.contains(&surface) => assert_eq!(roles, [surface], "{name}"),
            "auth" => assert!(roles == ["anonymous"] || roles == PEOPLE, "{name}: {roles:?}"),
            "public" | "callbacks" => assert_eq!(roles, ["anonymous"], "{name}"),
            _ => {
                assert!(!operation.path.starts_with("/v1/"), "{name} is on no surface");
                assert_eq!(roles, ["anonymous"], "{name}");
            }
        }
        let schemes = operation.content["security"].as_array().expect("security").iter();
        let schemes: Vec<&String> = schemes.flat_map(|scheme| scheme.as_object().unwrap().keys()).collect();
        let needed: Vec<&str> = roles.into_iter().filter(|role| *role != "anonymous").collect();
        assert_eq!(schemes, needed, "{name}: what it needs differs from who may call it");
    }
}

#[test]
fn every_problem_is_known_and_said_in_two_languages() {
    let mut codes = BTreeSet::new();
    for problem in routes::problems() {
        assert!(codes.insert(problem.code), "{} is used twice", problem.code);
        assert!((400..600).contains(&problem.status), "{}", problem.code);
        for text in [problem.vi, problem.en] {
            assert!(!text.trim().is_empty() && text.chars().count() <= 300, "{}", problem.code);
        }
        assert_ne!(problem.vi, problem.en, "{} is in one language", problem.code);
        let allowed = |c: char| c.is_ascii_lowercase() || c == '_' || c == '.';
        assert!(problem.code.chars().all(allowed), "{}", problem.code);
    }
    for operation in operations() {
        for code in operation.texts("x-problems") {
            assert!(codes.contains(code), "{} names {code}, which no slice has", operation.name());
        }
    }
}

#[test]
fn every_problem_of_a_slice_is_answered_by_some_operation() {
    let named: BTreeSet<String> = operations()
        .iter()
        .flat_map(|o| o.texts("x-problems").into_iter().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let unnamed: Vec<&str> =
        routes::problems().iter().map(|p| p.code).filter(|code| code.contains('.') && !named.contains(*code)).collect();
    assert!(unnamed.is_empty(), "no operation names {unnamed:?}");
}

#[test]
fn every_body_has_an_example_that_fits_its_schema() {
    for operation in operations() {
        let mut contents: Vec<(String, &'static Value)> = Vec::new();
        contents.extend(operation.content.pointer("/requestBody/content").map(|c| ("request".to_owned(), c)));
        let responses = operation.content["responses"].as_object().unwrap();
        contents.extend(responses.iter().filter_map(|(status, r)| r.get("content").map(|c| (status.clone(), c))));
        for (place, content) in contents {
            for (kind, media) in content.as_object().unwrap().iter().filter(|(kind, _)| !is_binary(kind)) {
                let place = format!("{} {place} {kind}", operation.name());
                let named = || media["examples"].as_object()?.values().next().map(|named| &resolved(named)["value"]);
                let example = media.get("example").or_else(named);
                let example = example.unwrap_or_else(|| panic!("{place} has no example"));
                assert!(!example.is_null(), "{place} has nothing as an example");
                let faults = body_faults(example, &media["schema"]);
                assert!(faults.is_empty(), "{place}: {faults:?}");
            }
        }
    }
}

#[test]
fn a_token_of_every_surface_is_explained_and_the_server_is_where_the_document_is() {
    let schemes = routes::document()["components"]["securitySchemes"].as_object().unwrap();
    assert_eq!(schemes.keys().collect::<Vec<_>>(), ["buyer", "helper", "official", "operator", "producer"]);
    for (audience, scheme) in schemes {
        assert_eq!(
            (&scheme["type"], &scheme["scheme"], &scheme["bearerFormat"]),
            (&json!("http"), &json!("bearer"), &json!("JWT"))
        );
        let description = scheme["description"].as_str().unwrap();
        assert!(description.contains(&format!("`{audience}`")) && description.contains("RFC8725"), "{description}");
    }
    assert_eq!(routes::document()["servers"][0]["url"], "/");
}

#[test]
fn every_problem_of_an_operation_is_an_example_of_its_one_component() {
    let by_code: BTreeMap<&str, u16> =
        routes::problems().iter().map(|problem| (problem.code, problem.status)).collect();
    for operation in operations() {
        for code in operation.texts("x-problems") {
            let name = format!("{} {code}", operation.name());
            let status = by_code[code].to_string();
            let media = &operation.content["responses"][&status]["content"]["application/problem+json"];
            assert_eq!(media["schema"]["$ref"], "#/components/schemas/ProblemBody", "{name}");
            let example = &resolved(&media["examples"][code.replace('.', "_")])["value"];
            assert_eq!((example["code"].as_str(), example["status"].to_string()), (Some(code), status), "{name}");
        }
    }
}

/// Every schema within a value, with its place.
fn schemas<'a>(value: &'a Value, place: String, visit: &mut impl FnMut(&'a Value, &str)) {
    match value {
        Value::Object(object) => {
            if object.get("type").is_some_and(|kind| kind.is_string() || kind.is_array()) {
                visit(value, &place);
            }
            for (key, inner) in
                object.iter().filter(|(key, _)| !matches!(key.as_str(), "example" | "examples" | "enum"))
            {
                schemas(inner, format!("{place}/{key}"), visit);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| schemas(item, place.clone(), visit)),
        _ => {}
    }
}

fn is_of(schema: &Value, kind: &str) -> bool {
    schema["type"] == kind || schema["type"].as_array().is_some_and(|kinds| kinds.contains(&json!(kind)))
}

#[test]
fn everything_has_a_limit() {
    schemas(routes::document(), String::new(), &mut |schema, place| {
        let limited = |keys: &[&str]| keys.iter().any(|key| !schema[*key].is_null());
        if is_of(schema, "string") && schema["scheme"].is_null() {
            assert!(limited(&["maxLength", "enum"]), "{place}: {schema}");
        }
        if is_of(schema, "integer") {
            assert!(limited(&["minimum"]) && limited(&["maximum"]), "{place}: {schema}");
        }
        if is_of(schema, "array") {
            assert!(limited(&["maxItems"]), "{place}: {schema}");
        }
    });
}

#[test]
fn what_is_sent_is_said_completely() {
    let document = routes::document();
    let check = |schema: &Value, place: &str| {
        let says = |keys: &[&str]| keys.iter().any(|key| !schema[*key].is_null());
        assert!(!is_of(schema, "string") || says(&["pattern", "format", "enum"]), "{place}: {schema}");
        assert!(!is_of(schema, "object") || schema["additionalProperties"] == false, "{place}: {schema}");
    };
    for operation in operations() {
        let mut wanted = vec![&operation.content["requestBody"]];
        let parameters = operation.content["parameters"].as_array().into_iter().flatten();
        // What HTTP itself asks for is taken as it comes.
        wanted.extend(
            parameters
                .filter(|p| !p["$ref"].as_str().is_some_and(|r| r.ends_with("NoneMatch") || r.ends_with("Language"))),
        );
        let mut seen = BTreeSet::new();
        while let Some(value) = wanted.pop() {
            schemas(value, operation.name(), &mut |schema, place| check(schema, place));
            for target in references(value).into_iter().filter(|target| seen.insert(target.clone())).collect::<Vec<_>>()
            {
                wanted.push(document.pointer(target.trim_start_matches('#')).expect("a link that leads somewhere"));
            }
        }
    }
}

fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(object) => object
            .iter()
            .flat_map(|(key, inner)| match inner.as_str() {
                Some(target) if key == "$ref" => vec![target.to_owned()],
                _ => references(inner),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn links_take_what_the_answer_has_to_a_route_that_wants_it() {
    let known = operations();
    let mut count = 0;
    for operation in operations() {
        for response in operation.content["responses"].as_object().unwrap().values() {
            let example = &response["content"]["application/json"]["example"];
            for (name, link) in response["links"].as_object().into_iter().flatten() {
                let place = format!("{} {name}", operation.name());
                let target = known.iter().find(|o| o.content["operationId"] == link["operationId"]).expect("a route");
                for (parameter, source) in link["parameters"].as_object().into_iter().flatten() {
                    let has = |p: &Value| {
                        p["name"] == parameter.as_str() || p["$ref"].as_str().is_some_and(|r| r.ends_with("/IfMatch"))
                    };
                    assert!(target.content["parameters"].as_array().unwrap().iter().any(has), "{place}: {parameter}");
                    if let Some(pointer) = source.as_str().unwrap().strip_prefix("$response.body#") {
                        assert!(example.pointer(pointer).is_some_and(Value::is_string), "{place}: {pointer}");
                    }
                }
                count += 1;
            }
        }
    }
    assert!(count > 100, "{count}");
}

#[test]
fn enums_are_documented_as_they_are_sent() {
    let schemas = routes::document()["components"]["schemas"].as_object().unwrap();
    for (name, schema) in schemas {
        for text in schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            assert!(!text.chars().any(char::is_uppercase), "{name}: {text} is the program's name, not the wire's");
        }
    }
}

#[actix_web::test]
async fn the_document_and_its_pages_come_from_the_binary() {
    let world = World::start().await;
    let visitor = world.visitor();
    assert_eq!(&visitor.get("/openapi.json").await.expect(200), routes::document());
    let page = visitor.get("/docs/").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html"));
    assert!(
        page.header("content-security-policy").contains("script-src 'self'"),
        "{}",
        page.header("content-security-policy")
    );
    let outside =
        |tag: &str| page.text.contains(&format!("{tag}=\"http")) || page.text.contains(&format!("{tag}=\"//"));
    assert!(!outside("src") && !outside("href"), "the page loads from elsewhere: {}", page.text);
    let inline = page
        .text
        .split("<script")
        .skip(1)
        .any(|script| !script.split('>').nth(1).unwrap_or("").trim().is_empty() && !script.contains("src="));
    assert!(!inline, "a script within the page, which its policy forbids: {}", page.text);
    for file in page.text.split(['"']).filter(|part| part.starts_with("./")) {
        let found = visitor.get(&format!("/docs/{}", file.trim_start_matches("./"))).await;
        assert_eq!(found.status, 200, "{file}");
    }
    let start = visitor.get("/docs/swagger-initializer.js").await;
    assert!(start.text.contains("/openapi.json"), "{}", start.text);
    visitor.get("/docs/nothing.js").await.refused(404, "not_found");
    assert_eq!(
        visitor.get("/v1/public/problems").await.expect(200),
        serde_json::to_value(routes::catalogue()).unwrap()
    );
    world.finish().await;
}

/// Pictures and papers have no example as text.
fn is_binary(kind: &str) -> bool {
    kind.starts_with("image/")
        || matches!(kind, "application/pdf" | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
}
