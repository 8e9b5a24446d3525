use serde_json::json;

use super::model::{ComplaintEvent, ComplaintKind, ComplaintStatus, VulnerableReason};
use super::move_complaint::due_on;
use super::news;
use super::store::{self, Complaint};
use crate::kernel::ids::spoken_code;
use crate::kernel::time::vietnam_day;
use crate::kernel::{Audience, ClientRef, ComplaintId, Error, OrderId, PhotoId, Result, Tx};
use crate::storage::{self, Thing, ThingKind};
use crate::{audit, orders};

/// What a buyer complains about.
#[derive(Debug, Clone)]
pub struct Grievance {
    pub kind: ComplaintKind,
    pub text: String,
    pub vulnerable_reason: Option<VulnerableReason>,
    pub photo_ids: Vec<PhotoId>,
    pub client_ref: Option<ClientRef>,
}

pub enum Opened {
    New(Complaint),
    /// With this `client_ref`, earlier.
    Before(Complaint),
}

/// About any order of one's own, whatever became of it: a complaint may not be turned away at the door. Of each kind one
/// may be open.
pub fn open(tx: &mut Tx<'_>, order_id: OrderId, grievance: &Grievance) -> Result<Opened> {
    let buyer_id = tx.who.must(Audience::Buyer)?;
    let order = orders::find_buyers_order(tx, buyer_id, order_id)?;
    let received_on = vietnam_day(tx.now);
    let id = ComplaintId::generate();
    let complaint = Complaint {
        id,
        code: format!("KN{}", spoken_code(id.0)),
        order_id,
        buyer_account_id: buyer_id,
        producer_id: order.paid_at.map(|_| order.producer_id),
        kind: grievance.kind,
        text: grievance.text.clone(),
        status: ComplaintStatus::Received,
        received_on,
        due_on: due_on(tx, ComplaintStatus::Received, received_on)?,
        answers: 0,
        client_ref: grievance.client_ref.map(|client_ref| client_ref.0),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    let Some(complaint) = store::insert(tx, &complaint)? else {
        let client_ref = complaint.client_ref.ok_or_else(|| Error::internal("a complaint was not written"))?;
        let before = store::find_by_client_ref(tx, buyer_id, client_ref)?;
        return before.map(Opened::Before).ok_or_else(|| Error::internal("a complaint vanished"));
    };
    if let Some(reason) = grievance.vulnerable_reason {
        store::declare_vulnerable(tx, &complaint, reason)?;
    }
    let thing = Thing { kind: ThingKind::Complaint, id: id.0, producer_id: complaint.producer_id, is_public: false };
    storage::attach(tx, &grievance.photo_ids, &thing)?;
    store::record(tx, &complaint, ComplaintEvent::Open, None, Some(&grievance.text))?;
    audit::write(tx, "complaint.open", "complaint", id.0, json!({"order_id": order_id, "kind": complaint.kind}))?;
    news::tell_opened(tx, &complaint, &order.code)?;
    Ok(Opened::New(complaint))
}
