use chrono::TimeDelta;
use serde_json::json;

use super::model::{Checkout, CheckoutStatus, Order, OrderEvent, OrderLine, OrderRefusal, OrderStatus};
use super::store;
use crate::carts::{self, CartLine};
use crate::catalog::{self, ForSale};
use crate::jobs::{self, Job};
use crate::kernel::{
    AccountId, Audience, CheckoutId, ClientRef, Error, EventId, OrderId, PhoneNumber, Result, Tx, VariantId, Vnd,
};
use crate::stock::{self, Hold};
use crate::{audit, places};

/// Symbols of an order's code: Crockford's alphabet, nothing that is misheard or misread.
const CODE_SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LENGTH: usize = 8;

/// Where the goods go.
#[derive(Debug, Clone)]
pub struct Recipient {
    pub name: String,
    pub phone: PhoneNumber,
    pub commune_code: places::CommuneCode,
    pub address: String,
    pub note: Option<String>,
}

/// What the buyer saw and asks for.
#[derive(Debug, Clone)]
pub struct Wish {
    pub client_ref: Option<ClientRef>,
    pub expected_total: Vnd,
    pub recipient: Recipient,
    /// How long the stock is held for payment.
    pub held_for: TimeDelta,
}

/// Whether a purchase is new or was made before with the same `client_ref`.
pub enum Placed {
    New(Purchase),
    Before(Checkout),
}

/// A purchase with its orders and their lines, all as they were written.
pub struct Purchase {
    pub checkout: Checkout,
    pub orders: Vec<Order>,
    pub lines: Vec<OrderLine>,
}

/// Turns the cart into one order per producer and holds their stock. All or nothing: one line that cannot be held
/// leaves cart, stock and orders as they were.
pub fn place(tx: &mut Tx<'_>, wish: &Wish) -> Result<Placed> {
    let buyer_id = tx.who.must(Audience::Buyer)?;
    places::must_exist(tx, &wish.recipient.commune_code, "/recipient/commune_code")?;
    // Whoever buys from the same cart waits here.
    carts::touch(tx, buyer_id)?;
    if let Some(client_ref) = wish.client_ref
        && let Some(before) = store::find_by_client_ref(tx, buyer_id, client_ref.0)?
    {
        return Ok(Placed::Before(before));
    }
    let cart = carts::take_lines(tx, buyer_id)?;
    if cart.is_empty() {
        return Err(OrderRefusal::CartEmpty.into());
    }
    let items = goods(tx, &cart)?;
    let total = total_of(&items)?;
    if total != wish.expected_total {
        return Err(total_changed(&items, total));
    }
    let checkout = Checkout {
        id: CheckoutId::generate(),
        buyer_account_id: buyer_id,
        client_ref: wish.client_ref.map(|r| r.0),
        status: CheckoutStatus::AwaitingPayment,
        total_vnd: total,
        expires_at: tx.now + wish.held_for,
        paid_at: None,
        version: 1,
        created_at: tx.now,
    };
    let (orders, lines) = split(&checkout, items, &wish.recipient)?;
    store::insert_checkout(tx, &checkout)?;
    store::insert_orders(tx, &orders, &lines)?;
    store::record_events(tx, &orders, OrderEvent::Place, None, None)?;
    stock::hold(tx, &holds(&lines))?;
    jobs::enqueue(tx, &Job::expire_checkout(checkout.id), checkout.expires_at, None)?;
    audit::write(
        tx,
        "checkout.placed",
        "checkout",
        checkout.id.0,
        json!({"total_vnd": total, "orders": orders.len()}),
    )?;
    Ok(Placed::New(Purchase { checkout, orders, lines }))
}

/// A cart line with what it buys.
struct Item {
    goods: ForSale,
    quantity: i32,
    total: Vnd,
}

fn goods(tx: &mut Tx<'_>, cart: &[CartLine]) -> Result<Vec<Item>> {
    let ids: Vec<VariantId> = cart.iter().map(|line| line.variant_id).collect();
    let mut items = Vec::with_capacity(cart.len());
    let mut gone = Vec::new();
    for goods in catalog::for_sale(tx, &ids)? {
        let wanted = cart.iter().find(|line| line.variant_id == goods.variant_id);
        let quantity = wanted.map_or(0, |line| line.quantity);
        if !goods.sellable {
            gone.push(json!({"variant_id": goods.variant_id}));
        }
        let total = goods.price.times(quantity).ok_or(OrderRefusal::TotalTooLarge)?;
        items.push(Item { goods, quantity, total });
    }
    if gone.is_empty() { Ok(items) } else { Err(Error::from(OrderRefusal::NotForSale).with("lines", gone)) }
}

fn total_of(items: &[Item]) -> Result<Vnd> {
    Vnd::sum(items.iter().map(|item| item.total)).ok_or_else(|| OrderRefusal::TotalTooLarge.into())
}

fn total_changed(items: &[Item], total: Vnd) -> Error {
    let lines: Vec<serde_json::Value> = items
        .iter()
        .map(|item| {
            json!({"variant_id": item.goods.variant_id, "quantity": item.quantity,
                           "price_vnd": item.goods.price, "total_vnd": item.total})
        })
        .collect();
    Error::from(OrderRefusal::TotalChanged).with("total_vnd", total.amount()).with("lines", lines)
}

fn split(checkout: &Checkout, items: Vec<Item>, recipient: &Recipient) -> Result<(Vec<Order>, Vec<OrderLine>)> {
    let mut orders: Vec<Order> = Vec::new();
    let mut lines = Vec::with_capacity(items.len());
    for Item { goods, quantity, total } in items {
        let order_id = match orders.iter_mut().find(|order| order.producer_id == goods.producer_id) {
            Some(order) => {
                order.goods_vnd = order.goods_vnd.plus(total).ok_or(OrderRefusal::TotalTooLarge)?;
                order.total_vnd = order.goods_vnd;
                order.id
            }
            None => {
                let order = new_order(checkout, &goods, total, recipient);
                let id = order.id;
                orders.push(order);
                id
            }
        };
        lines.push(new_line(order_id, checkout.buyer_account_id, goods, quantity, total));
    }
    Ok((orders, lines))
}

fn new_order(checkout: &Checkout, goods: &ForSale, total: Vnd, recipient: &Recipient) -> Order {
    let Recipient { name, phone, commune_code, address, note } = recipient;
    Order {
        id: OrderId::generate(),
        code: new_code(),
        checkout_id: checkout.id,
        buyer_account_id: checkout.buyer_account_id,
        producer_id: goods.producer_id,
        status: OrderStatus::AwaitingPayment,
        status_reason: None,
        goods_vnd: total,
        shipping_vnd: Vnd::ZERO,
        discount_vnd: Vnd::ZERO,
        total_vnd: total,
        refunded_vnd: Vnd::ZERO,
        recipient_name: name.clone(),
        recipient_phone: phone.as_str().to_owned(),
        recipient_commune_code: commune_code.as_str().to_owned(),
        recipient_address: address.clone(),
        note: note.clone(),
        paid_at: None,
        paid_on: None,
        due_at: None,
        delivered_at: None,
        version: 1,
        created_at: checkout.created_at,
        updated_at: checkout.created_at,
    }
}

fn new_line(order_id: OrderId, buyer_id: AccountId, goods: ForSale, quantity: i32, total: Vnd) -> OrderLine {
    let ForSale {
        variant_id,
        product_id,
        producer_id,
        product_title,
        variant_label,
        unit,
        net_weight_g,
        price,
        product_set,
        origin_commune_code,
        producer_name: _,
        sellable: _,
        transport_class: _,
    } = goods;
    OrderLine {
        id: EventId::generate().0,
        order_id,
        buyer_account_id: buyer_id,
        producer_id,
        product_id,
        variant_id,
        product_title,
        variant_label,
        unit,
        net_weight_g,
        product_set,
        origin_commune_code,
        quantity,
        price_vnd: price,
        total_vnd: total,
    }
}

fn holds(lines: &[OrderLine]) -> Vec<Hold> {
    lines
        .iter()
        .map(|line| Hold {
            order_id: line.order_id,
            variant_id: line.variant_id,
            buyer_id: line.buyer_account_id,
            producer_id: line.producer_id,
            quantity: line.quantity,
        })
        .collect()
}

/// Eight symbols from the random half of a fresh id: 40 bits; the database refuses a double.
fn new_code() -> String {
    let bits = OrderId::generate().0.as_u128();
    (0..CODE_LENGTH)
        .map(|place| {
            let symbol = (bits >> (place.saturating_mul(5))) & 31;
            char::from(CODE_SYMBOLS.get(usize::try_from(symbol).unwrap_or(0)).copied().unwrap_or(b'0'))
        })
        .collect()
}
