//! The operator's runs.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::model::PayoutRules;
use super::views::PayoutRunView;
use super::{run, store};
use crate::app::App;
use crate::input;
use crate::kernel::http::{self, Answer, Command, Cursor, KeyRule, OperatorSurface, Page, Query};
use crate::kernel::input::{List, Opaque, Whole};
use crate::kernel::{Audience, OutgoingBatchId, ProducerId, Result};

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 20;

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct PayoutRunsQuery {
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

input! {
    /// Who is to be paid.
    pub struct NewPayoutRun {
        /// Only these; else the first hundred who can be paid.
        #[schema(value_type = Option<Vec<ProducerId>>, max_items = 100)]
        pub producer_ids: Option<List<ProducerId, 100>>,
    }
}

/// List runs of payouts.
///
/// The newest first. The transfers of a run are those of the batch of the same id.
#[utoipa::path(tag = "Money", operation_id = "list_payout_runs", params(PayoutRunsQuery),
    responses((status = 200, body = Page<PayoutRunView>, description = "A page of runs")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/operator/payout-runs")]
async fn list_payout_runs(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<PayoutRunsQuery>,
) -> Result<HttpResponse> {
    let PayoutRunsQuery { cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, "payout_runs".to_owned());
    let before: Option<Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let rows: Vec<PayoutRunView> = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let rows = store::list_runs(tx, before.map(OutgoingBatchId), i64::from(limit).saturating_add(1))?;
            Ok(rows.into_iter().map(PayoutRunView::from).collect())
        })
        .await?;
    let page = links.page(rows, usize::try_from(limit).unwrap_or(1), |row| row.id)?;
    http::json(&request, None, &page)
}

/// Pay producers outside of the week's run.
///
/// Everybody who has at least the minimum and a ready account, and to whom nothing is on its way. The money leaves their
/// balances at once; another operator has to approve the batch.
#[utoipa::path(tag = "Money", operation_id = "run_payouts", request_body = NewPayoutRun,
    responses((status = 201, body = PayoutRunView)),
    extensions(("x-roles" = json!(["operator"])), ("x-idempotency" = json!("required")),
        ("x-problems" = json!(["payouts.nothing_due", "outgoing.payout_under_way"]))))]
#[post("/v1/operator/payout-runs")]
async fn run_payouts(app: Data<App>, actor: OperatorSurface, command: Command<NewPayoutRun>) -> Result<HttpResponse> {
    let rules = PayoutRules::new(&app.config, app.outgoing.rules);
    command
        .once(&app, &actor.0, KeyRule::Required, move |tx, input| {
            let producers = input.producer_ids.map(List::into_vec);
            let view = PayoutRunView::from(run::run_by_hand(tx, rules, producers.as_deref())?);
            let location = format!("/v1/operator/outgoing-batches/{}", view.id);
            Answer::created(&view, location)
        })
        .await
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_payout_runs).service(run_payouts);
}
