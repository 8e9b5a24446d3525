//! A producer's own payouts.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::model::PayoutRules;
use super::next::next;
use super::views::{NextPayoutView, PayoutView};
use crate::app::App;
use crate::input;
use crate::kernel::http::{self, Cursor, Page, ProducerSurface, Query};
use crate::kernel::input::{Opaque, Whole};
use crate::kernel::{OutgoingId, Result};
use crate::{outgoing, producers};

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 20;

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct PayoutsQuery {
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

/// List my payouts.
///
/// The newest first, each with how far it is and to which account it goes.
#[utoipa::path(tag = "Selling", operation_id = "list_payouts", params(PayoutsQuery),
    responses((status = 200, body = Page<PayoutView>, description = "A page of payouts")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["cursor_mismatch", "producers.not_registered"]))))]
#[get("/v1/producer/payouts")]
async fn list_payouts(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<PayoutsQuery>,
) -> Result<HttpResponse> {
    let PayoutsQuery { cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, "payouts".to_owned());
    let before: Option<Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let rows = app
        .db
        .read(&actor.0, move |tx| {
            let producer_id = producers::registered(tx)?;
            let rows_max = i64::from(limit).saturating_add(1);
            let transfers = outgoing::list_of_producer(tx, producer_id, before.map(OutgoingId), rows_max)?;
            PayoutView::of(tx, transfers)
        })
        .await?;
    let page = links.page(rows, usize::try_from(limit).unwrap_or(1), |row| row.id)?;
    http::json(&request, None, &page)
}

/// Show my next payout.
///
/// What the next run would pay, when, and everything that stands in its way.
#[utoipa::path(tag = "Selling", operation_id = "show_next_payout",
    responses((status = 200, body = NextPayoutView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["producers.not_registered"]))))]
#[get("/v1/producer/next-payout")]
async fn show_next_payout(request: HttpRequest, app: Data<App>, actor: ProducerSurface) -> Result<HttpResponse> {
    let rules = PayoutRules::new(&app.config, app.outgoing.rules);
    let view = app.db.read(&actor.0, move |tx| Ok(NextPayoutView::new(next(tx, rules)?, rules.minimum))).await?;
    http::json(&request, None, &view)
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_payouts).service(show_next_payout);
}
