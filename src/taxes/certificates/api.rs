//! A producer's certificates.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::issue::{self, Issued, Span};
use super::paper;
use super::store::{self, Certificate};
use crate::app::App;
use crate::documents::PDF;
use crate::input;
use crate::kernel::http::{
    self, Answer, Command, Cursor, KeyRule, Page, PathId, ProducerSurface, Query, json as json_answer,
};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Error, Result, TaxCertificateId};
use crate::producers;

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 20;

input! {
    /// Of which time a certificate is wanted.
    pub struct NewTaxCertificate {
        #[schema(example = 2026)]
        pub year: Whole<2026, 2100>,
        /// The whole year unless given.
        #[schema(example = 11)]
        pub month: Option<Whole<1, 12>>,
    }
}

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct TaxCertificatesQuery {
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

/// A certificate of withheld tax.
#[derive(Serialize, ToSchema)]
pub struct TaxCertificateView {
    pub id: TaxCertificateId,
    /// Numbers of a year follow each other without a gap.
    #[schema(max_length = 20, example = "CTKT-2026-0000001")]
    code: String,
    /// A month, or a year.
    #[schema(max_length = 7, pattern = "^[0-9]{4}(-(0[1-9]|1[0-2]))?$", example = "2026-11")]
    span: String,
    #[schema(max_length = 200, example = "Hộ nuôi ong Mèo Vạc")]
    name: String,
    #[schema(max_length = 14, example = "5100123456")]
    tax_code: Option<String>,
    #[schema(max_length = 300, example = "Thôn Làng Giang")]
    address: String,
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
    issued_at: DateTime<Utc>,
}

impl From<Certificate> for TaxCertificateView {
    fn from(certificate: Certificate) -> Self {
        let code = certificate.code();
        let Certificate { id, span, name, tax_code, address, revenue_vnd, issued_at, .. } = certificate;
        let Certificate { withheld_vat_vnd, withheld_pit_vnd, returned_revenue_vnd, .. } = certificate;
        let Certificate { returned_vat_vnd, returned_pit_vnd, .. } = certificate;
        Self {
            id,
            code,
            span,
            name,
            tax_code,
            address,
            revenue_vnd,
            withheld_vat_vnd,
            withheld_pit_vnd,
            returned_revenue_vnd,
            returned_vat_vnd,
            returned_pit_vnd,
            issued_at,
        }
    }
}

/// A certificate on paper.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary, max_length = 2_000_000)]
#[expect(dead_code, reason = "describes bytes")]
struct CertificatePaper(Vec<u8>);

/// List my certificates of withheld tax.
///
/// The newest first.
#[utoipa::path(tag = "Selling", operation_id = "list_tax_certificates", params(TaxCertificatesQuery),
    responses((status = 200, body = Page<TaxCertificateView>, description = "A page of certificates")),
    extensions(("x-roles" = json!(["producer"])),
        ("x-problems" = json!(["cursor_mismatch", "producers.not_registered"]))))]
#[get("/v1/producer/tax-certificates")]
async fn list_tax_certificates(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<TaxCertificatesQuery>,
) -> Result<HttpResponse> {
    let TaxCertificatesQuery { cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, "tax-certificates".to_owned());
    let before: Option<Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let certificates: Vec<TaxCertificateView> = app
        .db
        .read(&actor.0, move |tx| {
            let producer_id = producers::registered(tx)?;
            let rows = i64::from(limit).saturating_add(1);
            let found = store::list(tx, producer_id, before.map(TaxCertificateId), rows)?;
            Ok(found.into_iter().map(TaxCertificateView::from).collect())
        })
        .await?;
    let page = links.page(certificates, usize::try_from(limit).unwrap_or(1), |certificate| certificate.id)?;
    json_answer(&request, None, &page)
}

/// Ask for a certificate of withheld tax.
///
/// Of a month that is closed, or of a year whose months are. Asked for again it is the same one, with 200, unless more was
/// declared of that time since.
#[utoipa::path(tag = "Selling", operation_id = "issue_tax_certificate", request_body = NewTaxCertificate,
    responses((status = 201, body = TaxCertificateView), (status = 200, body = TaxCertificateView)),
    extensions(("x-roles" = json!(["producer"])),
        ("x-problems" = json!(["producers.not_registered", "taxes.not_closed", "taxes.nothing_withheld"]))))]
#[post("/v1/producer/tax-certificates")]
async fn issue_tax_certificate(
    app: Data<App>,
    actor: ProducerSurface,
    command: Command<NewTaxCertificate>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, |tx, new| {
            let NewTaxCertificate { year, month } = new;
            let span = Span::new(year.value(), month.map(Whole::value));
            let span = span.ok_or_else(|| Error::internal("a month beyond the calendar"))?;
            let (certificate, issued) = issue::issue(tx, span)?;
            let place = format!("/v1/producer/tax-certificates/{}", certificate.id);
            let view = TaxCertificateView::from(certificate);
            match issued {
                Issued::Now => Answer::created(&view, place),
                Issued::Before => Answer::ok(&view),
            }
        })
        .await
}

/// Show one of my certificates of withheld tax.
///
/// As it was issued: what is declared later of the same time is told by another one.
#[utoipa::path(tag = "Selling", operation_id = "show_tax_certificate",
    params(("id" = TaxCertificateId, Path, description = "The certificate")),
    responses((status = 200, body = TaxCertificateView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["not_found", "producers.not_registered"]))))]
#[get("/v1/producer/tax-certificates/{id}")]
async fn show_tax_certificate(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<TaxCertificateId>,
) -> Result<HttpResponse> {
    let certificate = app
        .db
        .read(&actor.0, move |tx| {
            let producer_id = producers::registered(tx)?;
            store::find(tx, producer_id, id.0)
        })
        .await?;
    json_answer(&request, None, &TaxCertificateView::from(certificate))
}

/// Download one of my certificates of withheld tax on paper.
///
/// A PDF in Vietnamese, with a row for each month. Who downloads it is on record.
#[utoipa::path(tag = "Selling", operation_id = "show_tax_certificate_paper",
    params(("id" = TaxCertificateId, Path, description = "The certificate")),
    responses((status = 200, content_type = "application/pdf", body = inline(CertificatePaper), description = "The paper")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["not_found", "producers.not_registered"]))))]
#[get("/v1/producer/tax-certificates/{id}/certificate.pdf")]
async fn show_tax_certificate_paper(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<TaxCertificateId>,
) -> Result<HttpResponse> {
    let gathering = app.db.write(&actor.0, move |tx| paper::gather(tx, id.0));
    http::file(PDF, gathering, paper::paper).await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_tax_certificates)
        .service(issue_tax_certificate)
        .service(show_tax_certificate_paper)
        .service(show_tax_certificate);
}
