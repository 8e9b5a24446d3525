//! Routes of the calendar, for the operator.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::change;
use super::model::HolidayKind;
use super::store::{self, Holiday};
use crate::app::App;
use crate::input;
use crate::kernel::http::{self, Answer, Command, Cursor, KeyRule, NoBody, OperatorSurface, Page, PathId, Query};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{Audience, HolidayId, Result, Text};

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 100;

input! {
    /// A day that is to be free.
    pub struct NewHoliday {
        #[schema(example = "2027-02-06")]
        pub day: NaiveDate,
        #[schema(example = "Tết Nguyên đán")]
        pub name: Text<100>,
        pub kind: HolidayKind,
    }
}

input! {
    /// Which page of the calendar.
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct HolidayQuery {
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 100 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

/// A day that is no working day.
#[derive(Serialize, ToSchema)]
pub struct HolidayView {
    id: HolidayId,
    #[schema(example = "2027-02-06")]
    day: NaiveDate,
    #[schema(example = "Tết Nguyên đán", max_length = 100)]
    name: String,
    kind: HolidayKind,
}

impl From<Holiday> for HolidayView {
    fn from(holiday: Holiday) -> Self {
        let Holiday { id, day, name, kind } = holiday;
        Self { id, day, name, kind }
    }
}

/// List the holidays.
///
/// Days besides Saturdays and Sundays on which deadlines in working days do not count, in the order of the calendar.
#[utoipa::path(tag = "Complaints", operation_id = "list_holidays", params(HolidayQuery),
    responses((status = 200, body = Page<HolidayView>, description = "A page of the calendar")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/operator/holidays")]
async fn list_holidays(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<HolidayQuery>,
) -> Result<HttpResponse> {
    let HolidayQuery { cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, "holidays".to_owned());
    let after: Option<NaiveDate> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let rows = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            store::list(tx, after, i64::from(limit).saturating_add(1))
        })
        .await?;
    let views = rows.into_iter().map(HolidayView::from).collect();
    http::json(&request, None, &links.page(views, usize::try_from(limit).unwrap_or(1), |view: &HolidayView| view.day)?)
}

/// Show a holiday.
///
/// With why it is free.
#[utoipa::path(tag = "Complaints", operation_id = "show_holiday",
    params(("id" = HolidayId, Path, description = "The holiday")),
    responses((status = 200, body = HolidayView, description = "The holiday")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/operator/holidays/{id}")]
async fn show_holiday(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<HolidayId>,
) -> Result<HttpResponse> {
    let holiday = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            store::find(tx, id.0)
        })
        .await?;
    http::json(&request, None, &HolidayView::from(holiday))
}

/// Add a holiday.
///
/// Deadlines that begin from now on do not count it; those that were told stay as they are.
#[utoipa::path(tag = "Complaints", operation_id = "add_holiday", request_body = NewHoliday,
    responses((status = 201, body = HolidayView, description = "The holiday")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["calendar.day_taken"]))))]
#[post("/v1/operator/holidays")]
async fn add_holiday(app: Data<App>, actor: OperatorSurface, command: Command<NewHoliday>) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, |tx, input| {
            let NewHoliday { day, name, kind } = input;
            let view = HolidayView::from(change::add(tx, day, name.into_string(), kind)?);
            let location = format!("/v1/operator/holidays/{}", view.id);
            Answer::created(&view, location)
        })
        .await
}

/// Remove a holiday.
///
/// Deadlines that begin from now on count the day again.
#[utoipa::path(tag = "Complaints", operation_id = "remove_holiday", request_body = NoBody,
    params(("id" = HolidayId, Path, description = "The holiday")),
    responses((status = 204, description = "It is a day like any other")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["not_found"]))))]
#[delete("/v1/operator/holidays/{id}")]
async fn remove_holiday(
    app: Data<App>,
    actor: OperatorSurface,
    id: PathId<HolidayId>,
    command: Command<NoBody>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, _| {
            change::remove(tx, id.0)?;
            Ok(Answer { status: 204, body: String::new(), location: None, etag: None })
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_holidays).service(show_holiday).service(add_holiday).service(remove_holiday);
}
