use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::{ComplaintEvent, ComplaintKind, ComplaintStatus, Party, VulnerableReason};
use super::store::{self, Complaint, EventRow};
use crate::kernel::time::vietnam_day;
use crate::kernel::{ComplaintId, OrderId, PhotoId, Result, Tx};
use crate::storage::{self, ThingKind};

/// A complaint, as every party of it sees it.
#[derive(Serialize, ToSchema)]
pub struct ComplaintView {
    pub id: ComplaintId,
    /// To say on the telephone.
    #[schema(example = "KN7K2M9QXA", min_length = 10, max_length = 10)]
    pub code: String,
    pub order_id: OrderId,
    pub kind: ComplaintKind,
    #[schema(example = "Chai mật ong bị vỡ khi nhận hàng.", max_length = 2000)]
    pub text: String,
    #[schema(max_items = 5)]
    pub photo_ids: Vec<PhotoId>,
    pub status: ComplaintStatus,
    /// The day in Vietnam on which it came.
    pub received_on: NaiveDate,
    /// The last day of the step, counted in working days.
    pub due_on: Option<NaiveDate>,
    /// Whether that day has passed.
    pub overdue: bool,
    /// What the reader can do now: the last part of the route's path.
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<ComplaintEvent>,
    #[schema(minimum = 1)]
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A complaint, as its buyer and the operator see it.
#[derive(Serialize, ToSchema)]
pub struct PriorityComplaintView {
    #[serde(flatten)]
    pub complaint: ComplaintView,
    /// Why it comes before others, as the buyer declared it. The producer never sees it.
    pub vulnerable_reason: Option<VulnerableReason>,
}

/// One step of a complaint, or one written answer.
#[derive(Serialize, ToSchema)]
pub struct ComplaintEventView {
    pub event: ComplaintEvent,
    pub to_status: ComplaintStatus,
    /// The role that did it.
    #[schema(max_length = 20, example = "operator")]
    pub actor_role: String,
    #[schema(max_length = 2000, example = "Cơ sở sẽ gửi lại hai chai.")]
    pub text: Option<String>,
    pub at: DateTime<Utc>,
}

impl From<EventRow> for ComplaintEventView {
    fn from((event, to_status, actor_role, text, at): EventRow) -> Self {
        Self { event, to_status, actor_role, text, at }
    }
}

/// Complaints as one party sees them, with their photos.
pub fn views(tx: &mut Tx<'_>, complaints: Vec<Complaint>, party: Party) -> Result<Vec<ComplaintView>> {
    let ids: Vec<Uuid> = complaints.iter().map(|complaint| complaint.id.0).collect();
    let photos = storage::photos_of(tx, ThingKind::Complaint, &ids)?;
    let today = vietnam_day(tx.now);
    let with_photos = |complaint: Complaint| {
        let own = photos.iter().filter(|(id, _)| *id == complaint.id.0).map(|(_, photo)| *photo).collect();
        view(complaint, own, party, today)
    };
    Ok(complaints.into_iter().map(with_photos).collect())
}

fn view(complaint: Complaint, photo_ids: Vec<PhotoId>, party: Party, today: NaiveDate) -> ComplaintView {
    let Complaint {
        id,
        code,
        order_id,
        buyer_account_id: _,
        producer_id: _,
        kind,
        text,
        status,
        received_on,
        due_on,
        answers: _,
        client_ref: _,
        version,
        created_at,
        updated_at,
    } = complaint;
    ComplaintView {
        id,
        code,
        order_id,
        kind,
        text,
        photo_ids,
        status,
        received_on,
        due_on,
        overdue: due_on.is_some_and(|due_on| due_on < today),
        allowed_actions: status.actions(party),
        version,
        created_at,
        updated_at,
    }
}

/// With why they come first, for those who may know.
pub fn with_priority(tx: &mut Tx<'_>, complaints: Vec<Complaint>, party: Party) -> Result<Vec<PriorityComplaintView>> {
    let ids: Vec<ComplaintId> = complaints.iter().map(|complaint| complaint.id).collect();
    let reasons = store::vulnerable(tx, &ids)?;
    let with_reason = |complaint: ComplaintView| {
        let reason = reasons.iter().find(|(id, _)| *id == complaint.id).map(|(_, reason)| *reason);
        PriorityComplaintView { complaint, vulnerable_reason: reason }
    };
    Ok(views(tx, complaints, party)?.into_iter().map(with_reason).collect())
}
