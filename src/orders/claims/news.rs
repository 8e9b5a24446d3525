//! Who is told of a claim that moved, and by when somebody must act.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::model::{ClaimEvent, ClaimStatus};
use super::store::Claim;
use crate::kernel::{Error, Result, Tx};
use crate::notifications::{self, News, Notice, Recipient};
use crate::orders::model::Order;
use crate::webhooks::{self, Event, EventType};

/// Tells those who must know of a step and did not take it themselves; other systems hear of every end.
pub fn tell(tx: &mut Tx<'_>, claim: &Claim, order: &Order, event: ClaimEvent) -> Result<()> {
    let (buyer, producer) = (Recipient::Account(claim.buyer_account_id), Recipient::Producer(claim.producer_id));
    if let Some(news) = news_for_buyer(claim, order, event)? {
        say(tx, claim, (buyer, news))?;
    }
    if let Some(news) = news_for_producer(claim, order, event)? {
        say(tx, claim, (producer, news))?;
    }
    match claim.status {
        ClaimStatus::Settled | ClaimStatus::Decided | ClaimStatus::Withdrawn => emit(tx, claim),
        ClaimStatus::Open | ClaimStatus::Offered | ClaimStatus::InReview | ClaimStatus::Returning => Ok(()),
    }
}

fn news_for_buyer(claim: &Claim, order: &Order, event: ClaimEvent) -> Result<Option<News>> {
    let order_code = order.code.clone();
    Ok(match (event, claim.offered_vnd, claim.granted_vnd) {
        (ClaimEvent::Offer, Some(offered_vnd), _) => {
            Some(News::ClaimOffered { order_code, offered_vnd, answer_by: due(claim)? })
        }
        (ClaimEvent::AskReturn, ..) => Some(News::ClaimReturnAsked { order_code, return_by: due(claim)? }),
        (ClaimEvent::Contest | ClaimEvent::TimeOut, ..) => {
            Some(News::ClaimInReview { order_code, decide_by: due(claim)? })
        }
        (_, _, Some(refund_vnd)) => Some(News::ClaimDecided { order_code, refund_vnd }),
        _ => None,
    })
}

fn news_for_producer(claim: &Claim, order: &Order, event: ClaimEvent) -> Result<Option<News>> {
    let order_code = order.code.clone();
    Ok(match (event, claim.granted_vnd) {
        (ClaimEvent::RejectOffer | ClaimEvent::TimeOut, _) => {
            Some(News::ClaimInReview { order_code, decide_by: due(claim)? })
        }
        (ClaimEvent::Withdraw, _) => Some(News::ClaimWithdrawn { order_code }),
        (ClaimEvent::AcceptOffer | ClaimEvent::Decide, Some(refund_vnd)) => {
            Some(News::ClaimEnded { order_code, refund_vnd })
        }
        _ => None,
    })
}

fn due(claim: &Claim) -> Result<DateTime<Utc>> {
    claim.due_at.ok_or_else(|| Error::internal("a claim that waits without a deadline"))
}

fn say(tx: &mut Tx<'_>, claim: &Claim, (to, news): (Recipient, News)) -> Result<()> {
    notifications::tell(tx, &Notice { to, news, object_id: claim.id.0, occasion: "" })
}

fn emit(tx: &mut Tx<'_>, claim: &Claim) -> Result<()> {
    let data = json!({"claim_id": claim.id, "order_id": claim.order_id, "status": claim.status,
                      "granted_vnd": claim.granted_vnd});
    let event = Event {
        producer_id: Some(claim.producer_id),
        kind: EventType::ClaimDecided,
        object_id: claim.id.0,
        occasion: String::new(),
        data,
    };
    webhooks::emit(tx, &event)
}
