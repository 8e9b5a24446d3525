//! What a producer's product is for the tax office.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, put};
use utoipa_actix_web::service_config::ServiceConfig;

use super::categories;
use super::model::TaxCategory;
use super::views::TaxCategoryView;
use crate::app::App;
use crate::input;
use crate::kernel::http::{Answer, Command, KeyRule, PathId, ProducerSurface, json as json_answer};
use crate::kernel::{ProductId, Result};

input! {
    /// What a product is for the tax office.
    pub struct TaxCategoryInput {
        pub tax_category: TaxCategory,
    }
}

/// Show what my product is for the tax office.
///
/// As long as nobody has said anything it is supposed to be made by its producer.
#[utoipa::path(tag = "Catalogue", operation_id = "find_tax_category",
    params(("id" = ProductId, Path, description = "Product")),
    responses((status = 200, body = TaxCategoryView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["not_found", "producers.not_registered"]))))]
#[get("/v1/producer/products/{id}/tax-category")]
async fn find_tax_category(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ProductId>,
) -> Result<HttpResponse> {
    let declared = app.db.read(&actor.0, move |tx| categories::find(tx, id.0)).await?;
    json_answer(&request, None, &TaxCategoryView::from(declared))
}

/// Say what my product is for the tax office.
///
/// Counts for what is ordered from now on. Raw produce of one's own is exempt for whoever lives in the commune where it
/// grows, or next to it; of others it is taxed as traded.
#[utoipa::path(tag = "Catalogue", operation_id = "declare_tax_category", request_body = TaxCategoryInput,
    params(("id" = ProductId, Path, description = "Product")),
    responses((status = 200, body = TaxCategoryView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["not_found", "producers.not_registered"]))))]
#[put("/v1/producer/products/{id}/tax-category")]
async fn declare_tax_category(
    app: Data<App>,
    actor: ProducerSurface,
    id: PathId<ProductId>,
    command: Command<TaxCategoryInput>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, input| {
            Answer::ok(&TaxCategoryView::from(categories::declare(tx, id.0, input.tax_category)?))
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(find_tax_category).service(declare_tax_category);
}
