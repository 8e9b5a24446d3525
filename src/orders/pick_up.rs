//! Goods that the buyer fetches: whoever comes says a code that only the buyer knows.

use subtle::ConstantTimeEq as _;

use super::model::{Order, OrderEvent, OrderRefusal, OrderStatus, Side};
use super::move_order::{allowed, own_order};
use super::steps::{self, Step};
use super::store;
use crate::kernel::input::FaultCode;
use crate::kernel::{Error, EventId, OrderId, Result, Tx, ids};

/// Gives an order that is about to wait for its buyer a code.
pub fn with_code(tx: &mut Tx<'_>, order: Order) -> Result<Order> {
    let code = ids::spoken_code(EventId::generate().0);
    store::set_pickup_code(tx, order.id, &code)?;
    Ok(Order { pickup_code: Some(code), ..order })
}

/// The producer gives the goods to the buyer. What was to be fetched needs the code; a wrong one changes nothing.
pub fn deliver(tx: &mut Tx<'_>, id: OrderId, said: Option<&str>) -> Result<Order> {
    let order = own_order(tx, Side::Producer, id)?;
    allowed(tx, &order, Side::Producer, OrderEvent::Deliver)?;
    if order.status == OrderStatus::ReadyForPickup {
        let said = said.ok_or_else(|| Error::invalid("/pickup_code", FaultCode::Missing, "4F7K2M9Q"))?;
        if !is_code(said, order.pickup_code.as_deref()) {
            return Err(OrderRefusal::WrongPickupCode.into());
        }
    }
    steps::take(tx, &order, Side::Producer, &Step { event: OrderEvent::Deliver, reason: None, refund: None })
}

/// As it is said and typed: whatever the case, with spaces or hyphens, and with the letters that the alphabet leaves out
/// because they look like digits.
fn is_code(said: &str, code: Option<&str>) -> bool {
    let plain = |c: char| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let said: String = said.chars().filter(|c| !c.is_whitespace() && *c != '-').map(plain).collect();
    code.is_some_and(|code| said.as_bytes().ct_eq(code.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_however_it_is_said_and_no_other_is() {
        for said in ["4F7K01M9", "4f7k01m9", " 4F7K-01M9 ", "4f7k oim9", "4f7kOLm9"] {
            assert!(is_code(said, Some("4F7K01M9")), "{said}");
        }
        for said in ["", "4F7K01M", "4F7K01M8", "4F7K01M99", "ế"] {
            assert!(!is_code(said, Some("4F7K01M9")), "{said}");
        }
        assert!(!is_code("", None), "no code opens nothing");
    }
}
