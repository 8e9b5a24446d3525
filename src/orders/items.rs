//! The lines of a cart with what they buy.

use serde_json::json;

use super::model::OrderRefusal;
use crate::carts::CartLine;
use crate::catalog::ForSale;
use crate::kernel::{Error, Result, Vnd};
use crate::shipping::TransportClass;
use crate::vouchers::Line;

pub struct Item {
    pub goods: ForSale,
    pub quantity: i32,
    pub total: Vnd,
}

/// The goods of each line, in the order of variants, unless some are not for sale, who are all named.
pub fn goods(for_sale: Vec<ForSale>, cart: &[CartLine]) -> Result<Vec<Item>> {
    let mut items = Vec::with_capacity(cart.len());
    let mut gone = Vec::new();
    for goods in for_sale {
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

pub fn total_of(items: &[Item]) -> Result<Vnd> {
    Vnd::sum(items.iter().map(|item| item.total)).ok_or_else(|| OrderRefusal::TotalTooLarge.into())
}

pub fn voucher_lines<'a>(items: impl Iterator<Item = &'a Item>) -> Vec<Line> {
    items
        .map(|item| Line {
            variant_id: item.goods.variant_id,
            producer_id: item.goods.producer_id,
            product_set: item.goods.product_set,
            total_vnd: item.total,
        })
        .collect()
}

/// What does not keep is claimed within hours.
pub fn is_fresh(class: TransportClass) -> bool {
    match class {
        TransportClass::FreshShort | TransportClass::Chilled | TransportClass::Frozen | TransportClass::Live => true,
        TransportClass::Ambient | TransportClass::Fragile | TransportClass::LiquidFlammable => false,
    }
}
