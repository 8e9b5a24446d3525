use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{RunEvent, RunStatus};
use super::operate::Manifest;
use super::store::{self, Run, Stop};
use crate::kernel::{CollectionRunId, ProducerId, Result, ShipmentId, Tx, Vnd};
use crate::places::CommuneCode;
use crate::shipping::model::ShipmentStatus;

/// A shared run.
#[derive(Serialize, ToSchema)]
pub struct RunView {
    pub id: CollectionRunId,
    organizer_id: ProducerId,
    commune_code: CommuneCode,
    run_on: NaiveDate,
    #[schema(example = "Xe tải 1,5 tấn 23C-012.34", max_length = 80)]
    vehicle: String,
    #[schema(minimum = 1, maximum = 20_000)]
    capacity_kg: i32,
    /// Grams that still fit.
    #[schema(minimum = 0)]
    room_g: i64,
    cost_vnd: Vnd,
    status: RunStatus,
    #[schema(minimum = 1)]
    pub version: i32,
    /// What the reader may do now.
    #[schema(max_items = 4)]
    allowed_actions: Vec<RunEvent>,
}

impl RunView {
    pub fn of(tx: &mut Tx<'_>, run: Run, reader: ProducerId) -> Result<Self> {
        let (grams, _) = tx.as_platform(|tx| store::load_of(tx, run.id))?;
        let Run { id, organizer_id, commune_code, run_on, vehicle, capacity_kg, cost_vnd, status, version, .. } = run;
        let allowed_actions = if organizer_id == reader { status.actions() } else { Vec::new() };
        let room_g = i64::from(capacity_kg).saturating_mul(1000).saturating_sub(grams);
        Ok(Self {
            id,
            organizer_id,
            commune_code,
            run_on,
            vehicle,
            capacity_kg,
            room_g,
            cost_vnd,
            status,
            version,
            allowed_actions,
        })
    }
}

/// A parcel on a run: where to fetch it and where it goes.
#[derive(Serialize, ToSchema)]
pub struct ManifestLine {
    #[schema(minimum = 1, maximum = 10_000)]
    sequence: i32,
    shipment_id: ShipmentId,
    #[schema(max_length = 150)]
    sender_name: String,
    #[schema(max_length = 20)]
    sender_phone: String,
    sender_commune_code: CommuneCode,
    #[schema(max_length = 200)]
    sender_address: String,
    #[schema(max_length = 150)]
    recipient_name: String,
    #[schema(max_length = 20)]
    recipient_phone: String,
    recipient_commune_code: CommuneCode,
    #[schema(max_length = 300)]
    recipient_address: String,
    #[schema(minimum = 1, maximum = 10_000_000)]
    weight_g: i32,
    /// Its share of what the run costs, from the departure on.
    cost_vnd: Option<Vnd>,
    status: ShipmentStatus,
}

/// What the driver takes along.
#[derive(Serialize, ToSchema)]
pub struct ManifestView {
    run: RunView,
    #[schema(max_items = 200)]
    lines: Vec<ManifestLine>,
    #[schema(minimum = 0)]
    weight_g: i64,
    cost_vnd: Vnd,
}

impl ManifestView {
    pub fn of(tx: &mut Tx<'_>, Manifest { run, stops }: Manifest) -> Result<Self> {
        let (organizer_id, cost_vnd) = (run.organizer_id, run.cost_vnd);
        let lines: Vec<ManifestLine> = stops.into_iter().map(line).collect();
        let weight_g = lines.iter().map(|line| i64::from(line.weight_g)).sum();
        Ok(Self { run: RunView::of(tx, run, organizer_id)?, lines, weight_g, cost_vnd })
    }
}

fn line(stop: Stop) -> ManifestLine {
    let Stop {
        id: _,
        shipment_id,
        order_id: _,
        sequence,
        weight_g,
        cost_vnd,
        status,
        sender_name,
        sender_phone,
        sender_commune_code,
        sender_address,
        recipient_name,
        recipient_phone,
        recipient_commune_code,
        recipient_address,
    } = stop;
    ManifestLine {
        sequence,
        shipment_id,
        sender_name,
        sender_phone,
        sender_commune_code,
        sender_address,
        recipient_name,
        recipient_phone,
        recipient_commune_code,
        recipient_address,
        weight_g,
        cost_vnd,
        status,
    }
}
