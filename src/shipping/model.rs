//! What all of shipping speaks of: classes of goods, zones, and ways to the buyer.

use serde::Serialize;
use utoipa::ToSchema;

use crate::kernel::input::{FaultCode, Faults, Input, LIST_MAX};
use crate::kernel::{Error, PickupPointId, Result, Vnd, ids};
use crate::{refusals, text_enum};

/// What somebody may ask for bringing goods: 0 to 100,000,000 đồng.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = i64, minimum = 0, maximum = 100_000_000, example = 25_000)]
#[serde(transparent)]
pub struct ShippingPrice(Vnd);

impl ShippingPrice {
    pub const MAX: i64 = 100_000_000;

    pub fn vnd(self) -> Vnd {
        self.0
    }
}

impl Input for ShippingPrice {
    fn read(value: &serde_json::Value, at: &mut Faults) -> Option<Self> {
        let amount = i64::read(value, at)?;
        let price = Vnd::new(amount).filter(|_| amount <= Self::MAX);
        if price.is_none() {
            at.add(FaultCode::OutOfRange, &format!("0–{}", Self::MAX));
        }
        price.map(Self)
    }
}

text_enum! {
    /// How goods must be carried.
    pub enum TransportClass {
        /// Dry and sturdy.
        Ambient = "ambient",
        Fragile = "fragile",
        /// Fresh, good for a few days without cooling.
        FreshShort = "fresh_short",
        Chilled = "chilled",
        Frozen = "frozen",
        Live = "live",
        LiquidFlammable = "liquid_flammable",
    }
}

impl TransportClass {
    /// OCOP product sets of spirits, which burn.
    const SPIRITS: [i32; 2] = [14, 15];

    /// The class of a product: as its producer says, but a spirit is a flammable liquid and nothing else.
    pub fn of_product(product_set: i32, said: Option<TransportClass>) -> Result<TransportClass> {
        let is_spirit = Self::SPIRITS.contains(&product_set);
        match said {
            None if is_spirit => Ok(Self::LiquidFlammable),
            None => Ok(Self::Ambient),
            Some(class) if is_spirit && class != Self::LiquidFlammable => {
                Err(Error::invalid("/transport_class", FaultCode::NotOneOf, Self::LiquidFlammable.as_str()))
            }
            Some(class) => Ok(class),
        }
    }

    pub fn needs_cold(self) -> bool {
        matches!(self, Self::Chilled | Self::Frozen)
    }
}

text_enum! {
    /// How far it is, by the communes of today and the districts of before.
    pub enum Zone {
        SameCommune = "same_commune",
        BorderingCommune = "bordering_commune",
        SameDistrict = "same_district",
        SameProvince = "same_province",
        OtherProvince = "other_province",
    }
}

text_enum! {
    pub enum Carrier {
        Ghn = "ghn",
        Ghtk = "ghtk",
        ViettelPost = "viettel_post",
    }
}

impl Carrier {
    /// Đồng that it collects for one parcel at the most. GHN's documents say so; the others' pages name no sum, so that no
    /// more is asked of them.
    pub fn collects_max(self) -> i64 {
        match self {
            Self::Ghn | Self::Ghtk | Self::ViettelPost => 10_000_000,
        }
    }
}

text_enum! {
    /// What has a tariff.
    pub enum Service {
        Ghn = "ghn",
        Ghtk = "ghtk",
        ViettelPost = "viettel_post",
        /// A run of the commune that several producers share.
        Pooled = "pooled",
    }
}

impl Service {
    pub fn carrier(self) -> Option<Carrier> {
        match self {
            Self::Ghn => Some(Carrier::Ghn),
            Self::Ghtk => Some(Carrier::Ghtk),
            Self::ViettelPost => Some(Carrier::ViettelPost),
            Self::Pooled => None,
        }
    }

    /// Whether goods of this class may be given to it at all, whatever its tariff says.
    ///
    /// GHN's terms exclude fresh and frozen goods, live animals and flammable liquids. GHTK's and Viettel Post's are
    /// read as narrowly as their pages allow: Viettel Post has a service for fresh farm goods, nobody cools. A pooled
    /// run has boxes with ice, but no freezer.
    pub fn accepts(self, class: TransportClass) -> bool {
        use TransportClass::{Ambient, Chilled, Fragile, FreshShort, LiquidFlammable, Live};
        match self {
            Self::Ghn | Self::Ghtk => matches!(class, Ambient | Fragile),
            Self::ViettelPost => matches!(class, Ambient | Fragile | FreshShort),
            Self::Pooled => matches!(class, Ambient | Fragile | FreshShort | Chilled | Live | LiquidFlammable),
        }
    }

    /// Grams of the heaviest parcel it takes: GHN and Viettel Post 30 kg, GHTK under 20 kg, a run a small truck.
    pub fn weight_g_max(self) -> i32 {
        match self {
            Self::Ghn | Self::ViettelPost => 30_000,
            Self::Ghtk => 19_999,
            Self::Pooled => 3_500_000,
        }
    }
}

text_enum! {
    /// How goods reach the buyer.
    pub enum Method {
        Carrier = "carrier",
        /// The producer brings them.
        Own = "own",
        /// A shared run of the commune brings them.
        Pooled = "pooled",
        /// The buyer fetches them at a stall or hub.
        Pickup = "pickup",
    }
}

text_enum! {
    /// Where a parcel is, in the same words for all carriers and for those who bring it themselves.
    pub enum ShipmentStatus {
        Created = "created",
        PickupScheduled = "pickup_scheduled",
        PickupFailed = "pickup_failed",
        PickedUp = "picked_up",
        InTransit = "in_transit",
        OutForDelivery = "out_for_delivery",
        DeliveryFailed = "delivery_failed",
        Delivered = "delivered",
        Returning = "returning",
        Returned = "returned",
        Cancelled = "cancelled",
        Lost = "lost",
        Damaged = "damaged",
        Exception = "exception",
    }
}

text_enum! {
    /// What a producer does with a parcel. The text is the verb of its route.
    pub enum ShipmentAction {
        Report = "report",
        Cancel = "cancel",
        NoteWaybill = "note-waybill",
        Rebook = "rebook",
    }
}

text_enum! {
    pub enum PointKind {
        /// The operator's, for everybody's goods.
        Hub = "hub",
        /// A producer's own.
        Stall = "stall",
    }
}

/// A way to the buyer, as orders keep it: a short text that never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Choice {
    Carrier(Carrier),
    Own,
    Pooled,
    Pickup(PickupPointId),
}

impl Choice {
    pub fn method(self) -> Method {
        match self {
            Self::Carrier(_) => Method::Carrier,
            Self::Own => Method::Own,
            Self::Pooled => Method::Pooled,
            Self::Pickup(_) => Method::Pickup,
        }
    }

    pub fn carrier(self) -> Option<Carrier> {
        if let Self::Carrier(carrier) = self { Some(carrier) } else { None }
    }

    pub fn parse(code: &str) -> Option<Choice> {
        match code.split_once(':') {
            None if code == "own" => Some(Self::Own),
            None if code == "pooled" => Some(Self::Pooled),
            Some(("carrier", carrier)) => Carrier::parse(carrier).map(Self::Carrier),
            Some(("pickup", id)) => ids::parse(id).map(|id| Self::Pickup(PickupPointId(id))),
            _ => None,
        }
    }
}

impl std::fmt::Display for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Carrier(carrier) => write!(f, "carrier:{carrier}"),
            Self::Own => f.write_str("own"),
            Self::Pooled => f.write_str("pooled"),
            Self::Pickup(id) => write!(f, "pickup:{id}"),
        }
    }
}

refusals! {
    pub enum ShippingRefusal {
        TariffExists = 409 "shipping.tariff_exists" "Dịch vụ này đã có bảng giá bắt đầu từ ngày đó" "This service has a tariff that begins on that day",
        IllegalReport = 409 "shipping.illegal_report" "Kiện hàng không thể chuyển sang trạng thái này" "The parcel cannot go on to this status",
        CarrierReports = 409 "shipping.carrier_reports" "Hãng vận chuyển tự báo tình trạng của kiện hàng này" "The carrier itself reports on this parcel",
        TooLateToCancel = 409 "shipping.too_late_to_cancel" "Kiện hàng đã rời tay người bán, không huỷ được" "The parcel has left and cannot be cancelled",
        NotForBooking = 409 "shipping.not_for_booking" "Kiện hàng này không chờ được đặt với hãng" "The parcel does not wait to be booked with a carrier",
        RunClosed = 409 "shipping.run_closed" "Chuyến xe này không nhận thêm hàng" "The run takes no more parcels",
        RunFull = 409 "shipping.run_full" "Chuyến xe không còn đủ chỗ" "The run has not enough room left",
        RunEmpty = 409 "shipping.run_empty" "Chuyến xe chưa có kiện hàng nào" "There is no parcel on the run",
        NotForRun = 409 "shipping.not_for_run" "Kiện hàng này không đi được với chuyến xe" "The parcel cannot go with this run",
        RunActionNotAllowed = 409 "shipping.run_action_not_allowed" "Trạng thái chuyến xe không cho phép thao tác này" "The run's status does not allow this action",
        CodeTaken = 409 "shipping.code_taken" "Mã vận đơn này đã thuộc về kiện hàng khác" "This tracking number belongs to another parcel",
    }
}

/// How many items a list of an input may have, as a fault says it.
pub fn one_to_list_max() -> String {
    format!("1–{LIST_MAX}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_spirit_burns_whatever_is_said_of_it() {
        use TransportClass::{Ambient, Chilled, LiquidFlammable};
        for set in [14, 15] {
            assert_eq!(TransportClass::of_product(set, None).ok(), Some(LiquidFlammable));
            assert_eq!(TransportClass::of_product(set, Some(LiquidFlammable)).ok(), Some(LiquidFlammable));
            for class in TransportClass::ALL.iter().filter(|class| **class != LiquidFlammable) {
                assert!(TransportClass::of_product(set, Some(*class)).is_err(), "{class}");
            }
        }
        assert_eq!(TransportClass::of_product(4, None).ok(), Some(Ambient));
        assert_eq!(TransportClass::of_product(4, Some(Chilled)).ok(), Some(Chilled));
    }

    #[test]
    fn who_carries_what_is_exactly_this_table() {
        let table: Vec<String> = Service::ALL
            .iter()
            .map(|service| {
                let taken = TransportClass::ALL.iter().filter(|class| service.accepts(**class));
                let taken: Vec<&str> = taken.map(|class| class.as_str()).collect();
                format!("{service}: {}", taken.join(" "))
            })
            .collect();
        assert_eq!(
            table,
            [
                "ghn: ambient fragile",
                "ghtk: ambient fragile",
                "viettel_post: ambient fragile fresh_short",
                "pooled: ambient fragile fresh_short chilled live liquid_flammable",
            ]
        );
    }

    proptest! {
        #[test]
        fn a_choice_is_what_its_code_says(which in 0..6_usize, id in any::<u128>()) {
            let pickup = Choice::Pickup(PickupPointId(uuid::Uuid::from_u128(id)));
            let all = [Choice::Own, Choice::Pooled, pickup, Choice::Carrier(Carrier::Ghn), Choice::Carrier(Carrier::Ghtk),
                       Choice::Carrier(Carrier::ViettelPost)];
            let choice = all[which];
            prop_assert_eq!(Choice::parse(&choice.to_string()), Some(choice));
            prop_assert!(choice.to_string().len() <= 60);
        }

        #[test]
        fn what_is_no_code_is_no_choice(text in "\\PC{0,60}") {
            if let Some(choice) = Choice::parse(&text) {
                prop_assert_eq!(choice.to_string(), text.to_lowercase());
            }
        }
    }
}
