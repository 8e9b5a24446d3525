//! Health, readiness and metrics.

use std::sync::atomic::Ordering;
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
use super::waiting_api::show_waiting_money;
use crate::app::App;
use crate::kernel::http::{self, ProblemBody};
use crate::kernel::{Actor, Error, Result};

/// The database must answer the readiness check within this time.
const READY_MAX: Duration = Duration::from_secs(1);
/// Metrics wait this long for the database before they go out without it.
const METRICS_MAX: Duration = Duration::from_secs(2);

#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "ok", max_length = 10)]
    pub status: &'static str,
}

const OK: Health = Health { status: "ok" };

/// Say that the process lives.
///
/// Asks nothing else, so that a database that is away does not restart the process.
#[utoipa::path(tag = "Operations", operation_id = "health", responses((status = 200, body = Health, description = "It lives")),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!([]))))]
#[get("/healthz")]
async fn healthz(request: HttpRequest) -> Result<HttpResponse> {
    http::json(&request, None, &OK)
}

/// Say whether requests can be served.
///
/// 200 when the database answers within one second and has run every migration that this program knows; else 503, and
/// also from the moment at which the process is told to end.
#[utoipa::path(tag = "Operations", operation_id = "readiness",
    responses((status = 200, body = Health, description = "Requests can be served"),
              (status = 503, body = ProblemBody, content_type = "application/problem+json", description = "Not now")),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!(["unavailable"]))))]
#[get("/readyz")]
async fn readyz(request: HttpRequest, app: Data<App>) -> Result<HttpResponse> {
    if app.is_ending.load(Ordering::Relaxed) {
        return Err(Error::Unavailable("this process is ending".to_owned()));
    }
    let asked = tokio::time::timeout(READY_MAX, app.db.read(&Actor::PLATFORM, pending_migrations)).await;
    match asked {
        Ok(Ok(pending)) if pending.is_empty() => http::json(&request, None, &OK),
        Ok(Ok(pending)) => Err(Error::Unavailable(format!("migrations to run: {}", pending.join(", ")))),
        Ok(Err(error)) => Err(Error::Unavailable(format!("{error:?}"))),
        Err(_) => Err(Error::Unavailable("the database took longer than a second".to_owned())),
    }
}

/// Figures, one a line.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 1_000_000, example = "database_up 1\njobs_waiting 0\n")]
#[expect(dead_code, reason = "describes text")]
struct Exposition(String);

/// Show the figures that Prometheus collects.
///
/// Requests by class of status since this process began, and its database connections at work; jobs waiting and dead,
/// payment reviews open, callbacks unprocessed, money sent of which nobody knows for too long what became of it, and bank
/// accounts sealed with another key than the current one, now. When the database is away, `database_up` is 0 and its
/// figures are left out.
#[utoipa::path(tag = "Operations", operation_id = "metrics",
    responses((status = 200, body = inline(Exposition), content_type = "text/plain; version=0.0.4; charset=utf-8",
               description = "Figures in the text format of Prometheus")),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!([]))))]
#[get("/metrics")]
async fn metrics(app: Data<App>, counters: Data<Counters>) -> HttpResponse {
    // Before the question that takes one itself.
    let in_use = app.db.in_use();
    let vault = app.outgoing.vault.clone();
    let looking = app.db.read(&Actor::PLATFORM, move |tx| gauges(tx, &vault));
    let asked = tokio::time::timeout(METRICS_MAX, looking).await;
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
        .body(exposition(&counters, in_use, found))
}

/// The application needs a `Data<Counters>` beside its `Data<App>`.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(healthz).service(readyz).service(metrics).service(show_waiting_money);
}
