use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Keeper, Lot, LotEvent, LotStatus};
use super::store::{self, Concerned, LotLevel, LotOrder};
use crate::kernel::http::Answer;
use crate::kernel::{LotId, OrderId, ProducerId, ProductId, Result, Tx, VariantId};
use crate::places::CommuneCode;

/// What a lot has of one variant, in sale units.
#[derive(Serialize, ToSchema)]
pub struct LotLevelView {
    variant_id: VariantId,
    /// What is there.
    #[schema(example = 40, minimum = 0)]
    on_hand: i32,
    /// What unpaid checkouts hold of it.
    #[schema(example = 3, minimum = 0)]
    reserved: i32,
}

/// Whom a recall concerns.
#[derive(Serialize, ToSchema)]
pub struct ConcernedView {
    /// Orders that hold or got goods of the lot.
    #[schema(example = 12, minimum = 0)]
    orders: i64,
    /// People who placed them.
    #[schema(example = 11, minimum = 0)]
    buyers: i64,
}

/// Goods that were harvested or packed together.
#[derive(Serialize, ToSchema)]
pub struct LotView {
    pub id: LotId,
    producer_id: ProducerId,
    product_id: ProductId,
    /// As printed on the label; `null` for goods of a variant of which no dates are known.
    #[schema(example = "MO-2026-11/3", max_length = 40)]
    code: Option<String>,
    pub harvested_on: Option<NaiveDate>,
    packed_on: Option<NaiveDate>,
    /// The last day on which it may be sold.
    pub expires_on: Option<NaiveDate>,
    /// `null` where it comes from where its product does.
    origin_commune_code: Option<CommuneCode>,
    status: LotStatus,
    /// Why it was recalled.
    #[schema(max_length = 500)]
    status_reason: Option<String>,
    /// Of each variant that was packed from it.
    #[schema(max_items = 1000)]
    levels: Vec<LotLevelView>,
    /// Of a recalled lot.
    concerned: Option<ConcernedView>,
    /// Send it as `If-Match` with a change.
    #[schema(minimum = 1)]
    pub version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// What the reader can do with it now.
    #[schema(max_items = 8)]
    allowed_actions: Vec<LotEvent>,
}

impl LotView {
    /// One lot, and whom it concerns when it was recalled.
    pub fn of(tx: &mut Tx<'_>, lot: Lot) -> Result<Self> {
        let concerned = match lot.status {
            LotStatus::Recalled => Some(store::concerned(tx, lot.id)?),
            _ => None,
        };
        let levels = store::levels_of(tx, &[lot.id])?;
        Ok(Self::new(lot, levels, concerned, Keeper::of(tx)))
    }

    /// Lots of a list, in its order.
    pub fn of_all(tx: &mut Tx<'_>, lots: Vec<Lot>) -> Result<Vec<Self>> {
        let ids: Vec<LotId> = lots.iter().map(|lot| lot.id).collect();
        let mut levels: HashMap<LotId, Vec<LotLevel>> = HashMap::new();
        for level in store::levels_of(tx, &ids)? {
            levels.entry(level.lot_id).or_default().push(level);
        }
        let keeper = Keeper::of(tx);
        let view = |lot: Lot| {
            let own = levels.remove(&lot.id).unwrap_or_default();
            Self::new(lot, own, None, keeper)
        };
        Ok(lots.into_iter().map(view).collect())
    }

    fn new(lot: Lot, levels: Vec<LotLevel>, concerned: Option<Concerned>, keeper: Keeper) -> Self {
        let allowed_actions = lot.actions(keeper);
        let Lot {
            id,
            producer_id,
            product_id,
            code,
            harvested_on,
            packed_on,
            expires_on,
            origin_commune_code,
            status,
            status_reason,
            version,
            created_at,
            updated_at,
        } = lot;
        let level =
            |LotLevel { lot_id: _, variant_id, on_hand, reserved }| LotLevelView { variant_id, on_hand, reserved };
        Self {
            id,
            producer_id,
            product_id,
            code,
            harvested_on,
            packed_on,
            expires_on,
            origin_commune_code,
            status,
            status_reason,
            levels: levels.into_iter().map(level).collect(),
            concerned: concerned.map(|Concerned { orders, buyers }| ConcernedView { orders, buyers }),
            version,
            created_at,
            updated_at,
            allowed_actions,
        }
    }

    pub fn answer(self) -> Result<Answer> {
        Ok(Answer::ok(&self)?.versioned(self.version))
    }
}

/// An order with goods of a lot.
#[derive(Serialize, ToSchema)]
pub struct LotOrderView {
    pub order_id: OrderId,
    #[schema(example = "7K2M9Q4T", max_length = 8)]
    code: String,
    /// What has become of the order.
    #[schema(example = "accepted", max_length = 40)]
    status: String,
    pub variant_id: VariantId,
    /// Sale units of this variant and this lot.
    #[schema(example = 2, minimum = 1)]
    quantity: i32,
    paid_at: Option<DateTime<Utc>>,
}

impl From<LotOrder> for LotOrderView {
    fn from(row: LotOrder) -> Self {
        let LotOrder { order_id, order_code, order_status, variant_id, quantity, paid_at } = row;
        Self { order_id, code: order_code, status: order_status, variant_id, quantity, paid_at }
    }
}
