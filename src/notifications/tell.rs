use serde_json::Value;
use uuid::Uuid;

use super::model::{Reach, Topic};
use super::news::News;
use super::{store, templates};
use crate::jobs::{self, Job};
use crate::kernel::{AccountId, Error, NoticeId, ProducerId, Result, Tx};
use crate::{identity, producers};

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    Account(AccountId),
    /// Everybody who acts for a producer.
    Producer(ProducerId),
    /// Every operator.
    Operators,
}

/// News for somebody.
#[derive(Debug, Clone)]
pub struct Notice {
    pub to: Recipient,
    pub news: News,
    /// What it is about: the order, the lot, the complaint.
    pub object_id: Uuid,
    /// Tells apart what may be told several times of one object, as the first and the second reminder; else empty.
    pub occasion: &'static str,
}

/// Tells in the transaction of what happened. Whoever was told already is not told again.
pub fn tell(tx: &mut Tx<'_>, notice: &Notice) -> Result<()> {
    tell_each(tx, notice, notice.occasion)
}

/// As [`tell`], for what happens to one object again and again: once for each of these occasions, of which no two are
/// named alike.
pub fn tell_each(tx: &mut Tx<'_>, notice: &Notice, occasion: &str) -> Result<()> {
    let (topic, facts) = read(&notice.news)?;
    let accounts = match notice.to {
        Recipient::Account(account_id) => vec![account_id],
        Recipient::Producer(producer_id) => tx.as_platform(|tx| producers::members(tx, producer_id))?,
        Recipient::Operators => tx.as_platform(identity::operators)?,
    };
    for account_id in accounts {
        let id = NoticeId::generate();
        let is_new = store::insert(tx, (id, account_id), (topic, notice.object_id, occasion), &facts)?;
        if is_new && templates::of(topic)?.reach != Reach::Inbox {
            jobs::enqueue(tx, &Job::PushNotice { notice_id: id.0 }, tx.now, None)?;
        }
    }
    Ok(())
}

/// The facts without the topic, which has a column of its own.
fn read(news: &News) -> Result<(Topic, Value)> {
    let mut facts = serde_json::to_value(news).map_err(Error::internal)?;
    let named = facts.as_object_mut().and_then(|facts| facts.remove("topic"));
    let topic = named.as_ref().and_then(Value::as_str).and_then(Topic::parse);
    topic.map(|topic| (topic, facts)).ok_or_else(|| Error::internal(format!("{named:?} is no topic")))
}
