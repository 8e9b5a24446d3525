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

impl MovementKind {
    /// What a producer may give as a reason; the others are written by sales.
    pub fn is_for_producers(self) -> bool {
        matches!(self, Self::Harvested | Self::Counted | Self::Spoiled | Self::SoldElsewhere)
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
