//! The operator's look into the books.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::model::LedgerAccount;
use super::store::{self, Filter};
use super::views::{LedgerAccountView, LedgerAccountsView, TransferView};
use crate::app::App;
use crate::input;
use crate::kernel::http::{Cursor, OperatorSurface, Page, Query, json as json_answer};
use crate::kernel::input::{Moment, Opaque, Whole};
use crate::kernel::{Audience, OrderId, ProducerId, Result, Text, TransferId};

/// Rows of a page unless the caller says otherwise.
const LIMIT_DEFAULT: i32 = 20;

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct LedgerAccountsQuery {
        /// At which moment; now unless given.
        #[param(inline)]
        pub at: Option<Moment>,
    }
}

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct TransfersQuery {
        /// Only what went into or out of this account.
        pub account: Option<LedgerAccount>,
        /// Only through this provider.
        #[param(inline)]
        pub provider: Option<Text<32>>,
        /// Only of this producer.
        pub producer_id: Option<ProducerId>,
        /// Only of this order.
        pub order_id: Option<OrderId>,
        /// From the page before.
        #[param(inline)]
        pub cursor: Option<Opaque<500>>,
        /// Rows of the page, 20 by default.
        #[param(inline)]
        pub limit: Option<Whole<1, 100>>,
    }
}

/// Show where all money is.
///
/// Every account with what is there, now or at any moment before, and since when its oldest part waits.
#[utoipa::path(tag = "Money", operation_id = "show_ledger_accounts", params(LedgerAccountsQuery),
    responses((status = 200, body = LedgerAccountsView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!([]))))]
#[get("/v1/operator/ledger/accounts")]
async fn show_ledger_accounts(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<LedgerAccountsQuery>,
) -> Result<HttpResponse> {
    let asked = query.0.at.map(|at| at.0);
    let view = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let at = asked.unwrap_or(tx.now);
            let accounts = store::accounts(tx, at)?.into_iter().map(LedgerAccountView::from).collect();
            Ok(LedgerAccountsView { at, accounts })
        })
        .await?;
    json_answer(&request, None, &view)
}

/// List movements of money.
///
/// The newest first.
#[utoipa::path(tag = "Money", operation_id = "list_transfers", params(TransfersQuery),
    responses((status = 200, body = Page<TransferView>, description = "A page of transfers")),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["cursor_mismatch"]))))]
#[get("/v1/operator/ledger/transfers")]
async fn list_transfers(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<TransfersQuery>,
) -> Result<HttpResponse> {
    let TransfersQuery { account, provider, producer_id, order_id, cursor, limit } = query.0;
    let limit = limit.map_or(LIMIT_DEFAULT, Whole::value);
    let provider = provider.map(|name| name.as_str().to_owned());
    let filter = Filter { account, provider, producer_id, order_id };
    let links = Cursor::new(&app.config.cursor_key, format!("transfers:{filter:?}"));
    let before: Option<Uuid> = links.read(cursor.as_ref().map(Opaque::expose))?;
    let rows: Vec<TransferView> = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            let rows = store::list(tx, &filter, before.map(TransferId), i64::from(limit).saturating_add(1))?;
            Ok(rows.into_iter().map(TransferView::from).collect())
        })
        .await?;
    let page = links.page(rows, usize::try_from(limit).unwrap_or(1), |row| row.id)?;
    json_answer(&request, None, &page)
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(show_ledger_accounts).service(list_transfers);
}
