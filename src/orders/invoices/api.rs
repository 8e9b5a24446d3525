//! A producer's data for e-invoices.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::files;
use super::gather::{self, Entry, Line};
use crate::app::App;
use crate::documents::sheet;
use crate::input;
use crate::kernel::http::{self, Cursor, Page, ProducerSurface, Query, json as json_answer};
use crate::kernel::input::{FaultCode, Opaque, Whole};
use crate::kernel::{Actor, Error, Month, OrderId, RefundId, Result, Vnd};
use crate::producers;

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 20;
/// Orders and refunds that one file holds; pages hold all of them.
const ENTRIES_MAX: i64 = 20_000;

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct InvoiceDataQuery {
        /// The month in Vietnam in which the order was completed or the refund was owed; this one unless given.
        #[param(inline)]
        pub month: Option<Month>,
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct InvoiceFileQuery {
        /// The month in Vietnam in which the order was completed or the refund was owed; this one unless given.
        #[param(inline)]
        pub month: Option<Month>,
    }
}

/// Goods as they were delivered.
#[derive(Serialize, ToSchema)]
pub struct InvoiceLineView {
    #[schema(max_length = 200, example = "Mật ong bạc hà")]
    name: String,
    #[schema(max_length = 100, example = "Chai 1 lít")]
    variant: String,
    #[schema(max_length = 20, example = "bottle")]
    unit: String,
    #[schema(minimum = 0, maximum = 10_000, example = 2)]
    quantity: i32,
    price_vnd: Vnd,
    /// What a voucher took off, and what was paid back before the order was complete.
    discount_vnd: Vnd,
    total_vnd: Vnd,
}

impl From<Line> for InvoiceLineView {
    fn from(line: Line) -> Self {
        let Line { name, variant, unit, quantity, price_vnd, discount_vnd, total_vnd } = line;
        Self { name, variant, unit, quantity, price_vnd, discount_vnd, total_vnd }
    }
}

/// An order that was completed, or a refund after that, which corrects its invoice.
#[derive(Serialize, ToSchema)]
pub struct InvoiceDataView {
    /// The refund, or else the order.
    #[schema(example = "01938d6e-7a3c-7c4e-9f00-3f1f6c1e2a4b")]
    pub id: Uuid,
    order_id: OrderId,
    #[schema(max_length = 20, example = "7K3M9QXP")]
    order_code: String,
    /// Of a refund: the invoice of the order is corrected by it.
    refund_id: Option<RefundId>,
    /// When the order was confirmed as complete, or the refund was owed.
    pub at: DateTime<Utc>,
    ordered_at: DateTime<Utc>,
    paid_at: Option<DateTime<Utc>>,
    delivered_at: Option<DateTime<Utc>>,
    #[schema(max_length = 100, example = "Nguyễn Thị Hoà")]
    buyer_name: String,
    #[schema(max_length = 20, example = "+84912345678")]
    buyer_phone: String,
    #[schema(max_length = 500, example = "Số 1, tổ 3, Đồng Văn")]
    buyer_address: String,
    /// None of a refund.
    #[schema(max_items = 100)]
    lines: Vec<InvoiceLineView>,
    shipping_vnd: Vnd,
    /// What the buyer paid for the order.
    total_vnd: Vnd,
    /// What you got of it, with what others pay of a voucher; of a refund, what you have less.
    amount_vnd: Vnd,
}

impl From<Entry> for InvoiceDataView {
    fn from(entry: Entry) -> Self {
        let Entry { id, order_id, order_code, refund_id, at, ordered_at, paid_at, delivered_at, .. } = entry;
        let Entry { buyer_name, buyer_phone, buyer_address, lines, shipping_vnd, total_vnd, amount_vnd, .. } = entry;
        Self {
            id,
            order_id,
            order_code,
            refund_id,
            at,
            ordered_at,
            paid_at,
            delivered_at,
            buyer_name,
            buyer_phone,
            buyer_address,
            lines: lines.into_iter().map(InvoiceLineView::from).collect(),
            shipping_vnd,
            total_vnd,
            amount_vnd,
        }
    }
}

/// Hand-over data as a file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary, max_length = 50_000_000)]
#[expect(dead_code, reason = "describes bytes")]
struct InvoiceFile(Vec<u8>);

/// List what I need to write e-invoices.
///
/// Of every order that was completed in a month its buyer, its goods, when it was delivered and when it was confirmed
/// (Decree 254/2026, articles 17 to 19), the first first; and every refund after that, in the month of the refund, to
/// correct the invoice. Only orders of one's own.
#[utoipa::path(tag = "Selling", operation_id = "list_invoice_data", params(InvoiceDataQuery),
    responses((status = 200, body = Page<InvoiceDataView>, description = "A page of the month")),
    extensions(("x-roles" = json!(["producer"])),
        ("x-problems" = json!(["cursor_mismatch", "producers.not_registered"]))))]
#[get("/v1/producer/invoice-data")]
async fn list_invoice_data(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<InvoiceDataQuery>,
) -> Result<HttpResponse> {
    let InvoiceDataQuery { month, cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let named = month.map(|month| month.to_string()).unwrap_or_default();
    let links = Cursor::new(&app.config.cursor_key, format!("invoice-data {named}"));
    let after: Option<(DateTime<Utc>, Uuid)> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let rows = i64::from(limit).saturating_add(1);
    let entries: Vec<InvoiceDataView> = app
        .db
        .read(&actor.0, move |tx| {
            let producer_id = producers::registered(tx)?;
            let month = month.unwrap_or_else(|| Month::of(tx.now));
            let span = (month.begins_at()?, month.ends_at()?);
            let entries = gather::entries(tx, producer_id, span, after, rows)?;
            Ok(entries.into_iter().map(InvoiceDataView::from).collect())
        })
        .await?;
    let page = links.page(entries, usize::try_from(limit).unwrap_or(1), |entry| (entry.at, entry.id))?;
    json_answer(&request, None, &page)
}

/// All of a month, with the moment of what is told.
async fn of_month(app: &Data<App>, actor: &Actor, month: Option<Month>) -> Result<(Vec<Entry>, DateTime<Utc>)> {
    app.db
        .read(actor, move |tx| {
            let producer_id = producers::registered(tx)?;
            let month = month.unwrap_or_else(|| Month::of(tx.now));
            let span = (month.begins_at()?, month.ends_at()?);
            let entries = gather::entries(tx, producer_id, span, None, ENTRIES_MAX.saturating_add(1))?;
            if i64::try_from(entries.len()).map_err(Error::internal)? > ENTRIES_MAX {
                return Err(Error::invalid("/month", FaultCode::OutOfRange, &format!("≤ {ENTRIES_MAX}")));
            }
            Ok((entries, span.1.min(tx.now)))
        })
        .await
}

/// Download what I need to write e-invoices as a workbook.
///
/// XLSX in Vietnamese: a row for each line of goods, and one for each refund. At most 20,000 orders and refunds.
#[utoipa::path(tag = "Selling", operation_id = "download_invoice_data", params(InvoiceFileQuery),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        body = inline(InvoiceFile), description = "The workbook")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/invoice-data.xlsx")]
async fn download_invoice_data(
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<InvoiceFileQuery>,
) -> Result<HttpResponse> {
    let gathering = of_month(&app, &actor.0, query.0.month);
    http::file(sheet::XLSX, gathering, |(entries, made_at)| files::workbook(entries, *made_at)).await
}

/// Download what I need to write e-invoices as CSV.
///
/// The same table in UTF-8 with a byte order mark.
#[utoipa::path(tag = "Selling", operation_id = "download_invoice_table", params(InvoiceFileQuery),
    responses((status = 200, content_type = "text/csv", body = inline(InvoiceFile), description = "The table")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/invoice-data.csv")]
async fn download_invoice_table(
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<InvoiceFileQuery>,
) -> Result<HttpResponse> {
    let gathering = of_month(&app, &actor.0, query.0.month);
    http::file(sheet::CSV, gathering, |(entries, _)| files::table_csv(entries)).await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_invoice_data).service(download_invoice_data).service(download_invoice_table);
}
