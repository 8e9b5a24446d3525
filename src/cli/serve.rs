//! The API and the worker as processes.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App as ActixApp, HttpServer};
use utoipa_actix_web::AppExt;

use super::inspect::inspect;
use crate::app::App;
use crate::config::Config;
use crate::identity::{CodeSender, Passwords, Tokens};
use crate::kernel::Db;
use crate::kernel::db::{Clock, PoolSizes};
use crate::kernel::http::{close_unread, last_resort, limit_callers, refuse_packed, request_id, secure_headers};
use crate::kernel::rate_limit::RateLimit;
use crate::payments::{CallbackSlots, Providers};
use crate::{ops, routes, worker};

const HEADERS_WITHIN: Duration = Duration::from_secs(5);
const IDLE: Duration = Duration::from_secs(15);
/// Seconds that running requests get when the process is told to end.
const SHUTDOWN_S: u64 = 25;
/// Bytes of a body, inflated, whatever the route.
const BODY_MAX: usize = 256 * 1024;

pub fn pools(config: &Config) -> PoolSizes {
    PoolSizes { requests: config.pool_requests, callbacks: 4, jobs: 2 }
}

/// Builds what the process holds.
pub fn build(config: Config, clock: Clock) -> Result<Data<App>, String> {
    let url = config.database_url.as_deref().ok_or("DATABASE_URL is missing")?;
    let db = Db::open(url, pools(&config), clock).map_err(|e| format!("{e:?}"))?;
    let tokens = Tokens::new(config.token_key_pem.as_ref(), config.refresh_key.clone(), &config.data_folder)?;
    let passwords = Passwords::new(config.password_pepper.clone());
    let code_sender = CodeSender::of(config.production);
    let providers = Providers::new(&config)?;
    let rate_limit =
        RateLimit::new(config.visitor_rate_per_minute, config.account_rate_per_minute, config.redis_url.as_deref())?;
    let callback_slots = CallbackSlots::default();
    Ok(Data::new(App { config, db, tokens, passwords, code_sender, providers, callback_slots, rate_limit }))
}

/// Serves on a listener that is already bound.
pub fn serve_on(app: Data<App>, listener: TcpListener, workers: usize) -> Result<Server, String> {
    routes::document();
    let counters = Data::new(ops::Counters::default());
    let server = HttpServer::new(move || {
        let (service, _) = ActixApp::new().into_utoipa_app().configure(routes::configure).split_for_parts();
        service
            .configure(routes::configure_pages)
            .app_data(app.clone())
            .app_data(web::PayloadConfig::new(BODY_MAX))
            .default_service(web::to(routes::nowhere))
            .wrap(from_fn(refuse_packed))
            .wrap(from_fn(limit_callers))
            .wrap(from_fn(last_resort))
            .wrap(from_fn(close_unread))
            .app_data(counters.clone())
            .wrap(from_fn(secure_headers))
            .wrap(from_fn(request_id))
            .wrap(Compress::default())
            .wrap(from_fn(ops::count_requests))
    })
    .workers(workers)
    .client_request_timeout(HEADERS_WITHIN)
    .keep_alive(IDLE)
    .shutdown_timeout(SHUTDOWN_S)
    .listen(listener)
    .map_err(|e| e.to_string())?;
    Ok(server.run())
}

fn bind(config: &Config) -> Result<TcpListener, String> {
    TcpListener::bind(&config.bind).map_err(|e| format!("cannot listen on {}: {e}", config.bind))
}

fn workers() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

pub async fn serve(config: Config) -> Result<(), String> {
    let listener = bind(&config)?;
    let app = build(config, Clock::default())?;
    inspect(&app).await?;
    serve_on(app, listener, workers())?.await.map_err(|e| e.to_string())
}

pub async fn worker(config: Config) -> Result<(), String> {
    let app = build(config, Clock::default())?;
    inspect(&app).await?;
    tokio::select! {
        () = worker::run(&app) => Ok(()),
        ended = tokio::signal::ctrl_c() => ended.map_err(|e| e.to_string()),
    }
}

/// API and worker in one process.
pub async fn both(config: Config) -> Result<(), String> {
    let listener = bind(&config)?;
    let app = build(config, Clock::default())?;
    inspect(&app).await?;
    let server = serve_on(app.clone(), listener, workers())?;
    tokio::select! {
        () = worker::run(&app) => Ok(()),
        ended = server => ended.map_err(|e| e.to_string()),
    }
}
