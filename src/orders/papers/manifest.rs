use std::collections::BTreeMap;

use super::communes::Communes;
use crate::documents::{Delivery, ManifestPaper, Stop};
use crate::kernel::ids::spoken_code;
use crate::kernel::{CollectionRunId, Error, OrderId, Result, Tx, Vnd};
use crate::orders::store;
use crate::producers;
use crate::shipping::{self, ShipmentStatus};

/// What the driver of an own run takes along on paper, each place where goods wait once. What was called off is not on
/// it. Orders of others are named, since their goods are on board.
pub fn manifest_paper(tx: &mut Tx<'_>, id: CollectionRunId) -> Result<ManifestPaper> {
    let shipping::Manifest { run, stops: parcels } = shipping::run_manifest(tx, id)?;
    let parcels: Vec<_> = parcels.into_iter().filter(|parcel| parcel.status != ShipmentStatus::Cancelled).collect();
    let ids: Vec<OrderId> = parcels.iter().map(|parcel| parcel.order_id).collect();
    let codes = tx.as_platform(|tx| store::codes_of(tx, &ids))?;
    let organizer = producers::parties(tx, &[run.organizer_id])?.remove(&run.organizer_id);
    let organizer = organizer.ok_or_else(|| Error::internal("an organizer vanished"))?;
    let mut communes = Communes::default();
    let area = communes.name(tx, run.commune_code.as_str())?;
    let (mut stops, mut deliveries) = (Vec::<Stop>::new(), Vec::with_capacity(parcels.len()));
    for parcel in &parcels {
        let from = communes.name(tx, parcel.sender_commune_code.as_str())?;
        let to = communes.name(tx, parcel.recipient_commune_code.as_str())?;
        collect(&mut stops, parcel, format!("{}, {from}", parcel.sender_address), &codes);
        deliveries.push(Delivery {
            order: code(&codes, parcel.order_id),
            recipient: parcel.recipient_name.clone(),
            place: format!("{}, {to}", parcel.recipient_address),
            phone: parcel.recipient_phone.clone(),
            weight_g: i64::from(parcel.weight_g),
        });
    }
    let issuer = [organizer.name, organizer.address, organizer.phone];
    Ok(ManifestPaper {
        code: spoken_code(run.id.0),
        made_at: run.updated_at,
        runs_on: run.run_on,
        issuer: issuer.into_iter().filter(|line| !line.is_empty()).collect(),
        area,
        vehicle: run.vehicle,
        cost_vnd: run.cost_vnd,
        stops,
        deliveries,
    })
}

/// Adds a parcel to the place where it waits.
fn collect(stops: &mut Vec<Stop>, parcel: &shipping::Stop, place: String, codes: &BTreeMap<OrderId, String>) {
    let (order, weight_g) = (code(codes, parcel.order_id), i64::from(parcel.weight_g));
    let same = stops
        .iter_mut()
        .find(|stop| stop.producer == parcel.sender_name && stop.place == place && stop.phone == parcel.sender_phone);
    let Some(stop) = same else {
        let (producer, phone) = (parcel.sender_name.clone(), parcel.sender_phone.clone());
        let cost_vnd = parcel.cost_vnd;
        stops.push(Stop { producer, place, phone, orders: vec![order], parcels: 1, weight_g, cost_vnd });
        return;
    };
    if !stop.orders.contains(&order) {
        stop.orders.push(order);
    }
    stop.parcels = stop.parcels.saturating_add(1);
    stop.weight_g = stop.weight_g.saturating_add(weight_g);
    stop.cost_vnd = stop.cost_vnd.zip(parcel.cost_vnd).and_then(|(sum, cost): (Vnd, Vnd)| sum.plus(cost));
}

fn code(codes: &BTreeMap<OrderId, String>, id: OrderId) -> String {
    codes.get(&id).cloned().unwrap_or_default()
}
