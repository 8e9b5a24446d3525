use super::model::{PackedLine, is_in_question, owed_for};
use super::store::{self, Weighed};
use crate::kernel::input::{Fault, FaultCode};
use crate::kernel::{Error, OrderId, Result, Tx, Vnd};
use crate::notifications::{self, News, Notice, Recipient};
use crate::orders::got_lines::{GotLine, got_lines};
use crate::orders::model::{Order, OrderEvent, OrderLine, RefundCause, Side};
use crate::orders::move_order::{allowed, own_order};
use crate::orders::steps::{self, Step};

/// The producer has packed an order. Every line whose price follows its weight was weighed; what is missing is owed
/// back, at once when it is little, and when the buyer agrees when it is much.
pub fn pack(tx: &mut Tx<'_>, id: OrderId, packed: &[PackedLine]) -> Result<Order> {
    let order = own_order(tx, Side::Producer, id)?;
    allowed(tx, &order, Side::Producer, OrderEvent::Pack)?;
    let lines = got_lines(tx, &[id])?;
    let weighed = weigh(&lines, packed)?;
    if weighed.is_empty() {
        return steps::take(tx, &order, Side::Producer, &Step { event: OrderEvent::Pack, reason: None, refund: None });
    }
    store::insert(tx, &weighed)?;
    if weighed.iter().any(|(_, weighed)| is_in_question(weighed.ordered_g, weighed.packed_g)) {
        let step = Step { event: OrderEvent::QuestionWeight, reason: None, refund: None };
        let asked = steps::take(tx, &order, Side::Producer, &step)?;
        ask(tx, &asked, &weighed)?;
        return Ok(asked);
    }
    let refund = owed(weighed.iter().map(|(_, weighed)| weighed.refund_vnd))?;
    steps::take(tx, &order, Side::Producer, &Step { event: OrderEvent::Pack, reason: None, refund: Some(refund) })
}

/// The buyer takes less, and the price of what is missing is owed back.
pub fn accept_weight(tx: &mut Tx<'_>, id: OrderId) -> Result<Order> {
    let order = own_order(tx, Side::Buyer, id)?;
    if order.status.after(OrderEvent::AcceptWeight).is_none() {
        return Err(steps::illegal(&order, Side::Buyer));
    }
    let refund = owed(store::of_orders(tx, &[id])?.values().map(|weighed| weighed.refund_vnd))?;
    steps::take(tx, &order, Side::Buyer, &Step { event: OrderEvent::AcceptWeight, reason: None, refund: Some(refund) })
}

/// Tells the buyer which line is so light, what the order would cost then, and until when to decide: who is not asked
/// would lose the order without knowing why.
fn ask(tx: &mut Tx<'_>, order: &Order, weighed: &[(&OrderLine, Weighed)]) -> Result<()> {
    let lightest = weighed.iter().find(|(_, weighed)| is_in_question(weighed.ordered_g, weighed.packed_g));
    let (Some((line, light)), Some(answer_by)) = (lightest, order.due_at) else { return Ok(()) };
    let (_, refund) = owed(weighed.iter().map(|(_, weighed)| weighed.refund_vnd))?;
    let news = News::WeightQuestion {
        order_code: order.code.clone(),
        product_title: line.product_title.clone(),
        ordered_g: i32::try_from(light.ordered_g).unwrap_or(i32::MAX),
        weighed_g: i32::try_from(light.packed_g).unwrap_or(i32::MAX),
        total_vnd: order.total_vnd.minus(refund).ok_or_else(|| Error::internal("more owed than paid"))?,
        answer_by,
    };
    let to = Recipient::Account(order.buyer_account_id);
    notifications::tell(tx, &Notice { to, news, object_id: order.id.0, occasion: "" })
}

fn owed(amounts: impl Iterator<Item = Vnd>) -> Result<(RefundCause, Vnd)> {
    let sum = Vnd::sum(amounts).ok_or_else(|| Error::internal("more owed for weight than money can be"))?;
    Ok((RefundCause::Weight, sum))
}

/// The weight of each line that must be weighed, and of no other; every line that is missing or too much is named.
fn weigh<'a>(lines: &'a [GotLine], packed: &[PackedLine]) -> Result<Vec<(&'a OrderLine, Weighed)>> {
    let mut faults = Vec::new();
    let mut fault = |pointer: String, code, expected: String| faults.push(Fault { pointer, code, expected });
    for (place, one) in packed.iter().enumerate() {
        let pointer = format!("/weights/{place}/variant_id");
        if packed.iter().take(place).any(|other| other.variant_id == one.variant_id) {
            fault(pointer, FaultCode::Duplicate, String::new());
        } else if !lines.iter().any(|got| got.line.is_weighed && got.line.variant_id == one.variant_id) {
            fault(pointer, FaultCode::Unknown, "is_weighed".to_owned());
        }
    }
    let mut weighed = Vec::new();
    for got in lines.iter().filter(|got| got.line.is_weighed) {
        let line = &got.line;
        let Some(one) = packed.iter().find(|one| one.variant_id == line.variant_id) else {
            fault("/weights".to_owned(), FaultCode::Missing, line.variant_id.to_string());
            continue;
        };
        let ordered_g = got.grams();
        let refund_vnd = owed_for(got.paid, ordered_g, one.weight_g)
            .ok_or_else(|| Error::internal("a weighed line weighs nothing"))?;
        let (order_id, variant_id) = (line.order_id, line.variant_id);
        weighed.push((line, Weighed { order_id, variant_id, ordered_g, packed_g: one.weight_g, refund_vnd }));
    }
    if faults.is_empty() { Ok(weighed) } else { Err(Error::Invalid(faults)) }
}
