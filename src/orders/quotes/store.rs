use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use schema::{quote_contracts, quotes};

use super::model::{Quote, UNUSED_KEPT};
use crate::kernel::{AccountId, ProducerId, QuoteId, Result, Tx};

/// Quotes that one purge takes.
const PURGED_MAX: i64 = 10_000;

/// The words of one producer's contract and their hash.
pub struct Wording {
    pub producer_id: ProducerId,
    pub sha256: String,
    pub text: String,
}

/// At the end of the transaction.
pub fn insert(tx: &mut Tx<'_>, quote: &Quote, wordings: Vec<Wording>) -> Result<()> {
    let row = (
        quotes::id.eq(quote.id),
        quotes::buyer_account_id.eq(quote.buyer_account_id),
        quotes::commune_code.eq(quote.commune_code.clone()),
        quotes::voucher_code.eq(quote.voucher_code.clone()),
        quotes::parts.eq(quote.parts.clone()),
        quotes::total_vnd.eq(quote.total_vnd),
        quotes::contract_sha256.eq(quote.contract_sha256.clone()),
        quotes::created_at.eq(quote.created_at),
        quotes::expires_at.eq(quote.expires_at),
    );
    let contract = |Wording { producer_id, sha256, text }: Wording| {
        (
            quote_contracts::quote_id.eq(quote.id),
            quote_contracts::producer_id.eq(producer_id),
            quote_contracts::buyer_account_id.eq(quote.buyer_account_id),
            quote_contracts::sha256.eq(sha256),
            quote_contracts::text.eq(text),
        )
    };
    let number = wordings.len();
    let contracts: Vec<_> = wordings.into_iter().map(contract).collect();
    tx.later(diesel::insert_into(quotes::table).values(row), 1)?;
    tx.later(diesel::insert_into(quote_contracts::table).values(contracts), number)
}

/// A quote of this buyer.
pub fn find(tx: &mut Tx<'_>, buyer_id: AccountId, id: QuoteId) -> Result<Option<Quote>> {
    Ok(quotes::table
        .find(id)
        .filter(quotes::buyer_account_id.eq(buyer_id))
        .select(Quote::as_select())
        .first(tx.conn)
        .optional()?)
}

/// The words that were agreed with a producer, and their hash.
pub fn contract_of(tx: &mut Tx<'_>, quote_id: QuoteId, producer_id: ProducerId) -> Result<(String, String)> {
    Ok(quote_contracts::table
        .find((quote_id, producer_id))
        .select((quote_contracts::text, quote_contracts::sha256))
        .first(tx.conn)?)
}

/// Throws away old quotes from which nothing was bought, with their contracts; some at a time.
pub fn purge(tx: &mut Tx<'_>) -> Result<()> {
    diesel::sql_query(
        "delete from quotes where id in (select q.id from quotes q \
           where q.expires_at < $1 and not exists (select from orders o where o.quote_id = q.id) limit $2)",
    )
    .bind::<Timestamptz, _>(tx.now - UNUSED_KEPT)
    .bind::<BigInt, _>(PURGED_MAX)
    .execute(tx.conn)?;
    Ok(())
}
