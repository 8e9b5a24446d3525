use super::model::{HOUR, MESSAGES_MAX, MESSAGES_PER_HOUR_MAX, MessageRefusal, Sender, is_open};
use super::store::{self, Conversation, Message};
use crate::kernel::error::CommonProblem;
use crate::kernel::{Audience, ClientRef, Error, MessageId, OrderId, Result, Tx};
use crate::notifications::{self, News, Notice, Recipient};
use crate::orders::{self, Order};
use crate::producers;

pub enum Sent {
    New(Message),
    /// With this `client_ref`, earlier.
    Before(Message),
}

/// The order of the actor on this side; anybody else's does not exist.
pub fn own_order(tx: &mut Tx<'_>, side: Sender, id: OrderId) -> Result<Order> {
    match side {
        Sender::Buyer => {
            let buyer_id = tx.who.must(Audience::Buyer)?;
            orders::find_buyers_order(tx, buyer_id, id)
        }
        Sender::Producer => {
            tx.who.must(Audience::Producer)?;
            let producer_id = tx.who.producer_id.ok_or(CommonProblem::NotFound)?;
            orders::find_producers_order(tx, producer_id, id)
        }
    }
}

/// One after the other in a conversation; what was sent before is found before any limit is looked at.
pub fn send(tx: &mut Tx<'_>, side: Sender, id: OrderId, text: String, client_ref: Option<ClientRef>) -> Result<Sent> {
    let order = own_order(tx, side, id)?;
    if order.paid_at.is_none() {
        return Err(MessageRefusal::NotOpen.into());
    }
    let conversation = store::lock(tx, &order)?;
    if let Some(client_ref) = client_ref
        && let Some(before) = store::find_by_client_ref(tx, id, side, client_ref.0)?
    {
        return Ok(Sent::Before(before));
    }
    if !is_open(&order, tx.now) {
        return Err(MessageRefusal::NotOpen.into());
    }
    if conversation.messages >= MESSAGES_MAX {
        return Err(MessageRefusal::ConversationFull.into());
    }
    must_not_flood(tx, side, id)?;
    let message = Message {
        id: MessageId::generate(),
        order_id: id,
        number: conversation.messages.saturating_add(1),
        buyer_account_id: order.buyer_account_id,
        producer_id: order.producer_id,
        sender: side,
        client_ref: client_ref.map(|client_ref| client_ref.0),
        text,
        sent_at: tx.now,
    };
    store::append(tx, &message)?;
    tell(tx, side, &order, &conversation)?;
    Ok(Sent::New(message))
}

/// The other side hears of the first message after what it has read, and of no more until it reads on.
fn tell(tx: &mut Tx<'_>, side: Sender, order: &Order, conversation: &Conversation) -> Result<()> {
    let (to, sender_name, read) = match side {
        Sender::Buyer => {
            let to = Recipient::Producer(order.producer_id);
            (to, order.recipient_name.clone(), conversation.producer_read)
        }
        Sender::Producer => {
            let name = tx.as_platform(|tx| producers::name(tx, order.producer_id))?;
            (Recipient::Account(order.buyer_account_id), name, conversation.buyer_read)
        }
    };
    let news = News::MessageReceived { order_code: order.code.clone(), sender_name };
    let notice = Notice { to, news, object_id: order.id.0, occasion: "" };
    notifications::tell_each(tx, &notice, &read.to_string())
}

fn must_not_flood(tx: &mut Tx<'_>, side: Sender, id: OrderId) -> Result<()> {
    let since = tx.now - HOUR;
    let sent = store::sent_since(tx, id, side, since, MESSAGES_PER_HOUR_MAX)?;
    let is_full = i64::try_from(sent.len()).unwrap_or(i64::MAX) >= MESSAGES_PER_HOUR_MAX;
    let Some(oldest) = sent.last().filter(|_| is_full) else { return Ok(()) };
    let wait = (*oldest - since).num_seconds().saturating_add(1);
    Err(Error::from(MessageRefusal::TooMany).with("retry_after_s", wait))
}
