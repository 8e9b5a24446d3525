use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::NaiveDate;
use utoipa_actix_web::service_config::ServiceConfig;

use super::cancel::cancel;
use super::declare::{Declaration, declare};
use super::model::{Calendar, Days, HarvestStatus, ShortfallRule};
use super::plan::{Forecast, close, plan};
use super::store::{self, Harvest};
use super::views::{HarvestView, view, views};
use crate::app::App;
use crate::input;
use crate::kernel::http::{self, Answer, Command, Cursor, KeyRule, NoBody, Page, PathId, ProducerSurface, Query};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{HarvestId, Result, Tx, VariantId};
use crate::producers;
use crate::stock::NewLot;

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 20;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(plan_harvest)
        .service(list_harvests)
        .service(find_harvest)
        .service(close_harvest)
        .service(declare_harvest)
        .service(cancel_harvest);
}

input! {
    /// What is expected, and when. Every day is one in Vietnam, and the last one is included.
    pub struct PlanHarvest {
        /// Sale units; no more can be bought.
        #[schema(example = 200)]
        pub expected: Whole<1, 10_000>,
        pub orders_from: NaiveDate,
        /// Not after the harvest.
        pub orders_until: NaiveDate,
        pub harvest_from: NaiveDate,
        pub harvest_until: NaiveDate,
        pub ships_from: NaiveDate,
        pub ships_until: NaiveDate,
        /// Who gets what if less comes than is bought.
        pub shortfall_rule: ShortfallRule,
    }
}

input! {
    /// What came, with the label of its lot.
    pub struct DeclareHarvest {
        /// Sale units that can be delivered.
        #[schema(example = 180)]
        pub harvested: Whole<0, 10_000_000>,
        pub lot: NewLot,
    }
}

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct HarvestQuery {
        /// Only in this status.
        pub status: Option<HarvestStatus>,
        /// Rows of a page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
        /// Where the page before ended.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
    }
}

fn answer(tx: &mut Tx<'_>, harvest: Harvest) -> Result<Answer> {
    let view = view(tx, harvest)?;
    Ok(Answer::ok(&view)?.versioned(view.version))
}

/// Plan a harvest of a variant.
///
/// It is sold before it is brought in, on the given days and up to what is expected. The variant must have no stock; while
/// the harvest is awaited nothing else of it is sold. If nobody says within three days after the last day of sending what
/// came, it ends and everything that was paid for it is owed back.
#[utoipa::path(tag = "Selling", operation_id = "plan_harvest", request_body = PlanHarvest,
    params(("id" = VariantId, Path, description = "The variant")),
    responses((status = 201, body = HarvestView, description = "The harvest")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["producers.not_registered", "not_found", "stock.harvest_planned", "stock.not_empty", "stock.too_much"]))))]
#[post("/v1/producer/variants/{id}/harvests")]
async fn plan_harvest(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<VariantId>,
    command: Command<PlanHarvest>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let days = |from, until| Days { from, until };
            let calendar = Calendar {
                orders: days(input.orders_from, input.orders_until),
                harvest: days(input.harvest_from, input.harvest_until),
                ships: days(input.ships_from, input.ships_until),
            };
            let (expected, shortfall_rule) = (input.expected.value(), input.shortfall_rule);
            let harvest = plan(tx, id.0, &Forecast { expected, calendar, shortfall_rule })?;
            let view = view(tx, harvest)?;
            Ok(Answer::created(&view, format!("/v1/producer/harvests/{}", view.id))?.versioned(view.version))
        })
        .await
}

/// List my harvests.
///
/// The newest first.
#[utoipa::path(tag = "Selling", operation_id = "list_harvests", params(HarvestQuery),
    responses((status = 200, body = Page<HarvestView>, description = "A page of harvests")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["cursor_mismatch", "producers.not_registered"]))))]
#[get("/v1/producer/harvests")]
async fn list_harvests(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<HarvestQuery>,
) -> Result<HttpResponse> {
    let HarvestQuery { status, limit, cursor } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, format!("harvests:{status:?}"));
    let before: Option<uuid::Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let found = app
        .db
        .read(&actor.0, move |tx| {
            let producer_id = producers::registered(tx)?;
            let rows = i64::from(limit).saturating_add(1);
            let found = store::list(tx, producer_id, status, before.map(HarvestId), rows)?;
            views(tx, found)
        })
        .await?;
    let page = links.page(found, usize::try_from(limit).unwrap_or(1), |view| view.id)?;
    http::json(&request, None, &page)
}

/// Show a harvest of mine.
///
/// With what can be done now.
#[utoipa::path(tag = "Selling", operation_id = "find_harvest", params(("id" = HarvestId, Path, description = "The harvest")),
    responses((status = 200, body = HarvestView, description = "The harvest")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered", "not_found"]))))]
#[get("/v1/producer/harvests/{id}")]
async fn find_harvest(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<HarvestId>,
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, move |tx| {
            let producer_id = producers::registered(tx)?;
            let harvest = store::find_own(tx, producer_id, id.0)?;
            view(tx, harvest)
        })
        .await?;
    http::json(&request, Some(view.version), &view)
}

/// Close a harvest to new orders.
///
/// Before its last day. Who has ordered already may still pay.
#[utoipa::path(tag = "Selling", operation_id = "close_harvest", request_body = NoBody,
    params(("id" = HarvestId, Path, description = "The harvest")),
    responses((status = 200, body = HarvestView, description = "The harvest after it")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["producers.not_registered", "not_found", "orders.harvest_action_not_allowed"]))))]
#[post("/v1/producer/harvests/{id}/close")]
async fn close_harvest(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<HarvestId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, _| {
            let harvest = close(tx, id.0)?;
            answer(tx, harvest)
        })
        .await
}

/// Say what was harvested.
///
/// Orders that get something are then to be accepted as any paid order. What they miss by the harvest's rule is owed
/// back to them, and what is left over is stock of the new lot. Not while unpaid checkouts hold some of it: close it first.
#[utoipa::path(tag = "Selling", operation_id = "declare_harvest", request_body = DeclareHarvest,
    params(("id" = HarvestId, Path, description = "The harvest")),
    responses((status = 200, body = HarvestView, description = "The harvest after it")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["producers.not_registered", "not_found", "orders.harvest_action_not_allowed",
            "orders.harvest_still_held", "stock.lot_code_taken", "stock.too_much", "places.former_commune_split"]))))]
#[post("/v1/producer/harvests/{id}/declare")]
async fn declare_harvest(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<HarvestId>,
    command: Command<DeclareHarvest>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let DeclareHarvest { harvested, lot } = input;
            let harvest = declare(tx, id.0, &Declaration { harvested: harvested.value(), label: lot })?;
            answer(tx, harvest)
        })
        .await
}

/// Cancel a harvest.
///
/// There will be none: its orders end, and everything that was paid for them is owed back. Not while unpaid checkouts
/// hold some of it: close it first.
#[utoipa::path(tag = "Selling", operation_id = "cancel_harvest", request_body = NoBody,
    params(("id" = HarvestId, Path, description = "The harvest")),
    responses((status = 200, body = HarvestView, description = "The harvest after it")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["producers.not_registered", "not_found", "orders.harvest_action_not_allowed",
            "orders.harvest_still_held"]))))]
#[post("/v1/producer/harvests/{id}/cancel")]
async fn cancel_harvest(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<HarvestId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, _| {
            let harvest = cancel(tx, id.0)?;
            answer(tx, harvest)
        })
        .await
}
