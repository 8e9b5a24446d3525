//! Routes of the catalogue for producers and the operator.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, patch, post};

use super::model::{Price, ProductStatus, Unit, VARIANTS_MAX};
use super::views::{ProductItem, ProductView, VariantView};
use super::{create, edit, moves, store, variants};
use crate::app::App;
use crate::kernel::http::{
    self, Answer, Command, Cursor, IfMatch, KeyRule, NoBody, OperatorSurface, Page, PathId, ProducerSurface, Query,
};
use crate::kernel::input::{List, Opaque, Whole};
use crate::kernel::{Audience, Name, ProductId, Result, Text, Tx, VariantId};
use crate::places::PlaceInput;
use crate::producers;
use crate::shipping::TransportClass;

const LIMIT: usize = 20;

pub fn routes(cfg: &mut utoipa_actix_web::service_config::ServiceConfig) {
    cfg.service(create_product)
        .service(list_own_products)
        .service(find_own_product)
        .service(edit_product)
        .service(add_variant)
        .service(edit_variant)
        .service(submit_product)
        .service(pause_product)
        .service(resume_product)
        .service(archive_product)
        .service(list_products)
        .service(find_product)
        .service(publish_product)
        .service(reject_product)
        .service(request_product_changes);
}

crate::input! {
    /// A variant with its opening stock.
    pub struct NewVariant {
        pub label: Name<80>,
        pub unit: Unit,
        /// Grams of one unit; 0 only for a service (`visit`).
        pub net_weight_g: Whole<0, 1_000_000>,
        pub price_vnd: Price,
        /// Units in store.
        pub quantity: Whole<0, 1_000_000>,
        /// Whether the price follows the weight that is really packed: what is lighter is paid back in part. Never for a
        /// service. Not said: it does not.
        pub is_weighed: Option<bool>,
    }
}

crate::input! {
    pub struct NewProduct {
        pub title: Name<150>,
        pub description: Text<5000>,
        /// Number of the OCOP product set.
        pub product_set: Whole<1, 26>,
        pub origin: PlaceInput,
        /// How it must be carried: `ambient` unless said; a spirit (product sets 14 and 15) is a flammable liquid.
        pub transport_class: Option<TransportClass>,
        #[schema(value_type = Vec<NewVariant>, min_items = 1, max_items = 20)]
        pub variants: List<NewVariant, VARIANTS_MAX>,
    }
}

crate::input! {
    /// Fields that are absent stay as they are.
    pub struct ProductPatch {
        pub title: Option<Name<150>>,
        pub description: Option<Text<5000>>,
        pub product_set: Option<Whole<1, 26>>,
        pub origin: Option<PlaceInput>,
        pub transport_class: Option<TransportClass>,
    }
}

crate::input! {
    /// Fields that are absent stay as they are.
    pub struct VariantPatch {
        pub label: Option<Name<80>>,
        pub price_vnd: Option<Price>,
        /// An archived variant is no longer offered; orders keep what they say of it.
        pub archived: Option<bool>,
    }
}

crate::input! {
    /// Why the operator decided so; the producer reads it.
    pub struct ProductReason {
        pub reason: Text<500>,
    }
}

crate::input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct ProductQuery {
        /// Only in this status.
        pub status: Option<ProductStatus>,
        /// Rows of a page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
        /// Where the page before ended.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
    }
}

/// Describe a new product.
///
/// A draft with its variants and their opening stock: all or nothing. Buyers see it when the operator published it.
#[utoipa::path(tag = "Catalogue", operation_id = "create_product", request_body = NewProduct,
    responses((status = 201, body = ProductView)),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["producers.not_registered", "places.former_commune_split"]))))]
#[post("/v1/producer/products")]
async fn create_product(app: Data<App>, actor: ProducerSurface, command: Command<NewProduct>) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, |tx, new| {
            let product = create::create(tx, new)?;
            ProductView::of_producer(tx, product)?.created()
        })
        .await
}

/// List the own products.
///
/// In the order of their creation, archived ones too.
#[utoipa::path(tag = "Catalogue", operation_id = "list_own_products",
    params(ProductQuery),
    responses((status = 200, body = Page<ProductItem>)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/products")]
async fn list_own_products(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<ProductQuery>,
) -> Result<HttpResponse> {
    let (status, limit, rows_max) = limits(&query.0);
    let list = Cursor::new(&app.config.cursor_key, format!("own_products:{status:?}"));
    let after: Option<uuid::Uuid> = list.read(query.0.cursor.as_ref().map(Opaque::expose))?;
    let rows = app
        .db
        .read(&actor.0, move |tx| {
            let producer_id = producers::registered(tx)?;
            store::list(tx, Some(producer_id), status, after.map(ProductId), rows_max)
        })
        .await?;
    let items = rows.into_iter().map(|product| ProductItem::new(product, ProductStatus::actions_of_producer)).collect();
    http::json(&request, None, &list.page(items, limit, |item| item.id)?)
}

fn limits(query: &ProductQuery) -> (Option<ProductStatus>, usize, i64) {
    let limit = query.limit.and_then(|l| usize::try_from(l.value()).ok()).unwrap_or(LIMIT);
    (query.status, limit, i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))
}

/// Show an own product.
///
/// With its variants and their stock. The ETag is the version of the product; stock changes without it.
#[utoipa::path(tag = "Catalogue", operation_id = "find_own_product",
    params(("id" = ProductId, Path, description = "Product")), responses((status = 200, body = ProductView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/products/{id}")]
async fn find_own_product(app: Data<App>, actor: ProducerSurface, id: PathId<ProductId>) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, move |tx| {
            let producer_id = producers::registered(tx)?;
            let product = store::own(tx, producer_id, id.0)?;
            ProductView::of_producer(tx, product)
        })
        .await?;
    Ok(view.answer()?.into_response())
}

/// Change an own product.
///
/// Over the version named in `If-Match`. What is published or paused goes back to review; nothing changes while it
/// is reviewed.
#[utoipa::path(tag = "Catalogue", operation_id = "edit_product", request_body = ProductPatch,
    params(("id" = ProductId, Path, description = "Product")),
    responses((status = 200, body = ProductView)),
    extensions(("x-roles" = json!(["producer"])),
        ("x-problems" = json!(["catalog.not_editable", "places.former_commune_split", "producers.not_registered"]))))]
#[patch("/v1/producer/products/{id}")]
async fn edit_product(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ProductId>,
    version: IfMatch,
    command: Command<ProductPatch>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, patch| {
            let product = edit::edit(tx, id.0, version.0, patch)?;
            ProductView::of_producer(tx, product)?.answer()
        })
        .await
}

/// Add a variant to an own product.
///
/// With its opening stock; a product has at most 20 live variants.
#[utoipa::path(tag = "Catalogue", operation_id = "add_variant", request_body = NewVariant,
    params(("id" = ProductId, Path, description = "Product")), responses((status = 201, body = VariantView)),
    extensions(("x-roles" = json!(["producer"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["catalog.too_many_variants", "catalog.not_editable", "producers.not_registered"]))))]
#[post("/v1/producer/products/{id}/variants")]
async fn add_variant(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ProductId>,
    command: Command<NewVariant>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, new| {
            let variant = variants::add(tx, id.0, new)?;
            VariantView::with_stock(tx, variant)?.created()
        })
        .await
}

/// Change an own variant.
///
/// Label, price, or whether it is offered, over the version of the variant named in `If-Match`. The last live
/// variant of what buyers see cannot be archived.
#[utoipa::path(tag = "Catalogue", operation_id = "edit_variant", request_body = VariantPatch,
    params(("id" = VariantId, Path, description = "Variant")),
    responses((status = 200, body = VariantView)),
    extensions(("x-roles" = json!(["producer"])),
        ("x-problems" = json!(["catalog.no_variant", "catalog.too_many_variants", "catalog.not_editable", "producers.not_registered"]))))]
#[patch("/v1/producer/variants/{id}")]
async fn edit_variant(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<VariantId>,
    version: IfMatch,
    command: Command<VariantPatch>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, patch| {
            let variant = variants::edit(tx, id.0, version.0, patch)?;
            VariantView::with_stock(tx, variant)?.answer()
        })
        .await
}

fn moved(tx: &mut Tx<'_>, product: store::Product) -> Result<Answer> {
    ProductView::of_producer(tx, product)?.answer()
}

fn reviewed(tx: &mut Tx<'_>, product: store::Product) -> Result<Answer> {
    ProductView::of_operator(tx, product)?.answer()
}

/// Submit an own product for review.
///
/// Only an approved producer may, and only with a live variant.
#[utoipa::path(tag = "Catalogue", operation_id = "submit_product", request_body = NoBody,
    params(("id" = ProductId, Path, description = "Product")), responses((status = 200, body = ProductView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["catalog.action_not_allowed", "catalog.no_variant", "producers.not_registered", "producers.not_approved"]))))]
#[post("/v1/producer/products/{id}/submit")]
async fn submit_product(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ProductId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, _| {
            let product = moves::submit(tx, id.0)?;
            moved(tx, product)
        })
        .await
}

/// Pause an own product.
///
/// Buyers no longer see it; orders already placed go on.
#[utoipa::path(tag = "Catalogue", operation_id = "pause_product", request_body = NoBody,
    params(("id" = ProductId, Path, description = "Product")), responses((status = 200, body = ProductView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["catalog.action_not_allowed", "producers.not_registered"]))))]
#[post("/v1/producer/products/{id}/pause")]
async fn pause_product(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ProductId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, _| {
            let product = moves::pause(tx, id.0)?;
            moved(tx, product)
        })
        .await
}

/// Resume an own paused product.
///
/// It is published again without a new review, since nothing has changed.
#[utoipa::path(tag = "Catalogue", operation_id = "resume_product", request_body = NoBody,
    params(("id" = ProductId, Path, description = "Product")), responses((status = 200, body = ProductView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["catalog.action_not_allowed", "producers.not_registered", "producers.not_approved"]))))]
#[post("/v1/producer/products/{id}/resume")]
async fn resume_product(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ProductId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, _| {
            let product = moves::resume(tx, id.0)?;
            moved(tx, product)
        })
        .await
}

/// Archive an own product.
///
/// For good; orders keep what they say of it.
#[utoipa::path(tag = "Catalogue", operation_id = "archive_product", request_body = NoBody,
    params(("id" = ProductId, Path, description = "Product")), responses((status = 200, body = ProductView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["catalog.action_not_allowed", "producers.not_registered"]))))]
#[post("/v1/producer/products/{id}/archive")]
async fn archive_product(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ProductId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, _| {
            let product = moves::archive(tx, id.0)?;
            moved(tx, product)
        })
        .await
}

/// List products of all producers.
///
/// In the order of their creation; `status=pending_review` is the queue.
#[utoipa::path(tag = "Catalogue", operation_id = "list_products",
    params(ProductQuery),
    responses((status = 200, body = Page<ProductItem>)), extensions(("x-roles" = json!(["operator"]))))]
#[get("/v1/operator/products")]
async fn list_products(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<ProductQuery>,
) -> Result<HttpResponse> {
    let (status, limit, rows_max) = limits(&query.0);
    let list = Cursor::new(&app.config.cursor_key, format!("operator_products:{status:?}"));
    let after: Option<uuid::Uuid> = list.read(query.0.cursor.as_ref().map(Opaque::expose))?;
    let rows = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            store::list(tx, None, status, after.map(ProductId), rows_max)
        })
        .await?;
    let items = rows.into_iter().map(|product| ProductItem::new(product, ProductStatus::actions_of_operator)).collect();
    http::json(&request, None, &list.page(items, limit, |item| item.id)?)
}

/// Show a product of any producer.
///
/// With its variants and their stock.
#[utoipa::path(tag = "Catalogue", operation_id = "find_product",
    params(("id" = ProductId, Path, description = "Product")), responses((status = 200, body = ProductView)),
    extensions(("x-roles" = json!(["operator"]))))]
#[get("/v1/operator/products/{id}")]
async fn find_product(app: Data<App>, actor: OperatorSurface, id: PathId<ProductId>) -> Result<HttpResponse> {
    let view = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let product = store::find(tx, id.0)?;
            ProductView::of_operator(tx, product)
        })
        .await?;
    Ok(view.answer()?.into_response())
}

/// Publish a reviewed product.
///
/// From now on buyers see it.
#[utoipa::path(tag = "Catalogue", operation_id = "publish_product", request_body = NoBody,
    params(("id" = ProductId, Path, description = "Product")), responses((status = 200, body = ProductView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["catalog.action_not_allowed", "catalog.no_variant"]))))]
#[post("/v1/operator/products/{id}/publish")]
async fn publish_product(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ProductId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, _| {
            let product = moves::publish(tx, id.0)?;
            reviewed(tx, product)
        })
        .await
}

/// Reject a product.
///
/// Final; the producer reads the reason.
#[utoipa::path(tag = "Catalogue", operation_id = "reject_product", request_body = ProductReason,
    params(("id" = ProductId, Path, description = "Product")), responses((status = 200, body = ProductView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["catalog.action_not_allowed"]))))]
#[post("/v1/operator/products/{id}/reject")]
async fn reject_product(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ProductId>,
    command: Command<ProductReason>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, body| {
            let product = moves::reject(tx, id.0, body.reason.as_str())?;
            reviewed(tx, product)
        })
        .await
}

/// Ask for changes of a product.
///
/// It becomes editable again; the producer reads the reason.
#[utoipa::path(tag = "Catalogue", operation_id = "request_product_changes", request_body = ProductReason,
    params(("id" = ProductId, Path, description = "Product")), responses((status = 200, body = ProductView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["catalog.action_not_allowed"]))))]
#[post("/v1/operator/products/{id}/request-changes")]
async fn request_product_changes(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<ProductId>,
    command: Command<ProductReason>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, body| {
            let product = moves::request_changes(tx, id.0, body.reason.as_str())?;
            reviewed(tx, product)
        })
        .await
}
