//! Settlement files: sent as they are, kept as they came.

use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::NaiveDate;
use futures_util::StreamExt as _;
use serde_json::json;
use sha2::Digest as _;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::import::{self, Import, Sent, find_known};
use super::mappings::{self, Mapping};
use super::model::{FileFormat, Line, ReconciliationRefusal};
use super::reading::{FILE_BYTES_MAX, lines, tables};
use super::store::{self, File, Sums};
use super::views::{SettlementFileRow, SettlementFileView};
use crate::app::App;
use crate::kernel::error::{CommonProblem, must_have_come};
use crate::kernel::http::{
    Answer, Cursor, OperatorSurface, Page, PathId, Query, json as json_answer, must_have_sound_key, read_query,
};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Audience, Error, Result, SettlementFileId, Tx};
use crate::payments::providers::ProviderId;
use crate::{audit, input};

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 20;
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A file as its provider wrote it.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary, max_length = 8_388_608)]
#[expect(dead_code, reason = "describes a body")]
struct SettlementFile(Vec<u8>);

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct SettlementQuery {
        /// Whose file it is.
        pub provider: ProviderId,
        /// The day that it settles.
        pub settled_on: NaiveDate,
    }
}

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct SettlementFilesQuery {
        /// Only of this provider.
        pub provider: Option<ProviderId>,
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

/// Send a settlement file.
///
/// The file itself is the body, at most 8 MiB and 20000 rows. It is read by the provider's rules that count now, whole or
/// not at all: every fault is named by row and column. What agrees is settled in the books, what does not waits as an
/// exception. The same file sent again changes nothing.
#[utoipa::path(tag = "Money", operation_id = "import_settlement_file", params(SettlementQuery),
    request_body(content((inline(SettlementFile) = "text/csv"),
                         (inline(SettlementFile) = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    responses((status = 201, body = SettlementFileView, description = "What came of it"),
              (status = 200, body = SettlementFileView, description = "What came of it when it was sent before")),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("none")),
               ("x-problems" = json!(["reconciliation.file_known", "reconciliation.not_a_settlement_file"]))))]
#[post("/v1/operator/settlement-files")]
async fn import_settlement_file(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    payload: Payload,
) -> Result<HttpResponse> {
    must_have_sound_key(&request)?;
    let SettlementQuery { provider, settled_on } = read_query(request.query_string())?;
    let mapping = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            must_have_come(tx.now, "/settled_on", settled_on)?;
            mappings::current(tx, provider)
        })
        .await?;
    let format = format_of(&request)?;
    let content = received(payload).await?;
    let sha256 = sha2::Sha256::digest(&content).to_vec();
    let sent = Sent { settled_on, mapping, format, sha256, content };
    let known = {
        let (sha256, mapping) = (sent.sha256.clone(), sent.mapping.clone());
        app.db
            .read(&actor.0, move |tx| {
                let known = find_known(tx, (&sha256, &mapping, settled_on))?;
                known.map(|file| with_sums(tx, file)).transpose()
            })
            .await?
    };
    if let Some(known) = known {
        return Ok(Answer::ok(&SettlementFileView::from(known))?.into_response());
    }
    let (sent, lines) = tokio::task::spawn_blocking(move || read(sent)).await.map_err(Error::internal)??;
    let (file, import) = app
        .db
        .write(&actor.0, move |tx| {
            let (file, import) = import::import(tx, &sent, &lines)?;
            Ok((with_sums(tx, file)?, import))
        })
        .await?;
    let location = format!("/v1/operator/settlement-files/{}", file.0.id);
    let view = SettlementFileView::from(file);
    let answer = match import {
        Import::Now => Answer::created(&view, location)?,
        Import::Before => Answer::ok(&view)?,
    };
    Ok(answer.into_response())
}

fn with_sums(tx: &mut Tx<'_>, file: File) -> Result<(File, Sums)> {
    let sums = store::sums(tx, file.id)?;
    Ok((file, sums))
}

/// Takes a while, and needs nothing but the file.
fn read(sent: Sent) -> Result<(Sent, Vec<Line>)> {
    let tables = tables(sent.format, &sent.content)?;
    let Mapping { rules, .. } = &sent.mapping;
    let found = lines(&tables, rules, sent.settled_on)?;
    Ok((sent, found))
}

/// What the client says; the content is read so, or not at all.
fn format_of(request: &HttpRequest) -> Result<FileFormat> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if length.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length > FILE_BYTES_MAX) {
        return Err(CommonProblem::BodyTooLarge.into());
    }
    match kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase().as_str() {
        "text/csv" => Ok(FileFormat::Csv),
        XLSX => Ok(FileFormat::Xlsx),
        _ => Err(ReconciliationRefusal::NotAFile.into()),
    }
}

async fn received(mut payload: Payload) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(part) = payload.next().await {
        let part = part.map_err(|_| CommonProblem::BodyMalformed)?;
        if bytes.len().saturating_add(part.len()) > FILE_BYTES_MAX {
            return Err(CommonProblem::BodyTooLarge.into());
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

/// List settlement files.
///
/// And the lists of providers that were read, the newest first.
#[utoipa::path(tag = "Money", operation_id = "list_settlement_files", params(SettlementFilesQuery),
    responses((status = 200, body = Page<SettlementFileRow>, description = "A page of files")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/operator/settlement-files")]
async fn list_settlement_files(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<SettlementFilesQuery>,
) -> Result<HttpResponse> {
    let SettlementFilesQuery { provider, cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, format!("settlement-files:{provider:?}"));
    let before: Option<uuid::Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let rows: Vec<SettlementFileRow> = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let files =
                store::list_files(tx, provider, before.map(SettlementFileId), i64::from(limit).saturating_add(1))?;
            Ok(files.into_iter().map(SettlementFileRow::from).collect())
        })
        .await?;
    let page = links.page(rows, usize::try_from(limit).unwrap_or(1), |row| row.id)?;
    json_answer(&request, None, &page)
}

/// Show what came of a settlement file.
///
/// How much of it was settled, and how many exceptions there were.
#[utoipa::path(tag = "Money", operation_id = "show_settlement_file",
    params(("id" = SettlementFileId, Path, description = "The file")),
    responses((status = 200, body = SettlementFileView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/operator/settlement-files/{id}")]
async fn show_settlement_file(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<SettlementFileId>,
) -> Result<HttpResponse> {
    let file = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let file = store::find_file(tx, id.0)?;
            with_sums(tx, file)
        })
        .await?;
    json_answer(&request, None, &SettlementFileView::from(file))
}

/// Load a settlement file as it came.
///
/// Byte for byte; its SHA-256 is shown with it. Who loads it is on record.
#[utoipa::path(tag = "Money", operation_id = "load_settlement_file",
    params(("id" = SettlementFileId, Path, description = "The file")),
    responses((status = 200, content_type = "application/octet-stream", body = inline(SettlementFile), description = "The file")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/operator/settlement-files/{id}/content")]
async fn load_settlement_file(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<SettlementFileId>,
) -> Result<HttpResponse> {
    let (format, content) = app
        .db
        .write(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let found = store::content(tx, id.0)?;
            audit::write(tx, "settlement_file.downloaded", "settlement_file", id.0.0, json!({}))?;
            Ok(found)
        })
        .await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/octet-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.{format}\"", id.0)))
        .body(content))
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(import_settlement_file)
        .service(list_settlement_files)
        .service(show_settlement_file)
        .service(load_settlement_file);
}
