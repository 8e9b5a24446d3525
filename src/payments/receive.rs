use super::apply::{Message, apply};
use super::providers::{Answer, Provider, RawCallback, Verdict};
use super::store::{self, RawRow};
use crate::app::App;
use crate::kernel::CallbackId;

/// Stores a message as it came and commits, verifies it, applies it, and answers in the provider's words. When our
/// database is away the provider is asked to come again.
pub async fn receive(app: &App, provider: &dyn Provider, raw: RawRow) -> Answer {
    match verdict(app, provider, raw).await {
        Ok(verdict) => provider.answer(verdict),
        Err(error) => {
            tracing::error!(?error, provider = provider.id().as_str(), "a callback could not be applied");
            provider.answer(Verdict::Unavailable)
        }
    }
}

async fn verdict(app: &App, provider: &dyn Provider, raw: RawRow) -> crate::kernel::Result<Verdict> {
    let stored = raw.clone();
    app.db.callback(move |tx| store::insert_callback(tx, &stored)).await?;
    let reading = provider.read_callback(&RawCallback {
        query: &raw.query,
        headers: &raw.headers,
        body: &raw.body,
        received_at: app.db.clock.now(),
    });
    let message = Message { callback_id: raw.id, provider: provider.id(), reading };
    app.db.callback(move |tx| apply(tx, &message)).await
}

/// A new row for a message that has just arrived.
pub fn new_row(
    provider: &dyn Provider,
    source: String,
    query: &str,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
) -> RawRow {
    RawRow { id: CallbackId::generate(), provider: provider.id(), source, query: query.to_owned(), headers, body }
}
