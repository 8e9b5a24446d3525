//! The API and the worker as processes.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App as ActixApp, HttpServer};
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use utoipa_actix_web::AppExt;

use super::inspect::inspect;
use crate::app::App;
use crate::catalog::Shelf;
use crate::config::Config;
use crate::identity::{CodeSender, Passwords, Tokens};
use crate::kernel::Db;
use crate::kernel::db::{Clock, PoolSizes};
use crate::kernel::http::{close_unread, last_resort, limit_callers, refuse_packed, request_id, secure_headers};
use crate::kernel::rate_limit::RateLimit;
use crate::notifications::Streams;
use crate::outgoing::Outgoing;
use crate::payments::{CallbackSlots, Gathering, Providers};
use crate::senders::Senders;
use crate::shipping::Carriers;
use crate::storage::Photos;
use crate::webhooks::WebhookClient;
use crate::{ops, routes, worker};

const HEADERS_WITHIN: Duration = Duration::from_secs(5);
const IDLE: Duration = Duration::from_secs(15);
/// Connections of one thread of the server; more wait to be accepted.
const CONNECTIONS_MAX: usize = 8192;
/// Seconds that running requests get when the process is told to end.
const SHUTDOWN_S: u64 = 25;
/// Bytes of a body, inflated, whatever the route.
const BODY_MAX: usize = 256 * 1024;
/// Database connections of a process for providers' messages and for jobs, so that neither starves the other.
pub const CALLBACK_CONNECTIONS: u32 = 4;
const JOB_CONNECTIONS: u32 = 4;

pub fn pools(config: &Config) -> PoolSizes {
    PoolSizes { requests: config.pool_requests, callbacks: CALLBACK_CONNECTIONS, jobs: JOB_CONNECTIONS }
}

/// Builds what the process holds, where it runs as a whole.
pub fn build(config: Config, clock: Clock) -> Result<Data<App>, String> {
    let url = config.database_url.as_deref().ok_or("DATABASE_URL is missing")?;
    let db = Db::open(url, pools(&config), clock).map_err(|e| format!("{e:?}"))?;
    let tokens = Tokens::new(config.token_key_pem.as_ref(), config.refresh_key.clone(), &config.data_folder)?;
    let passwords = Passwords::new(config.password_pepper.clone());
    let senders = Arc::new(Senders::new(&config)?);
    let webhooks = WebhookClient::new(config.webhooks.to_local)?;
    let streams = Arc::new(Streams::default());
    let code_sender = CodeSender::of(config.production, &senders);
    let providers = Providers::new(&config)?;
    let outgoing = Outgoing::new(&config)?;
    let carriers = Carriers::new(&config.carriers).map_err(|error| error.to_string())?;
    let rate_limit =
        RateLimit::new(config.visitor_rate_per_minute, config.account_rate_per_minute, config.redis_url.as_deref())?;
    let shelf = Shelf::default();
    let photos = Photos::new(&config.photo_folder);
    let callback_slots = CallbackSlots::default();
    let gathering = Gathering::new(Handle::try_current().map_err(|error| error.to_string())?);
    let is_ending = AtomicBool::new(false);
    Ok(Data::new(App {
        config,
        db,
        tokens,
        passwords,
        code_sender,
        providers,
        outgoing,
        carriers,
        callback_slots,
        gathering,
        rate_limit,
        senders,
        webhooks,
        streams,
        shelf,
        photos,
        is_ending,
    }))
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
    .max_connections(CONNECTIONS_MAX)
    .shutdown_timeout(SHUTDOWN_S)
    .disable_signals()
    .listen(listener)
    .map_err(|e| e.to_string())?;
    Ok(server.run())
}

fn bind(config: &Config) -> Result<TcpListener, String> {
    TcpListener::bind(&config.bind).map_err(|e| format!("cannot listen on {}: {e}", config.bind))
}

pub(super) fn workers() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

/// How a process is told to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// SIGTERM, from whoever runs the servers.
    InOrder,
    /// SIGINT, from whoever sits before it.
    AtOnce,
}

async fn told_to_end() -> Result<End, String> {
    let hear = |kind| signal(kind).map_err(|e| e.to_string());
    let (mut terminate, mut interrupt) = (hear(SignalKind::terminate())?, hear(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => Ok(End::InOrder),
        _ = interrupt.recv() => Ok(End::AtOnce),
    }
}

/// Serves until the process is told to end: then it says that it is not ready, goes on for as long as proxies need to
/// notice, takes no more connections, and finishes what it has begun.
async fn until_told(app: &App, server: Server) -> Result<(), String> {
    let handle = server.handle();
    let mut served = actix_web::rt::spawn(server);
    let end = tokio::select! {
        ended = &mut served => return ended.map_err(|e| e.to_string())?.map_err(|e| e.to_string()),
        end = told_to_end() => end?,
    };
    app.is_ending.store(true, Ordering::Relaxed);
    tracing::info!(?end, "ending");
    if end == End::InOrder {
        actix_web::rt::time::sleep(Duration::from_secs(app.config.drain_seconds)).await;
    }
    handle.stop(end == End::InOrder).await;
    served.await.map_err(|e| e.to_string())?.map_err(|e| e.to_string())
}

pub async fn serve(config: Config) -> Result<(), String> {
    let listener = bind(&config)?;
    let app = build(config, Clock::default())?;
    inspect(&app).await?;
    until_told(&app, serve_on(app.clone(), listener, workers())?).await
}

/// A job that runs when the process is told to end is finished with its transaction; one between two transactions is
/// taken up by another worker when its lease is over.
pub async fn worker(config: Config) -> Result<(), String> {
    let app = build(config, Clock::default())?;
    inspect(&app).await?;
    tokio::select! {
        () = worker::run(&app) => Ok(()),
        ended = told_to_end() => ended.map(|_| ()),
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
        ended = until_told(&app, server) => ended,
    }
}
