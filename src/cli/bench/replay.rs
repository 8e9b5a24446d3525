//! The same SQL by `pgbench`: what the server sent for one request is read from PostgreSQL's log and becomes a script,
//! so that it cannot differ from what the program does today.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{Array, Text};

use super::world::World;

/// The log is written after the answer.
const LOG_LAG: Duration = Duration::from_millis(500);
/// Rows of parameters written at once.
const CHUNK: usize = 1_000;
const UUID_LENGTH: usize = 36;

/// One statement with its values; `None` is null.
#[derive(Debug, PartialEq, Eq)]
pub struct Statement {
    text: String,
    values: Vec<Option<String>>,
}

/// What the server sends to the database while `ask` runs.
pub fn record(world: &mut World, ask: impl FnOnce() -> Result<(), String>) -> Result<Vec<Statement>, String> {
    let log = world.postgres.log();
    thread::sleep(LOG_LAG);
    let before = fs::metadata(&log).map_err(|e| e.to_string())?.len();
    ask()?;
    thread::sleep(LOG_LAG);
    let bytes = fs::read(&log).map_err(|e| e.to_string())?;
    let new = bytes.get(usize::try_from(before).map_err(|e| e.to_string())?..).unwrap_or_default();
    Ok(statements(&String::from_utf8_lossy(new)))
}

fn statements(log: &str) -> Vec<Statement> {
    let whole = log.replace("\n\t", " ");
    let mut found: Vec<Statement> = Vec::new();
    for line in whole.lines().filter(|line| line.contains(" ocop_app@")) {
        if let Some((_, rest)) = line.split_once("LOG:  statement: ") {
            found.push(Statement { text: rest.to_owned(), values: Vec::new() });
        } else if let Some((_, rest)) = line.split_once("LOG:  execute ") {
            let text = rest.split_once(": ").map_or(rest, |(_, text)| text);
            let text = text.split(" /*$").next().unwrap_or(text);
            found.push(Statement { text: text.to_owned(), values: Vec::new() });
        } else if let Some((_, rest)) = line.split_once("arameters: ")
            && let Some(last) = found.last_mut()
        {
            last.values = values(rest);
        }
    }
    // A connection that was opened for the request has settings of its own.
    found.retain(|statement| !statement.text.to_lowercase().starts_with("set "));
    found
}

/// `$1 = 'it''s', $2 = NULL`
fn values(text: &str) -> Vec<Option<String>> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some((_, tail)) = rest.split_once(" = ") {
        let Some(quoted) = tail.strip_prefix('\'') else {
            found.push(None);
            rest = tail;
            continue;
        };
        let (mut value, mut symbols, mut length) = (String::new(), quoted.chars().peekable(), 0_usize);
        while let Some(symbol) = symbols.next() {
            length = length.saturating_add(symbol.len_utf8());
            if symbol == '\'' {
                if symbols.next_if_eq(&'\'').is_none() {
                    break;
                }
                length = length.saturating_add(1);
            }
            value.push(symbol);
        }
        found.push(Some(value));
        rest = quoted.get(length..).unwrap_or_default();
    }
    found
}

/// What stands in the recording of one request and is different in every other.
#[derive(Default)]
pub struct Particulars(BTreeMap<String, Vec<String>>);

impl Particulars {
    /// `other` holds what stands there in each repetition.
    pub fn replace(&mut self, recorded: &str, others: Vec<String>) {
        self.0.insert(recorded.to_owned(), others);
    }

    /// Every id that nobody named was made for the request: each repetition makes its own.
    fn complete(&mut self, statements: &[Statement], repetitions: usize) {
        for value in statements.iter().flat_map(|statement| &statement.values).flatten() {
            for id in ids_in(value) {
                self.0.entry(id).or_insert_with(|| {
                    (0..repetitions).map(|_| crate::kernel::EventId::generate().to_string()).collect()
                });
            }
        }
    }

    fn stand_in(&self, value: &str) -> bool {
        self.0.keys().any(|recorded| value.contains(recorded.as_str()))
    }

    /// In one pass, since what stands in one repetition may be what was recorded elsewhere.
    fn in_repetition(&self, value: &str, number: usize) -> String {
        let (mut written, mut rest) = (String::with_capacity(value.len()), value);
        let first = |rest: &str| {
            let found =
                self.0.iter().filter_map(|(recorded, others)| Some((rest.find(recorded)?, recorded.len(), others)));
            found.min_by_key(|(at, _, _)| *at)
        };
        while let Some((at, length, others)) = first(rest) {
            written.push_str(rest.get(..at).unwrap_or_default());
            written.push_str(others.get(number).map_or("", String::as_str));
            rest = rest.get(at.saturating_add(length)..).unwrap_or_default();
        }
        written.push_str(rest);
        written
    }
}

fn ids_in(value: &str) -> Vec<String> {
    let starts = value.char_indices().map(|(at, _)| at);
    let parts = starts.filter_map(|at| value.get(at..at.checked_add(UUID_LENGTH)?));
    parts.filter(|part| uuid::Uuid::try_parse(part).is_ok()).map(str::to_owned).collect()
}

/// A script for `pgbench`, with the table that holds the values of each repetition.
pub struct Script {
    name: String,
    text: String,
    columns: Vec<String>,
}

impl Script {
    /// Values that are plain and always the same stand in the text; the others in columns.
    pub fn new(name: &str, statements: &[Statement], particulars: &Particulars) -> Script {
        let mut columns: Vec<String> = Vec::new();
        let mut text = format!("select * from {name} where n = (select nextval('{name}_n')) \\gset\n");
        for statement in statements {
            let mut sql = statement.text.clone();
            for (place, value) in statement.values.iter().enumerate().rev() {
                let written = match value {
                    None => "null".to_owned(),
                    Some(value) if is_plain(value) && !particulars.stand_in(value) => format!("'{value}'"),
                    Some(value) => {
                        let known = columns.iter().position(|column| column == value);
                        let column = known.unwrap_or_else(|| {
                            columns.push(value.clone());
                            columns.len().saturating_sub(1)
                        });
                        format!(":p{column}")
                    }
                };
                sql = sql.replace(&format!("${}", place.saturating_add(1)), &written);
            }
            text.push_str(&sql);
            text.push_str(";\n");
        }
        Script { name: name.to_owned(), text, columns }
    }

    /// Makes the table of values.
    pub fn prepare(&self, world: &mut World, particulars: &Particulars, repetitions: usize) -> Result<(), String> {
        let name = &self.name;
        let columns: Vec<String> = (0..self.columns.len()).map(|place| format!("p{place}")).collect();
        let declared: Vec<String> = columns.iter().map(|column| format!("{column} text not null")).collect();
        world.execute(&format!("create table {name} (n bigserial primary key, {})", declared.join(", ")))?;
        world.execute(&format!("create sequence {name}_n"))?;
        world.execute(&format!("grant select on {name} to ocop_app"))?;
        world.execute(&format!("grant usage on sequence {name}_n to ocop_app"))?;
        let places: Vec<String> = (1..=columns.len()).map(|place| format!("${place}")).collect();
        let insert = format!("insert into {name} ({}) select * from unnest({})", columns.join(", "), places.join(", "));
        let numbers: Vec<usize> = (0..repetitions).collect();
        for chunk in numbers.chunks(CHUNK) {
            let mut query = diesel::sql_query(insert.clone()).into_boxed::<diesel::pg::Pg>();
            for column in &self.columns {
                let values: Vec<String> =
                    chunk.iter().map(|number| particulars.in_repetition(column, *number)).collect();
                query = query.bind::<Array<Text>, _>(values);
            }
            query.execute(&mut world.owner).map_err(|e| format!("{name}: {e}"))?;
        }
        world.execute(&format!("vacuum analyze {name}"))
    }

    /// Runs so many repetitions over so many connections and says how many a second that was, connecting apart.
    pub fn run(&self, world: &World, (repetitions, connections): (usize, u32)) -> Result<u64, String> {
        let clients = usize::try_from(connections).map_err(|e| e.to_string())?;
        let file = world.config.data_folder.join(format!("{}.sql", self.name));
        fs::write(&file, &self.text).map_err(|e| e.to_string())?;
        let each = repetitions.checked_div(clients).unwrap_or(0);
        let program = world.postgres.program("pgbench").map_err(|e| e.to_string())?;
        let ran = Command::new(program)
            .args(["--no-vacuum", "--protocol", "prepared", "--jobs", "2"])
            .args(["--client", &connections.to_string(), "--transactions", &each.to_string()])
            .arg("--file")
            .arg(&file)
            .arg(world.app_url())
            .output()
            .map_err(|e| format!("pgbench: {e}"))?;
        let said = [String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr)].concat();
        let wanted = format!("processed: {0}/{0}", each.saturating_mul(clients));
        let rate = said.split("tps = ").nth(1).and_then(|rest| rest.split('.').next()?.parse().ok());
        rate.filter(|_| ran.status.success() && said.contains(&wanted)).ok_or(said)
    }
}

/// `pgbench` takes colons for variables; quotes would have to be doubled.
fn is_plain(value: &str) -> bool {
    !value.contains([':', '\'', '\\', '\n'])
}

/// A script of what was recorded, ready to run.
pub fn script(
    world: &mut World,
    name: &str,
    statements: &[Statement],
    mut particulars: Particulars,
    repetitions: usize,
) -> Result<Script, String> {
    if statements.len() < 3 {
        return Err(format!("{name}: only {} statements were recorded", statements.len()));
    }
    particulars.complete(statements, repetitions);
    let script = Script::new(name, statements, &particulars);
    script.prepare(world, &particulars, repetitions)?;
    Ok(script)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "\
2026-11-25 20:00:00.000 UTC [7] ocop_app@ocop_bench LOG:  statement: SET TIME ZONE 'UTC'\n\
2026-11-25 20:00:00.000 UTC [7] ocop_app@ocop_bench LOG:  statement: begin\n\
2026-11-25 20:00:00.000 UTC [7] ocop_app@ocop_bench LOG:  execute __diesel_stmt_3: select a\n\tfrom b where c = $1 and d = $2 /*$1$2*/\n\
2026-11-25 20:00:00.000 UTC [7] ocop_app@ocop_bench DETAIL:  parameters: $1 = 'it''s: so', $2 = NULL\n\
2026-11-25 20:00:00.000 UTC [8] LOG:  checkpoint starting\n";

    #[test]
    fn statements_are_read_from_the_log() {
        let begin = Statement { text: "begin".to_owned(), values: Vec::new() };
        let select = Statement {
            text: "select a from b where c = $1 and d = $2".to_owned(),
            values: vec![Some("it's: so".to_owned()), None],
        };
        assert_eq!(statements(LOG), [begin, select]);
    }

    #[test]
    fn what_differs_stands_in_columns_and_ids_are_made_anew() {
        let recorded = "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b";
        let text = "insert into t values ($1, $2, $3)".to_owned();
        let values = vec![Some(format!("{{{recorded}}}")), Some("kg".to_owned()), Some("10:00".to_owned())];
        let statements = [Statement { text, values }];
        let mut particulars = Particulars::default();
        particulars.complete(&statements, 2);
        let script = Script::new("t", &statements, &particulars);
        assert!(script.text.ends_with("insert into t values (:p1, 'kg', :p0);\n"), "{}", script.text);
        assert_eq!(script.columns, ["10:00".to_owned(), format!("{{{recorded}}}")]);
        let (one, two) = (particulars.in_repetition(recorded, 0), particulars.in_repetition(recorded, 1));
        assert!(one != two && one != recorded && one.len() == UUID_LENGTH);
    }

    #[test]
    fn what_stands_in_a_repetition_is_not_replaced_again() {
        let mut particulars = Particulars::default();
        particulars.replace("north", vec!["south".to_owned()]);
        particulars.replace("south", vec!["north".to_owned()]);
        assert_eq!(particulars.in_repetition("{north,south}, north", 0), "{south,north}, south");
    }
}
