//! The operator's routes of tax.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::NaiveDate;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::views::{TaxPaymentView, TaxPeriodView, TaxSellerView};
use super::{amend, declare, files, pay, store, views};
use crate::app::App;
use crate::documents::sheet;
use crate::input;
use crate::kernel::http::{
    self, Answer, Command, Cursor, KeyRule, NoBody, OperatorSurface, Page, PathId, Query, json as json_answer,
};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Audience, ProducerId, Result, TaxPaymentId, TaxPeriodId, Text};

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 20;

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct TaxPageQuery {
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

input! {
    /// Under which number a declaration was handed in.
    pub struct NewTaxFiling {
        /// The number that the tax office gave.
        #[schema(example = "11020260001234567")]
        pub reference: Text<100>,
        /// Not after today.
        #[schema(example = "2026-11-20")]
        pub filed_on: NaiveDate,
    }
}

input! {
    /// What went to the state.
    pub struct NewTaxPayment {
        /// Of the bank or the treasury.
        #[schema(example = "FT26351000123")]
        pub reference: Text<100>,
        /// Not after today.
        #[schema(example = "2026-11-20")]
        pub paid_on: NaiveDate,
    }
}

input! {
    /// Why a month is declared once more.
    pub struct TaxAmendment {
        #[schema(example = "Giao dịch ghi nhận sau khi khóa sổ")]
        pub reason: Text<500>,
    }
}

/// A table as a file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary, max_length = 50_000_000)]
#[expect(dead_code, reason = "describes bytes")]
struct TableFile(Vec<u8>);

/// List the months of tax.
///
/// The newest first. A month is closed when it is over in Vietnam; what was returned in it is set off against what was
/// withheld in it, and what is left over against the next one.
#[utoipa::path(tag = "Money", operation_id = "list_tax_periods", params(TaxPageQuery),
    responses((status = 200, body = Page<TaxPeriodView>, description = "A page of months")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/operator/tax-periods")]
async fn list_tax_periods(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<TaxPageQuery>,
) -> Result<HttpResponse> {
    let TaxPageQuery { cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, "tax-periods".to_owned());
    let before: Option<NaiveDate> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let months = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let found = store::list(tx, before, i64::from(limit).saturating_add(1))?;
            views::periods(tx, found)
        })
        .await?;
    let page = links.page(months, usize::try_from(limit).unwrap_or(1), |period| period.month.first_day())?;
    json_answer(&request, None, &page)
}

/// Show a month of tax.
///
/// With its declaration, every difference, their parts by province, and what was paid.
#[utoipa::path(tag = "Money", operation_id = "show_tax_period", params(("id" = TaxPeriodId, Path, description = "The month")),
    responses((status = 200, body = TaxPeriodView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/operator/tax-periods/{id}")]
async fn show_tax_period(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<TaxPeriodId>,
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            views::period(tx, id.0)
        })
        .await?;
    json_answer(&request, None, &view)
}

/// List of whom tax was withheld in a month.
///
/// The annex of its declaration and of every difference: sellers as they were called and lived when it was closed.
#[utoipa::path(tag = "Money", operation_id = "list_tax_sellers",
    params(("id" = TaxPeriodId, Path, description = "The month"), TaxPageQuery),
    responses((status = 200, body = Page<TaxSellerView>, description = "A page of the annex")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["cursor_mismatch", "not_found"]))))]
#[get("/v1/operator/tax-periods/{id}/sellers")]
async fn list_tax_sellers(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<TaxPeriodId>,
    query: Query<TaxPageQuery>,
) -> Result<HttpResponse> {
    let TaxPageQuery { cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, format!("tax-sellers {}", id.0));
    let after: Option<(i32, uuid::Uuid)> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let sellers: Vec<TaxSellerView> = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            store::find(tx, id.0)?;
            let after = after.map(|(revision, id)| (revision, ProducerId(id)));
            let found = store::sellers(tx, id.0, after, i64::from(limit).saturating_add(1))?;
            Ok(found.into_iter().map(TaxSellerView::from).collect())
        })
        .await?;
    let place = |seller: &TaxSellerView| (seller.revision, seller.producer_id);
    let page = links.page(sellers, usize::try_from(limit).unwrap_or(1), place)?;
    json_answer(&request, None, &page)
}

/// Download a month's declaration as a workbook.
///
/// XLSX in Vietnamese: what it comes to, the annex by seller, and the parts of provinces, with every difference. Who
/// downloads it is on record.
#[utoipa::path(tag = "Money", operation_id = "download_tax_declaration",
    params(("id" = TaxPeriodId, Path, description = "The month")),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        body = inline(TableFile), description = "The workbook")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/operator/tax-periods/{id}/declaration.xlsx")]
async fn download_tax_declaration(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<TaxPeriodId>,
) -> Result<HttpResponse> {
    let gathering = app.db.write(&actor.0, move |tx| files::gather(tx, id.0, "declaration.xlsx"));
    http::file(sheet::XLSX, gathering, files::workbook).await
}

/// Download a month's annex as CSV.
///
/// One row for each seller and revision, in UTF-8 with a byte order mark. Who downloads it is on record.
#[utoipa::path(tag = "Money", operation_id = "download_tax_annex",
    params(("id" = TaxPeriodId, Path, description = "The month")),
    responses((status = 200, content_type = "text/csv", body = inline(TableFile), description = "The table")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/operator/tax-periods/{id}/annex.csv")]
async fn download_tax_annex(app: Data<App>, actor: OperatorSurface, id: PathId<TaxPeriodId>) -> Result<HttpResponse> {
    let gathering = app.db.write(&actor.0, move |tx| files::gather(tx, id.0, "annex.csv"));
    http::file(sheet::CSV, gathering, files::annex_csv).await
}

/// Say that a month was declared.
///
/// Its newest declaration was handed to the tax office, under the number that it gave.
#[utoipa::path(tag = "Money", operation_id = "declare_tax_period", request_body = NewTaxFiling,
    params(("id" = TaxPeriodId, Path, description = "The month")),
    responses((status = 200, body = TaxPeriodView)),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "taxes.action_not_allowed"]))))]
#[post("/v1/operator/tax-periods/{id}/declare")]
async fn declare_tax_period(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<TaxPeriodId>,
    command: Command<NewTaxFiling>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, new| {
            let NewTaxFiling { reference, filed_on } = new;
            declare::declare(tx, id.0, reference.into_string(), filed_on)?;
            Answer::ok(&views::period(tx, id.0)?)
        })
        .await
}

/// Declare a month once more.
///
/// As a difference: what happened in it and is in no declaration yet. What is left alone is declared with the month that
/// is closed next.
#[utoipa::path(tag = "Money", operation_id = "amend_tax_period", request_body = TaxAmendment,
    params(("id" = TaxPeriodId, Path, description = "The month")),
    responses((status = 200, body = TaxPeriodView)),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "taxes.action_not_allowed", "taxes.nothing_to_amend"]))))]
#[post("/v1/operator/tax-periods/{id}/amend")]
async fn amend_tax_period(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<TaxPeriodId>,
    command: Command<TaxAmendment>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, new| {
            amend::amend(tx, id.0, new.reason.into_string())?;
            Answer::ok(&views::period(tx, id.0)?)
        })
        .await
}

/// Propose that a month was paid.
///
/// All that its newest declaration says. It counts when another person has approved it.
#[utoipa::path(tag = "Money", operation_id = "propose_tax_payment", request_body = NewTaxPayment,
    params(("id" = TaxPeriodId, Path, description = "The month")),
    responses((status = 201, body = TaxPaymentView)),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "taxes.action_not_allowed", "taxes.payment_pending"]))))]
#[post("/v1/operator/tax-periods/{id}/payments")]
async fn propose_tax_payment(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<TaxPeriodId>,
    command: Command<NewTaxPayment>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, new| {
            let NewTaxPayment { reference, paid_on } = new;
            let payment = pay::propose(tx, id.0, reference.into_string(), paid_on)?;
            Answer::created(&TaxPaymentView::from(payment), format!("/v1/operator/tax-periods/{}", id.0))
        })
        .await
}

/// Approve a payment of tax.
///
/// By another person than the one who proposed it. The money leaves the books with it, and the month is paid.
#[utoipa::path(tag = "Money", operation_id = "approve_tax_payment", request_body = NoBody,
    params(("id" = TaxPaymentId, Path, description = "The payment")),
    responses((status = 200, body = TaxPaymentView)),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "taxes.action_not_allowed", "taxes.second_person_needed"]))))]
#[post("/v1/operator/tax-payments/{id}/approve")]
async fn approve_tax_payment(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<TaxPaymentId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, _| {
            Answer::ok(&TaxPaymentView::from(pay::approve(tx, id.0)?))
        })
        .await
}

/// Reject a payment of tax.
///
/// Nothing has moved; another one may be proposed.
#[utoipa::path(tag = "Money", operation_id = "reject_tax_payment", request_body = NoBody,
    params(("id" = TaxPaymentId, Path, description = "The payment")),
    responses((status = 200, body = TaxPaymentView)),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "taxes.action_not_allowed"]))))]
#[post("/v1/operator/tax-payments/{id}/reject")]
async fn reject_tax_payment(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<TaxPaymentId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, _| Answer::ok(&TaxPaymentView::from(pay::reject(tx, id.0)?)))
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_tax_periods)
        .service(list_tax_sellers)
        .service(download_tax_declaration)
        .service(download_tax_annex)
        .service(declare_tax_period)
        .service(amend_tax_period)
        .service(propose_tax_payment)
        .service(approve_tax_payment)
        .service(reject_tax_payment)
        .service(show_tax_period);
}
