//! A notice on its way outwards: which channel is next, and what follows from what became of a try.

use chrono::{DateTime, TimeDelta, Utc};

use super::model::{DeliveryRow, NoticeRow, Reach};
use super::preferences::Preferences;
use super::{store, templates};
use crate::identity;
use crate::jobs::{self, Job};
use crate::kernel::{AccountId, NoticeId, PhoneNumber, Result, Tx};
use crate::senders::{Address, Channel, Message, Outcome, Senders, Sent};

/// Pauses after the failed tries of one channel; after the last one the next channel carries the notice.
const RETRY_AFTER: [TimeDelta; 3] = [TimeDelta::minutes(1), TimeDelta::minutes(5), TimeDelta::minutes(30)];
/// What nobody could be told for so long is not pushed any more.
const GIVE_UP_AFTER: TimeDelta = TimeDelta::days(2);

/// What is to be done about a notice now.
#[derive(Debug, Clone)]
pub enum Step {
    Send(Channel, Message),
    /// Quiet reigns until then.
    Wait(DateTime<Utc>),
    /// It was read, told, or there is no way left.
    Nothing,
}

/// What was tried.
#[derive(Debug, Clone)]
pub struct Pushed {
    pub notice_id: NoticeId,
    pub channel: Channel,
    pub sent: Sent,
}

/// Reads what is to be done. Nothing is marked: should the worker die after the call, it is made again with its id.
pub fn intent(tx: &mut Tx<'_>, senders: &Senders, notice_id: NoticeId) -> Result<Step> {
    tx.who.must_be_platform()?;
    let Some((account_id, notice)) = store::find(tx, notice_id)? else { return Ok(Step::Nothing) };
    let preferences = store::preferences(tx, account_id)?.unwrap_or_else(Preferences::standard);
    let tries = store::deliveries_of(tx, notice_id)?;
    let template = templates::of(notice.topic)?;
    if is_over(tx.now, &notice, &tries) {
        return Ok(Step::Nothing);
    }
    if template.reach != Reach::Urgent
        && let Some(until) = preferences.quiet.over_at(tx.now)
    {
        return Ok(Step::Wait(until));
    }
    let phone = reachable_phone(tx, account_id)?;
    for channel in preferences.of_group(template.group) {
        let address = match channel {
            Channel::Zalo | Channel::Sms => phone.clone().map(Address::Phone),
            Channel::Email => preferences.email.clone().map(Address::Email),
        };
        let Some(to) = address else { continue };
        if has_way(&tries, channel) && senders.carries(channel, notice.topic.as_str()) {
            return Ok(Step::Send(channel, message(&notice, &preferences, to)?));
        }
    }
    Ok(Step::Nothing)
}

fn reachable_phone(tx: &mut Tx<'_>, account_id: AccountId) -> Result<Option<PhoneNumber>> {
    Ok(identity::phone_of(tx, account_id)?.as_deref().and_then(PhoneNumber::parse))
}

fn is_over(now: DateTime<Utc>, notice: &NoticeRow, tries: &[DeliveryRow]) -> bool {
    notice.read_at.is_some()
        || notice.created_at + GIVE_UP_AFTER < now
        || tries.iter().any(|t| t.outcome == Outcome::Accepted)
}

/// Whether a channel was neither refused nor tried often enough.
fn has_way(tries: &[DeliveryRow], channel: Channel) -> bool {
    let of_channel = || tries.iter().filter(|t| t.channel == channel);
    !of_channel().any(|t| t.outcome == Outcome::Refused) && of_channel().count() <= RETRY_AFTER.len()
}

fn message(notice: &NoticeRow, preferences: &Preferences, to: Address) -> Result<Message> {
    let (title, text) = notice.words(preferences.language)?;
    let template = notice.topic.as_str().to_owned();
    Ok(Message { id: notice.id.0, to, title, text, template, gaps: templates::gaps(&notice.facts) })
}

/// Keeps the try, and plans what follows: nothing, the same again later, or the next channel at once.
pub fn record(tx: &mut Tx<'_>, pushed: &Pushed) -> Result<()> {
    let Pushed { notice_id, channel, sent } = pushed;
    let Some((account_id, _)) = store::find(tx, *notice_id)? else { return Ok(()) };
    store::insert_delivery(tx, account_id, pushed)?;
    let tries = store::deliveries_of(tx, *notice_id)?;
    let tried = tries.iter().filter(|t| t.channel == *channel).count();
    let pause = match sent.outcome {
        Outcome::Accepted => return Ok(()),
        Outcome::Refused => TimeDelta::zero(),
        Outcome::Failed => tried.checked_sub(1).and_then(|n| RETRY_AFTER.get(n)).copied().unwrap_or_default(),
    };
    again(tx, *notice_id, tx.now + pause)
}

pub fn again(tx: &mut Tx<'_>, notice_id: NoticeId, at: DateTime<Utc>) -> Result<()> {
    jobs::enqueue(tx, &Job::PushNotice { notice_id: notice_id.0 }, at, None)
}
