//! What providers and the end of a purchase move: payments, their attempts, and goods that are reserved for them.

use ocop_market::kernel::{CheckoutId, OrderId, Result, Tx};
use ocop_market::{payments, stock};

use super::machine::Machine;
use super::rows;
use crate::support::World;
use crate::support::money::Due;
use crate::support::principals::Watch;

const PAYMENTS: &str = include_str!("../../../src/payments/payment_machine.txt");
const ATTEMPTS: &str = include_str!("../../../src/payments/attempt_machine.txt");
const RESERVATIONS: &str = include_str!("../../../src/stock/reservation_machine.txt");

/// What VNPAY says, by the event that it is: response and status.
const SAID: [(&str, (&str, &str)); 5] = [
    ("capture", ("00", "00")),
    ("hold", ("07", "07")),
    ("fail", ("99", "02")),
    ("cancel", ("24", "02")),
    ("expire", ("11", "02")),
];

fn attempt_id(due: &Due) -> &str {
    due.attempt["id"].as_str().expect("an id")
}

fn place_payment(world: &World, due: &Due, status: &str) {
    world.database.execute(&format!(
        "update payments set status = '{status}', captured_at = case when '{status}' = 'captured' then now() end \
         where checkout_id = '{}'",
        due.id()
    ));
}

fn place_attempt(world: &World, due: &Due, status: &str) {
    let set = format!("update payment_attempts set status = '{status}' where id = '{}'", attempt_id(due));
    world.database.execute(&set);
}

fn place_checkout(world: &World, due: &Due, status: &str) {
    world.database.execute(&format!(
        "update checkouts set status = '{status}', paid_at = case when '{status}' = 'paid' then created_at end \
         where id = '{}'",
        due.id()
    ));
}

fn payment_of(world: &World, due: &Due) -> String {
    world.text(&format!("select status from payments where checkout_id = '{}'", due.id()))
}

fn attempt_of(world: &World, due: &Due) -> String {
    world.text(&format!("select status from payment_attempts where id = '{}'", attempt_id(due)))
}

#[actix_web::test]
async fn an_attempt_goes_where_its_machine_says_whatever_its_provider_tells() {
    let world = World::start().await;
    let shop = world.shop(120_000, 90).await;
    let buyer = world.buyer("0933333333").await;
    let machine = Machine::read(ATTEMPTS);
    let mut number = 100;
    for status in machine.statuses() {
        for (event, (response, code)) in SAID {
            number += 1;
            let due = world.due(&buyer, &shop.product, 1, "vnpay").await;
            place_attempt(&world, &due, &status);
            if status == "captured" {
                place_payment(&world, &due, "captured");
                place_checkout(&world, &due, "paid");
            }
            let row = format!("select a::text from payment_attempts a where id = '{}'", attempt_id(&due));
            let before = world.text(&row);
            let told = (response, code, number.to_string());
            world.vnpay(&due.reference, due.total, (told.0, told.1, &told.2)).await.expect(200);
            match machine.after(&status, event) {
                Some(next) => assert_eq!(attempt_of(&world, &due), next, "{event} of {status}"),
                None => assert_eq!(world.text(&row), before, "{event} of {status}"),
            }
        }
    }
    world.close().await;
}

#[actix_web::test]
async fn money_is_captured_only_for_what_is_still_owed() {
    let world = World::start().await;
    let shop = world.shop(120_000, 20).await;
    let buyer = world.buyer("0933333333").await;
    let machine = Machine::read(PAYMENTS);
    for (number, status) in (1..).zip(machine.statuses()) {
        let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
        place_payment(&world, &due, &status);
        let checkout = match status.as_str() {
            "pending" => "awaiting_payment",
            "captured" => "paid",
            ended => ended,
        };
        place_checkout(&world, &due, checkout);
        let row = format!("select p::text from payments p where checkout_id = '{}'", due.id());
        let before = world.text(&row);
        world.sepay(number, &due.reference, due.total).await.expect(200);
        match machine.after(&status, "capture") {
            Some(next) => assert_eq!(payment_of(&world, &due), next, "{status}"),
            None => assert_eq!(world.text(&row), before, "{status}"),
        }
        let has_order = world
            .count(&format!("select count(*) from orders where id = '{}' and paid_at is not null", due.order_id()));
        assert_eq!(has_order == 1, status == "pending", "goods are given for money only while it is owed");
    }
    world.close().await;
}

#[actix_web::test]
async fn the_end_of_a_purchase_ends_only_what_is_still_open() {
    let world = World::start().await;
    let shop = world.shop(120_000, 20).await;
    let buyer = world.buyer("0933333333").await;
    let due = world.due(&buyer, &shop.product, 1, "vnpay").await;
    let checkout_id = CheckoutId(due.id().parse().expect("an id"));
    let (payments, attempts) = (Machine::read(PAYMENTS), Machine::read(ATTEMPTS));
    let mut watch = Watch::new(&world);
    for (event, ended) in [("expire", "expired"), ("cancel", "cancelled")] {
        place_checkout(&world, &due, ended);
        for payment in payments.statuses() {
            for attempt in attempts.statuses() {
                place_payment(&world, &due, &payment);
                place_attempt(&world, &due, &attempt);
                let before = rows(&mut watch);
                world.app.db.job(move |tx| payments::close(tx, checkout_id)).await.expect("closed");
                let Some(next) = payments.after(&payment, event) else {
                    assert_eq!(rows(&mut watch), before, "{event} of {payment} with {attempt}");
                    continue;
                };
                assert_eq!(payment_of(&world, &due), next);
                let next = if attempt == "pending" { attempts.after(&attempt, event) } else { None };
                assert_eq!(attempt_of(&world, &due), next.unwrap_or(&attempt), "{event} with {attempt}");
            }
        }
    }
    world.close().await;
}

/// What is done with the goods of an order.
type Deed = fn(&mut Tx<'_>, OrderId) -> Result<()>;

fn release(tx: &mut Tx<'_>, id: OrderId) -> Result<()> {
    stock::release(tx, &[id])
}

fn consume(tx: &mut Tx<'_>, id: OrderId) -> Result<()> {
    stock::consume(tx, &[id]).map(drop)
}

#[actix_web::test]
async fn reserved_goods_move_once_and_only_as_their_machine_says() {
    let world = World::start().await;
    let shop = world.shop(120_000, 90).await;
    let buyer = world.buyer("0933333333").await;
    let machine = Machine::read(RESERVATIONS);
    let mut watch = Watch::new(&world);
    let events: [(&str, Deed); 3] = [("consume", consume), ("release", release), ("return", stock::give_back)];
    for status in machine.statuses() {
        for (event, happens) in events {
            let due = world.due(&buyer, &shop.product, 1, "bank_transfer").await;
            let id = OrderId(due.order_id().parse().expect("an id"));
            let of_order = format!("from reservations where order_id = '{id}'");
            world.database.execute(&format!(
                "update reservations set status = '{status}', ended_at = case when '{status}' <> 'held' then now() end \
                 where order_id = '{id}'"
            ));
            let before = rows(&mut watch);
            world.app.db.job(move |tx| happens(tx, id)).await.expect("done");
            match machine.after(&status, event) {
                Some(next) => assert_eq!(world.text(&format!("select status {of_order}")), next, "{event} of {status}"),
                None => assert_eq!(rows(&mut watch), before, "{event} of {status}"),
            }
        }
    }
    world.close().await;
}
