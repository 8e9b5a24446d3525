//! Routes of vouchers for operators, and what those of producers share with them.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::{PRODUCERS_MAX, VoucherAmount, VoucherCode, VoucherEvent, VoucherKind, VoucherPayer, VoucherStatus};
use super::store::{self, Voucher};
use super::{change, create};
use crate::app::App;
use crate::kernel::http::{self, Answer, Command, Cursor, KeyRule, NoBody, OperatorSurface, Page, PathId, Query};
use crate::kernel::input::{List, Opaque, Whole};
use crate::kernel::{Actor, ProducerId, Result, Vnd, VoucherId};

const LIMIT: usize = 20;

pub fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(create_voucher)
        .service(list_vouchers)
        .service(show_voucher)
        .service(pause_voucher)
        .service(resume_voucher)
        .service(end_voucher);
    super::producer_api::routes(cfg);
}

crate::input! {
    /// A voucher that is to be. It is active at once, on its days.
    pub struct NewVoucher {
        /// Absent: the platform makes one. Read without case, spaces and hyphens, I and L as 1, O as 0; no U.
        pub code: Option<VoucherCode>,
        /// `platform` or `province` for an operator; a producer pays for his own.
        pub payer: Option<VoucherPayer>,
        pub kind: VoucherKind,
        /// Of the goods, in basis points; for `percent` alone.
        #[schema(inline)]
        pub rate_bp: Option<Whole<1, 10_000>>,
        /// The amount, or the most that `percent` and `free_shipping` give in one purchase.
        pub amount_vnd: VoucherAmount,
        /// What the goods it is for must be worth; absent: anything.
        pub minimum_vnd: Option<VoucherAmount>,
        /// The first day in Vietnam.
        pub starts_on: NaiveDate,
        /// The last day in Vietnam.
        pub ends_on: NaiveDate,
        /// Only for goods of these producers; empty: of all. A producer's voucher is for his own goods.
        #[schema(value_type = Vec<ProducerId>, max_items = 20)]
        pub producer_ids: List<ProducerId, PRODUCERS_MAX>,
        /// Only for goods of these product sets; empty: of all but spirits, which may not be promoted.
        #[schema(inline, value_type = Vec<Whole<1, 26>>, max_items = 26)]
        pub product_sets: List<Whole<1, 26>, 26>,
        #[schema(inline)]
        pub uses_max: Whole<1, 1_000_000>,
        #[schema(inline)]
        pub uses_per_buyer_max: Whole<1, 1_000>,
        /// All that may be spent on it.
        pub budget_vnd: VoucherAmount,
    }
}

crate::input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct VoucherQuery {
        /// Only in this status.
        pub status: Option<VoucherStatus>,
        /// Rows of a page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
        /// Where the page before ended.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
    }
}

/// A voucher with what is used of it, as its payer sees it.
#[derive(Serialize, ToSchema)]
pub struct VoucherView {
    pub id: VoucherId,
    #[schema(value_type = VoucherCode)]
    code: String,
    payer: VoucherPayer,
    /// The producer who pays, if one does.
    producer_id: Option<ProducerId>,
    kind: VoucherKind,
    #[schema(minimum = 1, maximum = 10_000)]
    rate_bp: Option<i32>,
    amount_vnd: Vnd,
    minimum_vnd: Vnd,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    #[schema(max_items = 20)]
    producer_ids: Vec<ProducerId>,
    #[schema(max_items = 26)]
    product_sets: Vec<i16>,
    #[schema(minimum = 1)]
    uses_max: i32,
    #[schema(minimum = 1)]
    uses_per_buyer_max: i32,
    budget_vnd: Vnd,
    /// Checkouts that have it now, unpaid ones included.
    #[schema(minimum = 0)]
    uses: i32,
    /// What those take off.
    spent_vnd: Vnd,
    status: VoucherStatus,
    #[schema(minimum = 1)]
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// What the reader may do now.
    #[schema(max_items = 3)]
    allowed_actions: Vec<VoucherEvent>,
}

impl From<Voucher> for VoucherView {
    fn from(voucher: Voucher) -> Self {
        let Voucher {
            id,
            code,
            payer,
            producer_id,
            kind,
            rate_bp,
            amount_vnd,
            minimum_vnd,
            starts_on,
            ends_on,
            producer_ids,
            product_sets,
            uses_max,
            uses_per_buyer_max,
            budget_vnd,
            uses,
            spent_vnd,
            status,
            created_by: _,
            version,
            created_at,
            updated_at,
        } = voucher;
        Self {
            id,
            code,
            payer,
            producer_id,
            kind,
            rate_bp,
            amount_vnd,
            minimum_vnd,
            starts_on,
            ends_on,
            producer_ids: producer_ids.into_iter().flatten().collect(),
            product_sets: product_sets.into_iter().flatten().collect(),
            uses_max,
            uses_per_buyer_max,
            budget_vnd,
            uses,
            spent_vnd,
            status,
            version,
            created_at,
            updated_at,
            allowed_actions: status.actions(),
        }
    }
}

/// Make a voucher at the cost of the platform or the province.
///
/// It never applies to spirits. Its limits and its days cannot be changed later: end it and make another.
#[utoipa::path(tag = "Vouchers", operation_id = "create_voucher", request_body = NewVoucher,
    responses((status = 201, body = VoucherView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["vouchers.code_taken"]))))]
#[post("/v1/operator/vouchers")]
async fn create_voucher(app: Data<App>, actor: OperatorSurface, command: Command<NewVoucher>) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, |tx, new| {
            let view = VoucherView::from(create::by_operator(tx, new)?);
            Answer::created(&view, format!("/v1/operator/vouchers/{}", view.id))
        })
        .await
}

pub async fn list(request: &HttpRequest, app: &Data<App>, actor: &Actor, query: VoucherQuery) -> Result<HttpResponse> {
    let VoucherQuery { status, limit, cursor } = query;
    let surface = request.path().to_owned();
    let place = Cursor::new(&app.config.cursor_key, format!("vouchers:{surface}:{status:?}"));
    let before: Option<Uuid> = place.read(cursor.as_ref().map(Opaque::expose))?;
    let limit = limit.and_then(|l| usize::try_from(l.value()).ok()).unwrap_or(LIMIT);
    let rows_max = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let rows = app
        .db
        .read(actor, move |tx| {
            let owner = change::owner(tx)?;
            store::list(tx, owner, status, before.map(VoucherId), rows_max)
        })
        .await?;
    let views = rows.into_iter().map(VoucherView::from).collect();
    http::json(request, None, &place.page(views, limit, |view: &VoucherView| view.id)?)
}

/// List vouchers.
///
/// Those of producers included, the newest first.
#[utoipa::path(tag = "Vouchers", operation_id = "list_vouchers", params(VoucherQuery),
    responses((status = 200, body = Page<VoucherView>)), extensions(("x-roles" = json!(["operator"]))))]
#[get("/v1/operator/vouchers")]
async fn list_vouchers(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<VoucherQuery>,
) -> Result<HttpResponse> {
    list(&request, &app, &actor.0, query.0).await
}

/// Uses are counted without a new version, so what is shown has an ETag of its content.
pub async fn show(request: &HttpRequest, app: &Data<App>, actor: &Actor, id: VoucherId) -> Result<HttpResponse> {
    let voucher = app
        .db
        .read(actor, move |tx| {
            let owner = change::owner(tx)?;
            store::find(tx, owner, id)
        })
        .await?;
    http::json(request, None, &VoucherView::from(voucher))
}

/// Show a voucher.
///
/// With its uses and the money spent so far.
#[utoipa::path(tag = "Vouchers", operation_id = "show_voucher",
    params(("id" = VoucherId, Path, description = "Voucher")),
    responses((status = 200, body = VoucherView)), extensions(("x-roles" = json!(["operator"]))))]
#[get("/v1/operator/vouchers/{id}")]
async fn show_voucher(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<VoucherId>,
) -> Result<HttpResponse> {
    show(&request, &app, &actor.0, id.0).await
}

pub async fn moved(
    app: &Data<App>,
    actor: &Actor,
    command: Command<NoBody>,
    (id, event): (VoucherId, VoucherEvent),
) -> Result<HttpResponse> {
    command
        .once(app, actor, KeyRule::Accepted, move |tx, _| {
            Answer::ok(&VoucherView::from(change::change(tx, id, event)?))
        })
        .await
}

/// Pause a voucher.
///
/// Nobody can use it until it is resumed. Checkouts that have it keep it.
#[utoipa::path(tag = "Vouchers", operation_id = "pause_voucher", request_body = NoBody,
    params(("id" = VoucherId, Path, description = "Voucher")),
    responses((status = 200, body = VoucherView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["vouchers.action_not_allowed"]))))]
#[post("/v1/operator/vouchers/{id}/pause")]
async fn pause_voucher(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<VoucherId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (id.0, VoucherEvent::Pause)).await
}

/// Resume a paused voucher.
///
/// Within its days and limits it can be used again.
#[utoipa::path(tag = "Vouchers", operation_id = "resume_voucher", request_body = NoBody,
    params(("id" = VoucherId, Path, description = "Voucher")),
    responses((status = 200, body = VoucherView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["vouchers.action_not_allowed"]))))]
#[post("/v1/operator/vouchers/{id}/resume")]
async fn resume_voucher(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<VoucherId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (id.0, VoucherEvent::Resume)).await
}

/// End a voucher.
///
/// Final. Checkouts that have it keep it.
#[utoipa::path(tag = "Vouchers", operation_id = "end_voucher", request_body = NoBody,
    params(("id" = VoucherId, Path, description = "Voucher")),
    responses((status = 200, body = VoucherView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["vouchers.action_not_allowed"]))))]
#[post("/v1/operator/vouchers/{id}/end")]
async fn end_voucher(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<VoucherId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    moved(&app, &actor.0, command, (id.0, VoucherEvent::End)).await
}
