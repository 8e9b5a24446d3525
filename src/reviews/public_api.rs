//! Reviews as everybody reads them.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::store::{self, Of};
use super::views::{PublicReviewView, ReviewsView, figures_view, public_views};
use crate::app::App;
use crate::input;
use crate::kernel::http::{Cursor, PathId, Query, Visitor, json as json_answer};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{ProducerId, ProductId, ProductReviewId, Result};
use crate::{catalog, producers};

/// Rows of a page unless the caller says otherwise.
pub const LIMIT_DEFAULT: i32 = 20;

input! {
    /// Which page of the reviews.
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct ReviewPageQuery {
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

async fn shown(
    request: &HttpRequest,
    app: &Data<App>,
    visitor: &Visitor,
    of: Of,
    query: ReviewPageQuery,
) -> Result<HttpResponse> {
    let ReviewPageQuery { cursor, limit } = query;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, format!("reviews:{of:?}"));
    let before: Option<Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let (rows, figures) = app
        .db
        .read(&visitor.0, move |tx| {
            // Of what is not public there are no reviews to see.
            match of {
                Of::Product(id) => catalog::must_be_visible(tx, id)?,
                Of::Producer(id) => producers::name(tx, id).map(drop)?,
            }
            let rows = store::visible(tx, of, before.map(ProductReviewId), i64::from(limit).saturating_add(1))?;
            Ok((public_views(tx, rows)?, figures_view(tx, of)?))
        })
        .await?;
    let page = links.page(rows, usize::try_from(limit).unwrap_or(1), |view: &PublicReviewView| view.id)?;
    json_answer(request, None, &ReviewsView { data: page.data, page: page.page, figures })
}

/// List the reviews of a product.
///
/// The newest first, with exact figures of all, and how many the operator hid for which reason.
#[utoipa::path(tag = "Reviews", operation_id = "list_product_reviews",
    params(("id" = ProductId, Path, description = "The product"), ReviewPageQuery),
    responses((status = 200, body = ReviewsView, description = "A page of reviews")))]
#[get("/v1/public/products/{id}/reviews")]
async fn list_product_reviews(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    id: PathId<ProductId>,
    query: Query<ReviewPageQuery>,
) -> Result<HttpResponse> {
    shown(&request, &app, &visitor, Of::Product(id.0), query.0).await
}

/// List the reviews of a producer.
///
/// Of all its products, the newest first, with exact figures of all, and how many the operator hid for which reason.
#[utoipa::path(tag = "Reviews", operation_id = "list_seller_reviews",
    params(("id" = ProducerId, Path, description = "The producer"), ReviewPageQuery),
    responses((status = 200, body = ReviewsView, description = "A page of reviews")))]
#[get("/v1/public/producers/{id}/reviews")]
async fn list_seller_reviews(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    id: PathId<ProducerId>,
    query: Query<ReviewPageQuery>,
) -> Result<HttpResponse> {
    shown(&request, &app, &visitor, Of::Producer(id.0), query.0).await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_product_reviews).service(list_seller_reviews);
}
