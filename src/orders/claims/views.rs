use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::{ClaimEvent, ClaimKind, ClaimStatus, ClaimWish, Party};
use super::store::{self, Claim, ClaimLine, EventRow};
use crate::kernel::{ClaimId, Error, OrderId, PhotoId, Result, Tx, VariantId, Vnd};
use crate::storage::{self, ThingKind};

/// A claim, as every party of it sees it.
#[derive(Serialize, ToSchema)]
pub struct ClaimView {
    pub id: ClaimId,
    pub order_id: OrderId,
    pub kind: ClaimKind,
    #[schema(example = "Hai chai mật ong bị vỡ khi nhận hàng.", max_length = 2000)]
    pub text: String,
    pub wish: ClaimWish,
    pub status: ClaimStatus,
    #[schema(max_items = 50)]
    pub lines: Vec<ClaimLineView>,
    /// The way, when everything is claimed.
    pub shipping_vnd: Vnd,
    /// Goods and way together, but not more than was left to owe.
    pub claimed_vnd: Vnd,
    /// What the producer offered instead.
    pub offered_vnd: Option<Vnd>,
    /// What is owed to the buyer for it; 0 when the operator decided so.
    pub granted_vnd: Option<Vnd>,
    #[schema(max_items = 5)]
    pub photo_ids: Vec<PhotoId>,
    /// Until when the producer answers, the buyer decides on an offer, or the operator shall decide.
    pub due_at: Option<DateTime<Utc>>,
    /// Every step, the oldest first.
    #[schema(max_items = 10)]
    pub events: Vec<ClaimEventView>,
    /// What the reader can do now: the last part of the route's path.
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<ClaimEvent>,
    #[schema(minimum = 1)]
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Serialize, ToSchema)]
pub struct ClaimLineView {
    pub variant_id: VariantId,
    #[schema(minimum = 1, maximum = 10_000)]
    pub quantity: i32,
    /// What was paid for them.
    pub amount_vnd: Vnd,
}

/// One step of a claim.
#[derive(Serialize, ToSchema)]
pub struct ClaimEventView {
    pub event: ClaimEvent,
    pub to_status: ClaimStatus,
    /// The role that did it.
    #[schema(max_length = 20, example = "producer")]
    pub actor_role: String,
    #[schema(max_length = 2000, example = "Chai được bọc kỹ, chỉ một chai vỡ.")]
    pub text: Option<String>,
    /// What was claimed, offered or granted with it.
    pub amount_vnd: Option<Vnd>,
    pub at: DateTime<Utc>,
}

/// Claims as one party sees them, in the order given.
pub fn views(tx: &mut Tx<'_>, claims: Vec<Claim>, party: Party) -> Result<Vec<ClaimView>> {
    let ids: Vec<ClaimId> = claims.iter().map(|claim| claim.id).collect();
    let things: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let photos = storage::photos_of(tx, ThingKind::Claim, &things)?;
    let lines = store::lines_of(tx, &ids)?;
    let events = store::events_of(tx, &ids)?;
    let whole = |claim: Claim| {
        let photo_ids = photos.iter().filter(|(id, _)| *id == claim.id.0).map(|(_, photo)| *photo).collect();
        let own_lines = lines.iter().filter(|line| line.claim_id == claim.id).map(line_view).collect();
        let own_events = events.iter().filter(|event| event.claim_id == claim.id).map(event_view).collect();
        view(claim, party, (photo_ids, own_lines, own_events))
    };
    Ok(claims.into_iter().map(whole).collect())
}

/// One claim.
pub fn one(tx: &mut Tx<'_>, claim: Claim, party: Party) -> Result<ClaimView> {
    views(tx, vec![claim], party)?.pop().ok_or_else(|| Error::internal("a claim vanished"))
}

fn line_view(line: &ClaimLine) -> ClaimLineView {
    ClaimLineView { variant_id: line.variant_id, quantity: line.quantity, amount_vnd: line.amount_vnd }
}

fn event_view(row: &EventRow) -> ClaimEventView {
    let EventRow { claim_id: _, event, to_status, actor_role, text, amount_vnd, at } = row.clone();
    ClaimEventView { event, to_status, actor_role, text, amount_vnd, at }
}

fn view(
    claim: Claim,
    party: Party,
    (photo_ids, lines, events): (Vec<PhotoId>, Vec<ClaimLineView>, Vec<ClaimEventView>),
) -> ClaimView {
    let Claim {
        id,
        order_id,
        buyer_account_id: _,
        producer_id: _,
        kind,
        text,
        wish,
        status,
        keeps,
        shipping_vnd,
        claimed_vnd,
        offered_vnd,
        granted_vnd,
        due_at,
        version,
        created_at,
        updated_at,
    } = claim;
    ClaimView {
        id,
        order_id,
        kind,
        text,
        wish,
        status,
        lines,
        shipping_vnd,
        claimed_vnd,
        offered_vnd,
        granted_vnd,
        photo_ids,
        due_at,
        events,
        allowed_actions: status.actions(party, keeps),
        version,
        created_at,
        updated_at,
    }
}
