use std::collections::BTreeMap;

use chrono::NaiveTime;
use serde_json::{Value, json};

use super::model::{Group, Language, Quiet};
use super::store;
use crate::kernel::{Error, Result, Tx};
use crate::senders::Channel;

/// The order of fallback.
pub const ORDER: [Channel; 3] = [Channel::Zalo, Channel::Sms, Channel::Email];

/// What a person wants of pushed messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferences {
    pub language: Language,
    pub quiet: Quiet,
    /// Channels of the groups for which some were chosen; all of them for the others.
    pub channels: BTreeMap<Group, Vec<Channel>>,
    /// Confirmed by a code.
    pub email: Option<String>,
    pub version: i32,
}

impl Preferences {
    /// Of somebody who never chose.
    pub fn standard() -> Preferences {
        Preferences {
            language: Language::Vietnamese,
            quiet: Quiet::standard(),
            channels: BTreeMap::new(),
            email: None,
            version: 1,
        }
    }

    pub fn of_group(&self, group: Group) -> Vec<Channel> {
        let chosen = self.channels.get(&group).filter(|_| group != Group::Safety);
        ORDER.into_iter().filter(|channel| chosen.is_none_or(|chosen| chosen.contains(channel))).collect()
    }

    pub fn channels_as_json(&self) -> Value {
        let texts = |channels: &[Channel]| channels.iter().map(|channel| json!(channel.as_str())).collect::<Value>();
        self.channels.iter().map(|(group, channels)| (group.as_str().to_owned(), texts(channels))).collect()
    }

    /// What is stored; a group or channel that this program does not know is left out.
    pub fn channels_from(value: &Value) -> BTreeMap<Group, Vec<Channel>> {
        let channels = |list: &Value| {
            list.as_array().into_iter().flatten().filter_map(Value::as_str).filter_map(Channel::parse).collect()
        };
        let groups = value.as_object().into_iter().flatten();
        groups.filter_map(|(group, list)| Group::parse(group).map(|group| (group, channels(list)))).collect()
    }
}

/// What a person changes.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub language: Option<Language>,
    pub quiet_from: Option<NaiveTime>,
    pub quiet_until: Option<NaiveTime>,
    pub channels: BTreeMap<Group, Vec<Channel>>,
}

/// One's own.
pub fn find(tx: &mut Tx<'_>) -> Result<Preferences> {
    let account_id = tx.who.signed_in()?;
    Ok(store::preferences(tx, account_id)?.unwrap_or_else(Preferences::standard))
}

/// Changes what is sent over the version that was seen; `None` when it has changed since.
pub fn change(tx: &mut Tx<'_>, seen: i32, change: Change) -> Result<Option<Preferences>> {
    let account_id = tx.who.signed_in()?;
    let mut wanted = find(tx)?;
    if wanted.version != seen {
        return Ok(None);
    }
    wanted.language = change.language.unwrap_or(wanted.language);
    wanted.quiet.from = change.quiet_from.unwrap_or(wanted.quiet.from);
    wanted.quiet.until = change.quiet_until.unwrap_or(wanted.quiet.until);
    wanted.channels.extend(change.channels);
    if !store::write_preferences(tx, account_id, &wanted)? {
        return Ok(None);
    }
    store::preferences(tx, account_id)?.map(Some).ok_or_else(|| Error::internal("preferences were not written"))
}

/// One's own address for e-mail is not used any more.
pub fn forget_email(tx: &mut Tx<'_>) -> Result<()> {
    let account_id = tx.who.signed_in()?;
    store::forget_email(tx, account_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recall_goes_every_way_whatever_was_chosen() {
        let mut preferences = Preferences::standard();
        preferences.channels =
            Preferences::channels_from(&json!({"safety": [], "buying": ["email", "zalo"], "x": ["sms"]}));
        assert_eq!(preferences.of_group(Group::Safety), ORDER);
        assert_eq!(preferences.of_group(Group::Buying), [Channel::Zalo, Channel::Email]);
        assert_eq!(preferences.of_group(Group::Money), ORDER);
        assert_eq!(Preferences::channels_from(&preferences.channels_as_json()), preferences.channels);
    }
}
