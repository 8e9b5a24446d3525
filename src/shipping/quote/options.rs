use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, Found};
use crate::kernel::{ProducerId, Result, Tx, Vnd};
use crate::places::CommuneCode;
use crate::shipping::model::{Carrier, Choice, Method, TransportClass};
use crate::shipping::pickup::PickupPoint;

/// What one producer sends to one buyer.
#[derive(Debug, Clone)]
pub struct Consignment {
    pub producer_id: ProducerId,
    pub origin_commune: CommuneCode,
    pub destination_commune: CommuneCode,
    pub weight_g: i64,
    /// Of all goods in it; none counts as ambient.
    pub classes: BTreeSet<TransportClass>,
    /// What the goods cost, for producers who bring much for nothing.
    pub goods_vnd: Vnd,
}

/// A way to the buyer and what it costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeliveryOption {
    /// Names the way: `own`, `pooled`, `carrier:…` or `pickup:…`. Send it back to choose it.
    #[schema(example = "carrier:viettel_post", max_length = 60)]
    pub code: String,
    pub method: Method,
    pub carrier: Option<Carrier>,
    pub fee_vnd: Vnd,
    #[schema(example = 2, minimum = 0, maximum = 60)]
    pub days_min: i32,
    #[schema(example = 4, minimum = 0, maximum = 60)]
    pub days_max: i32,
    pub pickup_point: Option<PickupPoint>,
}

/// The ways for each consignment, the cheapest first; none when nobody carries it. One statement for all of them.
pub fn options(tx: &mut Tx<'_>, consignments: &[Consignment]) -> Result<Vec<Vec<DeliveryOption>>> {
    let mut all: Vec<Vec<DeliveryOption>> = vec![Vec::new(); consignments.len()];
    for found in store::ways(tx, consignments)? {
        let place = usize::try_from(found.place).unwrap_or(usize::MAX);
        let (Some(consignment), Some(options)) = (consignments.get(place), all.get_mut(place)) else { continue };
        options.extend(option(consignment, found));
    }
    for options in &mut all {
        options.sort_by(|a, b| (a.fee_vnd, a.days_max, &a.code).cmp(&(b.fee_vnd, b.days_max, &b.code)));
    }
    Ok(all)
}

/// A way that was found, unless what is sent may not go that way whatever the tariff says.
fn option(consignment: &Consignment, found: Found) -> Option<DeliveryOption> {
    let Found { place: _, method, service, fee_vnd, days_min, days_max, point } = found;
    let is_carried = |class: &TransportClass| service.is_none_or(|service| service.accepts(*class));
    let is_too_heavy = service.is_some_and(|service| consignment.weight_g > i64::from(service.weight_g_max()));
    if is_too_heavy || !consignment.classes.iter().all(is_carried) {
        return None;
    }
    let carrier = service.and_then(|service| service.carrier());
    let choice = match (method, carrier, &point) {
        (Method::Carrier, Some(carrier), _) => Choice::Carrier(carrier),
        (Method::Own, _, _) => Choice::Own,
        (Method::Pooled, _, _) => Choice::Pooled,
        (Method::Pickup, _, Some(point)) => Choice::Pickup(point.id),
        _ => return None,
    };
    Some(DeliveryOption { code: choice.to_string(), method, carrier, fee_vnd, days_min, days_max, pickup_point: point })
}
