//! What settlement looks like outside.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{FileFormat, SettlementSource};
use super::store::{File, Sums};
use crate::kernel::{MappingId, SettlementFileId};
use crate::payments::providers::ProviderId;

/// What a provider says of a day.
#[derive(Serialize, ToSchema)]
pub struct SettlementFileRow {
    pub id: SettlementFileId,
    provider: ProviderId,
    source: SettlementSource,
    format: FileFormat,
    /// A day in Vietnam.
    settled_on: NaiveDate,
    /// The rules by which it was read.
    mapping_id: Option<MappingId>,
    #[schema(
        min_length = 64,
        max_length = 64,
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    sha256: String,
    #[schema(minimum = 0)]
    lines: i32,
    imported_at: DateTime<Utc>,
}

impl From<File> for SettlementFileRow {
    fn from(file: File) -> Self {
        let File { id, provider, source, format, settled_on, mapping_id, reads_refunds: _, sha256, lines, imported_at } =
            file;
        let sha256 = hex::encode(sha256);
        Self { id, provider, source, format, settled_on, mapping_id, sha256, lines, imported_at }
    }
}

/// What came of what a provider says of a day.
#[derive(Serialize, ToSchema)]
pub struct SettlementFileView {
    #[serde(flatten)]
    file: SettlementFileRow,
    /// Lines that agreed with what we know, by now.
    #[schema(minimum = 0)]
    matched: i64,
    /// Lines that an earlier file of the day had already.
    #[schema(minimum = 0)]
    repeated: i64,
    /// What did not agree at first.
    #[schema(minimum = 0)]
    exceptions: i64,
    /// What was paid, of lines that agreed.
    #[schema(minimum = 0, example = 12_500_000)]
    paid_vnd: i64,
    /// What was paid back, of lines that agreed.
    #[schema(minimum = 0, example = 450_000)]
    refunded_vnd: i64,
    /// What the provider kept, of lines that agreed.
    #[schema(minimum = 0, example = 137_500)]
    fees_vnd: i64,
}

impl From<(File, Sums)> for SettlementFileView {
    fn from((file, sums): (File, Sums)) -> Self {
        let Sums { matched, repeated, exceptions, paid_vnd, refunded_vnd, fees_vnd } = sums;
        let file = SettlementFileRow::from(file);
        Self { file, matched, repeated, exceptions, paid_vnd, refunded_vnd, fees_vnd }
    }
}
