use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::NaiveDate;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::RunEvent;
use super::views::{ManifestView, RunView};
use super::{operate, store};
use crate::app::App;
use crate::input;
use crate::kernel::http::{self, Answer, Command, Cursor, KeyRule, NoBody, Page, PathId, ProducerSurface, Query};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Actor, CollectionRunId, Result, ShipmentId, Text};
use crate::places::PlaceInput;
use crate::producers;
use crate::shipping::model::ShippingPrice;

/// Rows of a page unless the caller says otherwise.
const LIMIT: usize = 20;

input! {
    /// A vehicle that will collect goods on a day.
    pub struct NewRun {
        /// Today or later.
        pub run_on: NaiveDate,
        /// Producers of it and of its neighbours can join.
        pub commune: PlaceInput,
        pub vehicle: Text<80>,
        #[schema(example = 1500)]
        pub capacity_kg: Whole<1, 20_000>,
        /// What the whole run costs; it is shared by weight.
        pub cost_vnd: ShippingPrice,
    }
}

input! {
    /// An own parcel that goes pooled.
    pub struct JoinRun {
        pub shipment_id: ShipmentId,
    }
}

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct RunQuery {
        /// Rows of a page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
        /// Where the page before ended.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
    }
}

/// Plan a shared run.
///
/// For producers of the commune and its neighbours; only an approved producer may organize one.
#[utoipa::path(tag = "Shipping", operation_id = "plan_run", request_body = NewRun,
    responses((status = 201, body = RunView)),
    extensions(("x-roles" = json!(["producer"])),
        ("x-problems" = json!(["producers.not_registered", "producers.not_approved", "places.former_commune_split"]))))]
#[post("/v1/producer/collection-runs")]
async fn plan_run(app: Data<App>, actor: ProducerSurface, command: Command<NewRun>) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, |tx, new| {
            let run = operate::plan(tx, new)?;
            let organizer_id = run.organizer_id;
            let view = RunView::of(tx, run, organizer_id)?;
            Ok(Answer::created(&view, format!("/v1/producer/collection-runs/{}", view.id))?.versioned(view.version))
        })
        .await
}

/// List shared runs near me.
///
/// Those that I organize, and those that are planned in my commune or a neighbour; the newest first.
#[utoipa::path(tag = "Shipping", operation_id = "list_runs", params(RunQuery),
    responses((status = 200, body = Page<RunView>)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered", "cursor_mismatch"]))))]
#[get("/v1/producer/collection-runs")]
async fn list_runs(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<RunQuery>,
) -> Result<HttpResponse> {
    let RunQuery { limit, cursor } = query.0;
    let limit = limit.and_then(|l| usize::try_from(l.value()).ok()).unwrap_or(LIMIT);
    let rows_max = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let list = Cursor::new(&app.config.cursor_key, "collection_runs".to_owned());
    let before: Option<uuid::Uuid> = list.read(cursor.as_ref().map(Opaque::expose))?;
    let views = app
        .db
        .read(&actor.0, move |tx| {
            let producer_id = producers::registered(tx)?;
            let runs = store::list(tx, producer_id, before.map(CollectionRunId), rows_max)?;
            runs.into_iter().map(|run| RunView::of(tx, run, producer_id)).collect::<Result<Vec<RunView>>>()
        })
        .await?;
    http::json(&request, None, &list.page(views, limit, |view| view.id)?)
}

/// Show the manifest of my run.
///
/// What the driver takes along: where each parcel is fetched, where it goes, what it weighs and its share of the cost.
/// On paper it is at `…/manifest.pdf`.
#[utoipa::path(tag = "Shipping", operation_id = "show_run_manifest",
    params(("id" = CollectionRunId, Path, description = "The run")), responses((status = 200, body = ManifestView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/collection-runs/{id}")]
async fn show_run_manifest(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<CollectionRunId>,
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, move |tx| {
            let manifest = operate::manifest(tx, id.0)?;
            ManifestView::of(tx, manifest)
        })
        .await?;
    http::json(&request, None, &view)
}

/// Join a shared run.
///
/// With an own parcel that goes pooled and waits, from the run's commune or a neighbour, while there is room.
#[utoipa::path(tag = "Shipping", operation_id = "join_run", request_body = JoinRun,
    params(("id" = CollectionRunId, Path, description = "The run")), responses((status = 200, body = RunView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered",
        "shipping.run_closed", "shipping.run_full", "shipping.not_for_run"]))))]
#[post("/v1/producer/collection-runs/{id}/join")]
async fn join_run(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<CollectionRunId>,
    command: Command<JoinRun>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, input| {
            let producer_id = producers::registered(tx)?;
            let run = operate::join(tx, id.0, input.shipment_id)?;
            let view = RunView::of(tx, run, producer_id)?;
            Ok(Answer::ok(&view)?.versioned(view.version))
        })
        .await
}

async fn moved(
    app: &Data<App>,
    actor: &Actor,
    command: Command<NoBody>,
    (id, event): (CollectionRunId, RunEvent),
) -> Result<HttpResponse> {
    command
        .once(app, actor, KeyRule::Required, move |tx, _| {
            let run = operate::move_run(tx, id, event)?;
            let organizer_id = run.organizer_id;
            let view = RunView::of(tx, run, organizer_id)?;
            Ok(Answer::ok(&view)?.versioned(view.version))
        })
        .await
}

/// Begin to load my run.
///
/// From now on nobody joins; what was called off or brought otherwise is taken off.
#[utoipa::path(tag = "Shipping", operation_id = "load_run", request_body = NoBody,
    params(("id" = CollectionRunId, Path, description = "The run")), responses((status = 200, body = RunView)),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["producers.not_registered", "shipping.run_action_not_allowed"]))))]
#[post("/v1/producer/collection-runs/{id}/load")]
async fn load_run(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<CollectionRunId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (id.0, RunEvent::Load)).await
}

/// Depart with my run.
///
/// What it costs is shared by weight to the đồng, and every parcel on board is picked up.
#[utoipa::path(tag = "Shipping", operation_id = "depart_run", request_body = NoBody,
    params(("id" = CollectionRunId, Path, description = "The run")), responses((status = 200, body = RunView)),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["producers.not_registered", "shipping.run_action_not_allowed", "shipping.run_empty"]))))]
#[post("/v1/producer/collection-runs/{id}/depart")]
async fn depart_run(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<CollectionRunId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (id.0, RunEvent::Depart)).await
}

/// Finish my run.
///
/// The vehicle is back. Each producer reports what became of his parcels.
#[utoipa::path(tag = "Shipping", operation_id = "finish_run", request_body = NoBody,
    params(("id" = CollectionRunId, Path, description = "The run")), responses((status = 200, body = RunView)),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["producers.not_registered", "shipping.run_action_not_allowed"]))))]
#[post("/v1/producer/collection-runs/{id}/finish")]
async fn finish_run(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<CollectionRunId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (id.0, RunEvent::Finish)).await
}

/// Call my run off.
///
/// Before it departs; its parcels are free to join another.
#[utoipa::path(tag = "Shipping", operation_id = "cancel_run", request_body = NoBody,
    params(("id" = CollectionRunId, Path, description = "The run")), responses((status = 200, body = RunView)),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["producers.not_registered", "shipping.run_action_not_allowed"]))))]
#[post("/v1/producer/collection-runs/{id}/cancel")]
async fn cancel_run(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<CollectionRunId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (id.0, RunEvent::Cancel)).await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(plan_run)
        .service(list_runs)
        .service(show_run_manifest)
        .service(join_run)
        .service(load_run)
        .service(depart_run)
        .service(finish_run)
        .service(cancel_run);
}
