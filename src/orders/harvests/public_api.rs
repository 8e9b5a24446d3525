//! Harvests as everybody sees them.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::store;
use super::views::OpenHarvestView;
use crate::app::App;
use crate::kernel::http::{self, Page, PageLinks, PathId, Visitor};
use crate::kernel::time::vietnam_day;
use crate::kernel::{LotId, ProductId, Result};
use crate::{catalog, stock};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_open_harvests);
}

/// List the harvests of a product that can be ordered.
///
/// Now or on days to come, at most one of each variant, on one page.
#[utoipa::path(tag = "Catalogue", operation_id = "list_open_harvests", params(("id" = ProductId, Path, description = "The product")),
    responses((status = 200, body = Page<OpenHarvestView>, description = "The harvests")))]
#[get("/v1/public/products/{id}/harvests")]
async fn list_open_harvests(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    id: PathId<ProductId>,
) -> Result<HttpResponse> {
    let data = app
        .db
        .read(&visitor.0, move |tx| {
            catalog::must_be_visible(tx, id.0)?;
            let harvests = store::open_of_product(tx, id.0, vietnam_day(tx.now))?;
            let lots: Vec<LotId> = harvests.iter().map(|harvest| harvest.lot_id).collect();
            let free = stock::plan_free(tx, &lots)?;
            let available = |lot_id| free.get(lot_id).copied().unwrap_or(0);
            Ok(harvests.iter().map(|harvest| OpenHarvestView::of(harvest, available(&harvest.lot_id))).collect())
        })
        .await?;
    http::json(&request, None, &Page { data, page: PageLinks { next_cursor: None } })
}
