use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use schema::{checkouts, order_lines, order_refunds, orders};
use uuid::Uuid;

pub use super::machine::{CheckoutAction, CheckoutStatus, OrderEvent, OrderStatus, Side, Way};
use crate::kernel::{AccountId, CheckoutId, OrderId, ProducerId, ProductId, QuoteId, RefundId, VariantId, Vnd};
use crate::shipping::TransportClass;
use crate::{refusals, text_enum};

text_enum! {
    /// How an order is paid.
    pub enum Terms {
        /// Before its producer hears of it.
        Ahead = "ahead",
        /// In cash, to the carrier that brings it.
        OnDelivery = "on_delivery",
    }
}

text_enum! {
    /// Why money is owed back.
    pub enum RefundCause {
        Cancelled = "cancelled",
        Refused = "refused",
        /// The producer did not answer in time.
        NotAnswered = "not_answered",
        /// Less was packed than ordered; the price follows.
        Weight = "weight",
        /// The buyer did not decide on a smaller weight in time.
        WeightNotDecided = "weight_not_decided",
        /// It could not be delivered and came back: all but the way.
        NotDelivered = "not_delivered",
        HarvestShort = "harvest_short",
        Claim = "claim",
    }
}

refusals! {
    pub enum OrderRefusal {
        CartEmpty = 409 "orders.cart_empty" "Giỏ hàng đang trống" "The cart is empty",
        NotForSale = 409 "orders.not_for_sale" "Có mặt hàng hiện không bán" "Some lines are not for sale now",
        TotalChanged = 409 "orders.total_changed" "Giá đã thay đổi, hãy xem lại giỏ hàng" "Prices have changed, look at the cart again",
        TotalTooLarge = 409 "orders.total_too_large" "Đơn hàng vượt quá giới hạn một lần thanh toán" "The purchase is larger than one payment may be",
        IllegalAction = 409 "orders.illegal_action" "Không thể làm việc này ở trạng thái hiện tại của đơn" "The order's status does not allow this",
        CarrierTells = 409 "orders.carrier_tells" "Hãng vận chuyển tự báo tình trạng giao hàng của đơn này" "The carrier itself tells how this order is delivered",
        WrongPickupCode = 409 "orders.wrong_pickup_code" "Mã nhận hàng không đúng" "The pick-up code is wrong",
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
#[diesel(table_name = orders, treat_none_as_default_value = false)]
pub struct Order {
    pub id: OrderId,
    pub code: String,
    pub checkout_id: CheckoutId,
    pub buyer_account_id: AccountId,
    pub producer_id: ProducerId,
    pub status: OrderStatus,
    pub status_reason: Option<String>,
    /// Sum of the lines.
    pub goods_vnd: Vnd,
    pub shipping_vnd: Vnd,
    pub discount_vnd: Vnd,
    /// Goods and shipping less the discount: what was to be paid.
    pub total_vnd: Vnd,
    /// What is owed back of it so far.
    pub refunded_vnd: Vnd,
    pub recipient_name: String,
    pub recipient_phone: String,
    pub recipient_commune_code: String,
    pub recipient_address: String,
    pub note: Option<String>,
    /// Since when it is sold: when it was paid, or was to be paid in cash.
    pub paid_at: Option<DateTime<Utc>>,
    pub paid_on: Option<NaiveDate>,
    /// When the present status ends by itself.
    pub due_at: Option<DateTime<Utc>>,
    pub delivered_at: Option<DateTime<Utc>>,
    /// What was shown and confirmed before; none of orders from before there were quotes.
    pub quote_id: Option<QuoteId>,
    pub contract_sha256: Option<String>,
    /// How the goods come, as shipping names it.
    pub delivery_code: String,
    /// What whoever picks the goods up must say.
    pub pickup_code: Option<String>,
    pub terms: Terms,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Order {
    /// Whether it was to be paid when it comes, and has not come.
    pub fn is_uncollected(&self) -> bool {
        self.terms == Terms::OnDelivery && self.delivered_at.is_none()
    }

    /// What its carrier is to collect; nothing of what is paid ahead.
    pub fn to_collect(&self) -> Vnd {
        let rest = self.total_vnd.minus(self.refunded_vnd).unwrap_or(Vnd::ZERO);
        if self.is_uncollected() { rest } else { Vnd::ZERO }
    }

    /// When its buyer's money was there.
    pub fn money_came_at(&self) -> Option<DateTime<Utc>> {
        if self.terms == Terms::OnDelivery { self.delivered_at } else { self.paid_at }
    }

    /// What one side can do now with goods that come this way. Of cash its carrier alone can say that it was collected, so
    /// that nobody else says that the goods came.
    pub fn actions(&self, side: Side, way: Way) -> Vec<OrderEvent> {
        let is_carriers = |event: &OrderEvent| match event {
            OrderEvent::ConfirmReceipt | OrderEvent::Deliver => self.is_uncollected() && side != Side::Platform,
            _ => false,
        };
        self.status.actions(side, way).into_iter().filter(|event| !is_carriers(event)).collect()
    }
}

/// Money that is owed back to the buyer of an order.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = order_refunds)]
pub struct OwedRefund {
    pub id: RefundId,
    pub order_id: OrderId,
    pub cause: RefundCause,
    pub amount_vnd: Vnd,
    pub at: DateTime<Utc>,
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
    /// What the voucher took off it.
    pub discount_vnd: Vnd,
    pub transport_class: TransportClass,
    /// Whether the price follows the weight that is really packed.
    pub is_weighed: bool,
}
