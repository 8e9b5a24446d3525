//! The bugs of comparable systems that could be ours: oversold stock, orphan orders, effects that happen twice, money
//! that does not add up. Each that can apply has a test named after it.
//!
//! | bug | what went wrong there | test |
//! |---|---|---|
//! | Spree PR #14622, 1 | an endpoint registered twice: the second deleted the first and lost its secret | `spree_14622_an_endpoint_registered_twice_stays_one_that_works` |
//! | 2 | the provider refused every seller's account | `spree_14622_each_seller_of_a_split_purchase_is_paid_whatever_becomes_of_the_other` |
//! | 3 | an order showed every seller's commission | `spree_14622_an_order_shows_its_own_figures_only`; of what is kept of it: with 2 above |
//! | 4 | orders of a split checkout could never be fulfilled | `spree_14622_split_orders_can_be_fulfilled_once_paid` |
//! | 5 | transfers to sellers refused on every split checkout | with 2 above |
//! | 6 | cancelling a dispatched order was refused without a word | `spree_14622_cancelling_a_dispatched_order_says_why_not` |
//! | 7 | splitting a parcel charged the delivery twice | `spree_14622_a_second_parcel_costs_the_buyer_nothing` |
//! | 8 | a fully refunded order still read as paid | `spree_14622_a_fully_refunded_order_does_not_read_as_paid` |
//! | 9 | payouts of more than the account held | `payouts::rails::no_more_leaves_in_a_day_than_the_caps_allow`, and what is refused is owed again: with 2 above |
//! | 10 | a returned payout still read as settled: the failure after a success was dropped | `payouts::rails::what_arrived_and_came_back_is_the_households_again`; of payments `contradictions::a_failure_told_of_credited_money_takes_nothing_back_and_waits_for_a_person_once` |
//! | 11, 12 | not in the copies of the list that could be read; its flow ends with refunds and returns | `spree_14622_a_refunded_part_leaves_its_seller_nothing_and_the_other_everything` |
//! | Medusa #16502 | lines that share one stock oversell | `stock_races::medusa_16502_…` |
//! | #16825 | the loser of the last unit is an orphan order | `stock_races::r_01_medusa_16825_…`, `medusa_16825_no_orphan_order_when_a_part_fails` |
//! | #16569 | the counter of what is held drifts | `stock_races::medusa_16569_vendure_4030_…` |
//! | #11131, #11266, #11703 | holds leak and turn negative | `stock_races::medusa_11131_11266_11703_…` |
//! | #12790 | paid, and no order | `medusa_12790_ofn_3925_paid_money_finds_its_order_without_the_buyer` |
//! | #14205 | completed by a message on the way | `medusa_14205_a_message_on_the_way_completes_nothing` |
//! | #13301 | captured twice | `medusa_13301_ofn_12046_two_providers_at_once_pay_once` |
//! | #11633, #14357, #6016, PR #14526 | events lost between the effect and the bus | `medusa_11633_14357_6016_news_is_kept_with_what_happened` |
//! | #13433, #13068, #10842, #11645, #13405 | totals wrong after returns, or no refund possible | `medusa_13433_13068_spree_10407_partial_refunds_add_up_to_what_was_paid` |
//! | #15360 | a promotion counted twice in a race | `vouchers::one_buyer_twenty_times_at_once_gets_it_once`, `vouchers::fifty_at_once_get_exactly_the_ten_uses_there_are` |
//! | Vendure #3508, PR #4930 | oversold by checkouts at once | `stock_races::r_03_vendure_3508_…` |
//! | #4117 | a seller's promotion in another seller's order | `vendure_4117_a_producers_voucher_takes_nothing_off_others` |
//! | #3042 | one purchase of two orders counts as two uses | `vendure_3042_one_purchase_of_two_orders_is_one_use` |
//! | #2356, #4030 | what is shown as there is not | `stock_races::medusa_16569_vendure_4030_…` |
//! | #1865, #1197, #1330, #1177 | orders stuck for ever | `vendure_1865_1197_1330_1177_no_status_is_a_dead_end` |
//! | #3152 | a failed refund counts as refunded | `vendure_3152_hyperswitch_9622_what_is_owed_is_owed_until_somebody_paid_it`; by the provider `refunds` |
//! | #4013, #890 | money given back that nobody owed | `orders::the_price_follows_the_weight_and_much_less_is_for_the_buyer_to_decide` |
//! | Saleor #10165, #13542 | webhooks sent two to four times | `webhooks::an_event_that_happens_twice_is_sent_once_and_signed_by_the_specification` |
//! | PR #17094 | a delivery whose row the replica does not have | there is one database |
//! | PR #19801, #19800 | an order finished with half of a change | `saleor_19801_a_price_that_changes_meanwhile_is_bought_whole_or_not_at_all` |
//! | #12382, #15217, #14597 | no refund by line | `claims::a_part_that_the_producer_accepts_is_owed_and_the_parties_read_how` |
//! | PR #11069, #543 | stock locked during a call outside, or oversold | `tidy` (no call inside a transaction), `stock_races::r_03_…` |
//! | Spree #3808, PR #13978 | oversold since 2013 | `stock_races::r_01_…_spree_3808_…` |
//! | #10407, #7362, #5915 | adjustments that do not add up | the 10,000 random carts of `orders::place`, and Medusa #13433 above |
//! | PR #13034 | the cart's count is old | `spree_13034_a_carts_figures_follow_every_change` |
//! | Sharetribe, stock | the stock becomes negative | `stock_races::r_16_a_change_of_stock_and_a_purchase_never_promise_the_same_unit` |
//! | Hyperswitch #13182, PR #13379 | refunds at once exceed the capture | `hyperswitch_13182_parallel_refunds_never_exceed_the_capture` |
//! | #14003 | a doubled message is answered 500 | `hyperswitch_14003_one_message_many_times_at_once_is_done_once` |
//! | #3408, #9278 | not sent again after a failure; sent with an old status | `webhooks::a_first_try_that_failed_is_made_again_with_the_same_id_and_body` |
//! | #9622 | pending, though nobody was ever asked | with Vendure #3152 above |
//! | #1324, #1410 | messages that cannot be processed | the recorded messages in `payments` |
//! | PR #2380 | pending for ever | `hyperswitch_2380_what_nobody_pays_ends_by_itself` |
//! | #9297 | a lock ends while its work goes on | `jobs::what_happened_is_not_written_by_a_worker_that_lost_its_lease` |
//! | OFN #3925, #5300, #4018, #2067 | the last item sold twice, or paid and not ordered | `stock_races::r_01_…_ofn_3925_…`, Medusa #12790 above |
//! | #12046 | charged twice | Medusa #13301 above |
//! | #8618, #7130, #8218 | paid, and the order failed | `ofn_8618_7130_8218_money_that_comes_too_late_waits_for_a_person` |
//! | #276, #3661, #673, #721, #6109 | the real weight is forgotten somewhere | `orders::the_price_follows_the_weight_…` |
//! | #979 | a stock set back under running orders | `lots` (named there) |
//! | #7503 | stock ignored when an order is edited | orders are not edited |
//! | Mercur, from its code | payouts that forget refunds and re-derive commission | `payouts::runs::a_debt_is_taken_from_what_is_sold_next`, `charges::what_is_refunded_after_the_end_gives_fee_and_tax_back`, `charges::what_is_ordered_pays_the_fee_of_its_day_whenever_it_is_completed` |

mod messages;
mod money;
mod payouts;
mod split;

use serde_json::{Value, json};

use crate::support::{Client, Producer, Product, World};

pub const HONEY: i64 = 120_001;
pub const TEA: i64 = 85_003;
/// What the way of each producer's goods costs.
pub const WAY: i64 = 10_007;

/// Two producers whose goods one buyer takes together; every amount is odd, so that nothing divides evenly.
pub struct Fair {
    pub world: World,
    pub operator: Client,
    pub buyer: Client,
    pub honey: (Producer, Product),
    pub tea: (Producer, Product),
}

impl Fair {
    pub async fn open() -> Fair {
        Fair::in_world(World::start().await).await
    }

    pub async fn in_world(world: World) -> Fair {
        let operator = world.operator().await;
        let mut sellers = Vec::new();
        for (phone, name, title, price) in [
            ("0911111111", "Hộ nuôi ong Mèo Vạc", "Mật ong bạc hà", HONEY),
            ("0922222222", "HTX chè Đồng Văn", "Chè Shan tuyết", TEA),
        ] {
            let producer = world.producer(&operator, phone, name, "00769").await;
            let product = world.product(&operator, &producer, title, (price, 50)).await;
            let zones = ["same_commune", "bordering_commune", "same_district", "same_province", "other_province"];
            let zone =
                |zone| json!({"zone": zone, "fee_vnd": WAY, "weight_g_max": 100_000, "days_min": 0, "days_max": 3});
            producer.client.put("/v1/producer/own-delivery", json!({"zones": zones.map(zone)})).await.expect(200);
            sellers.push((producer, product));
        }
        let buyer = world.buyer("0933333333").await;
        let tea = sellers.pop().expect("tea");
        let honey = sellers.pop().expect("honey");
        Fair { world, operator, buyer, honey, tea }
    }

    pub async fn fill_cart(&self, honey: i64, tea: i64) {
        for (quantity, (_, product)) in [(honey, &self.honey), (tea, &self.tea)] {
            if quantity > 0 {
                self.buyer.put_in_cart(&product.variant_id, quantity).await;
            }
        }
    }

    /// What the cart costs now, and the body that buys exactly that.
    pub async fn quoted(&self, voucher: Option<&Value>) -> (Value, Value) {
        let mut question = json!({"commune_code": "00721"});
        if let Some(voucher) = voucher {
            question["voucher_code"] = voucher["code"].clone();
        }
        let quote = self.buyer.quote(question).await.expect(200);
        let mut body = crate::support::checkout_body(quote["total_vnd"].as_i64().expect("đồng"));
        body["quote_id"] = quote["id"].clone();
        body["contract_sha256"] = quote["contract_sha256"].clone();
        (quote, body)
    }

    /// So much honey and tea, bought and paid in one transfer.
    pub async fn bought(&self, (honey, tea): (i64, i64), voucher: Option<&Value>) -> Value {
        self.fill_cart(honey, tea).await;
        let (_, body) = self.quoted(voucher).await;
        let checkout = self.buyer.post("/v1/buyer/checkouts", body).await.expect(201);
        let attempt = self.buyer.start_attempt(&checkout, "bank_transfer").await;
        let notice = self.world.count("select count(*) + 1 from payment_credits");
        let total = checkout["total_vnd"].as_i64().expect("đồng");
        self.world.sepay(notice, attempt["reference"].as_str().expect("a reference"), total).await.expect(200);
        self.world.run_jobs().await;
        checkout
    }

    /// The order of a purchase that this seller fulfils.
    pub fn order_of(&self, checkout: &Value, (producer, _): &(Producer, Product)) -> String {
        let orders = checkout["orders"].as_array().expect("orders");
        let own = orders.iter().find(|order| order["producer_id"] == json!(producer.id)).expect("an order");
        own["id"].as_str().expect("an id").to_owned()
    }

    /// The seller does this with an order, one after the other.
    pub async fn goes(&self, (producer, _): &(Producer, Product), order: &str, steps: &[&str]) -> Value {
        let mut seen = Value::Null;
        for step in steps {
            seen = producer.client.post(&format!("/v1/producer/orders/{order}/{step}"), json!({})).await.expect(200);
        }
        seen
    }

    pub async fn seen(&self, order: &str) -> Value {
        self.buyer.get(&format!("/v1/buyer/orders/{order}")).await.expect(200)
    }

    pub async fn voucher(&self, client: &Client, change: impl FnOnce(&mut Value)) -> Value {
        let (surface, kind) =
            if client.token == self.operator.token { ("operator", "amount") } else { ("producer", "percent") };
        let mut voucher = crate::support::new_voucher(kind);
        change(&mut voucher);
        client.post(&format!("/v1/{surface}/vouchers"), voucher).await.expect(201)
    }
}

/// An amount of an answer.
pub fn dong(seen: &Value, field: &str) -> i64 {
    seen[field].as_i64().unwrap_or_else(|| panic!("{field} of {seen}"))
}
