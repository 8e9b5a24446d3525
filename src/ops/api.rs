//! Health, readiness, metrics, and the catalogue of problems.

use std::time::Duration;

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::check::pending_migrations;
use super::counters::Counters;
use super::gauges::{exposition, gauges};
use crate::app::App;
use crate::kernel::error::Problem;
use crate::kernel::http::{self, ProblemBody};
use crate::kernel::{Actor, Error, Result};

/// The database must answer the readiness check within this time.
const READY_MAX: Duration = Duration::from_secs(1);
/// Metrics wait this long for the database before they go out without it.
const METRICS_MAX: Duration = Duration::from_secs(2);
/// How long clients may keep the catalogue of problems, in seconds.
const PROBLEMS_MAX_AGE: &str = "public, max-age=3600";

#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "ok", max_length = 10)]
    pub status: &'static str,
}

const OK: Health = Health { status: "ok" };

/// A problem that the interface can answer with.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemView {
    /// Permanent code for programs.
    #[schema(example = "not_found", max_length = 80)]
    pub code: &'static str,
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// In Vietnamese.
    #[schema(example = "Không tìm thấy", max_length = 300)]
    pub title_vi: &'static str,
    /// In English.
    #[schema(example = "Not found", max_length = 300)]
    pub title_en: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemList {
    /// By code.
    #[schema(max_items = 1000)]
    pub data: Vec<ProblemView>,
}

impl From<&'static Problem> for ProblemView {
    fn from(problem: &'static Problem) -> Self {
        let Problem { status, code, vi, en } = problem;
        Self { code, status: *status, title_vi: vi, title_en: en }
    }
}

fn catalogue(mut problems: Vec<&'static Problem>) -> ProblemList {
    problems.sort_by_key(|problem| problem.code);
    problems.dedup_by_key(|problem| problem.code);
    ProblemList { data: problems.into_iter().map(ProblemView::from).collect() }
}

/// Say that the process lives.
///
/// Asks nothing else, so that a database that is away does not restart the process.
#[utoipa::path(tag = "Operations", operation_id = "health", responses((status = 200, body = Health)),
    extensions(("x-roles" = json!([])), ("x-problems" = json!([]))))]
#[get("/healthz")]
async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(OK)
}

/// Say whether requests can be served.
///
/// 200 when the database answers within one second and has run every migration that this program knows; else 503.
#[utoipa::path(tag = "Operations", operation_id = "readiness",
    responses((status = 200, body = Health), (status = 503, body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-roles" = json!([])), ("x-problems" = json!(["unavailable"]))))]
#[get("/readyz")]
async fn readyz(app: Data<App>) -> Result<HttpResponse> {
    let asked = tokio::time::timeout(READY_MAX, app.db.read(&Actor::PLATFORM, pending_migrations)).await;
    match asked {
        Ok(Ok(pending)) if pending.is_empty() => Ok(HttpResponse::Ok().json(OK)),
        Ok(Ok(pending)) => Err(Error::Unavailable(format!("migrations to run: {}", pending.join(", ")))),
        Ok(Err(error)) => Err(Error::Unavailable(format!("{error:?}"))),
        Err(_) => Err(Error::Unavailable("the database took longer than a second".to_owned())),
    }
}

/// Show the figures that Prometheus collects.
///
/// Requests by class of status since this process began; jobs waiting and dead, payment reviews open and callbacks
/// unprocessed now. When the database is away, `database_up` is 0 and its figures are left out.
#[utoipa::path(tag = "Operations", operation_id = "metrics",
    responses((status = 200, body = String, content_type = "text/plain; version=0.0.4; charset=utf-8")),
    extensions(("x-roles" = json!([])), ("x-problems" = json!([]))))]
#[get("/metrics")]
async fn metrics(app: Data<App>, counters: Data<Counters>) -> HttpResponse {
    let asked = tokio::time::timeout(METRICS_MAX, app.db.read(&Actor::PLATFORM, gauges)).await;
    let found = match asked {
        Ok(Ok(found)) => Some(found),
        Ok(Err(error)) => {
            tracing::warn!(?error, "metrics without the database");
            None
        }
        Err(_) => None,
    };
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .body(exposition(&counters, found))
}

/// List every problem that the interface can answer with.
///
/// Codes are permanent: one is never renamed and never given another meaning.
#[utoipa::path(tag = "Operations", operation_id = "list_problems", responses((status = 200, body = ProblemList)),
    extensions(("x-roles" = json!([])), ("x-problems" = json!([]))))]
#[get("/v1/public/problems")]
async fn list_problems(request: HttpRequest) -> Result<HttpResponse> {
    let mut response = http::json(&request, None, &catalogue(crate::routes::problems()))?;
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static(PROBLEMS_MAX_AGE));
    Ok(response)
}

/// The application needs a `Data<Counters>` beside its `Data<App>`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(healthz).service(readyz).service(metrics).service(list_problems);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_sorted_and_names_each_code_once() {
        let problems = crate::routes::problems();
        let twice = problems.iter().chain(&problems).copied().collect();
        let codes: Vec<&str> = catalogue(twice).data.into_iter().map(|view| view.code).collect();
        let distinct: std::collections::BTreeSet<&str> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, distinct.into_iter().collect::<Vec<_>>());
    }
}
