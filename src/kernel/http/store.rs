//! All SQL on answers that are kept for idempotency keys.

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Nullable, SmallInt, Text};
use schema::idempotency_keys;

use super::answer::Answer;
use crate::kernel::db::Tx;
use crate::kernel::error::{CommonProblem, Error, Result, is_lock_timeout};
use crate::kernel::sql::Prepare;

/// Seconds after which a request may come again that met another with its key.
const RETRY_AFTER_S: i64 = 1;
/// How long an answer is kept: phones come back after days.
const KEPT: TimeDelta = TimeDelta::days(7);

/// What is repeated: a key of somebody for a route, with what was sent.
#[derive(Clone)]
pub struct Claim {
    pub key: String,
    pub route: String,
    pub fingerprint: Vec<u8>,
}

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = Binary)]
    fingerprint: Vec<u8>,
    #[diesel(sql_type = SmallInt)]
    status: i16,
    #[diesel(sql_type = Text)]
    body: String,
    #[diesel(sql_type = Nullable<Text>)]
    location: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    etag: Option<String>,
}

/// The answer that was given to this key, if it was; waits a little for a request that holds it.
pub fn find_answer(tx: &mut Tx<'_>, actor: &str, claim: &Claim) -> Result<Option<Answer>> {
    let kept: Option<Kept> = diesel::sql_query("select * from find_answer($1, $2, $3)")
        .bind::<Text, _>(actor)
        .bind::<Text, _>(&claim.route)
        .bind::<Text, _>(&claim.key)
        .prepared()
        .get_result(tx.conn)
        .optional()
        .map_err(|error| if is_lock_timeout(&error) { in_progress() } else { error.into() })?;
    let Some(Kept { fingerprint, status, body, location, etag }) = kept else { return Ok(None) };
    if fingerprint != claim.fingerprint {
        return Err(CommonProblem::KeyReused.into());
    }
    let status = u16::try_from(status).map_err(Error::internal)?;
    Ok(Some(Answer { status, body, location, etag }))
}

fn in_progress() -> Error {
    Error::from(CommonProblem::RequestInProgress).with("retry_after_s", RETRY_AFTER_S)
}

pub fn keep_answer(tx: &mut Tx<'_>, actor: &str, claim: &Claim, answer: &Answer) -> Result<()> {
    let Claim { key, route, fingerprint } = claim.clone();
    let status = i16::try_from(answer.status).map_err(Error::internal)?;
    let Answer { body, location, etag, .. } = answer.clone();
    let row = (
        idempotency_keys::actor.eq(actor.to_owned()),
        idempotency_keys::route.eq(route),
        idempotency_keys::key.eq(key),
        idempotency_keys::fingerprint.eq(fingerprint),
        idempotency_keys::status.eq(status),
        idempotency_keys::body.eq(body),
        idempotency_keys::location.eq(location),
        idempotency_keys::etag.eq(etag),
        idempotency_keys::created_at.eq(tx.now),
        idempotency_keys::expires_at.eq(tx.now + KEPT),
    );
    tx.later(diesel::insert_into(idempotency_keys::table).values(row), 1)
}
