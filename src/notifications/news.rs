use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::kernel::Vnd;

/// What happened, with the facts that its words name. A field's ending says what it is: `_vnd` money, `_by` and `_at` a
/// moment, `_on` a day, `_g` grams; anything else is shown as it is. Fields are added, never renamed: old news is read.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "topic", rename_all = "snake_case")]
pub enum News {
    /// To the producer.
    OrderPaid {
        order_code: String,
        total_vnd: Vnd,
        accept_by: DateTime<Utc>,
    },
    /// To the producer: it is paid in cash when it comes.
    OrderConfirmed {
        order_code: String,
        total_vnd: Vnd,
        accept_by: DateTime<Utc>,
    },
    /// To the buyer, who has paid nothing.
    OrderRefusedUnpaid {
        order_code: String,
        producer_name: String,
        reason: String,
    },
    /// To the buyer and to the producer.
    OrderCancelledUnpaid {
        order_code: String,
        producer_name: String,
    },
    /// To the buyer: it is on its way, and so much is to be paid for it.
    OrderCollects {
        order_code: String,
        carrier_name: String,
        total_vnd: Vnd,
    },
    OrderReminder {
        order_code: String,
        accept_by: DateTime<Utc>,
    },
    OrderReminderHelper {
        order_code: String,
        producer_name: String,
        accept_by: DateTime<Utc>,
    },
    OrderReminderOfficer {
        order_code: String,
        producer_name: String,
        accept_by: DateTime<Utc>,
    },
    OrderAccepted {
        order_code: String,
        producer_name: String,
    },
    OrderRefused {
        order_code: String,
        producer_name: String,
        reason: String,
        refund_vnd: Vnd,
    },
    /// To the buyer and to the producer.
    OrderAutoCancelled {
        order_code: String,
        producer_name: String,
        refund_vnd: Vnd,
    },
    /// To the producer.
    OrderCancelled {
        order_code: String,
    },
    OrderPacked {
        order_code: String,
        producer_name: String,
    },
    WeightQuestion {
        order_code: String,
        product_title: String,
        ordered_g: i32,
        weighed_g: i32,
        total_vnd: Vnd,
        answer_by: DateTime<Utc>,
    },
    OrderHandedOver {
        order_code: String,
        carrier_name: String,
    },
    /// The code itself is shown in the app only.
    ReadyForPickup {
        order_code: String,
        place_name: String,
        /// When it is open, as people say it.
        opening: String,
    },
    OrderDelivered {
        order_code: String,
        claim_by: DateTime<Utc>,
    },
    DeliveryFailed {
        order_code: String,
        reason: String,
    },
    OrderReturned {
        order_code: String,
    },
    RefundOwed {
        order_code: String,
        refund_vnd: Vnd,
    },
    RefundSent {
        order_code: String,
        refund_vnd: Vnd,
    },
    /// To the producer, who has not said yet what came.
    HarvestDue {
        product_title: String,
        /// Sale units that paid orders wait for.
        ordered: i32,
        declare_by: DateTime<Utc>,
    },
    /// Everything that was bought of it is there.
    HarvestIn {
        order_code: String,
        product_title: String,
        harvest_on: NaiveDate,
        ordered: i32,
    },
    /// Less came than was bought.
    HarvestShort {
        order_code: String,
        product_title: String,
        harvest_on: NaiveDate,
        ordered: i32,
        got: i32,
        refund_vnd: Vnd,
    },
    LotRecalled {
        order_code: String,
        product_title: String,
        lot_code: String,
        reason: String,
    },
    ClaimOpened {
        order_code: String,
        answer_by: DateTime<Utc>,
    },
    /// To the buyer, what is offered instead of what was claimed.
    ClaimOffered {
        order_code: String,
        offered_vnd: Vnd,
        answer_by: DateTime<Utc>,
    },
    /// To the buyer: the goods are to come back before the money does.
    ClaimReturnAsked {
        order_code: String,
        return_by: DateTime<Utc>,
    },
    /// To whoever did not bring it before the operator.
    ClaimInReview {
        order_code: String,
        decide_by: DateTime<Utc>,
    },
    /// To the buyer.
    ClaimDecided {
        order_code: String,
        refund_vnd: Vnd,
    },
    /// To the producer, who did not end it.
    ClaimEnded {
        order_code: String,
        refund_vnd: Vnd,
    },
    ClaimWithdrawn {
        order_code: String,
    },
    /// To the side that must answer.
    ComplaintReceived {
        complaint_code: String,
        answer_by: DateTime<Utc>,
    },
    ComplaintAnswered {
        complaint_code: String,
    },
    MessageReceived {
        order_code: String,
        sender_name: String,
    },
    ReviewWritten {
        product_title: String,
        stars: i32,
    },
    ReviewAnswered {
        product_title: String,
        producer_name: String,
    },
    /// To whoever pays for the voucher.
    VoucherSpentOut {
        voucher_code: String,
        spent_vnd: Vnd,
    },
    /// To both sides: until when it is acknowledged.
    ComplaintOpened {
        complaint_code: String,
        order_code: String,
        due_on: NaiveDate,
    },
    ComplaintAcknowledged {
        complaint_code: String,
        due_on: NaiveDate,
    },
    /// To the buyer; the producer is told to answer.
    ComplaintNegotiating {
        complaint_code: String,
        due_on: NaiveDate,
    },
    ComplaintReferred {
        complaint_code: String,
    },
    ComplaintSettled {
        complaint_code: String,
    },
    ComplaintRefused {
        complaint_code: String,
    },
    ComplaintEscalated {
        complaint_code: String,
    },
    ComplaintClosed {
        complaint_code: String,
    },
    /// To the author, as what follows.
    ReviewHidden {
        product_title: String,
        reason: String,
    },
    ReviewUpheld {
        product_title: String,
        reason: String,
    },
    ReviewRestored {
        product_title: String,
    },
    /// To the producer, as what follows.
    ProducerApproved {
        producer_name: String,
    },
    ProducerRejected {
        producer_name: String,
        reason: String,
    },
    ProducerNeedsChanges {
        producer_name: String,
        reason: String,
    },
    ProductPublished {
        product_title: String,
    },
    ProductRejected {
        product_title: String,
        reason: String,
    },
    ProductNeedsChanges {
        product_title: String,
        reason: String,
    },
    /// To the household, wherever it was given from: nothing is paid to the account before.
    BankAccountGiven {
        bank_name: String,
        last_digits: String,
        usable_at: DateTime<Utc>,
    },
    BankAccountVerified {
        bank_name: String,
        last_digits: String,
        usable_at: DateTime<Utc>,
    },
    BankAccountRejected {
        bank_name: String,
        last_digits: String,
        reason: String,
    },
    /// There is no account that can be paid to.
    PayoutWaits {
        amount_vnd: Vnd,
    },
    PayoutPaid {
        amount_vnd: Vnd,
        bank_name: String,
        last_digits: String,
    },
    PayoutFailed {
        amount_vnd: Vnd,
        bank_name: String,
        last_digits: String,
    },
    /// To a seller of whom tax is withheld, as what follows.
    TaxThresholdNear {
        year: i32,
        percent: i32,
        revenue_vnd: i64,
        threshold_vnd: i64,
    },
    TaxThresholdPassed {
        year: i32,
        revenue_vnd: i64,
        threshold_vnd: i64,
    },
    /// To operators, as what follows: nobody knows what became of money that was sent.
    TransferOverdue {
        reference: String,
        amount_vnd: Vnd,
        sent_at: DateTime<Utc>,
    },
    RefundOverdue {
        order_code: String,
        refund_vnd: Vnd,
        sent_at: DateTime<Utc>,
    },
    /// To every producer who sells.
    FeeAnnounced {
        /// As people write it: `5,5`.
        percent: String,
        /// What holds until then.
        percent_before: String,
        effective_on: NaiveDate,
    },
}

#[cfg(test)]
pub mod samples {
    use super::*;

    fn order_code() -> String {
        "HG-2611-0001".to_owned()
    }

    fn producer_name() -> String {
        "Hộ nuôi ong Mèo Vạc".to_owned()
    }

    fn product_title() -> String {
        "Mật ong bạc hà".to_owned()
    }

    fn reason() -> String {
        "Hết hàng".to_owned()
    }

    fn money() -> Vnd {
        Vnd::new(1_250_000).unwrap()
    }

    fn by() -> DateTime<Utc> {
        "2026-11-25T03:30:00Z".parse().unwrap()
    }

    fn bank_name() -> String {
        "Agribank".to_owned()
    }

    fn last_digits() -> String {
        "3456".to_owned()
    }

    fn on() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 12, 1).unwrap()
    }

    /// One of each.
    pub fn all() -> Vec<News> {
        of_orders().into_iter().chain(of_people()).collect()
    }

    fn of_orders() -> Vec<News> {
        let (money, by, harvest_on) = (money(), by(), on());
        vec![
            News::OrderPaid { order_code: order_code(), total_vnd: money, accept_by: by },
            News::OrderConfirmed { order_code: order_code(), total_vnd: money, accept_by: by },
            News::OrderRefusedUnpaid { order_code: order_code(), producer_name: producer_name(), reason: reason() },
            News::OrderCancelledUnpaid { order_code: order_code(), producer_name: producer_name() },
            News::OrderCollects { order_code: order_code(), carrier_name: "Viettel Post".to_owned(), total_vnd: money },
            News::OrderReminder { order_code: order_code(), accept_by: by },
            News::OrderReminderHelper { order_code: order_code(), producer_name: producer_name(), accept_by: by },
            News::OrderReminderOfficer { order_code: order_code(), producer_name: producer_name(), accept_by: by },
            News::OrderAccepted { order_code: order_code(), producer_name: producer_name() },
            News::OrderRefused {
                order_code: order_code(),
                producer_name: producer_name(),
                reason: reason(),
                refund_vnd: money,
            },
            News::OrderAutoCancelled { order_code: order_code(), producer_name: producer_name(), refund_vnd: money },
            News::OrderCancelled { order_code: order_code() },
            News::OrderPacked { order_code: order_code(), producer_name: producer_name() },
            News::WeightQuestion {
                order_code: order_code(),
                product_title: product_title(),
                ordered_g: 1_000,
                weighed_g: 1_250,
                total_vnd: money,
                answer_by: by,
            },
            News::OrderHandedOver { order_code: order_code(), carrier_name: "GHN".to_owned() },
            News::ReadyForPickup {
                order_code: order_code(),
                place_name: "Chợ Đồng Văn".to_owned(),
                opening: "7 giờ đến 17 giờ".to_owned(),
            },
            News::OrderDelivered { order_code: order_code(), claim_by: by },
            News::DeliveryFailed { order_code: order_code(), reason: reason() },
            News::OrderReturned { order_code: order_code() },
            News::RefundOwed { order_code: order_code(), refund_vnd: money },
            News::RefundSent { order_code: order_code(), refund_vnd: money },
            News::HarvestDue { product_title: product_title(), ordered: 25, declare_by: by },
            News::HarvestIn { order_code: order_code(), product_title: product_title(), harvest_on, ordered: 4 },
            News::HarvestShort {
                order_code: order_code(),
                product_title: product_title(),
                harvest_on,
                ordered: 4,
                got: 3,
                refund_vnd: money,
            },
            News::LotRecalled {
                order_code: order_code(),
                product_title: product_title(),
                lot_code: "L-7".to_owned(),
                reason: reason(),
            },
        ]
    }

    fn of_people() -> Vec<News> {
        let (money, by, on) = (money(), by(), on());
        let complaint_code = || "KN-1".to_owned();
        vec![
            News::ClaimOpened { order_code: order_code(), answer_by: by },
            News::ClaimOffered { order_code: order_code(), offered_vnd: money, answer_by: by },
            News::ClaimReturnAsked { order_code: order_code(), return_by: by },
            News::ClaimInReview { order_code: order_code(), decide_by: by },
            News::ClaimDecided { order_code: order_code(), refund_vnd: money },
            News::ClaimEnded { order_code: order_code(), refund_vnd: money },
            News::ClaimWithdrawn { order_code: order_code() },
            News::ComplaintReceived { complaint_code: "KN-1".to_owned(), answer_by: by },
            News::ComplaintAnswered { complaint_code: "KN-1".to_owned() },
            News::MessageReceived { order_code: order_code(), sender_name: "Hoà".to_owned() },
            News::ReviewWritten { product_title: product_title(), stars: 5 },
            News::ReviewAnswered { product_title: product_title(), producer_name: producer_name() },
            News::VoucherSpentOut { voucher_code: "TET".to_owned(), spent_vnd: money },
            News::ComplaintOpened { complaint_code: complaint_code(), order_code: order_code(), due_on: on },
            News::ComplaintAcknowledged { complaint_code: complaint_code(), due_on: on },
            News::ComplaintNegotiating { complaint_code: complaint_code(), due_on: on },
            News::ComplaintReferred { complaint_code: complaint_code() },
            News::ComplaintSettled { complaint_code: complaint_code() },
            News::ComplaintRefused { complaint_code: complaint_code() },
            News::ComplaintEscalated { complaint_code: complaint_code() },
            News::ComplaintClosed { complaint_code: complaint_code() },
            News::ReviewHidden { product_title: product_title(), reason: reason() },
            News::ReviewUpheld { product_title: product_title(), reason: reason() },
            News::ReviewRestored { product_title: product_title() },
            News::ProducerApproved { producer_name: producer_name() },
            News::ProducerRejected { producer_name: producer_name(), reason: reason() },
            News::ProducerNeedsChanges { producer_name: producer_name(), reason: reason() },
            News::ProductPublished { product_title: product_title() },
            News::ProductRejected { product_title: product_title(), reason: reason() },
            News::ProductNeedsChanges { product_title: product_title(), reason: reason() },
            News::BankAccountGiven { bank_name: bank_name(), last_digits: last_digits(), usable_at: by },
            News::BankAccountVerified { bank_name: bank_name(), last_digits: last_digits(), usable_at: by },
            News::BankAccountRejected { bank_name: bank_name(), last_digits: last_digits(), reason: reason() },
            News::PayoutWaits { amount_vnd: money },
            News::PayoutPaid { amount_vnd: money, bank_name: bank_name(), last_digits: last_digits() },
            News::PayoutFailed { amount_vnd: money, bank_name: bank_name(), last_digits: last_digits() },
            News::TaxThresholdNear { year: 2026, percent: 90, revenue_vnd: 912_345_678, threshold_vnd: 1_000_000_000 },
            News::TaxThresholdPassed { year: 2026, revenue_vnd: 1_012_345_678, threshold_vnd: 1_000_000_000 },
            News::TransferOverdue { reference: "OC7K2M9Q4F".to_owned(), amount_vnd: money, sent_at: by },
            News::RefundOverdue { order_code: order_code(), refund_vnd: money, sent_at: by },
            News::FeeAnnounced { percent: "5,5".to_owned(), percent_before: "5".to_owned(), effective_on: on },
        ]
    }
}
