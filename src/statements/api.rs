//! A producer's statement as files.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use chrono::NaiveDate;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{gather, render};
use crate::app::App;
use crate::documents::{PDF, sheet};
use crate::input;
use crate::kernel::Result;
use crate::kernel::http::{self, ProducerSurface, Query};

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct StatementSpanQuery {
        /// The first day in Vietnam; that of the last day's month unless given.
        #[param(inline)]
        pub from: Option<NaiveDate>,
        /// The last day in Vietnam; today unless given. At most 366 days after the first.
        #[param(inline)]
        pub until: Option<NaiveDate>,
    }
}

/// A statement as a file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary, max_length = 50_000_000)]
#[expect(dead_code, reason = "describes bytes")]
struct StatementFile(Vec<u8>);

/// Download my statement on paper.
///
/// A PDF in Vietnamese: what was there, every movement with its reason, and what is there. Its sums are those of the books.
/// At most 5,000 movements; a shorter span has fewer.
#[utoipa::path(tag = "Selling", operation_id = "show_statement_paper", params(StatementSpanQuery),
    responses((status = 200, content_type = "application/pdf", body = inline(StatementFile), description = "The paper")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/statement.pdf")]
async fn show_statement_paper(
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<StatementSpanQuery>,
) -> Result<HttpResponse> {
    let StatementSpanQuery { from, until } = query.0;
    let gathering = app.db.read(&actor.0, move |tx| gather::statement(tx, from, until));
    http::file(PDF, gathering, render::paper).await
}

/// Download my statement as a workbook.
///
/// XLSX in Vietnamese, with the same lines and sums.
#[utoipa::path(tag = "Selling", operation_id = "download_statement", params(StatementSpanQuery),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        body = inline(StatementFile), description = "The workbook")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/statement.xlsx")]
async fn download_statement(
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<StatementSpanQuery>,
) -> Result<HttpResponse> {
    let StatementSpanQuery { from, until } = query.0;
    let gathering = app.db.read(&actor.0, move |tx| gather::statement(tx, from, until));
    http::file(sheet::XLSX, gathering, render::workbook).await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(show_statement_paper).service(download_statement);
}
