use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{HarvestAction, HarvestStatus, ShortfallRule};
use super::store::Harvest;
use crate::kernel::{HarvestId, LotId, ProductId, VariantId};

/// A harvest that is sold before it is brought in. Every day is one in Vietnam, and the last one is included.
#[derive(Serialize, ToSchema)]
pub struct HarvestView {
    pub id: HarvestId,
    pub variant_id: VariantId,
    pub product_id: ProductId,
    /// What is sold of it lies there.
    pub lot_id: LotId,
    /// Sale units that can be bought.
    #[schema(minimum = 1, maximum = 10_000, example = 200)]
    pub expected: i32,
    pub orders_from: NaiveDate,
    pub orders_until: NaiveDate,
    pub harvest_from: NaiveDate,
    pub harvest_until: NaiveDate,
    pub ships_from: NaiveDate,
    pub ships_until: NaiveDate,
    pub shortfall_rule: ShortfallRule,
    pub status: HarvestStatus,
    /// What came, once it is declared.
    #[schema(minimum = 0, example = 180)]
    pub harvested: Option<i32>,
    /// What can be done now: the last part of the route's path.
    #[schema(max_items = 3)]
    pub allowed_actions: Vec<HarvestAction>,
    #[schema(minimum = 1)]
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl From<Harvest> for HarvestView {
    fn from(harvest: Harvest) -> Self {
        let Harvest {
            id,
            producer_id: _,
            product_id,
            variant_id,
            lot_id,
            expected,
            orders_from,
            orders_until,
            harvest_from,
            harvest_until,
            ships_from,
            ships_until,
            shortfall_rule,
            status,
            harvested,
            version,
            created_at,
            updated_at,
        } = harvest;
        Self {
            id,
            variant_id,
            product_id,
            lot_id,
            expected,
            orders_from,
            orders_until,
            harvest_from,
            harvest_until,
            ships_from,
            ships_until,
            shortfall_rule,
            status,
            harvested,
            allowed_actions: status.actions(),
            version,
            created_at,
            updated_at,
        }
    }
}
