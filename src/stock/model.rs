use crate::kernel::{AccountId, LotId, OrderId, ProducerId, VariantId};
use crate::{refusals, text_enum};

/// Sale units that a producer may have of one variant.
pub const ON_HAND_MAX: i32 = 10_000_000;

text_enum! {
    /// Why stock changed.
    pub enum MovementKind {
        Opening = "opening",
        Harvested = "harvested",
        Counted = "counted",
        Spoiled = "spoiled",
        SoldElsewhere = "sold_elsewhere",
        Sold = "sold",
        Returned = "returned",
        /// The lot's last day is over: what is left of it is not for sale.
        Expired = "expired",
        /// The lot was called back: nothing of it is for sale.
        Recalled = "recalled",
        /// The lot's last day was put right: what is left of it is for sale again.
        Reinstated = "reinstated",
        /// Expected of a harvest that is to come, or no more expected.
        Planned = "planned",
        /// Bought of a harvest that did not bring it.
        Short = "short",
    }
}

text_enum! {
    /// What a producer may give as a reason; the other movements are written by sales and by what becomes of lots.
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

text_enum! {
    /// What became of goods that an order reserved.
    pub enum ReservationStatus {
        Held = "held",
        Consumed = "consumed",
        Released = "released",
        Returned = "returned",
    }
}

text_enum! {
    /// What can happen to reserved goods.
    pub enum ReservationEvent {
        Consume = "consume",
        Release = "release",
        Return = "return",
    }
}

impl ReservationStatus {
    /// Where reserved goods go: the statements of `reserve` change those of the old status and no others.
    pub fn after(self, event: ReservationEvent) -> Option<ReservationStatus> {
        match (self, event) {
            (Self::Held, ReservationEvent::Consume) => Some(Self::Consumed),
            (Self::Held, ReservationEvent::Release) => Some(Self::Released),
            (Self::Consumed, ReservationEvent::Return) => Some(Self::Returned),
            _ => None,
        }
    }
}

refusals! {
    pub enum StockRefusal {
        NotEnough = 409 "stock.not_enough" "Không đủ hàng" "Not enough in stock",
        BelowReserved = 409 "stock.below_reserved" "Tồn kho không thể ít hơn số đang giữ cho người mua" "Stock cannot fall below what is held for buyers",
        TooMuch = 409 "stock.too_much" "Tồn kho vượt quá giới hạn của một loại hàng" "The stock would be larger than one variant may have",
        HarvestPlanned = 409 "stock.harvest_planned" "Mặt hàng này đang bán theo vụ thu hoạch dự kiến" "This variant is sold against a planned harvest",
        NotEmpty = 409 "stock.not_empty" "Mặt hàng này vẫn còn hàng trong kho" "There is still stock of this variant",
        Changed = 409 "stock.changed" "Tồn kho đã thay đổi từ lúc bạn bắt đầu đếm" "The stock has changed since the count began",
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

/// A variant of which less is to be had than was wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortage {
    pub variant_id: VariantId,
    pub wanted: i64,
    pub available: i64,
}

/// A change of one variant's stock, in one lot or, without one, where it belongs: what comes into the undated lot,
/// what goes out of those that expire first.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    pub producer_id: ProducerId,
    pub variant_id: VariantId,
    pub lot_id: Option<LotId>,
    pub kind: MovementKind,
    pub delta: i32,
    pub note: Option<&'a str>,
}

/// The lot of a variant whose goods have no dates has the variant's own id.
pub fn undated_lot(variant_id: VariantId) -> LotId {
    LotId(variant_id.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table_of_reservations() {
        let mut table = String::new();
        for status in ReservationStatus::ALL {
            for event in ReservationEvent::ALL {
                if let Some(next) = status.after(*event) {
                    table.push_str(&format!("{status} --{event}--> {next} by platform\n"));
                }
            }
        }
        assert_eq!(table, include_str!("reservation_machine.txt"));
    }
}
