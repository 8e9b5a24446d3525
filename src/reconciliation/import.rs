use chrono::NaiveDate;
use serde_json::json;

use super::mappings::Mapping;
use super::model::{FileFormat, Line, ReconciliationRefusal, SettlementSource};
use super::settle::settle;
use super::store::{self, File};
use crate::audit;
use crate::kernel::error::must_have_come;
use crate::kernel::{Audience, Error, Result, SettlementFileId, Tx};

/// A file that was read.
#[derive(Debug, Clone)]
pub struct Sent {
    pub settled_on: NaiveDate,
    pub mapping: Mapping,
    pub format: FileFormat,
    pub sha256: Vec<u8>,
    pub content: Vec<u8>,
}

/// Whether a file is new here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Import {
    Now,
    /// The same bytes were sent before, and did what they do then.
    Before,
}

/// The same bytes for the same day are the same file, whoever sends them how often.
pub fn find_known(tx: &mut Tx<'_>, sent: (&[u8], &Mapping, NaiveDate)) -> Result<Option<File>> {
    tx.who.must(Audience::Operator)?;
    let (sha256, mapping, settled_on) = sent;
    let Some(known) = store::find_by_hash(tx, sha256)? else { return Ok(None) };
    if (known.provider, known.settled_on) != (mapping.provider, settled_on) {
        return Err(ReconciliationRefusal::FileKnown.into());
    }
    Ok(Some(known))
}

/// Keeps a file and settles what it says, all or nothing.
pub fn import(tx: &mut Tx<'_>, sent: &Sent, lines: &[Line]) -> Result<(File, Import)> {
    let operator_id = tx.who.must(Audience::Operator)?;
    let provider = sent.mapping.provider;
    must_have_come(tx.now, "/settled_on", sent.settled_on)?;
    store::lock_provider(tx, provider)?;
    if let Some(known) = find_known(tx, (&sent.sha256, &sent.mapping, sent.settled_on))? {
        return Ok((known, Import::Before));
    }
    let file = File {
        id: SettlementFileId::generate(),
        provider,
        source: SettlementSource::File,
        format: sent.format,
        settled_on: sent.settled_on,
        mapping_id: Some(sent.mapping.id),
        reads_refunds: sent.mapping.rules.reads_refunds(),
        sha256: sent.sha256.clone(),
        lines: i32::try_from(lines.len()).map_err(Error::internal)?,
        imported_at: tx.now,
    };
    store::insert_file(tx, &file, &sent.content, Some(operator_id))?;
    settle(tx, &file.statement(), lines)?;
    let detail = json!({"provider": provider, "settled_on": sent.settled_on, "sha256": hex::encode(&sent.sha256)});
    audit::write(tx, "settlement_file.imported", "settlement_file", file.id.0, detail)?;
    Ok((file, Import::Now))
}
