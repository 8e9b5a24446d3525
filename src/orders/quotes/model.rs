use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use schema::quotes;
use serde::{Deserialize, Serialize};

use crate::kernel::{AccountId, ProducerId, QuoteId, VariantId, Vnd};
use crate::places::CommuneCode;
use crate::refusals;

/// How long what was shown can be bought.
pub const VALID_FOR: TimeDelta = TimeDelta::minutes(15);
/// How long a quote from which nothing was bought is kept.
pub const UNUSED_KEPT: TimeDelta = TimeDelta::days(1);

refusals! {
    /// Why a cart cannot be quoted, or a quote not be bought.
    pub enum QuoteRefusal {
        NotDeliverable = 409 "orders.not_deliverable" "Có hàng không giao được đến nơi này theo cách đã chọn" "Some goods cannot be delivered there that way",
        MinimumNotReached = 409 "orders.minimum_not_reached" "Chưa đạt giá trị đơn tối thiểu của nhà sản xuất" "The producer's minimum order is not reached",
        NothingToPay = 409 "orders.nothing_to_pay" "Mã giảm giá không được giảm hết số tiền phải trả" "A voucher may not leave nothing to pay",
        Expired = 409 "orders.quote_expired" "Báo giá đã hết hạn, hãy xem lại" "The quote has expired, look again",
        Elsewhere = 409 "orders.quote_elsewhere" "Báo giá được lập cho một xã khác" "The quote was made for another commune",
        ContractNotConfirmed = 409 "orders.contract_not_confirmed" "Hợp đồng đã xác nhận không phải hợp đồng của báo giá này" "The contract confirmed is not that of this quote",
    }
}

/// A line of a quote, in the order of variants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartLine {
    pub variant_id: uuid::Uuid,
    pub quantity: i32,
    pub price_vnd: i64,
    pub discount_vnd: i64,
}

/// What one producer delivers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub producer_id: uuid::Uuid,
    pub delivery_code: String,
    pub shipping_vnd: i64,
    /// Of the lines and of the delivery.
    pub discount_vnd: i64,
    pub contract_sha256: String,
    /// What is bought is of this planned harvest.
    #[serde(default)]
    pub harvest_id: Option<uuid::Uuid>,
    pub lines: Vec<PartLine>,
}

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = quotes)]
pub struct Quote {
    pub id: QuoteId,
    pub buyer_account_id: AccountId,
    pub commune_code: CommuneCode,
    pub voucher_code: Option<String>,
    pub parts: serde_json::Value,
    pub total_vnd: Vnd,
    pub contract_sha256: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

impl Part {
    pub fn is_of(&self, producer_id: ProducerId) -> bool {
        self.producer_id == producer_id.0
    }

    pub fn line(&self, variant_id: VariantId) -> Option<&PartLine> {
        self.lines.iter().find(|line| line.variant_id == variant_id.0)
    }
}
