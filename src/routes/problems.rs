//! The catalogue of problems, for people and programs.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::kernel::Result;
use crate::kernel::error::Problem;
use crate::kernel::http;

/// How long clients may keep the catalogue.
const MAX_AGE: &str = "public, max-age=3600";

/// A problem that the interface can answer with.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemView {
    /// Permanent code for programs.
    #[schema(example = "not_found", max_length = 80)]
    pub code: &'static str,
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// In Vietnamese.
    #[schema(example = "Không tìm thấy", max_length = 300)]
    pub title_vi: &'static str,
    /// In English.
    #[schema(example = "Not found", max_length = 300)]
    pub title_en: &'static str,
}

/// Every problem, by code.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemList {
    /// By code.
    #[schema(max_items = 1000)]
    pub data: Vec<ProblemView>,
}

impl From<&'static Problem> for ProblemView {
    fn from(problem: &'static Problem) -> Self {
        let Problem { status, code, vi, en } = problem;
        Self { code, status: *status, title_vi: vi, title_en: en }
    }
}

/// Sorted by code, each code once.
pub fn catalogue() -> ProblemList {
    let mut problems = super::problems();
    problems.sort_by_key(|problem| problem.code);
    problems.dedup_by_key(|problem| problem.code);
    ProblemList { data: problems.into_iter().map(ProblemView::from).collect() }
}

/// List every problem that the interface can answer with.
///
/// Codes are permanent: one is never renamed and never given another meaning.
#[utoipa::path(tag = "Operations", operation_id = "list_problems",
    responses((status = 200, body = ProblemList, description = "The catalogue of problems")),
    extensions(("x-roles" = json!(["anonymous"])), ("x-problems" = json!([]))))]
#[get("/v1/public/problems")]
pub async fn list_problems(request: HttpRequest) -> Result<HttpResponse> {
    let mut response = http::json(&request, None, &catalogue())?;
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static(MAX_AGE));
    Ok(response)
}
