//! How goods get from the producer to the buyer: what it costs, who may carry what, and where a parcel is.
//!
//! Promises: goods are never offered to somebody who does not carry their class; a fee follows from a version of a
//! tariff that is never changed; a parcel is never booked twice; its status is what all its events together say, in
//! whatever order they came.

mod model;
mod own;
mod pickup;
mod quote;
mod tariffs;

use utoipa_actix_web::service_config::ServiceConfig;

pub use model::{Carrier, Choice, Method, PointKind, Service, ShippingRefusal, TransportClass, Zone};
pub use pickup::PickupPoint;
pub use quote::{Consignment, DeliveryOption, options};

use crate::kernel::error::Problem;

pub const PROBLEMS: &[&[Problem]] = &[ShippingRefusal::PROBLEMS];

pub fn routes(cfg: &mut ServiceConfig) {
    tariffs::routes(cfg);
    own::routes(cfg);
    pickup::routes(cfg);
    quote::routes(cfg);
}
