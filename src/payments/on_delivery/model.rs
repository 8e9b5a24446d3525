//! Who may pay what in cash.

use chrono::TimeDelta;
use serde::Serialize;
use utoipa::ToSchema;

use crate::kernel::OrderId;
use crate::orders::{CashFacts, CashHistory};
use crate::text_enum;

/// Orders of one buyer that may be on their way to be paid in cash, with those of the purchase in question.
pub const UNDER_WAY_MAX: usize = 3;
/// How long nobody pays in cash who did not take what was to be paid so.
pub const CAME_BACK_WITHIN: TimeDelta = TimeDelta::days(90);

text_enum! {
    /// Why a purchase cannot be paid in cash when it comes.
    pub enum CashBar {
        /// The operator does not offer it.
        SwitchedOff = "switched_off",
        /// The buyer is a guest, whose number nobody has proved.
        UnprovenPhone = "unproven_phone",
        /// No carrier brings it.
        NotByCarrier = "not_by_carrier",
        /// The carrier is not connected, so that it collects nothing for us.
        CarrierOff = "carrier_off",
        /// The law wants it paid without cash.
        Alcohol = "alcohol",
        /// Its harvest is to come.
        PreOrder = "pre_order",
        /// More than the carrier collects for one parcel.
        TooMuch = "too_much",
        /// With these the buyer would have too many such orders on their way.
        TooManyUnderWay = "too_many_under_way",
        /// The buyer did not take such an order lately.
        CameBack = "came_back",
    }
}

/// A reason, and the orders that are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Barred {
    pub reason: CashBar,
    /// None: it is about the buyer, or about every purchase.
    #[schema(max_items = 50)]
    pub order_ids: Vec<OrderId>,
}

/// What a purchase and its buyer are like.
#[derive(Debug, Clone)]
pub struct Situation {
    pub is_on: bool,
    pub is_guest: bool,
    pub history: CashHistory,
    pub orders: Vec<CashFacts>,
}

/// Every reason why not, in the order of their list; none when it may be paid so.
pub fn bars(situation: &Situation, is_connected: impl Fn(&CashFacts) -> bool) -> Vec<Barred> {
    let Situation { is_on, is_guest, history, orders } = situation;
    let under_way = usize::try_from(history.under_way).unwrap_or(usize::MAX).saturating_add(orders.len());
    let whole = |reason| match reason {
        CashBar::SwitchedOff => !is_on,
        CashBar::UnprovenPhone => *is_guest,
        CashBar::TooManyUnderWay => under_way > UNDER_WAY_MAX,
        CashBar::CameBack => history.came_back > 0,
        _ => false,
    };
    let of = |reason, order: &CashFacts| match reason {
        CashBar::NotByCarrier => order.carrier.is_none(),
        CashBar::CarrierOff => order.carrier.is_some() && !is_connected(order),
        CashBar::Alcohol => order.has_alcohol,
        CashBar::PreOrder => order.is_planned,
        CashBar::TooMuch => order.carrier.is_some_and(|carrier| order.total.amount() > carrier.collects_max()),
        _ => false,
    };
    let barred = CashBar::ALL.iter().map(|reason| {
        let order_ids: Vec<OrderId> = orders.iter().filter(|order| of(*reason, order)).map(|o| o.order_id).collect();
        let counts = whole(*reason) || !order_ids.is_empty();
        counts.then_some(Barred { reason: *reason, order_ids })
    });
    barred.flatten().collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::kernel::Vnd;
    use crate::shipping::Carrier;

    fn order(number: u128) -> CashFacts {
        CashFacts {
            order_id: OrderId(Uuid::from_u128(number)),
            total: Vnd::new(10_000_000).unwrap(),
            carrier: Some(Carrier::Ghn),
            has_alcohol: false,
            is_planned: false,
        }
    }

    fn situation(orders: Vec<CashFacts>) -> Situation {
        Situation { is_on: true, is_guest: false, history: CashHistory { under_way: 0, came_back: 0 }, orders }
    }

    fn named(barred: &[Barred]) -> Vec<String> {
        let numbers = |ids: &[OrderId]| ids.iter().map(|id| id.0.as_u128().to_string()).collect::<Vec<_>>().join(",");
        barred.iter().map(|one| format!("{} {}", one.reason, numbers(&one.order_ids)).trim_end().to_owned()).collect()
    }

    #[test]
    fn three_orders_at_the_limit_may_be_paid_so() {
        assert_eq!(bars(&situation(vec![order(1), order(2), order(3)]), |_| true), []);
        let four = bars(&situation((1..=4).map(order).collect()), |_| true);
        assert_eq!(named(&four), ["too_many_under_way"]);
        let with_others =
            Situation { history: CashHistory { under_way: 3, came_back: 0 }, ..situation(vec![order(1)]) };
        assert_eq!(named(&bars(&with_others, |_| true)), ["too_many_under_way"]);
    }

    #[test]
    fn every_reason_is_named_at_once_with_its_orders() {
        let much = CashFacts { total: Vnd::new(10_000_001).unwrap(), is_planned: true, ..order(2) };
        let brought = CashFacts { carrier: None, has_alcohol: true, ..order(3) };
        let all = Situation {
            is_on: false,
            is_guest: true,
            history: CashHistory { under_way: 1, came_back: 1 },
            orders: vec![order(1), much, brought],
        };
        assert_eq!(
            named(&bars(&all, |order| order.order_id.0.as_u128() != 1)),
            [
                "switched_off",
                "unproven_phone",
                "not_by_carrier 3",
                "carrier_off 1",
                "alcohol 3",
                "pre_order 2",
                "too_much 2",
                "too_many_under_way",
                "came_back",
            ]
        );
    }
}
