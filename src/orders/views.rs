//! What the parties see. Rows are taken apart by name, so that a new column must be thought about.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::harvests;
use super::model::{
    Checkout, CheckoutAction, CheckoutStatus, Order, OrderEvent, OrderLine, OrderStatus, Side, Terms, Way,
};
use super::parcels;
use super::place::Purchase;
use super::store::{self, EventRow};
use super::weights::{self, Weighed};
use crate::kernel::{CheckoutId, OrderId, ProducerId, ProductId, Result, Tx, VariantId, Vnd};
use crate::shipping::TransportClass;

/// One purchase: paid once, fulfilled by each producer on its own.
#[derive(Serialize, ToSchema)]
pub struct CheckoutView {
    pub id: CheckoutId,
    pub status: CheckoutStatus,
    /// What is to be paid, in đồng; the sum of its orders.
    pub total_vnd: Vnd,
    /// When the stock is given back if nobody has paid.
    pub expires_at: DateTime<Utc>,
    pub paid_at: Option<DateTime<Utc>>,
    #[schema(max_items = 50)]
    pub orders: Vec<OrderView>,
    /// `pay` and `cancel` while it waits for payment.
    #[schema(max_items = 5)]
    pub allowed_actions: Vec<CheckoutAction>,
    #[schema(minimum = 1)]
    pub version: i32,
    pub created_at: DateTime<Utc>,
}

/// What one producer delivers.
#[derive(Serialize, ToSchema)]
pub struct OrderView {
    pub id: OrderId,
    /// Eight characters to say on the telephone.
    #[schema(example = "7K2M9QXA", min_length = 8, max_length = 8)]
    pub code: String,
    pub checkout_id: CheckoutId,
    pub producer_id: ProducerId,
    pub status: OrderStatus,
    /// Why it was cancelled or refused.
    #[schema(max_length = 300)]
    pub status_reason: Option<String>,
    /// Sum of the lines, in đồng.
    pub goods_vnd: Vnd,
    /// What the way costs.
    pub shipping_vnd: Vnd,
    /// What is taken off.
    pub discount_vnd: Vnd,
    /// Goods and shipping less the discount.
    pub total_vnd: Vnd,
    /// What is owed back of the total so far; of what nobody has paid yet, what is let off.
    pub refunded_vnd: Vnd,
    pub recipient: RecipientView,
    #[schema(max_length = 500)]
    pub note: Option<String>,
    #[schema(max_items = 50)]
    pub lines: Vec<OrderLineView>,
    /// When the money was there; of cash when its carrier delivered the order.
    pub paid_at: Option<DateTime<Utc>>,
    /// The day of the sale in Vietnam.
    pub paid_on: Option<NaiveDate>,
    /// When the present status ends by itself: the producer's time to answer, the buyer's to decide or to claim.
    pub due_at: Option<DateTime<Utc>>,
    pub delivered_at: Option<DateTime<Utc>>,
    /// SHA-256 of the contract that was confirmed.
    #[schema(
        min_length = 64,
        max_length = 64,
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    pub contract_sha256: Option<String>,
    pub terms: Terms,
    /// What its carrier is to collect in cash; 0 once it is paid, or is not to be.
    pub to_collect_vnd: Vnd,
    /// How the goods come: `own`, `pooled`, `carrier:…` or `pickup:…`.
    #[schema(max_length = 60, example = "own")]
    pub delivery_code: String,
    /// For the buyer of what waits to be picked up: what to say there.
    #[schema(min_length = 8, max_length = 8, example = "4F7K2M9Q")]
    pub pickup_code: Option<String>,
    /// What the caller can do now: the last part of the route's path.
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<OrderEvent>,
    #[schema(minimum = 1)]
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Serialize, ToSchema)]
pub struct RecipientView {
    #[schema(max_length = 120, example = "Nguyễn Thị Hoà")]
    pub name: String,
    #[schema(max_length = 20, example = "+84912345678")]
    pub phone: String,
    #[schema(min_length = 5, max_length = 5, example = "00721")]
    pub commune_code: String,
    #[schema(max_length = 300, example = "Thôn Làng Giang")]
    pub address: String,
}

/// One line, as it was when the order was placed.
#[derive(Serialize, ToSchema)]
pub struct OrderLineView {
    pub variant_id: VariantId,
    pub product_id: ProductId,
    #[schema(max_length = 150, example = "Mật ong bạc hà")]
    pub product_title: String,
    #[schema(max_length = 80, example = "Chai 1 lít")]
    pub variant_label: String,
    #[schema(max_length = 20, example = "l")]
    pub unit: String,
    #[schema(minimum = 1, maximum = 10_000)]
    pub quantity: i32,
    /// How many of them its harvest did not bring; they are owed back.
    #[schema(minimum = 0, maximum = 10_000)]
    pub missing: i32,
    pub price_vnd: Vnd,
    pub total_vnd: Vnd,
    /// What the voucher took off it.
    pub discount_vnd: Vnd,
    pub transport_class: TransportClass,
    /// Whether the price follows the weight that is really packed.
    pub is_weighed: bool,
    /// Grams that were packed of a line that is weighed.
    #[schema(minimum = 0)]
    pub packed_g: Option<i64>,
    /// What is owed back for the weight that is missing, once the order is packed.
    pub weight_refund_vnd: Option<Vnd>,
}

/// One step of an order's way.
#[derive(Serialize, ToSchema)]
pub struct OrderEventView {
    #[schema(max_length = 40, example = "pay")]
    pub event: String,
    #[schema(max_length = 40)]
    pub from_status: Option<String>,
    #[schema(max_length = 40)]
    pub to_status: String,
    /// The role that did it.
    #[schema(max_length = 20, example = "buyer")]
    pub actor_role: String,
    #[schema(max_length = 300)]
    pub reason: Option<String>,
    pub at: DateTime<Utc>,
}

impl From<OrderLine> for OrderLineView {
    fn from(line: OrderLine) -> Self {
        let OrderLine {
            id: _,
            order_id: _,
            buyer_account_id: _,
            producer_id: _,
            product_id,
            variant_id,
            product_title,
            variant_label,
            unit,
            net_weight_g: _,
            product_set: _,
            origin_commune_code: _,
            quantity,
            price_vnd,
            total_vnd,
            discount_vnd,
            transport_class,
            is_weighed,
        } = line;
        Self {
            variant_id,
            product_id,
            product_title,
            variant_label,
            unit,
            quantity,
            missing: 0,
            price_vnd,
            total_vnd,
            discount_vnd,
            transport_class,
            is_weighed,
            packed_g: None,
            weight_refund_vnd: None,
        }
    }
}

impl From<EventRow> for OrderEventView {
    fn from((event, from_status, to_status, actor_role, reason, at): EventRow) -> Self {
        Self { event, from_status, to_status, actor_role, reason, at }
    }
}

/// One order as one side sees it.
pub fn order_view(order: Order, lines: Vec<OrderLine>, side: Side, way: Way) -> OrderView {
    let (money_came_at, to_collect_vnd) = (order.money_came_at(), order.to_collect());
    let allowed_actions = order.actions(side, way);
    let Order {
        id,
        code,
        checkout_id,
        buyer_account_id: _,
        producer_id,
        status,
        status_reason,
        goods_vnd,
        shipping_vnd,
        discount_vnd,
        total_vnd,
        refunded_vnd,
        recipient_name,
        recipient_phone,
        recipient_commune_code,
        recipient_address,
        note,
        paid_at: _,
        paid_on,
        due_at,
        delivered_at,
        quote_id: _,
        contract_sha256,
        delivery_code,
        pickup_code,
        terms,
        version,
        created_at,
        updated_at,
    } = order;
    OrderView {
        id,
        code,
        checkout_id,
        producer_id,
        status,
        status_reason,
        goods_vnd,
        shipping_vnd,
        discount_vnd,
        total_vnd,
        refunded_vnd,
        recipient: RecipientView {
            name: recipient_name,
            phone: recipient_phone,
            commune_code: recipient_commune_code,
            address: recipient_address,
        },
        note,
        lines: lines.into_iter().map(OrderLineView::from).collect(),
        paid_at: money_came_at,
        paid_on,
        due_at,
        delivered_at,
        contract_sha256,
        terms,
        to_collect_vnd,
        delivery_code,
        // Only the buyer knows it until the goods are fetched.
        pickup_code: pickup_code.filter(|_| side == Side::Buyer),
        allowed_actions,
        version,
        created_at,
        updated_at,
    }
}

/// Orders with their lines, in the order given.
pub fn with_lines(tx: &mut Tx<'_>, orders: Vec<Order>, side: Side) -> Result<Vec<OrderView>> {
    let ids: Vec<OrderId> = orders.iter().map(|order| order.id).collect();
    let lines = store::lines_of(tx, &ids)?;
    let are_weighed = lines.iter().any(|line| line.is_weighed);
    let told = parcels::told_by_carrier(tx, &orders)?;
    let mut views = order_views(orders, lines, side, |order| parcels::way_of(order, &told));
    if are_weighed {
        add_weights(&mut views, &weights::of_orders(tx, &ids)?);
    }
    add_missing(tx, &mut views)?;
    Ok(views)
}

/// What harvests did not bring.
fn add_missing(tx: &mut Tx<'_>, views: &mut [OrderView]) -> Result<()> {
    let paid = views.iter().filter(|order| order.paid_on.is_some());
    let ids: Vec<OrderId> = paid.map(|order| order.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let missing = harvests::shortfalls_of(tx, &ids)?;
    for order in views {
        for line in &mut order.lines {
            line.missing = missing.get(&(order.id, line.variant_id)).map_or(0, |missed| missed.quantity);
        }
    }
    Ok(())
}

fn add_weights(orders: &mut [OrderView], weights: &HashMap<(OrderId, VariantId), Weighed>) {
    for order in orders {
        for line in &mut order.lines {
            if let Some(weighed) = weights.get(&(order.id, line.variant_id)) {
                line.packed_g = Some(weighed.packed_g);
                line.weight_refund_vnd = Some(weighed.refund_vnd);
            }
        }
    }
}

fn order_views(
    orders: Vec<Order>,
    mut lines: Vec<OrderLine>,
    side: Side,
    way: impl Fn(&Order) -> Way,
) -> Vec<OrderView> {
    let mut views = Vec::with_capacity(orders.len());
    for order in orders {
        let (own, others): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.order_id == order.id);
        lines = others;
        let way = way(&order);
        views.push(order_view(order, own, side, way));
    }
    views
}

pub fn checkout_view(tx: &mut Tx<'_>, checkout: Checkout) -> Result<CheckoutView> {
    let orders = store::orders_of(tx, checkout.id)?;
    let ids: Vec<OrderId> = orders.iter().map(|order| order.id).collect();
    let lines = store::lines_of(tx, &ids)?;
    let mut view = purchase_view(Purchase { checkout, orders, lines });
    add_missing(tx, &mut view.orders)?;
    Ok(view)
}

/// By order and variant, as they are read back.
pub fn purchase_view(purchase: Purchase) -> CheckoutView {
    let Purchase { checkout, mut orders, mut lines } = purchase;
    orders.sort_by_key(|order| order.id);
    lines.sort_by_key(|line| line.variant_id);
    // Who brings the goods changes nothing of what a buyer can do.
    let orders = order_views(orders, lines, Side::Buyer, |order| Way::of(&order.delivery_code));
    let Checkout {
        id,
        buyer_account_id: _,
        client_ref: _,
        status,
        total_vnd,
        expires_at,
        paid_at,
        version,
        created_at,
    } = checkout;
    let allowed_actions = status.actions();
    CheckoutView { id, status, total_vnd, expires_at, paid_at, orders, allowed_actions, version, created_at }
}
