//! What a seller at or below the threshold needs to get back what was withheld.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde_json::json;

use super::model::GaugeStep;
use super::store::{self, OfOrder, Threshold};
use crate::documents::sheet::{Cell, Kind, Sheet, headings, xlsx};
use crate::documents::{Document, Letterhead, Part, day, draw, grouped};
use crate::kernel::Month;
use crate::kernel::time::vietnam_day;
use crate::kernel::{Error, OrderId, Result, Tx};
use crate::producers::{self, Producer, ProducerKind};
use crate::taxes::certificates::{self, Certificate, Span, by_month};
use crate::taxes::model::{Sums, vietnam_year, year_begins_at};
use crate::taxes::periods::{self, PeriodStatus};
use crate::{audit, calendar, orders};

/// Orders and refunds that one workbook lists.
const ORDERS_MAX: i64 = 50_000;
/// Later than every declaration.
const ALL: i32 = i32::MAX;

/// A seller's year against the threshold.
pub struct Gauge {
    pub year: i32,
    pub revenue: i64,
    pub threshold: Threshold,
    pub step: GaugeStep,
    pub kind: ProducerKind,
}

impl Gauge {
    /// Law 108/2025, article 43.
    pub fn declares_itself(&self) -> bool {
        matches!(self.kind, ProducerKind::Cooperative | ProducerKind::Company)
    }

    pub fn explained(&self) -> &'static str {
        if self.declares_itself() {
            return "Hợp tác xã và doanh nghiệp tự kê khai, nộp thuế; sàn không khấu trừ thuế của bạn.";
        }
        self.step.explained()
    }
}

/// The actor's own year, this one unless another is asked for.
pub fn gauge(tx: &mut Tx<'_>, year: Option<i32>) -> Result<(Producer, Gauge)> {
    let producer_id = producers::registered(tx)?;
    let producer = producers::find(tx, producer_id)?;
    let year = year.unwrap_or_else(|| vietnam_year(tx.now));
    let (from, until) = (year_begins_at(year)?, year_begins_at(year.saturating_add(1))?);
    // What is in force today, or on the last day of a year that is over.
    let threshold = store::threshold_on(tx, vietnam_day((until - TimeDelta::seconds(1)).min(tx.now)))?;
    let revenue = store::revenue(tx, producer_id, (from, until))?;
    let step = GaugeStep::of(revenue, threshold.amount_vnd);
    let kind = producer.kind;
    Ok((producer, Gauge { year, revenue, threshold, step, kind }))
}

/// Everything that is handed in with a request for a refund.
pub struct Pack {
    pub gauge: Gauge,
    pub producer: Producer,
    /// As declared, month by month, with every difference.
    pub months: Vec<(Month, Sums)>,
    pub total: Sums,
    pub certificates: Vec<Certificate>,
    /// Whether all months of the year are closed.
    pub is_final: bool,
    /// The report of the year's revenue.
    pub report_due_on: NaiveDate,
    made_at: DateTime<Utc>,
}

impl Pack {
    /// At or below the threshold.
    pub fn is_eligible(&self) -> bool {
        !self.gauge.declares_itself() && self.gauge.step != GaugeStep::Passed
    }
}

pub fn pack(tx: &mut Tx<'_>, year: Option<i32>) -> Result<Pack> {
    let (producer, gauge) = gauge(tx, year)?;
    let span = Span::Year(gauge.year).months().ok_or_else(|| Error::internal("a year without months"))?;
    let statuses = periods::statuses_of(tx, span)?;
    let last = statuses.last().filter(|(month, _)| *month == span.1.first_day());
    let is_final = last.is_some() && statuses.iter().all(|(_, status)| *status != PeriodStatus::Open);
    let id = producer.id;
    let months = tx.as_platform(|tx| certificates::sums_of(tx, id, span, ALL))?;
    let total = Sums::total(months.iter().map(|(_, sums)| *sums))?;
    let certificates = certificates::list_all(tx, id, gauge.year)?;
    let report_due_on = report_due_on(tx, gauge.year)?;
    let made_at = tx.now;
    Ok(Pack { gauge, producer, months, total, certificates, is_final, report_due_on, made_at })
}

/// The same for whoever takes it away as this file: that is on record, each time.
pub fn taken_away(tx: &mut Tx<'_>, year: Option<i32>, file: &str) -> Result<Pack> {
    let pack = pack(tx, year)?;
    let detail = json!({"year": pack.gauge.year, "file": file});
    audit::write(tx, "tax_refund_pack.downloaded", "producer", pack.producer.id.0, detail)?;
    Ok(pack)
}

/// 31 January of the next year (Decree 68/2026), or the next working day (Civil Code, article 148.5).
fn report_due_on(tx: &mut Tx<'_>, year: i32) -> Result<NaiveDate> {
    let last =
        NaiveDate::from_ymd_opt(year.saturating_add(1), 1, 31).and_then(|day| day.checked_sub_days(Days::new(1)));
    calendar::add_working_days(tx, last.ok_or_else(|| Error::internal("the end of time"))?, 1)
}

/// The orders of the year with their tax, and how they are called.
pub struct Listed {
    rows: Vec<OfOrder>,
    codes: BTreeMap<OrderId, String>,
}

pub fn orders_of(tx: &mut Tx<'_>, pack: &Pack) -> Result<Listed> {
    let year = pack.gauge.year;
    let span = (year_begins_at(year)?, year_begins_at(year.saturating_add(1))?);
    let rows = store::by_order(tx, pack.producer.id, span, ORDERS_MAX)?;
    let ids: Vec<OrderId> = rows.iter().map(|row| row.order_id).collect();
    Ok(Listed { codes: orders::codes_of(tx, &ids)?, rows })
}

pub fn paper(pack: &Pack) -> Result<Vec<u8>> {
    let fact = |label: &str, value: String| (label.to_owned(), value);
    let dong = |amount: i64| format!("{} đ", grouped(amount));
    let Pack { gauge, producer, total, .. } = pack;
    let mut facts = vec![fact("Người đề nghị", producer.name.clone())];
    facts.extend(producer.tax_code.iter().map(|code| fact("Mã số thuế", code.clone())));
    facts.push(fact("Địa chỉ", producer.address.clone()));
    facts.push(fact("Năm tính thuế", gauge.year.to_string()));
    facts.push(fact("Doanh thu qua sàn", dong(gauge.revenue)));
    facts.push(fact("Ngưỡng doanh thu", format!("{} ({})", dong(gauge.threshold.amount_vnd), gauge.threshold.source)));
    facts.push(fact("Hạn báo cáo doanh thu", day(pack.report_due_on)));
    let state = if pack.is_final {
        "Sổ thuế cả năm đã khóa."
    } else {
        "Năm chưa kết thúc: số liệu chỉ gồm các tháng đã khóa sổ."
    };
    let asked = if pack.is_eligible() {
        format!(
            "Đề nghị hoàn trả hoặc bù trừ số thuế đã khấu trừ: thuế GTGT {}, thuế TNCN {}. Doanh thu ngoài sàn (nếu có) do \
             người đề nghị kê khai thêm.",
            dong(total.net_vat()),
            dong(total.net_pit())
        )
    } else {
        gauge.explained().to_owned()
    };
    let papers = pack.certificates.iter().map(|one| {
        let span = Span::parse(&one.span).map(Span::shown).unwrap_or_default();
        (one.code(), format!("{span}: GTGT {}, TNCN {}", dong(one.sums().net_vat()), dong(one.sums().net_pit())))
    });
    draw(&Document {
        letterhead: Letterhead::National,
        issuer: vec![producer.name.clone()],
        title: "Hồ sơ đề nghị hoàn thuế đã khấu trừ".to_owned(),
        number: format!("{}", gauge.year),
        made_at: pack.made_at,
        parts: vec![
            Part::Facts(facts),
            Part::Paragraph(state.to_owned()),
            Part::Heading("Thuế đã khấu trừ theo tháng".to_owned()),
            Part::Table(by_month(&pack.months)),
            Part::Paragraph(asked),
            Part::Heading("Chứng từ khấu trừ thuế kèm theo".to_owned()),
            Part::Facts(papers.collect()),
            Part::Signatures(vec!["Người đề nghị".to_owned()]),
        ],
    })
}

pub fn workbook(pack: &Pack, listed: &Listed) -> Result<Vec<u8>> {
    xlsx(&[months(pack), certificates_sheet(pack), orders_sheet(listed)], pack.made_at)
}

const AMOUNTS: [(&str, Kind); 5] = [
    ("Doanh thu (đồng)", Kind::Dong),
    ("GTGT khấu trừ (đồng)", Kind::Dong),
    ("TNCN khấu trừ (đồng)", Kind::Dong),
    ("GTGT hoàn trả (đồng)", Kind::Dong),
    ("TNCN hoàn trả (đồng)", Kind::Dong),
];

fn amounts(sums: &Sums) -> [Cell; 5] {
    let Sums { withheld_vat, withheld_pit, returned_vat, returned_pit, .. } = *sums;
    [sums.net_revenue(), withheld_vat, withheld_pit, returned_vat, returned_pit].map(Cell::Dong)
}

fn months(pack: &Pack) -> Sheet {
    let columns: Vec<_> = std::iter::once(("Tháng", Kind::Text)).chain(AMOUNTS).collect();
    let row = |name: String, sums: &Sums| std::iter::once(Cell::Text(name)).chain(amounts(sums)).collect();
    let mut rows: Vec<Vec<Cell>> = pack.months.iter().map(|(month, sums)| row(month.shown(), sums)).collect();
    rows.push(row("Cộng".to_owned(), &pack.total));
    Sheet { name: "Theo tháng".to_owned(), columns: headings(&columns), rows }
}

fn certificates_sheet(pack: &Pack) -> Sheet {
    let columns = [("Số chứng từ", Kind::Text), ("Kỳ", Kind::Text), ("Ngày lập", Kind::Moment)];
    let columns: Vec<_> = columns.into_iter().chain(AMOUNTS).collect();
    let rows = pack.certificates.iter().map(|one| {
        let head = [Cell::Text(one.code()), Cell::text(&one.span), Cell::Moment(one.issued_at)];
        head.into_iter().chain(amounts(&one.sums())).collect()
    });
    Sheet { name: "Chứng từ".to_owned(), columns: headings(&columns), rows: rows.collect() }
}

fn orders_sheet(listed: &Listed) -> Sheet {
    let columns = [
        ("Đơn hàng", Kind::Text),
        ("Nội dung", Kind::Text),
        ("Thời điểm", Kind::Moment),
        ("Doanh thu (đồng)", Kind::Dong),
        ("Thuế GTGT (đồng)", Kind::Dong),
        ("Thuế TNCN (đồng)", Kind::Dong),
    ];
    let rows = listed.rows.iter().map(|row| {
        let signed = |amount: i64| Cell::Dong(if row.refund_id.is_some() { amount.saturating_neg() } else { amount });
        let what = if row.refund_id.is_some() { "Hoàn trả do hủy, trả hàng" } else { "Bán hàng" };
        vec![
            listed.codes.get(&row.order_id).map_or(Cell::Empty, Cell::text),
            Cell::text(what),
            Cell::Moment(row.at),
            signed(row.base_vnd),
            signed(row.vat_vnd),
            signed(row.pit_vnd),
        ]
    });
    Sheet { name: "Theo đơn hàng".to_owned(), columns: headings(&columns), rows: rows.collect() }
}
