//! A producer's year against the threshold.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{GaugeStep, share_bp};
use super::pack::{self, Gauge, Pack};
use crate::app::App;
use crate::documents::{PDF, sheet};
use crate::input;
use crate::kernel::Month;
use crate::kernel::Result;
use crate::kernel::http::{self, ProducerSurface, Query, json as json_answer};
use crate::kernel::input::Whole;
use crate::taxes::certificates::TaxCertificateView;
use crate::taxes::model::Sums;

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct TaxYearQuery {
        /// This year in Vietnam unless given.
        #[param(inline)]
        pub year: Option<Whole<2026, 2100>>,
    }
}

/// A year's revenue against the threshold below which no tax is owed.
#[derive(Serialize, ToSchema)]
pub struct TaxGaugeView {
    #[schema(minimum = 2026, maximum = 2100, example = 2026)]
    year: i32,
    /// What was sold here in the year, less what was returned in it.
    #[schema(example = 185_000_000)]
    revenue_vnd: i64,
    /// In force today, or at the end of a year that is over.
    #[schema(minimum = 1, example = 1_000_000_000)]
    threshold_vnd: i64,
    /// The text that says so.
    #[schema(max_length = 500, example = "NĐ 141/2026/NĐ-CP")]
    threshold_source: String,
    /// Since when.
    threshold_effective_on: NaiveDate,
    /// What part of the threshold it is.
    #[schema(minimum = 0, example = 1_850)]
    share_bp: i64,
    step: GaugeStep,
    /// What it means, in Vietnamese.
    #[schema(max_length = 500)]
    explained: &'static str,
}

impl From<Gauge> for TaxGaugeView {
    fn from(gauge: Gauge) -> Self {
        let explained = gauge.explained();
        let Gauge { year, revenue, threshold, step, kind: _ } = gauge;
        Self {
            year,
            revenue_vnd: revenue,
            threshold_vnd: threshold.amount_vnd,
            share_bp: share_bp(revenue, threshold.amount_vnd),
            threshold_source: threshold.source,
            threshold_effective_on: threshold.effective_on,
            step,
            explained,
        }
    }
}

/// What was declared of a seller in a month.
#[derive(Serialize, ToSchema)]
pub struct TaxMonthView {
    month: Month,
    #[schema(minimum = 0, example = 185_000)]
    revenue_vnd: i64,
    #[schema(minimum = 0, example = 1_850)]
    withheld_vat_vnd: i64,
    #[schema(minimum = 0, example = 925)]
    withheld_pit_vnd: i64,
    #[schema(minimum = 0, example = 85_000)]
    returned_revenue_vnd: i64,
    #[schema(minimum = 0, example = 850)]
    returned_vat_vnd: i64,
    #[schema(minimum = 0, example = 425)]
    returned_pit_vnd: i64,
}

impl From<(Month, Sums)> for TaxMonthView {
    fn from((month, sums): (Month, Sums)) -> Self {
        let Sums { revenue, withheld_vat, withheld_pit, returned_revenue, returned_vat, returned_pit } = sums;
        Self {
            month,
            revenue_vnd: revenue,
            withheld_vat_vnd: withheld_vat,
            withheld_pit_vnd: withheld_pit,
            returned_revenue_vnd: returned_revenue,
            returned_vat_vnd: returned_vat,
            returned_pit_vnd: returned_pit,
        }
    }
}

/// What is handed in to get withheld tax back.
#[derive(Serialize, ToSchema)]
pub struct TaxRefundPackView {
    gauge: TaxGaugeView,
    /// Whether the year's revenue is at or below the threshold.
    is_eligible: bool,
    /// Whether all months of the year are closed; as long as they are not, only those that are count.
    is_final: bool,
    /// Until when the year's revenue is to be reported.
    report_due_on: NaiveDate,
    /// What stays withheld: what can be asked back by whoever is at or below the threshold.
    #[schema(example = 1_000)]
    vat_vnd: i64,
    #[schema(example = 500)]
    pit_vnd: i64,
    /// As declared, with every difference.
    #[schema(max_items = 200)]
    months: Vec<TaxMonthView>,
    /// Issued of this year and its months so far.
    #[schema(max_items = 100)]
    certificates: Vec<TaxCertificateView>,
}

impl From<Pack> for TaxRefundPackView {
    fn from(pack: Pack) -> Self {
        let is_eligible = pack.is_eligible();
        let Pack { gauge, months, total, certificates, is_final, report_due_on, .. } = pack;
        Self {
            gauge: gauge.into(),
            is_eligible,
            is_final,
            report_due_on,
            vat_vnd: total.net_vat(),
            pit_vnd: total.net_pit(),
            months: months.into_iter().map(TaxMonthView::from).collect(),
            certificates: certificates.into_iter().map(TaxCertificateView::from).collect(),
        }
    }
}

/// A file of a refund pack.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary, max_length = 50_000_000)]
#[expect(dead_code, reason = "describes bytes")]
struct PackFile(Vec<u8>);

/// Show how near my year is to the tax threshold.
///
/// Revenue through the platform by Vietnam's calendar, against the threshold of Decree 141/2026, and what it means. Who
/// comes near it is told at 70 %, at 90 % and when it is passed.
#[utoipa::path(tag = "Selling", operation_id = "show_tax_gauge", params(TaxYearQuery),
    responses((status = 200, body = TaxGaugeView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/tax-gauge")]
async fn show_tax_gauge(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<TaxYearQuery>,
) -> Result<HttpResponse> {
    let year = query.0.year.map(Whole::value);
    let (_, gauge) = app.db.read(&actor.0, move |tx| pack::gauge(tx, year)).await?;
    json_answer(&request, None, &TaxGaugeView::from(gauge))
}

/// Show what I need to get withheld tax back.
///
/// Whoever sold for no more than the threshold in a year owes no tax of it: what was withheld, month by month, with the
/// certificates, and until when the year's revenue is to be reported.
#[utoipa::path(tag = "Selling", operation_id = "show_tax_refund_pack", params(TaxYearQuery),
    responses((status = 200, body = TaxRefundPackView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/tax-refund-pack")]
async fn show_tax_refund_pack(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<TaxYearQuery>,
) -> Result<HttpResponse> {
    let year = query.0.year.map(Whole::value);
    let pack = app.db.read(&actor.0, move |tx| pack::pack(tx, year)).await?;
    json_answer(&request, None, &TaxRefundPackView::from(pack))
}

/// Download what I need to get withheld tax back on paper.
///
/// A PDF in Vietnamese to sign and hand in. Who downloads it is on record.
#[utoipa::path(tag = "Selling", operation_id = "show_tax_refund_paper", params(TaxYearQuery),
    responses((status = 200, content_type = "application/pdf", body = inline(PackFile), description = "The paper")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/tax-refund-pack.pdf")]
async fn show_tax_refund_paper(
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<TaxYearQuery>,
) -> Result<HttpResponse> {
    let year = query.0.year.map(Whole::value);
    let gathering = app.db.write(&actor.0, move |tx| pack::taken_away(tx, year, "tax-refund-pack.pdf"));
    http::file(PDF, gathering, pack::paper).await
}

/// Download what I need to get withheld tax back as a workbook.
///
/// XLSX in Vietnamese: by month, certificates, and every order with its tax. Who downloads it is on record.
#[utoipa::path(tag = "Selling", operation_id = "download_tax_refund_pack", params(TaxYearQuery),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        body = inline(PackFile), description = "The workbook")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/tax-refund-pack.xlsx")]
async fn download_tax_refund_pack(
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<TaxYearQuery>,
) -> Result<HttpResponse> {
    let year = query.0.year.map(Whole::value);
    let gathering = app.db.write(&actor.0, move |tx| {
        let pack = pack::taken_away(tx, year, "tax-refund-pack.xlsx")?;
        let listed = pack::orders_of(tx, &pack)?;
        Ok((pack, listed))
    });
    http::file(sheet::XLSX, gathering, |(pack, listed)| pack::workbook(pack, listed)).await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(show_tax_gauge)
        .service(show_tax_refund_pack)
        .service(show_tax_refund_paper)
        .service(download_tax_refund_pack);
}
