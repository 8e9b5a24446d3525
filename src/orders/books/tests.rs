//! Many random histories of a market, on a model of the books that knows nothing but transfers.

use std::collections::BTreeMap;

use proptest::prelude::*;
use uuid::Uuid;

use super::rules::{Ended, OwedBack, Share, at_end, earned, owed_back};
use crate::kernel::{OrderId, ProducerId, RefundId, Vnd};
use crate::ledger::{LedgerAccount as A, Transfer, TransferKind as K};

/// Balances by account and dimension, credits less debits, as the database would sum them.
#[derive(Default)]
struct Books {
    posted: Vec<Transfer>,
    names: std::collections::BTreeSet<(K, Uuid)>,
    /// Kept as the trigger does.
    producers: BTreeMap<ProducerId, i64>,
}

impl Books {
    /// As the database posts: in one piece or not at all.
    fn post(&mut self, transfers: Vec<Transfer>) -> bool {
        let transfers: Vec<Transfer> = transfers.into_iter().filter(|one| one.amount != Vnd::ZERO).collect();
        let mut kept = self.producers.clone();
        for one in &transfers {
            assert!(self.names.insert((one.kind, one.subject_id)), "moved twice: {one:?}");
            assert_ne!(one.debit, one.credit);
            if let Some(producer) = one.producer_id.filter(|_| one.debit == A::Producer || one.credit == A::Producer) {
                let balance = kept.entry(producer).or_default();
                *balance += if one.credit == A::Producer { one.amount.amount() } else { -one.amount.amount() };
                if one.kind == K::Payout && *balance < 0 {
                    return false;
                }
            }
        }
        self.producers = kept;
        self.posted.extend(transfers);
        true
    }

    fn sum(&self, is_in: impl Fn(&Transfer) -> bool) -> i64 {
        self.posted.iter().filter(|one| is_in(one)).map(|one| one.amount.amount()).sum()
    }

    fn credits_less_debits(&self, account: A, is_in: impl Fn(&Transfer) -> bool) -> i64 {
        self.sum(|one| one.credit == account && is_in(one)) - self.sum(|one| one.debit == account && is_in(one))
    }
}

/// A voucher of 30.000 đ for the way, and a claim that leaves less than the way: the producer gets what is left of both.
#[test]
fn a_way_that_the_producer_owes_is_no_income() {
    let vnd = |amount| Vnd::new(amount).unwrap();
    let order = Ended {
        order_id: OrderId::generate(),
        producer_id: ProducerId::generate(),
        total: vnd(200_000),
        goods: vnd(200_000),
        refunded: vnd(190_000),
        way: vnd(30_000),
        was_paid: true,
        share: Some(Share { payer: A::Vouchers, goods: Vnd::ZERO, way: vnd(30_000) }),
    };
    assert_eq!(earned(&at_end(&order).unwrap()), Some(vnd(10_000)));
    assert_eq!(earned(&at_end(&Ended { share: None, ..order }).unwrap()), Some(Vnd::ZERO), "never less than nothing");
}

#[derive(Debug, Clone)]
enum Act {
    Sale {
        producer: u8,
        goods: i64,
        off: i64,
        way: i64,
        way_off: i64,
        carried: bool,
        payer: u8,
    },
    /// A part of what is left, in thousandths: a weight, a shortfall, a claim, or all of it.
    Refund {
        order: prop::sample::Index,
        part: i64,
    },
    End {
        order: prop::sample::Index,
    },
    /// It ends with its goods still there.
    Cancel {
        order: prop::sample::Index,
    },
    /// What was to be paid in cash comes back, so that its way is all that moves.
    ComesBack {
        producer: u8,
        goods: i64,
        way: i64,
    },
    /// Everything that producers have goes out, as at the end of a week or month.
    PayAll,
    PayFails {
        producer: u8,
    },
}

fn act() -> impl Strategy<Value = Act> {
    let order = any::<prop::sample::Index>;
    prop_oneof![
        4 => (0..4_u8, 1_000..3_000_000_i64, 0..=1_000_i64, 0..90_000_i64, 0..=1_000_i64, any::<bool>(), 0..4_u8).prop_map(
            |(producer, goods, off, way, way_off, carried, payer)| Act::Sale { producer, goods, off, way, way_off, carried, payer }),
        3 => (order(), prop_oneof![Just(1_000_i64), 0..=1_000_i64]).prop_map(|(order, part)| Act::Refund { order, part }),
        3 => order().prop_map(|order| Act::End { order }),
        1 => order().prop_map(|order| Act::Cancel { order }),
        1 => (0..4_u8, 1_000..3_000_000_i64, 0..90_000_i64).prop_map(|(producer, goods, way)| Act::ComesBack { producer, goods, way }),
        1 => Just(Act::PayAll),
        1 => (0..4_u8).prop_map(|producer| Act::PayFails { producer }),
    ]
}

struct Sold {
    story: Ended,
    has_ended: bool,
}

fn vnd(amount: i64) -> Vnd {
    Vnd::new(amount).unwrap()
}

struct Market {
    books: Books,
    orders: Vec<Sold>,
    next_id: u128,
}

impl Market {
    fn id(&mut self) -> Uuid {
        self.next_id += 1;
        Uuid::from_u128(self.next_id)
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Sale { producer, goods, off, way, way_off, carried, payer } => {
                let off = vnd(*goods).portion(*off, 1_000).unwrap();
                let way_off = vnd(*way).portion(*way_off, 1_000).unwrap();
                self.sell(*producer, (vnd(*goods), off), (vnd(*way), way_off, *carried), *payer);
            }
            Act::Refund { order, part } => self.refund(order, *part),
            Act::End { order } => self.end(order, false),
            Act::Cancel { order } => self.end(order, true),
            Act::ComesBack { producer, goods, way } => self.come_back(*producer, vnd(*goods), vnd(*way)),
            Act::PayAll => {
                for (producer, balance) in self.books.producers.clone() {
                    if balance > 0 {
                        assert!(self.pay(producer, balance));
                    }
                }
            }
            Act::PayFails { producer } => {
                let producer = ProducerId(Uuid::from_u128(u128::from(*producer)));
                let balance = self.books.producers.get(&producer).copied().unwrap_or(0);
                assert!(!self.pay(producer, balance.max(0) + 1), "more than there is goes nowhere");
            }
        }
    }

    fn sell(&mut self, producer: u8, (goods, off): (Vnd, Vnd), (way, way_off, carried): (Vnd, Vnd, bool), payer: u8) {
        let total = goods.plus(way).unwrap().minus(off.plus(way_off).unwrap()).unwrap();
        if total == Vnd::ZERO {
            return;
        }
        let order_id = OrderId(self.id());
        let producer_id = ProducerId(Uuid::from_u128(u128::from(producer)));
        let payer = [None, Some(A::Vouchers), Some(A::Province), None][usize::from(payer)];
        let share = payer.filter(|_| off != Vnd::ZERO || way_off != Vnd::ZERO);
        let share = share.map(|payer| Share { payer, goods: off, way: way_off });
        let way = if carried { way } else { Vnd::ZERO };
        let story = Ended { order_id, producer_id, total, goods, refunded: Vnd::ZERO, way, was_paid: true, share };
        let capture = Transfer::new(K::Capture, order_id.0, (A::Clearing, A::Orders), total);
        assert!(self.books.post(vec![capture.through("vnpay").of_producer(producer_id).of_order(order_id)]));
        self.orders.push(Sold { story, has_ended: false });
    }

    fn come_back(&mut self, producer: u8, goods: Vnd, way: Vnd) {
        let order_id = OrderId(self.id());
        let producer_id = ProducerId(Uuid::from_u128(u128::from(producer)));
        let total = goods.plus(way).unwrap();
        let story = Ended { order_id, producer_id, total, goods, refunded: total, way, was_paid: false, share: None };
        assert!(self.books.post(at_end(&story).unwrap()));
        let own = |one: &Transfer| one.order_id == Some(order_id);
        assert_eq!(self.books.credits_less_debits(A::Carriage, own), way.amount());
        assert_eq!(self.books.credits_less_debits(A::Commission, own), -way.amount());
    }

    fn refund(&mut self, order: &prop::sample::Index, part: i64) {
        let refund_id = RefundId(self.id());
        if self.orders.is_empty() {
            return;
        }
        let at = order.index(self.orders.len());
        let sold = &mut self.orders[at];
        let left = sold.story.total.minus(sold.story.refunded).unwrap();
        let amount = left.portion(part, 1_000).unwrap();
        sold.story.refunded = sold.story.refunded.plus(amount).unwrap();
        let owed = OwedBack { had_ended: sold.has_ended, refund_id, amount };
        assert!(self.books.post(owed_back(&sold.story, &owed).unwrap()));
    }

    fn end(&mut self, order: &prop::sample::Index, goods_stayed: bool) {
        if self.orders.is_empty() || self.orders[order.index(self.orders.len())].has_ended {
            return;
        }
        let at = order.index(self.orders.len());
        if goods_stayed {
            self.refund(order, 1_000);
            self.orders[at].story.way = Vnd::ZERO;
            self.orders[at].story.share = None;
        }
        let sold = &mut self.orders[at];
        sold.has_ended = true;
        assert!(self.books.post(at_end(&sold.story).unwrap()));
    }

    fn pay(&mut self, producer: ProducerId, amount: i64) -> bool {
        let payout = self.id();
        let hold = Transfer::new(K::Payout, payout, (A::Producer, A::PayoutsInTransit), vnd(amount));
        if !self.books.post(vec![hold.of_producer(producer)]) {
            return false;
        }
        let sent = Transfer::new(K::PayoutSent, payout, (A::PayoutsInTransit, A::Bank), vnd(amount));
        self.books.post(vec![sent.of_producer(producer)])
    }

    /// What must hold after every step.
    fn holds(&self) {
        let books = &self.books;
        let all: i64 = A::ALL.iter().map(|account| books.credits_less_debits(*account, |_| true)).sum();
        assert_eq!(all, 0, "debits are credits");
        for (producer, kept) in &books.producers {
            let moved = books.credits_less_debits(A::Producer, |one| one.producer_id == Some(*producer));
            assert_eq!(moved, *kept, "a kept balance is the sum of its transfers");
        }
        for Sold { story, has_ended } in &self.orders {
            let own = |one: &Transfer| one.order_id == Some(story.order_id);
            let captured = books.sum(|one| own(one) && one.kind == K::Capture);
            let refunded = books.sum(|one| own(one) && one.credit == A::RefundsOwed);
            let standing = books.credits_less_debits(A::Orders, own);
            assert_eq!((captured, refunded), (story.total.amount(), story.refunded.amount()));
            assert!(refunded <= captured);
            assert_eq!(standing, if *has_ended { 0 } else { captured - refunded });
            let helped = books.credits_less_debits(A::Vouchers, own) + books.credits_less_debits(A::Province, own);
            let share = story.share.map_or(0, |share| share.goods.amount() + share.way.amount());
            assert!((-share..=0).contains(&helped), "a payer pays {helped} of {share}");
            if *has_ended {
                let earned = books.credits_less_debits(A::Producer, own);
                assert_eq!(books.credits_less_debits(A::Carriage, own), story.way.amount());
                assert_eq!(earned + story.way.amount(), captured - refunded - helped, "nothing is lost or made");
                if refunded == 0 {
                    let helped = if story.share.is_some() { share } else { 0 };
                    assert_eq!(earned, captured + helped - story.way.amount());
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Sales, weights, shortfalls and claims, cancelled orders, refunds before and after the end and the payout, ends of
    /// months: Σ debits = Σ credits, kept balances = sums, refunds ≤ captures, and an ended order has nothing left.
    #[test]
    fn every_dong_is_somewhere_in_every_history(acts in prop::collection::vec(act(), 1..40)) {
        let mut market = Market { books: Books::default(), orders: Vec::new(), next_id: 1_000 };
        for act in &acts {
            market.act(act);
        }
        market.holds();
    }
}

fn order(total: i64, goods: i64, refunded: i64, way: i64) -> Ended {
    Ended {
        order_id: OrderId(Uuid::from_u128(1)),
        producer_id: ProducerId(Uuid::from_u128(2)),
        total: vnd(total),
        goods: vnd(goods),
        refunded: vnd(refunded),
        way: vnd(way),
        was_paid: true,
        share: None,
    }
}

fn posted(transfers: Option<Vec<Transfer>>) -> Vec<String> {
    let moving = transfers.unwrap().into_iter().filter(|one| one.amount != Vnd::ZERO);
    moving.map(|one| format!("{} {}→{} {}", one.kind, one.debit, one.credit, one.amount.amount())).collect()
}

#[test]
fn what_is_left_of_an_order_goes_to_its_producer_less_the_way_of_a_carrier() {
    assert_eq!(posted(at_end(&order(130_000, 100_000, 0, 0))), ["sale orders→producer 130000"]);
    let carried = order(130_000, 100_000, 0, 30_000);
    assert_eq!(posted(at_end(&carried)), ["sale orders→producer 100000", "carriage orders→carriage 30000"]);
}

#[test]
fn the_way_of_goods_that_were_all_refunded_is_the_producers_debt() {
    let all_back = order(130_000, 100_000, 130_000, 30_000);
    assert_eq!(posted(at_end(&all_back)), ["carriage_short producer→carriage 30000"]);
    let most_back = order(130_000, 100_000, 110_000, 30_000);
    assert_eq!(
        posted(at_end(&most_back)),
        ["carriage orders→carriage 20000", "carriage_short producer→carriage 10000"]
    );
}

#[test]
fn the_way_of_cash_that_nobody_paid_is_the_platforms() {
    let came_back = Ended { was_paid: false, ..order(130_000, 100_000, 130_000, 30_000) };
    assert_eq!(posted(at_end(&came_back)), ["carriage_borne commission→carriage 30000"]);
}

/// 100.000 of goods for 80.000 and a way of 30.000: half of the goods are missing, so 40.000 go back, and the payer's half
/// of the discount is not owed. The producer has 50.000 for the half that he sent.
#[test]
fn a_payer_pays_its_part_of_what_was_sold() {
    let share = Share { payer: A::Province, goods: vnd(20_000), way: Vnd::ZERO };
    let half = Ended { share: Some(share), ..order(110_000, 100_000, 40_000, 30_000) };
    assert_eq!(
        posted(at_end(&half)),
        ["sale orders→producer 40000", "voucher province→producer 10000", "carriage orders→carriage 30000"]
    );
    let owed = OwedBack { had_ended: true, refund_id: RefundId(Uuid::from_u128(3)), amount: vnd(40_000) };
    assert_eq!(
        posted(owed_back(&half, &owed)),
        ["late_refund producer→refunds_owed 40000", "voucher_taken_back producer→province 10000"]
    );
}
