//! Sales reports over HTTP.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Figures, GroupBy, Question, SalesQuery};
use super::report::{Report, Row, report};
use crate::app::App;
use crate::kernel::http::{self, OfficialSurface, OperatorSurface, Query};
use crate::kernel::{Actor, Result};

/// Sales in one period, by day, place, product set or producer.
#[derive(Debug, Serialize, ToSchema)]
pub struct SalesReport {
    /// First day, in Vietnam.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    pub group_by: GroupBy,
    /// By value, largest first; by day in the order of time. Groups without sales are left out.
    #[schema(max_items = 1000)]
    pub rows: Vec<SalesGroup>,
    pub total: SalesFigures,
    /// Whether there are more groups than a report has room for. The total covers them.
    pub is_cut: bool,
}

/// One day, commune, former district, product set or producer.
#[derive(Debug, Serialize, ToSchema)]
pub struct SalesGroup {
    /// The day, the official code, the set's number, or the producer's id.
    #[schema(example = "00721", max_length = 36)]
    pub key: String,
    #[schema(example = "Đồng Văn", max_length = 300)]
    pub name: String,
    #[serde(flatten)]
    pub figures: SalesFigures,
}

/// What was paid and not cancelled.
#[derive(Debug, Serialize, ToSchema)]
pub struct SalesFigures {
    /// Whole đồng.
    #[schema(minimum = 0, example = 12_500_000)]
    pub value_vnd: i64,
    /// Orders with at least one such line. An order in two groups counts in both, in the total once.
    #[schema(minimum = 0, example = 42)]
    pub orders: i64,
    /// Sale units: boxes, bottles, kilograms …, as the variants are sold.
    #[schema(minimum = 0, example = 180)]
    pub units: i64,
    /// Net weight in grams.
    #[schema(minimum = 0, example = 90_000)]
    pub weight_g: i64,
}

impl From<Figures> for SalesFigures {
    fn from(figures: Figures) -> Self {
        let Figures { value_vnd, orders, units, grams } = figures;
        Self { value_vnd, orders, units, weight_g: grams }
    }
}

impl From<Row> for SalesGroup {
    fn from(row: Row) -> Self {
        let Row { key, name, figures } = row;
        Self { key, name, figures: figures.into() }
    }
}

impl From<Report> for SalesReport {
    fn from(report: Report) -> Self {
        let Report { question, rows, total, is_cut } = report;
        let Question { from, to, group_by, .. } = question;
        Self { from, to, group_by, rows: rows.into_iter().map(SalesGroup::from).collect(), total: total.into(), is_cut }
    }
}

async fn answer(request: &HttpRequest, app: &Data<App>, actor: &Actor, query: SalesQuery) -> Result<HttpResponse> {
    let found = app.db.read(actor, move |tx| report(tx, &query)).await?;
    http::json(request, None, &SalesReport::from(found))
}

/// Report the sales of your territory.
///
/// Counts what was paid on Vietnamese days from `from` to `to`, both included, at most 400 days, and not cancelled or
/// refused since. Only products from the official's province or communes are counted, whoever sells them. Without
/// dates: the last 30 days. An order counts once in each group in which it has a line, and once in the total.
#[utoipa::path(tag = "Insights", operation_id = "report_sales_of_territory",
    params(SalesQuery),
    responses((status = 200, body = SalesReport)),
    extensions(("x-roles" = json!(["official"])), ("x-problems" = json!([]))))]
#[get("/v1/official/sales")]
async fn official_sales(
    request: HttpRequest,
    app: Data<App>,
    actor: OfficialSurface,
    query: Query<SalesQuery>,
) -> Result<HttpResponse> {
    answer(&request, &app, &actor.0, query.0).await
}

/// Report all sales.
///
/// The same as the officials' report, without a territory.
#[utoipa::path(tag = "Insights", operation_id = "report_sales",
    params(SalesQuery),
    responses((status = 200, body = SalesReport)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!([]))))]
#[get("/v1/operator/sales")]
async fn operator_sales(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<SalesQuery>,
) -> Result<HttpResponse> {
    answer(&request, &app, &actor.0, query.0).await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(official_sales).service(operator_sales);
}
