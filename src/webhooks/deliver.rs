//! The tries of one delivery: when each comes, and what follows from its answer.

use chrono::TimeDelta;

use super::model::{DeliveryEvent, DeliveryStatus, EndpointEvent, EndpointStatus};
use super::sender::{Call, Told};
use super::{signature, store};
use crate::jobs::{self, Job};
use crate::kernel::{Result, Secret, Tx, WebhookDeliveryId};

/// Pauses between tries, before chance lengthens them: 48 hours together.
const RETRY_AFTER: [TimeDelta; 8] = [
    TimeDelta::seconds(5),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(5),
    TimeDelta::hours(10),
    TimeDelta::hours(14),
    TimeDelta::minutes(16 * 60 + 30),
];
/// Tries of one delivery until it is parked.
pub const TRIES_MAX: usize = RETRY_AFTER.len() + 1;
/// Chance makes a pause longer by at most one part in so many, so that many do not come back together.
const CHANCE_PART: u64 = 10;
/// What a server says that wants nothing any more.
const GONE: u16 = 410;

/// Reads what is to be sent; `None` when it was ended meanwhile. One that cannot arrive any more is ended here.
pub fn intent(tx: &mut Tx<'_>, key: &Secret, delivery_id: WebhookDeliveryId) -> Result<Option<Call>> {
    tx.who.must_be_platform()?;
    let Some((event, endpoint)) = store::pending(tx, delivery_id)? else { return Ok(None) };
    if endpoint.status != EndpointStatus::Active {
        end(tx, delivery_id, DeliveryEvent::Cancel)?;
        return Ok(None);
    }
    let signature = signature::header(key, (&endpoint, tx.now), event.id, &event.body)?;
    let timestamp = tx.now.timestamp();
    Ok(Some(Call { delivery_id, event_id: event.id, url: endpoint.url, timestamp, signature, body: event.body }))
}

/// Keeps the try, and ends the delivery or plans the next one.
pub fn record(tx: &mut Tx<'_>, call: &Call, told: &Told) -> Result<()> {
    tx.who.must_be_platform()?;
    let delivery_id = call.delivery_id;
    store::insert_attempt(tx, delivery_id, told)?;
    match told.status {
        Some(200..=299) => end(tx, delivery_id, DeliveryEvent::Deliver),
        Some(GONE) => give_up(tx, delivery_id),
        _ => retry(tx, delivery_id),
    }
}

/// Ends a delivery; one that was ended meanwhile stays as it is.
fn end(tx: &mut Tx<'_>, delivery_id: WebhookDeliveryId, event: DeliveryEvent) -> Result<()> {
    let Some(status) = store::lock_delivery(tx, delivery_id)? else { return Ok(()) };
    match status.after(event) {
        Some(next) => store::end(tx, delivery_id, (status, next)),
        None => Ok(()),
    }
}

/// The endpoint of a delivery wants nothing any more: it is given up, unless its owner has switched it off, and
/// everything that is on its way to it ends.
fn give_up(tx: &mut Tx<'_>, delivery_id: WebhookDeliveryId) -> Result<()> {
    let Some((id, status)) = store::lock_endpoint_of(tx, delivery_id)? else { return Ok(()) };
    if let Some(next) = status.after(EndpointEvent::GiveUp) {
        store::move_endpoint(tx, id, (status, next))?;
    }
    for old in DeliveryStatus::ALL {
        if let Some(next) = old.after(DeliveryEvent::Cancel) {
            store::end_all(tx, id, (*old, next))?;
        }
    }
    Ok(())
}

fn retry(tx: &mut Tx<'_>, delivery_id: WebhookDeliveryId) -> Result<()> {
    // Ended meanwhile by its owner.
    let Some(tries) = store::count_try(tx, delivery_id)? else { return Ok(()) };
    match pause_after(tries, rand::random()) {
        None => end(tx, delivery_id, DeliveryEvent::Park),
        Some(pause) => {
            let next_at = tx.now + pause;
            store::plan(tx, delivery_id, next_at)?;
            jobs::enqueue(tx, &Job::DeliverWebhook { delivery_id: delivery_id.0 }, next_at, None)
        }
    }
}

/// `None` after the last try.
fn pause_after(tries: i32, random: u64) -> Option<TimeDelta> {
    let plain = usize::try_from(tries).ok()?.checked_sub(1).and_then(|place| RETRY_AFTER.get(place))?;
    let longest = u64::try_from(plain.num_milliseconds()).ok()?.checked_div(CHANCE_PART)?;
    let chance = random.checked_rem(longest.max(1)).unwrap_or(0);
    Some(*plain + TimeDelta::milliseconds(i64::try_from(chance).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tries_go_on_for_two_days() {
        let all: TimeDelta = RETRY_AFTER.iter().sum();
        assert!((TimeDelta::hours(48)..=TimeDelta::hours(49)).contains(&all), "{all}");
        assert_eq!(pause_after(i32::try_from(TRIES_MAX).unwrap(), 7), None);
    }

    proptest! {
        #[test]
        fn chance_only_lengthens_and_by_a_tenth(tries in 1..=8_i32, random in any::<u64>()) {
            let plain = RETRY_AFTER[usize::try_from(tries).unwrap() - 1];
            let pause = pause_after(tries, random).unwrap();
            prop_assert!(pause >= plain && pause <= plain * 11 / 10, "{pause}");
        }

        #[test]
        fn no_number_of_tries_panics(tries in any::<i32>(), random in any::<u64>()) {
            pause_after(tries, random);
        }
    }
}
