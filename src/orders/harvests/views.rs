use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{HarvestAction, HarvestStatus, ShortfallRule};
use super::store::Harvest;
use crate::kernel::{Error, HarvestId, LotId, ProductId, Result, Tx, VariantId};
use crate::stock;

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
    /// Sale units of paid orders: that wait for it, or did when it was declared.
    #[schema(minimum = 0, example = 120)]
    pub ordered: i32,
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

/// Harvests with what is ordered of them.
pub fn views(tx: &mut Tx<'_>, harvests: Vec<Harvest>) -> Result<Vec<HarvestView>> {
    let live = harvests.iter().filter(|harvest| !harvest.status.actions().is_empty());
    let lots: Vec<LotId> = live.map(|harvest| harvest.lot_id).collect();
    let ordered = stock::plan_ordered(tx, &lots)?;
    let view = |harvest: Harvest| {
        let ordered = ordered.get(&harvest.lot_id).copied().or(harvest.promised).unwrap_or(0);
        HarvestView::of(harvest, ordered)
    };
    Ok(harvests.into_iter().map(view).collect())
}

pub fn view(tx: &mut Tx<'_>, harvest: Harvest) -> Result<HarvestView> {
    views(tx, vec![harvest])?.pop().ok_or_else(|| Error::internal("a harvest without a view"))
}

impl HarvestView {
    fn of(harvest: Harvest, ordered: i32) -> Self {
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
            promised: _,
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
            ordered,
            harvested,
            allowed_actions: status.actions(),
            version,
            created_at,
            updated_at,
        }
    }
}

/// A harvest that can be ordered, as everybody sees it. Every day is one in Vietnam, and the last one is included.
#[derive(Serialize, ToSchema)]
pub struct OpenHarvestView {
    pub id: HarvestId,
    pub variant_id: VariantId,
    /// Sale units that nobody has bought or holds.
    #[schema(minimum = 0, maximum = 10_000, example = 80)]
    pub available: i32,
    pub orders_from: NaiveDate,
    pub orders_until: NaiveDate,
    pub harvest_from: NaiveDate,
    pub harvest_until: NaiveDate,
    pub ships_from: NaiveDate,
    pub ships_until: NaiveDate,
    pub shortfall_rule: ShortfallRule,
}

impl OpenHarvestView {
    pub fn of(harvest: &Harvest, available: i32) -> Self {
        Self {
            id: harvest.id,
            variant_id: harvest.variant_id,
            available,
            orders_from: harvest.orders_from,
            orders_until: harvest.orders_until,
            harvest_from: harvest.harvest_from,
            harvest_until: harvest.harvest_until,
            ships_from: harvest.ships_from,
            ships_until: harvest.ships_until,
            shortfall_rule: harvest.shortfall_rule,
        }
    }
}
