//! What outgoing transfers look like to an operator.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Batch, File, Purpose, Rail, Transfer, TransferEvent, TransferStatus};
use super::store::{self, Share};
use crate::kernel::http::Answer;
use crate::kernel::{
    AccountId, BankAccountId, OutgoingBatchId, OutgoingFileId, OutgoingId, ProducerId, RefundId, Result, Tx, Vnd,
};

/// One transfer out of our bank account.
#[derive(Serialize, ToSchema)]
pub struct OutgoingTransferView {
    pub id: OutgoingId,
    purpose: Purpose,
    batch_id: Option<OutgoingBatchId>,
    producer_id: Option<ProducerId>,
    refund_id: Option<RefundId>,
    bank_account_id: BankAccountId,
    amount_vnd: Vnd,
    /// Our name of it, in what the bank is told.
    #[schema(max_length = 16, example = "OC7K2M9Q4F")]
    reference: String,
    rail: Rail,
    status: TransferStatus,
    /// The day in Vietnam on which it was sent.
    sent_on: Option<NaiveDate>,
    sent_at: Option<DateTime<Utc>>,
    file_id: Option<OutgoingFileId>,
    /// The bank's name of it, or that of payOS.
    #[schema(max_length = 200)]
    rail_reference: Option<String>,
    /// How often it was asked for.
    #[schema(minimum = 0)]
    asked: i32,
    /// When something is done about it next.
    next_at: Option<DateTime<Utc>>,
    /// Why it is held, was cancelled or failed.
    #[schema(max_length = 500)]
    reason: Option<String>,
    ended_at: Option<DateTime<Utc>>,
    /// When operators were called because nobody knew what became of it: 72 hours after a bank's file was made, 24 after
    /// payOS was asked.
    alarmed_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    #[schema(minimum = 1)]
    version: i32,
    /// What an operator may do now.
    #[schema(max_items = 10)]
    allowed_actions: Vec<TransferEvent>,
}

impl From<Transfer> for OutgoingTransferView {
    fn from(transfer: Transfer) -> Self {
        let allowed_actions = transfer.status.actions(transfer.rail);
        let Transfer {
            id,
            purpose,
            subject_id: _,
            batch_id,
            producer_id,
            order_id: _,
            refund_id,
            bank_account_id,
            amount_vnd,
            reference,
            rail,
            status,
            next_at,
            asked,
            sent_on,
            sent_at,
            file_id,
            rail_reference,
            reason,
            ended_at,
            created_at,
            version,
            alarmed_at,
        } = transfer;
        Self {
            id,
            purpose,
            batch_id,
            producer_id,
            refund_id,
            bank_account_id,
            amount_vnd,
            reference,
            rail,
            status,
            sent_on,
            sent_at,
            file_id,
            rail_reference,
            asked,
            next_at,
            reason,
            ended_at,
            alarmed_at,
            created_at,
            version,
            allowed_actions,
        }
    }
}

impl OutgoingTransferView {
    pub fn answer(self) -> Result<Answer> {
        Ok(Answer::ok(&self)?.versioned(self.version))
    }

    pub fn version(&self) -> i32 {
        self.version
    }
}

/// How much of a batch is where.
#[derive(Serialize, ToSchema)]
pub struct OutgoingShareView {
    status: TransferStatus,
    #[schema(minimum = 1)]
    transfers: i64,
    #[schema(minimum = 1)]
    amount_vnd: i64,
}

impl From<Share> for OutgoingShareView {
    fn from(share: Share) -> Self {
        let Share { batch_id: _, status, transfers, amount_vnd } = share;
        Self { status, transfers, amount_vnd }
    }
}

/// Transfers that two persons approve together.
#[derive(Serialize, ToSchema)]
pub struct OutgoingBatchView {
    pub id: OutgoingBatchId,
    purpose: Purpose,
    /// The first person; `null` while nobody has looked at what the platform has made.
    made_by: Option<AccountId>,
    made_at: DateTime<Utc>,
    /// The second person.
    approved_by: Option<AccountId>,
    approved_at: Option<DateTime<Utc>>,
    /// What is in it, by status.
    #[schema(max_items = 10)]
    shares: Vec<OutgoingShareView>,
    #[schema(minimum = 1)]
    version: i32,
}

impl OutgoingBatchView {
    pub fn of(tx: &mut Tx<'_>, batches: Vec<Batch>) -> Result<Vec<OutgoingBatchView>> {
        let ids: Vec<OutgoingBatchId> = batches.iter().map(|batch| batch.id).collect();
        let mut shares = store::shares(tx, &ids)?;
        let mut views = Vec::new();
        for batch in batches {
            let Batch { id, purpose, made_by, made_at, approved_by, approved_at, version } = batch;
            let of_batch = shares.extract_if(.., |share| share.batch_id == id).map(OutgoingShareView::from).collect();
            views.push(Self { id, purpose, made_by, made_at, approved_by, approved_at, shares: of_batch, version });
        }
        Ok(views)
    }

    pub fn of_one(tx: &mut Tx<'_>, batch: Batch) -> Result<OutgoingBatchView> {
        let one = Self::of(tx, vec![batch])?.pop();
        one.ok_or_else(|| crate::kernel::Error::internal("no view of a batch"))
    }

    pub fn answer(self) -> Result<Answer> {
        Ok(Answer::ok(&self)?.versioned(self.version))
    }
}

/// A file with which the bank is asked to pay.
#[derive(Serialize, ToSchema)]
pub struct OutgoingFileView {
    pub id: OutgoingFileId,
    made_by: AccountId,
    made_at: DateTime<Utc>,
    #[schema(minimum = 1)]
    transfers: i32,
    total_vnd: Vnd,
}

impl From<File> for OutgoingFileView {
    fn from(file: File) -> Self {
        let File { id, made_by, made_at, transfers, total_vnd } = file;
        Self { id, made_by, made_at, transfers, total_vnd }
    }
}
