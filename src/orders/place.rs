use chrono::TimeDelta;
use serde_json::json;

use super::harvests;
use super::items::{self, Item};
use super::model::{Checkout, CheckoutStatus, Order, OrderEvent, OrderLine, OrderRefusal, OrderStatus, Terms};
use super::quotes::{self, Part, PartLine, Quote, QuoteRefusal};
use super::store;
use crate::carts;
use crate::catalog::{self, ForSale};
use crate::jobs::{self, Job};
use crate::kernel::input::FaultCode;
use crate::kernel::{
    AccountId, Audience, CheckoutId, ClientRef, Error, EventId, OrderId, PhoneNumber, QuoteId, Result, Tx, VariantId,
    Vnd,
};
use crate::stock::{self, Hold};
use crate::vouchers::{self, Basket, Fee, VoucherCode};
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
    pub quote_id: QuoteId,
    /// The hash of the contract that the buyer confirms.
    pub contract_sha256: String,
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

/// Turns the cart into one order per producer, as its quote showed them, and holds their stock. All or nothing: one
/// line that cannot be held, or that is not as it was shown, leaves cart, stock and orders as they were.
pub fn place(tx: &mut Tx<'_>, wish: &Wish) -> Result<Placed> {
    let buyer_id = tx.who.must(Audience::Buyer)?;
    // Whoever buys from the same cart waits here.
    let (_, cart) = carts::touch(tx, buyer_id)?;
    if let Some(client_ref) = wish.client_ref
        && let Some(before) = store::find_by_client_ref(tx, buyer_id, client_ref.0)?
    {
        return Ok(Placed::Before(before));
    }
    if cart.is_empty() {
        return Err(OrderRefusal::CartEmpty.into());
    }
    let quote = good_quote(tx, buyer_id, wish)?;
    let parts: Vec<Part> = serde_json::from_value(quote.parts.clone()).map_err(Error::internal)?;
    let ids: Vec<VariantId> = cart.iter().map(|line| line.variant_id).collect();
    let items = items::goods(catalog::for_sale(tx, &ids)?, &cart)?;
    must_be_as_shown(&items, &parts, (quote.total_vnd, wish.expected_total))?;
    let checkout = Checkout {
        id: CheckoutId::generate(),
        buyer_account_id: buyer_id,
        client_ref: wish.client_ref.map(|r| r.0),
        status: CheckoutStatus::AwaitingPayment,
        total_vnd: quote.total_vnd,
        expires_at: tx.now + wish.held_for,
        paid_at: None,
        version: 1,
        created_at: tx.now,
    };
    let voucher_lines = items::voucher_lines(items.iter());
    let (orders, lines) = split(&checkout, items, (&quote, &parts), &wish.recipient)?;
    let held = stock::hold(tx, &holds(&lines))?;
    harvests::as_shown(tx, &held, &parts)?;
    carts::empty(tx, buyer_id, cart.len())?;
    store::insert_purchase(tx, &checkout, &orders, &lines)?;
    store::record_events(tx, &orders, OrderEvent::Place, None, None)?;
    take_voucher(tx, &checkout, &quote, (&voucher_lines, &orders))?;
    jobs::enqueue(tx, &Job::expire_checkout(checkout.id), checkout.expires_at, None)?;
    let detail = json!({"total_vnd": checkout.total_vnd, "orders": orders.len()});
    audit::write(tx, "checkout.placed", "checkout", checkout.id.0, detail)?;
    Ok(Placed::New(Purchase { checkout, orders, lines }))
}

/// The quote that the buyer names, if it still holds and is what the buyer confirms.
fn good_quote(tx: &mut Tx<'_>, buyer_id: AccountId, wish: &Wish) -> Result<Quote> {
    let quote = quotes::find(tx, buyer_id, wish.quote_id)?
        .ok_or_else(|| Error::invalid("/quote_id", FaultCode::Unknown, "POST /v1/buyer/quotes"))?;
    if quote.expires_at <= tx.now {
        return Err(QuoteRefusal::Expired.into());
    }
    if quote.commune_code != wish.recipient.commune_code {
        return Err(Error::from(QuoteRefusal::Elsewhere).with("commune_code", quote.commune_code.as_str()));
    }
    if quote.contract_sha256 != wish.contract_sha256 {
        return Err(Error::from(QuoteRefusal::ContractNotConfirmed).with("contract_sha256", quote.contract_sha256));
    }
    Ok(quote)
}

/// What is bought is what was shown: the same lines at the same prices, and the total that the buyer saw.
fn must_be_as_shown(items: &[Item], parts: &[Part], (shown, expected): (Vnd, Vnd)) -> Result<()> {
    let lines_shown: usize = parts.iter().map(|part| part.lines.len()).sum();
    let is_same = |item: &Item| {
        shown_line(parts, &item.goods)
            .is_some_and(|line| line.quantity == item.quantity && line.price_vnd == item.goods.price.amount())
    };
    if lines_shown == items.len() && items.iter().all(is_same) && shown == expected {
        return Ok(());
    }
    let now = items.iter().map(|item| {
        let shown = shown_line(parts, &item.goods);
        json!({"variant_id": item.goods.variant_id, "quantity": item.quantity, "price_vnd": item.goods.price,
               "total_vnd": item.total, "shown_quantity": shown.map_or(0, |line| line.quantity),
               "shown_price_vnd": shown.map(|line| line.price_vnd)})
    });
    let is_gone = |line: &&PartLine| items.iter().all(|item| item.goods.variant_id.0 != line.variant_id);
    let gone = parts.iter().flat_map(|part| &part.lines).filter(is_gone).map(|line| {
        json!({"variant_id": line.variant_id, "quantity": 0, "shown_quantity": line.quantity,
               "shown_price_vnd": line.price_vnd})
    });
    let lines: Vec<serde_json::Value> = now.chain(gone).collect();
    Err(Error::from(OrderRefusal::TotalChanged).with("total_vnd", shown.amount()).with("lines", lines))
}

fn shown_line<'a>(parts: &'a [Part], goods: &ForSale) -> Option<&'a PartLine> {
    parts.iter().find(|part| part.is_of(goods.producer_id))?.line(goods.variant_id)
}

/// The voucher of the quote is counted; what it gives must be what was shown.
fn take_voucher(
    tx: &mut Tx<'_>,
    checkout: &Checkout,
    quote: &Quote,
    (lines, orders): (&[vouchers::Line], &[Order]),
) -> Result<()> {
    let Some(code) = &quote.voucher_code else { return Ok(()) };
    let code = VoucherCode::parse(code).ok_or_else(|| Error::internal("a quote with no voucher's code"))?;
    // Its use refers to the purchase.
    tx.write_now()?;
    let fees: Vec<Fee> =
        orders.iter().map(|order| Fee { producer_id: order.producer_id, fee_vnd: order.shipping_vnd }).collect();
    let basket = Basket { lines, fees: &fees };
    let given = vouchers::take(tx, checkout.id, &code, checkout.buyer_account_id, basket)?.total()?;
    let shown = Vnd::sum(orders.iter().map(|order| order.discount_vnd));
    if shown == Some(given) {
        return Ok(());
    }
    Err(Error::from(OrderRefusal::TotalChanged).with("discount_vnd", given.amount()))
}

fn split(
    checkout: &Checkout,
    items: Vec<Item>,
    (quote, parts): (&Quote, &[Part]),
    recipient: &Recipient,
) -> Result<(Vec<Order>, Vec<OrderLine>)> {
    let mut orders: Vec<Order> = Vec::new();
    let mut lines = Vec::with_capacity(items.len());
    for item in items {
        let part = parts.iter().find(|part| part.is_of(item.goods.producer_id));
        let part = part.ok_or_else(|| Error::internal("goods that were not shown"))?;
        let order_id = match orders.iter_mut().find(|order| order.producer_id == item.goods.producer_id) {
            Some(order) => {
                order.goods_vnd = order.goods_vnd.plus(item.total).ok_or(OrderRefusal::TotalTooLarge)?;
                order.id
            }
            None => {
                let order = new_order(checkout, &item, (quote, part), recipient)?;
                let id = order.id;
                orders.push(order);
                id
            }
        };
        let discount = part.line(item.goods.variant_id).map_or(0, |line| line.discount_vnd);
        lines.push(new_line(order_id, checkout.buyer_account_id, item, money(discount)?));
    }
    for order in &mut orders {
        let with_way = order.goods_vnd.plus(order.shipping_vnd).ok_or(OrderRefusal::TotalTooLarge)?;
        order.total_vnd = with_way.minus(order.discount_vnd).ok_or_else(|| Error::internal("a discount of more"))?;
    }
    Ok((orders, lines))
}

fn money(amount: i64) -> Result<Vnd> {
    Vnd::new(amount).ok_or_else(|| Error::internal("an amount that is none in a quote"))
}

fn new_order(checkout: &Checkout, item: &Item, (quote, part): (&Quote, &Part), recipient: &Recipient) -> Result<Order> {
    let Recipient { name, phone, commune_code, address, note } = recipient;
    Ok(Order {
        id: OrderId::generate(),
        code: new_code(),
        checkout_id: checkout.id,
        buyer_account_id: checkout.buyer_account_id,
        producer_id: item.goods.producer_id,
        status: OrderStatus::AwaitingPayment,
        status_reason: None,
        goods_vnd: item.total,
        shipping_vnd: money(part.shipping_vnd)?,
        discount_vnd: money(part.discount_vnd)?,
        total_vnd: Vnd::ZERO,
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
        quote_id: Some(quote.id),
        contract_sha256: Some(part.contract_sha256.clone()),
        delivery_code: part.delivery_code.clone(),
        pickup_code: None,
        terms: Terms::Ahead,
        version: 1,
        created_at: checkout.created_at,
        updated_at: checkout.created_at,
    })
}

fn new_line(order_id: OrderId, buyer_id: AccountId, item: Item, discount: Vnd) -> OrderLine {
    let Item { goods, quantity, total } = item;
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
        transport_class,
        is_weighed,
        producer_name: _,
        minimum_order: _,
        sellable: _,
        available: _,
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
        discount_vnd: discount,
        transport_class,
        is_weighed,
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::kernel::{ProducerId, ProductId};
    use crate::orders::steps;
    use crate::shipping::TransportClass;

    /// A line of a cart: at which producer, its price and quantity, and the size of the voucher's part of it.
    type Drawn = (u8, i64, i32);

    fn id(number: usize) -> uuid::Uuid {
        uuid::Uuid::from_u128(u128::try_from(number).unwrap())
    }

    fn item(place: usize, (producer, price, quantity): Drawn) -> Item {
        let price = Vnd::new(price).unwrap();
        let goods = ForSale {
            variant_id: VariantId(id(place)),
            product_id: ProductId(id(place)),
            producer_id: ProducerId(id(usize::from(producer))),
            product_title: String::new(),
            variant_label: String::new(),
            unit: "kg".to_owned(),
            net_weight_g: 1000,
            price,
            product_set: 4,
            origin_commune_code: "00769".to_owned(),
            transport_class: TransportClass::Ambient,
            producer_name: String::new(),
            is_weighed: false,
            minimum_order: Vnd::ZERO,
            sellable: true,
            available: 0,
        };
        Item { goods, quantity, total: price.times(quantity).unwrap() }
    }

    /// A quote as it is kept, with a voucher of so many parts in a thousand of the goods, split over the lines.
    fn quoted(items: &[Item], fees: &[i64], off: i64) -> Vec<Part> {
        let totals: Vec<Vnd> = items.iter().map(|item| item.total).collect();
        let goods = Vnd::sum(totals.iter().copied()).unwrap();
        let discounts = goods.portion(off, 1000).unwrap().split(&totals).unwrap();
        let mut parts: BTreeMap<uuid::Uuid, Part> = BTreeMap::new();
        for (item, discount) in items.iter().zip(discounts) {
            let fees_so_far = parts.len();
            let part = parts.entry(item.goods.producer_id.0).or_insert_with(|| Part {
                producer_id: item.goods.producer_id.0,
                delivery_code: "own".to_owned(),
                shipping_vnd: fees[fees_so_far % fees.len()],
                discount_vnd: 0,
                contract_sha256: "0".repeat(64),
                harvest_id: None,
                lines: Vec::new(),
            });
            part.discount_vnd += discount.amount();
            part.lines.push(PartLine {
                variant_id: item.goods.variant_id.0,
                quantity: item.quantity,
                price_vnd: item.goods.price.amount(),
                discount_vnd: discount.amount(),
            });
        }
        parts.into_values().collect()
    }

    fn checkout_of(parts: &[Part], goods: Vnd) -> (Checkout, Quote) {
        let shipping: i64 = parts.iter().map(|part| part.shipping_vnd).sum();
        let discount: i64 = parts.iter().map(|part| part.discount_vnd).sum();
        let at = chrono::DateTime::UNIX_EPOCH;
        let buyer_account_id = AccountId(id(1));
        let total_vnd = Vnd::new(goods.amount() + shipping - discount).unwrap();
        let checkout = Checkout {
            id: CheckoutId(id(1)),
            buyer_account_id,
            client_ref: None,
            status: CheckoutStatus::AwaitingPayment,
            total_vnd,
            expires_at: at,
            paid_at: None,
            version: 1,
            created_at: at,
        };
        let quote = Quote {
            id: QuoteId(id(1)),
            buyer_account_id,
            commune_code: places::CommuneCode::parse("00769").unwrap(),
            voucher_code: None,
            parts: json!([]),
            total_vnd,
            contract_sha256: "0".repeat(64),
            created_at: at,
            expires_at: at,
        };
        (checkout, quote)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        /// Σ parts = total, every amount a whole đồng, no discount larger than its goods; what is owed for one producer's
        /// order when it is cancelled is exactly its share, so that all of them together are what was paid.
        #[test]
        fn the_orders_of_a_cart_are_its_parts_to_the_dong(
            lines in proptest::collection::vec((0..5_u8, 1_000..3_000_000_i64, 1..40_i32), 1..12),
            fees in proptest::collection::vec(0..90_000_i64, 1..5),
            off in 0..=1000_i64,
        ) {
            let items: Vec<Item> = lines.iter().enumerate().map(|(place, line)| item(place, *line)).collect();
            let goods = items::total_of(&items).unwrap();
            let parts = quoted(&items, &fees, off);
            let (checkout, quote) = checkout_of(&parts, goods);
            prop_assert!(must_be_as_shown(&items, &parts, (quote.total_vnd, quote.total_vnd)).is_ok());
            let recipient = Recipient {
                name: String::new(),
                phone: PhoneNumber::parse("0912345678").unwrap(),
                commune_code: places::CommuneCode::parse("00769").unwrap(),
                address: String::new(),
                note: None,
            };
            let (orders, order_lines) = split(&checkout, items, (&quote, &parts), &recipient).unwrap();
            prop_assert_eq!(orders.len(), parts.len());
            prop_assert_eq!(Vnd::sum(orders.iter().map(|order| order.total_vnd)), Some(checkout.total_vnd));
            prop_assert_eq!(Vnd::sum(orders.iter().map(steps::rest)), Some(checkout.total_vnd));
            for order in &orders {
                let own = || order_lines.iter().filter(|line| line.order_id == order.id);
                prop_assert_eq!(Vnd::sum(own().map(|line| line.total_vnd)), Some(order.goods_vnd));
                prop_assert_eq!(Vnd::sum(own().map(|line| line.discount_vnd)), Some(order.discount_vnd));
                prop_assert!(own().all(|line| line.discount_vnd <= line.total_vnd));
                prop_assert_eq!(
                    order.total_vnd.amount(),
                    order.goods_vnd.amount() + order.shipping_vnd.amount() - order.discount_vnd.amount()
                );
            }
        }

        /// One line that is not as it was shown stops the purchase.
        #[test]
        fn nothing_that_was_not_shown_is_bought(
            lines in proptest::collection::vec((0..3_u8, 1_000..3_000_000_i64, 1..40_i32), 1..6),
            which in any::<proptest::sample::Index>(), more in 1..9_i64,
        ) {
            let items: Vec<Item> = lines.iter().enumerate().map(|(place, line)| item(place, *line)).collect();
            let parts = quoted(&items, &[0], 0);
            let total = items::total_of(&items).unwrap();
            let mut dearer = lines.clone();
            which.get_mut(&mut dearer).1 += more;
            let dearer: Vec<Item> = dearer.iter().enumerate().map(|(place, line)| item(place, *line)).collect();
            prop_assert!(must_be_as_shown(&dearer, &parts, (total, total)).is_err());
            let fewer = items.len() - 1;
            prop_assert!(must_be_as_shown(&items[..fewer], &parts, (total, total)).is_err());
            prop_assert!(must_be_as_shown(&items, &parts, (total, total.plus(Vnd::new(more).unwrap()).unwrap())).is_err());
        }
    }
}
