//! A producer's own account.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::store;
use super::views::{BalanceView, StatementLineView};
use crate::app::App;
use crate::input;
use crate::kernel::error::CommonProblem;
use crate::kernel::http::{Cursor, Page, ProducerSurface, Query, json as json_answer};
use crate::kernel::input::{Moment, Opaque, Whole};
use crate::kernel::{Audience, ProducerId, Result, TransferId, Tx};

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 20;

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct StatementQuery {
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct BalanceQuery {
        /// At which moment; now unless given.
        #[param(inline)]
        pub at: Option<Moment>,
    }
}

fn own_producer(tx: &Tx<'_>) -> Result<ProducerId> {
    tx.who.must(Audience::Producer)?;
    tx.who.producer_id.ok_or_else(|| CommonProblem::NotFound.into())
}

/// Show what I have with the platform.
///
/// What sales have brought and was not paid out yet, now or at any moment before. Orders that have not ended are not in
/// it. A debt after a late refund is below zero, and taken from what is sold next.
#[utoipa::path(tag = "Selling", operation_id = "show_balance", params(BalanceQuery),
    responses((status = 200, body = BalanceView)),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["not_found"]))))]
#[get("/v1/producer/balance")]
async fn show_balance(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<BalanceQuery>,
) -> Result<HttpResponse> {
    let asked = query.0.at.map(|at| at.0);
    let view = app
        .db
        .read(&actor.0, move |tx| {
            let producer_id = own_producer(tx)?;
            let at = asked.unwrap_or(tx.now);
            let balance_vnd = match asked {
                Some(at) => store::balance_at(tx, producer_id, at)?,
                None => store::balance(tx, producer_id)?,
            };
            Ok(BalanceView { balance_vnd, at })
        })
        .await?;
    json_answer(&request, None, &view)
}

/// List every movement of my account.
///
/// The newest first, each with its reason and with what it left in the account: their sum is the balance.
#[utoipa::path(tag = "Selling", operation_id = "list_statement", params(StatementQuery),
    responses((status = 200, body = Page<StatementLineView>, description = "A page of the statement")),
    extensions(("x-roles" = json!(["producer"])), ("x-problems" = json!(["cursor_mismatch", "not_found"]))))]
#[get("/v1/producer/statement")]
async fn list_statement(
    request: HttpRequest,
    app: Data<App>,
    actor: ProducerSurface,
    query: Query<StatementQuery>,
) -> Result<HttpResponse> {
    let StatementQuery { cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let links = Cursor::new(&app.config.cursor_key, "statement".to_owned());
    let before: Option<Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let lines: Vec<StatementLineView> = app
        .db
        .read(&actor.0, move |tx| {
            let producer_id = own_producer(tx)?;
            let rows = i64::from(limit).saturating_add(1);
            let lines = store::statement(tx, producer_id, before.map(TransferId), rows)?;
            Ok(lines.into_iter().map(StatementLineView::from).collect())
        })
        .await?;
    let page = links.page(lines, usize::try_from(limit).unwrap_or(1), |line| line.id)?;
    json_answer(&request, None, &page)
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(show_balance).service(list_statement);
}
