use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::lots::LotView;
use super::model::{Level, MovementKind};
use super::store::Movement;
use crate::kernel::{LotId, OrderId, VariantId};

/// The stock of one variant that can be sold, in sale units.
#[derive(Serialize, ToSchema)]
pub struct StockView {
    pub variant_id: VariantId,
    /// What is there.
    #[schema(example = 40, minimum = 0)]
    pub on_hand: i32,
    /// What unpaid checkouts hold of it.
    #[schema(example = 3, minimum = 0)]
    pub reserved: i32,
    /// What can be bought now.
    #[schema(example = 37, minimum = 0)]
    pub available: i32,
    /// The lot that was named.
    pub lot_id: Option<LotId>,
}

impl StockView {
    pub fn new(variant_id: VariantId, level: Level, lot_id: Option<LotId>) -> Self {
        let Level { on_hand, reserved } = level;
        Self { variant_id, on_hand, reserved, available: level.available(), lot_id }
    }
}

/// The stock of one variant with the lots that it lies in.
#[derive(Serialize, ToSchema)]
pub struct StockOfLotsView {
    pub variant_id: VariantId,
    /// What is there and can be sold.
    #[schema(example = 40, minimum = 0)]
    pub on_hand: i32,
    /// What unpaid checkouts hold of it.
    #[schema(example = 3, minimum = 0)]
    pub reserved: i32,
    /// What can be bought now.
    #[schema(example = 37, minimum = 0)]
    pub available: i32,
    /// Every lot with goods of the variant, also those that must not be sold; what is sold first comes first.
    #[schema(max_items = 100)]
    pub lots: Vec<LotView>,
}

/// Something that happened to the stock of a variant.
#[derive(Serialize, ToSchema)]
pub struct MovementView {
    pub id: Uuid,
    kind: MovementKind,
    /// What it changed in the lot, in sale units.
    #[schema(example = -2)]
    delta: i32,
    /// What it changed in what can be sold: 0 for goods of a lot that must not be sold any more.
    #[schema(example = -2)]
    saleable_delta: i32,
    lot_id: LotId,
    #[schema(example = "MO-2026-11/3", max_length = 40)]
    lot_code: Option<String>,
    order_id: Option<OrderId>,
    #[schema(max_length = 500)]
    note: Option<String>,
    pub at: DateTime<Utc>,
}

impl From<Movement> for MovementView {
    fn from(movement: Movement) -> Self {
        let Movement { id, kind, delta, saleable_delta, lot_id, lot_code, order_id, note, at } = movement;
        Self { id, kind, delta, saleable_delta, lot_id, lot_code, order_id: order_id.map(OrderId), note, at }
    }
}
