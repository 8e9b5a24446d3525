//! The architecture as facts about the source text.
#![allow(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "a test may fail where it stands"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A file under `src/` without its comments, its strings and its unit tests.
struct Source {
    path: String,
    text: String,
    whole: String,
}

impl Source {
    /// The top-level module that the file belongs to.
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    fn file(&self) -> &str {
        self.path.rsplit('/').next().unwrap()
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut found) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let whole = std::fs::read_to_string(&path).unwrap();
                let text = bare(whole.split("#[cfg(test)]\nmod tests {").next().unwrap());
                found.push(Source { path: path.strip_prefix(&root).unwrap().display().to_string(), text, whole });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Blanks comments and the insides of literals; lines stay where they are.
fn bare(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    let blank = |out: &mut String, cut: &str| out.extend(cut.chars().filter(|c| *c == '\n'));
    while let Some(c) = rest.chars().next() {
        let begins = |at: &str| rest.starts_with(at);
        let identifier_before = out.chars().last().is_some_and(|c| c.is_alphanumeric() || c == '_');
        let hashes =
            rest.trim_start_matches('b').strip_prefix('r').map(|r| r.chars().take_while(|c| *c == '#').count());
        let is_raw =
            hashes.is_some_and(|n| rest.trim_start_matches('b').chars().nth(n + 1) == Some('"')) && !identifier_before;
        let length = if begins("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if begins("/*") {
            rest.find("*/").map_or(rest.len(), |n| n + 2)
        } else if is_raw {
            let end = format!("\"{}", "#".repeat(hashes.unwrap()));
            let open = rest.find('"').unwrap() + 1;
            open + rest[open..].find(&end).unwrap() + end.len()
        } else if c == '"' {
            literal_end(rest, '"')
        } else if c == '\'' && (rest.chars().nth(1) == Some('\\') || rest.chars().nth(2) == Some('\'')) {
            literal_end(rest, '\'')
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        blank(&mut out, &rest[..length]);
        if c == '"' || is_raw {
            out.push_str("\"\"");
        }
        rest = &rest[length..];
    }
    out
}

fn literal_end(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// The modules in the order of `lib.rs`.
fn order() -> Vec<String> {
    let lib = sources().into_iter().find(|s| s.path == "lib.rs").unwrap();
    let names = lib.text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    names.map(str::to_owned).collect()
}

/// The top-level modules that a text names: `crate::x` and `use crate::{x, y::z}`.
fn named(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for part in text.split("crate::").skip(1) {
        let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        if let Some(group) = part.strip_prefix('{') {
            let mut depth = 0;
            let mut start = true;
            for (at, c) in group.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    c if start && !c.is_whitespace() => {
                        found.insert(word(&group[at..]));
                        start = false;
                    }
                    _ => {}
                }
            }
        } else {
            found.insert(word(part));
        }
    }
    found
}

#[test]
fn the_reader_of_uses_reads_every_form() {
    let found = named("use crate::{a, b::{c, d}, e}; use crate::f::g; fn x() { crate::h::i() }");
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["a", "b", "e", "f", "h"]);
    assert_eq!(bare("a // b\n\"c\" 'd' 'e r\"f\" r#\"g\"h\"# i"), "a \n\"\"  'e \"\" \"\" i");
}

#[test]
fn modules_use_only_those_above_them() {
    let order = order();
    let place = |name: &str| order.iter().position(|m| m == name);
    for source in sources() {
        let Some(own) = place(source.module()) else { continue };
        for used in named(&source.text) {
            let Some(other) = place(&used) else { continue };
            // The one exception, which lib.rs names: what a running process holds is handed to every handler.
            assert!(other <= own || used == "app", "src/{} uses {used}, which stands below it in lib.rs", source.path);
        }
    }
}

#[test]
fn the_type_of_the_process_is_all_that_is_used_from_below() {
    for source in sources().iter().filter(|s| s.module() != "cli" && s.module() != "worker") {
        for part in source.text.split("crate::app").skip(1) {
            assert!(part.starts_with("::App"), "src/{} uses more of app than its type", source.path);
        }
    }
}

/// Tables that a slice only reads, or that two share, and why.
const SHARED: &[(&str, &str, &str)] = &[
    ("communes", "identity", "an official's territory is checked and shown by its name"),
    ("provinces", "identity", "an official's territory is checked and shown by its name"),
    ("payment_callbacks", "ops", "a gauge counts what is unprocessed"),
    ("payment_reviews", "ops", "a gauge counts what is open"),
    ("idempotency_keys", "jobs", "old keys are purged with old jobs"),
];

#[test]
fn every_table_belongs_to_one_slice() {
    let all = sources();
    let schema = all.iter().find(|s| s.path == "schema/lib.rs").unwrap();
    let tables: Vec<&str> = schema
        .whole
        .lines()
        .filter_map(|l| l.strip_prefix("    ")?.split_once(" ("))
        .filter(|(name, rest)| rest.ends_with(") {") && name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .map(|(name, _)| name)
        .collect();
    assert!(tables.len() > 25, "{tables:?}");
    let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for source in all.iter().filter(|s| s.module() != "schema") {
        let uses: Vec<&str> =
            source.text.split("schema::").skip(1).map(|part| part.split(';').next().unwrap()).collect();
        for table in &tables {
            let is_used = uses
                .iter()
                .any(|part| part.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == *table));
            let home = matches!(source.file(), "store.rs" | "model.rs")
                || matches!(source.path.as_str(), "jobs/mod.rs" | "audit/mod.rs");
            if is_used && !source.text.contains("use utoipa::schema::") {
                assert!(
                    home || source.module() == "kernel",
                    "src/{} names the table {table}: SQL lives in store.rs",
                    source.path
                );
                users.entry(table).or_default().insert(source.module());
            }
        }
    }
    for (table, modules) in users {
        let owners: Vec<&str> =
            modules.into_iter().filter(|m| !SHARED.iter().any(|(t, shared, _)| *t == table && shared == m)).collect();
        assert_eq!(owners.len(), 1, "{table} belongs to {owners:?}");
    }
}

fn nobody_but(word: &str, allowed: impl Fn(&Source) -> bool) {
    for source in sources() {
        assert!(!source.text.contains(word) || allowed(&source), "src/{} must not use {word}", source.path);
    }
}

#[test]
fn sql_text_lives_in_stores() {
    // The queue of jobs is one file; the command line makes roles and databases before there is a store.
    nobody_but("sql_query", |s| {
        s.file() == "store.rs"
            || matches!(s.path.as_str(), "kernel/db.rs" | "jobs/mod.rs" | "cli/migrate.rs" | "cli/run.rs")
            || s.path.starts_with("cli/bench/")
    });
}

#[test]
fn transactions_begin_and_end_in_the_kernel() {
    for word in ["batch_execute", "begin_test_transaction", ".transaction(", "build_transaction"] {
        nobody_but(word, |s| s.module() == "kernel");
    }
}

#[test]
fn the_web_is_known_only_at_the_edge() {
    // A slice's mod.rs may list its routes; the command line starts the server and its runtime.
    nobody_but(" actix_web::", |s| {
        s.file().contains("api")
            || s.path.starts_with("kernel/http/")
            || s.module() == "routes"
            || matches!(
                s.path.as_str(),
                "app.rs" | "cli/serve.rs" | "cli/run.rs" | "cli/bench/bare.rs" | "ops/counters.rs"
            )
    });
}

#[test]
fn files_are_drawn_where_they_hold_nobody_up() {
    // `http::file` draws on a thread of its own, when the connection is given back.
    // Photos, QR codes and files of providers are bytes that are there.
    let is_there = |path: &str| ["storage/", "payments/", "reconciliation/"].iter().any(|part| path.starts_with(part));
    for source in sources().iter().filter(|s| s.whole.contains("format = Binary") && !is_there(&s.path)) {
        assert!(source.text.contains("http::file("), "src/{} hands out a file by itself", source.path);
        assert!(!source.text.contains(".body("), "src/{} hands out a file by itself", source.path);
    }
}

#[test]
fn functions_are_short() {
    let mut lengths: Vec<(usize, String)> = Vec::new();
    for source in sources() {
        let text = bare(&source.whole);
        for (at, _) in text.match_indices("fn ") {
            let before = text[..at].chars().last();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let mut depth = 0;
            for (offset, c) in text[at..].char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ';' if depth == 0 && !text[at..at + offset].contains('[') => break,
                    _ => continue,
                }
                if depth == 0 && c == '}' {
                    let name: String =
                        text[at + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                    lengths.push((text[at..at + offset].lines().count(), format!("{}::{name}", source.path)));
                }
                if depth <= 0 {
                    break;
                }
            }
        }
    }
    lengths.sort();
    assert!(lengths.len() > 800, "{} functions were found", lengths.len());
    let (longest, name) = lengths.last().unwrap();
    assert!(*longest <= 70, "{name} has {longest} lines");
    let (common, _) = &lengths[lengths.len() * 95 / 100];
    assert!(*common <= 42, "of 100 functions more than 5 are longer than {common} lines");
}

#[test]
fn nothing_is_left_for_later() {
    for source in sources() {
        for word in ["todo!", "unimplemented!", "FIXME", "TODO", "#[ignore", "dbg!"] {
            assert!(!source.whole.contains(word), "src/{} has {word}", source.path);
        }
    }
}
