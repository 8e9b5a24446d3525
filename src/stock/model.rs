use crate::kernel::{AccountId, OrderId, ProducerId, VariantId};
use crate::{refusals, text_enum};

/// Sale units that a producer may have of one variant.
pub const ON_HAND_MAX: i32 = 10_000_000;

text_enum! {
    /// Why the stock on hand changed.
    pub enum MovementKind {
        Opening = "opening",
        Harvested = "harvested",
        Counted = "counted",
        Spoiled = "spoiled",
        SoldElsewhere = "sold_elsewhere",
        Sold = "sold",
        Returned = "returned",
    }
}

text_enum! {
    /// What a producer may give as a reason; the other movements are written by sales.
    pub enum AdjustmentReason {
        Harvested = "harvested",
        Counted = "counted",
        Spoiled = "spoiled",
        SoldElsewhere = "sold_elsewhere",
    }
}

impl From<AdjustmentReason> for MovementKind {
    fn from(reason: AdjustmentReason) -> Self {
        match reason {
            AdjustmentReason::Harvested => Self::Harvested,
            AdjustmentReason::Counted => Self::Counted,
            AdjustmentReason::Spoiled => Self::Spoiled,
            AdjustmentReason::SoldElsewhere => Self::SoldElsewhere,
        }
    }
}

refusals! {
    pub enum StockRefusal {
        NotEnough = 409 "stock.not_enough" "Không đủ hàng" "Not enough in stock",
        BelowReserved = 409 "stock.below_reserved" "Tồn kho không thể ít hơn số đang giữ cho người mua" "Stock cannot fall below what is held for buyers",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    pub on_hand: i32,
    pub reserved: i32,
}

impl Level {
    pub fn available(self) -> i32 {
        self.on_hand.saturating_sub(self.reserved)
    }
}

/// What one order wants of one variant.
#[derive(Debug, Clone)]
pub struct Hold {
    pub order_id: OrderId,
    pub variant_id: VariantId,
    pub buyer_id: AccountId,
    pub producer_id: ProducerId,
    pub quantity: i32,
}
