//! What fees and taxes look like outside.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Reading, TaxCategory};
use super::store::{Declared, Rate, ReadingRow, Schedule};
use crate::kernel::{FeeScheduleId, ProductId};
use crate::producers::ProducerKind;

/// A fee of the platform, from its day on.
#[derive(Serialize, ToSchema)]
pub struct FeeScheduleView {
    pub id: FeeScheduleId,
    /// Of what a producer gets for goods, without the way.
    #[schema(minimum = 0, maximum = 3000, example = 500)]
    rate_bp: i32,
    /// For what is ordered on this day in Vietnam or later.
    effective_on: NaiveDate,
    #[schema(max_length = 500, example = "Phí sàn 5% tiền hàng")]
    note: String,
    announced_at: DateTime<Utc>,
}

impl From<Schedule> for FeeScheduleView {
    fn from(schedule: Schedule) -> Self {
        let Schedule { id, rate_bp, effective_on, note, announced_at } = schedule;
        Self { id, rate_bp, effective_on, note, announced_at }
    }
}

/// How contradicting texts are read, from a day on.
#[derive(Serialize, ToSchema)]
pub struct TaxReadingView {
    reading: Reading,
    effective_on: NaiveDate,
    #[schema(max_length = 500, example = "Theo trả lời của cơ quan thuế")]
    note: String,
    decided_at: DateTime<Utc>,
}

impl From<ReadingRow> for TaxReadingView {
    fn from(row: ReadingRow) -> Self {
        let ReadingRow { effective_on, reading, note, decided_at } = row;
        Self { reading, effective_on, note, decided_at }
    }
}

/// What is withheld of one kind of goods of one kind of producer.
#[derive(Serialize, ToSchema)]
pub struct TaxRateView {
    tax_category: TaxCategory,
    producer_kind: ProducerKind,
    reading: Reading,
    effective_on: NaiveDate,
    /// Value added tax.
    #[schema(minimum = 0, maximum = 10_000, example = 100)]
    vat_bp: i32,
    /// Personal income tax.
    #[schema(minimum = 0, maximum = 10_000, example = 50)]
    pit_bp: i32,
    /// The text that says so.
    #[schema(max_length = 500, example = "NĐ 253/2026/NĐ-CP Điều 21")]
    source: String,
}

impl From<Rate> for TaxRateView {
    fn from(rate: Rate) -> Self {
        let Rate { id: _, tax_category, producer_kind, reading, effective_on, vat_bp, pit_bp, source } = rate;
        Self { tax_category, producer_kind, reading, effective_on, vat_bp, pit_bp, source }
    }
}

/// What the platform takes and withholds of a sale.
#[derive(Serialize, ToSchema)]
pub struct FeesView {
    /// In force for what is ordered today.
    pub fee: FeeScheduleView,
    /// Announced and not begun, the next first.
    #[schema(max_items = 100)]
    pub announced: Vec<FeeScheduleView>,
    /// When fee and tax are taken: when the order is completed.
    #[schema(
        max_length = 200,
        example = "Khi đơn hàng hoàn tất: người mua xác nhận đã nhận, hoặc hết thời hạn khiếu nại"
    )]
    pub taken_when: &'static str,
    /// What is withheld for the state today.
    #[schema(max_items = 100)]
    pub taxes: Vec<TaxRateView>,
    /// The reading in force where texts contradict each other, and those that follow.
    #[schema(max_items = 100)]
    pub readings: Vec<TaxReadingView>,
}

/// What a product is for the tax office.
#[derive(Serialize, ToSchema)]
pub struct TaxCategoryView {
    product_id: ProductId,
    tax_category: TaxCategory,
    /// Since when; `null` where nobody has said anything and it is supposed.
    since: Option<DateTime<Utc>>,
}

impl From<Declared> for TaxCategoryView {
    fn from(declared: Declared) -> Self {
        let Declared { product_id, tax_category, since } = declared;
        Self { product_id, tax_category, since }
    }
}
