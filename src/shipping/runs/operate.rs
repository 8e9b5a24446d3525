//! Planning, joining and driving a run.

use serde_json::json;

use super::api::NewRun;
use super::model::{RunEvent, RunStatus, shares};
use super::store::{self, Run, Stop};
use crate::kernel::error::CommonProblem;
use crate::kernel::input::FaultCode;
use crate::kernel::time::vietnam_day;
use crate::kernel::{CollectionRunId, Error, Result, ShipmentId, StopId, Tx, Vnd};
use crate::shipping::model::{Method, ShipmentStatus, ShippingRefusal};
use crate::shipping::shipments::{self, Source};
use crate::{audit, places, producers};

/// Parcels of one run.
pub const STOPS_MAX: i32 = 200;

pub fn plan(tx: &mut Tx<'_>, new: NewRun) -> Result<Run> {
    let organizer_id = producers::approved(tx)?;
    let NewRun { run_on, commune, vehicle, capacity_kg, cost_vnd } = new;
    let today = vietnam_day(tx.now);
    if run_on < today {
        return Err(Error::invalid("/run_on", FaultCode::OutOfRange, &format!("≥ {today}")));
    }
    let run = Run {
        id: CollectionRunId::generate(),
        organizer_id,
        commune_code: places::resolve(tx, &commune, "/commune")?,
        run_on,
        vehicle: vehicle.into_string(),
        capacity_kg: capacity_kg.value(),
        cost_vnd: cost_vnd.vnd(),
        status: RunStatus::Planned,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    store::insert(tx, &run)?;
    audit::write(tx, "collection_run.planned", "collection_run", run.id.0, json!({"run_on": run_on}))?;
    Ok(run)
}

/// Puts an own parcel that goes pooled on a planned run of its commune or a neighbour, while there is room. The run's row
/// is locked, so that two who join together do not both take the last place.
pub fn join(tx: &mut Tx<'_>, id: CollectionRunId, shipment_id: ShipmentId) -> Result<Run> {
    let producer_id = producers::registered(tx)?;
    let run = tx.as_platform(|tx| store::lock(tx, id))?;
    let shipment = match shipments::lock_own(tx, producer_id, shipment_id) {
        Err(Error::Refused(problem, _)) if problem == CommonProblem::NotFound.problem() => {
            return Err(Error::invalid("/shipment_id", FaultCode::Unknown, "shipment_id"));
        }
        found => found?,
    };
    if run.status != RunStatus::Planned {
        return Err(Error::from(ShippingRefusal::RunClosed)
            .with("current_status", run.status.as_str())
            .with("allowed_actions", json!([])));
    }
    let is_ready = shipment.method == Method::Pooled && shipment.status == ShipmentStatus::Created;
    if !is_ready
        || store::is_aboard(tx, shipment.id)?
        || !store::is_near(tx, &run.commune_code, &shipment.sender_commune_code)?
    {
        return Err(ShippingRefusal::NotForRun.into());
    }
    let (grams, next) = tx.as_platform(|tx| store::load_of(tx, id))?;
    let room_g = i64::from(run.capacity_kg).saturating_mul(1000).saturating_sub(grams);
    if i64::from(shipment.weight_g) > room_g || next > STOPS_MAX {
        return Err(Error::from(ShippingRefusal::RunFull).with("room_g", room_g));
    }
    if !store::insert_stop(tx, id, &shipment, next)? {
        return Err(ShippingRefusal::NotForRun.into());
    }
    audit::write(tx, "collection_run.joined", "collection_run", id.0, json!({"shipment_id": shipment_id}))?;
    Ok(run)
}

/// A run with what is on board.
#[derive(Debug, Clone)]
pub struct Manifest {
    pub run: Run,
    pub stops: Vec<Stop>,
}

/// What the driver of an own run takes along, parcels of others with it.
pub fn manifest(tx: &mut Tx<'_>, id: CollectionRunId) -> Result<Manifest> {
    let organizer_id = producers::registered(tx)?;
    let run = store::own(tx, organizer_id, id)?;
    let stops = tx.as_platform(|tx| store::stops(tx, id))?;
    Ok(Manifest { run, stops })
}

/// Moves an own run a step on, and with it what is on board.
pub fn move_run(tx: &mut Tx<'_>, id: CollectionRunId, event: RunEvent) -> Result<Run> {
    let organizer_id = producers::registered(tx)?;
    let run = store::lock(tx, id)?;
    if run.organizer_id != organizer_id {
        return Err(CommonProblem::NotFound.into());
    }
    let next = run.status.after(event).ok_or_else(|| {
        Error::from(ShippingRefusal::RunActionNotAllowed)
            .with("current_status", run.status.as_str())
            .with("allowed_actions", json!(run.status.actions()))
    })?;
    // Parcels of others are moved, which their own producers do not do here.
    tx.as_platform(|tx| match event {
        RunEvent::Load => store::take_off(tx, id, false),
        RunEvent::Depart => depart(tx, &run),
        RunEvent::Cancel => store::take_off(tx, id, true),
        RunEvent::Finish => Ok(()),
    })?;
    let run = store::set_status(tx, id, next)?;
    audit::write(tx, "collection_run.moved", "collection_run", id.0, json!({"to": next}))?;
    Ok(run)
}

/// What was called off or brought otherwise meanwhile stays behind; the others share what the run costs and are on their way.
fn depart(tx: &mut Tx<'_>, run: &Run) -> Result<()> {
    let ids: Vec<ShipmentId> = store::stops(tx, run.id)?.iter().map(|stop| stop.shipment_id).collect();
    let aboard = shipments::lock_all(tx, &ids)?;
    store::take_off(tx, run.id, false)?;
    let stops = store::stops(tx, run.id)?;
    if stops.is_empty() {
        return Err(ShippingRefusal::RunEmpty.into());
    }
    let weights: Vec<i32> = stops.iter().map(|stop| stop.weight_g).collect();
    let shares = shares(run.cost_vnd, &weights).ok_or_else(|| Error::internal("a run that weighs nothing"))?;
    let shares: Vec<(StopId, Vnd)> = stops.iter().map(|stop| stop.id).zip(shares).collect();
    store::set_costs(tx, &shares)?;
    for shipment in aboard.iter().filter(|shipment| shipment.status == ShipmentStatus::Created) {
        shipments::move_by_hand(tx, shipment, Source::Run, ShipmentStatus::PickedUp, None)?;
    }
    Ok(())
}
