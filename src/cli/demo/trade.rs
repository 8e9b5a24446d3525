//! Two months of purchases, step after step in the order of their moments.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;
use sha2::Sha256;

use super::DAYS;
use super::goods::{Market, Offer};
use super::people::Person;
use crate::app::Shared;
use crate::kernel::time::vietnam;
use crate::kernel::{Actor, CheckoutId, Error, OrderId, ProducerId, Result, Vnd};
use crate::orders::{self, OrderEvent, Placed, Purchase, Question, Recipient, Side, Wish};
use crate::payments::{self, Payer};
use crate::places::CommuneCode;
use crate::{carts, worker};

/// The same market every time; ids and codes are new.
const SEED: u64 = 20_250_701;
const CHECKOUTS: usize = 280;
const LINES_MAX: usize = 3;
/// The demo's numbers of bank notices begin here, far above what anybody tries by hand.
const FIRST_NOTICE: u64 = 1_000_000_000;
/// Deliveries of one bank notice.
const DELIVERIES_MAX: u32 = 8;
const SECONDS_A_DAY: i64 = 86_400;

/// Something that somebody does at its moment.
enum Step {
    Buy {
        buyer: usize,
    },
    Pay {
        buyer: usize,
        checkout_id: CheckoutId,
        total: Vnd,
    },
    GiveUp {
        buyer: usize,
        checkout_id: CheckoutId,
    },
    Cancel {
        buyer: usize,
        order_id: OrderId,
    },
    Serve {
        buyer: usize,
        producer_id: ProducerId,
        order_id: OrderId,
        event: OrderEvent,
    },
    Confirm {
        buyer: usize,
        order_id: OrderId,
    },
    /// What the worker would have done by now.
    Work,
}

struct Trade<'a> {
    app: &'a Shared,
    market: Market,
    buyers: Vec<Person>,
    random: StdRng,
    steps: BTreeMap<(DateTime<Utc>, u64), Step>,
    planned: u64,
    notices: u64,
}

/// Runs until the present; what would come later is left to the visitor.
pub async fn run(app: &Shared, market: Market, buyers: Vec<Person>) -> Result<()> {
    let begun = app.db.clock.now();
    let ends = begun + TimeDelta::milliseconds(-app.db.clock.offset_ms());
    let random = StdRng::seed_from_u64(SEED);
    let mut trade = Trade { app, market, buyers, random, steps: BTreeMap::new(), planned: 0, notices: 0 };
    for _ in 0..CHECKOUTS {
        let at = begun + TimeDelta::seconds(trade.random.random_range(600..DAYS.saturating_mul(SECONDS_A_DAY)));
        let buyer = trade.random.random_range(0..trade.buyers.len());
        trade.plan(at, Step::Buy { buyer });
    }
    while let Some(((at, _), step)) = trade.steps.pop_first() {
        if at >= ends {
            break;
        }
        let ahead = at - app.db.clock.now();
        app.db.clock.advance(ahead.max(TimeDelta::zero()));
        trade.take(step).await?;
    }
    Ok(())
}

impl Trade<'_> {
    fn plan(&mut self, at: DateTime<Utc>, step: Step) {
        self.planned = self.planned.saturating_add(1);
        self.steps.insert((at, self.planned), step);
    }

    fn after_minutes(&mut self, range: std::ops::Range<i64>, step: Step) {
        let at = self.app.db.clock.now() + TimeDelta::minutes(self.random.random_range(range));
        self.plan(at, step);
    }

    async fn take(&mut self, step: Step) -> Result<()> {
        match step {
            Step::Buy { buyer } => self.buy(buyer).await,
            Step::Pay { buyer, checkout_id, total } => self.pay(buyer, checkout_id, total).await,
            Step::GiveUp { buyer, checkout_id } => {
                let actor = self.buyer(buyer).await?;
                self.app.db.write(&actor, move |tx| orders::cancel_checkout(tx, checkout_id)).await?;
                self.work().await
            }
            Step::Cancel { buyer, order_id } => {
                self.move_buyers(buyer, order_id, OrderEvent::Cancel).await?;
                self.work().await
            }
            Step::Serve { buyer, producer_id, order_id, event } => {
                self.serve(buyer, (producer_id, order_id), event).await
            }
            Step::Confirm { buyer, order_id } => self.move_buyers(buyer, order_id, OrderEvent::ConfirmReceipt).await,
            Step::Work => self.work().await,
        }
    }

    async fn work(&mut self) -> Result<()> {
        worker::run_due(self.app).await.map(drop)
    }

    async fn buyer(&mut self, buyer: usize) -> Result<Actor> {
        let person = self.buyers.get_mut(buyer).ok_or_else(|| Error::internal("no such buyer"))?;
        person.actor(self.app).await
    }

    fn basket(&mut self) -> Vec<(Offer, i32)> {
        let lines = self.random.random_range(1..=LINES_MAX);
        let mut basket: Vec<(Offer, i32)> = Vec::with_capacity(lines);
        for _ in 0..lines {
            let place = self.random.random_range(0..self.market.offers.len());
            let Some(offer) = self.market.offers.get(place) else { continue };
            if basket.iter().all(|(taken, _)| taken.variant_id != offer.variant_id) {
                let quantity = if offer.price.amount() < 100_000 {
                    self.random.random_range(2..=10)
                } else {
                    self.random.random_range(1..=3)
                };
                basket.push((offer.clone(), quantity));
            }
        }
        basket
    }

    /// Fills the cart and checks out; some then change their mind, and some forget to pay.
    async fn buy(&mut self, buyer: usize) -> Result<()> {
        let basket = self.basket();
        let actor = self.buyer(buyer).await?;
        let (recipient, held_for) = self.recipient(buyer)?;
        let placed = self.app.db.write(&actor, move |tx| {
            for (offer, quantity) in &basket {
                carts::put_line(tx, offer.variant_id, *quantity)?;
                tx.write_now()?;
            }
            let question = Question { commune_code: recipient.commune_code.clone(), ways: Vec::new(), voucher: None };
            let quote = orders::make_quote(tx, &question)?.quote;
            tx.write_now()?;
            let wish = Wish {
                client_ref: None,
                quote_id: quote.id,
                contract_sha256: quote.contract_sha256,
                expected_total: quote.total_vnd,
                recipient: recipient.clone(),
                held_for,
            };
            orders::place(tx, &wish)
        });
        let checkout = match placed.await {
            Ok(Placed::New(Purchase { checkout, .. })) => checkout,
            Ok(Placed::Before(_)) => return Err(Error::internal("a purchase of the demo was made before")),
            // Nobody carries these goods there: the buyer leaves.
            Err(Error::Refused(..)) => return Ok(()),
            Err(error) => return Err(error),
        };
        let total = checkout.total_vnd;
        let checkout_id = checkout.id;
        self.plan(checkout.expires_at + TimeDelta::seconds(1), Step::Work);
        match self.random.random_range(0..100) {
            0..88 => self.after_minutes(1..8, Step::Pay { buyer, checkout_id, total }),
            88..94 => self.after_minutes(1..8, Step::GiveUp { buyer, checkout_id }),
            _ => {}
        }
        Ok(())
    }

    fn recipient(&mut self, buyer: usize) -> Result<(Recipient, TimeDelta)> {
        let place = self.random.random_range(0..self.market.offers.len());
        let commune = self.market.offers.get(place).and_then(|offer| CommuneCode::parse(&offer.commune_code));
        let commune_code = commune.ok_or_else(|| Error::internal("no commune"))?;
        let person = self.buyers.get(buyer).ok_or_else(|| Error::internal("no such buyer"))?;
        let recipient = Recipient {
            name: person.name.clone(),
            phone: person.phone.clone(),
            commune_code,
            address: "Địa chỉ minh hoạ".to_owned(),
            note: None,
        };
        let held_for = TimeDelta::seconds(self.app.config.checkout_seconds);
        Ok((recipient, held_for))
    }

    /// Starts a transfer, and the bank tells us that it came.
    async fn pay(&mut self, buyer: usize, checkout_id: CheckoutId, total: Vnd) -> Result<()> {
        let actor = self.buyer(buyer).await?;
        let app = self.app.clone();
        let payer = Payer { address: IpAddr::V4(Ipv4Addr::LOCALHOST), english: false };
        let attempt = self
            .app
            .db
            .write(&actor, move |tx| payments::start(tx, &app.providers.bank_transfer, checkout_id, payer))
            .await?;
        self.notify(&attempt.reference, total).await?;
        let placed = self.app.db.read(&Actor::PLATFORM, move |tx| orders::orders_of(tx, checkout_id)).await?;
        for order in placed {
            let (producer_id, order_id) = (order.producer_id, order.id);
            let event = if self.random.random_ratio(1, 40) { OrderEvent::Refuse } else { OrderEvent::Accept };
            if self.random.random_ratio(1, 25) {
                self.after_minutes(10..30, Step::Cancel { buyer, order_id });
            } else {
                self.after_minutes(31..600, Step::Serve { buyer, producer_id, order_id, event });
            }
        }
        Ok(())
    }

    /// A notice as SePay sends it, signed with the secret that we share with it.
    async fn notify(&mut self, reference: &str, total: Vnd) -> Result<()> {
        self.notices = self.notices.saturating_add(1);
        let id = FIRST_NOTICE.saturating_add(self.notices);
        let now = self.app.db.clock.now();
        let body = json!({
            "id": id, "gateway": "Demo", "transactionDate": vietnam(now).format("%Y-%m-%d %H:%M:%S").to_string(),
            "accountNumber": self.app.config.bank.account_number, "subAccount": null, "code": null,
            "content": format!("{reference} thanh toan"), "transferType": "in", "transferAmount": total.amount(),
            "accumulated": 0, "referenceCode": format!("DEMO{id}"), "description": "",
        })
        .to_string();
        let secret =
            self.app.config.bank.hmac_secret.as_ref().ok_or_else(|| Error::internal("no secret for bank notices"))?;
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).map_err(Error::internal)?;
        mac.update(format!("{}.{body}", now.timestamp()).as_bytes());
        let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        let headers = vec![
            ("x-sepay-timestamp".to_owned(), now.timestamp().to_string()),
            ("x-sepay-signature".to_owned(), signature),
        ];
        self.deliver(&headers, body.as_bytes()).await
    }

    /// Comes again, as SePay does, when a busy machine takes too long to answer.
    async fn deliver(&self, headers: &[(String, String)], body: &[u8]) -> Result<()> {
        let provider = &self.app.providers.bank_transfer;
        for _ in 0..DELIVERIES_MAX {
            let row = payments::new_row(provider, "127.0.0.1".to_owned(), "", headers.to_vec(), body.to_vec());
            if payments::receive(self.app, provider, row).await.status == 200 {
                return Ok(());
            }
        }
        Err(Error::internal("a bank notice of the demo was not taken"))
    }

    async fn move_buyers(&mut self, buyer: usize, order_id: OrderId, event: OrderEvent) -> Result<()> {
        let actor = self.buyer(buyer).await?;
        let reason = (event == OrderEvent::Cancel).then_some("Đổi ý");
        self.app
            .db
            .write(&actor, move |tx| orders::move_order(tx, Side::Buyer, order_id, event, reason))
            .await
            .map(drop)
    }

    /// What a producer does with an order, and what comes next.
    async fn serve(
        &mut self,
        buyer: usize,
        (producer_id, order_id): (ProducerId, OrderId),
        event: OrderEvent,
    ) -> Result<()> {
        let producer =
            self.market.producers.get_mut(&producer_id).ok_or_else(|| Error::internal("no such producer"))?;
        let actor = producer.actor(self.app).await?;
        let reason = (event == OrderEvent::Refuse).then_some("Hết hàng trong vụ này");
        let moved =
            self.app.db.write(&actor, move |tx| orders::move_order(tx, Side::Producer, order_id, event, reason)).await;
        match moved {
            // A carrier is to tell, and none is connected: the order stays on the road.
            Err(Error::Refused(..)) if event == OrderEvent::Deliver => return Ok(()),
            moved => moved.map(drop)?,
        }
        if event == OrderEvent::HandOver {
            // The parcel's booking: no carrier is connected, so its producer speaks for it.
            self.work().await?;
        }
        let then = |event| Step::Serve { buyer, producer_id, order_id, event };
        match event {
            OrderEvent::Accept => self.after_minutes(60..1_440, then(OrderEvent::Pack)),
            OrderEvent::Pack => self.after_minutes(30..1_440, then(OrderEvent::HandOver)),
            OrderEvent::HandOver => self.after_minutes(1_440..5_760, then(OrderEvent::Deliver)),
            OrderEvent::Deliver if self.random.random_ratio(9, 10) => {
                self.after_minutes(60..2_880, Step::Confirm { buyer, order_id });
            }
            OrderEvent::Refuse => self.work().await?,
            _ => {}
        }
        Ok(())
    }
}
