use chrono::{DateTime, Utc};
use diesel::prelude::*;
use schema::{conversations, messages};
use uuid::Uuid;

use super::model::Sender;
use crate::kernel::{AccountId, MessageId, OrderId, ProducerId, Result, Tx};
use crate::orders::Order;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = conversations)]
pub struct Conversation {
    pub messages: i32,
    pub buyer_read: i32,
    pub producer_read: i32,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = messages)]
pub struct Message {
    pub id: MessageId,
    pub order_id: OrderId,
    pub number: i32,
    pub buyer_account_id: AccountId,
    pub producer_id: ProducerId,
    pub sender: Sender,
    pub client_ref: Option<Uuid>,
    pub text: String,
    pub sent_at: DateTime<Utc>,
}

/// The conversation about an order, begun if there is none, in which nobody else can write until this transaction ends.
pub fn lock(tx: &mut Tx<'_>, order: &Order) -> Result<Conversation> {
    diesel::insert_into(conversations::table)
        .values((
            conversations::order_id.eq(order.id),
            conversations::buyer_account_id.eq(order.buyer_account_id),
            conversations::producer_id.eq(order.producer_id),
            conversations::created_at.eq(tx.now),
            conversations::updated_at.eq(tx.now),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    Ok(conversations::table.find(order.id).select(Conversation::as_select()).for_update().first(tx.conn)?)
}

pub fn find(tx: &mut Tx<'_>, order_id: OrderId) -> Result<Option<Conversation>> {
    Ok(conversations::table.find(order_id).select(Conversation::as_select()).first(tx.conn).optional()?)
}

pub fn find_by_client_ref(
    tx: &mut Tx<'_>,
    order_id: OrderId,
    sender: Sender,
    client_ref: Uuid,
) -> Result<Option<Message>> {
    Ok(messages::table
        .filter(messages::order_id.eq(order_id))
        .filter(messages::sender.eq(sender))
        .filter(messages::client_ref.eq(client_ref))
        .select(Message::as_select())
        .first(tx.conn)
        .optional()?)
}

/// When one side sent its latest messages, the newest first.
pub fn sent_since(
    tx: &mut Tx<'_>,
    order_id: OrderId,
    sender: Sender,
    since: DateTime<Utc>,
    rows: i64,
) -> Result<Vec<DateTime<Utc>>> {
    Ok(messages::table
        .filter(messages::order_id.eq(order_id))
        .filter(messages::sender.eq(sender))
        .filter(messages::sent_at.gt(since))
        .order(messages::sent_at.desc())
        .limit(rows)
        .select(messages::sent_at)
        .load(tx.conn)?)
}

/// Appends to a conversation that is locked.
pub fn append(tx: &mut Tx<'_>, message: &Message) -> Result<()> {
    diesel::insert_into(messages::table).values(message).execute(tx.conn)?;
    diesel::update(conversations::table.find(message.order_id))
        .set((conversations::messages.eq(message.number), conversations::updated_at.eq(tx.now)))
        .execute(tx.conn)?;
    Ok(())
}

/// The newest first: those after one number and before another.
pub fn list(tx: &mut Tx<'_>, order_id: OrderId, after: i32, before: Option<i32>, rows: i64) -> Result<Vec<Message>> {
    let mut query = messages::table
        .filter(messages::order_id.eq(order_id))
        .filter(messages::number.gt(after))
        .select(Message::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(messages::number.lt(before));
    }
    Ok(query.order(messages::number.desc()).limit(rows).load(tx.conn)?)
}

/// Messages of the other side that were not read yet.
pub fn unread(tx: &mut Tx<'_>, order_id: OrderId, from: Sender, read: i32) -> Result<i64> {
    Ok(messages::table
        .filter(messages::order_id.eq(order_id))
        .filter(messages::sender.eq(from))
        .filter(messages::number.gt(read))
        .count()
        .get_result(tx.conn)?)
}

/// Moves how far a reader has read, in a conversation that is locked.
pub fn set_read(tx: &mut Tx<'_>, order_id: OrderId, reader: Sender, number: i32) -> Result<()> {
    let conversation = conversations::table.find(order_id);
    match reader {
        Sender::Buyer => {
            diesel::update(conversation).set(conversations::buyer_read.eq(number)).execute(tx.conn)?;
        }
        Sender::Producer => {
            diesel::update(conversation).set(conversations::producer_read.eq(number)).execute(tx.conn)?;
        }
    }
    Ok(())
}
