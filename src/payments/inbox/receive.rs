use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::gather::{Arrived, Gathering};
use super::store::{self, RawRow};
use crate::app::App;
use crate::kernel::{CallbackId, Db, Error, Result, Tx};
use crate::payments::model::Channel;
use crate::payments::providers::{Answer, Provider, RawCallback, Reading, Verdict};

/// Verifies a message, stores it as it came with what it does, and answers in the provider's words. When our database
/// is away, or slow, the provider is asked to come again; what was begun is finished all the same.
pub async fn receive(app: &App, provider: &dyn Provider, raw: RawRow) -> Answer {
    let name = provider.id().as_str();
    let within = Duration::from_millis(app.config.callback_answer_ms);
    let reading = read(provider, &raw, app.db.clock.now());
    let event_key = match &reading {
        Some(Reading::Verified(event)) => Some(event.event_key.clone()),
        _ => None,
    };
    let (db, gathering) = (app.db.clone(), app.gathering.clone());
    let work = tokio::spawn(async move { verdict(&db, &gathering, raw, reading).await });
    let verdict = match tokio::time::timeout(within, work).await {
        Ok(Ok(Ok(verdict))) => verdict,
        Ok(Ok(Err(error))) => {
            tracing::error!(?error, provider = name, "a callback could not be applied");
            Verdict::Unavailable
        }
        Ok(Err(error)) => {
            tracing::error!(?error, provider = name, "a callback was given up");
            Verdict::Unavailable
        }
        Err(_) => {
            tracing::error!(provider = name, "a callback took too long");
            Verdict::Unavailable
        }
    };
    provider.answer(verdict, event_key.as_deref())
}

async fn verdict(db: &Db, gathering: &Gathering, raw: RawRow, reading: Option<Reading>) -> Result<Verdict> {
    let Some(reading) = reading else {
        db.callback(move |tx| store::insert(tx, &raw, None)).await?;
        return Err(Error::internal("a provider's message could not even be read"));
    };
    if let Reading::Unverified(fault) = reading {
        db.callback(move |tx| keep_unverified(tx, &raw)).await?;
        return Ok(Verdict::Unverified(fault));
    }
    gathering.write(db, Arrived { raw, reading }).await
}

/// Reading touches nothing, so it comes before the message is stored: what proves a message is not kept with it.
/// Should it panic, the message is kept all the same.
fn read(provider: &dyn Provider, raw: &RawRow, received_at: DateTime<Utc>) -> Option<Reading> {
    let callback = RawCallback { query: &raw.query, headers: &raw.headers, body: &raw.body, received_at };
    catch_unwind(AssertUnwindSafe(|| provider.read_callback(&callback))).ok()
}

fn keep_unverified(tx: &mut Tx<'_>, raw: &RawRow) -> Result<()> {
    if store::has_enough_unverified(tx, raw.provider)? {
        tracing::debug!(provider = raw.provider.as_str(), "no more unverified callbacks are kept today");
        return Ok(());
    }
    store::insert(tx, raw, Some(false))
}

/// A new row for a message that has just arrived.
pub fn new_row(
    provider: &dyn Provider,
    source: String,
    query: &str,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
) -> RawRow {
    RawRow {
        id: CallbackId::generate(),
        provider: provider.id(),
        channel: Channel::Notice,
        source,
        query: query.to_owned(),
        headers,
        body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payments::providers::{
        Asked, AttemptStart, HttpAnswer, HttpCall, ProviderId, Question, Schedule, Start, Started,
    };
    use crate::payments::transfer_code::TransferCode;

    struct Broken;

    impl Provider for Broken {
        fn id(&self) -> ProviderId {
            ProviderId::Vnpay
        }

        fn amounts(&self) -> std::ops::RangeInclusive<i64> {
            1..=1
        }

        fn reference(&self, code: &TransferCode, _: DateTime<Utc>) -> String {
            code.to_string()
        }

        fn opens_orders(&self) -> bool {
            false
        }

        fn start(&self, _: &AttemptStart<'_>) -> Start {
            panic!("nobody starts")
        }

        fn read_started(&self, _: &AttemptStart<'_>, _: &HttpAnswer) -> Started {
            panic!("nobody starts")
        }

        fn schedule(&self) -> Option<Schedule> {
            None
        }

        fn ask(&self, _: &Question<'_>) -> Option<HttpCall> {
            None
        }

        fn cancel(&self, _: &Question<'_>) -> Option<HttpCall> {
            None
        }

        fn read_asked(&self, _: &Question<'_>, _: &HttpAnswer) -> Asked {
            panic!("nobody asks")
        }

        fn read_callback(&self, _: &RawCallback<'_>) -> Reading {
            panic!("a fault of ours")
        }

        fn reread(&self, callback: &RawCallback<'_>) -> Reading {
            self.read_callback(callback)
        }

        fn answer(&self, _: Verdict, _: Option<&str>) -> Answer {
            Answer { status: 200, content_type: "", body: String::new() }
        }
    }

    #[test]
    fn a_reader_that_panics_does_not_lose_the_message() {
        let row = new_row(&Broken, String::new(), "", Vec::new(), Vec::new());
        assert_eq!(read(&Broken, &row, DateTime::UNIX_EPOCH), None);
    }
}
