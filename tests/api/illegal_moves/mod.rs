//! What a status does not allow is refused for every (status, event, actor) that has a route: with 409, its problem and
//! exactly the actions that the machine gives this actor in this status, and no row of any table changes. Who does not
//! see a row in a status is told that there is none.
//!
//! The machines are read from their snapshots, which unit tests compare with the program. Statuses are set by the
//! owner of the database, so such a world is closed, not checked. Helpers and officials have no routes that move
//! anything of these; the authorization matrix shows that they are let in nowhere.
//!
//! What only the program, a provider or a carrier moves is refused to nobody: there, an event that a status does not
//! allow changes no row.

mod after_sale;
mod every_status;
pub mod machine;
mod orders;
mod outgoing;
mod parcels;
mod payments;
mod selling;
mod sent;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::principals::Watch;
use crate::support::{Client, World, new_key};
use machine::Machine;

/// How somebody causes an event.
pub struct Route {
    pub event: &'static str,
    method: Method,
    path: String,
    body: Value,
    headers: Vec<(&'static str, String)>,
}

/// A POST below `base`, named like its event.
pub fn verb(base: &str, event: &'static str, body: Value) -> Route {
    at(&format!("{base}/{event}"), event, body)
}

/// A POST that is not named like its event.
pub fn at(path: &str, event: &'static str, body: Value) -> Route {
    Route { event, method: Method::POST, path: path.to_owned(), body, headers: Vec::new() }
}

/// A change over the version that was seen.
pub fn edit(path: &str, version: i64, body: Value) -> Route {
    let headers = vec![("if-match", format!("\"{version}\""))];
    Route { event: "edit", method: Method::PATCH, path: path.to_owned(), body, headers }
}

/// Somebody with all routes by which events are caused on one row.
pub struct Actor {
    pub name: &'static str,
    /// Who that is in the machine.
    pub party: &'static str,
    pub client: Client,
    /// Where the row is read, with what it allows.
    pub shown_at: Option<String>,
    pub routes: Vec<Route>,
    /// What the machine gives to the party, but this row takes from it: `(status, event)`.
    pub lacks: fn(&str, &str) -> bool,
    /// Whether a row in this status is there for the actor at all.
    pub sees: fn(&str) -> bool,
}

impl Actor {
    pub fn new(party: &'static str, client: &Client, shown_at: &str, routes: Vec<Route>) -> Actor {
        let shown_at = Some(shown_at.to_owned());
        Actor { name: party, party, client: client.clone(), shown_at, routes, lacks: |_, _| false, sees: |_| true }
    }

    fn offered(&self, machine: &Machine, status: &str) -> Vec<String> {
        let events = machine.offers(status, self.party);
        events.into_iter().filter(|event| !(self.lacks)(status, event)).collect()
    }
}

/// Which problem an actor's illegal event in a status is.
pub type Code = fn(&Machine, &Actor, &str, &str) -> &'static str;

/// In every status, set by `place`, every actor tries everything that is not offered; returns how often.
pub async fn refused_everywhere(
    world: &World,
    machine: &Machine,
    code: Code,
    actors: &[Actor],
    place: impl Fn(&str) -> String,
) -> usize {
    for actor in actors {
        for event in machine.events_of(actor.party) {
            let has_route = actor.routes.iter().any(|route| route.event == event);
            assert!(has_route, "{}: {event} has no route here", actor.name);
        }
    }
    let mut watch = Watch::new(world);
    let (mut faults, mut asked) = (Vec::new(), 0);
    for status in machine.statuses() {
        world.database.execute(&place(&status));
        let before = rows(&mut watch);
        for actor in actors {
            let offered = actor.offered(machine, &status);
            faults.extend(misshown(actor, &status, &offered).await);
            for route in actor.routes.iter().filter(|route| !offered.iter().any(|event| event == route.event)) {
                let code = code(machine, actor, &status, route.event);
                faults.extend(not_refused(actor, route, (&status, code, &offered)).await);
                asked += 1;
            }
            assert_eq!(rows(&mut watch), before, "{}: a refusal in {status} changed rows: {faults:#?}", actor.name);
        }
    }
    assert!(faults.is_empty(), "{} of {asked}: {faults:#?}", faults.len());
    asked
}

/// Every table but that of the answers, where a refusal is kept for its repetition.
pub fn rows(watch: &mut Watch) -> Vec<String> {
    watch.digest().into_iter().filter(|table| !table.starts_with("idempotency_keys:")).collect()
}

async fn misshown(actor: &Actor, status: &str, offered: &[String]) -> Option<String> {
    if !(actor.sees)(status) {
        return None;
    }
    let shown = actor.client.get(actor.shown_at.as_ref()?).await.expect(200);
    let told = (&shown["status"], &shown["allowed_actions"]);
    (told != (&json!(status), &json!(offered))).then(|| format!("{} is shown {told:?} in {status}", actor.name))
}

async fn not_refused(actor: &Actor, route: &Route, (status, code, offered): (&str, &str, &[String])) -> Option<String> {
    let key = new_key();
    let mut headers = vec![("content-type", "application/json"), ("idempotency-key", key.as_str())];
    headers.extend(route.headers.iter().map(|(name, value)| (*name, value.as_str())));
    let reply = actor.client.send(route.method.clone(), &route.path, &headers, Some(route.body.to_string())).await;
    let told = (
        reply.status,
        reply.json["code"].as_str(),
        reply.json["current_status"].as_str(),
        &reply.json["allowed_actions"],
    );
    let is_refused = if (actor.sees)(status) {
        told == (409, Some(code), Some(status), &json!(offered))
    } else {
        told == (404, Some("not_found"), None, &Value::Null)
    };
    (!is_refused).then(|| format!("{} {} in {status} → {} {}", actor.name, route.event, reply.status, reply.text))
}
