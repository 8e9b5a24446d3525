//! What is posted for an order: pure arithmetic on whole đồng.

use crate::kernel::{OrderId, ProducerId, RefundId, Vnd};
use crate::ledger::{LedgerAccount as A, Transfer, TransferKind as K};

/// What somebody else than the producer pays of what a voucher took off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    pub payer: A,
    /// Off the goods.
    pub goods: Vnd,
    /// Off the way.
    pub way: Vnd,
}

/// An order as it ended.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    pub order_id: OrderId,
    pub producer_id: ProducerId,
    /// What was paid.
    pub total: Vnd,
    /// The price of the goods, before the discount.
    pub goods: Vnd,
    /// What is owed back of it, all in all.
    pub refunded: Vnd,
    /// What whoever carried the goods is owed.
    pub way: Vnd,
    /// Whether there ever was money: not of cash that nobody took out of his pocket.
    pub was_paid: bool,
    /// Of an order that stands as sold.
    pub share: Option<Share>,
}

/// What is owed back now; the order's sum has it already.
#[derive(Debug, Clone, Copy)]
pub struct OwedBack {
    pub had_ended: bool,
    pub refund_id: RefundId,
    pub amount: Vnd,
}

impl Ended {
    fn transfer(&self, kind: K, sides: (A, A), amount: Vnd) -> Transfer {
        Transfer::new(kind, self.order_id.0, sides, amount).of_producer(self.producer_id).of_order(self.order_id)
    }
}

impl Share {
    /// What its payer owes when so much was refunded. A refund is for goods first, and takes their part of the discount
    /// along, rounded down: the đồng is the producer's.
    fn due(&self, order: &Ended, refunded: Vnd) -> Option<Vnd> {
        let paid = order.goods.minus(self.goods)?;
        let gone = match paid {
            Vnd::ZERO => Vnd::ZERO,
            paid => self.goods.portion(refunded.min(paid).amount(), paid.amount())?,
        };
        self.goods.minus(gone)?.plus(self.way)
    }
}

/// What is left of an ended order goes to whoever earned it. A refund may have eaten into the way: the goods went it all
/// the same, so the producer owes what is missing. The way of what was to be paid in cash and was not is the platform's,
/// which allowed it.
pub fn at_end(order: &Ended) -> Option<Vec<Transfer>> {
    let rest = order.total.minus(order.refunded)?;
    let of_way = order.way.min(rest);
    let short = if order.was_paid { (K::CarriageShort, A::Producer) } else { (K::CarriageBorne, A::Commission) };
    let mut transfers = vec![
        order.transfer(K::Sale, (A::Orders, A::Producer), rest.minus(of_way)?),
        order.transfer(K::Carriage, (A::Orders, A::Carriage), of_way),
        order.transfer(short.0, (short.1, A::Carriage), order.way.minus(of_way)?),
    ];
    if let Some(share) = &order.share {
        let due = share.due(order, order.refunded)?;
        transfers.insert(1, order.transfer(K::Voucher, (share.payer, A::Producer), due));
    }
    Some(transfers)
}

/// What comes to the producer of what is posted at the end: a way that he owes, because a refund ate into it, is no income.
pub fn earned(transfers: &[Transfer]) -> Option<Vnd> {
    let of = |is_it: fn(&Transfer) -> bool| Vnd::sum(transfers.iter().filter(|one| is_it(one)).map(|one| one.amount));
    let (got, owed) = (of(|one| one.credit == A::Producer)?, of(|one| one.debit == A::Producer)?);
    Some(got.minus(owed).unwrap_or(Vnd::ZERO))
}

/// Before the order's end its own account owes; afterwards its producer does, and gives the voucher's part back.
pub fn owed_back(order: &Ended, owed: &OwedBack) -> Option<Vec<Transfer>> {
    let of_refund = |kind, sides, amount| {
        let mut transfer = order.transfer(kind, sides, amount).of_refund(owed.refund_id);
        transfer.subject_id = owed.refund_id.0;
        transfer
    };
    if !owed.had_ended {
        return Some(vec![of_refund(K::Refund, (A::Orders, A::RefundsOwed), owed.amount)]);
    }
    let mut transfers = vec![of_refund(K::LateRefund, (A::Producer, A::RefundsOwed), owed.amount)];
    if let Some(share) = &order.share {
        let before = share.due(order, order.refunded.minus(owed.amount)?)?;
        let less = before.minus(share.due(order, order.refunded)?)?;
        transfers.push(of_refund(K::VoucherTakenBack, (A::Producer, share.payer), less));
    }
    Some(transfers)
}
