//! What a carrier answers moves a booking only as its machine says, whatever happened while it was asked.

use ocop_market::jobs::Happened;
use ocop_market::kernel::ShipmentId;
use ocop_market::shipping::{self, BookingStatus};

use super::{Sale, with_ghn};
use crate::illegal_moves::machine::Machine;
use crate::illegal_moves::rows;
use crate::support::World;
use crate::support::carriers::FakeGhn;
use crate::support::principals::Watch;

const BOOKINGS: &str = include_str!("../../../src/shipping/shipments/booking/machine.txt");

fn place(world: &World, id: ShipmentId, booking: &str, code: Option<&str>) {
    let code = code.map_or("null".to_owned(), |code| format!("'{code}'"));
    world.database.execute(&format!(
        "update shipments set status = 'created', booking = '{booking}', code = {code} where id = '{id}'"
    ));
    world.database.execute("alter table shipment_events disable trigger all");
    world.database.execute(&format!("delete from shipment_events where shipment_id = '{id}' and status = 'cancelled'"));
    world.database.execute("alter table shipment_events enable trigger all");
}

/// The carrier is asked, and has answered; nothing of it is written yet.
async fn answered(sale: &Sale, ghn: Option<&FakeGhn>, (id, event): (ShipmentId, &str)) -> Happened {
    if let Some(ghn) = ghn {
        ghn.desk(|desk| {
            desk.parcels.clear();
            desk.refuses = event == "refuse";
            desk.has_left = event == "keep";
        });
    }
    let app = &sale.world.app;
    if matches!(event, "keep" | "end") {
        place(&sale.world, id, "cancelling", Some("GHN1"));
        return shipping::cancel_booking(app, id).await.expect("an answer");
    }
    place(&sale.world, id, "pending", None);
    shipping::book(app, id).await.expect("an answer")
}

async fn moves_as_its_machine_says(sale: &Sale, ghn: Option<&FakeGhn>, (events, by): (&[&str], &str)) {
    let id = sale.open("carrier:ghn").await.id;
    let machine = Machine::read(BOOKINGS);
    let mut watch = Watch::new(&sale.world);
    for event in events {
        // The database keeps a carrier's parcel from being nobody's.
        for status in BookingStatus::ALL.iter().filter(|status| **status != BookingStatus::None) {
            let mut happened = answered(sale, ghn, (id, event)).await;
            place(&sale.world, id, status.as_str(), Some("GHN1"));
            let before = rows(&mut watch);
            sale.world.app.db.job(move |tx| happened(tx)).await.expect("written");
            let is_told = machine.offers(status.as_str(), by).iter().any(|offered| offered == event);
            let next = machine.after(status.as_str(), event).filter(|_| is_told);
            match next {
                Some(next) => {
                    let booking = sale.world.text(&format!("select booking from shipments where id = '{id}'"));
                    assert_eq!(booking, next, "{event} of {status}");
                }
                None => assert_eq!(rows(&mut watch), before, "{event} of {status}"),
            }
        }
    }
}

#[actix_web::test]
async fn a_booking_goes_where_its_machine_says_whatever_its_carrier_answers() {
    let (ghn, sale) = with_ghn().await;
    moves_as_its_machine_says(&sale, Some(&ghn), (&["book", "refuse", "keep", "end"], "carrier")).await;
    sale.world.close().await;
    ghn.stop().await;
}

#[actix_web::test]
async fn a_parcel_of_a_carrier_that_is_off_is_left_to_hands_only_while_it_waits() {
    let sale = Sale::on(World::with(&[("GHN_TOKEN", "")]).await).await;
    moves_as_its_machine_says(&sale, None, (&["leave-to-hands"], "platform")).await;
    sale.world.close().await;
}
