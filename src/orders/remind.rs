//! An order that nobody answers: first the household is reminded, then those who can help it, before it ends by itself.

use chrono::TimeDelta;

use super::model::{Order, OrderStatus};
use super::steps::ANSWER_WITHIN;
use super::store;
use crate::identity::{self, GrantRole};
use crate::jobs::{self, Job};
use crate::kernel::{Error, OrderId, Result, Tx};
use crate::notifications::{self, News, Notice, Recipient};
use crate::producers;

/// How long after the wait for an answer begins each round is.
const HOUSEHOLD_AFTER: TimeDelta = TimeDelta::hours(4);
const HELPERS_AFTER: TimeDelta = TimeDelta::hours(10);
const OFFICERS_AFTER: TimeDelta = TimeDelta::hours(18);

/// Plans a round; after the last there is none.
pub fn plan(tx: &mut Tx<'_>, order: &Order, round: u8) -> Result<()> {
    let after = match round {
        1 => HOUSEHOLD_AFTER,
        2 => HELPERS_AFTER,
        3 => OFFICERS_AFTER,
        _ => return Ok(()),
    };
    match order.due_at.filter(|_| is_new(order)) {
        Some(due_at) => {
            let at = due_at - ANSWER_WITHIN + after;
            jobs::enqueue(tx, &Job::RemindOrder { order_id: order.id.0, round }, at, None)
        }
        None => Ok(()),
    }
}

/// Reminds whoever is to be reminded in this round and plans the next. Once the order was answered nobody is told.
///
/// The household's helpers and officers are those whose role names its commune, else those who have its province. Where
/// there are none the round is silent.
pub fn remind(tx: &mut Tx<'_>, id: OrderId, round: u8) -> Result<()> {
    tx.who.must_be_platform()?;
    let order = store::lock_order(tx, id)?;
    let Some(accept_by) = order.due_at.filter(|due_at| is_new(&order) && *due_at > tx.now) else {
        return Ok(());
    };
    let order_code = order.code.clone();
    let (recipients, news) = match round {
        1 => (vec![Recipient::Producer(order.producer_id)], News::OrderReminder { order_code, accept_by }),
        2 => {
            let producer_name = producers::name(tx, order.producer_id)?;
            (near(tx, &order, GrantRole::Helper)?, News::OrderReminderHelper { order_code, producer_name, accept_by })
        }
        3 => {
            let producer_name = producers::name(tx, order.producer_id)?;
            let officers = near(tx, &order, GrantRole::Official)?;
            (officers, News::OrderReminderOfficer { order_code, producer_name, accept_by })
        }
        _ => return Err(Error::internal(format!("there is no round {round}"))),
    };
    for to in recipients {
        notifications::tell(tx, &Notice { to, news: news.clone(), object_id: order.id.0, occasion: "" })?;
    }
    plan(tx, &order, round.saturating_add(1))
}

/// Whether nobody has answered it.
fn is_new(order: &Order) -> bool {
    matches!(order.status, OrderStatus::Paid | OrderStatus::Confirmed)
}

fn near(tx: &mut Tx<'_>, order: &Order, role: GrantRole) -> Result<Vec<Recipient>> {
    let sender = producers::sender(tx, order.producer_id)?;
    let accounts = identity::holders_near(tx, role, sender.commune_code.as_str())?;
    Ok(accounts.into_iter().map(Recipient::Account).collect())
}
