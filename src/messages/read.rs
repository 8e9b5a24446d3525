use serde_json::json;

use super::model::{MessageRefusal, Sender, is_open};
use super::send::own_order;
use super::store::{self, Message};
use crate::kernel::{Audience, ComplaintId, Error, OrderId, Result, Tx};
use crate::{audit, complaints};

/// Which part of a conversation.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    pub after: i32,
    pub before: Option<i32>,
    pub rows: i64,
}

/// What one side sees of its conversation.
pub struct Seen {
    pub messages: Vec<Message>,
    /// Number of the newest message.
    pub last_number: i32,
    pub unread: i64,
    /// How far the other side has read.
    pub read_by_other: i32,
    pub can_write: bool,
}

pub fn look(tx: &mut Tx<'_>, side: Sender, id: OrderId, part: Part) -> Result<Seen> {
    let order = own_order(tx, side, id)?;
    let can_write = is_open(&order, tx.now);
    let Some(conversation) = store::find(tx, id)? else {
        return Ok(Seen { messages: Vec::new(), last_number: 0, unread: 0, read_by_other: 0, can_write });
    };
    let (other, read, read_by_other) = match side {
        Sender::Buyer => (Sender::Producer, conversation.buyer_read, conversation.producer_read),
        Sender::Producer => (Sender::Buyer, conversation.producer_read, conversation.buyer_read),
    };
    Ok(Seen {
        messages: store::list(tx, id, part.after, part.before, part.rows)?,
        last_number: conversation.messages,
        unread: store::unread(tx, id, other, read)?,
        read_by_other,
        can_write,
    })
}

/// One side has read up to a number: never back, and never beyond what there is.
pub fn mark_read(tx: &mut Tx<'_>, side: Sender, id: OrderId, number: i32) -> Result<()> {
    let order = own_order(tx, side, id)?;
    if order.paid_at.is_none() {
        return Err(MessageRefusal::NotOpen.into());
    }
    let conversation = store::lock(tx, &order)?;
    let read = match side {
        Sender::Buyer => conversation.buyer_read,
        Sender::Producer => conversation.producer_read,
    };
    let number = number.min(conversation.messages);
    if number > read { store::set_read(tx, id, side, number) } else { Ok(()) }
}

/// The operator reads what was written about an order while a complaint about it is open; that is on record.
pub fn read_for_complaint(tx: &mut Tx<'_>, id: ComplaintId, part: Part) -> Result<Vec<Message>> {
    tx.who.must(Audience::Operator)?;
    let complaint = complaints::find(tx, id)?;
    if !complaint.status.is_open() {
        let refusal = Error::from(MessageRefusal::NoOpenComplaint);
        return Err(refusal.with("current_status", complaint.status.as_str()));
    }
    audit::write(tx, "messages.read", "complaint", id.0, json!({"order_id": complaint.order_id}))?;
    store::list(tx, complaint.order_id, part.after, part.before, part.rows)
}
