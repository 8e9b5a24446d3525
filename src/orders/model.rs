use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use schema::{checkouts, order_lines, orders};
use uuid::Uuid;

use crate::kernel::{AccountId, CheckoutId, OrderId, ProducerId, ProductId, VariantId, Vnd};
use crate::{refusals, text_enum};

text_enum! {
    pub enum CheckoutStatus {
        AwaitingPayment = "awaiting_payment",
        Paid = "paid",
        Expired = "expired",
        Cancelled = "cancelled",
    }
}

text_enum! {
    pub enum OrderStatus {
        AwaitingPayment = "awaiting_payment",
        Paid = "paid",
        Accepted = "accepted",
        Packed = "packed",
        HandedOver = "handed_over",
        Delivered = "delivered",
        Completed = "completed",
        Expired = "expired",
        Cancelled = "cancelled",
        Refused = "refused",
    }
}

text_enum! {
    /// What can happen to an order. The names of what people do are the verbs of its routes.
    pub enum OrderEvent {
        Place = "place",
        Pay = "pay",
        Expire = "expire",
        Cancel = "cancel",
        Accept = "accept",
        Refuse = "refuse",
        Pack = "pack",
        HandOver = "hand-over",
        Deliver = "deliver",
        ConfirmReceipt = "confirm-receipt",
    }
}

impl OrderStatus {
    /// The only place where an order's status moves.
    pub fn after(self, event: OrderEvent) -> Option<OrderStatus> {
        use OrderEvent as E;
        use OrderStatus::{
            Accepted, AwaitingPayment, Cancelled, Completed, Delivered, Expired, HandedOver, Packed, Paid, Refused,
        };
        match (self, event) {
            (AwaitingPayment, E::Pay) => Some(Paid),
            (AwaitingPayment, E::Expire) => Some(Expired),
            (AwaitingPayment | Paid | Accepted | Packed, E::Cancel) => Some(Cancelled),
            (Paid, E::Accept) => Some(Accepted),
            (Paid | Accepted | Packed, E::Refuse) => Some(Refused),
            (Accepted, E::Pack) => Some(Packed),
            (Packed, E::HandOver) => Some(HandedOver),
            (HandedOver, E::Deliver) => Some(Delivered),
            (HandedOver | Delivered, E::ConfirmReceipt) => Some(Completed),
            _ => None,
        }
    }

    /// What one side can do now. An unpaid order is cancelled with its whole checkout.
    pub fn actions(self, side: Side) -> Vec<OrderEvent> {
        if self == Self::AwaitingPayment {
            return Vec::new();
        }
        side.events().iter().copied().filter(|event| self.after(*event).is_some()).collect()
    }

    /// Whether the producer's sale counts in the figures.
    pub fn is_sold(self) -> bool {
        matches!(
            self,
            Self::Paid | Self::Accepted | Self::Packed | Self::HandedOver | Self::Delivered | Self::Completed
        )
    }
}

/// Who acts on an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Buyer,
    Producer,
}

impl Side {
    pub fn events(self) -> &'static [OrderEvent] {
        match self {
            Side::Buyer => &[OrderEvent::Cancel, OrderEvent::ConfirmReceipt],
            Side::Producer => {
                &[OrderEvent::Accept, OrderEvent::Refuse, OrderEvent::Pack, OrderEvent::HandOver, OrderEvent::Deliver]
            }
        }
    }
}

refusals! {
    pub enum OrderRefusal {
        CartEmpty = 409 "orders.cart_empty" "Giỏ hàng đang trống" "The cart is empty",
        NotForSale = 409 "orders.not_for_sale" "Có mặt hàng hiện không bán" "Some lines are not for sale now",
        TotalChanged = 409 "orders.total_changed" "Giá đã thay đổi, hãy xem lại giỏ hàng" "Prices have changed, look at the cart again",
        TotalTooLarge = 409 "orders.total_too_large" "Đơn hàng vượt quá giới hạn một lần thanh toán" "The purchase is larger than one payment may be",
        IllegalAction = 409 "orders.illegal_action" "Không thể làm việc này ở trạng thái hiện tại của đơn" "The order's status does not allow this",
        CheckoutEnded = 409 "orders.checkout_ended" "Lần mua này đã thanh toán, hết hạn hoặc bị huỷ" "This checkout is paid, expired or cancelled",
    }
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = checkouts)]
pub struct Checkout {
    pub id: CheckoutId,
    pub buyer_account_id: AccountId,
    pub client_ref: Option<Uuid>,
    pub status: CheckoutStatus,
    pub total_vnd: Vnd,
    pub expires_at: DateTime<Utc>,
    pub paid_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = orders)]
pub struct Order {
    pub id: OrderId,
    pub code: String,
    pub checkout_id: CheckoutId,
    pub buyer_account_id: AccountId,
    pub producer_id: ProducerId,
    pub status: OrderStatus,
    pub status_reason: Option<String>,
    pub total_vnd: Vnd,
    pub recipient_name: String,
    pub recipient_phone: String,
    pub recipient_commune_code: String,
    pub recipient_address: String,
    pub note: Option<String>,
    pub paid_at: Option<DateTime<Utc>>,
    pub paid_on: Option<NaiveDate>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = order_lines)]
pub struct OrderLine {
    pub id: Uuid,
    pub order_id: OrderId,
    pub buyer_account_id: AccountId,
    pub producer_id: ProducerId,
    pub product_id: ProductId,
    pub variant_id: VariantId,
    pub product_title: String,
    pub variant_label: String,
    pub unit: String,
    /// Grams of one sale unit.
    pub net_weight_g: i32,
    pub product_set: i16,
    pub origin_commune_code: String,
    pub quantity: i32,
    pub price_vnd: Vnd,
    pub total_vnd: Vnd,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole machine: every pair that is not here is refused.
    const TABLE: &str = "\
        awaiting_payment pay paid\n\
        awaiting_payment expire expired\n\
        awaiting_payment cancel cancelled\n\
        paid cancel cancelled\n\
        paid accept accepted\n\
        paid refuse refused\n\
        accepted cancel cancelled\n\
        accepted refuse refused\n\
        accepted pack packed\n\
        packed cancel cancelled\n\
        packed refuse refused\n\
        packed hand-over handed_over\n\
        handed_over deliver delivered\n\
        handed_over confirm-receipt completed\n\
        delivered confirm-receipt completed\n";

    #[test]
    fn the_order_machine_is_exactly_this_table() {
        let mut table = String::new();
        for status in OrderStatus::ALL {
            for event in OrderEvent::ALL {
                if let Some(next) = status.after(*event) {
                    table.push_str(&format!("{status} {event} {next}\n"));
                }
            }
        }
        assert_eq!(table, TABLE);
    }

    #[test]
    fn ended_orders_offer_no_action() {
        for status in [OrderStatus::Completed, OrderStatus::Expired, OrderStatus::Cancelled, OrderStatus::Refused] {
            assert!(status.actions(Side::Buyer).is_empty() && status.actions(Side::Producer).is_empty());
        }
    }
}
