use chrono::{DateTime, NaiveTime, TimeDelta, Timelike as _, Utc};
use diesel::prelude::*;
use schema::{deliveries, notices};
use serde_json::Value;
use uuid::Uuid;

use super::templates;
use crate::kernel::time::vietnam;
use crate::kernel::{AccountId, NoticeId, Result};
use crate::senders::{Channel, Outcome};
use crate::{refusals, text_enum};

text_enum! {
    /// What a notice is about.
    pub enum Topic {
        OrderPaid = "order_paid",
        OrderConfirmed = "order_confirmed",
        OrderRefusedUnpaid = "order_refused_unpaid",
        OrderCancelledUnpaid = "order_cancelled_unpaid",
        OrderCollects = "order_collects",
        OrderReminder = "order_reminder",
        OrderReminderHelper = "order_reminder_helper",
        OrderReminderOfficer = "order_reminder_officer",
        OrderAccepted = "order_accepted",
        OrderRefused = "order_refused",
        OrderAutoCancelled = "order_auto_cancelled",
        OrderCancelled = "order_cancelled",
        OrderPacked = "order_packed",
        WeightQuestion = "weight_question",
        OrderHandedOver = "order_handed_over",
        ReadyForPickup = "ready_for_pickup",
        OrderDelivered = "order_delivered",
        DeliveryFailed = "delivery_failed",
        OrderReturned = "order_returned",
        RefundOwed = "refund_owed",
        RefundSent = "refund_sent",
        HarvestDue = "harvest_due",
        HarvestIn = "harvest_in",
        HarvestShort = "harvest_short",
        LotRecalled = "lot_recalled",
        ClaimOpened = "claim_opened",
        ClaimOffered = "claim_offered",
        ClaimReturnAsked = "claim_return_asked",
        ClaimInReview = "claim_in_review",
        ClaimDecided = "claim_decided",
        ClaimEnded = "claim_ended",
        ClaimWithdrawn = "claim_withdrawn",
        ComplaintReceived = "complaint_received",
        ComplaintAnswered = "complaint_answered",
        MessageReceived = "message_received",
        ReviewWritten = "review_written",
        ReviewAnswered = "review_answered",
        VoucherSpentOut = "voucher_spent_out",
        ComplaintOpened = "complaint_opened",
        ComplaintAcknowledged = "complaint_acknowledged",
        ComplaintNegotiating = "complaint_negotiating",
        ComplaintReferred = "complaint_referred",
        ComplaintSettled = "complaint_settled",
        ComplaintRefused = "complaint_refused",
        ComplaintEscalated = "complaint_escalated",
        ComplaintClosed = "complaint_closed",
        ReviewHidden = "review_hidden",
        ReviewUpheld = "review_upheld",
        ReviewRestored = "review_restored",
        ProducerApproved = "producer_approved",
        ProducerRejected = "producer_rejected",
        ProducerNeedsChanges = "producer_needs_changes",
        ProductPublished = "product_published",
        ProductRejected = "product_rejected",
        ProductNeedsChanges = "product_needs_changes",
        BankAccountGiven = "bank_account_given",
        BankAccountVerified = "bank_account_verified",
        BankAccountRejected = "bank_account_rejected",
        PayoutWaits = "payout_waits",
        PayoutPaid = "payout_paid",
        PayoutFailed = "payout_failed",
        TaxThresholdNear = "tax_threshold_near",
        TaxThresholdPassed = "tax_threshold_passed",
        TransferOverdue = "transfer_overdue",
        RefundOverdue = "refund_overdue",
        FeeAnnounced = "fee_announced",
    }
}

text_enum! {
    /// Topics for which a person chooses channels together.
    pub enum Group {
        /// Orders that one has to fulfil, or to see fulfilled.
        Selling = "selling",
        /// Orders of one's own.
        Buying = "buying",
        Money = "money",
        /// Claims, complaints, messages and reviews.
        Talk = "talk",
        /// Goods that must not be eaten; cannot be switched off.
        Safety = "safety",
    }
}

text_enum! {
    /// The language of what is pushed.
    pub enum Language {
        Vietnamese = "vi",
        English = "en",
    }
}

refusals! {
    pub enum NotificationRefusal {
        TooManyStreams = 429 "notifications.too_many_streams" "Bạn đã mở quá nhiều luồng thông báo" "Too many streams of notices are open",
        EmailCodeWrong = 422 "notifications.email_code_wrong" "Mã xác nhận thư điện tử sai hoặc đã hết hạn" "The code for the e-mail address is wrong or too old",
        TooManyEmailCodes = 429 "notifications.too_many_email_codes" "Đã gửi quá nhiều mã xác nhận, hãy chờ" "Too many codes were sent to e-mail addresses, wait",
        EmailOff = 409 "notifications.email_off" "Sàn chưa gửi thư điện tử" "E-mail is not set up here",
    }
}

/// How far a notice goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Outwards at any hour.
    Urgent,
    /// Outwards outside quiet hours.
    Push,
    /// Into the inbox only.
    Inbox,
}

/// A notice as it lies in an inbox.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = notices)]
pub struct NoticeRow {
    pub id: NoticeId,
    pub topic: Topic,
    pub object_id: Uuid,
    pub facts: Value,
    pub txid: i64,
    pub created_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
}

impl NoticeRow {
    /// Title and text.
    pub fn words(&self, language: Language) -> Result<(String, String)> {
        templates::words(self.topic, &self.facts, language)
    }
}

/// One try to bring a notice outwards.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = deliveries)]
pub struct DeliveryRow {
    pub id: Uuid,
    pub notice_id: NoticeId,
    pub account_id: AccountId,
    pub channel: Channel,
    pub outcome: Outcome,
    pub provider_id: Option<String>,
    pub code: Option<String>,
    pub at: DateTime<Utc>,
}

/// Hours of Vietnam's day at which only what is urgent is pushed; empty when both are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    pub from: NaiveTime,
    pub until: NaiveTime,
}

impl Quiet {
    /// 21:00 to 07:00.
    pub fn standard() -> Quiet {
        let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
        Quiet { from: hour(21), until: hour(7) }
    }

    /// When the quiet that reigns at a moment is over; `None` when there is none.
    pub fn over_at(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let time = vietnam(now).time();
        let is_quiet = if self.from <= self.until {
            self.from <= time && time < self.until
        } else {
            time >= self.from || time < self.until
        };
        if !is_quiet {
            return None;
        }
        let day = TimeDelta::days(1).num_seconds();
        let left = i64::from(self.until.num_seconds_from_midnight()) - i64::from(time.num_seconds_from_midnight());
        Some(now + TimeDelta::seconds(left.rem_euclid(day)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_night_is_quiet_in_vietnamese_time_and_ends_at_seven() {
        let quiet = Quiet::standard();
        // 20:59:59, 21:00, 06:59:59 and 07:00 in Vietnam.
        assert_eq!(quiet.over_at(at("2026-11-25T13:59:59Z")), None);
        assert_eq!(quiet.over_at(at("2026-11-25T14:00:00Z")), Some(at("2026-11-26T00:00:00Z")));
        assert_eq!(quiet.over_at(at("2026-11-25T23:59:59Z")), Some(at("2026-11-26T00:00:00Z")));
        assert_eq!(quiet.over_at(at("2026-11-26T00:00:00Z")), None);
    }

    #[test]
    fn quiet_may_lie_within_a_day_or_be_none() {
        let time = |hour| NaiveTime::from_hms_opt(hour, 30, 0).unwrap();
        let noon = Quiet { from: time(11), until: time(13) };
        assert_eq!(noon.over_at(at("2026-11-25T05:00:00Z")), Some(at("2026-11-25T06:30:00Z")));
        assert_eq!(noon.over_at(at("2026-11-25T07:00:00Z")), None);
        let never = Quiet { from: time(11), until: time(11) };
        assert_eq!(never.over_at(at("2026-11-25T04:30:00Z")), None);
    }
}
