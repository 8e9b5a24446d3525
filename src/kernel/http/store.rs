//! All SQL on answers that are kept for idempotency keys.

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::Text;
use schema::idempotency_keys;

use super::answer::Answer;
use crate::kernel::claim::{Claim, Kept};
use crate::kernel::db::Tx;
use crate::kernel::error::{CommonProblem, Error, Result, still_at_work};
use crate::kernel::sql::Prepare;

/// How long an answer is kept: phones come back after days.
const KEPT: TimeDelta = TimeDelta::days(7);

/// The answer that was given to this key, if it was; waits a little for a request that holds it. A session has it from the
/// opening of its transaction.
pub fn find_answer(tx: &mut Tx<'_>, actor: &str, claim: &Claim) -> Result<Option<Answer>> {
    let kept = match tx.kept.take() {
        Some(kept) => kept,
        None => ask(tx, actor, claim)?,
    };
    let Kept { fingerprint: Some(fingerprint), status: Some(status), body: Some(body), location, etag } = kept else {
        return Ok(None);
    };
    if fingerprint != claim.fingerprint {
        return Err(CommonProblem::KeyReused.into());
    }
    let status = u16::try_from(status).map_err(Error::internal)?;
    Ok(Some(Answer { status, body, location, etag }))
}

fn ask(tx: &mut Tx<'_>, actor: &str, claim: &Claim) -> Result<Kept> {
    let kept: Option<Kept> = diesel::sql_query("select * from find_answer($1, $2, $3)")
        .bind::<Text, _>(actor)
        .bind::<Text, _>(&claim.route)
        .bind::<Text, _>(&claim.key)
        .prepared()
        .get_result(tx.conn)
        .optional()
        .map_err(still_at_work)?;
    Ok(kept.unwrap_or_default())
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
