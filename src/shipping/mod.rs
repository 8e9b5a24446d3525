//! How goods get from the producer to the buyer: what it costs, who may carry what, and where a parcel is.
//!
//! Promises: goods are never offered to somebody who does not carry their class; a fee follows from a version of a
//! tariff that is never changed; a parcel is never booked twice; its status is what all its events together say, in
//! whatever order they came; what a carrier is to collect it is told with the booking, and nobody else collects it.

mod addresses;
pub mod carriers;
mod messages;
mod model;
mod own;
mod pickup;
mod quote;
mod runs;
mod shipments;
mod tariffs;

use utoipa_actix_web::service_config::ServiceConfig;

#[cfg(fuzzing)]
pub use addresses::read_list as read_address_list;
pub use addresses::{import_csv as import_addresses, unmapped as unmapped_communes};
pub use carriers::Carriers;
pub use messages::{MessageOutcome, purge as purge_messages};
pub use model::{Carrier, Choice, Method, PointKind, Service, ShipmentStatus, ShippingRefusal, TransportClass, Zone};
pub use pickup::{PickupPoint, find as find_pickup_point};
pub use quote::{Consignment, DeliveryOption, options};
pub use runs::{Manifest, RunStatus, Stop, manifest as run_manifest};
pub use shipments::find as find_shipment;
pub use shipments::{
    BookingStatus, NewShipment, Recipient, Shipment, Source, ask, book, bring_along, cancel, cancel_booking, open,
};
pub use shipments::{last_note, told_by_carrier};

use crate::kernel::error::Problem;
use crate::kernel::{Result, Tx};

pub const PROBLEMS: &[&[Problem]] = &[ShippingRefusal::PROBLEMS];

pub fn routes(cfg: &mut ServiceConfig) {
    tariffs::routes(cfg);
    own::routes(cfg);
    pickup::routes(cfg);
    quote::routes(cfg);
    addresses::routes(cfg);
    shipments::routes(cfg);
    messages::routes(cfg);
    runs::routes(cfg);
}

/// Takes up messages of carriers that nobody finished, and plans a question for each parcel that is silent.
pub fn look_after(tx: &mut Tx<'_>, carriers: &Carriers) -> Result<()> {
    messages::take_up(tx, carriers)?;
    shipments::poll(tx)
}
