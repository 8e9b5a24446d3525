//! The document as JSON and as pages to read and try it, all from the binary.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{self, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use utoipa_swagger_ui::Config;

use crate::kernel::error::{CommonProblem, Error, Result};
use crate::kernel::http;

/// The pages load only what this server has; Swagger UI writes styles into its page and icons as data.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
const MAX_AGE: &str = "public, max-age=300";
const DOCUMENT_AT: &str = "/openapi.json";

pub fn configure(cfg: &mut ServiceConfig) {
    cfg.route(DOCUMENT_AT, web::get().to(openapi))
        .route("/docs", web::get().to(entrance))
        .route("/docs/{file:.*}", web::get().to(page));
}

async fn openapi(request: HttpRequest) -> Result<HttpResponse> {
    let mut response = http::json(&request, None, super::document())?;
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static(MAX_AGE));
    Ok(response)
}

async fn entrance() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

async fn page(file: Path<String>) -> Result<HttpResponse> {
    let config = Config::from(DOCUMENT_AT).validator_url("none").display_operation_id(true);
    let found = utoipa_swagger_ui::serve(&file, Arc::new(config)).map_err(Error::internal)?;
    let found = found.ok_or(CommonProblem::NotFound)?;
    let mut response = HttpResponse::Ok();
    if found.gzpipped {
        response.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    Ok(response
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, MAX_AGE))
        .content_type(found.content_type)
        .body(found.bytes.into_owned()))
}
