//! Stalls and hubs where buyers fetch what they bought.

mod api;
mod model;
mod store;

pub use api::routes;
pub use model::PickupPoint;

use crate::kernel::{PickupPointId, Result, Tx};

/// A point as it stands, closed or open.
pub fn find(tx: &mut Tx<'_>, id: PickupPointId) -> Result<PickupPoint> {
    Ok(store::find(tx, id)?.point)
}
