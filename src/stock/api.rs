use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use utoipa_actix_web::service_config::ServiceConfig;

use super::adjust::{Adjustment, LotChoice, adjust};
use super::count::{Count, count};
use super::lots::{self, LotView, NewLot};
use super::model::{AdjustmentReason, Level};
use super::store;
use super::views::{MovementView, StockOfLotsView, StockView};
use crate::app::App;
use crate::input;
use crate::kernel::http::{self, Answer, Command, Cursor, KeyRule, Page, PathId, ProducerSurface, Query};
use crate::kernel::input::{Fault, FaultCode, Opaque, Whole};
use crate::kernel::{Error, LotId, Result, Text, VariantId};
use crate::producers;

/// Rows of a page unless the caller says otherwise.
const LIMIT: usize = 20;
/// Lots that the stock of a variant is shown with.
const LOTS_MAX: i64 = 100;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(adjust_stock).service(count_stock).service(show_stock).service(list_movements);
    lots::routes(cfg);
}

input! {
    /// A change of stock by a difference, with its reason.
    pub struct AdjustStock {
        pub reason: AdjustmentReason,
        /// Sale units to add (positive) or take away (negative); not 0.
        #[schema(example = 25)]
        pub delta: Whole<-1_000_000, 1_000_000>,
        /// The lot that it is about. Without one, what comes in has no dates and what goes out is what expires first.
        pub lot_id: Option<LotId>,
        /// What is on the label of a harvest: its lot is opened or, if it is there already, added to.
        pub lot: Option<NewLot>,
        pub note: Option<Text<300>>,
    }
}

input! {
    /// What was counted, and from what the count began.
    pub struct CountStock {
        /// What the phone showed as `on_hand` when the count began, of the variant or of the lot.
        #[schema(example = 40)]
        pub expected_on_hand: Whole<0, 10_000_000>,
        /// What is there.
        #[schema(example = 38)]
        pub counted: Whole<0, 10_000_000>,
        /// Only this lot was counted. Without one, everything of the variant that can be sold.
        pub lot_id: Option<LotId>,
        pub note: Option<Text<300>>,
    }
}

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct MovementQuery {
        /// Only of this lot.
        pub lot_id: Option<LotId>,
        /// Rows of a page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
        /// Where the page before ended.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
    }
}

/// Every fault of an adjustment that its fields do not show by themselves.
fn lot_choice(input: &AdjustStock) -> Result<LotChoice> {
    let mut faults = Vec::new();
    let mut fault = |pointer: &str, code: FaultCode, expected: &str| {
        faults.push(Fault { pointer: pointer.to_owned(), code, expected: expected.to_owned() });
    };
    if input.delta.value() == 0 {
        fault("/delta", FaultCode::OutOfRange, "≠ 0");
    }
    if input.lot.is_some() && input.lot_id.is_some() {
        fault("/lot_id", FaultCode::Duplicate, "lot_id, lot");
    }
    if input.lot.is_some() && (input.reason != AdjustmentReason::Harvested || input.delta.value() < 0) {
        fault("/lot", FaultCode::UnknownField, "reason = harvested, delta > 0");
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    Ok(match (&input.lot, input.lot_id) {
        (Some(new), _) => LotChoice::Labelled(new.clone()),
        (None, Some(id)) => LotChoice::Known(id),
        (None, None) => LotChoice::None,
    })
}

/// Change the stock of a variant.
///
/// Takes a difference, not a total: buyers may have bought since the phone last looked. Stock never falls below what
/// is held for buyers. The key makes it safe to send again.
#[utoipa::path(tag = "Stock", operation_id = "adjust_stock", request_body = AdjustStock,
    params(("id" = VariantId, Path, description = "The variant")),
    responses((status = 200, body = StockView, description = "The stock after the change")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "stock.harvest_planned", "stock.below_reserved", "stock.too_much", "stock.lot_differs", "stock.lot_not_open",
            "places.former_commune_split"]))))]
#[post("/v1/producer/variants/{id}/stock-adjustments")]
async fn adjust_stock(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<VariantId>,
    command: Command<AdjustStock>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let lot = lot_choice(&input)?;
            let AdjustStock { reason, delta, note, .. } = input;
            let note = note.as_ref().map(Text::as_str);
            let adjustment = Adjustment { kind: reason.into(), delta: delta.value(), lot, note };
            let (level, lot_id) = adjust(tx, id.0, &adjustment)?;
            Answer::ok(&StockView::new(id.0, level, lot_id))
        })
        .await
}

/// Set the stock of a variant to what was counted.
///
/// Only if it still is as it was when the count began. Otherwise nothing changes, and the refusal tells what is there
/// now and what happened meanwhile, the newest first: count again or send the difference.
#[utoipa::path(tag = "Stock", operation_id = "count_stock", request_body = CountStock,
    params(("id" = VariantId, Path, description = "The variant")),
    responses((status = 200, body = StockView, description = "The stock after the count")),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["not_found", "stock.harvest_planned", "stock.changed", "stock.below_reserved", "stock.too_much", "stock.lot_not_open"]))))]
#[post("/v1/producer/variants/{id}/stock-counts")]
async fn count_stock(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<VariantId>,
    command: Command<CountStock>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let CountStock { expected_on_hand, counted, lot_id, note } = input;
            let (expected_on_hand, counted) = (expected_on_hand.value(), counted.value());
            let note = note.as_ref().map(Text::as_str);
            let level = count(tx, id.0, &Count { expected_on_hand, counted, lot_id, note })?;
            Answer::ok(&StockView::new(id.0, level, lot_id))
        })
        .await
}

/// Show the stock of a variant.
///
/// What can be sold, and the lots with goods of it in the order in which they are sold.
#[utoipa::path(tag = "Stock", operation_id = "show_stock", params(("id" = VariantId, Path, description = "The variant")),
    responses((status = 200, body = StockOfLotsView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/variants/{id}/stock")]
async fn show_stock(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<VariantId>,
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, move |tx| {
            let producer_id = producers::registered(tx)?;
            let level = store::own_level(tx, producer_id, id.0)?;
            let filter =
                lots::Filter { producer_id: Some(producer_id), variant_id: Some(id.0), ..lots::Filter::default() };
            let found = lots::list(tx, &filter, None, LOTS_MAX)?;
            let lots = LotView::of_all(tx, found)?;
            let Level { on_hand, reserved } = level;
            Ok(StockOfLotsView { variant_id: id.0, on_hand, reserved, available: level.available(), lots })
        })
        .await?;
    http::json(&request, None, &view)
}

/// List what happened to the stock of a variant.
///
/// The newest first: sales, returns, and what the producer and the calendar changed.
#[utoipa::path(tag = "Stock", operation_id = "list_movements",
    params(("id" = VariantId, Path, description = "The variant"), MovementQuery),
    responses((status = 200, body = Page<MovementView>)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/variants/{id}/stock-movements")]
async fn list_movements(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<VariantId>,
    query: Query<MovementQuery>,
) -> Result<HttpResponse> {
    let MovementQuery { lot_id, limit, cursor } = query.0;
    let limit = limit.and_then(|l| usize::try_from(l.value()).ok()).unwrap_or(LIMIT);
    let rows = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let links = Cursor::new(&app.config.cursor_key, format!("movements:{}:{lot_id:?}", id.0));
    let before: Option<(DateTime<Utc>, uuid::Uuid)> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let found = app
        .db
        .read(&actor.0, move |tx| {
            let producer_id = producers::registered(tx)?;
            store::own_product(tx, producer_id, id.0)?;
            store::movements(tx, (producer_id, id.0), lot_id, before, rows)
        })
        .await?;
    let views: Vec<MovementView> = found.into_iter().map(MovementView::from).collect();
    http::json(&request, None, &links.page(views, limit, |view| (view.at, view.id))?)
}
