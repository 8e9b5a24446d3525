//! What waits for a worker or for a person, as Prometheus reads it.

use super::counters::Counters;
use super::store;
use crate::kernel::{Result, Tx};
use crate::outgoing::{self, Vault};
use crate::{jobs, refunds};

/// Rows that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gauges {
    pub jobs_waiting: i64,
    pub jobs_dead: i64,
    pub open_reviews: i64,
    pub unprocessed_callbacks: i64,
    /// Sent, called people, and still nobody knows what became of them.
    pub transfers_overdue: i64,
    pub refunds_overdue: i64,
    /// Numbers of bank accounts that the current key does not open.
    pub other_keys: i64,
}

/// Counts as the platform: nobody else sees all rows.
pub fn gauges(tx: &mut Tx<'_>, vault: &Vault) -> Result<Gauges> {
    tx.who.must_be_platform()?;
    let (jobs_waiting, jobs_dead) = jobs::backlog(tx)?;
    let open_reviews = store::open_reviews(tx)?;
    let unprocessed_callbacks = store::unprocessed_callbacks(tx)?;
    let (transfers_overdue, refunds_overdue) = (outgoing::count_alarms(tx)?, refunds::count_alarms(tx)?);
    let other_keys = outgoing::under_other_keys(tx, vault)?;
    Ok(Gauges {
        jobs_waiting,
        jobs_dead,
        open_reviews,
        unprocessed_callbacks,
        transfers_overdue,
        refunds_overdue,
        other_keys,
    })
}

/// The text format of Prometheus, version 0.0.4. Without the database only what the process itself knows.
pub fn exposition(counters: &Counters, connections_in_use: u32, gauges: Option<Gauges>) -> String {
    let mut text = String::from(
        "# HELP http_requests_total Requests answered, by class of status.\n# TYPE http_requests_total counter\n",
    );
    for (class, count) in counters.by_class() {
        text.push_str(&format!("http_requests_total{{class=\"{class}\"}} {count}\n"));
    }
    let in_use = i64::from(connections_in_use);
    gauge(&mut text, "database_connections_in_use", "Connections of this process at work.", in_use);
    gauge(&mut text, "database_up", "Whether the database answered.", i64::from(gauges.is_some()));
    if let Some(gauges) = gauges {
        text.push_str(&of_database(gauges));
    }
    text
}

fn of_database(gauges: Gauges) -> String {
    let mut text = String::new();
    let Gauges { jobs_waiting, jobs_dead, open_reviews, unprocessed_callbacks, .. } = gauges;
    let Gauges { transfers_overdue, refunds_overdue, other_keys, .. } = gauges;
    gauge(&mut text, "jobs_waiting", "Jobs past their time.", jobs_waiting);
    gauge(&mut text, "jobs_dead", "Jobs given up; each waits for a person.", jobs_dead);
    gauge(&mut text, "payment_reviews_open", "Payments that wait for a person's decision.", open_reviews);
    let unprocessed = "Messages of providers without an outcome.";
    gauge(&mut text, "payment_callbacks_unprocessed", unprocessed, unprocessed_callbacks);
    let overdue = "Transfers of which nobody knows for too long what became of them.";
    gauge(&mut text, "outgoing_transfers_overdue", overdue, transfers_overdue);
    let overdue = "Refunds of which nobody knows for too long what became of them.";
    gauge(&mut text, "refunds_overdue", overdue, refunds_overdue);
    let others = "Bank accounts sealed with another key than the current one; when there are none, that key may go.";
    gauge(&mut text, "bank_accounts_under_other_keys", others, other_keys);
    text
}

fn gauge(text: &mut String, name: &str, help: &str, value: i64) {
    text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_what_prometheus_reads() {
        let counters = Counters::default();
        counters.count(404);
        let without = exposition(&counters, 2, None);
        assert!(
            without.contains("http_requests_total{class=\"4xx\"} 1\n") && without.contains("database_up 0\n"),
            "{without}"
        );
        assert!(without.contains("database_connections_in_use 2\n"), "{without}");
        assert!(!without.contains("jobs_dead"), "a figure that nobody knows is left out");
        let gauges = Gauges {
            jobs_waiting: 3,
            jobs_dead: 1,
            open_reviews: 2,
            unprocessed_callbacks: 0,
            transfers_overdue: 4,
            refunds_overdue: 5,
            other_keys: 6,
        };
        let with = exposition(&counters, 0, Some(gauges));
        for line in [
            "jobs_waiting 3",
            "jobs_dead 1",
            "payment_reviews_open 2",
            "payment_callbacks_unprocessed 0",
            "outgoing_transfers_overdue 4",
            "refunds_overdue 5",
            "bank_accounts_under_other_keys 6",
            "database_up 1",
        ] {
            assert!(with.lines().any(|found| found == line), "{line} in {with}");
        }
    }
}
