use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::create::create;
use super::store::{self, Step, Tariff};
use crate::app::App;
use crate::input;
use crate::kernel::http::{self, Answer, Command, Cursor, KeyRule, OperatorSurface, Page, PathId, Query};
use crate::kernel::input::{List, Opaque, Whole};
use crate::kernel::{Audience, Result, TariffId, Text, Tx, Vnd};
use crate::shipping::model::{Service, ShippingPrice, TransportClass, Zone};

/// Rows of a page unless the caller says otherwise.
const LIMIT: usize = 20;

input! {
    /// The fee up to a weight.
    pub struct TariffStep {
        #[schema(example = 2000)]
        pub weight_g_max: Whole<1, 10_000_000>,
        pub fee_vnd: ShippingPrice,
    }
}

input! {
    /// The fees of some classes in one zone, by growing weight.
    pub struct TariffRow {
        pub zone: Zone,
        #[schema(value_type = Vec<TransportClass>, min_items = 1, max_items = 7)]
        pub transport_classes: List<TransportClass, 7>,
        pub days_min: Whole<0, 60>,
        pub days_max: Whole<0, 60>,
        #[schema(min_items = 1, max_items = 100)]
        pub steps: Vec<TariffStep>,
    }
}

input! {
    /// A whole tariff: what it does not name is not served.
    pub struct NewTariff {
        pub service: Service,
        /// Today or later.
        pub effective_from: NaiveDate,
        pub note: Option<Text<300>>,
        #[schema(min_items = 1, max_items = 100)]
        pub rows: Vec<TariffRow>,
    }
}

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct TariffQuery {
        /// Only of this service.
        pub service: Option<Service>,
        /// Rows of a page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
        /// Where the page before ended.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
    }
}

/// A version of a tariff, without its fees.
#[derive(Serialize, ToSchema)]
pub struct TariffItem {
    id: TariffId,
    service: Service,
    effective_from: NaiveDate,
    #[schema(max_length = 300)]
    note: Option<String>,
    created_at: DateTime<Utc>,
}

impl TariffItem {
    fn new(tariff: Tariff) -> Self {
        let Tariff { id, service, effective_from, note, created_by: _, created_at } = tariff;
        Self { id, service, effective_from, note, created_at }
    }
}

/// A fee of a tariff.
#[derive(Serialize, ToSchema)]
pub struct TariffStepView {
    zone: Zone,
    transport_class: TransportClass,
    #[schema(minimum = 1, maximum = 10_000_000)]
    weight_g_max: i32,
    fee_vnd: Vnd,
    #[schema(minimum = 0, maximum = 60)]
    days_min: i32,
    #[schema(minimum = 0, maximum = 60)]
    days_max: i32,
}

/// A version of a tariff with its fees.
#[derive(Serialize, ToSchema)]
pub struct TariffView {
    id: TariffId,
    service: Service,
    effective_from: NaiveDate,
    #[schema(max_length = 300)]
    note: Option<String>,
    created_at: DateTime<Utc>,
    /// By zone, class and weight.
    #[schema(max_items = 3500)]
    steps: Vec<TariffStepView>,
}

impl TariffView {
    fn of(tx: &mut Tx<'_>, tariff: Tariff) -> Result<Self> {
        let view = |step: Step| {
            let Step { tariff_id: _, zone, transport_class, weight_g_max, fee_vnd, days_min, days_max } = step;
            TariffStepView { zone, transport_class, weight_g_max, fee_vnd, days_min, days_max }
        };
        let steps = store::steps(tx, tariff.id)?.into_iter().map(view).collect();
        let TariffItem { id, service, effective_from, note, created_at } = TariffItem::new(tariff);
        Ok(Self { id, service, effective_from, note, created_at, steps })
    }
}

/// List the tariffs.
///
/// All versions, the newest first; of each service the last that has begun is in force.
#[utoipa::path(tag = "Shipping", operation_id = "list_shipping_tariffs", params(TariffQuery),
    responses((status = 200, body = Page<TariffItem>)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/operator/shipping-tariffs")]
async fn list_shipping_tariffs(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<TariffQuery>,
) -> Result<HttpResponse> {
    let TariffQuery { service, limit, cursor } = query.0;
    let limit = limit.and_then(|l| usize::try_from(l.value()).ok()).unwrap_or(LIMIT);
    let rows_max = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let list = Cursor::new(&app.config.cursor_key, format!("shipping_tariffs:{service:?}"));
    let before: Option<uuid::Uuid> = list.read(cursor.as_ref().map(Opaque::expose))?;
    let rows = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            store::list(tx, service, before.map(TariffId), rows_max)
        })
        .await?;
    let items = rows.into_iter().map(TariffItem::new).collect();
    http::json(&request, None, &list.page(items, limit, |item| item.id)?)
}

/// Show a tariff.
///
/// With every fee it has.
#[utoipa::path(tag = "Shipping", operation_id = "find_shipping_tariff",
    params(("id" = TariffId, Path, description = "Tariff")), responses((status = 200, body = TariffView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/operator/shipping-tariffs/{id}")]
async fn find_shipping_tariff(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<TariffId>,
) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let tariff = store::find(tx, id.0)?;
            TariffView::of(tx, tariff)
        })
        .await?;
    http::json(&request, None, &view)
}

/// Write a new version of a tariff.
///
/// It begins today or later and says everything anew; older versions are kept. A service has one version for a day.
#[utoipa::path(tag = "Shipping", operation_id = "create_shipping_tariff", request_body = NewTariff,
    responses((status = 201, body = TariffView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["shipping.tariff_exists"]))))]
#[post("/v1/operator/shipping-tariffs")]
async fn create_shipping_tariff(
    app: Data<App>,
    actor: OperatorSurface,
    command: Command<NewTariff>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, |tx, new| {
            let tariff = create(tx, new)?;
            let view = TariffView::of(tx, tariff)?;
            Answer::created(&view, format!("/v1/operator/shipping-tariffs/{}", view.id))
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_shipping_tariffs).service(find_shipping_tariff).service(create_shipping_tariff);
}
