//! What can become of purchases and orders, and who may cause it.

use crate::shipping::{Choice, Method};
use crate::text_enum;

text_enum! {
    pub enum CheckoutStatus {
        AwaitingPayment = "awaiting_payment",
        Paid = "paid",
        /// Each of its orders is paid in cash when it comes.
        Confirmed = "confirmed",
        Expired = "expired",
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// What can happen to a purchase that waits for payment. Its buyer pays it or cancels it.
    pub enum CheckoutAction {
        Pay = "pay",
        /// Its buyer pays in cash when it comes: whether that may be, its ways to pay say.
        Confirm = "confirm",
        Cancel = "cancel",
        /// Nobody paid in time.
        Expire = "expire",
    }
}

impl CheckoutStatus {
    /// The only place where a purchase's status moves.
    pub fn after(self, action: CheckoutAction) -> Option<CheckoutStatus> {
        match (self, action) {
            (Self::AwaitingPayment, CheckoutAction::Pay) => Some(Self::Paid),
            (Self::AwaitingPayment, CheckoutAction::Confirm) => Some(Self::Confirmed),
            (Self::AwaitingPayment, CheckoutAction::Cancel) => Some(Self::Cancelled),
            (Self::AwaitingPayment, CheckoutAction::Expire) => Some(Self::Expired),
            (Self::Paid | Self::Confirmed | Self::Cancelled | Self::Expired, _) => None,
        }
    }

    /// What its buyer can do now.
    pub fn actions(self) -> Vec<CheckoutAction> {
        let by_buyer = [CheckoutAction::Pay, CheckoutAction::Cancel];
        by_buyer.into_iter().filter(|action| self.after(*action).is_some()).collect()
    }
}

text_enum! {
    /// Where an order is. `expired`, `completed`, `partially_refunded`, `refunded`, `returned`, `cancelled`, `refused`
    /// and `auto_cancelled` are ends.
    pub enum OrderStatus {
        AwaitingPayment = "awaiting_payment",
        Expired = "expired",
        Paid = "paid",
        /// As [`OrderStatus::Paid`], but it is paid in cash when it comes.
        Confirmed = "confirmed",
        /// Paid, and what was bought is still to be harvested.
        WaitingHarvest = "waiting_harvest",
        Accepted = "accepted",
        WeightInQuestion = "weight_in_question",
        Packed = "packed",
        ReadyForPickup = "ready_for_pickup",
        HandedOver = "handed_over",
        InTransit = "in_transit",
        DeliveryFailed = "delivery_failed",
        Returning = "returning",
        Returned = "returned",
        Delivered = "delivered",
        Disputed = "disputed",
        Completed = "completed",
        PartiallyRefunded = "partially_refunded",
        Refunded = "refunded",
        Cancelled = "cancelled",
        Refused = "refused",
        AutoCancelled = "auto_cancelled",
    }
}

text_enum! {
    /// What can happen to an order. The names of what people do are the verbs of its routes.
    pub enum OrderEvent {
        Place = "place",
        Pay = "pay",
        /// It is to be paid in cash when it comes.
        Confirm = "confirm",
        Expire = "expire",
        Cancel = "cancel",
        /// Its goods are of a planned harvest.
        WaitHarvest = "wait-harvest",
        /// The harvest is in: what was bought of it is there.
        Harvest = "harvest",
        Accept = "accept",
        Refuse = "refuse",
        /// Nobody answered, or decided, in time.
        GiveUp = "give-up",
        Pack = "pack",
        /// Packed, but lighter than the price may follow by itself.
        QuestionWeight = "question-weight",
        AcceptWeight = "accept-weight",
        MakeReady = "make-ready",
        HandOver = "hand-over",
        /// A carrier has it on the road, for the first time or again.
        Carry = "carry",
        FailDelivery = "fail-delivery",
        SendBack = "send-back",
        /// The goods of a claim are to come back before the money does.
        AgreeReturn = "agree-return",
        ReceiveReturn = "receive-return",
        Deliver = "deliver",
        ConfirmReceipt = "confirm-receipt",
        /// The time to claim has passed.
        Complete = "complete",
        Claim = "claim",
        DismissClaim = "dismiss-claim",
        RefundPart = "refund-part",
        RefundAll = "refund-all",
    }
}

impl OrderStatus {
    /// The only place where an order's status moves.
    pub fn after(self, event: OrderEvent) -> Option<OrderStatus> {
        use OrderEvent as E;
        use OrderStatus as S;
        match (self, event) {
            (S::AwaitingPayment, E::Pay) => Some(S::Paid),
            (S::AwaitingPayment, E::Confirm) => Some(S::Confirmed),
            (S::AwaitingPayment, E::Expire) => Some(S::Expired),
            (
                S::AwaitingPayment
                | S::Paid
                | S::Confirmed
                | S::WaitingHarvest
                | S::Accepted
                | S::WeightInQuestion
                | S::Packed
                | S::ReadyForPickup,
                E::Cancel,
            ) => Some(S::Cancelled),
            (S::Paid, E::WaitHarvest) => Some(S::WaitingHarvest),
            (S::WaitingHarvest, E::Harvest) => Some(S::Paid),
            (S::Paid | S::Confirmed, E::Accept) => Some(S::Accepted),
            (
                S::Paid
                | S::Confirmed
                | S::WaitingHarvest
                | S::Accepted
                | S::WeightInQuestion
                | S::Packed
                | S::ReadyForPickup,
                E::Refuse,
            ) => Some(S::Refused),
            (S::Paid | S::Confirmed | S::WaitingHarvest | S::WeightInQuestion, E::GiveUp) => Some(S::AutoCancelled),
            (S::Accepted, E::Pack) => Some(S::Packed),
            (S::Accepted, E::QuestionWeight) => Some(S::WeightInQuestion),
            (S::WeightInQuestion, E::AcceptWeight) => Some(S::Packed),
            (S::Packed, E::MakeReady) => Some(S::ReadyForPickup),
            (S::Packed, E::HandOver) => Some(S::HandedOver),
            (S::HandedOver | S::DeliveryFailed, E::Carry) => Some(S::InTransit),
            (S::HandedOver | S::InTransit, E::FailDelivery) => Some(S::DeliveryFailed),
            (S::HandedOver | S::InTransit | S::DeliveryFailed, E::SendBack) | (S::Disputed, E::AgreeReturn) => {
                Some(S::Returning)
            }
            (S::Returning, E::ReceiveReturn) => Some(S::Returned),
            (S::ReadyForPickup | S::HandedOver | S::InTransit | S::DeliveryFailed, E::Deliver) => Some(S::Delivered),
            (S::HandedOver | S::InTransit | S::Delivered, E::ConfirmReceipt) => Some(S::Completed),
            (S::Delivered, E::Complete) => Some(S::Completed),
            (S::Delivered, E::Claim) => Some(S::Disputed),
            (S::Disputed | S::Returning, E::DismissClaim) => Some(S::Completed),
            (S::Disputed | S::Returning, E::RefundPart) => Some(S::PartiallyRefunded),
            (S::Disputed | S::Returning, E::RefundAll) => Some(S::Refunded),
            _ => None,
        }
    }

    /// What one side can do now with goods that come this way. An unpaid order is cancelled with its whole checkout.
    pub fn actions(self, side: Side, way: Way) -> Vec<OrderEvent> {
        if self == Self::AwaitingPayment && side != Side::Platform {
            return Vec::new();
        }
        OrderEvent::ALL
            .iter()
            .copied()
            .filter(|event| event.sides().contains(&side) && way.has(side, *event) && self.after(*event).is_some())
            .collect()
    }

    /// Whether the producer's sale counts in the figures. What is refunded in part was sold all the same.
    pub fn is_sold(self) -> bool {
        match self {
            Self::AwaitingPayment
            | Self::Expired
            | Self::Cancelled
            | Self::Refused
            | Self::AutoCancelled
            | Self::Returned
            | Self::Refunded => false,
            Self::Paid
            | Self::Confirmed
            | Self::WaitingHarvest
            | Self::Accepted
            | Self::WeightInQuestion
            | Self::Packed
            | Self::ReadyForPickup
            | Self::HandedOver
            | Self::InTransit
            | Self::DeliveryFailed
            | Self::Returning
            | Self::Delivered
            | Self::Disputed
            | Self::Completed
            | Self::PartiallyRefunded => true,
        }
    }

    /// Whether nothing can happen to it any more.
    pub fn has_ended(self) -> bool {
        OrderEvent::ALL.iter().all(|event| self.after(*event).is_none())
    }

    /// Whether the buyer has had the goods in hand, so that there is something to say of them.
    pub fn was_delivered(self) -> bool {
        matches!(self, Self::Delivered | Self::Disputed | Self::Completed | Self::PartiallyRefunded | Self::Refunded)
    }

    /// Whether a paid order ended before its goods left, so that they are back in the stock.
    pub fn gives_goods_back(self) -> bool {
        matches!(self, Self::Cancelled | Self::Refused | Self::AutoCancelled)
    }
}

/// Who acts on an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Buyer,
    Producer,
    /// Payments, deadlines, carriers, and what people's decisions lead to.
    Platform,
}

/// Who brings an order's goods, as far as it decides who may say what of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The producer, a shared run, or a carrier that tells us nothing.
    Brought,
    /// A carrier, which tells us itself.
    Carried,
    /// The buyer fetches them at a stall or hub.
    Fetched,
}

impl Way {
    /// As long as no parcel says otherwise.
    pub fn of(delivery_code: &str) -> Way {
        match Choice::parse(delivery_code).map(Choice::method) {
            Some(Method::Pickup) => Way::Fetched,
            Some(Method::Carrier) => Way::Carried,
            Some(Method::Own | Method::Pooled) | None => Way::Brought,
        }
    }

    /// Whether such an event belongs to this way when that side causes it.
    pub fn has(self, side: Side, event: OrderEvent) -> bool {
        match event {
            OrderEvent::MakeReady => self == Way::Fetched,
            OrderEvent::HandOver => self != Way::Fetched,
            OrderEvent::Deliver | OrderEvent::FailDelivery | OrderEvent::SendBack => {
                side != Side::Producer || self != Way::Carried
            }
            _ => true,
        }
    }
}

impl OrderEvent {
    /// Who may cause it.
    pub fn sides(self) -> &'static [Side] {
        match self {
            Self::Cancel | Self::AcceptWeight | Self::ConfirmReceipt | Self::Claim | Self::Place => &[Side::Buyer],
            Self::Accept | Self::Refuse | Self::Pack | Self::MakeReady | Self::HandOver => &[Side::Producer],
            Self::FailDelivery | Self::SendBack | Self::ReceiveReturn | Self::Deliver => {
                &[Side::Producer, Side::Platform]
            }
            // What follows from a weight or from a claim is caused by those who decide on them.
            Self::QuestionWeight
            | Self::AgreeReturn
            | Self::DismissClaim
            | Self::RefundPart
            | Self::RefundAll
            | Self::Pay
            | Self::Confirm
            | Self::WaitHarvest
            | Self::Harvest
            | Self::Expire
            | Self::GiveUp
            | Self::Carry
            | Self::Complete => &[Side::Platform],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole machine: what every status becomes by every event, and who may cause it. What is not here is refused.
    const TABLE: &str = include_str!("machine.txt");

    const SIDES: [Side; 3] = [Side::Buyer, Side::Producer, Side::Platform];

    fn table() -> String {
        let mut table = String::new();
        for status in OrderStatus::ALL {
            for event in OrderEvent::ALL {
                if let Some(next) = status.after(*event) {
                    let sides: Vec<String> = event.sides().iter().map(|s| format!("{s:?}").to_lowercase()).collect();
                    table.push_str(&format!("{status} --{event}--> {next} by {}\n", sides.join(", ")));
                }
            }
        }
        table
    }

    #[test]
    fn the_checkout_machine_is_exactly_this_table() {
        let mut table = String::new();
        for status in CheckoutStatus::ALL {
            for action in CheckoutAction::ALL {
                if let Some(next) = status.after(*action) {
                    let by = if status.actions().contains(action) { "buyer" } else { "platform" };
                    table.push_str(&format!("{status} --{action}--> {next} by {by}\n"));
                }
            }
        }
        assert_eq!(table, include_str!("checkout_machine.txt"));
    }

    #[test]
    fn the_order_machine_is_exactly_this_table() {
        assert_eq!(table(), TABLE);
    }

    /// Every (status, event, actor): a side may do what its actions say and nothing else.
    #[test]
    fn a_side_is_offered_exactly_what_it_may_cause() {
        for status in OrderStatus::ALL {
            for side in SIDES {
                for way in [Way::Brought, Way::Carried, Way::Fetched] {
                    let offered = status.actions(side, way);
                    for event in OrderEvent::ALL {
                        let is_unpaid = *status == OrderStatus::AwaitingPayment && side != Side::Platform;
                        let may = status.after(*event).is_some() && event.sides().contains(&side) && !is_unpaid;
                        let may = may && way.has(side, *event);
                        assert_eq!(offered.contains(event), may, "{status} {event} {side:?} {way:?}");
                    }
                }
            }
        }
    }

    /// What a way takes from a side; it gives nothing.
    #[test]
    fn a_way_has_every_event_but_these() {
        let mut missing = Vec::new();
        for way in [Way::Brought, Way::Carried, Way::Fetched] {
            for side in SIDES {
                for event in OrderEvent::ALL.iter().filter(|event| event.sides().contains(&side)) {
                    if !way.has(side, *event) {
                        missing.push(format!("{way:?} {side:?} {event}"));
                    }
                }
            }
        }
        assert_eq!(
            missing,
            [
                "Brought Producer make-ready",
                "Carried Producer make-ready",
                "Carried Producer fail-delivery",
                "Carried Producer send-back",
                "Carried Producer deliver",
                "Fetched Producer hand-over",
            ]
        );
        let ways = ["own", "pooled", "carrier:ghn", "pickup:01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b"].map(Way::of);
        assert_eq!(ways, [Way::Brought, Way::Brought, Way::Carried, Way::Fetched]);
    }

    #[test]
    fn ended_orders_offer_no_action() {
        use OrderStatus as S;
        for status in [
            S::Completed,
            S::PartiallyRefunded,
            S::Refunded,
            S::Returned,
            S::Expired,
            S::Cancelled,
            S::Refused,
            S::AutoCancelled,
        ] {
            assert!(status.has_ended(), "{status}");
        }
    }
}
