use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, patch, post};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{PickupPoint, PointRow};
use super::store;
use crate::app::App;
use crate::kernel::error::CommonProblem;
use crate::kernel::http::{
    self, Answer, Command, Cursor, IfMatch, KeyRule, OperatorSurface, Page, PathId, ProducerSurface, Query, Visitor,
};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Audience, Error, Name, PickupPointId, ProducerId, Result, Text, Tx};
use crate::places::{self, CommuneCode, PlaceInput};
use crate::shipping::model::PointKind;
use crate::{audit, input, producers};

/// Rows of a page unless the caller says otherwise.
const LIMIT: usize = 20;

input! {
    /// A place where buyers can fetch goods.
    pub struct NewPickupPoint {
        pub name: Name<120>,
        pub place: PlaceInput,
        pub address: Text<200>,
        /// When it is open, as people say it.
        pub opening: Text<200>,
        /// Whether chilled and frozen goods can wait there.
        pub keeps_cold: bool,
    }
}

input! {
    /// Fields that are absent stay as they are.
    pub struct PickupPointPatch {
        pub name: Option<Name<120>>,
        pub address: Option<Text<200>>,
        pub opening: Option<Text<200>>,
        pub keeps_cold: Option<bool>,
        /// A closed point is no longer offered; goods on their way to it still arrive there.
        pub closed: Option<bool>,
    }
}

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct PickupPointQuery {
        /// Only in this commune.
        pub commune_code: Option<CommuneCode>,
        /// Rows of a page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
        /// Where the page before ended.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
    }
}

/// A pick-up point with its version.
#[derive(Serialize, ToSchema)]
pub struct PickupPointView {
    id: PickupPointId,
    kind: PointKind,
    /// Of a stall.
    producer_id: Option<ProducerId>,
    #[schema(example = "Chợ trung tâm Đồng Văn", max_length = 120)]
    name: String,
    commune_code: CommuneCode,
    #[schema(max_length = 200)]
    address: String,
    #[schema(example = "7 giờ đến 17 giờ, trừ Chủ nhật", max_length = 200)]
    opening: String,
    keeps_cold: bool,
    closed_at: Option<DateTime<Utc>>,
    /// Send it as `If-Match` with a change.
    #[schema(minimum = 1)]
    version: i32,
}

impl PickupPointView {
    fn new(row: PointRow) -> Self {
        let PointRow { point, closed_at, version } = row;
        let PickupPoint { id, kind, producer_id, name, commune_code, address, opening, keeps_cold } = point;
        Self { id, kind, producer_id, name, commune_code, address, opening, keeps_cold, closed_at, version }
    }
}

/// List the pick-up points.
///
/// Stalls of producers and hubs of the operator that are open now.
#[utoipa::path(tag = "Shipping", operation_id = "list_pickup_points", params(PickupPointQuery),
    responses((status = 200, body = Page<PickupPoint>)))]
#[get("/v1/public/pickup-points")]
async fn list_pickup_points(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    query: Query<PickupPointQuery>,
) -> Result<HttpResponse> {
    let PickupPointQuery { commune_code, limit, cursor } = query.0;
    let limit = limit.and_then(|l| usize::try_from(l.value()).ok()).unwrap_or(LIMIT);
    let rows_max = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let list = Cursor::new(&app.config.cursor_key, format!("pickup_points:{commune_code:?}"));
    let after: Option<uuid::Uuid> = list.read(cursor.as_ref().map(Opaque::expose))?;
    let rows = app
        .db
        .read(&visitor.0, move |tx| store::list(tx, commune_code.as_ref(), after.map(PickupPointId), rows_max))
        .await?;
    http::json(&request, None, &list.page(rows, limit, |point| point.id)?)
}

/// Show a pick-up point.
///
/// Closed ones too: an order may still wait there.
#[utoipa::path(tag = "Shipping", operation_id = "find_pickup_point",
    params(("id" = PickupPointId, Path, description = "Pick-up point")), responses((status = 200, body = PickupPointView)))]
#[get("/v1/public/pickup-points/{id}")]
async fn find_pickup_point(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    id: PathId<PickupPointId>,
) -> Result<HttpResponse> {
    let row = app.db.read(&visitor.0, move |tx| store::find(tx, id.0)).await?;
    http::json(&request, Some(row.version), &PickupPointView::new(row))
}

/// Whose points an actor opens and changes: a producer's own stalls, or the operator's hubs.
fn owner(tx: &mut Tx<'_>, audience: Audience) -> Result<Option<ProducerId>> {
    if audience == Audience::Producer {
        return producers::approved(tx).map(Some);
    }
    tx.who.must(Audience::Operator)?;
    Ok(None)
}

fn open(tx: &mut Tx<'_>, audience: Audience, new: NewPickupPoint) -> Result<Answer> {
    let producer_id = owner(tx, audience)?;
    let NewPickupPoint { name, place, address, opening, keeps_cold } = new;
    let point = PickupPoint {
        id: PickupPointId::generate(),
        kind: if producer_id.is_some() { PointKind::Stall } else { PointKind::Hub },
        producer_id,
        name: name.into_string(),
        commune_code: places::resolve(tx, &place, "/place")?,
        address: address.into_string(),
        opening: opening.into_string(),
        keeps_cold,
    };
    let row = store::insert(tx, &point)?;
    audit::write(tx, "pickup_point.opened", "pickup_point", point.id.0, json!({"kind": point.kind}))?;
    let view = PickupPointView::new(row);
    Ok(Answer::created(&view, format!("/v1/public/pickup-points/{}", view.id))?.versioned(view.version))
}

fn edit(
    tx: &mut Tx<'_>,
    audience: Audience,
    (id, version): (PickupPointId, i32),
    patch: PickupPointPatch,
) -> Result<Answer> {
    let owner = owner(tx, audience)?;
    let mut row = store::lock(tx, id, owner)?;
    if row.version != version {
        let current = PickupPointView::new(row);
        return Err(Error::from(CommonProblem::VersionStale).with("current", json!(current)));
    }
    let PickupPointPatch { name, address, opening, keeps_cold, closed } = patch;
    let point = &mut row.point;
    point.name = name.map_or_else(|| point.name.clone(), Name::into_string);
    point.address = address.map_or_else(|| point.address.clone(), Text::into_string);
    point.opening = opening.map_or_else(|| point.opening.clone(), Text::into_string);
    point.keeps_cold = keeps_cold.unwrap_or(point.keeps_cold);
    row.closed_at = match closed {
        Some(true) => row.closed_at.or(Some(tx.now)),
        Some(false) => None,
        None => row.closed_at,
    };
    let row = store::rewrite(tx, &row)?;
    audit::write(tx, "pickup_point.changed", "pickup_point", id.0, json!({"version": row.version}))?;
    let view = PickupPointView::new(row);
    Ok(Answer::ok(&view)?.versioned(view.version))
}

/// Open a stall.
///
/// Where buyers fetch my goods for nothing. Only an approved producer may.
#[utoipa::path(tag = "Shipping", operation_id = "open_stall", request_body = NewPickupPoint,
    responses((status = 201, body = PickupPointView)),
    extensions(("x-roles" = json!(["producer"])),
        ("x-problems" = json!(["producers.not_registered", "producers.not_approved", "places.former_commune_split"]))))]
#[post("/v1/producer/pickup-points")]
async fn open_stall(app: Data<App>, actor: ProducerSurface, command: Command<NewPickupPoint>) -> Result<HttpResponse> {
    command.once(&app, &actor.0, KeyRule::Accepted, |tx, new| open(tx, Audience::Producer, new)).await
}

/// Change an own stall.
///
/// Over the version named in `If-Match`.
#[utoipa::path(tag = "Shipping", operation_id = "edit_stall", request_body = PickupPointPatch,
    params(("id" = PickupPointId, Path, description = "Stall")), responses((status = 200, body = PickupPointView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered", "producers.not_approved"]))))]
#[patch("/v1/producer/pickup-points/{id}")]
async fn edit_stall(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<PickupPointId>,
    version: IfMatch,
    command: Command<PickupPointPatch>,
) -> Result<HttpResponse> {
    let at = (id.0, version.0);
    command.once(&app, &actor.0, KeyRule::Accepted, move |tx, patch| edit(tx, Audience::Producer, at, patch)).await
}

/// Open a hub.
///
/// Where buyers fetch the goods of any producer for nothing.
#[utoipa::path(tag = "Shipping", operation_id = "open_hub", request_body = NewPickupPoint,
    responses((status = 201, body = PickupPointView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["places.former_commune_split"]))))]
#[post("/v1/operator/pickup-points")]
async fn open_hub(app: Data<App>, actor: OperatorSurface, command: Command<NewPickupPoint>) -> Result<HttpResponse> {
    command.once(&app, &actor.0, KeyRule::Accepted, |tx, new| open(tx, Audience::Operator, new)).await
}

/// Change a hub.
///
/// Over the version named in `If-Match`.
#[utoipa::path(tag = "Shipping", operation_id = "edit_hub", request_body = PickupPointPatch,
    params(("id" = PickupPointId, Path, description = "Hub")), responses((status = 200, body = PickupPointView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[patch("/v1/operator/pickup-points/{id}")]
async fn edit_hub(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<PickupPointId>,
    version: IfMatch,
    command: Command<PickupPointPatch>,
) -> Result<HttpResponse> {
    let at = (id.0, version.0);
    command.once(&app, &actor.0, KeyRule::Accepted, move |tx, patch| edit(tx, Audience::Operator, at, patch)).await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_pickup_points)
        .service(find_pickup_point)
        .service(open_stall)
        .service(edit_stall)
        .service(open_hub)
        .service(edit_hub);
}
