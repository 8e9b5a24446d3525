//! The interface as a document: complete, true to the binary, and the same as the one that is committed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may fail where it stands"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use ocop_market::routes;
use serde_json::Value;

use crate::support::World;

struct Operation {
    method: String,
    path: String,
    content: Value,
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
    let of_path = |(path, item): (&String, &Value)| -> Vec<Operation> {
        let item = item.as_object().expect("an item");
        item.iter()
            .map(|(method, content)| Operation { method: method.clone(), path: path.clone(), content: content.clone() })
            .collect()
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
        let open = operation.content["security"].as_array().is_some_and(Vec::is_empty);
        assert_eq!(open, roles == ["anonymous"], "{name}: what it needs differs from who may call it");
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
        let mut contents: Vec<(String, &Value)> = Vec::new();
        contents.extend(operation.content.pointer("/requestBody/content").map(|c| ("request".to_owned(), c)));
        let responses = operation.content["responses"].as_object().unwrap();
        contents.extend(responses.iter().filter_map(|(status, r)| r.get("content").map(|c| (status.clone(), c))));
        for (place, content) in contents {
            for (kind, media) in content.as_object().unwrap().iter().filter(|(kind, _)| kind.ends_with("json")) {
                let place = format!("{} {place} {kind}", operation.name());
                let example =
                    media.get("example").or_else(|| media["examples"].as_object()?.values().next()?.get("value"));
                let example = example.unwrap_or_else(|| panic!("{place} has no example"));
                fits(example, &media["schema"], &place);
            }
        }
    }
}

/// The part of JSON Schema that our schemas are made of.
fn fits(value: &Value, schema: &Value, place: &str) {
    if let Some(target) = schema["$ref"].as_str() {
        let target = routes::document().pointer(target.trim_start_matches('#'));
        return fits(value, target.unwrap_or_else(|| panic!("{place}: a link to nowhere")), place);
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        fits(value, part, place);
    }
    if let Some(allowed) = schema["enum"].as_array() {
        assert!(allowed.contains(value), "{place}: {value} is not among {allowed:?}");
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(kinds.is_empty() || kinds.contains(&kind), "{place}: {value} is no {kinds:?}");
    if let (Some(text), Some(max)) = (value.as_str(), schema["maxLength"].as_u64()) {
        assert!(text.chars().count() as u64 <= max, "{place}: {text} is longer than {max}");
    }
    if let (Some(number), Some(max)) = (value.as_i64(), schema["maximum"].as_i64()) {
        assert!(number <= max, "{place}: {number} is larger than {max}");
    }
    if let (Some(number), Some(min)) = (value.as_i64(), schema["minimum"].as_i64()) {
        assert!(number >= min, "{place}: {number} is smaller than {min}");
    }
    for item in value.as_array().into_iter().flatten() {
        fits(item, &schema["items"], place);
    }
    for name in
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).filter(|_| value.is_object())
    {
        assert!(value.get(name).is_some() || schema["properties"].get(name).is_none(), "{place}: {name} is missing");
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        let property = &schema["properties"][name];
        if !property.is_null() {
            fits(inner, property, &format!("{place}.{name}"));
        }
    }
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
