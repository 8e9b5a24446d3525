//! The operator's routes of files for a bank.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::files::{self, Content};
use super::store;
use super::views::OutgoingFileView;
use crate::app::App;
use crate::documents::sheet;
use crate::input;
use crate::kernel::http::{self, Answer, Command, Cursor, KeyRule, NoBody, OperatorSurface, Page, PathId, Query};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Actor, Audience, OutgoingFileId, Result};

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 20;

/// A table as a file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary, max_length = 2_000_000)]
#[expect(dead_code, reason = "describes bytes")]
struct OutgoingTable(Vec<u8>);

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct OutgoingFilesQuery {
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

/// List files for the bank.
///
/// The newest first.
#[utoipa::path(tag = "Money", operation_id = "list_outgoing_files", params(OutgoingFilesQuery),
    responses((status = 200, body = Page<OutgoingFileView>, description = "A page of files")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/operator/outgoing-files")]
async fn list_outgoing_files(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<OutgoingFilesQuery>,
) -> Result<HttpResponse> {
    let OutgoingFilesQuery { cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, "outgoing_files".to_owned());
    let before: Option<Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let rows: Vec<OutgoingFileView> = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let rows = store::list_files(tx, before.map(OutgoingFileId), i64::from(limit).saturating_add(1))?;
            Ok(rows.into_iter().map(OutgoingFileView::from).collect())
        })
        .await?;
    let page = links.page(rows, usize::try_from(limit).unwrap_or(1), |row| row.id)?;
    http::json(&request, None, &page)
}

/// Make a file for the bank.
///
/// Of everything that is approved and goes by file, at most 200 transfers. What is in it counts as sent and stands in no
/// other file; what a daily cap leaves over waits for another day.
#[utoipa::path(tag = "Money", operation_id = "make_outgoing_file", request_body = NoBody,
    responses((status = 201, body = OutgoingFileView)),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["outgoing.stopped", "outgoing.nothing_to_send"]))))]
#[post("/v1/operator/outgoing-files")]
async fn make_outgoing_file(app: Data<App>, actor: OperatorSurface, command: Command<NoBody>) -> Result<HttpResponse> {
    let rules = app.outgoing.rules;
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, _| {
            let view = OutgoingFileView::from(files::make(tx, rules)?);
            let location = format!("/v1/operator/outgoing-files/{}/transfers.xlsx", view.id);
            Answer::created(&view, location)
        })
        .await
}

async fn content(app: &Data<App>, actor: &Actor, id: OutgoingFileId, format: &'static str) -> Result<Content> {
    let vault = app.outgoing.vault.clone();
    app.db.write(actor, move |tx| files::content(tx, &vault, id, format)).await
}

/// Download a file for the bank as CSV.
///
/// With the whole numbers of the accounts: hand it to the bank and keep it nowhere else. Who downloads it is on record.
#[utoipa::path(tag = "Money", operation_id = "download_outgoing_csv",
    params(("id" = OutgoingFileId, Path, description = "The file")),
    responses((status = 200, content_type = "text/csv", body = inline(OutgoingTable), description = "The file")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/operator/outgoing-files/{id}/transfers.csv")]
async fn download_outgoing_csv(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<OutgoingFileId>,
) -> Result<HttpResponse> {
    let gathering = content(&app, &actor.0, id.0, "csv");
    http::file(sheet::CSV, gathering, |content| sheet::csv(&content.sheet())).await
}

/// Download a file for the bank as a workbook.
///
/// The same as the CSV, as XLSX, on record as well.
#[utoipa::path(tag = "Money", operation_id = "download_outgoing_xlsx",
    params(("id" = OutgoingFileId, Path, description = "The file")),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        body = inline(OutgoingTable), description = "The file")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/operator/outgoing-files/{id}/transfers.xlsx")]
async fn download_outgoing_xlsx(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<OutgoingFileId>,
) -> Result<HttpResponse> {
    let gathering = content(&app, &actor.0, id.0, "xlsx");
    http::file(sheet::XLSX, gathering, |content| sheet::xlsx(&[content.sheet()], content.made_at)).await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_outgoing_files)
        .service(make_outgoing_file)
        .service(download_outgoing_csv)
        .service(download_outgoing_xlsx);
}
